'use strict';
// Writable: cork, the high-water mark and 'drain', and in which order all of it is told.

const { Writable } = require('node:stream');
const { hook, sink } = require('../sinks.js');

const ROOM = ['writableLength', 'writableNeedDrain', 'writableCorked'];

// Writes each text, and logs what write() returned and how much room is left.
function fill(t, stream, ...texts) {
  for (const text of texts) {
    t.log(text, stream.write(text, t.callback(`${text} written`)));
    t.state('room', stream, ...ROOM);
  }
}

function batches(t, when, options = {}) {
  return sink(t, when, { writev: hook(t, 'writev', when), ...options });
}

// -- cork

exports.corkNestingWithoutWritev = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream', 'drain');
  stream.cork();
  stream.cork();
  fill(t, stream, 'a');
  stream.uncork();
  fill(t, stream, 'b');
  stream.uncork();
  fill(t, stream, 'c');
  stream.end();
};

exports.uncorkTooOften = (t) => {
  const stream = t.watch(batches(t, 'sync'), 'stream');
  stream.uncork();
  stream.cork();
  stream.uncork();
  stream.uncork();
  fill(t, stream, 'a');
  stream.cork();
  fill(t, stream, 'b');
  stream.uncork();
  t.state('room', stream, ...ROOM);
};

exports.uncorkReturnsNothing = (t) => {
  const stream = sink(t, 'sync');
  t.attempt('cork', () => stream.cork());
  t.attempt('uncork', () => stream.uncork());
};

exports.corkWithNothingToWrite = (t) => {
  const stream = t.watch(batches(t, 'sync'), 'stream');
  stream.cork();
  stream.uncork();
  stream.cork();
  stream.end(t.callback('ended'));
  t.state('room', stream, ...ROOM);
};

exports.corkWhileAWriteIsInFlight = (t) => {
  const stream = t.watch(batches(t, 'turn'), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.cork();
  stream.write('c', t.callback('c'));
  t.turns(3, () => {
    t.log('uncork');
    stream.uncork();
    stream.end('d', t.callback('ended'));
  });
};

exports.uncorkWhileAWriteIsInFlight = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.write('a', t.callback('a'));
  stream.cork();
  stream.write('b', t.callback('b'));
  stream.uncork();
  t.state('room', stream, ...ROOM);
  stream.end(t.callback('ended'));
};

exports.corkInAWriteCallback = (t) => {
  const stream = t.watch(batches(t, 'tick'), 'stream');
  stream.write('a', () => {
    t.log('a written');
    stream.cork();
    stream.write('b', t.callback('b'));
    stream.write('c', t.callback('c'));
    process.nextTick(() => {
      t.log('uncork');
      stream.uncork();
    });
  });
};

exports.corkInTheHook = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      if (chunk.toString() === 'a') stream.cork();
      callback();
    },
  }), 'stream');
  fill(t, stream, 'a', 'b');
  stream.uncork();
  t.state('uncorked', stream, ...ROOM);
};

exports.corkInTheHookWhileUncorking = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      if (chunk.toString() === 'a') stream.cork();
      callback();
    },
  }), 'stream');
  stream.cork();
  fill(t, stream, 'a', 'b', 'c');
  stream.uncork();
  t.state('uncorked', stream, ...ROOM);
  stream.end(t.callback('ended'));
};

exports.uncorkInTheHook = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk, stream.writableCorked);
      stream.uncork();
      callback();
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.cork();
  stream.cork();
  stream.write('b', t.callback('b'));
  stream.end('c', t.callback('ended'));
};

exports.corkInDrain = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  stream.once('drain', () => {
    stream.cork();
    fill(t, stream, 'b', 'c');
    stream.uncork();
    t.state('uncorked', stream, ...ROOM);
  });
  fill(t, stream, 'a');
};

exports.corkedAboveTheMark = (t) => {
  const stream = t.watch(batches(t, 'turn', { highWaterMark: 3 }), 'stream', 'drain');
  stream.cork();
  fill(t, stream, 'ab', 'cd');
  t.turns(2, () => {
    t.log('uncork');
    stream.uncork();
    t.state('uncorked', stream, ...ROOM);
  });
};

exports.corkedWhileDrainIsOwed = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  fill(t, stream, 'a');
  stream.cork();
  t.turns(3, () => {
    t.state('later', stream, ...ROOM);
    fill(t, stream, 'b');
    stream.uncork();
  });
};

exports.destroyedThenUncorked = (t) => {
  const stream = t.watch(batches(t, 'sync'), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.destroy();
  stream.uncork();
  t.state('room', stream, ...ROOM);
};

exports.destroyedByAWriteWhileUncorkingThenEnded = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      stream.destroy();
      callback();
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

// -- the mark and 'drain'

exports.markReachedExactly = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 4 }), 'stream', 'drain');
  fill(t, stream, 'ab', 'c', 'd');
};

exports.markExceededByOneChunk = (t) => {
  const stream = t.watch(sink(t, 'tick', { highWaterMark: 4 }), 'stream', 'drain');
  fill(t, stream, 'abcdefgh');
  process.nextTick(() => t.state('tick', stream, ...ROOM));
};

exports.markReachedBySyncSink = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 2 }), 'stream', 'drain');
  fill(t, stream, 'ab', 'c', 'd');
  process.nextTick(() => t.state('tick', stream, ...ROOM));
};

exports.markZeroWithSyncSink = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 0 }), 'stream', 'drain');
  fill(t, stream, '', 'a');
  process.nextTick(() => t.state('tick', stream, ...ROOM));
};

exports.markZeroAndEmptyChunks = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 0 }), 'stream', 'drain');
  fill(t, stream, '', '');
  t.turns(3, () => fill(t, stream, 'a', ''));
};

exports.markOneInObjectMode = (t) => {
  const stream = t.watch(sink(t, 'turn', { objectMode: true, highWaterMark: 1 }), 'stream', 'drain');
  fill(t, stream, 'a', '');
};

exports.markZeroInObjectMode = (t) => {
  const stream = t.watch(sink(t, 'sync', { objectMode: true, highWaterMark: 0 }), 'stream', 'drain');
  fill(t, stream, 'a');
  t.turns(2, () => stream.end('b'));
};

exports.emptyChunksAreWritten = (t) => {
  const stream = t.watch(sink(t, 'tick'), 'stream', 'drain');
  fill(t, stream, '', '');
  stream.end(Buffer.alloc(0), t.callback('ended'));
};

exports.hugeChunk = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream', 'drain');
  t.log('returned', stream.write(t.fill(1 << 20), t.callback('written')));
  t.state('room', stream, ...ROOM);
  stream.write(t.fill(10), t.callback('small'));
};

exports.drainOnlyWhenAllIsWritten = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 4 }), 'stream', 'drain');
  fill(t, stream, 'ab', 'cd', 'ef');
  stream.on('drain', () => t.state('drain', stream, ...ROOM));
};

exports.drainComesBeforeTheCallback = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  stream.write('a', () => t.state('callback', stream, ...ROOM));
  stream.on('drain', () => t.state('drain', stream, ...ROOM));
};

exports.drainIsLostByEnd = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  fill(t, stream, 'a');
  stream.end(t.callback('ended'));
  t.state('ended', stream, ...ROOM);
};

exports.drainIsLostByDestroy = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  fill(t, stream, 'a');
  stream.destroy();
  t.state('destroyed', stream, ...ROOM);
};

exports.drainOwedBySomeSyncSomeLater = (t) => {
  let count = 0;
  const stream = t.watch(new Writable({
    highWaterMark: 2,
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      count += 1;
      if (count % 2) callback();
      else setImmediate(callback);
    },
  }), 'stream', 'drain');
  fill(t, stream, 'ab', 'cd', 'ef', 'gh');
};

exports.drainOnceForManyWrites = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  for (const text of ['a', 'b', 'c']) t.log('returned', stream.write(text));
  t.turns(2, () => t.log('returned', stream.write('d')));
};

exports.writeAboveTheMarkInDrain = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  let left = 2;
  stream.on('drain', () => {
    if (left === 0) return;
    left -= 1;
    fill(t, stream, `x${left}`);
  });
  fill(t, stream, 'a');
};

exports.endInDrain = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  stream.on('drain', () => stream.end('last', t.callback('ended')));
  fill(t, stream, 'a', 'b');
};

exports.destroyInDrain = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  stream.on('drain', () => stream.destroy(new Error('from drain')));
  fill(t, stream, 'a', 'b');
};
