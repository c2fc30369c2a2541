'use strict';
// Duplex.from: streams of both sides made of other things.

const { Duplex, PassThrough, Readable, Writable, isErrored } = require('node:stream');

const shape = (t, stream) => t.state('shape', stream, 'readable', 'writable', 'readableObjectMode', 'writableObjectMode');
const turn = () => new Promise(setImmediate);

function sink(t, options) {
  return new Writable({
    ...options,
    write(chunk, encoding, callback) {
      t.log('wrote', chunk);
      callback();
    },
  });
}

exports.aDuplex = (t) => {
  const duplex = new PassThrough();
  t.log('same', Duplex.from(duplex) === duplex);
};

exports.aReadable = (t) => {
  const stream = t.watch(Duplex.from(Readable.from(['a', 'b'])), 'stream', 'chunk');
  shape(t, stream);
};

exports.aReadableOfBytes = (t) => {
  const source = new PassThrough();
  const readable = new Readable({ read() {} }).on('end', () => t.log('source ended'));
  source.end();
  readable.push('bytes');
  readable.push(null);
  const stream = t.watch(Duplex.from(readable), 'stream', 'data');
  shape(t, stream);
};

exports.aWritable = (t) => {
  const stream = t.watch(Duplex.from(sink(t)), 'stream');
  shape(t, stream);
  stream.write('a', t.callback('written'));
  stream.end('b');
};

exports.aWritableOfObjects = (t) => {
  const stream = t.watch(Duplex.from(sink(t, { objectMode: true })), 'stream');
  shape(t, stream);
  stream.end(5);
};

exports.text = (t) => {
  const stream = t.watch(Duplex.from('some text'), 'stream', 'chunk');
  shape(t, stream);
};

exports.someBytes = (t) => {
  const stream = t.watch(Duplex.from(Buffer.from('bytes')), 'stream', 'chunk');
  shape(t, stream);
};

exports.anArray = (t) => {
  const stream = t.watch(Duplex.from([1, 2]), 'stream', 'chunk');
  shape(t, stream);
  t.state('mark', stream, 'readableHighWaterMark');
};

exports.aGenerator = (t) => {
  const giving = function* () {
    yield 1;
    throw new Error('why');
  };
  t.watch(Duplex.from(giving()), 'stream', 'chunk');
};

exports.anAsyncGenerator = (t) => {
  const giving = async function* () {
    yield 1;
    await turn();
    yield 2;
  };
  const stream = t.watch(Duplex.from(giving()), 'stream', 'chunk');
  shape(t, stream);
};

exports.aPromise = (t) => {
  const stream = t.watch(Duplex.from(turn().then(() => 'value')), 'stream', 'chunk');
  shape(t, stream);
};

exports.aPromiseOfNothing = (t) => t.watch(Duplex.from(turn().then(() => null)), 'stream', 'chunk');

exports.aPromiseThatFails = (t) => {
  t.watch(Duplex.from(turn().then(() => { throw new Error('why'); })), 'stream', 'chunk');
};

exports.aGeneratorFunction = (t) => {
  const doubling = async function* (source) {
    for await (const n of source) {
      yield n * 2;
      yield n * 3;
    }
  };
  const stream = t.watch(Duplex.from(doubling), 'stream', 'chunk');
  shape(t, stream);
  t.state('marks', stream, 'readableHighWaterMark', 'writableHighWaterMark');
  stream.write(1, t.callback('written'));
  stream.end(2);
};

exports.aGeneratorFunctionThatIgnoresItsInput = (t) => {
  const giving = async function* () {
    yield 'a';
    yield 'b';
  };
  const stream = Duplex.from(giving);
  stream.on('data', (chunk) => t.log('got', chunk)).on('end', () => t.state('end', stream, 'writable', 'destroyed'));
};

exports.aGeneratorFunctionThatFails = (t) => {
  const failing = async function* (source) {
    for await (const n of source) {
      yield n;
      throw new Error('why');
    }
  };
  const stream = t.watch(Duplex.from(failing), 'stream', 'chunk');
  stream.write(1);
};

exports.anAsyncFunction = (t) => {
  const consume = async (source) => {
    for await (const chunk of source) t.log('took', chunk);
    await turn();
    t.log('returns');
  };
  const stream = t.watch(Duplex.from(consume), 'stream');
  shape(t, stream);
  stream.write('a');
  stream.end('b');
};

exports.anAsyncFunctionThatFails = (t) => {
  const failing = async (source) => {
    for await (const chunk of source) throw new Error(`why ${chunk}`);
  };
  const stream = t.watch(Duplex.from(failing), 'stream');
  stream.write('a');
};

exports.anAsyncFunctionThatReturnsSomething = (t) => {
  const returning = async (source) => {
    for await (const chunk of source) t.log('took', chunk);
    return 5;
  };
  const stream = t.watch(Duplex.from(returning), 'stream');
  stream.end('a');
};

exports.anAsyncFunctionThatReturnsEarly = (t) => {
  const early = async (source) => {
    for await (const chunk of source) {
      t.log('took', chunk);
      return;
    }
  };
  const stream = t.watch(Duplex.from(early), 'stream');
  stream.write('a');
  t.turns(4, () => t.state('state', stream, 'destroyed', 'writable'));
};

exports.destroyingAGeneratorFunctionThatWaits = (t) => {
  const waiting = async function* (source) {
    try {
      for await (const n of source) yield n;
    } finally {
      t.log('closed');
    }
  };
  const stream = t.watch(Duplex.from(waiting), 'stream', 'chunk');
  stream.write(1);
  t.turns(3, () => stream.destroy(new Error('why')));
};

exports.destroyingAPromise = (t) => t.watch(Duplex.from(new Promise(() => {})), 'stream').destroy();

exports.destroyingAnArray = (t) => t.watch(Duplex.from([1, 2, 3]), 'stream').destroy(new Error('why'));

exports.wrongThings = (t) => {
  for (const wrong of [5, null, undefined, {}, true]) t.attempt('from', () => Duplex.from(wrong));
  t.attempt('returns a number', () => Duplex.from(() => 5));
  t.attempt('returns nothing', () => Duplex.from(() => {}));
  t.attempt('throws', () => Duplex.from(() => { throw new Error('why'); }));
};

// -- two streams --

exports.aReadableAndAWritable = (t) => {
  const stream = t.watch(Duplex.from({ readable: Readable.from(['a']), writable: sink(t) }), 'stream', 'chunk');
  shape(t, stream);
  stream.end('b');
};

exports.onlyOneOfTheTwo = (t) => {
  shape(t, Duplex.from({ readable: Readable.from(['a']) }));
  shape(t, Duplex.from({ writable: sink(t) }));
};

exports.twoOfOtherThings = (t) => {
  const consume = async (source) => {
    for await (const chunk of source) t.log('took', chunk);
  };
  const stream = t.watch(Duplex.from({ readable: ['a', 'b'], writable: consume }), 'stream', 'chunk');
  shape(t, stream);
  stream.end('c');
};

function two(t) {
  const readable = new Readable({ read() {} });
  const writable = new Writable({ write(chunk, encoding, callback) { callback(); } });
  const stream = t.watch(Duplex.from({ readable, writable }), 'stream', 'data');
  stream.on('close', () => t.turns(2, () => {
    t.log('readable', readable.destroyed, isErrored(readable));
    t.log('writable', writable.destroyed, isErrored(writable));
  }));
  return [readable, writable, stream];
}

exports.theReadableFails = (t) => {
  const [readable] = two(t);
  t.turns(1, () => readable.destroy(new Error('why')));
};

exports.theWritableFails = (t) => {
  const [, writable] = two(t);
  t.turns(1, () => writable.destroy(new Error('why')));
};

exports.theReadableIsDestroyed = (t) => {
  const [readable] = two(t);
  t.turns(1, () => readable.destroy());
};

exports.bothAreDestroyedWithTheDuplex = (t) => {
  const [, , stream] = two(t);
  t.turns(1, () => stream.destroy());
};

exports.bothFailWithTheDuplex = (t) => {
  const [, , stream] = two(t);
  t.turns(1, () => stream.destroy(new Error('why')));
};

exports.theReadableEndsFirst = (t) => {
  const [readable, , stream] = two(t);
  readable.push('a');
  readable.push(null);
  t.turns(3, () => {
    t.state('state', stream, 'destroyed', 'readable', 'writable');
    stream.end();
  });
};

exports.theWritableFinishesFirst = (t) => {
  const [readable, , stream] = two(t);
  stream.end('a');
  t.turns(3, () => {
    t.state('state', stream, 'destroyed', 'readable', 'writable');
    readable.push(null);
  });
};
