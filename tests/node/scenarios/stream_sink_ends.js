'use strict';
// Writable: how it ends. The `final` and `destroy` hooks, each answering well, badly, twice or never; 'prefinish'.

const { STATE, hook, sink, stages } = require('../sinks.js');

// -- final

exports.finalNeverThenDestroyed = (t) => {
  const stream = t.watch(sink(t, 'sync', { final: hook(t, 'final', 'never') }), 'stream', 'prefinish');
  stream.end('a', t.callback('ended'));
  t.turns(3, () => {
    t.state('waiting', stream, ...STATE);
    stream.destroy();
  });
  stream.on('close', () => t.state('closed', stream, ...STATE));
};

exports.finalNeverThenDestroyedWithError = (t) => {
  const stream = t.watch(sink(t, 'sync', { final: hook(t, 'final', 'never') }), 'stream');
  stream.end('a', t.callback('ended'));
  t.turns(3, () => stream.destroy(new Error('enough')));
};

exports.finalTwiceLater = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      setImmediate(() => {
        callback();
        callback();
      });
    },
  }), 'stream', 'prefinish');
  stream.end('a', t.callback('ended'));
};

exports.finalFailsTwice = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      callback(new Error('first'));
      callback(new Error('second'));
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalAnswersThenFails = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      callback();
      callback(new Error('after all'));
    },
  }), 'stream', 'prefinish');
  stream.end(t.callback('ended'));
};

exports.finalAnswersThenRaises = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      callback();
      throw new Error('after all');
    },
  }), 'stream', 'prefinish');
  t.attempt('end', () => void stream.end(t.callback('ended')));
};

exports.finalDestroysWithErrorAndIsSilent = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final() {
      stream.destroy(new Error('from final'));
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalDestroysLaterThenAnswers = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      setImmediate(() => {
        stream.destroy();
        callback();
      });
    },
  }), 'stream', 'prefinish');
  stream.end(t.callback('ended'));
};

exports.finalWritesTooLate = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      t.log('returned', stream.write('late', t.callback('late')));
      callback();
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalEndsAgain = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      stream.end(t.callback('again'));
      setImmediate(callback);
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalWaitsForTheLastWrite = (t) => {
  const stream = t.watch(sink(t, 'turn', { final: hook(t, 'final', 'tick') }), 'stream', 'prefinish');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
  t.log('sync');
};

exports.finalFailsWithSeveralEndCallbacks = (t) => {
  const stream = t.watch(sink(t, 'sync', { final: hook(t, 'final', 'turn', new Error('from final')) }), 'stream');
  stream.end('a', t.callback('first'));
  stream.end(t.callback('second'));
  t.turns(3, () => stream.end(t.callback('third')));
};

exports.finalWithoutAnythingWritten = (t) => {
  const stream = t.watch(sink(t, 'sync', { final: hook(t, 'final', 'sync') }), 'stream', 'prefinish');
  stream.end(t.callback('ended'));
  stages(t, stream, 'prefinish', 'finish');
};

exports.finalFailsWithAutoDestroyOff = (t) => {
  const options = { autoDestroy: false, final: hook(t, 'final', 'sync', new Error('from final')) };
  const stream = t.watch(sink(t, 'sync', options), 'stream');
  stream.end('a', t.callback('ended'));
  stages(t, stream, 'error');
  t.turns(3, () => {
    stream.end(t.callback('again'));
    t.state('later', stream, ...STATE);
  });
};

exports.finalFailsLaterWithAutoDestroyOff = (t) => {
  const options = { autoDestroy: false, final: hook(t, 'final', 'turn', new Error('from final')) };
  const stream = t.watch(sink(t, 'sync', options), 'stream');
  stream.end('a', t.callback('ended'));
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.finalFailsThenAnswersWithAutoDestroyOff = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    autoDestroy: false,
    final(callback) {
      callback(new Error('from final'));
      callback();
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalWritesTooLateThenRaises = (t) => {
  const stream = t.watch(sink(t, 'turn', {
    final(callback) {
      stream.write('late', t.callback('late'));
      callback();
      throw new Error('from final');
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

// -- prefinish

exports.prefinishWithoutFinal = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream', 'prefinish');
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('ended'));
};

exports.prefinishListenerDestroys = (t) => {
  const stream = t.watch(sink(t, 'sync'), 'stream', 'prefinish');
  stream.on('prefinish', () => stream.destroy(new Error('from prefinish')));
  stream.end('a', t.callback('ended'));
};

exports.prefinishListenerWrites = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream', 'prefinish');
  stream.on('prefinish', () => t.log('returned', stream.write('late', t.callback('late'))));
  stream.end('a', t.callback('ended'));
};

// -- destroy

exports.destroyNever = (t) => {
  const stream = t.watch(sink(t, 'turn', { destroy: hook(t, 'destroy', 'never') }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.destroy(new Error('enough'));
  t.turns(4, () => t.state('later', stream, ...STATE));
};

exports.destroyLaterWhileWriting = (t) => {
  const stream = t.watch(sink(t, 'tick', { destroy: hook(t, 'destroy', 'turn', new Error('from destroy')) }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
  stream.destroy();
  t.state('now', stream, ...STATE);
  t.turns(1, () => t.state('a turn later', stream, ...STATE));
};

exports.destroyRaisesWhileWriting = (t) => {
  const stream = t.watch(sink(t, 'turn', {
    destroy() {
      throw new Error('from destroy');
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  t.attempt('destroy', () => stream.destroy(new Error('enough')) === stream);
  stages(t, stream, 'error', 'close');
};

exports.destroyTwiceLater = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    destroy(error, callback) {
      setImmediate(() => {
        callback(error);
        callback(new Error('again'));
      });
    },
  }), 'stream');
  stream.destroy(new Error('enough'));
};

exports.destroyFailsAfterFinish = (t) => {
  const stream = t.watch(sink(t, 'sync', { destroy: hook(t, 'destroy', 'sync', new Error('from destroy')) }), 'stream');
  stream.end('a', t.callback('ended'));
  stages(t, stream, 'finish', 'error', 'close');
};

exports.destroyAnswersWithoutTheErrorOfAWrite = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write: hook(t, 'write', 'turn', new Error('from write')),
    destroy: hook(t, 'destroy', 'turn'),
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stages(t, stream, 'close');
};

exports.destroyIsToldTheErrorOfAWrite = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    write: hook(t, 'write', 'sync', new Error('from write')),
    destroy(error, callback) {
      t.log('destroy', error);
      t.state('state', stream, ...STATE);
      callback(error);
    },
  }), 'stream');
  stream.write('a', t.callback('a'));
  stream.end(t.callback('ended'));
};

exports.destroyWritesAndEnds = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    destroy(error, callback) {
      t.log('returned', stream.write('late', t.callback('late')));
      stream.end(t.callback('ended'));
      callback(error);
    },
  }), 'stream');
  stream.destroy();
};
