'use strict';
// finished(): each kind of stream, open or over, with each option.

const { Duplex, PassThrough, Readable, Writable, finished } = require('node:stream');
const { finished: awaited } = require('node:stream/promises');

const hooks = { read() {}, write: (chunk, encoding, callback) => callback() };
// The kinds of streams: quiet ones, which take everything.
const kinds = {
  readable: (options) => new Readable({ ...hooks, ...options }),
  writable: (options) => new Writable({ ...hooks, ...options }),
  duplex: (options) => new Duplex({ ...hooks, ...options }),
};
// Each of these goes to one finished() of its own.
const variants = {
  plain: {},
  'not readable': { readable: false },
  'not writable': { writable: false },
  neither: { readable: false, writable: false },
  'no error': { error: false },
};

// Brings each kind to a state, and some turns later asks what each variant tells then.
function told(t, bring, options = {}) {
  for (const [kind, make] of Object.entries(kinds)) {
    const stream = make(options);
    stream.on('error', (error) => t.log(`${kind} error`, error));
    bring(stream, kind);
    t.turns(4, () => {
      for (const [label, variant] of Object.entries(variants)) {
        finished(stream, variant, t.callback(`${kind}, ${label}`));
      }
    });
  }
  t.turns(8, () => t.log('later'));
}

const end = (stream, kind) => {
  if (kind !== 'readable') stream.end();
  if (kind !== 'writable') stream.push(null);
  if (kind !== 'writable') stream.resume();
};

// -- what was before --

exports.ofOpenOnes = (t) => told(t, () => {});
exports.ofEndedOnes = (t) => told(t, end);
exports.ofDestroyedOnes = (t) => told(t, (stream) => stream.destroy());
exports.ofFailedOnes = (t) => told(t, (stream) => stream.destroy(new Error('before')));
exports.ofEndedOnesWithoutAutoDestroy = (t) => told(t, end, { autoDestroy: false });
exports.ofFailedOnesWithoutAutoDestroy = (t) => told(t, (stream, kind) => {
  if (kind !== 'readable') stream.write('x');
  else stream.emit('error', new Error('by hand'));
}, { autoDestroy: false, write: (chunk, encoding, callback) => callback(new Error('from write')) });
exports.ofEndedOnesWithoutEmitClose = (t) => told(t, end, { emitClose: false });
exports.ofDestroyedOnesWithoutEmitClose = (t) => told(t, (stream) => stream.destroy(), { emitClose: false });
exports.ofFailedOnesWithoutEmitClose = (t) => told(t, (stream) => stream.destroy(new Error('before')), {
  emitClose: false,
});
exports.ofOnesWhoseEndWaits = (t) => told(t, (stream, kind) => {
  if (kind !== 'readable') stream.end('x');
  if (kind !== 'writable') stream.push('x');
  if (kind !== 'writable') stream.push(null);
}, { write() {} });
exports.ofOnesThatAreBeingDestroyed = (t) => told(t, (stream) => stream.destroy(), { destroy() {} });
exports.ofEndedOnesThatAreBeingDestroyed = (t) => told(t, end, { destroy() {} });
exports.ofOnesThatAreBeingConstructed = (t) => told(t, end, { construct() {} });
exports.ofEndedOnesThenDestroyed = (t) => told(t, (stream, kind) => {
  end(stream, kind);
  t.turns(2, () => stream.destroy());
}, { autoDestroy: false });

exports.ofADuplexWithOneSideOver = (t) => {
  for (const side of ['readable', 'writable']) {
    const stream = kinds.duplex();
    if (side === 'readable') stream.resume().push(null);
    else stream.end();
    t.turns(3, () => {
      for (const [label, variant] of Object.entries(variants)) {
        finished(stream, variant, t.callback(`${side}, ${label}`));
      }
      t.turns(2, () => {
        t.log(`${side} destroyed`);
        stream.destroy();
      });
    });
  }
};

exports.ofADuplexMadeWithoutASide = (t) => {
  for (const side of ['readable', 'writable']) {
    const stream = kinds.duplex({ [side]: false });
    for (const [label, variant] of Object.entries(variants)) {
      finished(stream, variant, t.callback(`${side}, ${label}`));
    }
    t.turns(2, () => {
      t.log(side);
      if (side === 'readable') stream.end();
      else stream.push(null);
      stream.resume();
    });
  }
};

// -- what comes then --

const later = (t, act, options = {}) => {
  for (const [kind, make] of Object.entries(kinds)) {
    const stream = t.watch(make(options), kind);
    for (const [label, variant] of Object.entries(variants)) {
      finished(stream, variant, t.callback(`${kind}, ${label}`));
    }
    t.turns(2, () => act(stream, kind));
  }
};

exports.thenTheyEnd = (t) => later(t, end);
exports.thenTheyAreDestroyed = (t) => later(t, (stream) => stream.destroy());
exports.thenTheyFail = (t) => later(t, (stream) => stream.destroy(new Error('then')));
exports.thenTheyEndWithoutAutoDestroy = (t) => later(t, end, { autoDestroy: false });
exports.thenTheyEndWithoutEmitClose = (t) => later(t, end, { emitClose: false });
exports.thenTheyAreDestroyedWithoutEmitClose = (t) => later(t, (stream) => stream.destroy(), { emitClose: false });
exports.thenTheyFailWithoutEmitClose = (t) => later(t, (stream) => stream.destroy(new Error('then')), {
  emitClose: false,
});
exports.thenTheyEmitAnError = (t) => later(t, (stream) => stream.emit('error', new Error('by hand')));

exports.thenTheyEndAndDestroyingFails = (t) => later(t, end, {
  destroy: (error, callback) => setImmediate(() => callback(new Error('from destroy'))),
});

exports.thenTheyEndAndAreDestroyedInTheSameTurn = (t) => later(t, (stream, kind) => {
  end(stream, kind);
  stream.destroy();
});

exports.thenTheyAreDestroyedAfterTheEnd = (t) => later(t, (stream, kind) => {
  end(stream, kind);
  t.turns(1, () => stream.destroy(new Error('late')));
}, { autoDestroy: false });

exports.finalFails = (t) => {
  const stream = t.watch(new Writable({ ...hooks, final: (callback) => callback(new Error('from final')) }), 'stream');
  finished(stream, t.callback('finished'));
  finished(stream, { error: false }, t.callback('no error'));
  stream.end();
};

exports.theEndIsNotRead = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  finished(stream, t.callback('finished'));
  finished(stream, { readable: false }, t.callback('writing'));
  stream.end('a');
  t.turns(5, () => {
    t.log('destroyed');
    stream.destroy();
  });
};

// -- listeners, cancelling, signals --

const counts = (stream) => ['end', 'finish', 'error', 'close'].map((name) => stream.listenerCount(name));

exports.listenersStayUnlessTheyAreCleanedUp = async (t) => {
  for (const cleanup of [false, true]) {
    const stream = kinds.duplex();
    const none = counts(stream);
    const more = () => counts(stream).map((count, index) => count > none[index]);
    const over = awaited(stream, { cleanup });
    t.log('before', more());
    end(stream, 'duplex');
    await over;
    t.log('after', more());
  }
};

exports.twiceOnTheSameStream = (t) => {
  const stream = t.watch(kinds.readable(), 'stream');
  finished(stream, t.callback('first'));
  finished(stream, t.callback('second'));
  stream.on('close', () => finished(stream, t.callback('third')));
  end(stream, 'readable');
};

exports.theSameCallbackIsCalledOnce = (t) => {
  const stream = kinds.readable({ autoDestroy: false });
  finished(stream, t.callback('finished'));
  stream.on('error', () => {});
  stream.emit('error', new Error('one'));
  stream.emit('error', new Error('two'));
  stream.emit('close');
};

exports.theCallbackRaises = (t) => {
  const stream = t.watch(kinds.readable(), 'stream');
  finished(stream, (error) => {
    t.log('finished', error);
    throw new Error('from the callback');
  });
  stream.destroy();
};

exports.aSignal = (t) => {
  for (const when of ['before', 'at once', 'later', 'after']) {
    const stream = t.watch(kinds.readable(), when);
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    finished(stream, { signal: controller.signal }, t.callback(`${when}: finished`));
    if (when === 'at once') controller.abort();
    t.turns(2, () => {
      if (when === 'later') controller.abort();
      end(stream, 'readable');
      t.turns(4, () => controller.abort());
    });
  }
};

exports.theAwaitedForm = async (t) => {
  const streams = [kinds.readable(), kinds.writable(), kinds.duplex()];
  for (const stream of streams) stream.on('error', () => {});
  t.turns(2, () => end(streams[0], 'readable'));
  t.turns(4, () => streams[1].destroy());
  t.turns(6, () => streams[2].destroy(new Error('enough')));
  for (const stream of streams) {
    await awaited(stream).then((value) => t.log('over', value), (error) => t.log('fails', error));
  }
};

exports.whatIsRefused = (t) => {
  const stream = kinds.readable();
  for (const wrong of [5, 'text', null, {}]) t.attempt('stream', () => void finished(wrong, () => {}));
  for (const wrong of [5, 'text', {}]) t.attempt('callback', () => void finished(stream, {}, wrong));
  for (const wrong of [5, 'text', {}]) t.attempt('signal', () => void finished(stream, { signal: wrong }, () => {}));
};
