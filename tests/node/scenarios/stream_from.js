'use strict';
// Readable.from: streams made of iterables.

const { Readable } = require('node:stream');

async function iterate(t, stream) {
  try {
    for await (const chunk of stream) t.log('got', chunk);
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
}

function* counting(t, last) {
  try {
    for (let number = 1; number <= last; number += 1) {
      t.log('gives', number);
      yield number;
    }
    t.log('gave all');
  } catch (error) {
    t.log('thrown in', error);
    throw error;
  } finally {
    t.log('closed');
  }
}

async function* countingLater(t, last) {
  try {
    for (let number = 1; number <= last; number += 1) {
      await new Promise(setImmediate);
      t.log('gives', number);
      yield number;
    }
    t.log('gave all');
  } catch (error) {
    t.log('thrown in', error);
    throw error;
  } finally {
    t.log('closed');
  }
}

exports.anArray = (t) => t.watch(Readable.from(['a', 'b', 3, { k: 'v' }]), 'stream', 'chunk');

exports.anArrayRead = async (t) => {
  const stream = t.watch(Readable.from([1, 2]), 'stream', 'readable');
  t.log('read', stream.read());
  t.log('read', stream.read());
  t.log('read', stream.read());
};

exports.anEmptyArray = (t) => t.watch(Readable.from([]), 'stream', 'chunk');

exports.textIsOneChunk = (t) => {
  t.state('state', t.watch(Readable.from('some text'), 'stream', 'chunk'), 'readableObjectMode', 'readableHighWaterMark');
};

exports.bytesAreOneChunk = (t) => {
  t.state('state', t.watch(Readable.from(Buffer.from('bytes')), 'stream', 'chunk'), 'readableObjectMode');
};

exports.emptyText = (t) => t.watch(Readable.from(''), 'stream', 'chunk');

exports.aGenerator = (t) => t.watch(Readable.from(counting(t, 3)), 'stream', 'chunk');

exports.anAsyncGenerator = (t) => t.watch(Readable.from(countingLater(t, 3)), 'stream', 'chunk');

exports.anotherReadable = async (t) => {
  const source = Readable.from([1, 2]);
  await iterate(t, Readable.from(source));
  t.state('source', source, 'destroyed', 'readableEnded');
};

exports.whatAnArrayGivesIsAwaited = (t) => {
  const later = (value) => new Promise((resolve) => setImmediate(resolve, value));
  t.watch(Readable.from([1, later(2), 3, later(4), later(5)]), 'stream', 'chunk');
};

exports.whatIsAwaitedFails = (t) => {
  const failing = function* () {
    yield 1;
    yield Promise.reject(new Error('why'));
    yield 3;
  };
  t.watch(Readable.from(failing()), 'stream', 'chunk');
};

exports.whatIsAwaitedIsNull = (t) => t.watch(Readable.from([1, Promise.resolve(null), 3]), 'stream', 'chunk');

exports.aGeneratorFailsAtOnce = (t) => {
  const failing = function* () {
    throw new Error('at once');
  };
  t.watch(Readable.from(failing()), 'stream', 'chunk');
};

exports.aGeneratorFailsLater = (t) => {
  const failing = function* () {
    yield 1;
    yield 2;
    throw new Error('later');
  };
  t.watch(Readable.from(failing()), 'stream', 'chunk');
};

exports.anAsyncGeneratorFailsLater = async (t) => {
  const failing = async function* () {
    yield 1;
    await new Promise(setImmediate);
    throw new Error('later');
  };
  await iterate(t, t.watch(Readable.from(failing()), 'stream'));
};

exports.aFailureIsFinalWithoutAutoDestroy = (t) => {
  const failing = function* () {
    yield 1;
    throw new Error('later');
  };
  const stream = t.watch(Readable.from(failing(), { autoDestroy: false }), 'stream', 'chunk');
  stream.on('error', () => t.state('state', stream, 'destroyed'));
};

exports.nullIsNoChunk = (t) => t.watch(Readable.from([1, null, 3]), 'stream', 'chunk');

exports.nullOfAGenerator = (t) => {
  const giving = function* () {
    try {
      yield 1;
      yield null;
    } catch (error) {
      t.log('thrown in', error);
    } finally {
      t.log('closed');
    }
  };
  t.watch(Readable.from(giving()), 'stream', 'chunk');
};

exports.bytesMode = (t) => {
  const stream = t.watch(Readable.from(['ab', Buffer.from('cd')], { objectMode: false }), 'stream', 'data');
  t.state('state', stream, 'readableObjectMode', 'readableHighWaterMark');
};

exports.aWrongChunkInBytesMode = (t) => t.watch(Readable.from(['ab', 5, 'cd'], { objectMode: false }), 'stream', 'data');

exports.withAnEncoding = (t) => {
  const halves = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
  t.watch(Readable.from(halves, { objectMode: false, encoding: 'utf8' }), 'stream', 'data');
};

exports.askedAheadByOne = (t) => {
  const stream = Readable.from(counting(t, 5));
  t.state('made', stream, 'readableLength', 'readableHighWaterMark');
  stream.once('readable', () => {
    t.state('readable', stream, 'readableLength');
    t.log('read', stream.read());
  });
};

exports.askedAheadByThree = (t) => {
  const stream = Readable.from(counting(t, 9), { highWaterMark: 3 });
  stream.once('readable', () => t.log('read', stream.read()));
};

exports.notAskedBeforeItIsRead = (t) => {
  const stream = t.watch(Readable.from(counting(t, 3)), 'stream');
  t.turns(3, () => t.state('state', stream, 'readableLength', 'readableDidRead'));
};

exports.destroyedAtAYield = (t) => {
  const stream = t.watch(Readable.from(counting(t, 5)), 'stream');
  stream.once('data', () => stream.destroy());
};

exports.destroyedWithAnErrorAtAYield = (t) => {
  const stream = t.watch(Readable.from(counting(t, 5)), 'stream');
  stream.once('data', () => stream.destroy(new Error('why')));
};

exports.asyncDestroyedAtAYield = (t) => {
  const stream = t.watch(Readable.from(countingLater(t, 5)), 'stream');
  stream.once('data', () => stream.destroy());
};

exports.asyncDestroyedWithAnErrorAtAYield = (t) => {
  const stream = t.watch(Readable.from(countingLater(t, 5)), 'stream');
  stream.once('data', () => stream.destroy(new Error('why')));
};

exports.destroyedBeforeItIsRead = (t) => t.watch(Readable.from(counting(t, 5)), 'stream').destroy();

exports.asyncDestroyedBeforeItIsRead = (t) => {
  t.watch(Readable.from(countingLater(t, 5)), 'stream').destroy(new Error('why'));
};

exports.theGeneratorSwallowsTheError = (t) => {
  const stubborn = function* () {
    try {
      yield 1;
    } catch (error) {
      t.log('thrown in', error);
      yield 2;
    } finally {
      t.log('closed');
    }
  };
  const stream = t.watch(Readable.from(stubborn()), 'stream');
  stream.once('data', () => stream.destroy(new Error('why')));
};

exports.theGeneratorHasAnErrorOfItsOwn = (t) => {
  const failing = async function* () {
    try {
      yield 1;
    } catch {
      throw new Error('another');
    }
  };
  const stream = t.watch(Readable.from(failing()), 'stream');
  stream.once('data', () => stream.destroy(new Error('why')));
};

exports.closingFails = (t) => {
  const failing = function* () {
    try {
      yield 1;
    } finally {
      throw new Error('from closing');
    }
  };
  const stream = t.watch(Readable.from(failing()), 'stream');
  stream.once('data', () => stream.destroy());
};

exports.iterationIsLeft = async (t) => {
  const giving = function* () {
    try {
      yield 1;
      yield 2;
      yield 3;
    } catch (error) {
      t.log('thrown in', error);
    } finally {
      t.log('closed');
    }
  };
  const stream = t.watch(Readable.from(giving()), 'stream', '-error');
  for await (const chunk of stream) {
    t.log('got', chunk);
    break;
  }
  t.state('state', stream, 'destroyed');
};

exports.aSignalIsAborted = (t) => {
  const controller = new AbortController();
  const stream = t.watch(Readable.from(countingLater(t, 5), { signal: controller.signal }), 'stream');
  stream.once('data', () => controller.abort());
};

exports.emitCloseIsOff = (t) => t.watch(Readable.from([1], { emitClose: false }), 'stream', 'chunk');

exports.wrongArguments = (t) => {
  for (const wrong of [5, null, undefined, {}, true, () => {}]) t.attempt('from', () => Readable.from(wrong));
  t.attempt('mark', () => Readable.from([], { highWaterMark: -1 }));
};

exports.pausedInTheMiddle = (t) => {
  const stream = t.watch(Readable.from(counting(t, 4)), 'stream', 'pause');
  stream.on('data', (chunk) => {
    t.log('got', chunk);
    if (chunk !== 2) return;
    stream.pause();
    t.turns(5, () => {
      t.log('resumes');
      stream.resume();
    });
  });
};
