'use strict';
// Pipes in combination: several destinations, ends that were over before, unpipe within listeners, other readers.

const { PassThrough, Readable, Writable } = require('node:stream');

function source(chunks, options = {}) {
  const left = [...chunks];
  return new Readable({
    ...options,
    read() {
      this.push(left.length ? left.shift() : null);
    },
  });
}

const open = (options = {}) => new Readable({ read() {}, ...options });

function sink(t, label, turns = 0, options = {}, ...also) {
  return t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log(`${label} write`, chunk);
      if (turns === 0) callback();
      else t.turns(turns, callback);
    },
    ...options,
  }), label, 'pipe', 'unpipe', 'drain', ...also);
}

const counts = (stream, ...names) => names.map((name) => stream.listenerCount(name));

// -- several destinations --

exports.threeAndOneIsSlow = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'one'));
  from.pipe(sink(t, 'slow', 3, { highWaterMark: 2 }));
  from.pipe(sink(t, 'three'));
};

exports.oneOfTwoFails = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'failing', 0, {
    write(chunk, encoding, callback) {
      t.log('failing write', chunk);
      t.turns(1, () => callback(new Error('enough')));
    },
    highWaterMark: 2,
  }));
  from.pipe(sink(t, 'other', 2, { highWaterMark: 2 }));
};

exports.oneFailsUnheard = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  from.pipe(sink(t, 'failing', 0, { write: (chunk, encoding, callback) => callback(new Error('enough')) }, '-error', '-close'));
  from.pipe(sink(t, 'other'));
};

exports.oneUnpipesItselfInWrite = (t) => {
  const from = t.watch(source(['a', 'b', 'c']), 'from', 'pause', 'resume');
  const leaving = sink(t, 'leaving', 0, {
    write(chunk, encoding, callback) {
      t.log('leaving write', chunk);
      from.unpipe(leaving);
      callback();
    },
  });
  from.pipe(leaving);
  from.pipe(sink(t, 'staying'));
};

exports.oneUnpipesItselfWhileItIsWaitedFor = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  const slow = sink(t, 'slow', 6, { highWaterMark: 1 });
  from.pipe(slow);
  from.pipe(sink(t, 'fast'));
  t.turns(2, () => from.unpipe(slow));
};

exports.oneIsDestroyedWhileItIsWaitedFor = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  const slow = sink(t, 'slow', 6, { highWaterMark: 1 });
  from.pipe(slow);
  from.pipe(sink(t, 'fast'));
  t.turns(2, () => slow.destroy());
};

exports.bothAreDestroyedWhileTheyAreWaitedFor = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  const sinks = ['one', 'two'].map((label) => sink(t, label, 6, { highWaterMark: 1 }));
  for (const each of sinks) from.pipe(each);
  t.turns(2, () => {
    for (const each of sinks) each.destroy();
  });
  t.turns(8, () => t.state('later', from, 'readableFlowing', 'readableLength', 'destroyed'));
};

exports.theSameTwiceIsWaitedForTwice = (t) => {
  const from = t.watch(source(['aa', 'bb'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  const to = sink(t, 'to', 1, { highWaterMark: 1, autoDestroy: false });
  from.pipe(to, { end: false });
  from.pipe(to);
};

exports.theSameTwiceIsUnpipedOnce = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  const to = sink(t, 'to');
  from.pipe(to);
  from.pipe(to);
  from.unpipe(to);
  t.state('state', from, 'readableFlowing');
  from.push('a');
  t.turns(3, () => {
    from.unpipe(to);
    from.push('b');
    t.turns(3, () => t.state('later', from, 'readableFlowing', 'readableLength'));
  });
};

exports.oneIsEndedAndTheOtherIsNot = (t) => {
  const from = t.watch(source(['a']), 'from');
  const kept = sink(t, 'kept');
  from.pipe(kept, { end: false });
  from.pipe(sink(t, 'ended'));
  t.turns(5, () => t.state('later', kept, 'writableEnded', 'writable'));
};

exports.aSecondOneJoinsInTheMiddle = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'one', 3, { highWaterMark: 1 }));
  from.push('a');
  t.turns(2, () => {
    from.pipe(sink(t, 'two'));
    from.push('b');
    from.push(null);
  });
};

// -- to what is over, from what is over --

exports.toAFinishedOne = (t) => {
  const to = sink(t, 'to', 0, { autoDestroy: false });
  to.end('own');
  t.turns(3, () => {
    const from = t.watch(source(['a', 'b']), 'from', 'pause', 'resume');
    from.pipe(to);
    t.turns(3, () => t.state('later', from, 'readableFlowing', 'destroyed'));
  });
};

exports.toAnEndedOneThatHasNotFinished = (t) => {
  const to = sink(t, 'to', 4);
  to.end('own');
  const from = t.watch(source(['a', 'b']), 'from', 'pause', 'resume');
  from.pipe(to);
  t.turns(6, () => t.state('later', from, 'readableFlowing', 'destroyed'));
};

exports.toAFailedOne = (t) => {
  const to = sink(t, 'to', 0, { autoDestroy: false });
  to.emit('error', new Error('by hand'));
  t.watch(source(['a']), 'from', 'pause', 'resume').pipe(to);
};

exports.toADestroyedOneWithABufferedSource = (t) => {
  const to = sink(t, 'to');
  to.destroy(new Error('before'));
  const from = t.watch(open(), 'from', 'pause', 'resume');
  from.push('a');
  t.turns(3, () => {
    from.pipe(to);
    from.push('b');
    t.turns(3, () => t.state('later', from, 'readableFlowing', 'readableLength', 'destroyed'));
  });
};

exports.fromAFailedOne = (t) => {
  const from = t.watch(open({ autoDestroy: false }), 'from', 'pause', 'resume');
  from.push('a');
  from.emit('error', new Error('by hand'));
  const to = sink(t, 'to');
  from.pipe(to);
  t.turns(3, () => t.state('later', to, 'writableEnded', 'destroyed'));
};

exports.fromOneDestroyedWithDataLeft = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  const to = sink(t, 'to');
  from.push('a');
  from.destroy();
  from.pipe(to);
  t.turns(4, () => t.state('later', from, 'readableFlowing', 'readableLength'));
};

exports.fromAnEndedOneWithoutEnd = (t) => {
  const from = t.watch(source([], { autoDestroy: false }), 'from');
  from.resume();
  t.turns(3, () => {
    const to = sink(t, 'to');
    from.pipe(to, { end: false });
    t.turns(3, () => t.state('later', to, 'writableEnded'));
  });
};

exports.fromAnEndedOneToTwo = (t) => {
  const from = t.watch(source([], { autoDestroy: false }), 'from');
  from.resume();
  t.turns(3, () => {
    from.pipe(sink(t, 'one'));
    from.pipe(sink(t, 'two'));
  });
};

exports.theSourceEndsWhileTheDestinationIsFull = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'to', 3, { highWaterMark: 1 }));
  from.push('a');
  t.turns(1, () => from.push(null));
};

exports.theSourceFailsWhileTheDestinationIsFull = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  const to = sink(t, 'to', 3, { highWaterMark: 1 });
  from.pipe(to);
  from.push('a');
  from.push('b');
  t.turns(1, () => from.destroy(new Error('enough')));
  t.turns(6, () => t.state('later', to, 'writableEnded', 'writableNeedDrain', 'destroyed'));
};

// -- listeners --

exports.listenersComeAndGo = (t) => {
  const from = open();
  const to = new Writable({ write() {}, highWaterMark: 1 });
  const look = (when) => {
    t.log(`${when}: from`, counts(from, 'end', 'data', 'error', 'close', 'readable'));
    t.log(`${when}: to`, counts(to, 'unpipe', 'drain', 'error', 'close', 'finish'));
  };
  from.pipe(to);
  look('piped');
  from.push('a');
  t.turns(2, () => {
    look('full');
    from.unpipe(to);
    look('unpiped');
  });
};

exports.theErrorListenerOfThePipeIsFirst = (t) => {
  const from = t.watch(open(), 'from', 'pause');
  const to = sink(t, 'to', 0, { autoDestroy: false });
  from.pipe(to);
  to.emit('error', new Error('by hand'));
  t.state('state', from, 'readableFlowing');
  t.state('to', to, 'destroyed', 'writable');
};

exports.unpipeInThePipeEvent = (t) => {
  const from = t.watch(source(['a']), 'from', 'pause', 'resume');
  const to = sink(t, 'to');
  to.on('pipe', (stream) => stream.unpipe(to));
  from.pipe(to);
  t.state('state', from, 'readableFlowing');
  t.turns(3, () => t.state('later', from, 'readableFlowing', 'readableLength'));
};

exports.pipeAgainInTheUnpipeEvent = (t) => {
  const from = t.watch(open(), 'from', 'pause', 'resume');
  const to = sink(t, 'to');
  from.pipe(to);
  to.once('unpipe', () => from.pipe(to));
  from.push('a');
  t.turns(2, () => {
    from.unpipe(to);
    from.push('b');
    from.push(null);
  });
};

exports.unpipeInEnd = (t) => {
  const from = t.watch(open(), 'from', 'pause');
  const to = sink(t, 'to');
  from.prependListener('end', () => from.unpipe(to));
  from.pipe(to);
  from.push('a');
  from.push(null);
  t.turns(4, () => t.state('later', to, 'writableEnded'));
};

exports.unpipeInDrain = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  const to = sink(t, 'to', 1, { highWaterMark: 1 });
  to.once('drain', () => from.unpipe(to));
  from.pipe(to);
  t.turns(6, () => t.state('later', from, 'readableFlowing', 'readableLength'));
};

exports.unpipeInPauseAndResume = (t) => {
  for (const event of ['pause', 'resume']) {
    const from = t.watch(source(['aa', 'bb'], { highWaterMark: 2 }), `${event} from`, 'pause', 'resume');
    const to = sink(t, `${event} to`, 1, { highWaterMark: 1 });
    from.pipe(to);
    from.once(event, () => from.unpipe(to));
  }
};

exports.unpipeAllInData = (t) => {
  const from = t.watch(source(['a', 'b', 'c']), 'from', 'pause', 'resume');
  from.once('data', () => from.unpipe());
  from.pipe(sink(t, 'one'));
  from.pipe(sink(t, 'two'));
  t.turns(4, () => t.state('later', from, 'readableFlowing'));
};
