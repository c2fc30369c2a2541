'use strict';
// Operators that give an answer.

const { Readable } = require('node:stream');
const { endless, later, numbers, outcome } = require('../asking');

// Logs whether a source is destroyed, when there was time to.
async function isDestroyed(t, source) {
  await later();
  t.state('source', source, 'destroyed');
}

exports.forEachPlainAndLater = async (t) => {
  await outcome(t, 'plain', numbers(1, 2).forEach((n) => t.log('called', n)));
  await outcome(t, 'later', numbers(1, 2).forEach(async (n) => t.log('called', await later(n))));
};

exports.forEachFails = async (t) => {
  const source = endless();
  await outcome(t, 'plain', source.forEach((n) => {
    t.log('called', n);
    if (n === 2) throw new Error('why');
  }));
  await isDestroyed(t, source);
};

exports.forEachFailsLater = async (t) => {
  const source = numbers(1, 2, 3);
  await outcome(t, 'later', source.forEach(async (n) => {
    await later();
    if (n === 2) throw new Error('why');
  }));
  await isDestroyed(t, source);
};

exports.someFindsOne = async (t) => {
  const source = endless();
  await outcome(t, 'some', source.some((n) => n === 2));
  await isDestroyed(t, source);
};

exports.someLater = async (t) => {
  await outcome(t, 'yes', numbers(1, 2, 3).some(async (n) => later(n === 2)));
  await outcome(t, 'no', numbers(1, 2, 3).some(async (n) => later(n === 5)));
  await outcome(t, 'truthy', numbers(1).some(() => 'x'));
};

exports.everyFindsNone = async (t) => {
  const source = endless();
  await outcome(t, 'every', source.every((n) => n < 3));
  await isDestroyed(t, source);
};

exports.everyLater = async (t) => {
  await outcome(t, 'yes', numbers(1, 2, 3).every(async (n) => later(n < 5)));
  await outcome(t, 'no', numbers(1, 2, 3).every(async (n) => later(n < 3)));
  await outcome(t, 'truthy', numbers(1).every(() => 'x'));
};

exports.findOne = async (t) => {
  const source = endless();
  await outcome(t, 'find', source.find((n) => n > 2));
  await isDestroyed(t, source);
};

exports.findLater = async (t) => {
  await outcome(t, 'one', numbers(1, 2, 3).find(async (n) => later(n > 1)));
  await outcome(t, 'none', numbers(1, 2, 3).find(async (n) => later(n > 5)));
  await outcome(t, 'zero', numbers(0, 1).find(() => true));
};

exports.someFails = async (t) => {
  const source = endless();
  await outcome(t, 'some', source.some(() => {
    throw new Error('why');
  }));
  await outcome(t, 'every', numbers(1).every(async () => {
    throw new Error('why');
  }));
  await outcome(t, 'find', numbers(1).find(() => Promise.reject(new Error('why'))));
};

exports.reduceWithAndWithout = async (t) => {
  await outcome(t, 'without', numbers(1, 2, 3).reduce((a, b) => [a, b]));
  await outcome(t, 'with', numbers(1, 2).reduce((a, b) => [a, b], 0));
  await outcome(t, 'with null', numbers(1, 2).reduce((a, b) => [a, b], null));
  await outcome(t, 'one', numbers(1).reduce((a, b) => [a, b]));
  await outcome(t, 'later', numbers(1, 2, 3).reduce(async (a, b) => later([a, b])));
};

exports.reduceFails = async (t) => {
  const source = endless();
  await outcome(t, 'plain', source.reduce((a, b) => {
    if (b === 3) throw new Error('why');
    return a + b;
  }));
  await outcome(t, 'later', numbers(1, 2).reduce(async () => {
    throw new Error('why');
  }));
};

exports.theSourceFails = async (t) => {
  const failing = () => {
    const generator = function* () {
      yield 1;
      throw new Error('from the source');
    };
    return Readable.from(generator());
  };
  await outcome(t, 'list', failing().toArray());
  await outcome(t, 'for_each', failing().forEach(() => {}));
  await outcome(t, 'some', failing().some(() => false));
  await outcome(t, 'every', failing().every(() => true));
  await outcome(t, 'find', failing().find(() => false));
  await outcome(t, 'reduce', failing().reduce((a) => a, 0));
  await outcome(t, 'found before', failing().find(() => true));
};

exports.aDestroyedSource = async (t) => {
  const source = numbers(1, 2);
  source.destroy();
  await outcome(t, 'list', source.toArray());
  await outcome(t, 'reduce', source.reduce((a) => a, 0));
  await outcome(t, 'mapped', source.map((n) => n).toArray());
};

exports.listTwice = async (t) => {
  const source = numbers(1, 2);
  await outcome(t, 'first', source.toArray());
  await outcome(t, 'second', source.toArray());
};
