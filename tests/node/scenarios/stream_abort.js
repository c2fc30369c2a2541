'use strict';
// add_abort_signal(), the `signal` option, and the signal of a pipeline.

const {
  Duplex, PassThrough, Readable, Transform, Writable, addAbortSignal, finished, pipeline,
} = require('node:stream');
const { pipeline: awaited } = require('node:stream/promises');

const hooks = { read() {}, write: (chunk, encoding, callback) => callback() };
const kinds = {
  readable: (options) => new Readable({ ...hooks, ...options }),
  writable: (options) => new Writable({ ...hooks, ...options }),
  duplex: (options) => new Duplex({ ...hooks, ...options }),
  transform: (options) => new Transform({
    transform: (chunk, encoding, callback) => callback(null, chunk),
    ...options,
  }),
};

// What each kind of stream does when `act` gets it and its controller.
function each(t, act, options = {}) {
  for (const [kind, make] of Object.entries(kinds)) {
    const controller = new AbortController();
    const stream = t.watch(make(options), kind);
    act(stream, controller, kind);
    t.turns(6, () => t.state(kind, stream, 'destroyed', 'errored'));
  }
}

const end = (stream, kind) => {
  if (kind !== 'readable') stream.end();
  if (kind === 'readable' || kind === 'duplex') stream.push(null);
  if (kind !== 'writable') stream.resume();
};

// An error, and why it came.
const reason = (error) => [error, error.cause];

exports.abortedBefore = (t) => each(t, (stream, controller) => {
  controller.abort();
  t.log('same', addAbortSignal(controller.signal, stream) === stream);
  t.state('at once', stream, 'destroyed');
});

exports.abortedAtOnce = (t) => each(t, (stream, controller) => {
  addAbortSignal(controller.signal, stream);
  controller.abort();
  t.state('at once', stream, 'destroyed');
});

exports.abortedLater = (t) => each(t, (stream, controller) => {
  addAbortSignal(controller.signal, stream);
  t.turns(2, () => controller.abort());
});

exports.abortedAfterTheEnd = (t) => each(t, (stream, controller, kind) => {
  addAbortSignal(controller.signal, stream);
  end(stream, kind);
  t.turns(3, () => controller.abort());
});

exports.abortedAfterTheEndWithoutAutoDestroy = (t) => each(t, (stream, controller, kind) => {
  addAbortSignal(controller.signal, stream);
  end(stream, kind);
  t.turns(3, () => controller.abort());
}, { autoDestroy: false });

exports.abortedAfterDestroy = (t) => each(t, (stream, controller) => {
  addAbortSignal(controller.signal, stream);
  stream.destroy();
  t.turns(2, () => controller.abort());
});

exports.abortedInTheSameTurnAsDestroy = (t) => each(t, (stream, controller) => {
  addAbortSignal(controller.signal, stream);
  stream.destroy();
  controller.abort();
});

exports.abortedUnheard = (t) => {
  const controller = new AbortController();
  t.watch(addAbortSignal(controller.signal, kinds.readable()), 'stream', '-error', '-close');
  controller.abort();
};

exports.abortedBeforeUnheard = (t) => {
  t.watch(addAbortSignal(AbortSignal.abort(), kinds.readable()), 'stream', '-error', '-close');
};

exports.theReasons = (t) => {
  for (const given of [new Error('enough'), 'a text']) {
    const controller = new AbortController();
    const stream = addAbortSignal(controller.signal, kinds.readable());
    stream.on('error', (error) => t.log('error', ...reason(error)));
    controller.abort(given);
  }
};

exports.theOption = (t) => {
  for (const [kind, make] of Object.entries(kinds)) {
    const controller = new AbortController();
    const stream = t.watch(make({ signal: controller.signal }), kind);
    t.turns(2, () => controller.abort(new Error('why')));
    stream.on('error', (error) => t.log('reason', ...reason(error)));
  }
};

exports.theOptionAbortedBefore = (t) => {
  const controller = new AbortController();
  controller.abort();
  for (const [kind, make] of Object.entries(kinds)) {
    const stream = t.watch(make({ signal: controller.signal }), kind);
    t.state('at once', stream, 'destroyed');
  }
};

exports.whileConstructing = (t) => {
  const controller = new AbortController();
  const construct = (callback) => t.turns(3, () => t.log('constructed') ?? callback());
  const destroy = (error, callback) => t.log('destroy', error) ?? callback(error);
  t.watch(kinds.writable({ signal: controller.signal, construct, destroy }), 'stream');
  t.turns(1, () => controller.abort());
};

exports.withWritesInFlight = (t) => {
  const controller = new AbortController();
  const callbacks = [];
  const stream = t.watch(new Writable({
    signal: controller.signal,
    write: (chunk, encoding, callback) => callbacks.push(callback),
  }), 'stream');
  for (const chunk of ['a', 'b']) stream.write(chunk, t.callback(chunk));
  stream.end(t.callback('end'));
  controller.abort();
  t.turns(2, () => callbacks.forEach((callback) => callback()));
};

exports.withDataLeft = (t) => {
  const controller = new AbortController();
  const stream = t.watch(kinds.readable({ signal: controller.signal }), 'stream', 'data');
  stream.push('a');
  stream.once('data', () => controller.abort());
  stream.push('b');
};

exports.abortedInRead = (t) => {
  const controller = new AbortController();
  const stream = t.watch(new Readable({
    signal: controller.signal,
    read() {
      controller.abort();
      this.push('a');
    },
  }), 'stream', 'data');
  t.turns(3, () => t.state('later', stream, 'readableLength', 'readableAborted'));
};

exports.theDestroyHookGetsTheError = (t) => each(t, (stream, controller) => {
  addAbortSignal(controller.signal, stream);
  controller.abort();
}, { destroy: (error, callback) => t.log('destroy', error) ?? callback() });

exports.twoSignals = (t) => {
  const [first, second] = [new AbortController(), new AbortController()];
  const stream = t.watch(kinds.readable(), 'stream');
  addAbortSignal(first.signal, addAbortSignal(second.signal, stream));
  stream.on('error', (error) => t.log('reason', ...reason(error)));
  first.abort(new Error('first'));
  second.abort(new Error('second'));
};

exports.oneSignalForSeveral = (t) => {
  const controller = new AbortController();
  for (const [kind, make] of Object.entries(kinds)) t.watch(addAbortSignal(controller.signal, make()), kind);
  t.turns(2, () => controller.abort());
};

exports.aPipedSource = (t) => {
  const controller = new AbortController();
  const from = t.watch(addAbortSignal(controller.signal, kinds.readable()), 'from');
  const to = t.watch(kinds.writable(), 'to', 'unpipe');
  from.pipe(to);
  from.push('a');
  t.turns(2, () => controller.abort());
  t.turns(5, () => t.state('later', to, 'destroyed', 'writableEnded'));
};

exports.aPipedSink = (t) => {
  const controller = new AbortController();
  const from = t.watch(kinds.readable(), 'from', 'pause');
  const to = t.watch(addAbortSignal(controller.signal, kinds.writable()), 'to', 'unpipe');
  from.pipe(to);
  t.turns(2, () => controller.abort());
  t.turns(5, () => t.state('later', from, 'destroyed', 'readableFlowing'));
};

exports.anIteration = async (t) => {
  const controller = new AbortController();
  const stream = t.watch(addAbortSignal(controller.signal, kinds.readable()), 'stream');
  stream.push('a');
  t.turns(4, () => controller.abort());
  try {
    for await (const chunk of stream) t.log('got', chunk);
  } catch (error) {
    t.log('caught', error);
  }
};

exports.aStageOfAPipeline = (t) => {
  for (const index of [0, 1, 2]) {
    const controller = new AbortController();
    const streams = [kinds.readable(), new PassThrough(), kinds.writable()];
    streams.forEach((stream, at) => t.watch(stream, `${index}: ${at}`));
    addAbortSignal(controller.signal, streams[index]);
    pipeline(streams, t.callback(`${index}: done`));
    t.turns(2, () => controller.abort());
  }
};

exports.finishedOfAnAbortedOne = (t) => each(t, (stream, controller) => {
  finished(stream, t.callback('finished'));
  addAbortSignal(controller.signal, stream);
  controller.abort();
});

// -- the signal of a pipeline --

function chain(t) {
  return [kinds.readable(), new PassThrough(), kinds.writable()].map((stream, at) => t.watch(stream, `${at}`));
}

const aborted = (when) => async (t) => {
  const controller = new AbortController();
  const streams = chain(t);
  if (when === 'before') controller.abort(new Error('why'));
  const over = awaited(streams, { signal: controller.signal });
  if (when === 'at once') controller.abort(new Error('why'));
  streams[0].push('a');
  if (when === 'later') t.turns(3, () => controller.abort(new Error('why')));
  if (when === 'after') streams[0].push(null);
  await over.then((value) => t.log('over', value), (error) => t.log('fails', ...reason(error)));
  controller.abort();
  await new Promise((resolve) => t.turns(3, resolve));
  for (const stream of streams) t.state('later', stream, 'destroyed', 'errored');
};

exports.aPipelineAbortedBefore = aborted('before');
exports.aPipelineAbortedAtOnce = aborted('at once');
exports.aPipelineAbortedLater = aborted('later');
exports.aPipelineAbortedAfter = aborted('after');

exports.aPipelineWithEndFalseIsAborted = async (t) => {
  const controller = new AbortController();
  const streams = chain(t);
  t.turns(3, () => controller.abort());
  await awaited(streams, { signal: controller.signal, end: false }).catch((error) => t.log('fails', error));
  t.state('last', streams[2], 'destroyed', 'writable');
};

exports.aPipelineOfFunctionsIsAborted = async (t) => {
  const controller = new AbortController();
  const from = t.watch(kinds.readable(), 'from');
  from.push('a');
  t.turns(5, () => controller.abort(new Error('why')));
  await awaited(from, async function* noting(chunks) {
    try {
      for await (const chunk of chunks) yield chunk;
    } catch (error) {
      t.log('caught', error);
      throw error;
    }
  }, t.watch(kinds.writable(), 'to'), { signal: controller.signal }).catch((error) => t.log('fails', ...reason(error)));
};

exports.whatIsRefused = (t) => {
  const { signal } = new AbortController();
  for (const wrong of [5, 'text', {}]) t.attempt('signal', () => void addAbortSignal(wrong, kinds.readable()));
  for (const wrong of [5, 'text', null, {}]) t.attempt('stream', () => void addAbortSignal(signal, wrong));
  for (const wrong of [5, 'text', {}]) t.attempt('option', () => void kinds.writable({ signal: wrong }));
};
