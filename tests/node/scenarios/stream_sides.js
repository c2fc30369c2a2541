'use strict';
// Duplex and Transform: what one side is to the other. Marks and modes of each, one that is missing, one that fails.

const { Duplex, PassThrough, Transform } = require('node:stream');
const { BOTH, hook } = require('../sinks.js');

function duplex(t, options, ...also) {
  return t.watch(new Duplex({ read() {}, write: hook(t, 'write', 'sync'), ...options }), 'stream', ...also);
}

function write(t, stream, ...values) {
  for (const value of values) t.log('returned', stream.write(value, t.callback('written')));
  t.state('room', stream, 'readableLength', 'writableLength', 'writableNeedDrain');
}

// -- marks

for (const [name, options] of [
  ['marksOfZero', { highWaterMark: 0 }],
  ['readableMarkOfZero', { readableHighWaterMark: 0 }],
  ['writableMarkOfZero', { writableHighWaterMark: 0 }],
  ['marksOfOne', { highWaterMark: 1 }],
  ['readableMarkOfOne', { readableHighWaterMark: 1 }],
  ['writableMarkOfOne', { writableHighWaterMark: 1 }],
]) {
  exports[name] = (t) => {
    const stream = t.watch(new PassThrough(options), 'stream', 'drain');
    write(t, stream, 'a', 'b');
    t.turns(3, () => {
      t.log('read', stream.read());
      t.state('later', stream, 'readableLength', 'writableLength', 'writableNeedDrain');
      stream.on('data', (chunk) => t.log('data', chunk));
      stream.end('c', t.callback('ended'));
    });
  };
}

exports.readableMarkOfZeroBesideAWritableOne = (t) => {
  const stream = new Transform({ readableHighWaterMark: 0, writableHighWaterMark: 7 });
  t.state('marks', stream, 'readableHighWaterMark', 'writableHighWaterMark');
};

exports.markOfZeroLeavesTheWritableOne = (t) => {
  const stream = new Transform({ highWaterMark: 0, readableHighWaterMark: 3, writableHighWaterMark: 7 });
  t.state('marks', stream, 'readableHighWaterMark', 'writableHighWaterMark');
};

exports.markOfZeroInObjectMode = (t) => {
  const stream = t.watch(new PassThrough({ objectMode: true, highWaterMark: 0 }), 'stream', 'drain');
  write(t, stream, 'a', 'b');
  t.turns(3, () => {
    stream.on('data', (chunk) => t.log('data', chunk));
    stream.end(t.callback('ended'));
  });
};

// -- object mode on one side

exports.objectsIn = (t) => {
  const stream = t.watch(new Transform({
    writableObjectMode: true,
    transform(chunk, encoding, callback) {
      callback(null, JSON.stringify(chunk));
    },
  }), 'stream', 'chunk');
  t.state('modes', stream, 'readableObjectMode', 'writableObjectMode');
  write(t, stream, 1, [2]);
  stream.end(t.callback('ended'));
};

exports.objectsInThatAreNoBytesOut = (t) => {
  const stream = t.watch(new PassThrough({ writableObjectMode: true }), 'stream', 'chunk');
  t.attempt('write', () => stream.write(5, t.callback('written')));
};

exports.objectsOut = (t) => {
  const stream = t.watch(new Transform({
    readableObjectMode: true,
    readableHighWaterMark: 2,
    transform(chunk, encoding, callback) {
      for (const byte of chunk) t.log('push', stream.push(byte));
      callback(null, [chunk.length]);
    },
  }), 'stream');
  t.state('modes', stream, 'readableObjectMode', 'writableObjectMode');
  write(t, stream, 'abc', 'd');
  t.turns(3, () => {
    stream.on('data', (chunk) => t.log('data', chunk));
    stream.end(t.callback('ended'));
  });
};

exports.objectsOutOfADuplex = (t) => {
  const stream = duplex(t, { readableObjectMode: true }, 'chunk');
  stream.push(0);
  stream.push('');
  stream.push(['x']);
  t.attempt('write', () => stream.write(0));
  stream.end('a');
  stream.push(null);
};

// -- a side that is missing

exports.writeWithoutAWritableSide = (t) => {
  const stream = duplex(t, { writable: false });
  t.state('new', stream, ...BOTH);
  t.log('returned', stream.write('a', t.callback('a')));
  stream.on('error', () => t.state('failed', stream, ...BOTH));
};

exports.endWithoutAWritableSide = (t) => {
  const stream = duplex(t, { writable: false });
  stream.end(t.callback('ended'));
  t.state('ended', stream, ...BOTH);
};

exports.readWithoutAReadableSide = (t) => {
  const stream = duplex(t, { readable: false }, 'chunk', 'readable');
  t.state('new', stream, ...BOTH);
  t.log('read', stream.read());
  t.turns(3, () => stream.end('a', t.callback('ended')));
};

exports.pushWithoutAReadableSide = (t) => {
  const stream = duplex(t, { readable: false });
  t.log('push', stream.push('x'));
  t.turns(3, () => stream.destroy());
};

exports.pushTheEndWithoutAReadableSide = (t) => {
  const stream = duplex(t, { readable: false });
  t.log('push', stream.push(null));
  t.turns(3, () => stream.end(t.callback('ended')));
};

exports.neitherSide = (t) => {
  const stream = duplex(t, { readable: false, writable: false });
  t.state('new', stream, ...BOTH);
  stream.resume();
  t.turns(3, () => {
    t.state('later', stream, ...BOTH);
    stream.destroy();
  });
};

exports.onlyReadableThenEnds = (t) => {
  const stream = duplex(t, { writable: false, final: hook(t, 'final', 'sync') }, 'chunk');
  stream.push('x');
  stream.push(null);
  stream.on('end', () => t.state('end', stream, ...BOTH));
};

exports.onlyReadableWithAllowHalfOpenOff = (t) => {
  const stream = duplex(t, { writable: false, allowHalfOpen: false }, 'chunk');
  stream.push(null);
};

exports.transformWithoutAWritableSide = (t) => {
  const stream = t.watch(new PassThrough({ writable: false }), 'stream', 'chunk');
  t.state('new', stream, ...BOTH);
  stream.push('x');
  stream.push(null);
};

exports.transformWithoutAReadableSide = (t) => {
  const stream = t.watch(new PassThrough({ readable: false }), 'stream', 'chunk');
  t.state('new', stream, ...BOTH);
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

// -- half open

exports.allowHalfOpenOffWithWritesWaiting = (t) => {
  const stream = duplex(t, { allowHalfOpen: false, write: hook(t, 'write', 'turn') }, 'chunk');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.push(null);
  stream.on('end', () => t.state('end', stream, ...BOTH));
};

exports.allowHalfOpenOffThenWriteInEnd = (t) => {
  const stream = duplex(t, { allowHalfOpen: false }, 'chunk');
  stream.push(null);
  stream.on('end', () => t.log('returned', stream.write('last', t.callback('last'))));
};

exports.allowHalfOpenOffAfterTheFact = (t) => {
  const stream = duplex(t, {}, 'chunk');
  stream.allowHalfOpen = false;
  stream.push(null);
};

exports.allowHalfOpenOffInATransform = (t) => {
  const stream = t.watch(new PassThrough({ allowHalfOpen: false }), 'stream', 'chunk');
  stream.write('a', t.callback('a'));
  stream.push(null);
  t.turns(4, () => t.state('later', stream, ...BOTH));
};

exports.allowHalfOpenOffWhileCorked = (t) => {
  const stream = duplex(t, { allowHalfOpen: false }, 'chunk');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.push(null);
};

// -- a side that fails

exports.writingFailsWhileReading = (t) => {
  const stream = duplex(t, { write: hook(t, 'write', 'turn', new Error('from write')) }, 'chunk');
  stream.push('x');
  stream.write('a', t.callback('a'));
  t.turns(3, () => t.log('push', stream.push('y')));
};

exports.writingFailsAfterEndOfReading = (t) => {
  const stream = duplex(t, { write: hook(t, 'write', 'turn', new Error('from write')) }, 'chunk');
  stream.push(null);
  t.turns(3, () => {
    stream.end('a', t.callback('ended'));
    t.state('ended', stream, ...BOTH);
  });
  stream.on('error', () => t.state('failed', stream, ...BOTH));
};

exports.readingFailsWhileWriting = (t) => {
  const stream = duplex(t, { write: hook(t, 'write', 'turn'), read() { stream.destroy(new Error('from read')); } });
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.turns(2, () => {
    stream.resume();
    stream.end(t.callback('ended'));
  });
};

exports.readRaisesWhileWriting = (t) => {
  const stream = duplex(t, {
    write: hook(t, 'write', 'turn'),
    read() {
      throw new Error('from read');
    },
  });
  stream.write('a', t.callback('a'));
  t.log('read', stream.read());
  stream.end(t.callback('ended'));
};

exports.pushAfterEndWhileWriting = (t) => {
  const stream = duplex(t, { write: hook(t, 'write', 'turn') }, 'chunk');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.push(null);
  t.log('push', stream.push('x'));
};

exports.finishesFirst = (t) => {
  const stream = duplex(t, {}, 'chunk');
  stream.end('a', t.callback('ended'));
  stream.on('finish', () => {
    t.state('finish', stream, ...BOTH);
    stream.push(null);
  });
  stream.on('end', () => t.state('end', stream, ...BOTH));
};

exports.endsFirst = (t) => {
  const stream = duplex(t, {}, 'chunk');
  stream.push(null);
  stream.on('end', () => {
    t.state('end', stream, ...BOTH);
    stream.end('a', t.callback('ended'));
  });
  stream.on('finish', () => t.state('finish', stream, ...BOTH));
};
