'use strict';
// Writable: its beginning and its end: construct, final, destroying, and the options that switch that off.

const { Writable } = require('node:stream');

// A Writable that logs and calls back at once, on a tick or a turn later.
function sink(t, when, options = {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk, encoding);
      if (when === 'sync') callback();
      else if (when === 'tick') process.nextTick(callback);
      else setImmediate(callback);
    },
    ...options,
  });
}

exports.finalSync = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      t.log('final');
      callback();
    },
  }), 'stream');
  stream.on('prefinish', () => t.log('prefinish'));
  stream.write('a');
  stream.end(t.callback('ended'));
  t.log('sync');
};

exports.finalLater = (t) => {
  const stream = t.watch(sink(t, 'turn', {
    final(callback) {
      t.log('final', this.writableFinished, this.writableEnded);
      setImmediate(callback);
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalFails = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      callback(new Error('from final'));
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalFailsLater = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      setImmediate(() => callback(new Error('from final')));
    },
  }), 'stream');
  stream.end('a', t.callback('ended'));
};

exports.finalThrows = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final() {
      throw new Error('from final');
    },
  }), 'stream');
  t.attempt('end', () => stream.end('a', t.callback('ended')) === stream);
};

exports.finalCallsTwice = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    final(callback) {
      callback();
      callback();
    },
  }), 'stream');
  stream.end(t.callback('ended'));
};

exports.constructThenWrite = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct(callback) {
      t.log('construct');
      setImmediate(() => {
        t.log('constructed');
        callback();
      });
    },
  }), 'stream');
  t.log('returned', stream.write('a', t.callback('written')));
  t.state('state', stream, 'writableLength');
  stream.end(t.callback('ended'));
};

exports.constructFails = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct(callback) {
      callback(new Error('from construct'));
    },
  }), 'stream');
  stream.write('a', t.callback('written'));
  stream.end(t.callback('ended'));
};

exports.constructThrows = (t) => {
  const stream = t.watch(sink(t, 'sync', {
    construct() {
      throw new Error('from construct');
    },
  }), 'stream');
  stream.write('a', t.callback('written'));
};

exports.autoDestroyOff = (t) => {
  const stream = t.watch(sink(t, 'sync', { autoDestroy: false }), 'stream');
  stream.end('a');
  t.turns(5, () => t.state('later', stream, 'destroyed', 'writableFinished', 'closed'));
};

exports.emitCloseOff = (t) => {
  const stream = t.watch(sink(t, 'sync', { emitClose: false }), 'stream');
  stream.end('a');
  t.turns(5, () => t.state('later', stream, 'destroyed', 'writableFinished', 'closed'));
};

exports.errorWithAutoDestroyOff = (t) => {
  const stream = new Writable({
    autoDestroy: false,
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      callback(chunk.toString() === 'bad' ? new Error('from write') : null);
    },
  });
  t.watch(stream, 'stream');
  stream.write('bad', t.callback('bad'));
  t.turns(3, () => {
    t.state('later', stream, 'destroyed', 'errored', 'writable');
    t.attempt('write', () => stream.write('good', t.callback('good')));
  });
};

exports.destroyWhileWriting = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
  stream.destroy();
};

exports.destroyWithErrorWhileWriting = (t) => {
  const stream = t.watch(sink(t, 'turn'), 'stream');
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.end(t.callback('ended'));
  stream.destroy(new Error('enough'));
};
