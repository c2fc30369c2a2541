'use strict';
// Async iteration in every mode: begun late, beside other consumers, left and gone on with, failing.

const { PassThrough, Readable, Writable } = require('node:stream');

const open = (options) => new Readable({ read() {}, highWaterMark: 100, ...options });

function source(chunks, options = {}) {
  const left = [...chunks];
  return new Readable({
    ...options,
    read() {
      this.push(left.length ? left.shift() : null);
    },
  });
}

// Logs what an iteration gave once it is over; how its steps and events interleave is the language's.
async function collect(t, label, iterable, body = () => {}) {
  const got = [];
  try {
    for await (const chunk of iterable) {
      got.push(chunk);
      if (body(chunk)) break;
    }
    t.log(label, ...got, 'over');
  } catch (error) {
    t.log(label, ...got, error);
  }
}

const settle = (t) => new Promise((resolve) => t.turns(6, resolve));

exports.iterateFalsyChunks = async (t) => {
  const stream = t.watch(source([0, '', false, 'x'], { objectMode: true }), 'stream');
  await collect(t, 'got', stream);
};

exports.iterateFalsyChunksThatComeLater = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  [0, '', false, null].forEach((chunk, index) => t.turns(2 * index, () => stream.push(chunk)));
  await collect(t, 'got', stream);
};

exports.iterateAfterSomeData = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c', 'd'], { objectMode: true }), 'stream', 'pause');
  await new Promise((resolve) => {
    stream.on('data', (chunk) => {
      t.log('data', chunk);
      if (chunk === 'b') resolve(stream.pause().removeAllListeners('data'));
    });
  });
  t.state('between', stream, 'readableFlowing', 'readableDidRead');
  await collect(t, 'got', stream);
};

exports.iterateAfterSomeReads = async (t) => {
  const stream = t.watch(open(), 'stream');
  stream.push('abcdef');
  t.log('read', stream.read(2));
  stream.push(null);
  await collect(t, 'got', stream);
};

exports.iterateWithADataListener = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  const heard = [];
  stream.on('data', (chunk) => heard.push(chunk));
  await collect(t, 'got', stream);
  t.log('heard', ...heard);
};

exports.iterateAPausedOne = async (t) => {
  const stream = t.watch(source(['a', 'b'], { objectMode: true }), 'stream', 'pause', 'resume');
  stream.pause();
  await collect(t, 'got', stream);
  t.log('paused', stream.isPaused(), stream.readableFlowing);
};

exports.iterateAFlowingOne = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'resume');
  stream.resume();
  await settle(t);
  stream.push('lost');
  await settle(t);
  const iteration = collect(t, 'got', stream);
  await settle(t);
  t.log('flowing', stream.readableFlowing);
  stream.push('a');
  stream.push('b');
  stream.push(null);
  await iteration;
};

exports.pauseAndResumeInTheBody = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream', 'pause', 'resume');
  await collect(t, 'got', stream, (chunk) => {
    if (chunk === 'a') stream.pause();
    if (chunk === 'b') stream.resume();
    t.log(chunk, stream.isPaused(), stream.readableFlowing);
  });
};

exports.iterateWithAReadableListener = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  let count = 0;
  stream.on('readable', () => count += 1);
  ['a', 'b', null].forEach((chunk, index) => t.turns(6 * index, () => stream.push(chunk)));
  await collect(t, 'got', stream);
  t.log('readable', count);
};

exports.iterateWhatIsPiped = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  const written = [];
  const write = (chunk, encoding, callback) => callback(void written.push(chunk));
  stream.pipe(t.watch(new Writable({ objectMode: true, write }), 'sink'));
  await collect(t, 'got', stream);
  await settle(t);
  t.log('written', ...written);
};

exports.twoIterationsAtOnce = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  const got = [];
  const all = [1, 2].map(() => collect(t, 'over', { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }, (chunk) => void got.push(chunk)));
  for (const chunk of ['a', 'b', 'c', 'd']) {
    await settle(t);
    stream.push(chunk);
  }
  await settle(t);
  stream.push(null);
  await Promise.all(all);
};

exports.unshiftInTheBody = async (t) => {
  const stream = t.watch(open(), 'stream');
  stream.push('abc');
  t.turns(6, () => stream.push('d'));
  t.turns(12, () => stream.push(null));
  let count = 0;
  await collect(t, 'got', stream, (chunk) => {
    count += 1;
    if (count === 1) stream.unshift(chunk.subarray(1));
  });
};

exports.setEncodingInTheBody = async (t) => {
  const stream = t.watch(open(), 'stream');
  stream.push('a');
  t.turns(6, () => stream.push('é'));
  t.turns(12, () => stream.push(null));
  await collect(t, 'got', stream, () => void stream.setEncoding('hex'));
};

exports.iterateWithoutAMark = async (t) => {
  const stream = t.watch(source(['ab', 'c'], { highWaterMark: 0 }), 'stream');
  await collect(t, 'got', stream);
};

exports.iterateAnEndedOne = async (t) => {
  const stream = t.watch(source(['a']), 'stream');
  stream.resume();
  await settle(t);
  await collect(t, 'got', stream);
};

exports.iterateAnEndedOneThatIsNotDestroyed = async (t) => {
  const stream = t.watch(source(['a'], { autoDestroy: false }), 'stream');
  stream.resume();
  await settle(t);
  await collect(t, 'got', stream);
  t.state('state', stream, 'destroyed');
};

exports.iterateWithoutAutoDestroy = async (t) => {
  const stream = t.watch(source(['a'], { autoDestroy: false }), 'stream');
  await collect(t, 'got', stream);
  await settle(t);
  t.state('state', stream, 'destroyed', 'readableEnded');
};

exports.breakWithoutAutoDestroy = async (t) => {
  const stream = t.watch(source(['a', 'b'], { autoDestroy: false, objectMode: true }), 'stream');
  await collect(t, 'got', stream, () => true);
  await settle(t);
  t.state('state', stream, 'destroyed', 'readableAborted');
};

exports.iterateWithoutACloseEvent = async (t) => {
  const stream = t.watch(source(['a'], { emitClose: false }), 'stream');
  await collect(t, 'got', stream);
  await settle(t);
  t.state('state', stream, 'destroyed', 'closed');
};

exports.errorWhileTheIterationWaits = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  stream.push('a');
  t.turns(6, () => stream.destroy(new Error('in between')));
  await collect(t, 'got', stream);
};

exports.errorWithDataBuffered = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  for (const chunk of ['a', 'b', 'c']) stream.push(chunk);
  await collect(t, 'got', stream, () => void stream.destroy(new Error('early')));
};

exports.errorWithoutAutoDestroy = async (t) => {
  const stream = t.watch(open({ objectMode: true, autoDestroy: false }), 'stream');
  stream.push('a');
  t.turns(6, () => stream.emit('error', new Error('by hand')));
  await collect(t, 'got', stream);
  t.state('state', stream, 'destroyed');
};

exports.errorEmittedByHand = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  stream.push('a');
  t.turns(6, () => stream.emit('error', new Error('by hand')));
  await collect(t, 'got', stream.iterator({ destroyOnReturn: false }));
  await settle(t);
  t.state('state', stream, 'destroyed', 'errored');
};

exports.errorBetweenTheEndAndTheIteration = async (t) => {
  const stream = t.watch(open({ autoDestroy: false }), 'stream', 'chunk');
  stream.push(null);
  await settle(t);
  stream.push('late');
  await settle(t);
  await collect(t, 'got', stream);
};

exports.closeWithAllRead = async (t) => {
  const stream = t.watch(open(), 'stream');
  stream.once('readable', () => stream.destroy());
  t.turns(6, () => stream.push(null));
  await collect(t, 'got', stream);
};

exports.closeWithoutASoundUnderWay = async (t) => {
  const stream = t.watch(open({ emitClose: false, destroy: (error, callback) => t.turns(12, callback) }), 'stream');
  stream.destroy();
  await collect(t, 'got', stream);
};

exports.closeWhileTheIterationWaits = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  stream.push('a');
  t.turns(6, () => stream.destroy());
  await collect(t, 'got', stream);
};

exports.closeWithTheEndBuffered = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  stream.push('a');
  stream.push('b');
  stream.push(null);
  await collect(t, 'got', stream, () => void stream.destroy());
};

exports.keptAfterABreakAndGoneOnWith = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  for (const chunk of ['a', 'b', 'c', null]) stream.push(chunk);
  await collect(t, 'first', stream.iterator({ destroyOnReturn: false }), () => true);
  t.log('between', stream.destroyed, stream.readableLength, stream.listenerCount('readable'), stream.readableFlowing);
  stream.on('data', (chunk) => t.log('data', chunk));
  await settle(t);
};

exports.keptAfterAThrow = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  for (const chunk of ['a', 'b']) stream.push(chunk);
  await collect(t, 'got', stream.iterator({ destroyOnReturn: false }), () => {
    throw new Error('from the body');
  });
  t.log('after', stream.destroyed, stream.readableLength);
};

exports.keptAndTheStreamFails = async (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream');
  stream.push('a');
  t.turns(6, () => stream.destroy(new Error('from the stream')));
  await collect(t, 'got', stream.iterator({ destroyOnReturn: false }));
  t.log('after', stream.destroyed);
};

exports.keptAndIteratedToTheEnd = async (t) => {
  const stream = t.watch(source(['a'], { objectMode: true, autoDestroy: false }), 'stream');
  await collect(t, 'got', stream.iterator({ destroyOnReturn: false }));
  await settle(t);
  t.log('after', stream.destroyed, stream.listenerCount('end'), stream.listenerCount('readable'));
};

exports.leftBeforeItsFirstStep = async (t) => {
  const stream = t.watch(source(['a']), 'stream');
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.return();
  const { value, done } = await chunks.next();
  t.log('next', value, done);
  t.state('state', stream, 'destroyed');
};

exports.stepsAfterTheEnd = async (t) => {
  const stream = t.watch(source(['a'], { objectMode: true }), 'stream');
  const chunks = stream[Symbol.asyncIterator]();
  for (let count = 0; count < 4; count++) {
    const { value, done } = await chunks.next();
    t.log('next', value, done);
  }
};

exports.breakOfADuplexDestroysBothSides = async (t) => {
  const stream = t.watch(new PassThrough({ objectMode: true }), 'stream');
  stream.write('a');
  await collect(t, 'got', stream, () => true);
  await settle(t);
  t.state('state', stream, 'destroyed', 'writable', 'readableAborted');
};
