'use strict';
// Writable: what write() and end() do, and when.

const { Writable } = require('node:stream');

// A Writable that logs and calls back at once, on a tick or a turn later.
function sink(t, when, options = {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk, encoding);
      if (when === 'sync') callback();
      else if (when === 'tick') process.nextTick(callback);
      else setImmediate(callback);
    },
    ...options,
  });
}

for (const when of ['sync', 'tick', 'turn']) {
  const name = when[0].toUpperCase() + when.slice(1);
  exports[`writes${name}`] = (t) => {
    const stream = t.watch(sink(t, when, { highWaterMark: 3 }), 'stream', 'drain');
    t.log('first', stream.write('ab', t.callback('first written')));
    t.log('second', stream.write('cd', t.callback('second written')));
    t.log('third', stream.write('ef', t.callback('third written')));
    t.state('state', stream, 'writableLength', 'writableNeedDrain');
    stream.end('last', t.callback('ended'));
    t.state('ended', stream, 'writableEnded', 'writableFinished', 'writable');
    process.nextTick(() => t.log('next tick'));
    setImmediate(() => t.log('immediate'));
  };

  exports[`drains${name}`] = (t) => {
    const stream = t.watch(sink(t, when, { highWaterMark: 2 }), 'stream', 'drain');
    let left = 3;
    const more = () => {
      if (left === 0) {
        stream.end();
        return;
      }
      left -= 1;
      t.log('returned', stream.write('xy'), stream.writableNeedDrain);
      process.nextTick(() => t.log('next tick', stream.writableNeedDrain));
    };
    stream.on('drain', more);
    more();
  };
}

exports.writeBelowTheHighWaterMarkDoesNotDrain = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 10 }), 'stream', 'drain');
  t.log('returned', stream.write('abc'), stream.writableNeedDrain);
  t.turns(4, () => stream.end());
};

exports.callbackWithError = (t) => {
  const stream = new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback(new Error('disk full'));
    },
  });
  t.watch(stream, 'stream', 'drain');
  t.log('first', stream.write('a', t.callback('first written')));
  t.log('second', stream.write('b', t.callback('second written')));
  stream.end(t.callback('ended'));
  t.state('state', stream, 'errored', 'destroyed');
};

exports.callbackWithErrorLater = (t) => {
  const stream = new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      setImmediate(() => callback(new Error('disk full')));
    },
  });
  t.watch(stream, 'stream', 'drain');
  t.log('first', stream.write('a', t.callback('first written')));
  t.log('second', stream.write('b', t.callback('second written')));
  stream.end(t.callback('ended'));
};

exports.callbackTwice = (t) => {
  const stream = new Writable({
    write(chunk, encoding, callback) {
      callback();
      t.attempt('again', () => callback());
    },
  });
  t.watch(stream, 'stream');
  stream.write('a', t.callback('written'));
};

exports.callbackTwiceLater = (t) => {
  const stream = new Writable({
    write(chunk, encoding, callback) {
      setImmediate(() => {
        callback();
        t.attempt('again', () => callback());
      });
    },
  });
  t.watch(stream, 'stream');
  stream.write('a', t.callback('written'));
};

exports.writeThrows = (t) => {
  const stream = new Writable({
    write() {
      throw new Error('from write');
    },
  });
  t.watch(stream, 'stream');
  t.attempt('write', () => stream.write('a', t.callback('written')));
  t.state('state', stream, 'destroyed', 'errored', 'writableLength');
  t.turns(3, () => stream.destroy());
};

exports.writeIsMissing = (t) => {
  const stream = t.watch(new Writable(), 'stream');
  t.attempt('write', () => stream.write('a', t.callback('written')));
};

exports.writeAfterEnd = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a', t.callback('ended'));
  t.log('returned', stream.write('too late', t.callback('written')));
  t.state('state', stream, 'errored', 'destroyed');
};

exports.writeAfterFinish = (t) => {
  const stream = t.watch(sink(t, 'sync', { autoDestroy: false }), 'stream');
  stream.end('a');
  stream.on('finish', () => t.log('returned', stream.write('too late', t.callback('written'))));
};

exports.writeAfterDestroy = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.destroy();
  t.attempt('write', () => stream.write('too late', t.callback('written')));
  t.attempt('end', () => stream.end(t.callback('ended')) === stream);
};

exports.writeWrongTypes = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  for (const value of [null, 5, {}, true, ['x']]) t.attempt('write', () => stream.write(value));
  t.attempt('encoding', () => stream.write('x', 'nonsense'));
  t.state('state', stream, 'destroyed', 'writableLength');
  stream.end();
};

exports.writeNullInObjectMode = (t) => {
  // In object mode the encoding says nothing.
  const write = (chunk, encoding, callback) => {
    t.log('write', chunk);
    callback();
  };
  const stream = t.watch(new Writable({ objectMode: true, write }), 'stream');
  t.attempt('write', () => stream.write(null));
  for (const value of [0, '', false, { a: 1 }]) stream.write(value);
  stream.end(5);
};

exports.endTwice = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.end('a', t.callback('first'));
  stream.end(t.callback('second'));
  stream.on('finish', () => stream.end(t.callback('third')));
  stream.on('close', () => stream.end(t.callback('fourth')));
};

exports.endWithDataTwice = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.end('a', t.callback('first'));
  t.attempt('second', () => stream.end('b', t.callback('second')) === stream);
};

exports.endReturnsTheStream = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  t.log('same', stream.end('0a', 'hex', t.callback('ended')) === stream);
};

exports.encodings = (t) => {
  const stream = t.watch(sink(t, 'sync', { defaultEncoding: 'latin1' }), 'stream');
  stream.write('é');
  stream.write('é', 'utf8');
  stream.write(Buffer.from('b'));
  t.log('same', stream.setDefaultEncoding('hex') === stream);
  stream.write('0aff');
  stream.end('ÿ', 'latin1');
};

exports.stringsAsTheyAre = (t) => {
  const stream = t.watch(sink(t, 'sync', { decodeStrings: false }), 'stream');
  stream.write('é');
  stream.write('é', 'latin1');
  stream.write(Buffer.from('b'));
  t.state('state', stream, 'writableLength');
  stream.end();
};

exports.lengthOfStringsAsTheyAre = (t) => {
  const stream = new Writable({ decodeStrings: false, write() {}, highWaterMark: 100 });
  stream.write('é你');
  t.state('state', stream, 'writableLength');
  stream.write('abc');
  t.state('state', stream, 'writableLength');
};

exports.corkBuffersUntilUncork = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 4 }), 'stream', 'drain');
  stream.cork();
  t.log('first', stream.write('ab', t.callback('first')));
  t.log('second', stream.write('cd', t.callback('second')));
  t.state('corked', stream, 'writableCorked', 'writableLength', 'writableNeedDrain');
  stream.uncork();
  t.state('uncorked', stream, 'writableCorked', 'writableLength', 'writableNeedDrain');
  stream.uncork();
  t.state('again', stream, 'writableCorked');
  stream.end();
};

function vectored(t, options = {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      setImmediate(callback);
    },
    writev(chunks, callback) {
      t.log('writev', chunks.map(({ chunk }) => chunk), chunks.map(({ encoding }) => encoding));
      setImmediate(callback);
    },
    ...options,
  });
}

exports.corkNestingWithWritev = (t) => {
  const stream = t.watch(vectored(t), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.cork();
  stream.write('b', t.callback('b'));
  stream.uncork();
  t.state('once', stream, 'writableCorked');
  stream.write('c', t.callback('c'));
  stream.uncork();
  t.state('twice', stream, 'writableCorked');
  t.log('uncorked');
  stream.end('d', t.callback('ended'));
};

exports.writevTakesWhatWaits = (t) => {
  const stream = t.watch(vectored(t), 'stream');
  for (const text of ['a', 'b', 'c']) stream.write(text, t.callback(text));
  stream.end('d', 'latin1', t.callback('ended'));
};

exports.writevWithOneChunk = (t) => {
  const stream = t.watch(vectored(t), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.uncork();
  stream.write('b');
  stream.end();
};

exports.writevAlone = (t) => {
  const stream = new Writable({
    writev(chunks, callback) {
      t.log('writev', chunks.map(({ chunk }) => chunk));
      callback();
    },
  });
  t.watch(stream, 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end();
};

exports.writevFails = (t) => {
  const stream = t.watch(vectored(t, {
    writev(chunks, callback) {
      t.log('writev', chunks.length);
      callback(new Error('from writev'));
    },
  }), 'stream');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
  t.state('state', stream, 'errored', 'destroyed');
};

exports.endUncorks = (t) => {
  const stream = t.watch(vectored(t), 'stream');
  stream.cork();
  stream.cork();
  stream.write('a');
  stream.end('b', t.callback('ended'));
  t.state('state', stream, 'writableCorked');
};

exports.corkOnANextTick = (t) => {
  const stream = t.watch(vectored(t), 'stream');
  stream.cork();
  stream.write('a');
  stream.write('b');
  process.nextTick(() => {
    t.log('uncork');
    stream.uncork();
    stream.end();
  });
};

exports.writeInDrain = (t) => {
  const stream = t.watch(sink(t, 'sync', { highWaterMark: 1 }), 'stream');
  let left = 3;
  stream.on('drain', () => {
    t.log('drain', left);
    left -= 1;
    if (left > 0) t.log('returned', stream.write('x'));
    else stream.end();
  });
  t.log('returned', stream.write('x'));
};

exports.writeInWriteCallback = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.write('a', () => {
    t.log('a written');
    stream.write('b', () => {
      t.log('b written');
      stream.end('c');
    });
    t.log('after b');
  });
  t.log('after a');
};

exports.writeInWrite = (t) => {
  const stream = new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      if (chunk.toString() === 'a') stream.write('b', t.callback('b'));
      callback();
    },
  });
  t.watch(stream, 'stream');
  stream.write('a', t.callback('a'));
  t.log('sync');
  stream.end();
};

exports.finishListenerSeesState = (t) => {
  const names = ['writable', 'writableEnded', 'writableFinished', 'writableLength', 'writableAborted', 'destroyed', 'closed', 'errored'];
  const stream = t.watch(sink(t, 'turn'), 'stream');
  t.state('new', stream, ...names);
  stream.end('a');
  t.state('ended', stream, ...names);
  stream.on('finish', () => t.state('finish', stream, ...names));
  stream.on('close', () => t.state('close', stream, ...names));
};

exports.highWaterMarkZero = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 0 }), 'stream', 'drain');
  t.log('returned', stream.write('a'), stream.writableHighWaterMark);
  stream.once('drain', () => stream.end());
};

exports.objectModeCounts = (t) => {
  const stream = new Writable({ objectMode: true, highWaterMark: 2, write() {} });
  t.log('returned', stream.write({ a: 1 }), stream.writableLength);
  t.log('returned', stream.write('long text'), stream.writableLength);
  t.state('state', stream, 'writableObjectMode', 'writableHighWaterMark', 'writableNeedDrain');
};
