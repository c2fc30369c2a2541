'use strict';
// Readable: every step of a consumer after every other; flowing, paused, and what is buffered, at each.

const { Readable, Writable } = require('node:stream');

// Sources of three chunks; `feed` is called at three moments.
const SOURCES = {
  pushed: () => ({ stream: new Readable({ read() {}, highWaterMark: 2 }), feed: (stream, chunk) => stream.push(chunk) }),
  sync: () => {
    const left = ['a', 'b', 'c'];
    const read = function () {
      this.push(left.shift() ?? null);
    };
    return { stream: new Readable({ read, highWaterMark: 2 }), feed() {} };
  },
  late: () => {
    const left = ['a', 'b', 'c'];
    const read = function () {
      setImmediate(() => this.push(left.shift() ?? null));
    };
    return { stream: new Readable({ read, highWaterMark: 2 }), feed() {} };
  },
};

const STEPS = {
  readable: (t, stream, label) => stream.on('readable', () => t.log(`${label}.readable`, stream.read())),
  data: (t, stream, label) => stream.on('data', (chunk) => t.log(`${label}.data`, chunk)),
  pause: (t, stream) => stream.pause(),
  resume: (t, stream) => stream.resume(),
  read: (t, stream, label) => t.log(`${label}.read`, stream.read()),
  read_zero: (t, stream, label) => t.log(`${label}.read_zero`, stream.read(0)),
  pipe: (t, stream, label) => {
    const write = (chunk, encoding, callback) => {
      t.log(`${label}.written`, chunk);
      callback();
    };
    stream.pipe(t.watch(new Writable({ write }), `${label}.to`));
  },
  unpipe: (t, stream) => stream.unpipe(),
  off_readable: (t, stream) => stream.listeners('readable').forEach((listener) => stream.off('readable', listener)),
  off_data: (t, stream) => stream.listeners('data').forEach((listener) => stream.off('data', listener)),
  remove_all_readable: (t, stream) => stream.removeAllListeners('readable'),
  remove_all_data: (t, stream) => stream.removeAllListeners('data'),
  remove_all: (t, stream) => stream.removeAllListeners(),
};

// One step and, in the same tick or a turn later, the other; then the end.
function pair(t, kind, first, second, isLate, done) {
  const label = `${kind} ${first} ${second}${isLate ? ' late' : ''}`;
  const { stream, feed } = SOURCES[kind]();
  t.watch(stream, label, 'pause', 'resume');
  const step = (name, chunk) => {
    if (chunk !== undefined) feed(stream, chunk);
    STEPS[name]?.(t, stream, label);
    t.log(label, name, stream.readableFlowing, stream.isPaused(), stream.readableLength);
  };
  const goOn = () => {
    step(second, 'b');
    step('after', 'c');
    t.turns(5, () => {
      step('ending', null);
      t.turns(5, () => {
        step('over');
        stream.destroy();
        done();
      });
    });
  };
  step(first, 'a');
  if (isLate) setImmediate(goOn);
  else goOn();
}

function afterStep(t, first) {
  const pairs = Object.keys(SOURCES).flatMap((kind) =>
    Object.keys(STEPS).flatMap((second) => [[kind, first, second, false], [kind, first, second, true]]));
  const next = () => {
    if (pairs.length) pair(t, ...pairs.shift(), next);
  };
  next();
}

exports.afterReadable = (t) => afterStep(t, 'readable');

exports.afterData = (t) => afterStep(t, 'data');

exports.afterPause = (t) => afterStep(t, 'pause');

exports.afterResume = (t) => afterStep(t, 'resume');

exports.afterRead = (t) => afterStep(t, 'read');

exports.afterReadZero = (t) => afterStep(t, 'read_zero');

exports.afterPipe = (t) => afterStep(t, 'pipe');

exports.afterUnpipe = (t) => afterStep(t, 'unpipe');

exports.afterOffReadable = (t) => afterStep(t, 'off_readable');

exports.afterOffData = (t) => afterStep(t, 'off_data');

exports.afterRemoveAllReadable = (t) => afterStep(t, 'remove_all_readable');

exports.afterRemoveAllData = (t) => afterStep(t, 'remove_all_data');

exports.afterRemoveAll = (t) => afterStep(t, 'remove_all');
