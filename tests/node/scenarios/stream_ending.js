'use strict';
// finished() and pipeline().

const { Duplex, PassThrough, Readable, Transform, Writable, finished, pipeline } = require('node:stream');

function source(chunks) {
  const left = [...chunks];
  return new Readable({
    read() {
      this.push(left.length ? left.shift() : null);
    },
  });
}

function sink(t, options = {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      t.log('write', chunk);
      setImmediate(callback);
    },
    ...options,
  });
}

exports.finishedReadable = (t) => {
  const stream = t.watch(source(['a']), 'stream');
  finished(stream, t.callback('finished'));
  stream.resume();
};

exports.finishedWritable = (t) => {
  const stream = t.watch(sink(t), 'stream');
  finished(stream, t.callback('finished'));
  stream.end('a');
};

exports.finishedDuplexNeedsBothSides = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  finished(stream, t.callback('finished'));
  finished(stream, { readable: false }, t.callback('finished writing'));
  finished(stream, { writable: false }, t.callback('finished reading'));
  stream.end('a');
  t.turns(4, () => {
    t.log('reading');
    stream.resume();
  });
};

exports.finishedWithError = (t) => {
  const stream = t.watch(source(['a']), 'stream');
  finished(stream, t.callback('finished'));
  stream.destroy(new Error('enough'));
};

exports.finishedPrematureClose = (t) => {
  const stream = t.watch(source(['a']), 'stream');
  finished(stream, t.callback('finished'));
  stream.destroy();
};

exports.finishedWritablePrematureClose = (t) => {
  const stream = t.watch(sink(t), 'stream');
  finished(stream, t.callback('finished'));
  stream.write('a');
  stream.destroy();
};

exports.finishedAlready = (t) => {
  const stream = t.watch(source([]), 'stream');
  stream.resume();
  stream.on('close', () => {
    finished(stream, t.callback('finished'));
    t.log('sync');
  });
};

exports.finishedAlreadyDestroyed = (t) => {
  const stream = source(['a']);
  stream.destroy();
  t.turns(3, () => {
    finished(stream, t.callback('finished'));
    t.log('sync');
  });
};

exports.finishedAlreadyFailed = (t) => {
  const stream = t.watch(source(['a']), 'stream');
  stream.destroy(new Error('before'));
  t.turns(3, () => finished(stream, t.callback('finished')));
};

exports.finishedIsCalledOff = (t) => {
  const stream = t.watch(source(['a']), 'stream');
  const cleanup = finished(stream, t.callback('never'));
  cleanup();
  stream.resume();
};

exports.finishedIgnoresErrors = (t) => {
  const stream = t.watch(new Readable({ read() {}, autoDestroy: false }), 'stream');
  finished(stream, { error: false }, t.callback('finished'));
  stream.emit('error', new Error('by hand'));
  t.turns(3, () => {
    stream.push(null);
    stream.resume();
  });
};

exports.finishedLeavesItsListeners = (t) => {
  const stream = source(['a']);
  finished(stream, t.callback('finished'));
  stream.resume();
  t.turns(6, () => t.log('counts', stream.listenerCount('error') > 0));
};

exports.pipelineOfThree = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  const through = t.watch(new PassThrough(), 'through');
  const to = t.watch(sink(t), 'to');
  pipeline(from, through, to, t.callback('done'));
};

exports.pipelineSourceFails = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const through = t.watch(new PassThrough(), 'through');
  const to = t.watch(sink(t), 'to');
  pipeline(from, through, to, t.callback('done'));
  from.push('a');
  t.turns(4, () => from.destroy(new Error('from the source')));
};

exports.pipelineSourceClosesEarly = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const to = t.watch(sink(t), 'to');
  pipeline(from, to, t.callback('done'));
  from.push('a');
  t.turns(4, () => from.destroy());
};

exports.pipelineMiddleFails = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  const through = t.watch(new Transform({
    transform(chunk, encoding, callback) {
      callback(new Error('from the middle'));
    },
  }), 'through');
  const to = t.watch(sink(t), 'to');
  pipeline(from, through, to, t.callback('done'));
};

exports.pipelineDestinationFails = (t) => {
  const from = t.watch(source(['a', 'b']), 'from');
  const through = t.watch(new PassThrough(), 'through');
  const to = t.watch(sink(t, {
    write(chunk, encoding, callback) {
      setImmediate(() => callback(new Error('from the destination')));
    },
  }), 'to');
  pipeline(from, through, to, t.callback('done'));
};

exports.pipelineDestinationClosesEarly = (t) => {
  const from = t.watch(new Readable({ read() {} }), 'from');
  const to = t.watch(sink(t), 'to');
  pipeline(from, to, t.callback('done'));
  from.push('a');
  t.turns(4, () => to.destroy());
};

exports.pipelineFinalFails = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = t.watch(sink(t, {
    final(callback) {
      callback(new Error('from final'));
    },
  }), 'to');
  pipeline(from, to, t.callback('done'));
};

exports.pipelineEndsInATransform = (t) => {
  const from = t.watch(source(['a']), 'from');
  const through = t.watch(new PassThrough(), 'through');
  pipeline(from, through, t.callback('done'));
  t.turns(5, () => {
    t.log('reading');
    through.on('data', (chunk) => t.log('data', chunk));
  });
};

exports.pipelineOfOne = (t) => {
  t.attempt('pipeline', () => void pipeline(source(['a']), () => {}));
};

exports.pipelineFromADestroyedOne = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = t.watch(sink(t), 'to');
  from.destroy();
  pipeline(from, to, t.callback('done'));
};

exports.pipelineToADestroyedOne = (t) => {
  const from = t.watch(source(['a']), 'from');
  const to = t.watch(sink(t), 'to');
  to.destroy();
  pipeline(from, to, t.callback('done'));
};

exports.pipelineOfADuplexWithItself = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  const to = t.watch(sink(t), 'to');
  pipeline(source(['a']), stream, to, t.callback('done'));
};

exports.pipelineThroughTen = (t) => {
  const through = Array.from({ length: 10 }, () => new PassThrough());
  pipeline(source(['a', 'b']), ...through, sink(t), t.callback('done'));
};

exports.pipelineUnheardErrorsAreHandled = (t) => {
  const from = new Readable({ read() {} });
  pipeline(from, sink(t), t.callback('done'));
  from.destroy(new Error('enough'));
};
