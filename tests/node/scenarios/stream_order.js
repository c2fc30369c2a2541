'use strict';
// Writable: in which order callbacks and events come, and what may be called from them.

const { Writable } = require('node:stream');
const { STATE, hook, sink } = require('../sinks.js');

// What comes next: a tick, a turn.
function marks(t) {
  process.nextTick(() => t.log('tick'));
  setImmediate(() => t.log('turn'));
}

exports.callbackOfSyncWritesIsShared = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  const written = t.callback('written');
  for (const text of ['a', 'b', 'c']) stream.write(text, written);
  marks(t);
};

exports.callbackOfSyncWritesIsSharedBySome = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  const shared = t.callback('shared');
  stream.write('a', shared);
  stream.write('b', t.callback('own'));
  stream.write('c', shared);
  stream.write('d', shared);
  stream.write('e');
  stream.end(shared);
};

exports.sharedCallbackWritesAgain = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  let left = 2;
  const written = () => {
    t.log('written', left);
    if (left > 0) {
      left -= 1;
      stream.write('more', written);
    }
  };
  stream.write('a', written);
  stream.write('b', written);
};

exports.sharedCallbackDestroys = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  const written = (error) => {
    t.log('written', error);
    stream.destroy();
  };
  stream.write('a', written);
  stream.write('b', written);
  stream.end(t.callback('ended'));
};

exports.sharedCallbackOfALaterSink = (t) => {
  const stream = t.watch(sink(t, 'tick', { highWaterMark: 1 }), 'stream', 'drain');
  const written = t.callback('written');
  for (const text of ['a', 'b', 'c']) stream.write(text, written);
  marks(t);
};

exports.syncWritesWithoutCallbacksThenOneWith = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 2 }), 'stream', 'drain');
  stream.write('ab');
  stream.write('c', t.callback('c'));
  stream.write('de');
  marks(t);
};

exports.endOfASyncSink = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream', 'prefinish');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  marks(t);
};

exports.endOfALaterSink = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream', 'prefinish');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  marks(t);
};

exports.endWithoutAnythingWritten = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream', 'prefinish');
  stream.end(t.callback('ended'));
  t.state('ended', stream, ...STATE);
  marks(t);
};

exports.failureOfASyncSink = (t) => {
  const stream = t.watch(sink(t, 'sync', { write: hook(t, 'write', 'sync', new Error('from write')) }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
  marks(t);
};

exports.failureOfALaterSink = (t) => {
  const stream = t.watch(sink(t, 'sync', { write: hook(t, 'write', 'turn', new Error('from write')) }), 'stream');
  stream.write('a', () => {
    t.log('a');
    marks(t);
  });
  stream.write('b', t.callback('b'));
};

exports.endInACallback = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.write('a', () => stream.end(t.callback('ended')));
  stream.write('b', t.callback('b'));
};

exports.endInTheHook = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      if (!stream.writableEnded) stream.end('last', t.callback('ended'));
      callback();
    },
  }), 'stream', 'prefinish');
  t.log('returned', stream.write('a', t.callback('a')));
};

exports.endInTheHookAfterItHasAnswered = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback();
      if (!stream.writableEnded) stream.end(t.callback('ended'));
    },
  }), 'stream', 'prefinish');
  t.log('returned', stream.write('a', t.callback('a')));
};

exports.writesInTheHookComeInTheirOrder = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      const text = chunk.toString();
      t.log('write', text);
      if (text.length < 3) for (const more of ['x', 'y']) stream.write(text + more, t.callback(text + more));
      callback();
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
};

exports.writeInTheCallbackOfEnd = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a', () => t.log('returned', stream.write('late', t.callback('late'))));
};

exports.writeInFinish = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.on('finish', () => t.log('returned', stream.write('late', t.callback('late'))));
  stream.end('a', t.callback('ended'));
};

exports.endInFinish = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.on('finish', () => {
    stream.end(t.callback('again'));
    stream.end('late', t.callback('late'));
  });
  stream.end('a', t.callback('ended'));
};

exports.writeInClose = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.on('close', () => t.log('returned', stream.write('late', t.callback('late'))));
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.destroy();
};

exports.callbacksOfADestroyedStream = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  for (const text of ['a', 'b', 'c']) stream.write(text, t.callback(text));
  stream.end('d', t.callback('ended'));
  stream.destroy(new Error('enough'));
  marks(t);
};
