'use strict';
// Async iteration.

const { PassThrough, Readable } = require('node:stream');

function source(chunks, options = {}) {
  const left = [...chunks];
  return new Readable({
    ...options,
    read() {
      this.push(left.length ? left.shift() : null);
    },
  });
}

exports.iterateToTheEnd = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  for await (const chunk of stream) t.log('got', chunk);
  t.log('over');
  t.state('state', stream, 'destroyed', 'readableEnded');
};

exports.iterateBytes = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c']), 'stream');
  for await (const chunk of stream) t.data('got', chunk);
  t.log('over');
};

exports.iterateText = async (t) => {
  const bytes = Buffer.from('é你');
  const stream = t.watch(source([...bytes].map((byte) => Buffer.from([byte])), { encoding: 'utf8' }), 'stream');
  for await (const chunk of stream) t.data('got', chunk);
};

exports.iterateAndBreak = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  for await (const chunk of stream) {
    t.log('got', chunk);
    break;
  }
  t.log('over', stream.destroyed);
};

exports.iterateAndBreakUnheard = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream', '-error');
  for await (const chunk of stream) {
    t.log('got', chunk);
    break;
  }
  t.log('over', stream.destroyed);
};

exports.iterateAndThrow = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  try {
    for await (const chunk of stream) {
      t.log('got', chunk);
      throw new Error('from the body');
    }
  } catch (error) {
    t.log('caught', error);
  }
  t.log('over', stream.destroyed);
};

exports.iterateAndTheStreamFails = async (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream');
  stream.push('a');
  try {
    for await (const chunk of stream) {
      t.log('got', chunk);
      stream.destroy(new Error('from the stream'));
    }
  } catch (error) {
    t.log('caught', error);
  }
};

exports.iterateAndTheStreamCloses = async (t) => {
  const stream = t.watch(new Readable({ read() {} }), 'stream');
  stream.push('a');
  try {
    for await (const chunk of stream) {
      t.log('got', chunk);
      stream.destroy();
    }
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
};

exports.iterateADestroyedOne = async (t) => {
  const stream = t.watch(source(['a']), 'stream');
  stream.destroy();
  try {
    for await (const chunk of stream) t.log('got', chunk);
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
};

exports.iterateAFailedOne = async (t) => {
  const stream = t.watch(source(['a']), 'stream');
  stream.destroy(new Error('before'));
  try {
    for await (const chunk of stream) t.log('got', chunk);
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
};

exports.iterateAnEmptyOne = async (t) => {
  const stream = t.watch(source([]), 'stream');
  for await (const chunk of stream) t.log('got', chunk);
  t.log('over');
};

exports.iterateAPassThrough = async (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  stream.write('a');
  setImmediate(() => stream.end('b'));
  for await (const chunk of stream) t.data('got', chunk);
  t.log('over', stream.destroyed);
};

exports.iterateTwice = async (t) => {
  const stream = t.watch(source(['a', 'b', 'c'], { objectMode: true }), 'stream');
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    t.log('first', chunk);
    break;
  }
  t.log('between', stream.destroyed);
  for await (const chunk of stream) t.log('second', chunk);
};
