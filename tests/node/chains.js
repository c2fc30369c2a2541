'use strict';
// The stages that scenarios of chains are made of: chains.py is its twin.

const { PassThrough, Readable, Writable } = require('node:stream');

function source(t, chunks, options = {}, ...also) {
  const left = [...chunks];
  return t.watch(new Readable({
    read() {
      this.push(left.length ? left.shift() : null);
    },
    ...options,
  }), 'from', ...also);
}

const open = (t, options = {}, ...also) => t.watch(new Readable({ read() {}, ...options }), 'from', ...also);
const middle = (t, options = {}, ...also) => t.watch(new PassThrough(options), 'through', ...also);

function sink(t, options = {}, ...also) {
  return t.watch(new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      setImmediate(callback);
    },
    ...options,
  }), 'to', ...also);
}

module.exports = { middle, open, sink, source };
