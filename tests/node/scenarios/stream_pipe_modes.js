'use strict';
// Pipes from sources that have other readers, are paused and resumed, change their encoding or their chunks' kind.

const { Duplex, PassThrough, Readable, Transform, Writable } = require('node:stream');

const open = (t, options = {}) => t.watch(new Readable({ read() {}, ...options }), 'from', 'pause', 'resume');

function sink(t, label = 'to', turns = 0, options = {}) {
  return t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log(`${label} write`, chunk);
      if (turns === 0) callback();
      else t.turns(turns, callback);
    },
    ...options,
  }), label, 'unpipe', 'drain');
}

const flow = (t, label, stream) => t.state(label, stream, 'readableFlowing', 'readableLength');

exports.aDataListenerComesLater = (t) => {
  const from = open(t);
  from.pipe(sink(t));
  from.push('a');
  t.turns(2, () => {
    from.on('data', (chunk) => t.log('data', chunk));
    from.push('b');
  });
};

exports.aDataListenerStaysAfterUnpipe = (t) => {
  const from = open(t);
  const to = sink(t);
  from.on('data', (chunk) => t.log('data', chunk));
  from.pipe(to);
  from.push('a');
  t.turns(2, () => {
    from.unpipe(to);
    flow(t, 'unpiped', from);
    from.push('b');
    t.turns(2, () => {
      flow(t, 'later', from);
      from.resume();
    });
  });
};

exports.aDataListenerIsPacedByTheSink = (t) => {
  const from = open(t, { highWaterMark: 1 });
  from.on('data', (chunk) => t.log('data', chunk));
  from.pipe(sink(t, 'to', 3, { highWaterMark: 1 }));
  from.push('a');
  from.push('b');
};

exports.aReadableListenerComesLater = (t) => {
  const from = open(t);
  from.pipe(sink(t));
  from.push('a');
  t.turns(2, () => {
    from.on('readable', () => t.log('readable', from.readableLength));
    flow(t, 'listening', from);
    from.push('b');
    t.turns(2, () => {
      flow(t, 'later', from);
      t.log('read', from.read());
    });
  });
};

exports.aReadableListenerGoes = (t) => {
  const from = open(t);
  const listener = () => t.log('readable');
  from.on('readable', listener);
  from.pipe(sink(t));
  from.push('a');
  t.turns(2, () => {
    flow(t, 'before', from);
    from.off('readable', listener);
    t.turns(2, () => flow(t, 'after', from));
  });
};

exports.aReadTakesAChunkAway = (t) => {
  const from = open(t);
  from.push('a');
  from.push('b');
  from.pipe(sink(t));
  t.log('read', from.read(1));
};

exports.allDataListenersAreRemoved = (t) => {
  const from = open(t);
  from.pipe(sink(t));
  from.removeAllListeners('data');
  from.push('a');
  t.turns(3, () => flow(t, 'later', from));
};

exports.pausedBeforeItFlows = (t) => {
  const from = open(t);
  from.push('a');
  from.pipe(sink(t));
  from.pause();
  flow(t, 'paused', from);
  t.turns(3, () => {
    flow(t, 'later', from);
    from.resume();
  });
};

exports.pausedInData = (t) => {
  const from = open(t);
  from.pipe(sink(t));
  from.once('data', () => from.pause());
  from.push('a');
  t.turns(2, () => {
    from.push('b');
    flow(t, 'later', from);
    from.resume();
  });
};

exports.resumedWhileTheSinkIsFull = (t) => {
  const from = open(t);
  const to = sink(t, 'to', 4, { highWaterMark: 1 });
  from.pipe(to);
  from.push('a');
  t.turns(2, () => {
    from.push('b');
    from.resume();
    t.turns(1, () => t.state('to', to, 'writableLength', 'writableNeedDrain'));
  });
};

exports.pausedWhileTheSinkIsFull = (t) => {
  const from = open(t);
  from.pipe(sink(t, 'to', 2, { highWaterMark: 1 }));
  from.push('a');
  t.turns(1, () => {
    from.pause();
    from.push('b');
  });
  t.turns(6, () => flow(t, 'later', from));
};

exports.pausedThenPipedToAFullOne = (t) => {
  const from = open(t);
  const to = sink(t, 'to', 3, { highWaterMark: 1 });
  to.write('own');
  from.pause();
  from.push('a');
  from.pipe(to);
  flow(t, 'piped', from);
  t.turns(6, () => flow(t, 'later', from));
};

exports.unpipedWhileTheSinkIsFullAndPipedAgain = (t) => {
  const from = open(t);
  const to = sink(t, 'to', 4, { highWaterMark: 1 });
  from.pipe(to);
  from.push('a');
  t.turns(1, () => {
    from.push('b');
    from.unpipe(to);
    from.pipe(to);
    flow(t, 'again', from);
  });
};

exports.theSinkIsCorked = (t) => {
  const from = open(t);
  const to = sink(t, 'to', 0, { highWaterMark: 2 });
  to.cork();
  from.pipe(to);
  for (const chunk of ['a', 'b', 'c']) from.push(chunk);
  t.turns(3, () => {
    flow(t, 'corked', from);
    to.uncork();
  });
};

exports.theEncodingChangesOnTheWay = (t) => {
  const from = open(t);
  from.pipe(sink(t, 'to', 0, { decodeStrings: false }));
  from.push('a');
  t.turns(2, () => {
    from.setEncoding('hex');
    from.push('b');
    from.push(null);
  });
};

exports.objectsToBytesThroughATransform = (t) => {
  const from = open(t, { objectMode: true });
  from.pipe(new Transform({
    writableObjectMode: true,
    transform: (chunk, encoding, callback) => callback(null, String(chunk.n)),
  })).pipe(sink(t));
  from.push({ n: 1 });
  from.push({ n: 2 });
  from.push(null);
};

exports.theMiddleOfAChainFails = (t) => {
  const from = open(t);
  const through = t.watch(new PassThrough(), 'through', 'unpipe');
  const to = sink(t);
  from.pipe(through).pipe(to);
  from.push('a');
  t.turns(3, () => {
    through.destroy(new Error('enough'));
    from.push('b');
  });
  t.turns(6, () => {
    flow(t, 'from', from);
    t.state('to', to, 'writableEnded', 'destroyed');
  });
};

exports.aDuplexPipedToItself = (t) => {
  const echo = t.watch(new PassThrough(), 'echo', 'pipe', 'unpipe', 'data');
  echo.pipe(echo, { end: false });
  t.turns(2, () => {
    echo.unpipe(echo);
    echo.end('a');
    echo.resume();
  });
};

exports.twoSourcesIntoOne = (t) => {
  const [one, two] = [open(t), open(t)];
  const to = sink(t);
  one.pipe(to, { end: false });
  two.pipe(to);
  one.push('a');
  two.push('b');
  one.push(null);
  t.turns(3, () => {
    two.push('c');
    two.push(null);
  });
};

exports.aHalfOpenDuplexEndsItsDestination = (t) => {
  const from = t.watch(new Duplex({ read() {}, write: (chunk, encoding, callback) => callback() }), 'from');
  from.pipe(sink(t));
  from.push(null);
  t.turns(4, () => t.state('later', from, 'writable', 'destroyed'));
};

exports.theDestinationUnpipesOnAnErrorAndIsPipedAgain = (t) => {
  const from = open(t);
  let failing = true;
  const to = sink(t, 'to', 0, {
    autoDestroy: false,
    write(chunk, encoding, callback) {
      t.log('to write', chunk);
      callback(failing ? new Error('once') : null);
      failing = false;
    },
  });
  from.pipe(to);
  to.once('error', () => t.turns(1, () => from.pipe(to)));
  from.push('a');
  t.turns(4, () => from.push('b'));
};
