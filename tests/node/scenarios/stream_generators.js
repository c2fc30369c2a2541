'use strict';
// pipeline() with functions and iterables.  Each part has a page of its own in the log: how promises interleave is
// nobody's promise.

const { PassThrough, Readable, Transform, Writable, pipeline: plain } = require('node:stream');
const { pipeline } = require('node:stream/promises');

class Book {
  constructor(t) {
    this.t = t;
    this.pages = new Map();
    this.streams = [];
  }

  note(label, ...values) {
    if (!this.pages.has(label)) this.pages.set(label, []);
    this.pages.get(label).push(values);
  }

  watch(stream, label, ...names) {
    for (const name of ['end', 'finish', 'error', 'close', ...names]) {
      stream.on(name, (...values) => this.note(label, name, ...values));
    }
    this.streams.push([label, stream]);
    return stream;
  }

  // Logs how a chain ends, and then every page.
  async over(chain) {
    try {
      this.t.log('result', await chain);
    } catch (error) {
      this.t.log('error', error);
    }
    await new Promise((resolve) => this.t.turns(8, resolve));
    for (const label of [...this.pages.keys()].sort()) this.t.log(label, ...this.pages.get(label));
    for (const [label, stream] of this.streams) this.t.state(label, stream, 'destroyed', 'errored');
  }
}

function source(book, chunks) {
  const left = [...chunks];
  return book.watch(new Readable({
    read() {
      this.push(left.length ? left.shift() : null);
    },
    highWaterMark: 1,
  }), 'source');
}

const open = (book) => book.watch(new Readable({ read() {} }), 'source');

const through = (book) => book.watch(new PassThrough(), 'through');

const sink = (book, options = {}) => book.watch(new Writable({
  write(chunk, encoding, callback) {
    book.note('sink', 'write', chunk);
    setImmediate(callback);
  },
  ...options,
}), 'sink');

// A generator function that gives some chunks, then does something else.
const first = (book, chunks, then = () => {}) => async function* given() {
  try {
    yield* chunks;
    yield* then() ?? [];
    book.note('first', 'through');
  } finally {
    book.note('first', 'finally');
  }
};

// A generator function that doubles each chunk, and may do something after one.
const double = (book, label = 'double', after = () => {}) => async function* doubled(chunks) {
  try {
    for await (const chunk of chunks) {
      yield `${chunk}${chunk}`;
      if (after(chunk)) return;
    }
    book.note(label, 'through');
  } catch (error) {
    book.note(label, 'caught', error);
    throw error;
  } finally {
    book.note(label, 'finally');
  }
};

// An async function that joins all chunks, and may do something after one.
const join = (book, after = () => {}) => async function joined(chunks) {
  let text = '';
  try {
    for await (const chunk of chunks) {
      text += chunk;
      if (after(chunk)) break;
    }
  } catch (error) {
    book.note('join', 'caught', error);
    throw error;
  } finally {
    book.note('join', 'finally');
  }
  return text;
};

function fail() {
  throw new Error('enough');
}

const scenario = (run) => async (t) => {
  const book = new Book(t);
  await book.over(run(book, t));
};

// -- where they can stand --

exports.first = scenario((b) => pipeline(first(b, ['a', 'b']), sink(b)));
exports.inTheMiddle = scenario((b) => pipeline(source(b, ['a', 'b']), double(b), sink(b)));
exports.last = scenario((b) => pipeline(source(b, ['a', 'b']), join(b)));
exports.severalInARow = scenario((b) => pipeline(
  source(b, ['a']), double(b, 'd1'), double(b, 'd2'), double(b, 'd3'), sink(b),
));
exports.allFunctions = scenario((b) => pipeline(first(b, ['a', 'b']), double(b), join(b)));
exports.aGeneratorLast = scenario((b) => pipeline(source(b, ['a', 'b']), double(b, 'd1'), double(b, 'd2')));

exports.betweenStreams = scenario((b) => pipeline(
  source(b, ['a', 'b']), double(b, 'd1'), through(b), double(b, 'd2'), sink(b),
));

exports.anIterableFirst = scenario((b) => pipeline(['a', 'b'], sink(b)));
exports.aStringFirst = scenario((b) => pipeline('abc', join(b)));
exports.anAsyncIterableFirst = scenario((b) => pipeline(first(b, ['a', 'b'])(), double(b), sink(b)));
exports.aFunctionOfAnIterableFirst = scenario((b) => pipeline(() => ['a', 'b'], sink(b)));
exports.aFunctionOfAStreamFirst = scenario((b) => pipeline(() => source(b, ['a', 'b']), sink(b)));
exports.anEmptyIterable = scenario((b) => pipeline([], sink(b)));
exports.intoAPassThrough = scenario((b) => pipeline(['a', 'b'], b.watch(new PassThrough(), 'through', 'data')));

exports.objects = scenario((b) => pipeline(
  [1, 2], b.watch(new PassThrough({ objectMode: true }), 'through'), async function* more(numbers) {
    for await (const number of numbers) yield number + 10;
  }, sink(b, { objectMode: true }),
));

exports.aTransformAfterAGenerator = scenario((b) => pipeline(first(b, ['a', 'b']), b.watch(new Transform({
  transform: (chunk, encoding, callback) => callback(null, `<${chunk}>`),
}), 'through'), join(b)));

exports.aSlowSinkSetsThePace = scenario((b, t) => {
  let given = 0;
  const counted = (function* letters() {
    for (const letter of 'abcd') {
      given += 1;
      yield letter;
    }
  })();
  return pipeline(counted, sink(b, {
    highWaterMark: 1,
    write(chunk, encoding, callback) {
      b.note('sink', 'write', chunk, given);
      t.turns(3, callback);
    },
  }));
});

// -- failing --

exports.theFirstFailsAtOnce = scenario((b) => pipeline(first(b, [], fail), sink(b)));
exports.theFirstFailsAfterAChunk = scenario((b) => pipeline(first(b, ['a'], fail), through(b), sink(b)));
exports.theFirstFailsAndAnotherReads = scenario((b) => pipeline(first(b, ['a'], fail), double(b), sink(b)));
exports.theMiddleFails = scenario((b) => pipeline(source(b, ['a', 'b', 'c']), double(b, 'double', fail), sink(b)));
exports.theMiddleFailsBetweenFunctions = scenario((b) => pipeline(
  first(b, ['a', 'b']), double(b, 'double', fail), join(b),
));
exports.theLastFails = scenario((b) => pipeline(source(b, ['a', 'b', 'c']), join(b, fail)));
exports.theLastFailsAfterAGenerator = scenario((b) => pipeline(first(b, ['a', 'b', 'c']), double(b), join(b, fail)));
exports.theLastFailsWithoutReading = scenario((b) => pipeline(open(b), async () => fail()));

exports.theSinkFails = scenario((b) => pipeline(first(b, ['a', 'b', 'c']), double(b), sink(b, {
  highWaterMark: 1,
  write: (chunk, encoding, callback) => setImmediate(() => callback(new Error('from the sink'))),
})));

exports.theSinkIsDestroyed = scenario((b, t) => {
  const to = sink(b, { highWaterMark: 1, write() {} });
  t.turns(4, () => to.destroy());
  return pipeline(first(b, ['a', 'b', 'c']), double(b), to);
});

exports.theSourceFails = scenario((b, t) => {
  const from = open(b);
  from.push('a');
  t.turns(5, () => from.destroy(new Error('from the source')));
  return pipeline(from, double(b), sink(b));
});

exports.theSourceIsDestroyed = scenario((b, t) => {
  const from = open(b);
  from.push('a');
  t.turns(5, () => from.destroy());
  return pipeline(from, double(b, 'd1'), double(b, 'd2'), sink(b));
});

exports.theSourceFailsUnderTheLast = scenario((b, t) => {
  const from = open(b);
  from.push('a');
  t.turns(5, () => from.destroy(new Error('from the source')));
  return pipeline(from, through(b), join(b));
});

exports.theStreamInTheMiddleFails = scenario((b) => pipeline(source(b, ['a', 'b']), double(b), b.watch(new Transform({
  transform: (chunk, encoding, callback) => callback(new Error('from the middle')),
}), 'through'), join(b)));

exports.whatIsNoChunk = scenario((b) => pipeline([5], sink(b)));
exports.nullIsNoChunk = scenario((b) => pipeline([null], sink(b, { objectMode: true })));

// -- leaving early --

exports.theMiddleReturnsEarly = scenario((b) => pipeline(
  source(b, ['a', 'b', 'c']), double(b, 'double', () => true), sink(b),
));
exports.theLastReturnsEarly = scenario((b) => pipeline(source(b, ['a', 'b', 'c']), join(b, () => true)));
exports.theLastReturnsEarlyAfterAGenerator = scenario((b) => pipeline(
  first(b, ['a', 'b', 'c']), double(b), join(b, () => true),
));
exports.theLastReturnsEarlyAfterAStream = scenario((b) => pipeline(
  first(b, ['a', 'b', 'c']), through(b), join(b, () => true),
));
exports.aFunctionsStreamIsLeftEarly = scenario((b) => pipeline(() => source(b, ['a', 'b', 'c']), join(b, () => true)));
exports.theLastDoesNotRead = scenario((b) => pipeline(open(b), async () => 'nothing'));
exports.theMiddleDoesNotRead = scenario((b) => pipeline(open(b), async function* own() {
  yield 'own';
}, sink(b)));

// -- the last stream is left open --

exports.endFalse = scenario((b) => pipeline(first(b, ['a', 'b']), sink(b), { end: false }));
exports.endFalseAndTheGeneratorFails = scenario((b) => pipeline(first(b, ['a'], fail), sink(b), { end: false }));
exports.endFalseAndTheMiddleFails = scenario((b) => pipeline(
  source(b, ['a', 'b']), double(b, 'double', fail), sink(b), { end: false },
));

// -- what is refused --

exports.aFunctionOfNothingToIterate = (t) => {
  const streams = ['first', 'middle', 'last', 'promise'].map(() => new PassThrough());
  const tries = {
    first: [() => 5, streams[0]],
    middle: [streams[1], () => 5, new PassThrough()],
    last: [streams[2], () => 5],
    'a promise in the middle': [streams[3], async () => ['a'], new PassThrough()],
  };
  for (const [label, stages] of Object.entries(tries)) {
    t.attempt(label, () => void plain(...stages, () => t.log('never')));
  }
};
