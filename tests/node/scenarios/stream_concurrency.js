'use strict';
// Operators with several calls at a time, and with signals.

const { Readable } = require('node:stream');
const { endless, later, numbers, outcome } = require('../asking');

// Calls that return when they are told to; the log has how many run.
class Calls {
  constructor(t) {
    this.t = t;
    this.running = new Map();
    this.call = (value) => {
      t.log('called', value);
      return new Promise((resolve, reject) => this.running.set(value, { resolve, reject }));
    };
  }

  async until(...values) {
    while (!values.every((value) => this.running.has(value))) await later();
    await later();
    await later();
    this.t.log('running', [...this.running.keys()]);
  }

  give(value, result) {
    this.running.get(value).resolve(result);
    this.running.delete(value);
  }

  fail(value, error) {
    this.running.get(value).reject(error);
    this.running.delete(value);
  }
}

// Logs whether a source is destroyed, when there was time to.
async function isDestroyed(t, source) {
  await later();
  t.state('source', source, 'destroyed');
}

// -- several at a time --

exports.resultsComeInTheChunksOrder = async (t) => {
  const calls = new Calls(t);
  const list = numbers(1, 2, 3).map(calls.call, { concurrency: 3 }).toArray();
  await calls.until(1, 2, 3);
  for (const n of [3, 1, 2]) calls.give(n, n * 10);
  await outcome(t, 'list', list);
};

exports.noMoreThanTwoRun = async (t) => {
  const calls = new Calls(t);
  const list = numbers(1, 2, 3, 4).map(calls.call, { concurrency: 2 }).toArray();
  await calls.until(1, 2);
  calls.give(1, 'a');
  await calls.until(2, 3);
  calls.give(2, 'b');
  await calls.until(3, 4);
  calls.give(4, 'd');
  calls.give(3, 'c');
  await outcome(t, 'list', list);
};

exports.theMarkBoundsWhatWaits = async (t) => {
  const calls = new Calls(t);
  const list = numbers(1, 2, 3, 4, 5).map(calls.call, { concurrency: 2, highWaterMark: 0 }).toArray();
  await calls.until(1, 2);
  calls.give(2, 'b');
  await calls.until(1);
  calls.give(1, 'a');
  await calls.until(3, 4);
  calls.give(3, 'c');
  calls.give(4, 'd');
  await calls.until(5);
  calls.give(5, 'e');
  await outcome(t, 'list', list);
};

exports.filterSeveralAtATime = async (t) => {
  const calls = new Calls(t);
  const list = numbers(1, 2, 3).filter(calls.call, { concurrency: 3 }).toArray();
  await calls.until(1, 2, 3);
  calls.give(3, true);
  calls.give(2, false);
  calls.give(1, true);
  await outcome(t, 'list', list);
};

exports.forEachSeveralAtATime = async (t) => {
  const calls = new Calls(t);
  const over = numbers(1, 2, 3).forEach(calls.call, { concurrency: 2 });
  await calls.until(1, 2);
  calls.give(2);
  await calls.until(1, 3);
  calls.give(3);
  await calls.until(1);
  calls.give(1);
  await outcome(t, 'over', over);
};

exports.someSeveralAtATime = async (t) => {
  const calls = new Calls(t);
  const over = numbers(1, 2, 3).some(calls.call, { concurrency: 3 });
  await calls.until(1, 2, 3);
  calls.give(2, true);
  calls.give(1, false);
  await outcome(t, 'some', over);
};

exports.noneIsCalledAfterAFailure = async (t) => {
  const calls = new Calls(t);
  const list = numbers(1, 2, 3, 4).map(calls.call, { concurrency: 2 }).toArray();
  await calls.until(1, 2);
  calls.fail(2, new Error('why'));
  await calls.until(1);
  calls.give(1, 'a');
  await outcome(t, 'list', list);
};

exports.resultsBeforeAFailureCome = async (t) => {
  const calls = new Calls(t);
  const mapped = t.watch(numbers(1, 2, 3).map(calls.call, { concurrency: 3 }), 'mapped', 'chunk');
  await calls.until(1, 2, 3);
  calls.fail(2, new Error('why'));
  await calls.until(1, 3);
  calls.give(1, 'a');
  mapped.on('close', () => t.log('over'));
};

exports.aPlainFunctionSeveralAtATime = async (t) => {
  await outcome(t, 'list', numbers(1, 2, 3).map((n) => n * 2, { concurrency: 2 }).toArray());
  await outcome(t, 'fails', numbers(1, 2, 3).map((n) => {
    if (n === 2) throw new Error('why');
    return n;
  }, { concurrency: 2 }).toArray());
};

exports.theSourceFailsWhileCallsRun = async (t) => {
  const failing = async function* () {
    yield 1;
    yield 2;
    await later();
    throw new Error('from the source');
  };
  const calls = new Calls(t);
  const mapped = t.watch(Readable.from(failing()).map(calls.call, { concurrency: 3 }), 'mapped', 'chunk');
  await calls.until(1, 2);
  calls.give(2, 'b');
  calls.give(1, 'a');
  mapped.on('close', () => t.log('over'));
};

// -- signals --

exports.abortedBefore = async (t) => {
  const signal = AbortSignal.abort();
  for (const name of ['forEach', 'some', 'every', 'find', 'reduce']) {
    const source = numbers(1, 2);
    await outcome(t, name, name === 'reduce' ? source.reduce((a) => a, 0, { signal }) : source[name](() => 1, { signal }));
    t.state('source', source, 'destroyed');
  }
  const source = numbers(1, 2);
  await outcome(t, 'list', source.toArray({ signal }));
  t.state('source', source, 'destroyed');
};

exports.streamsAbortedBefore = async (t) => {
  const signal = AbortSignal.abort();
  for (const name of ['map', 'filter', 'flatMap']) {
    await outcome(t, name, numbers(1, 2)[name](() => [1], { signal }).toArray());
  }
  await outcome(t, 'take', numbers(1, 2).take(1, { signal }).toArray());
  await outcome(t, 'drop', numbers(1, 2).drop(1, { signal }).toArray());
};

exports.abortedInTheMiddle = async (t) => {
  const controller = new AbortController();
  const mapped = endless().map((n) => n, { signal: controller.signal });
  try {
    for await (const chunk of mapped) {
      t.log('got', chunk);
      controller.abort();
    }
  } catch (error) {
    t.log('caught', error);
  }
};

exports.answersAbortedInTheMiddle = async (t) => {
  for (const name of ['forEach', 'some', 'find']) {
    const controller = new AbortController();
    const source = endless();
    await outcome(t, name, source[name]((n) => {
      t.log('called', n);
      if (n === 2) controller.abort();
      return false;
    }, { signal: controller.signal }));
    await isDestroyed(t, source);
  }
};

exports.abortedAfter = async (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  await outcome(t, 'list', numbers(1, 2).toArray({ signal }));
  await outcome(t, 'mapped', numbers(1, 2).map((n) => n, { signal }).toArray());
  controller.abort();
};
