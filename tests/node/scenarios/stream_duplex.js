'use strict';
// Duplex, Transform and PassThrough.

const { Duplex, PassThrough, Transform } = require('node:stream');

function echo(options = {}) {
  const stream = new Duplex({
    read() {},
    write(chunk, encoding, callback) {
      stream.push(chunk);
      callback();
    },
    final(callback) {
      stream.push(null);
      callback();
    },
    ...options,
  });
  return stream;
}

exports.duplexEchoes = (t) => {
  const stream = t.watch(echo(), 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  t.log('sync');
};

exports.allowHalfOpenOff = (t) => {
  const stream = t.watch(echo({ allowHalfOpen: false, final: undefined }), 'stream', 'chunk');
  stream.push('last');
  stream.push(null);
  t.state('state', stream, 'allowHalfOpen');
};

exports.allowHalfOpenOn = (t) => {
  const stream = t.watch(echo({ final: undefined }), 'stream', 'chunk');
  stream.push('last');
  stream.push(null);
  t.turns(5, () => {
    t.state('later', stream, 'destroyed', 'writable', 'readable', 'allowHalfOpen');
    stream.end();
  });
};

exports.readableSideEndsAfterWritable = (t) => {
  const stream = t.watch(echo({ final: undefined }), 'stream', 'chunk');
  stream.end('x');
  t.turns(5, () => {
    t.state('later', stream, 'destroyed', 'writableFinished', 'readableEnded');
    stream.push(null);
  });
};

exports.duplexWithoutReadableSide = (t) => {
  const stream = t.watch(echo({ readable: false, final: undefined }), 'stream');
  t.state('state', stream, 'readable', 'writable');
  stream.end();
};

exports.duplexWithoutWritableSide = (t) => {
  const stream = t.watch(echo({ writable: false }), 'stream', 'chunk');
  t.state('state', stream, 'readable', 'writable');
  stream.push('x');
  stream.push(null);
};

exports.marksOfBothSides = (t) => {
  const stream = echo({ readableHighWaterMark: 3, writableHighWaterMark: 5, readableObjectMode: true });
  t.state('state', stream, 'readableHighWaterMark', 'writableHighWaterMark', 'readableObjectMode', 'writableObjectMode');
  const both = echo({ highWaterMark: 7, readableHighWaterMark: 3 });
  t.state('both', both, 'readableHighWaterMark', 'writableHighWaterMark');
};

exports.duplexDestroyedInTheMiddle = (t) => {
  const stream = t.watch(echo(), 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.once('data', () => stream.destroy(new Error('enough')));
  stream.end('b', t.callback('ended'));
};

exports.constructOfADuplexRunsOnce = (t) => {
  const stream = t.watch(echo({
    construct(callback) {
      t.log('construct');
      setImmediate(callback);
    },
  }), 'stream', 'chunk');
  stream.end('x');
};

exports.transformUpperCase = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      t.log('transform', chunk, encoding);
      callback(null, chunk.toString().toUpperCase());
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('abc', t.callback('written'));
  stream.end('def', t.callback('ended'));
  t.log('sync');
};

exports.transformPushesMany = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      for (const byte of chunk) stream.push(Buffer.from([byte]));
      callback();
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.end('abc');
};

exports.transformPushesNone = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      t.log('transform', chunk);
      callback();
    },
    flush(callback) {
      t.log('flush');
      callback(null, 'all of it');
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
};

exports.transformPushesLate = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      setImmediate(() => {
        stream.push(`<${chunk}>`);
        callback();
      });
    },
  });
  t.watch(stream, 'stream', 'chunk', 'drain');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
};

exports.transformWithoutAReader = (t) => {
  // Nobody reads: it takes what its buffers hold, and no more.
  const stream = new Transform({
    readableHighWaterMark: 2,
    writableHighWaterMark: 2,
    transform(chunk, encoding, callback) {
      t.log('transform', chunk);
      callback(null, chunk);
    },
  });
  t.watch(stream, 'stream', 'drain');
  for (const text of ['a', 'b', 'c', 'd', 'e']) t.log('returned', stream.write(text, t.callback(text)));
  t.state('state', stream, 'readableLength', 'writableLength');
  t.turns(5, () => {
    t.state('later', stream, 'readableLength', 'writableLength');
    stream.on('data', (chunk) => t.log('data', chunk));
    stream.end();
  });
};

exports.transformFails = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      callback(new Error('from transform'));
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

exports.transformFailsLater = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      setImmediate(() => callback(new Error('from transform')));
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
};

exports.transformThrows = (t) => {
  const stream = new Transform({
    transform() {
      throw new Error('from transform');
    },
  });
  t.watch(stream, 'stream', 'chunk');
  t.attempt('write', () => stream.write('a', t.callback('a')));
  t.turns(3, () => stream.destroy());
};

exports.transformIsMissing = (t) => {
  const stream = t.watch(new Transform(), 'stream', 'chunk');
  t.attempt('write', () => stream.write('a', t.callback('a')));
};

exports.flushFails = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      callback(null, chunk);
    },
    flush(callback) {
      callback(new Error('from flush'));
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.end('a', t.callback('ended'));
};

exports.flushFailsLater = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      callback(null, chunk);
    },
    flush(callback) {
      setImmediate(() => callback(new Error('from flush')));
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.end('a', t.callback('ended'));
};

exports.flushPushesSeveral = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      callback(null, chunk);
    },
    flush(callback) {
      stream.push('x');
      stream.push('y');
      setImmediate(() => callback(null, 'z'));
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.end('a', t.callback('ended'));
};

exports.finalInPlaceOfFlush = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      callback(null, chunk);
    },
    final(callback) {
      t.log('final');
      stream.push('from final');
      stream.push(null);
      callback();
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.end('a', t.callback('ended'));
};

exports.transformInObjectMode = (t) => {
  const stream = new Transform({
    objectMode: true,
    transform(chunk, encoding, callback) {
      callback(null, { got: chunk });
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write(1);
  stream.write([2]);
  stream.end('three');
};

exports.transformToObjects = (t) => {
  const stream = new Transform({
    readableObjectMode: true,
    transform(chunk, encoding, callback) {
      callback(null, { length: chunk.length });
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('abc');
  stream.end('de');
};

exports.transformEndsItself = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      stream.push(chunk);
      stream.push(null);
      callback();
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  t.turns(5, () => {
    t.state('later', stream, 'destroyed', 'readableEnded', 'writableEnded');
    stream.destroy();
  });
};

exports.transformGivesAfterEnd = (t) => {
  const stream = new Transform({
    transform(chunk, encoding, callback) {
      stream.push(null);
      callback(null, chunk);
    },
  });
  t.watch(stream, 'stream', 'chunk');
  stream.write('a', t.callback('a'));
};

exports.passThrough = (t) => {
  const stream = t.watch(new PassThrough(), 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end('c', t.callback('ended'));
};

exports.passThroughWithReadable = (t) => {
  const stream = t.watch(new PassThrough(), 'stream', 'readable');
  stream.on('readable', () => t.log('got', stream.read()));
  stream.write('a');
  stream.end('b');
};

exports.passThroughDestroyedWithError = (t) => {
  const stream = t.watch(new PassThrough(), 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  stream.destroy(new Error('enough'));
};

exports.passThroughIsNeverRead = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  stream.end('a', t.callback('ended'));
  t.turns(5, () => t.state('later', stream, 'writableFinished', 'readableLength', 'destroyed', 'readableEnded'));
};
