'use strict';
// Writable: errors before, during and after its end, and what its properties say at each stage.

const { Duplex, Writable } = require('node:stream');
const { BOTH, STATE, hook, sink, stages } = require('../sinks.js');

// A sink that fails at 'bad'.
function picky(t, when, options = {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      const answer = () => callback(chunk.toString() === 'bad' ? new Error('from write') : null);
      if (when === 'sync') answer();
      else setImmediate(answer);
    },
    ...options,
  });
}

// -- errors around the end

exports.stagesOfAGoodEnd = (t) => {
  const stream = t.watch(sink(t, 'turn', { highWaterMark: 1, final: hook(t, 'final', 'turn') }), 'stream', 'prefinish');
  stages(t, stream, 'prefinish', 'finish', 'close');
  stream.write('a', () => t.state('a', stream, ...STATE));
  stream.end('b', () => t.state('ended', stream, ...STATE));
  t.state('after end', stream, ...STATE);
};

exports.stagesOfAFailedWrite = (t) => {
  const stream = t.watch(picky(t, 'turn', { highWaterMark: 1 }), 'stream', 'drain');
  stages(t, stream, 'error', 'close');
  stream.write('bad', () => t.state('bad', stream, ...STATE));
  stream.write('b', () => t.state('b', stream, ...STATE));
};

exports.stagesOfAWriteThatFailsAtOnce = (t) => {
  const stream = t.watch(picky(t, 'sync', { highWaterMark: 1 }), 'stream', 'drain');
  stages(t, stream, 'error', 'close');
  t.log('returned', stream.write('bad', () => t.state('bad', stream, ...STATE)));
  t.state('failed', stream, ...STATE);
  t.log('returned', stream.write('b', () => t.state('b', stream, ...STATE)));
};

exports.failsBeforeEnd = (t) => {
  const stream = t.watch(picky(t, 'sync'), 'stream');
  stream.write('bad', t.callback('bad'));
  stream.end('last', t.callback('ended'));
  t.state('ended', stream, ...STATE);
};

exports.failsAtTheChunkOfEnd = (t) => {
  const stream = t.watch(picky(t, 'sync'), 'stream');
  stream.end('bad', t.callback('ended'));
  t.state('ended', stream, ...STATE);
};

exports.failsLaterAtTheChunkOfEnd = (t) => {
  const stream = t.watch(picky(t, 'turn'), 'stream');
  stream.write('a', t.callback('a'));
  stream.end('bad', t.callback('ended'));
  stages(t, stream, 'error');
};

exports.destroyedWithErrorBetweenEndAndFinish = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a', t.callback('ended'));
  stream.destroy(new Error('enough'));
  stages(t, stream, 'error', 'close');
};

exports.destroyedBetweenEndAndFinish = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a', t.callback('ended'));
  process.nextTick(() => stream.destroy());
  stages(t, stream, 'close');
};

exports.destroyedWithErrorAfterClose = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a');
  stream.on('close', () => t.turns(2, () => {
    stream.destroy(new Error('too late'));
    t.state('later', stream, ...STATE);
  }));
};

exports.destroyedWithErrorAfterFinishWithAutoDestroyOff = (t) => {
  const stream = t.watch(sink(t, 'sync', { autoDestroy: false }), 'stream');
  stream.end('a', t.callback('ended'));
  t.turns(3, () => stream.destroy(new Error('after all')));
  stages(t, stream, 'finish', 'error', 'close');
};

// -- too late to write

exports.writeAfterEndWithoutACallback = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.end('a', t.callback('ended'));
  t.log('returned', stream.write('late'));
  t.state('state', stream, ...STATE);
};

exports.writeAfterEndWithAutoDestroyOff = (t) => {
  const stream = t.watch(sink(t, 'turn', { autoDestroy: false }), 'stream');
  stream.end('a', t.callback('ended'));
  t.log('returned', stream.write('late', t.callback('late')));
  t.turns(3, () => t.state('later', stream, ...STATE));
};

exports.writeAfterFinishAndClose = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a');
  stream.on('close', () => {
    t.log('returned', stream.write('late', t.callback('late')));
    t.log('returned', stream.write('late'));
  });
};

exports.writeAfterDestroyWithoutACallback = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.destroy(new Error('enough'));
  t.log('returned', stream.write('late'));
  t.state('state', stream, ...STATE);
};

exports.writeInAFailedState = (t) => {
  const stream = t.watch(picky(t, 'sync', { autoDestroy: false }), 'stream');
  stream.write('bad', t.callback('bad'));
  t.log('returned', stream.write('a', t.callback('a')));
  t.state('state', stream, ...STATE);
  t.turns(3, () => {
    t.log('returned', stream.write('b', t.callback('b')));
    stream.end(t.callback('ended'));
    t.state('later', stream, ...STATE);
    stream.destroy();
  });
};

exports.endTwiceWithCallbacksThenFails = (t) => {
  const stream = t.watch(picky(t, 'turn'), 'stream');
  stream.end('bad', t.callback('first'));
  stream.end(t.callback('second'));
};

exports.endAfterFinish = (t) => {
  const stream = t.watch(sink(t, 'sync', { autoDestroy: false }), 'stream');
  stream.end('a', t.callback('first'));
  t.turns(3, () => {
    stream.end(t.callback('second'));
    stream.end('b', t.callback('third'));
    t.state('later', stream, ...STATE);
  });
};

exports.endAfterDestroyWithError = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.destroy(new Error('enough'));
  stream.end(t.callback('first'));
  stream.on('close', () => stream.end('b', t.callback('second')));
  t.state('state', stream, ...STATE);
};

exports.endAfterEndAndDestroy = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.end('a', t.callback('first'));
  stream.destroy();
  stream.end(t.callback('second'));
};

exports.endWithBadDataAfterDestroy = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.destroy();
  t.attempt('end', () => void stream.end(5));
  t.attempt('encoding', () => void stream.end('x', 'nonsense'));
};

exports.endWithBadDataLeavesItOpen = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.cork();
  t.attempt('end', () => void stream.end(true, t.callback('ended')));
  t.state('state', stream, ...STATE, 'writableCorked');
  stream.end('a');
};

// -- auto_destroy and emit_close

exports.autoDestroyOffThenFinish = (t) => {
  const stream = t.watch(sink(t, 'sync', { autoDestroy: false }), 'stream');
  stages(t, stream, 'finish');
  stream.end('a');
  t.turns(4, () => {
    t.state('later', stream, ...STATE);
    stream.destroy();
  });
};

exports.autoDestroyOffFailsLater = (t) => {
  const stream = t.watch(picky(t, 'turn', { autoDestroy: false }), 'stream', 'drain');
  stream.write('bad', t.callback('bad'));
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.autoDestroyOffFailsTwice = (t) => {
  const stream = t.watch(new Writable({
    autoDestroy: false,
    write(chunk, encoding, callback) {
      callback();
      callback();
      callback();
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  t.turns(3, () => t.state('later', stream, ...STATE));
};

exports.emitCloseOffWithError = (t) => {
  const stream = t.watch(picky(t, 'turn', { emitClose: false }), 'stream');
  stream.write('bad', t.callback('bad'));
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.duplexWithAutoDestroyOff = (t) => {
  const stream = t.watch(new Duplex({ autoDestroy: false, read() {}, write: hook(t, 'write', 'sync') }), 'stream');
  stream.resume();
  stream.push(null);
  stream.end('a', t.callback('ended'));
  t.turns(4, () => {
    t.state('later', stream, ...BOTH);
    stream.destroy(new Error('after all'));
  });
};

exports.duplexWithEmitCloseOff = (t) => {
  const stream = t.watch(new Duplex({ emitClose: false, read() {}, write: hook(t, 'write', 'sync') }), 'stream');
  stream.resume();
  stream.push(null);
  stream.end('a', t.callback('ended'));
  t.turns(4, () => t.state('later', stream, ...BOTH));
};

// -- destroying in listeners and callbacks

exports.destroyInErrorOfAWrite = (t) => {
  const stream = t.watch(picky(t, 'turn'), 'stream');
  stream.on('error', () => stream.destroy(new Error('in error')));
  stream.write('bad', () => {
    t.log('bad');
    stream.destroy(new Error('in the callback'));
  });
};

exports.destroyInErrorWithAutoDestroyOff = (t) => {
  const stream = t.watch(picky(t, 'turn', { autoDestroy: false }), 'stream');
  stream.on('error', () => stream.destroy(new Error('in error')));
  stream.write('bad', t.callback('bad'));
  stream.write('a', t.callback('a'));
  stages(t, stream, 'close');
};

exports.destroyInACallback = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.write('a', () => stream.destroy());
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
};

exports.destroyInTheCallbackOfEnd = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream');
  stream.end('a', () => {
    t.log('ended');
    stream.destroy(new Error('in end'));
  });
  stages(t, stream, 'finish', 'close');
};

exports.writeInError = (t) => {
  const stream = t.watch(picky(t, 'turn'), 'stream');
  stream.on('error', () => t.log('returned', stream.write('a', t.callback('a'))));
  stream.write('bad', t.callback('bad'));
};

exports.endInError = (t) => {
  const stream = t.watch(picky(t, 'turn', { autoDestroy: false }), 'stream');
  stream.on('error', () => stream.end('a', t.callback('ended')));
  stream.write('bad', t.callback('bad'));
};

exports.uncorkInTheCallbackOfAFailure = (t) => {
  const stream = t.watch(picky(t, 'sync'), 'stream');
  stream.write('bad', t.callback('bad'));
  stream.cork();
  stream.write('a', (error) => {
    t.log('a', error);
    stream.uncork();
  });
};
