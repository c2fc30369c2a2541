'use strict';
// compose: a chain of streams and functions as one stream.

const { compose, Duplex, PassThrough, Readable, Transform, Writable } = require('node:stream');

const upper = () => new Transform({
  transform(chunk, encoding, callback) {
    callback(null, chunk.toString().toUpperCase());
  },
});

const doubled = () => new Transform({
  objectMode: true,
  transform: (n, encoding, callback) => callback(null, n * 2),
});

const failing = (at) => new Transform({
  objectMode: true,
  transform: (n, encoding, callback) => (n === at ? callback(new Error('why')) : callback(null, n)),
});

async function* increased(source) {
  for await (const n of source) yield n + 1;
}

const sink = (t) => new Writable({
  objectMode: true,
  write(chunk, encoding, callback) {
    t.log('wrote', chunk);
    callback();
  },
});

const shape = (t, stream) => t.state('shape', stream, 'readable', 'writable', 'readableObjectMode', 'writableObjectMode');

exports.twoTransforms = (t) => {
  const composed = t.watch(compose(upper(), new PassThrough()), 'composed', 'data');
  shape(t, composed);
  composed.write('some ');
  composed.end('text');
};

exports.oneTransform = (t) => {
  const transform = upper();
  const composed = t.watch(compose(transform), 'composed', 'data');
  t.log('same', composed === transform);
  composed.end('text');
};

exports.objectsThroughThree = (t) => {
  const composed = t.watch(compose(doubled(), increased, doubled()), 'composed', 'chunk');
  shape(t, composed);
  for (const n of [1, 2, 3]) composed.write(n);
  composed.end();
};

exports.modesOfTheEnds = (t) => {
  shape(t, compose(new PassThrough({ writableObjectMode: true }), new PassThrough({ readableObjectMode: true })));
  shape(t, compose(new PassThrough(), doubled()));
};

exports.generatorFunctions = (t) => {
  const composed = t.watch(compose(increased, increased), 'composed', 'chunk');
  shape(t, composed);
  composed.write(1);
  composed.end(5);
};

exports.oneGeneratorFunction = (t) => {
  const composed = t.watch(compose(increased), 'composed', 'chunk');
  shape(t, composed);
  composed.write(1);
  composed.end(5);
};

exports.aReadableFirst = (t) => {
  const composed = t.watch(compose(Readable.from([1, 2]), doubled()), 'composed', 'chunk');
  shape(t, composed);
};

exports.anIterableFirst = (t) => {
  const composed = t.watch(compose([1, 2], doubled()), 'composed', 'chunk');
  shape(t, composed);
};

exports.aGeneratorFirst = (t) => {
  const giving = async function* () {
    yield 1;
    yield 2;
  };
  t.watch(compose(giving(), increased, doubled()), 'composed', 'chunk');
};

exports.aWritableLast = (t) => {
  const composed = t.watch(compose(doubled(), sink(t)), 'composed');
  shape(t, composed);
  composed.write(1);
  composed.end(2);
};

exports.anAsyncFunctionLast = (t) => {
  const consume = async (source) => {
    for await (const chunk of source) t.log('took', chunk);
  };
  const composed = t.watch(compose(doubled(), consume), 'composed');
  shape(t, composed);
  composed.write(1);
  composed.end(2);
};

exports.fromOneEndToTheOther = (t) => {
  const composed = t.watch(compose(Readable.from([1, 2]), doubled(), sink(t)), 'composed');
  shape(t, composed);
};

exports.theFirstFails = (t) => {
  const composed = t.watch(compose(failing(2), doubled()), 'composed', 'chunk');
  composed.write(1);
  composed.write(2);
};

exports.theLastFails = (t) => {
  const first = doubled();
  const composed = t.watch(compose(first, failing(4)), 'composed', 'chunk');
  composed.on('close', () => t.state('first', first, 'destroyed'));
  composed.write(1);
  composed.write(2);
};

exports.aFunctionFails = (t) => {
  const throwing = async function* (source) {
    for await (const n of source) {
      if (n === 4) throw new Error('why');
      yield n;
    }
  };
  const [first, last] = [doubled(), doubled()];
  const composed = t.watch(compose(first, throwing, last), 'composed', 'chunk');
  composed.on('close', () => t.log('destroyed', first.destroyed, last.destroyed));
  composed.once('data', () => composed.write(2));
  composed.write(1);
};

exports.theSourceFails = (t) => {
  const giving = async function* () {
    yield 1;
    throw new Error('from the source');
  };
  t.watch(compose(giving, doubled()), 'composed', 'chunk');
};

exports.aStageIsDestroyed = (t) => {
  const [first, last] = [doubled(), doubled()];
  const composed = t.watch(compose(first, last), 'composed', 'chunk');
  composed.on('close', () => t.log('destroyed', first.destroyed, last.destroyed));
  composed.once('data', () => first.destroy());
  composed.write(1);
};

exports.theLastIsDestroyed = (t) => {
  const [first, last] = [doubled(), doubled()];
  const composed = t.watch(compose(first, last), 'composed', 'chunk');
  composed.on('close', () => t.log('destroyed', first.destroyed, last.destroyed));
  composed.once('data', () => last.destroy(new Error('why')));
  composed.write(1);
};

exports.composedIsDestroyed = (t) => {
  const [first, last] = [doubled(), doubled()];
  const composed = t.watch(compose(first, last), 'composed', 'chunk');
  composed.on('close', () => t.log('destroyed', first.destroyed, last.destroyed));
  composed.once('data', () => composed.destroy());
  composed.write(1);
};

exports.composedIsDestroyedWithAnError = (t) => {
  const [first, last] = [doubled(), doubled()];
  const composed = t.watch(compose(first, last), 'composed', 'chunk');
  composed.on('close', () => t.log('destroyed', first.destroyed, first.errored, last.destroyed, last.errored));
  composed.once('data', () => composed.destroy(new Error('why')));
  composed.write(1);
};

exports.callbacksOfWrites = (t) => {
  const composed = t.watch(compose(doubled(), doubled()), 'composed', 'chunk');
  composed.write(1, t.callback('wrote'));
  composed.end(2, t.callback('ended'));
};

exports.inAPipeline = async (t) => {
  const composed = t.watch(compose(doubled(), increased), 'composed', '-end');
  t.log('list', await Readable.from([1, 2, 3]).pipe(composed).toArray());
};

exports.iteratedOver = async (t) => {
  const composed = compose(doubled(), increased);
  composed.write(1);
  composed.end(2);
  for await (const chunk of composed) t.log('got', chunk);
  t.log('over');
};

exports.iterationIsLeft = async (t) => {
  const last = doubled();
  const composed = compose(Readable.from([1, 2, 3, 4]), last);
  for await (const chunk of composed) {
    t.log('got', chunk);
    break;
  }
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  t.log('destroyed', composed.destroyed, last.destroyed);
};

exports.wrongStages = (t) => {
  t.attempt('none', () => compose());
  t.attempt('number', () => compose(5));
  t.attempt('number first', () => compose(5, doubled()));
  t.attempt('number last', () => compose(doubled(), 5));
  t.attempt('readable in the middle', () => compose(doubled(), Readable.from([]), doubled()));
  t.attempt('readable last', () => compose(doubled(), Readable.from([])));
  t.attempt('writable first', () => compose(sink(t), doubled()));
  t.attempt('writable in the middle', () => compose(doubled(), sink(t), doubled()));
};

exports.ofAReadable = (t) => {
  const composed = t.watch(Readable.from([1, 2]).compose(doubled()), 'composed', 'chunk');
  shape(t, composed);
};

exports.ofAReadableAndAFunction = async (t) => {
  t.log('list', await Readable.from([1, 2]).compose(increased).toArray());
};

exports.ofAReadableAbortedByASignal = (t) => {
  const controller = new AbortController();
  const composed = t.watch(Readable.from([1, 2, 3]).compose(doubled(), { signal: controller.signal }), 'composed', 'chunk');
  composed.once('data', () => controller.abort());
};

exports.ofAReadableWrong = (t) => {
  t.attempt('readable', () => Readable.from([]).compose(Readable.from([])));
  t.attempt('number', () => Readable.from([]).compose(5));
  t.attempt('signal', () => Readable.from([]).compose(doubled(), { signal: 5 }));
};

exports.backpressure = (t) => {
  const held = new Duplex({ objectMode: true, highWaterMark: 1, read() {}, write() {} });
  const composed = compose(held, new PassThrough({ objectMode: true }));
  t.log('write', composed.write(1));
  t.log('write', composed.write(2));
  t.state('state', composed, 'writableLength', 'writableNeedDrain');
  t.state('held', held, 'writableLength');
};
