'use strict';
// pipeline() of streams: each failing in each way, at each moment.

const { PassThrough, Readable, Writable, pipeline } = require('node:stream');
const { middle, open, sink, source } = require('../chains');

// A chain of three, and what happens some turns later.
function three(t, act, options = {}) {
  const streams = [open(t, options.from), middle(t, options.through), sink(t, options.to)];
  pipeline(streams, t.callback('done'));
  streams[0].push('a');
  t.turns(4, () => act(...streams));
  t.turns(10, () => {
    for (const stream of streams) t.state('later', stream, 'destroyed', 'errored');
  });
}

function fail() {
  throw new Error('from a hook');
}

// -- each stage failing --

exports.theMiddleClosesEarly = (t) => three(t, (from, through) => through.destroy());
exports.theMiddleIsDestroyedWithAnError = (t) => three(t, (from, through) => through.destroy(new Error('enough')));
exports.theSinkIsDestroyedWithAnError = (t) => three(t, (from, through, to) => to.destroy(new Error('enough')));
exports.theSourceEmitsAnErrorByHand = (t) => three(t, (from) => from.emit('error', new Error('by hand')));
exports.theSinkEmitsAnErrorByHand = (t) => three(t, (from, through, to) => to.emit('error', new Error('by hand')));

exports.theSourceFailsAndThenTheSink = (t) => three(t, (from, through, to) => {
  from.destroy(new Error('first'));
  to.destroy(new Error('second'));
});

exports.theSourceClosesAndThenTheSinkFails = (t) => three(t, (from, through, to) => {
  from.destroy();
  to.destroy(new Error('the cause'));
});

exports.theMiddlePushesAfterItsEnd = (t) => three(t, (from, through) => {
  through.push(null);
  through.push('more');
});

exports.theSinkIsEndedEarly = (t) => three(t, (from, through, to) => {
  to.end('own');
  from.push('b');
});

exports.theMiddleIsEndedEarly = (t) => three(t, (from, through) => {
  through.end();
  from.push('b');
});

exports.theSinkIsEndedEarlyAndNothingComes = (t) => three(t, (from, through, to) => to.end());

exports.destroyHooksSwallowTheError = (t) => {
  const swallow = { destroy: (error, callback) => t.log('destroy', error) ?? callback() };
  three(t, (from) => from.destroy(new Error('enough')), { from: swallow, through: swallow, to: swallow });
};

exports.destroyHooksFail = (t) => {
  const failing = { destroy: (error, callback) => callback(new Error('from destroy')) };
  three(t, (from) => from.destroy(new Error('enough')), { through: failing, to: failing });
};

exports.destroyHooksAreSlow = (t) => {
  const slow = { destroy: (error, callback) => t.turns(2, () => callback(error)) };
  three(t, (from, through) => through.destroy(new Error('enough')), { from: slow, through: slow, to: slow });
};

exports.theSinkFailsAfterItsFinish = (t) => {
  const destroy = (error, callback) => setImmediate(() => callback(new Error('from destroy')));
  pipeline(source(t, ['a']), sink(t, { destroy }), t.callback('done'));
};

exports.readThrows = (t) => void pipeline(open(t, { read: fail }), middle(t), sink(t), t.callback('done'));
exports.finalThrows = (t) => void pipeline(source(t, ['a']), sink(t, { final: fail }), t.callback('done'));
exports.flushThrows = (t) => void pipeline(source(t, ['a']), middle(t, { flush: fail }), sink(t), t.callback('done'));
exports.destroyThrows = (t) => void pipeline(source(t, ['a']), sink(t, { destroy: fail }), t.callback('done'));

exports.constructThrows = (t) => {
  pipeline(source(t, ['a']), middle(t, { construct: fail }), sink(t), t.callback('done'));
};

exports.constructIsSlow = (t) => {
  const construct = (callback) => t.turns(2, callback);
  pipeline(source(t, ['a'], { construct }), middle(t, { construct }), sink(t, { construct }), t.callback('done'));
};

exports.constructFailsLater = (t) => {
  const construct = (callback) => t.turns(2, () => callback(new Error('from construct')));
  pipeline(source(t, ['a']), middle(t), sink(t, { construct }), t.callback('done'));
};

exports.theSinkIsUnheard = (t) => {
  const to = sink(t, { write: (chunk, encoding, callback) => callback(new Error('enough')) }, '-error');
  pipeline(source(t, ['a'], {}, '-error'), to, t.callback('done'));
};

exports.destroyedWithoutClose = (t) => {
  const options = { emitClose: false };
  three(t, (from) => from.destroy(new Error('enough')), { from: options, through: options, to: options });
};

exports.theCallbackThrows = (t) => {
  pipeline(source(t, []), sink(t), (error) => {
    t.log('done', error);
    throw new Error('from the callback');
  });
};

exports.theCallbackThrowsAfterAnError = (t) => {
  const from = open(t);
  pipeline(from, sink(t), (error) => {
    t.log('done', error);
    throw new Error('from the callback');
  });
  from.destroy(new Error('enough'));
};

// -- what is refused --

exports.whatCannotStandThere = (t) => {
  const never = () => t.log('never');
  const readable = () => new Readable({ read() {} });
  const writable = () => new Writable();
  const tries = {
    none: [],
    'a number first': [5, writable()],
    'a number in the middle': [readable(), 5, writable()],
    'a number last': [readable(), 5],
    'a Writable in the middle': [readable(), writable(), writable()],
    'nothing last': [readable(), null],
    'an object first': [{}, writable()],
  };
  for (const [label, stages] of Object.entries(tries)) {
    t.attempt(label, () => void pipeline(...stages, never));
  }
};
