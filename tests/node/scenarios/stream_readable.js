'use strict';
// Readable: modes, events and their order.

const { Readable } = require('node:stream');

// A Readable that gives the chunks one for each _read, then ends.
function source(t, chunks, options = {}) {
  const left = [...chunks];
  return new Readable({
    ...options,
    read() {
      this.push(left.length ? left.shift() : null);
    },
  });
}

exports.flowingSyncRead = (t) => {
  const stream = t.watch(source(t, ['a', 'b', 'c']), 'stream', 'chunk');
  t.state('state', stream, 'readableFlowing', 'readableLength', 'readableEnded');
  t.log('sync');
  process.nextTick(() => t.log('next tick'));
};

exports.flowingAsyncRead = (t) => {
  const left = ['a', 'b', 'c'];
  const stream = new Readable({
    read(size) {
      t.log('read', size);
      setImmediate(() => this.push(left.length ? left.shift() : null));
    },
    highWaterMark: 10,
  });
  t.watch(stream, 'stream', 'chunk');
};

exports.readOnANextTick = (t) => {
  const left = ['a', 'b', 'c'];
  const stream = new Readable({
    read(size) {
      t.log('read', size);
      process.nextTick(() => this.push(left.length ? left.shift() : null));
    },
    highWaterMark: 2,
  });
  t.watch(stream, 'stream', 'chunk', 'readable');
  stream.on('readable', () => t.log('got', stream.read()));
};

exports.pausedReadAll = (t) => {
  const stream = t.watch(source(t, ['abc', 'def'], { highWaterMark: 100 }), 'stream', 'readable');
  stream.on('readable', () => {
    t.state('state', stream, 'readableLength', 'readableFlowing');
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) t.log('got', chunk);
  });
};

exports.readBelowAtAndOver = (t) => {
  const stream = new Readable({ read() {}, highWaterMark: 100 });
  t.watch(stream, 'stream');
  stream.push('0123456789');
  t.log('below', stream.read(4), stream.readableLength);
  t.log('over', stream.read(7), stream.readableLength);
  t.log('at', stream.read(6), stream.readableLength);
  t.log('empty', stream.read(), stream.readableLength);
  stream.push('ab');
  stream.push('cd');
  t.log('across', stream.read(3), stream.readableLength);
  stream.push(null);
  t.log('over at the end', stream.read(7), stream.readableLength);
  t.log('after', stream.read());
};

exports.readOverTheHighWaterMarkRaisesIt = (t) => {
  const stream = new Readable({
    read(size) {
      t.log('read', size);
    },
    highWaterMark: 4,
  });
  t.log('got', stream.read(10), stream.readableHighWaterMark);
  t.log('got', stream.read(1), stream.readableHighWaterMark);
  t.log('got', stream.read(100), stream.readableHighWaterMark);
};

exports.readZero = (t) => {
  const stream = new Readable({
    read(size) {
      t.log('read', size);
    },
    highWaterMark: 4,
  });
  t.watch(stream, 'stream', 'readable');
  t.log('got', stream.read(0));
  stream.push('ab');
  t.log('got', stream.read(0), stream.readableLength);
  t.log('got', stream.read(0), stream.readableLength);
  t.log('got', stream.read());
};

exports.pushReturns = (t) => {
  const stream = new Readable({ read() {}, highWaterMark: 5 });
  t.log('push', stream.push('abc'), stream.readableLength);
  t.log('push', stream.push('de'), stream.readableLength);
  t.log('push', stream.push('f'), stream.readableLength);
  t.log('got', stream.read());
  t.log('push', stream.push('g'), stream.readableLength);
  t.log('end', stream.push(null), stream.readableLength);
};

exports.pushReturnsWhileFlowing = (t) => {
  const stream = new Readable({ read() {}, highWaterMark: 3 });
  t.watch(stream, 'stream', 'chunk');
  stream.resume();
  setImmediate(() => {
    t.log('push', stream.push('abc'), stream.readableLength);
    t.log('push', stream.push('defgh'), stream.readableLength);
    t.log('end', stream.push(null));
  });
};

exports.pushAfterEnd = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream', 'chunk');
  stream.push('last');
  stream.push(null);
  t.log('push', stream.push('too late'));
  t.log('push', stream.push(null));
};

exports.pushAfterEndEvent = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream', 'chunk');
  stream.push(null);
  stream.on('end', () => t.attempt('push', () => stream.push('too late')));
};

exports.pushEmptyChunks = (t) => {
  const left = ['', 'a', '', '', 'b'];
  const stream = new Readable({
    read() {
      t.log('read');
      this.push(left.length ? left.shift() : null);
    },
  });
  t.watch(stream, 'stream', 'chunk', 'readable');
  process.nextTick(() => stream.read(0));
};

exports.pushWrongTypes = (t) => {
  for (const value of [5, {}, true, ['x']]) {
    const stream = t.watch(new Readable({ read() {} }), 'stream');
    t.attempt('push', () => stream.push(value));
    t.state('state', stream, 'destroyed', 'readableLength');
  }
};

exports.pushWithEncodings = (t) => {
  const stream = t.watch(new Readable({ read() {}, highWaterMark: 100 }), 'stream', 'data');
  stream.push('é');
  stream.push('é', 'latin1');
  stream.push('0aff', 'hex');
  stream.push('aGk=', 'base64');
  stream.push(Buffer.from('bytes'));
  stream.push(new Uint8Array([1, 2]));
  t.state('state', stream, 'readableLength');
  stream.push(null);
};

exports.unshiftBeforeRead = (t) => {
  const stream = t.watch(new Readable({ read() {}, highWaterMark: 100 }), 'stream', 'data');
  stream.push('world');
  t.log('unshift', stream.unshift('hello '), stream.readableLength);
  stream.push(null);
};

exports.unshiftHeader = (t) => {
  const stream = new Readable({ read() {}, highWaterMark: 100 });
  t.watch(stream, 'stream', 'readable');
  stream.push('head');
  stream.push('er\n\nbody');
  stream.push(null);
  stream.once('readable', () => {
    const all = stream.read();
    t.log('all', all);
    stream.unshift(all.subarray(8));
    stream.on('readable', () => {
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) t.log('got', chunk);
    });
  });
};

exports.unshiftAfterEndEvent = (t) => {
  const stream = t.watch(source(t, ['a']), 'stream', 'chunk');
  stream.on('end', () => t.attempt('unshift', () => stream.unshift('too late')));
};

exports.unshiftAfterPushNull = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream', 'chunk');
  stream.push('b');
  stream.push(null);
  t.log('unshift', stream.unshift('a'));
};

exports.unshiftInData = (t) => {
  const stream = t.watch(source(t, ['ab', 'cd']), 'stream', 'chunk');
  let done = false;
  stream.on('data', () => {
    if (!done) {
      done = true;
      stream.unshift('again');
    }
  });
};

exports.pauseAndResume = (t) => {
  const stream = t.watch(source(t, ['a', 'b', 'c']), 'stream', 'chunk', 'pause', 'resume');
  let paused = false;
  stream.on('data', () => {
    if (paused) return;
    paused = true;
    stream.pause();
    t.state('paused', stream, 'readableFlowing');
    t.log('paused', stream.isPaused());
    setImmediate(() => {
      stream.resume();
      t.state('resumed', stream, 'readableFlowing');
      t.log('sync');
    });
  });
};

exports.resumeThenPauseAtOnce = (t) => {
  const stream = t.watch(source(t, ['a', 'b']), 'stream', 'pause', 'resume');
  stream.resume();
  stream.pause();
  t.state('state', stream, 'readableFlowing');
  process.nextTick(() => t.log('next tick', stream.isPaused()));
};

exports.resumeWithoutListenersDiscards = (t) => {
  const stream = t.watch(source(t, ['a', 'b']), 'stream', 'resume');
  stream.resume();
  stream.on('end', () => t.state('end', stream, 'readableEnded', 'readableDidRead', 'readable'));
};

exports.readableThenData = (t) => {
  const stream = t.watch(source(t, ['a', 'b', 'c'], { highWaterMark: 1 }), 'stream', 'readable', 'chunk');
  t.state('state', stream, 'readableFlowing');
  stream.on('readable', () => stream.read());
};

exports.dataThenReadable = (t) => {
  const stream = t.watch(source(t, ['a', 'b', 'c'], { highWaterMark: 1 }), 'stream', 'chunk', 'readable');
  t.state('state', stream, 'readableFlowing');
  stream.on('readable', () => t.log('got', stream.read()));
};

exports.readableListenerRemoved = (t) => {
  const stream = t.watch(source(t, ['a', 'b', 'c']), 'stream', 'chunk');
  const listener = () => t.log('readable');
  stream.on('readable', listener);
  t.state('added', stream, 'readableFlowing');
  stream.removeListener('readable', listener);
  t.state('removed', stream, 'readableFlowing');
  process.nextTick(() => t.state('next tick', stream, 'readableFlowing'));
};

exports.dataListenersRemoved = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream');
  const listener = () => t.log('data');
  stream.on('data', listener);
  stream.off('data', listener);
  t.state('removed', stream, 'readableFlowing');
  stream.push('kept?');
  t.turns(3, () => t.state('later', stream, 'readableFlowing', 'readableLength'));
};

exports.onceDataThenPause = (t) => {
  const stream = t.watch(source(t, ['a', 'b']), 'stream');
  stream.once('data', (chunk) => {
    t.log('once', chunk);
    stream.pause();
  });
  t.turns(5, () => {
    t.state('later', stream, 'readableFlowing', 'readableLength');
    stream.on('data', (chunk) => t.log('data', chunk));
    t.state('added', stream, 'readableFlowing');
    stream.resume();
  });
};

exports.readableWithEndOnly = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream', 'readable');
  stream.push(null);
  stream.on('readable', () => t.log('got', stream.read()));
};

exports.endNeedsARead = (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream');
  stream.push(null);
  t.turns(5, () => {
    t.state('unread', stream, 'readableEnded');
    stream.read();
  });
};

exports.setEncodingBeforeData = (t) => {
  const bytes = Buffer.from('é你😀');
  const stream = t.watch(source(t, [...bytes].map((byte) => Buffer.from([byte]))), 'stream', 'chunk');
  t.log('same', stream.setEncoding('utf8') === stream);
  t.state('state', stream, 'readableEncoding');
};

exports.setEncodingWithBufferedData = (t) => {
  const stream = t.watch(new Readable({ read() {}, highWaterMark: 100 }), 'stream', 'data');
  const bytes = Buffer.from('aé你');
  stream.push(bytes.subarray(0, 2));
  stream.push(bytes.subarray(2, 5));
  t.state('before', stream, 'readableLength');
  stream.setEncoding('utf8');
  t.state('after', stream, 'readableLength');
  stream.push(bytes.subarray(5));
  stream.push(null);
};

exports.setEncodingWhileFlowing = (t) => {
  const stream = t.watch(source(t, [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]), 'stream', 'chunk');
  stream.once('data', () => stream.setEncoding('hex'));
};

exports.encodingOption = (t) => {
  const stream = t.watch(source(t, [Buffer.from([0xe4]), Buffer.from([0xbd, 0xa0]), 'x'], { encoding: 'utf8' }), 'stream', 'chunk');
  t.state('state', stream, 'readableEncoding');
};

exports.textReadByCharacters = (t) => {
  const stream = new Readable({ read() {}, encoding: 'utf8', highWaterMark: 100 });
  stream.push('héllo wörld');
  t.state('state', stream, 'readableLength');
  t.log('got', stream.read(2));
  t.log('got', stream.read(5));
  t.log('got', stream.read());
};

exports.cutCharacterAtTheEnd = (t) => {
  t.watch(source(t, [Buffer.from([0x61, 0xe4, 0xbd])], { encoding: 'utf8' }), 'stream', 'chunk');
};

exports.objectMode = (t) => {
  const stream = t.watch(source(t, [1, 'two', { three: 3 }, [4], false, 0, ''], { objectMode: true }), 'stream', 'chunk');
  t.state('state', stream, 'readableObjectMode', 'readableHighWaterMark');
};

exports.objectModeReadsOneByOne = (t) => {
  const stream = new Readable({ objectMode: true, read() {}, highWaterMark: 3 });
  for (const value of ['a', 'b', 'c', 'd']) t.log('push', stream.push(value), stream.readableLength);
  t.log('got', stream.read(2), stream.readableLength);
  t.log('got', stream.read(), stream.readableLength);
  t.log('got', stream.read(0), stream.readableLength);
};

exports.highWaterMarkZero = (t) => {
  const left = ['a', 'b'];
  const stream = new Readable({
    highWaterMark: 0,
    read(size) {
      t.log('read', size);
      this.push(left.length ? left.shift() : null);
    },
  });
  t.watch(stream, 'stream', 'readable');
  stream.on('readable', () => t.log('got', stream.read()));
};

exports.readAheadUpToTheHighWaterMark = (t) => {
  let count = 0;
  const stream = new Readable({
    highWaterMark: 4,
    read(size) {
      count += 1;
      t.log('read', size, this.readableLength);
      setImmediate(() => this.push(count <= 6 ? `${count}` : null));
    },
  });
  t.watch(stream, 'stream', 'readable');
  stream.read(0);
  t.turns(12, () => {
    t.state('ahead', stream, 'readableLength');
    stream.on('data', (chunk) => t.log('data', chunk));
  });
};

exports.readReentrant = (t) => {
  const stream = new Readable({
    highWaterMark: 10,
    read() {
      t.log('read');
      this.push('x');
      t.log('inner', this.readableLength);
    },
  });
  t.log('got', stream.read());
  t.log('got', stream.read());
  stream.destroy();
};

exports.readThrows = (t) => {
  const stream = new Readable({
    read() {
      throw new Error('from read');
    },
  });
  t.watch(stream, 'stream', 'chunk');
};

exports.readIsMissing = (t) => {
  t.watch(new Readable(), 'stream', 'chunk');
};

exports.propertiesThroughLife = (t) => {
  const names = ['readable', 'readableEnded', 'readableFlowing', 'readableDidRead', 'readableAborted', 'destroyed', 'closed', 'errored'];
  const stream = t.watch(source(t, ['a']), 'stream');
  t.state('new', stream, ...names);
  stream.on('data', () => t.state('data', stream, ...names));
  stream.on('end', () => t.state('end', stream, ...names));
  stream.on('close', () => t.state('close', stream, ...names));
};
