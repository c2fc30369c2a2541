'use strict';
// The operators of a Readable.

const { PassThrough, Readable } = require('node:stream');
const { later, numbers, outcome } = require('../asking');

// A source that never ends by itself, and logs its end.
function endless(t) {
  let number = 0;
  const stream = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      number += 1;
      this.push(number);
    },
  });
  return t.watch(stream, 'source', '-error');
}

async function iterate(t, stream) {
  try {
    for await (const chunk of stream) t.log('got', chunk);
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
}

exports.mapPlain = (t) => outcome(t, 'list', numbers(1, 2, 3).map((n) => n * 2).toArray());

exports.mapLater = (t) => outcome(t, 'list', numbers(1, 2, 3).map(async (n) => later(n * 2)).toArray());

exports.mapIsAnObjectStream = async (t) => {
  const mapped = t.watch(Readable.from(Buffer.from('ab'), { objectMode: false }).map((bytes) => bytes.length), 'mapped', 'chunk');
  t.state('state', mapped, 'readableObjectMode', 'readableHighWaterMark', 'readable');
};

exports.mapIsLazy = (t) => {
  const source = numbers(1, 2);
  source.map(() => t.log('called'));
  t.turns(3, () => t.state('state', source, 'readableDidRead', 'destroyed', 'readableFlowing'));
};

exports.mapFailsAtTheSecond = async (t) => {
  const source = numbers(1, 2, 3);
  const mapped = source.map((n) => {
    t.log('called', n);
    if (n === 2) throw new Error('why');
    return n;
  });
  await iterate(t, mapped);
  t.state('source', source, 'destroyed', 'readableEnded');
};

exports.mapFailsLater = async (t) => {
  const source = numbers(1, 2, 3);
  const mapped = source.map(async (n) => {
    await later();
    if (n === 2) throw new Error('why');
    return n;
  });
  await iterate(t, mapped);
  t.state('source', source, 'destroyed', 'readableEnded');
};

exports.theSourceFails = async (t) => {
  const failing = function* () {
    yield 1;
    throw new Error('from the source');
  };
  await iterate(t, Readable.from(failing()).map((n) => n * 2));
};

exports.theSourceIsDestroyed = async (t) => {
  const source = new Readable({ objectMode: true, read() {} });
  source.push(1);
  await iterate(t, source.map((n) => {
    setImmediate(() => source.destroy());
    return n;
  }));
};

exports.mapToNull = async (t) => {
  const source = numbers(1, 2, 3);
  const mapped = t.watch(source.map((n) => (n === 2 ? null : n)), 'mapped', 'chunk');
  mapped.on('close', () => t.state('source', source, 'destroyed'));
};

exports.mappedIsDestroyed = async (t) => {
  const source = endless(t);
  const mapped = t.watch(source.map((n) => n), 'mapped');
  mapped.once('data', () => mapped.destroy(new Error('why')));
};

exports.aChain = (t) => {
  const chained = numbers(1, 2, 3, 4, 5, 6).filter((n) => n % 2).map((n) => n * 10).drop(1).take(5);
  return outcome(t, 'list', chained.flatMap((n) => [n, n + 1]).toArray());
};

exports.bytesInAChain = (t) => {
  const stream = new PassThrough();
  stream.end('some bytes');
  return outcome(t, 'list', stream.map((chunk) => chunk.toString().toUpperCase()).toArray());
};

exports.filterPlainAndLater = async (t) => {
  await outcome(t, 'plain', numbers(1, 2, 3, 4).filter((n) => n % 2 === 0).toArray());
  await outcome(t, 'later', numbers(1, 2, 3, 4).filter(async (n) => later(n > 2)).toArray());
  await outcome(t, 'truthy', numbers(0, 1, '', 'a').filter((n) => n).toArray());
};

exports.filterFails = async (t) => {
  const source = numbers(1, 2, 3);
  await iterate(t, source.filter((n) => {
    if (n === 2) throw new Error('why');
    return true;
  }));
  t.state('source', source, 'destroyed');
};

exports.flatMapKinds = async (t) => {
  const list = async function* (n) {
    yield n;
    yield n * 10;
  };
  await outcome(t, 'arrays', numbers(1, 2).flatMap((n) => [n, n]).toArray());
  await outcome(t, 'text', numbers('ab', 'cd').flatMap((text) => text).toArray());
  await outcome(t, 'generators', numbers(1, 2).flatMap((n) => list(n)).toArray());
  await outcome(t, 'streams', numbers(1, 2).flatMap((n) => Readable.from([n, 'x'])).toArray());
  await outcome(t, 'later', numbers(1, 2).flatMap(async (n) => later([n])).toArray());
  await outcome(t, 'empty', numbers(1, 2).flatMap(() => []).toArray());
  await outcome(t, 'awaited', numbers(1, 2).flatMap((n) => [later(n), later(n)]).toArray());
};

exports.flatMapIsLeft = async (t) => {
  const source = endless(t);
  const members = async function* (n) {
    try {
      yield n;
      yield n;
    } finally {
      t.log('closed', n);
    }
  };
  await outcome(t, 'list', source.flatMap((n) => members(n)).take(3).toArray());
};

exports.takeSome = async (t) => {
  const source = endless(t);
  await outcome(t, 'list', source.take(2).toArray());
  t.state('source', source, 'destroyed');
};

exports.takeLimits = async (t) => {
  for (const limit of [0, 1, 2, 3, 9, Infinity]) await outcome(t, `take ${limit}`, numbers(1, 2, 3).take(limit).toArray());
};

exports.takeNothing = async (t) => {
  const source = endless(t);
  await outcome(t, 'list', source.take(0).toArray());
  t.state('source', source, 'destroyed');
};

exports.dropLimits = async (t) => {
  for (const limit of [0, 1, 2, 3, 9, Infinity]) await outcome(t, `drop ${limit}`, numbers(1, 2, 3).drop(limit).toArray());
};

exports.ofAnEmptyStream = async (t) => {
  await outcome(t, 'map', numbers().map(() => 1).toArray());
  await outcome(t, 'filter', numbers().filter(() => true).toArray());
  await outcome(t, 'flat_map', numbers().flatMap(() => [1]).toArray());
  await outcome(t, 'take', numbers().take(1).toArray());
  await outcome(t, 'drop', numbers().drop(1).toArray());
  await outcome(t, 'for_each', numbers().forEach(() => t.log('called')));
  await outcome(t, 'some', numbers().some(() => true));
  await outcome(t, 'every', numbers().every(() => false));
  await outcome(t, 'find', numbers().find(() => true));
  await outcome(t, 'reduce', numbers().reduce((a, b) => a + b));
  await outcome(t, 'reduce from', numbers().reduce((a, b) => a + b, 5));
  await outcome(t, 'list', numbers().toArray());
};

exports.wrongLimits = (t) => {
  for (const limit of [-1, -Infinity]) {
    t.attempt(`take ${limit}`, () => numbers(1).take(limit));
    t.attempt(`drop ${limit}`, () => numbers(1).drop(limit));
  }
};

exports.noFunction = async (t) => {
  for (const wrong of [undefined, null, 5, 'x', {}]) {
    for (const name of ['map', 'filter', 'flatMap']) t.attempt(name, () => numbers(1)[name](wrong));
  }
  for (const name of ['forEach', 'some', 'every', 'find', 'reduce']) await outcome(t, name, numbers(1)[name](5));
};

exports.wrongOptions = async (t) => {
  t.attempt('concurrency 0', () => numbers(1).map(() => 1, { concurrency: 0 }));
  t.attempt('concurrency -1', () => numbers(1).filter(() => 1, { concurrency: -1 }));
  t.attempt('mark -1', () => numbers(1).map(() => 1, { highWaterMark: -1 }));
  t.attempt('signal of map', () => numbers(1).map(() => 1, { signal: 5 }));
  t.attempt('signal of take', () => numbers(1).take(1, { signal: 'x' }));
  t.attempt('signal of drop', () => numbers(1).drop(1, { signal: {} }));
  await outcome(t, 'signal of list', numbers(1).toArray({ signal: 5 }));
  await outcome(t, 'signal of reduce', numbers(1).reduce((a) => a, 1, { signal: 5 }));
  await outcome(t, 'signal of for_each', numbers(1).forEach(() => 1, { signal: 5 }));
};
