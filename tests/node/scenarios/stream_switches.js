'use strict';
// Readable: consumers that come, go and change the mode where it is not expected.

const { Readable, Writable } = require('node:stream');

const open = (options) => new Readable({ read() {}, highWaterMark: 100, ...options });

exports.readableListenerThatDoesNotRead = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push('a');
  t.turns(2, () => {
    stream.push('b');
    t.turns(2, () => {
      t.log('got', stream.read());
      stream.push('c');
      t.turns(2, () => stream.push(null));
    });
  });
};

exports.pauseAndResumeWithAReadableListener = (t) => {
  const stream = t.watch(open(), 'stream', 'readable', 'pause', 'resume');
  const note = (name) => t.log(name, stream.readableFlowing, stream.isPaused());
  stream.push('a');
  stream.resume();
  note('resumed');
  t.turns(2, () => {
    stream.pause();
    note('paused');
    stream.resume();
    note('resumed again');
    t.turns(2, () => t.log('got', stream.read()));
  });
};

exports.pauseAndResumeTwice = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  stream.resume();
  stream.resume();
  t.turns(2, () => {
    stream.pause();
    stream.pause();
    stream.resume();
    stream.pause();
    stream.resume();
  });
};

exports.resumeInPauseAndPauseInResume = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk', 'pause', 'resume');
  stream.push('a');
  stream.once('resume', () => stream.pause());
  stream.once('pause', () => t.turns(1, () => stream.resume()));
  t.turns(6, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
};

exports.pauseInOneOfTwoDataListeners = (t) => {
  const stream = open();
  stream.once('data', () => stream.pause());
  t.watch(stream, 'stream', 'chunk', 'pause');
  stream.push('a');
  stream.push('b');
  t.turns(3, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
};

exports.dataListenerThatRemovesItself = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  stream.once('data', (chunk) => t.log('once', chunk));
  stream.push('a');
  stream.push('b');
  t.turns(3, () => {
    t.state('later', stream, 'readableFlowing', 'readableLength');
    stream.push('c');
    stream.once('data', (chunk) => t.log('once more', chunk));
  });
};

exports.dataListenerAddedInReadable = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  stream.once('readable', () => {
    t.log('readable', stream.readableFlowing);
    stream.on('data', (chunk) => t.log('data', chunk));
    t.log('added', stream.readableFlowing);
  });
  stream.push('a');
  t.turns(3, () => stream.push('b'));
  t.turns(6, () => stream.push(null));
};

exports.readableListenerAddedInData = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push('a');
  stream.push('b');
  stream.once('data', () => {
    stream.on('readable', () => t.log('readable', stream.readableLength, stream.read()));
    t.log('added', stream.readableFlowing);
  });
  t.turns(3, () => stream.push('c'));
  t.turns(6, () => stream.push(null));
};

exports.readableListenerRemovedInReadable = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk', 'pause', 'resume');
  const listener = () => {
    t.log('readable', stream.readableLength);
    stream.off('readable', listener);
    t.log('removed', stream.readableFlowing);
  };
  stream.on('readable', listener);
  stream.push('a');
  t.turns(3, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
};

exports.oneOfTwoReadableListenersRemoved = (t) => {
  const stream = t.watch(open(), 'stream', 'readable', 'chunk');
  const listener = () => t.log('second');
  stream.on('readable', listener);
  stream.off('readable', listener);
  stream.push('a');
  t.turns(3, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
};

exports.readableListenerRemovedAndAddedAgain = (t) => {
  const stream = open();
  stream.push('a');
  const listener = () => t.log('readable', stream.readableFlowing, stream.read());
  stream.on('readable', listener);
  stream.off('readable', listener);
  stream.on('readable', listener);
  t.turns(3, () => {
    t.state('later', stream, 'readableFlowing', 'readableLength');
    stream.push('b');
  });
};

exports.pausedSourceEnds = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk', 'pause', 'resume');
  stream.pause();
  stream.push('a');
  stream.push(null);
  t.turns(4, () => {
    t.state('later', stream, 'readableFlowing', 'readableLength', 'readableEnded');
    stream.resume();
  });
};

exports.prependedListenersAskForNothing = (t) => {
  const stream = t.watch(open(), 'stream', 'resume');
  stream.prependListener('data', (chunk) => t.log('data', chunk));
  stream.prependListener('readable', () => t.log('readable'));
  stream.push('a');
  t.turns(3, () => {
    t.state('later', stream, 'readableFlowing', 'readableLength');
    stream.resume();
    t.turns(3, () => stream.push('b'));
  });
};

exports.modesOfAnEndedOne = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  stream.resume();
  stream.push(null);
  t.turns(4, () => {
    const note = (name) => t.log(name, stream.readableFlowing, stream.isPaused());
    note('ended');
    stream.pause();
    note('paused');
    stream.resume();
    note('resumed');
    stream.on('readable', () => t.log('readable'));
    note('readable added');
    stream.on('data', () => t.log('data'));
    t.turns(3, () => note('later'));
  });
};

// Takes the 'data' listeners off a source whose destination needs 'drain', which then comes.
function removeFromAPipeThatWaits(t, remove) {
  let taken;
  const write = (chunk, encoding, callback) => taken = callback;
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  stream.pipe(new Writable({ highWaterMark: 1, write }));
  stream.push('a');
  t.turns(2, () => {
    remove(stream);
    taken();
    t.turns(2, () => t.state('later', stream, 'readableFlowing'));
  });
}

exports.listenerTakenOffAPipeThatWaits = (t) => {
  removeFromAPipeThatWaits(t, (stream) => stream.off('data', stream.listeners('data')[0]));
};

exports.listenersRemovedFromAPipeThatWaits = (t) => {
  removeFromAPipeThatWaits(t, (stream) => stream.removeAllListeners('data'));
};

exports.listenersRemovedFromAFlowingOne = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk', 'resume');
  t.turns(2, () => {
    stream.removeAllListeners('data');
    stream.push('a');
    t.state('pushed', stream, 'readableLength', 'readableFlowing');
    stream.off('data', () => {});
    stream.push('b');
    t.state('pushed', stream, 'readableLength', 'readableFlowing');
    t.watch(stream, 'again', 'chunk');
  });
};

exports.unpipeOfTwoWithADataListener = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk', 'pause', 'resume');
  for (const name of ['first', 'second']) {
    const write = (chunk, encoding, callback) => setImmediate(callback);
    stream.pipe(t.watch(new Writable({ highWaterMark: 1, write }), name, 'unpipe', 'drain'));
  }
  stream.push('a');
  process.nextTick(() => {
    stream.resume();
    stream.push('b');
    stream.unpipe();
    t.state('unpiped', stream, 'readableFlowing', 'readableLength');
  });
};

exports.listenersThatAreNotThereTakenOff = (t) => {
  const stream = t.watch(open(), 'stream', 'resume');
  const stranger = () => {};
  stream.resume();
  t.turns(2, () => {
    stream.off('readable', stranger);
    stream.off('data', stranger);
    process.nextTick(() => t.state('later', stream, 'readableFlowing'));
  });
};

exports.endAndUnpipeInPauseLeaveTheOthersGoingOn = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  const sinks = ['first', 'second'].map((name) => {
    const write = (chunk, encoding, callback) => {
      t.log(name, chunk);
      setImmediate(callback);
    };
    return stream.pipe(new Writable({ highWaterMark: 1, write }));
  });
  stream.once('pause', () => {
    sinks[0].end();
    stream.unpipe(sinks[0]);
  });
  for (const chunk of ['a', 'b', 'c']) stream.push(chunk);
};

exports.readInPauseOfAnUnpipe = (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'chunk', 'pause', 'resume');
  const sink = stream.pipe(t.watch(new Writable({ objectMode: true, highWaterMark: 1, write() {} }), 'sink', 'unpipe'));
  stream.push(0);
  stream.push('x');
  t.turns(2, () => {
    stream.resume();
    stream.once('pause', () => t.log('read', stream.read()));
    stream.unpipe(sink);
    t.turns(3, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
  });
};

exports.unpipeOfOneThatHearsNothingAnyMore = (t) => {
  const stream = t.watch(open(), 'stream', 'pause', 'resume');
  const deaf = stream.pipe(new Writable({ highWaterMark: 1, write() {} }));
  stream.push('a');
  t.turns(2, () => {
    stream.off('data', stream.listeners('data')[0]);
    t.watch(stream, 'stream', 'chunk').pipe(new Writable({ write: (chunk, encoding, callback) => callback() }));
    stream.push('b');
    t.turns(2, () => {
      stream.pause();
      stream.unpipe(deaf);
      t.turns(2, () => t.state('later', stream, 'readableFlowing'));
    });
  });
};
