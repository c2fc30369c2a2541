'use strict';
// Transform and PassThrough: pushing many, none, late or after answering; flushing; marks, modes and destroying.

const { PassThrough, Transform } = require('node:stream');
const { BOTH, hook } = require('../sinks.js');

function same(chunk, encoding, callback) {
  callback(null, chunk);
}

// A watched Transform whose 'data' is logged chunk by chunk.
function read(t, options, ...also) {
  return t.watch(new Transform({ transform: same, ...options }), 'stream', 'chunk', ...also);
}

// -- what a transform pushes

exports.pushesAfterAnswering = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      callback();
      stream.push(`after ${chunk}`);
    },
  });
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.turns(3, () => stream.end(t.callback('ended')));
};

exports.pushesAfterTheLastAnswer = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      callback(null, chunk);
      setImmediate(() => t.attempt('push', () => stream.push('late')));
    },
  });
  stream.end('a', t.callback('ended'));
};

exports.pushesManyOverTheMark = (t) => {
  const stream = t.watch(new Transform({
    readableHighWaterMark: 2,
    transform(chunk, encoding, callback) {
      for (const text of ['x', 'y', 'z']) t.log('push', stream.push(text));
      callback();
    },
  }), 'stream', 'drain');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.state('full', stream, ...BOTH);
  t.turns(3, () => {
    t.log('read', stream.read());
    t.state('read', stream, ...BOTH);
  });
};

exports.pushesSomeAndGivesOne = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      stream.push('pushed');
      callback(null, chunk);
    },
  });
  stream.end('a', t.callback('ended'));
};

exports.pushesLateAndMany = (t) => {
  const stream = read(t, {
    readableHighWaterMark: 1,
    transform(chunk, encoding, callback) {
      setImmediate(() => {
        stream.push(chunk);
        setImmediate(() => {
          stream.push(chunk);
          callback(null, chunk);
        });
      });
    },
  });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
};

exports.pushesEmptyChunks = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      stream.push('');
      callback(null, Buffer.alloc(0));
    },
  });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
};

exports.pushesTextInAnEncoding = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      stream.push('6162', 'hex');
      callback(null, 'é');
    },
  });
  stream.end('a');
};

exports.readsAsText = (t) => {
  const stream = read(t, { encoding: 'utf8' });
  stream.setEncoding('utf8');
  stream.write(Buffer.from([0xc3]));
  stream.write(Buffer.from([0xa9, 0xe2]));
  stream.end(t.callback('ended'));
};

// -- answering badly

exports.answersTwice = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      callback(null, 'once');
      callback(null, 'twice');
    },
  });
  stream.write('a', t.callback('a'));
};

exports.answersTwiceLater = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      setImmediate(() => {
        callback(null, 'once');
        callback(null, 'twice');
      });
    },
  });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
};

exports.answersThenFails = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      callback(null, chunk);
      callback(new Error('after all'));
    },
  });
  stream.write('a', t.callback('a'));
};

exports.failsAfterPushing = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      stream.push('pushed');
      callback(new Error('from transform'), 'not pushed');
    },
  });
  stream.write('a', t.callback('a'));
  t.state('failed', stream, ...BOTH);
};

exports.failsAtTheSecond = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      if (chunk.toString() === 'b') callback(new Error('from b'));
      else callback(null, chunk);
    },
  });
  for (const text of ['a', 'b', 'c']) t.log('returned', stream.write(text, t.callback(text)));
};

exports.failsWithAutoDestroyOff = (t) => {
  const stream = read(t, {
    autoDestroy: false,
    transform: hook(t, 'transform', 'turn', new Error('from transform')),
  });
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.turns(4, () => {
    t.state('later', stream, ...BOTH);
    stream.destroy();
  });
};

exports.neverAnswers = (t) => {
  const stream = read(t, { transform: hook(t, 'transform', 'never') });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  t.turns(3, () => {
    t.state('waiting', stream, ...BOTH);
    stream.destroy();
  });
};

exports.destroysItself = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      stream.destroy();
      callback(null, chunk);
    },
  });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
};

exports.destroyedWhileTransforming = (t) => {
  const stream = read(t, {
    transform(chunk, encoding, callback) {
      setImmediate(() => {
        t.log('push', stream.push('late'));
        callback(null, chunk);
      });
    },
  });
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  process.nextTick(() => stream.destroy(new Error('enough')));
};

exports.destroyedWhileAWriteIsHeld = (t) => {
  const stream = t.watch(new Transform({ readableHighWaterMark: 1, transform: same }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
  t.turns(2, () => {
    t.state('held', stream, ...BOTH);
    stream.destroy();
    t.log('read', stream.read());
  });
};

// -- flush

exports.flushRaises = (t) => {
  const stream = read(t, {
    flush() {
      throw new Error('from flush');
    },
  });
  t.attempt('end', () => void stream.end('a', t.callback('ended')));
};

exports.flushTwice = (t) => {
  const stream = read(t, {
    flush(callback) {
      callback(null, 'x');
      callback(null, 'y');
    },
  });
  stream.end('a', t.callback('ended'));
};

exports.flushNeverThenDestroyed = (t) => {
  const stream = read(t, { flush: hook(t, 'flush', 'never') });
  stream.end('a', t.callback('ended'));
  t.turns(3, () => {
    t.state('waiting', stream, ...BOTH);
    stream.destroy();
  });
};

exports.flushDestroys = (t) => {
  const stream = read(t, {
    flush(callback) {
      stream.destroy(new Error('from flush'));
      callback(null, 'x');
    },
  });
  stream.end('a', t.callback('ended'));
};

exports.flushPushesManyOverTheMark = (t) => {
  const stream = t.watch(new Transform({
    readableHighWaterMark: 1,
    transform: same,
    flush(callback) {
      for (const text of ['x', 'y']) t.log('push', stream.push(text));
      callback(null, 'z');
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
  t.turns(3, () => {
    t.state('waiting', stream, ...BOTH);
    stream.on('data', (chunk) => t.log('data', chunk));
  });
};

exports.flushAfterEndOfReading = (t) => {
  const stream = read(t, { flush: hook(t, 'flush', 'sync', null, 'too late') });
  stream.push(null);
  stream.end(t.callback('ended'));
};

exports.flushWithoutAnyWrite = (t) => {
  const stream = read(t, { flush: hook(t, 'flush', 'turn', null, 'all') }, 'prefinish');
  stream.end(t.callback('ended'));
  t.log('sync');
};

exports.flushTogetherWithFinal = (t) => {
  const stream = read(t, {
    final: hook(t, 'final', 'turn'),
    flush: hook(t, 'flush', 'turn', null, 'from flush'),
  }, 'prefinish');
  stream.end('a', t.callback('ended'));
};

exports.flushFailsTogetherWithFinal = (t) => {
  const stream = read(t, {
    final: hook(t, 'final', 'sync'),
    flush: hook(t, 'flush', 'sync', new Error('from flush')),
  }, 'prefinish');
  stream.end('a', t.callback('ended'));
};

exports.finalFailsTogetherWithFlush = (t) => {
  const stream = read(t, {
    final: hook(t, 'final', 'sync', new Error('from final')),
    flush: hook(t, 'flush', 'sync'),
  });
  stream.end('a', t.callback('ended'));
};

// -- PassThrough

exports.passThroughOfEmptyChunks = (t) => {
  const stream = t.watch(new PassThrough(), 'stream', 'chunk');
  stream.write('', t.callback('first'));
  stream.write(Buffer.alloc(0), t.callback('second'));
  stream.end('', t.callback('ended'));
};

exports.passThroughOfEmptyObjects = (t) => {
  const stream = t.watch(new PassThrough({ objectMode: true }), 'stream', 'chunk');
  for (const value of ['', 0, false]) stream.write(value);
  stream.end(t.callback('ended'));
};

exports.passThroughWithoutAnyWrite = (t) => {
  const stream = t.watch(new PassThrough(), 'stream', 'chunk', 'prefinish');
  stream.end(t.callback('ended'));
  t.state('ended', stream, ...BOTH);
};
