'use strict';
// pipe() and unpipe().

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

function sink(t, label, turns = 0, options = {}) {
  return t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log(`${label} write`, chunk);
      if (turns === 0) callback();
      else t.turns(turns, callback);
    },
    ...options,
  }), label, 'pipe', 'unpipe');
}

exports.pipeToOne = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  const to = sink(t, 'to');
  t.log('same', from.pipe(to) === to);
  t.state('state', from, 'readableFlowing');
};

exports.pipeToASlowOne = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'to', 2, { highWaterMark: 2 }));
};

exports.pipeToTwo = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  from.pipe(sink(t, 'one'));
  from.pipe(sink(t, 'two'));
};

exports.pipeToOneFastAndOneSlow = (t) => {
  const from = t.watch(source(['aa', 'bb', 'cc'], { highWaterMark: 2 }), 'from');
  from.pipe(sink(t, 'fast', 0, { highWaterMark: 2 }));
  from.pipe(sink(t, 'slow', 3, { highWaterMark: 2 }));
};

exports.pipeToTwoSlow = (t) => {
  const from = t.watch(source(['aa', 'bb'], { highWaterMark: 2 }), 'from');
  from.pipe(sink(t, 'one', 1, { highWaterMark: 1 }));
  from.pipe(sink(t, 'two', 3, { highWaterMark: 1 }));
};

exports.pipeWithoutEnd = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = sink(t, 'to');
  from.pipe(to, { end: false });
  from.on('end', () => t.turns(2, () => {
    t.state('later', to, 'writableEnded');
    to.end('b');
  }));
};

exports.unpipeInData = (t) => {
  const from = t.watch(source(['a', 'b', 'c']), 'from', 'pause', 'resume');
  const to = sink(t, 'to');
  from.pipe(to);
  from.once('data', () => {
    t.log('same', from.unpipe(to) === from);
    t.state('unpiped', from, 'readableFlowing');
  });
  t.turns(5, () => {
    t.state('later', from, 'readableFlowing', 'readableLength');
    from.on('data', (chunk) => t.log('data', chunk));
    from.resume();
  });
};

exports.unpipeAll = (t) => {
  const from = new Readable({ read() {} });
  from.pipe(sink(t, 'one'));
  from.pipe(sink(t, 'two'));
  t.log('same', from.unpipe() === from);
  from.push('x');
  t.turns(4, () => t.state('later', from, 'readableFlowing', 'readableLength'));
};

exports.unpipeOneOfTwo = (t) => {
  const from = new Readable({ read() {} });
  const one = sink(t, 'one');
  from.pipe(one);
  from.pipe(sink(t, 'two'));
  from.unpipe(one);
  from.push('x');
  from.push(null);
};

exports.unpipeAStranger = (t) => {
  const from = new Readable({ read() {} });
  from.pipe(sink(t, 'to'));
  t.log('same', from.unpipe(sink(t, 'stranger')) === from);
  from.push('x');
  from.push(null);
};

exports.unpipeAndPipeAgain = (t) => {
  const from = new Readable({ read() {} });
  const to = sink(t, 'to');
  from.pipe(to);
  from.push('a');
  t.turns(3, () => {
    from.unpipe(to);
    from.push('b');
    t.turns(3, () => {
      from.pipe(to);
      from.push('c');
      from.push(null);
    });
  });
};

exports.pipeSameTwice = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = sink(t, 'to', 0, { autoDestroy: false });
  from.pipe(to);
  from.pipe(to);
};

exports.destinationFails = (t) => {
  const from = t.watch(source(['a', 'b', 'c']), 'from', 'pause', 'resume');
  const to = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback(new Error('from write'));
    },
  }), 'to', 'unpipe');
  from.pipe(to);
  t.turns(6, () => t.state('later', from, 'readableFlowing', 'destroyed'));
};

exports.sourceFails = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const to = sink(t, 'to');
  from.pipe(to);
  from.push('a');
  t.turns(3, () => {
    from.destroy(new Error('from the source'));
    t.turns(3, () => t.state('later', to, 'destroyed', 'writableEnded'));
  });
};

exports.destinationClosesEarly = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const to = sink(t, 'to');
  from.pipe(to);
  from.push('a');
  t.turns(3, () => {
    to.destroy();
    t.turns(3, () => {
      from.push('b');
      t.state('later', from, 'readableFlowing', 'readableLength');
    });
  });
};

exports.destinationEndsEarly = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const to = sink(t, 'to');
  from.pipe(to);
  to.end('own');
  from.push('a');
  t.turns(5, () => t.state('later', from, 'readableFlowing', 'destroyed'));
};

exports.pipeToADestroyedOne = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = sink(t, 'to');
  to.destroy();
  from.pipe(to);
  t.turns(5, () => t.state('later', from, 'readableFlowing', 'destroyed'));
};

exports.pipeFromADestroyedOne = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = sink(t, 'to');
  from.destroy();
  from.pipe(to);
  t.turns(5, () => t.state('later', to, 'writableEnded', 'destroyed'));
};

exports.pipeFromAnEndedOne = (t) => {
  const from = t.watch(source([]), 'from');
  from.resume();
  from.on('end', () => t.turns(2, () => from.pipe(sink(t, 'to'))));
};

exports.pipeToOneThatNeedsDrain = (t) => {
  const from = t.watch(source(['a']), 'from', 'pause', 'resume');
  const to = sink(t, 'to', 3, { highWaterMark: 1 });
  to.write('own');
  t.state('state', to, 'writableNeedDrain');
  from.pipe(to);
  t.state('piped', from, 'readableFlowing');
};

exports.pipeWritableThrows = (t) => {
  const to = t.watch(new Writable({ write() {} }), 'to');
  t.attempt('pipe', () => void to.pipe(new PassThrough()));
  t.turns(3, () => to.destroy());
};

exports.pipeThroughTwo = (t) => {
  const from = t.watch(source(['a', 'b', 'c']), 'from');
  from.pipe(new PassThrough()).pipe(new PassThrough()).pipe(sink(t, 'to'));
};

exports.pipeWhilePaused = (t) => {
  const from = t.watch(source(['a', 'b']), 'from', 'pause', 'resume');
  from.pause();
  from.pipe(sink(t, 'to'));
  t.state('piped', from, 'readableFlowing');
};

exports.pauseWhilePiping = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from', 'pause', 'resume');
  from.pipe(sink(t, 'to'));
  from.push('a');
  t.turns(3, () => {
    from.pause();
    from.push('b');
    t.turns(3, () => {
      t.state('paused', from, 'readableFlowing', 'readableLength');
      from.resume();
      from.push(null);
    });
  });
};

exports.pipeWithADataListener = (t) => {
  const from = t.watch(source(['a', 'b']), 'from', 'chunk');
  from.pipe(sink(t, 'to'));
};

exports.pipeWithAReadableListener = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  from.on('readable', () => t.log('got', from.read()));
  from.pipe(sink(t, 'to'));
};

exports.pipeEncodedSource = (t) => {
  const from = t.watch(source([Buffer.from('é')], { encoding: 'latin1' }), 'from');
  from.pipe(sink(t, 'to', 0, { decodeStrings: false }));
};

exports.pipeObjects = (t) => {
  const from = t.watch(source([1, { a: 2 }, 'three'], { objectMode: true }), 'from');
  from.pipe(sink(t, 'to', 1, { objectMode: true, highWaterMark: 1 }));
};

exports.backpressureHolds = (t) => {
  // How much the source gives while the destination takes nothing.
  let pulled = 0;
  const from = new Readable({
    highWaterMark: 4,
    read() {
      pulled += 1;
      this.push('xx');
    },
  });
  from.pipe(new Writable({ highWaterMark: 6, write() {} }));
  t.turns(8, () => {
    t.log('pulled', pulled);
    t.state('from', from, 'readableLength', 'readableFlowing');
    from.destroy();
  });
};
