'use strict';
// What scenarios ask operators with: asking.py is its twin.

const { Readable } = require('node:stream');

const numbers = (...values) => Readable.from(values);
const later = (value) => new Promise((resolve) => setImmediate(resolve, value));

// A source of 1, 2, ...
function endless() {
  let number = 0;
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      number += 1;
      this.push(number);
    },
  });
}

async function outcome(t, name, promise) {
  try {
    t.log(name, 'gives', await promise);
  } catch (error) {
    t.log(name, 'fails', error);
  }
}

module.exports = { endless, later, numbers, outcome };
