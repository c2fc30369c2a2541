'use strict';
// Readable: what read, push and unshift take, give and return, and what stays buffered.

const { Readable } = require('node:stream');

const open = (options) => new Readable({ read() {}, highWaterMark: 100, ...options });

// Logs what each call returns, and what is buffered then.
function take(t, stream, ...sizes) {
  for (const size of sizes) t.log(`read ${size ?? 'all'}`, stream.read(size ?? undefined), stream.readableLength);
}

exports.readAcrossChunks = (t) => {
  const stream = open();
  for (const chunk of ['abc', 'd', 'efgh', 'ij']) stream.push(chunk);
  take(t, stream, 2, 3, 1, 4, 1, null);
};

exports.readNegative = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push('abc');
  take(t, stream, -1, -100, 2);
  stream.push(null);
  take(t, stream, -1);
};

exports.readWrongTypes = (t) => {
  const stream = open();
  stream.push('abc');
  t.attempt('over 1 GiB', () => stream.read(2 ** 30 + 1));
  t.attempt('1 GiB', () => stream.read(2 ** 30));
  t.state('state', stream, 'readableLength', 'readableHighWaterMark');
};

exports.readRaisesTheMarkToAPowerOfTwo = (t) => {
  for (const size of [5, 6, 8, 9, 17, 1000]) {
    const stream = open({ highWaterMark: 5 });
    take(t, stream, size);
    t.log('mark', stream.readableHighWaterMark, stream.push('12345'), stream.push('6789'));
  }
};

exports.readOfObjectsRaisesTheMarkAsWell = (t) => {
  const stream = open({ objectMode: true, highWaterMark: 2 });
  stream.push('a');
  take(t, stream, 5);
  t.log('mark', stream.readableHighWaterMark);
};

exports.readAtTheEnd = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push('abcdef');
  stream.push(null);
  take(t, stream, 0, 2, 0, 10, 0, 1, null);
  t.turns(3, () => take(t, stream, 0, 1, null));
};

exports.readExactlyTheLastBytes = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push('abc');
  stream.push(null);
  take(t, stream, 3);
  t.turns(3, () => {
    t.state('unended?', stream, 'readableEnded');
    take(t, stream, null);
  });
};

exports.readOfAnEndedOneBeforeAndAfterItsEvent = (t) => {
  const stream = t.watch(open(), 'stream');
  stream.push(null);
  take(t, stream, null, 0, 5);
  t.state('before', stream, 'readableEnded');
  stream.on('end', () => take(t, stream, null, 0, 5));
};

exports.readSomeInReadable = (t) => {
  const stream = t.watch(open(), 'stream');
  stream.on('readable', () => {
    t.log('readable', stream.readableLength);
    take(t, stream, 3);
  });
  stream.push('abcd');
  t.turns(2, () => stream.push('ef'));
  t.turns(4, () => stream.push('ghi'));
  t.turns(6, () => stream.push(null));
};

exports.readUntilNothingIsLeftInReadable = (t) => {
  const stream = t.watch(open(), 'stream');
  stream.on('readable', () => {
    t.log('readable', stream.readableLength);
    for (let chunk = stream.read(3); chunk !== null; chunk = stream.read(3)) t.log('got', chunk, stream.readableLength);
  });
  stream.push('abcd');
  t.turns(2, () => stream.push('ef'));
  t.turns(4, () => stream.push('g'));
  t.turns(6, () => stream.push(null));
};

exports.readInData = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  for (const chunk of ['ab', 'cd', 'ef', 'gh']) stream.push(chunk);
  let isFirst = true;
  stream.on('data', () => {
    if (!isFirst) return;
    isFirst = false;
    take(t, stream, 1, 0, 3);
  });
  t.turns(4, () => stream.push(null));
};

exports.readWhileFlowingGivesAChunkAtATime = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  for (const chunk of ['ab', 'cd', 'ef']) stream.push(chunk);
  take(t, stream, null, 3);
};

exports.readEmitsDataToListenersThatPaused = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.pause();
  stream.push('ab');
  stream.push('cd');
  take(t, stream, 1, null, null);
};

exports.readOfAPushInRead = (t) => {
  let count = 0;
  const stream = new Readable({
    highWaterMark: 4,
    read(size) {
      count += 1;
      t.log('_read', size, this.readableLength);
      if (count < 6) t.log('push', this.push('xy'), this.readableLength);
    },
  });
  take(t, stream, 3, 3, 1, 8, null);
};

exports.pushReturnsAroundTheMark = (t) => {
  for (const mark of [0, 1, 2, 3]) {
    const stream = open({ highWaterMark: mark });
    const returned = ['a', 'b', 'c'].map((chunk) => stream.push(chunk));
    t.log(`mark ${mark}`, returned, stream.readableLength, stream.push(Buffer.alloc(0)), stream.read());
    t.log('after', stream.push(''), stream.push('d'), stream.push(null));
  }
};

exports.pushOfObjectsAroundTheMark = (t) => {
  for (const mark of [0, 1, 2, 3]) {
    const stream = open({ highWaterMark: mark, objectMode: true });
    const returned = ['a', '', 0].map((chunk) => stream.push(chunk));
    t.log(`mark ${mark}`, returned, stream.readableLength, stream.read(), stream.push(false), stream.push(null));
  }
};

exports.pushAfterDestroy = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push('a');
  stream.destroy();
  t.log('push', stream.push('b'), stream.push(''), stream.push(null), stream.push('c'), stream.readableLength);
  stream.on('close', () => t.log('push', stream.push('d'), stream.push(null), stream.readableLength));
};

exports.pushAfterDestroyWithAnError = (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'readable');
  stream.destroy(new Error('enough'));
  t.log('push', stream.push('b'), stream.push(null), stream.push('c'), stream.readableLength);
  stream.on('error', () => t.log('push', stream.push('d'), stream.readableLength));
};

exports.pushAfterEndInObjectMode = (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'chunk');
  stream.push(null);
  t.log('push', stream.push(0));
  t.state('state', stream, 'destroyed', 'errored', 'readableLength');
};

exports.pushOfAnEmptyChunkAfterEnd = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push('a');
  stream.push(null);
  t.log('push', stream.push(''), stream.push(Buffer.alloc(0)), stream.readableLength);
};

exports.pushAfterEndWithoutAutoDestroy = (t) => {
  const stream = t.watch(open({ autoDestroy: false }), 'stream', 'chunk');
  stream.push('a');
  stream.push(null);
  t.log('push', stream.push('b'), stream.push('c'));
  t.state('state', stream, 'destroyed', 'errored', 'readableLength');
  t.turns(4, () => t.state('later', stream, 'destroyed', 'errored', 'readableEnded'));
};

exports.pushWrongTypesWithoutAutoDestroy = (t) => {
  const stream = t.watch(open({ autoDestroy: false }), 'stream', 'readable');
  t.log('push', stream.push(5), stream.push({}), stream.push('a'));
  t.turns(3, () => t.state('later', stream, 'destroyed', 'errored', 'readableLength'));
};

exports.unshiftReturnsAroundTheMark = (t) => {
  for (const mark of [0, 1, 2, 3]) {
    const stream = open({ highWaterMark: mark });
    const returned = ['a', 'b', 'c'].map((chunk) => stream.unshift(chunk));
    t.log(`mark ${mark}`, returned, stream.readableLength, stream.unshift(''), stream.read());
  }
};

exports.unshiftOfAPartlyReadChunk = (t) => {
  const stream = open();
  stream.push('abcd');
  stream.push('ef');
  take(t, stream, 2);
  stream.unshift('XY');
  take(t, stream, 3, 1, null);
};

exports.unshiftWhileFlowing = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  t.turns(1, () => {
    t.log('unshift', stream.unshift('b'), stream.readableLength);
    stream.push('c');
    t.log('unshift', stream.unshift('a'), stream.readableLength);
  });
};

exports.unshiftWhilePaused = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.pause();
  stream.push('c');
  t.turns(1, () => {
    t.log('unshift', stream.unshift('b'), stream.unshift('a'), stream.readableLength);
    stream.resume();
  });
};

exports.unshiftInReadable = (t) => {
  const stream = t.watch(open(), 'stream');
  let count = 0;
  stream.on('readable', () => {
    const chunk = stream.read();
    t.log('readable', chunk, stream.readableLength);
    count += 1;
    if (chunk && count < 4) t.log('unshift', stream.unshift(chunk.subarray(1)), stream.readableLength);
  });
  stream.push('abcdef');
  t.turns(4, () => stream.push('g'));
  t.turns(8, () => stream.push(null));
};

exports.unshiftInReadableAfterTheSourcesEnd = (t) => {
  const stream = t.watch(open(), 'stream');
  let isFirst = true;
  stream.on('readable', () => {
    t.log('readable', stream.read(), stream.readableLength);
    if (isFirst) t.log('unshift', stream.unshift('again'), stream.readableLength);
    isFirst = false;
  });
  stream.push('abc');
  stream.push(null);
};

exports.unshiftBetweenTheLastReadAndItsEnd = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push('abc');
  stream.push(null);
  take(t, stream, null);
  t.log('unshift', stream.unshift('late'), stream.readableLength);
  t.turns(3, () => take(t, stream, null, null));
};

exports.unshiftAfterEndWithoutAutoDestroy = (t) => {
  const stream = t.watch(open({ autoDestroy: false }), 'stream', 'chunk');
  stream.push(null);
  stream.on('end', () => {
    t.log('unshift', stream.unshift('late'), stream.unshift(''), stream.unshift(null), stream.readableLength);
  });
};

exports.unshiftAfterDestroy = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push('a');
  stream.destroy();
  t.log('unshift', stream.unshift('b'), stream.unshift(''), stream.readableLength);
  stream.on('close', () => t.log('unshift', stream.unshift('c'), stream.readableLength));
};

exports.unshiftOfNullIsTheEnd = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push('a');
  t.log('unshift', stream.unshift(null), stream.readableLength);
  t.log('unshift', stream.unshift('b'), stream.readableLength);
};

exports.unshiftOfObjects = (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'chunk');
  stream.push(2);
  t.log('unshift', stream.unshift(''), stream.unshift(0), stream.unshift([]), stream.readableLength);
  take(t, stream, 2);
};

exports.unshiftOfAnEmptyChunk = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.on('readable', () => {});
  t.log('unshift', stream.unshift(''), stream.unshift(Buffer.alloc(0)), stream.readableLength);
  t.turns(3, () => stream.push('a'));
};

exports.unshiftWrongTypes = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  t.log('unshift', stream.unshift(5), stream.unshift('a'), stream.readableLength);
};

exports.highWaterMarkZeroFlows = (t) => {
  const left = ['ab', 'c'];
  const stream = new Readable({
    highWaterMark: 0,
    read(size) {
      t.log('_read', size, this.readableLength);
      setImmediate(() => t.log('push', this.push(left.shift() ?? null), this.readableLength));
    },
  });
  t.watch(stream, 'stream', 'chunk');
};

exports.highWaterMarkZeroWithPushesInARow = (t) => {
  const stream = t.watch(open({ highWaterMark: 0 }), 'stream');
  stream.on('readable', () => t.log('readable', stream.readableLength, stream.read(1), stream.readableLength));
  t.log('push', stream.push('ab'), stream.push('c'));
  t.turns(3, () => t.log('push', stream.push('d'), stream.push(null)));
};
