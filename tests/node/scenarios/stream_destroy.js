'use strict';
// Destroying streams in every state, and what the hooks have to do with it.

const { Duplex, PassThrough, Readable, Writable } = require('node:stream');

const quiet = { read() {} };

exports.destroyANewReadable = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  t.log('same', stream.destroy() === stream);
  t.state('state', stream, 'destroyed', 'closed', 'readable', 'readableAborted', 'errored');
  process.nextTick(() => t.log('next tick'));
  stream.on('close', () => t.state('closed', stream, 'destroyed', 'closed', 'readable', 'readableAborted', 'errored'));
};

exports.destroyWithError = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.destroy(new Error('enough'));
  t.state('state', stream, 'destroyed', 'closed', 'errored');
  process.nextTick(() => t.log('next tick'));
};

exports.destroyWithErrorUnheard = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream', '-error', '-close');
  stream.destroy(new Error('nobody listens'));
};

exports.destroyTwice = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.destroy(new Error('first'));
  stream.destroy(new Error('second'));
  t.state('state', stream, 'errored');
  stream.on('close', () => stream.destroy(new Error('third')));
};

exports.destroyThenError = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.destroy();
  stream.destroy(new Error('too late'));
  t.state('state', stream, 'errored');
};

exports.destroyWithBufferedData = (t) => {
  const stream = t.watch(new Readable({ ...quiet, highWaterMark: 100 }), 'stream', 'readable');
  stream.push('x');
  stream.destroy();
  t.state('state', stream, 'readableLength');
  t.log('read', stream.read());
  t.log('push', stream.push('y'));
};

exports.destroyInData = (t) => {
  const left = ['a', 'b', 'c'];
  const stream = t.watch(new Readable({
    read() {
      this.push(left.length ? left.shift() : null);
    },
  }), 'stream', 'chunk');
  stream.on('data', (chunk) => {
    if (chunk.toString() === 'b') stream.destroy();
  });
};

exports.destroyInReadable = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream', 'readable');
  stream.push('x');
  stream.on('readable', () => stream.destroy());
};

exports.destroyInEnd = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.push(null);
  stream.resume();
  stream.on('end', () => stream.destroy(new Error('after all')));
};

exports.destroyAfterEndBeforeItsEvent = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.push(null);
  stream.resume();
  stream.destroy();
};

exports.destroyInRead = (t) => {
  const stream = t.watch(new Readable({
    read() {
      this.destroy(new Error('from read'));
    },
  }), 'stream', 'chunk');
  t.log('read', stream.read(0));
};

exports.destroyInFinish = (t) => {
  const stream = t.watch(new Writable({ write(chunk, encoding, callback) { callback(); } }), 'stream');
  stream.end('x', t.callback('ended'));
  stream.on('finish', () => stream.destroy(new Error('after all')));
};

exports.destroyInFinal = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      callback();
    },
    final(callback) {
      stream.destroy();
      callback();
    },
  }), 'stream');
  stream.end('x', t.callback('ended'));
};

exports.destroyInWrite = (t) => {
  const stream = t.watch(new Writable({
    write(chunk, encoding, callback) {
      stream.destroy(new Error('from write'));
      callback();
    },
  }), 'stream');
  t.log('returned', stream.write('x', t.callback('x')));
  t.log('returned', stream.write('y', t.callback('y')));
};

exports.destroyInClose = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.destroy();
  stream.on('close', () => stream.destroy(new Error('too late')));
};

exports.destroyInError = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream');
  stream.destroy(new Error('first'));
  stream.on('error', () => stream.destroy(new Error('second')));
};

exports.destroyHook = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      t.log('destroy', error);
      setImmediate(() => callback(error));
    },
  }), 'stream');
  stream.destroy(new Error('enough'));
  t.state('state', stream, 'destroyed', 'closed');
};

exports.destroyHookWithoutError = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      t.log('destroy', error);
      callback();
    },
  }), 'stream');
  stream.destroy();
};

exports.destroyHookSwallowsTheError = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      callback(null);
    },
  }), 'stream');
  stream.destroy(new Error('enough'));
  stream.on('close', () => t.state('closed', stream, 'errored'));
};

exports.destroyHookReplacesTheError = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      callback(new Error('from destroy'));
    },
  }), 'stream');
  stream.destroy(new Error('enough'));
  stream.on('close', () => t.state('closed', stream, 'errored'));
};

exports.destroyHookFails = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      callback(new Error('from destroy'));
    },
  }), 'stream');
  stream.destroy();
};

exports.destroyHookThrows = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy() {
      throw new Error('from destroy');
    },
  }), 'stream');
  t.attempt('destroy', () => stream.destroy() === stream);
};

exports.destroyHookCallsTwice = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    destroy(error, callback) {
      callback();
      callback(new Error('again'));
    },
  }), 'stream');
  stream.destroy();
};

exports.destroyWhileConstructing = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    construct(callback) {
      t.log('construct');
      setImmediate(() => {
        t.log('constructed');
        callback();
      });
    },
    destroy(error, callback) {
      t.log('destroy', error);
      callback(error);
    },
  }), 'stream');
  stream.destroy(new Error('enough'));
  t.state('state', stream, 'destroyed');
};

exports.constructFails = (t) => {
  const stream = t.watch(new Readable({
    ...quiet,
    construct(callback) {
      setImmediate(() => callback(new Error('from construct')));
    },
    destroy(error, callback) {
      t.log('destroy', error);
      callback(error);
    },
  }), 'stream', 'chunk');
};

exports.constructCallsTwice = (t) => {
  t.watch(new Readable({
    ...quiet,
    construct(callback) {
      callback();
      callback();
    },
  }), 'stream');
};

exports.constructBeforeRead = (t) => {
  t.watch(new Readable({
    construct(callback) {
      t.log('construct');
      setImmediate(callback);
    },
    read() {
      t.log('read');
      this.push(null);
    },
  }), 'stream', 'chunk');
};

exports.autoDestroyOff = (t) => {
  const stream = t.watch(new Readable({ ...quiet, autoDestroy: false }), 'stream');
  stream.push(null);
  stream.resume();
  t.turns(5, () => {
    t.state('later', stream, 'destroyed', 'closed', 'readableEnded');
    stream.destroy();
  });
};

exports.emitCloseOff = (t) => {
  const stream = t.watch(new Readable({ ...quiet, emitClose: false }), 'stream');
  stream.push(null);
  stream.resume();
  t.turns(5, () => t.state('later', stream, 'destroyed', 'closed', 'readableEnded'));
};

exports.emitCloseOffWithError = (t) => {
  const stream = t.watch(new Readable({ ...quiet, emitClose: false }), 'stream');
  stream.destroy(new Error('enough'));
};

exports.errorEmittedByHand = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  stream.emit('error', new Error('by hand'));
  t.turns(4, () => {
    t.state('later', stream, 'destroyed', 'errored');
    stream.destroy();
  });
};

exports.duplexWaitsForBothSides = (t) => {
  const stream = t.watch(new Duplex({
    read() {},
    write(chunk, encoding, callback) {
      callback();
    },
  }), 'stream', 'chunk');
  stream.end('x');
  t.turns(4, () => {
    t.state('finished', stream, 'destroyed');
    stream.push(null);
  });
};

exports.destroyCorked = (t) => {
  const stream = t.watch(new Writable({ write(chunk, encoding, callback) { callback(); } }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.destroy();
};

exports.endAfterDestroy = (t) => {
  const stream = t.watch(new Writable({ write(chunk, encoding, callback) { callback(); } }), 'stream');
  stream.destroy();
  t.log('same', stream.end(t.callback('ended')) === stream);
  t.log('same', stream.end('x', t.callback('ended with data')) === stream);
  t.state('state', stream, 'writable', 'writableEnded', 'writableAborted');
};

exports.readAfterDestroy = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream', 'chunk');
  stream.push('x');
  stream.destroy();
  t.log('read', stream.read());
  t.log('read', stream.read(0));
  stream.resume();
};

exports.listenersAddedAfterClose = (t) => {
  const stream = new Readable(quiet);
  stream.destroy();
  t.turns(3, () => {
    t.watch(stream, 'late', 'chunk');
    t.state('state', stream, 'closed', 'destroyed');
  });
};
