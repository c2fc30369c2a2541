'use strict';
// Writable: its hooks, each answering well, badly, twice or never, and the order of what is told about it.

const { Writable } = require('node:stream');
const { STATE, hook, sink, stages } = require('../sinks.js');

// -- construct

exports.constructTwiceWithAWriteWaiting = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct(callback) {
      callback();
      callback();
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

exports.constructTwiceLater = (t) => {
  const stream = t.watch(sink(t, 'turn', {
    construct(callback) {
      setImmediate(() => {
        callback();
        callback(new Error('after all'));
      });
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
};

exports.constructNeverThenDestroyed = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct: hook(t, 'construct', 'never'),
    destroy: hook(t, 'destroy', 'sync'),
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
  stream.destroy();
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.constructDestroysItsStream = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct(callback) {
      stream.destroy(new Error('from construct'));
      t.log('destroyed');
      callback();
    },
    destroy: hook(t, 'destroy', 'sync'),
  }), 'stream');
  stream.write('a', t.callback('a'));
};

exports.constructFailsAfterDestroy = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct: hook(t, 'construct', 'turn', new Error('from construct')),
    destroy(error, callback) {
      t.log('destroy', error);
      callback(error);
    },
  }), 'stream');
  t.turns(1, () => stream.destroy(new Error('first')));
};

exports.constructFailsAfterEnd = (t) => {
  const stream = t.watch(sink(t, 'sync', { construct: hook(t, 'construct', 'turn', new Error('from construct')) }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  stages(t, stream, 'error', 'close');
};

exports.constructThenNothingButEnd = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct: hook(t, 'construct', 'turn'),
    final: hook(t, 'final', 'sync'),
  }), 'stream', 'prefinish');
  stream.end(t.callback('ended'));
};

exports.constructWhileCorked = (t) => {
  const stream = t.watch(sink(t, 'sync', { construct: hook(t, 'construct', 'tick') }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  t.turns(2, () => {
    t.log('uncork');
    stream.uncork();
    stream.end();
  });
};

exports.constructThenTheWaitingAsABatch = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct: hook(t, 'construct', 'turn'),
    writev: hook(t, 'writev', 'turn'),
    highWaterMark: 2,
  }), 'stream', 'drain');
  for (const text of ['a', 'b', 'c']) t.log('returned', stream.write(text, t.callback(text)));
  t.state('state', stream, 'writableLength', 'writableNeedDrain');
};

// -- write

exports.writeNeverThenDestroyed = (t) => {
  const stream = t.watch(sink(t, 'never'), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
  t.turns(1, () => stream.destroy());
  stages(t, stream, 'close');
};

exports.writeAnswersAfterDestroy = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream', 'drain');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  process.nextTick(() => stream.destroy(new Error('enough')));
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.writeFailsAfterDestroy = (t) => {
  const stream = t.watch(sink(t, 'never', { write: hook(t, 'write', 'turn', new Error('from write')) }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.destroy();
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.writeDestroysThenFails = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      stream.destroy(new Error('destroyed'));
      callback(new Error('from write'));
    },
  }), 'stream');
  t.log('returned', stream.write('a', t.callback('a')));
  stream.write('b', t.callback('b'));
};

exports.writeFailsThenDestroys = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      callback(new Error('from write'));
      stream.destroy(new Error('destroyed'));
    },
  }), 'stream');
  t.log('returned', stream.write('a', t.callback('a')));
  stream.end(t.callback('ended'));
  t.state('state', stream, ...STATE);
};

exports.writeFailsTwice = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      callback(new Error('first'));
      callback(new Error('second'));
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
};

exports.writeAnswersThenFails = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      callback();
      callback(new Error('after all'));
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

exports.secondWriteFails = (t) => {
  let count = 0;
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      count += 1;
      const error = count === 2 ? new Error('from the second') : null;
      setImmediate(() => callback(error));
    },
    highWaterMark: 2,
  }), 'stream', 'drain');
  for (const text of ['a', 'b', 'c', 'd']) stream.write(text, t.callback(text));
  stream.end(t.callback('ended'));
};

exports.secondOfThoseThatWaitedFailsAtOnce = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback(chunk.toString() === 'b' ? new Error('from b') : null);
    },
  }), 'stream', 'drain');
  stream.cork();
  for (const text of ['a', 'b', 'c']) stream.write(text, t.callback(text));
  stream.uncork();
  t.state('state', stream, ...STATE);
};

exports.writeRaisesWhileUncorking = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk) {
      t.log('write', chunk);
      throw new Error('from write');
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.attempt('uncork', () => stream.uncork());
  t.state('state', stream, ...STATE, 'writableCorked');
  t.turns(2, () => stream.destroy());
};

exports.writeRaisesWhileUncorkingThenAnswers = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      setImmediate(callback);
      if (chunk.toString() === 'a') throw new Error('from write');
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.attempt('uncork', () => stream.uncork());
  stream.end(t.callback('ended'));
};

exports.writeAnswersThenRaises = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback();
      throw new Error('from write');
    },
  }), 'stream');
  t.attempt('write', () => stream.write('a', t.callback('a')));
  t.state('state', stream, ...STATE);
  t.turns(2, () => stream.destroy());
};

exports.writeOfTextCalledBuffer = (t) => {
  const write = (chunk, encoding, callback) => {
    t.log('write', chunk, encoding);
    callback();
  };
  const decoding = t.watch(new Writable({ write }), 'decoding');
  t.attempt('decoding', () => decoding.write('é', 'buffer'));
  const plain = t.watch(new Writable({ decodeStrings: false, write }), 'plain');
  t.attempt('plain', () => plain.write('é', 'buffer'));
};

// -- writev

exports.writevRaisesWhileUncorking = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    writev(chunks) {
      t.log('writev', chunks.length);
      throw new Error('from writev');
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.attempt('uncork', () => stream.uncork());
  t.state('state', stream, ...STATE);
  t.turns(2, () => stream.destroy(new Error('enough')));
};

exports.writevTwice = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    writev(chunks, callback) {
      callback();
      callback();
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
};

exports.writevFailsLater = (t) => {
  const stream = t.watch(sink(t, 'sync', { writev: hook(t, 'writev', 'turn', new Error('from writev')) }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
  stream.write('c', t.callback('c'));
  stream.end('d', t.callback('ended'));
  t.state('state', stream, ...STATE);
};

exports.writevNeverThenDestroyed = (t) => {
  const stream = t.watch(sink(t, 'sync', { writev: hook(t, 'writev', 'never') }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
  stream.write('c', t.callback('c'));
  stream.destroy(new Error('enough'));
  t.turns(3, () => t.state('later', stream, ...STATE));
};

exports.writevDestroysItsStream = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    writev(chunks, callback) {
      stream.destroy();
      callback();
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
};

exports.writevWithoutCallbacks = (t) => {
  const stream = t.watch(sink(t, 'turn', { writev: hook(t, 'writev', 'sync'), highWaterMark: 1 }), 'stream', 'drain');
  for (const text of ['a', 'b', 'c']) t.log('returned', stream.write(text));
  t.turns(3, () => stream.end('d'));
};

exports.writevOfStringsAsTheyAre = (t) => {
  const stream = t.watch(new Writable({
    decodeStrings: false,
    writev(chunks, callback) {
      t.log('writev', chunks.map(({ chunk }) => chunk), chunks.map(({ encoding }) => encoding));
      callback();
    },
  }), 'stream');
  stream.cork();
  stream.write('é', 'latin1');
  stream.write(Buffer.from('b'));
  stream.end('c');
};

exports.writevBatchesWhatComesWhileItWrites = (t) => {
  const stream = t.watch(sink(t, 'turn', { writev: hook(t, 'writev', 'turn') }), 'stream');
  for (const text of ['a', 'b', 'c']) stream.write(text, t.callback(text));
  t.turns(2, () => {
    stream.write('d', t.callback('d'));
    stream.end('e', t.callback('ended'));
  });
};

exports.writevWritesMore = (t) => {
  const stream = t.watch(sink(t, 'turn', {
    writev(chunks, callback) {
      t.log('writev', chunks.map(({ chunk }) => chunk));
      stream.write('c', t.callback('c'));
      callback();
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
  stream.end(t.callback('ended'));
};
