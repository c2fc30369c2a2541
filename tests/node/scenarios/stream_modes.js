'use strict';
// Readable: every step of a consumer after every other; flowing, paused, and what is buffered, at each.

const { Readable, Writable } = require('node:stream');

// Sources of three chunks; `feed` is called at three moments.
const SOURCES = {
  pushed: () => ({ stream: new Readable({ read() {}, highWaterMark: 2 }), feed: (stream, chunk) => stream.push(chunk) }),
  sync: () => {
    const left = ['a', 'b', 'c'];
    const read = function () {
      this.push(left.shift() ?? null);
    };
    return { stream: new Readable({ read, highWaterMark: 2 }), feed() {} };
  },
  late: () => {
    const left = ['a', 'b', 'c'];
    const read = function () {
      setImmediate(() => this.push(left.shift() ?? null));
    };
    return { stream: new Readable({ read, highWaterMark: 2 }), feed() {} };
  },
};

const STEPS = {
  readable: (t, stream, label) => stream.on('readable', () => t.log(`${label}.readable`, stream.read())),
  data: (t, stream, label) => stream.on('data', (chunk) => t.log(`${label}.data`, chunk)),
  pause: (t, stream) => stream.pause(),
  resume: (t, stream) => stream.resume(),
  read: (t, stream, label) => t.log(`${label}.read`, stream.read()),
  read_zero: (t, stream, label) => t.log(`${label}.read_zero`, stream.read(0)),
  pipe: (t, stream, label) => {
    const write = (chunk, encoding, callback) => {
      t.log(`${label}.written`, chunk);
      callback();
    };
    stream.pipe(t.watch(new Writable({ write }), `${label}.to`));
  },
  unpipe: (t, stream) => stream.unpipe(),
  off_readable: (t, stream) => stream.listeners('readable').forEach((listener) => stream.off('readable', listener)),
  off_data: (t, stream) => stream.listeners('data').forEach((listener) => stream.off('data', listener)),
  remove_all_readable: (t, stream) => stream.removeAllListeners('readable'),
  remove_all_data: (t, stream) => stream.removeAllListeners('data'),
  remove_all: (t, stream) => stream.removeAllListeners(),
};

// One step and, in the same tick or a turn later, the other; then the end.
function pair(t, kind, first, second, isLate, done) {
  const label = `${kind} ${first} ${second}${isLate ? ' late' : ''}`;
  const { stream, feed } = SOURCES[kind]();
  t.watch(stream, label, 'pause', 'resume');
  const step = (name, chunk) => {
    if (chunk !== undefined) feed(stream, chunk);
    STEPS[name]?.(t, stream, label);
    t.log(label, name, stream.readableFlowing, stream.isPaused(), stream.readableLength);
  };
  const goOn = () => {
    step(second, 'b');
    step('after', 'c');
    t.turns(5, () => {
      step('ending', null);
      t.turns(5, () => {
        step('over');
        stream.destroy();
        done();
      });
    });
  };
  step(first, 'a');
  if (isLate) setImmediate(goOn);
  else goOn();
}

function afterStep(t, first) {
  const pairs = Object.keys(SOURCES).flatMap((kind) =>
    Object.keys(STEPS).flatMap((second) => [[kind, first, second, false], [kind, first, second, true]]));
  const next = () => {
    if (pairs.length) pair(t, ...pairs.shift(), next);
  };
  next();
}

exports.afterReadable = (t) => afterStep(t, 'readable');

exports.afterData = (t) => afterStep(t, 'data');

exports.afterPause = (t) => afterStep(t, 'pause');

exports.afterResume = (t) => afterStep(t, 'resume');

exports.afterRead = (t) => afterStep(t, 'read');

exports.afterReadZero = (t) => afterStep(t, 'read_zero');

exports.afterPipe = (t) => afterStep(t, 'pipe');

exports.afterUnpipe = (t) => afterStep(t, 'unpipe');

exports.afterOffReadable = (t) => afterStep(t, 'off_readable');

exports.afterOffData = (t) => afterStep(t, 'off_data');

exports.afterRemoveAllReadable = (t) => afterStep(t, 'remove_all_readable');

exports.afterRemoveAllData = (t) => afterStep(t, 'remove_all_data');

exports.afterRemoveAll = (t) => afterStep(t, 'remove_all');

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

exports.dataListenersRemovedFromAPipeThatWaits = (t) => {
  for (const how of ['off_data', 'remove_all_data']) {
    let taken;
    const write = (chunk, encoding, callback) => taken = callback;
    const stream = t.watch(open(), how, 'pause', 'resume');
    stream.pipe(new Writable({ highWaterMark: 1, write }));
    stream.push('a');
    t.turns(2, () => {
      STEPS[how](t, stream);
      taken();
      t.turns(2, () => t.log(how, stream.readableFlowing));
    });
  }
};
