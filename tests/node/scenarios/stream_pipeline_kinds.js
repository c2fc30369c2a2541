'use strict';
// pipeline() of streams that were over before, of every kind, and with its last stream left open.

const { Duplex, PassThrough, Readable, Transform, Writable, pipeline } = require('node:stream');
const { pipeline: awaited } = require('node:stream/promises');
const { middle, open, sink, source } = require('../chains');

// -- what was before --

function before(t, act, done) {
  const streams = [source(t, ['a']), middle(t), sink(t)];
  act(...streams);
  t.turns(4, () => {
    pipeline(streams, t.callback('done'));
    if (done) done(...streams);
  });
}

exports.theSourceHasEnded = (t) => before(t, (from) => from.resume());
exports.theSourceHasFailed = (t) => before(t, (from) => from.destroy(new Error('before')));
exports.theMiddleIsDestroyed = (t) => before(t, (from, through) => through.destroy());
exports.theMiddleHasFailed = (t) => before(t, (from, through) => through.destroy(new Error('before')));
exports.theSinkHasFinished = (t) => before(t, (from, through, to) => to.end());
exports.theSinkHasFailed = (t) => before(t, (from, through, to) => to.destroy(new Error('before')));
exports.theMiddleHasEnded = (t) => before(t, (from, through) => through.resume().end());
exports.theMiddleHasItsOwnInput = (t) => before(t, (from, through) => through.write('own'));

exports.theSinkNeedsDrain = (t) => {
  const to = sink(t, { highWaterMark: 1 }, 'drain');
  to.write('own');
  pipeline(source(t, ['a', 'b']), to, t.callback('done'));
};

exports.theSinkIsVerySlow = (t) => {
  const to = sink(t, {
    highWaterMark: 2,
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      t.turns(7, callback);
    },
  }, 'drain');
  pipeline(source(t, ['aa', 'bb', 'cc'], { highWaterMark: 2 }), middle(t, { highWaterMark: 2 }), to, t.callback('done'));
};

exports.twoChainsOneAfterTheOther = async (t) => {
  const to = sink(t);
  await awaited(source(t, ['a']), to, { end: false });
  t.state('between', to, 'writable', 'writableEnded');
  await new Promise((resolve) => t.turns(2, resolve));
  await awaited(source(t, ['b']), to);
  t.state('after', to, 'writable', 'writableFinished', 'destroyed');
};

exports.endFalseAndTheSourceFails = async (t) => {
  const to = sink(t);
  const from = open(t);
  t.turns(3, () => from.destroy(new Error('enough')));
  await awaited(from, middle(t), to, { end: false }).catch((error) => t.log('fails', error));
  t.state('after', to, 'writable', 'destroyed');
};

exports.endFalseAndTheSinkFails = async (t) => {
  const to = sink(t);
  const from = open(t);
  t.turns(3, () => to.destroy(new Error('enough')));
  await awaited(from, to, { end: false }).catch((error) => t.log('fails', error));
  t.state('after', from, 'destroyed', 'errored');
};

// -- kinds of streams --

exports.fromADuplexToADuplex = (t) => {
  const first = t.watch(new Duplex({ read() {}, write: (chunk, encoding, callback) => callback() }), 'first');
  const last = t.watch(new Duplex({ read() {}, write: (chunk, encoding, callback) => callback() }), 'last');
  pipeline(first, last, t.callback('done'));
  first.push('a');
  first.push(null);
  t.turns(5, () => {
    t.state('first', first, 'writable', 'destroyed');
    t.state('last', last, 'readable', 'destroyed');
  });
};

exports.fromADuplexThatFailsLater = (t) => {
  const first = t.watch(new Duplex({ read() {}, write: (chunk, encoding, callback) => callback() }), 'first');
  pipeline(first, sink(t), t.callback('done'));
  first.push(null);
  t.turns(6, () => first.destroy(new Error('late')));
};

exports.withoutAutoDestroy = (t) => {
  const options = { autoDestroy: false };
  const streams = [source(t, ['a'], options), middle(t, options), sink(t, options)];
  pipeline(streams, t.callback('done'));
  t.turns(8, () => t.log('later', streams.map((stream) => stream.destroyed)));
};

exports.withoutAutoDestroyOneFails = (t) => {
  const options = { autoDestroy: false };
  const failing = { ...options, transform: (chunk, encoding, callback) => callback(new Error('enough')) };
  pipeline(source(t, ['a'], options), t.watch(new Transform(failing), 'through'), sink(t, options), t.callback('done'));
};

exports.withoutEmitClose = (t) => {
  const options = { emitClose: false };
  pipeline(source(t, ['a'], options), middle(t, options), sink(t, options), t.callback('done'));
};

exports.objectsOnOneSide = (t) => {
  const count = t.watch(new Transform({
    writableObjectMode: true,
    transform: (chunk, encoding, callback) => callback(null, `${chunk.n};`),
  }), 'through');
  pipeline(source(t, [{ n: 1 }, { n: 2 }], { objectMode: true }), count, sink(t), t.callback('done'));
};
