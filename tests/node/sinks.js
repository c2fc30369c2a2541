'use strict';
// What the scenarios about writing share: hooks that log and answer in a given way.  sinks.py is its twin.

const { Writable } = require('node:stream');

const STATE = [
  'writable',
  'writableEnded',
  'writableFinished',
  'writableAborted',
  'writableLength',
  'writableNeedDrain',
  'errored',
  'destroyed',
  'closed',
];

// Of a Duplex: in Node 20 it has no `writableAborted`.
const BOTH = [...STATE.filter((name) => name !== 'writableAborted'), 'readable', 'readableEnded', 'readableLength'];

// When a hook calls back.
const WHEN = { sync: (answer) => answer(), tick: process.nextTick, turn: setImmediate, never() {} };

// What a hook got: chunks, an error or nothing. Encodings have scenarios of their own.
function shown(name, args) {
  if (name === 'writev') return [args[0].map(({ chunk }) => chunk)];
  return args.slice(0, 1);
}

// A hook that logs and calls back.
function hook(t, name, when, ...answer) {
  return (...args) => {
    const callback = args.pop();
    t.log(name, ...shown(name, args));
    WHEN[when](() => callback(...answer));
  };
}

// A Writable whose `write` is such a hook.
function sink(t, when, options = {}) {
  return new Writable({ write: hook(t, 'write', when), ...options });
}

// Logs the state of the writable side now, and in each of the listeners of the events.
function stages(t, stream, ...events) {
  t.state('now', stream, ...STATE);
  for (const event of events) stream.on(event, () => t.state(`in ${event}`, stream, ...STATE));
}

module.exports = { BOTH, STATE, hook, sink, stages };
