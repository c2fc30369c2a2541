'use strict';
// Readable: what a source does in its hooks, when it is asked, and how its failing is told.

const { Readable } = require('node:stream');

const quiet = { read() {} };
const fail = (text) => new Error(text);

// A Readable whose `_read` is logged and does one of the steps for each call; after them it pushes nothing.
function source(t, steps, options) {
  let count = 0;
  return new Readable({
    highWaterMark: 4,
    ...options,
    read(size) {
      count += 1;
      t.log(`_read ${count}`, size, this.readableLength);
      steps[count - 1]?.(this);
    },
  });
}

const push = (...chunks) => (stream) => chunks.forEach((chunk) => stream.push(chunk));
const late = (step) => (stream) => setImmediate(() => step(stream));
const tick = (step) => (stream) => process.nextTick(() => step(stream));

exports.countOfReadsOfASyncSource = (t) => {
  t.watch(source(t, [push('a'), push('b'), push('cdefg'), push(null)]), 'stream', 'chunk');
};

exports.countOfReadsOfALateSource = (t) => {
  t.watch(source(t, [late(push('a')), late(push('bcdef')), late(push(null))]), 'stream', 'chunk');
};

exports.countOfReadsOfAMixedSource = (t) => {
  t.watch(source(t, [push('a'), late(push('b')), tick(push('c')), push('d'), late(push(null))]), 'stream', 'chunk');
};

exports.countOfReadsBeforeAnybodyListens = (t) => {
  const stream = t.watch(source(t, [push('a'), push('b'), push('c'), push('d'), push('e')]), 'stream');
  t.turns(3, () => t.log('read', stream.read(0), stream.readableLength));
  t.turns(6, () => t.log('read', stream.read(3), stream.readableLength));
  t.turns(9, () => t.log('read', stream.read(1), stream.readableLength));
};

exports.countOfReadsWithAReadableListener = (t) => {
  const stream = t.watch(source(t, [push('a'), late(push('b')), push('cdef'), late(push(null))]), 'stream');
  stream.on('readable', () => t.log('readable', stream.readableLength, stream.read()));
};

exports.countOfReadsWithPartialReads = (t) => {
  const stream = t.watch(source(t, [push('abc'), late(push('def')), late(push('ghi')), late(push(null))]), 'stream');
  stream.on('readable', () => t.log('readable', stream.readableLength, stream.read(2), stream.readableLength));
};

exports.countOfReadsWhilePaused = (t) => {
  const stream = t.watch(source(t, [push('ab'), push('cd'), push('ef'), push(null)]), 'stream', 'chunk');
  stream.on('data', () => {
    stream.pause();
    t.turns(3, () => stream.resume());
  });
};

exports.countOfReadsOfObjects = (t) => {
  const stream = source(t, [push(1), push(0), late(push('')), push(false), late(push(null))], { objectMode: true, highWaterMark: 2 });
  t.watch(stream, 'stream', 'chunk');
};

exports.severalChunksInARead = (t) => {
  t.watch(source(t, [push('a', 'b', 'c'), push('d', 'e', null)]), 'stream', 'chunk');
};

exports.severalChunksLater = (t) => {
  t.watch(source(t, [late(push('a', 'b', 'c')), late(push('d', 'e', null))]), 'stream', 'chunk');
};

exports.severalChunksLaterWithAReadableListener = (t) => {
  const stream = t.watch(source(t, [late(push('a', 'b', 'cde')), late(push('f', null))]), 'stream');
  stream.on('readable', () => t.log('readable', stream.readableLength, stream.read()));
};

exports.someNowAndSomeLater = (t) => {
  const both = (stream) => {
    stream.push('a');
    setImmediate(() => stream.push('b'));
  };
  t.watch(source(t, [both, both, late(push(null))]), 'stream', 'chunk');
};

exports.nothingIsPushed = (t) => {
  const stream = t.watch(source(t, []), 'stream', 'chunk');
  t.turns(2, () => t.log('read', stream.read(), stream.read(0)));
  t.turns(4, () => stream.push('a'));
  t.turns(6, () => stream.push('b'));
};

exports.anEmptyChunkAsksAgain = (t) => {
  const stream = t.watch(source(t, [push(''), late(push('')), tick(push('')), push('a'), push(null)]), 'stream', 'chunk');
  t.state('state', stream, 'readableLength');
};

exports.aChunkAfterTheEndInARead = (t) => {
  t.watch(source(t, [push('a', null, 'b')]), 'stream', 'chunk');
};

exports.aChunkAfterTheEndLater = (t) => {
  t.watch(source(t, [(stream) => (push('a', null)(stream), tick(push('b'))(stream))]), 'stream', 'chunk');
};

exports.theEndTwice = (t) => {
  t.watch(source(t, [push('a'), late(push(null, null))]), 'stream', 'chunk');
};

exports.destroyInALaterRead = (t) => {
  const stream = source(t, [push('a'), (self) => self.destroy(fail('second'))]);
  t.watch(stream, 'stream', 'chunk');
};

exports.pushThenDestroyInARead = (t) => {
  const stream = source(t, [(self) => t.log('push', self.push('a'), self.destroy(fail('at once')) === self)]);
  t.watch(stream, 'stream', 'chunk');
};

exports.destroyThenPushInARead = (t) => {
  const stream = source(t, [(self) => t.log('push', self.destroy(fail('at once')) === self, self.push('a'))]);
  t.watch(stream, 'stream', 'chunk');
};

exports.throwAfterAPush = (t) => {
  const stream = source(t, [(self) => {
    self.push('a');
    throw fail('after a push');
  }]);
  t.watch(stream, 'stream', 'chunk');
};

exports.throwInReadCalledByRead = (t) => {
  const stream = source(t, [() => {
    throw fail('from _read');
  }]);
  t.watch(stream, 'stream');
  t.attempt('read', () => stream.read());
  t.state('state', stream, 'destroyed', 'errored');
};

exports.throwWithoutAutoDestroy = (t) => {
  const steps = [push('a'), () => {
    throw fail('second');
  }, push('c')];
  const stream = t.watch(source(t, steps, { autoDestroy: false }), 'stream', 'chunk');
  t.turns(5, () => {
    t.state('later', stream, 'destroyed', 'errored', 'readable');
    t.log('read', stream.read());
    t.log('push', stream.push('more'));
  });
};

exports.errorEmittedInARead = (t) => {
  const stream = t.watch(source(t, [push('a'), (self) => self.emit('error', fail('by hand')), push('c')]), 'stream', 'chunk');
  t.turns(5, () => t.state('later', stream, 'destroyed', 'errored', 'readable'));
};

exports.destroyWithErrorBetweenTheEndAndItsEvent = (t) => {
  const stream = t.watch(new Readable(quiet), 'stream', 'chunk');
  stream.push('a');
  stream.push(null);
  t.log('read', stream.read());
  stream.destroy(fail('before the event'));
};

exports.destroyWithErrorAfterTheEnd = (t) => {
  const stream = t.watch(new Readable({ ...quiet, autoDestroy: false }), 'stream', 'chunk');
  stream.push(null);
  t.turns(4, () => {
    t.state('ended', stream, 'readableEnded', 'destroyed');
    stream.destroy(fail('after all'));
    t.state('destroyed', stream, 'readableAborted', 'errored', 'readable');
  });
};

exports.destroyWithErrorInEach = (t) => {
  for (const name of ['resume', 'data', 'pause', 'readable', 'end', 'close']) {
    const stream = t.watch(new Readable(quiet), name, 'pause', 'resume');
    if (name !== 'readable') stream.on('data', (chunk) => t.log(`${name}.data`, chunk));
    stream.on(name, () => stream.destroy(fail(`in ${name}`)));
    stream.push('a');
    stream.push('b');
    setImmediate(() => {
      stream.pause();
      stream.resume();
      stream.push(null);
    });
  }
};

exports.throwInConstruct = (t) => {
  const construct = () => {
    throw fail('from construct');
  };
  const stream = t.watch(new Readable({ ...quiet, construct }), 'stream', 'chunk');
  t.state('state', stream, 'destroyed', 'errored');
};

exports.constructFailsAtOnce = (t) => {
  const construct = (callback) => callback(fail('from construct'));
  const destroy = (error, callback) => {
    t.log('destroy', error);
    callback(error);
  };
  t.watch(new Readable({ ...quiet, construct, destroy }), 'stream', 'chunk');
};

exports.constructCallsBackTwiceLater = (t) => {
  const construct = (callback) => setImmediate(() => {
    callback();
    setImmediate(callback);
  });
  t.watch(new Readable({ ...quiet, construct }), 'stream', 'chunk');
};

exports.constructSucceedsThenFails = (t) => {
  const construct = (callback) => {
    callback();
    callback(fail('second thought'));
  };
  t.watch(new Readable({ ...quiet, construct }), 'stream', 'chunk');
};

exports.constructFailsWithoutAutoDestroy = (t) => {
  const construct = (callback) => setImmediate(() => callback(fail('from construct')));
  const stream = t.watch(source(t, [push('a')], { construct, autoDestroy: false }), 'stream', 'chunk');
  t.turns(5, () => t.state('later', stream, 'destroyed', 'errored', 'readableLength'));
};

exports.constructIsAwaitedByReads = (t) => {
  const construct = (callback) => {
    t.log('construct');
    t.turns(2, () => {
      t.log('constructed');
      callback();
    });
  };
  const stream = t.watch(source(t, [push('a'), push(null)], { construct }), 'stream');
  t.log('read', stream.read(), stream.readableLength);
  stream.on('readable', () => t.log('readable', stream.read()));
};

exports.pushWhileConstructing = (t) => {
  const construct = (callback) => t.turns(2, callback);
  const stream = t.watch(source(t, [push('c'), push(null)], { construct }), 'stream', 'chunk');
  t.log('push', stream.push('a'), stream.readableLength);
  setImmediate(() => t.log('push', stream.push('b'), stream.readableLength));
};

exports.constructWithoutAReader = (t) => {
  const construct = (callback) => setImmediate(callback);
  const stream = t.watch(source(t, [push('a'), push(null)], { construct }), 'stream');
  t.turns(4, () => t.state('later', stream, 'readableLength', 'readableFlowing'));
};

exports.destroyHookCallsBackTwiceLater = (t) => {
  const destroy = (error, callback) => setImmediate(() => {
    callback(fail('first'));
    setImmediate(() => callback(fail('second')));
  });
  const stream = t.watch(new Readable({ ...quiet, destroy }), 'stream');
  stream.destroy();
  stream.on('close', () => t.state('closed', stream, 'closed', 'errored'));
};

exports.destroyHookNeverCallsBack = (t) => {
  const stream = t.watch(new Readable({ ...quiet, destroy: () => t.log('destroy') }), 'stream', 'chunk');
  stream.push('a');
  stream.push(null);
  t.turns(5, () => t.state('later', stream, 'destroyed', 'closed', 'readableEnded'));
};

exports.destroyHookPushes = (t) => {
  const destroy = (error, callback) => {
    t.log('destroy', stream.push('b'), stream.read(), stream.readableLength);
    callback(error);
  };
  const stream = t.watch(new Readable({ ...quiet, destroy }), 'stream', 'chunk');
  stream.push('a');
  stream.destroy();
};

exports.destroyHookIsNotAskedWithoutAutoDestroy = (t) => {
  const destroy = (error, callback) => {
    t.log('destroy', error);
    callback(error);
  };
  const stream = t.watch(new Readable({ ...quiet, destroy, autoDestroy: false }), 'stream', 'chunk');
  stream.push('a');
  stream.push(null);
  t.turns(5, () => t.log('push', stream.push('b')));
};

exports.emitCloseOffAndTheHookFails = (t) => {
  const destroy = (error, callback) => setImmediate(() => callback(fail('from destroy')));
  const stream = t.watch(new Readable({ ...quiet, destroy, emitClose: false }), 'stream', 'chunk');
  stream.push(null);
  t.turns(5, () => t.state('later', stream, 'destroyed', 'closed', 'errored', 'readableEnded'));
};
