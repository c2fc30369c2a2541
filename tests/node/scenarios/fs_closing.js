'use strict';
// File streams that are closed, destroyed or aborted: before they are open, while they open, read or write, and after.

const fs = require('node:fs');
const { closes, content, fifo, file, read, readFrom, write } = require('../files.js');

// A watched stream on a named pipe: it opens at once, and what it reads comes when somebody writes it.
function readPipe(t, options) {
  return readFrom(t, fifo(t), { flags: 'r+', ...options });
}

// -- close() of what is read --

exports.closeBeforeOpen = (t) => {
  const stream = read(t);
  t.log('returns', stream.close(t.callback('closed')) === undefined);
  t.fileState('at once', stream);
  stream.on('open', () => t.fileState('in open', stream));
  stream.on('close', () => t.fileState('in close', stream));
};

exports.closeInOpen = (t) => {
  const stream = read(t);
  stream.on('open', () => stream.close(t.callback('closed')));
};

exports.closeInReady = (t) => {
  const stream = read(t);
  stream.on('ready', () => stream.close());
};

exports.closeBetweenChunks = (t) => {
  const stream = read(t, { highWaterMark: 2 });
  stream.once('data', () => {
    stream.close(t.callback('closed'));
    t.fileState('at once', stream);
  });
};

exports.closeInEnd = (t) => {
  const stream = read(t);
  stream.on('end', () => {
    stream.close(t.callback('first'));
    stream.close(t.callback('second'));
  });
};

exports.closeInClose = (t) => {
  const stream = read(t);
  stream.on('close', () => stream.close(t.callback('closed')));
};

exports.closeAfterClose = (t) => {
  const stream = read(t);
  const release = t.hold();
  stream.on('close', () => t.turns(2, () => {
    stream.close((...values) => {
      t.callback('closed')(...values);
      release();
    });
  }));
};

exports.closeTwiceAtOnce = (t) => {
  const stream = read(t);
  stream.close(t.callback('first'));
  stream.close(t.callback('second'));
};

exports.closeWithoutAutoClose = (t) => {
  const stream = read(t, { autoClose: false });
  stream.on('end', () => t.turns(3, () => stream.close(t.callback('closed'))));
};

exports.closeADescriptor = (t) => {
  const stream = readFrom(t, null, { fd: fs.openSync(file(t)) });
  stream.close(t.callback('closed'));
  stream.on('close', () => t.fileState('in close', stream));
};

exports.closeWhileAReadIsInFlight = (t) => {
  const stream = readPipe(t);
  stream.on('ready', () => t.turns(3, () => {
    const { fd } = stream;
    stream.close(t.callback('closed'));
    t.fileState('closing', stream);
    t.turns(3, () => {
      t.log('still there', fs.fstatSync(fd).isFIFO());
      fs.writeSync(fd, 'late');
    });
  }));
  stream.on('close', () => t.fileState('in close', stream));
};

// -- destroy() of what is read --

exports.destroyBeforeOpen = (t) => {
  const stream = read(t);
  t.log('returns it', stream.destroy() === stream);
};

exports.destroyBeforeOpenWithAnError = (t) => {
  const stream = read(t);
  stream.destroy(new Error('mine'));
  t.fileState('at once', stream, 'errored');
};

exports.destroyOnTheNextTick = (t) => {
  const stream = read(t);
  process.nextTick(() => stream.destroy());
};

exports.destroyWhileItOpens = (t) => {
  const path = fifo(t);
  const stream = readFrom(t, path);
  t.turns(3, () => {
    stream.destroy();
    t.fileState('opening', stream);
    t.turns(3, () => {
      t.fileState('still opening', stream);
      closes(t, fs.createWriteStream(path)).end();
    });
  });
};

exports.destroyTwice = (t) => {
  const stream = read(t);
  stream.on('ready', () => {
    stream.destroy(new Error('first'));
    stream.destroy(new Error('second'));
  });
};

exports.destroyInData = (t) => {
  const stream = read(t, { highWaterMark: 4 });
  stream.on('data', () => stream.destroy());
  stream.on('close', () => t.fileState('state', stream, 'readableAborted'));
};

exports.destroyInEnd = (t) => {
  const stream = read(t);
  stream.on('end', () => stream.destroy(new Error('mine')));
};

exports.destroyInClose = (t) => {
  const stream = read(t);
  stream.on('close', () => stream.destroy(new Error('mine')));
};

exports.destroyWhileItFailsToOpen = (t) => {
  readFrom(t, `${t.dir}/missing`).destroy();
};

exports.destroyWithAnErrorWhileItFailsToOpen = (t) => {
  readFrom(t, `${t.dir}/missing`).destroy(new Error('mine'));
};

exports.destroyWhileAReadIsInFlight = (t) => {
  const stream = readPipe(t);
  stream.on('ready', () => t.turns(3, () => {
    const { fd } = stream;
    stream.destroy(new Error('mine'));
    t.turns(3, () => fs.writeSync(fd, 'late'));
  }));
  stream.on('close', () => t.fileState('in close', stream));
};

exports.destroyWhileAReadFails = (t) => {
  const stream = readFrom(t, t.dir);
  stream.on('ready', () => process.nextTick(() => stream.destroy()));
};

exports.destroyWithoutAutoClose = (t) => {
  const stream = read(t, { autoClose: false });
  stream.on('open', () => stream.destroy());
  stream.on('close', () => t.fileState('state', stream));
};

exports.destroyADescriptorWithoutAutoClose = (t) => {
  const fd = fs.openSync(file(t));
  const stream = readFrom(t, null, { fd, autoClose: false });
  stream.destroy();
  stream.on('close', () => {
    t.fileState('state', stream);
    t.attempt('is closed', () => fs.closeSync(fd));
  });
};

// -- close() of what is written --

exports.closeWritesWhatWaits = (t) => {
  const stream = write(t);
  stream.write('abc', t.callback('written'));
  t.log('returns', stream.close(t.callback('closed')) === undefined);
  t.fileState('at once', stream, 'writableEnded');
  stream.on('close', () => t.log('content', content(t)));
};

exports.closeANewOne = (t) => {
  const stream = write(t);
  stream.close(t.callback('closed'));
  stream.on('close', () => t.log('content', content(t)));
};

exports.closeWhatIsWrittenTwice = (t) => {
  const stream = write(t);
  stream.close(t.callback('first'));
  stream.close(t.callback('second'));
};

exports.closeAfterEnd = (t) => {
  const stream = write(t);
  stream.end('abc', t.callback('ended'));
  stream.close(t.callback('closed'));
};

exports.closeInFinish = (t) => {
  const stream = write(t);
  stream.end('abc');
  stream.on('finish', () => stream.close(t.callback('closed')));
};

exports.closeInTheClose = (t) => {
  const stream = write(t);
  stream.end('abc');
  stream.on('close', () => stream.close(t.callback('closed')));
};

exports.closeAfterAll = (t) => {
  const stream = write(t);
  const release = t.hold();
  stream.end('abc');
  stream.on('close', () => t.turns(2, () => {
    stream.close((...values) => {
      t.callback('closed')(...values);
      release();
    });
  }));
};

exports.closeWhatIsCorked = (t) => {
  const stream = write(t);
  stream.cork();
  stream.write('a');
  stream.close(t.callback('closed'));
  stream.on('close', () => t.log('content', content(t)));
};

exports.writeAfterClose = (t) => {
  const stream = write(t);
  stream.write('a');
  stream.close();
  t.log('returns', stream.write('b', t.callback('written')));
};

exports.closeWhatIsWrittenWithoutAutoClose = (t) => {
  const stream = write(t, { autoClose: false });
  stream.write('a');
  stream.close(t.callback('closed'));
};

exports.closeTwiceWithoutAutoClose = (t) => {
  const stream = write(t, { autoClose: false });
  stream.write('a');
  stream.close(t.callback('first'));
  stream.close(t.callback('second'));
};

exports.closeAfterDestroy = (t) => {
  const stream = write(t);
  stream.write('a', t.callback('written'));
  stream.destroy();
  stream.close(t.callback('closed'));
};

// -- destroy() of what is written --

exports.destroyDropsWhatWaits = (t) => {
  const stream = write(t);
  stream.write('a', t.callback('first'));
  stream.write('b', t.callback('second'));
  stream.destroy();
  t.fileState('at once', stream, 'writableLength');
  stream.on('close', () => t.log('content', content(t)));
};

exports.destroyAfterEnd = (t) => {
  const stream = write(t);
  stream.end('a', t.callback('ended'));
  stream.destroy(new Error('mine'));
};

exports.destroyInOpen = (t) => {
  const stream = write(t);
  stream.write('a', t.callback('written'));
  stream.on('open', () => stream.destroy());
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t)));
};

// Reads so many bytes, then closes the descriptor.
function takeAll(t, fd, size) {
  closes(t, fs.createReadStream(null, { fd, end: size - 1 })).resume();
}

exports.destroyWhileAWriteIsInFlight = (t) => {
  const path = fifo(t);
  // More than a pipe holds: the write waits for a reader.
  const reader = fs.openSync(path, 'r+');
  const stream = t.file(fs.createWriteStream(path), 'pipe');
  stream.write(t.fill(200_000), t.callback('first'));
  stream.write('b', t.callback('second'));
  stream.on('ready', () => t.turns(3, () => {
    stream.destroy();
    t.fileState('at once', stream, 'writableLength');
    t.turns(3, () => {
      t.fileState('in flight', stream);
      takeAll(t, reader, 200_000);
    });
  }));
  stream.on('close', () => t.fileState('in close', stream));
};

exports.endWhileAWriteIsInFlight = (t) => {
  const path = fifo(t);
  const reader = fs.openSync(path, 'r+');
  const stream = t.file(fs.createWriteStream(path), 'pipe');
  stream.write(t.fill(200_000), t.callback('first'));
  stream.on('ready', () => t.turns(3, () => {
    stream.end('b', t.callback('ended'));
    t.fileState('at once', stream, 'writableLength');
    takeAll(t, reader, 200_001);
  }));
  stream.on('close', () => t.fileState('in close', stream));
};

exports.destroyInFinish = (t) => {
  const stream = write(t);
  stream.end('a');
  stream.on('finish', () => stream.destroy(new Error('mine')));
};

exports.destroyInAWritesCallback = (t) => {
  const stream = write(t);
  stream.write('a', () => stream.destroy(new Error('mine')));
  stream.write('b', t.callback('second'));
};

exports.destroyWhatCannotBeOpened = (t) => {
  const stream = t.file(fs.createWriteStream(`${t.dir}/missing/copy`), 'copy');
  stream.write('a', t.callback('written'));
  stream.destroy();
};

exports.destroyWhileTheDiskIsFull = (t) => {
  const stream = t.file(fs.createWriteStream('/dev/full'), 'copy');
  stream.write('a', t.callback('written'));
  stream.on('ready', () => process.nextTick(() => stream.destroy()));
};

// -- signals --

// Node opens the file when all is over, for nobody.
exports.abortBefore = (t) => {
  t.file(fs.createReadStream(file(t), { signal: AbortSignal.abort() }), 'file', '-open', '-ready');
};

exports.abortBeforeWriting = (t) => {
  const path = `${t.dir}/copy`;
  const stream = t.file(fs.createWriteStream(path, { signal: AbortSignal.abort() }), 'copy', '-open', '-ready');
  stream.write('a', t.callback('written'));
  stream.on('close', () => t.log('exists', fs.existsSync(path)));
};

exports.abortBeforeOpen = (t) => {
  const controller = new AbortController();
  read(t, { signal: controller.signal });
  controller.abort();
};

exports.abortInOpen = (t) => {
  const controller = new AbortController();
  read(t, { signal: controller.signal }).on('open', () => controller.abort());
};

exports.abortBetweenChunks = (t) => {
  const controller = new AbortController();
  const stream = read(t, { signal: controller.signal, highWaterMark: 4 });
  stream.once('data', () => controller.abort(new Error('reason')));
  stream.on('close', () => t.fileState('state', stream));
};

exports.abortWhileAReadIsInFlight = (t) => {
  const controller = new AbortController();
  const stream = readPipe(t, { signal: controller.signal });
  stream.on('ready', () => t.turns(3, () => {
    const { fd } = stream;
    controller.abort();
    t.turns(3, () => fs.writeSync(fd, 'late'));
  }));
};

exports.abortAfterTheEnd = (t) => {
  const controller = new AbortController();
  read(t, { signal: controller.signal }).on('close', () => controller.abort());
};

exports.abortWithWritesWaiting = (t) => {
  const controller = new AbortController();
  const stream = write(t, { signal: controller.signal });
  stream.write('a', t.callback('written'));
  stream.end(t.callback('ended'));
  controller.abort();
  stream.on('close', () => t.log('content', content(t)));
};

exports.abortAfterFinish = (t) => {
  const controller = new AbortController();
  const stream = write(t, { signal: controller.signal });
  stream.end('a');
  stream.on('finish', () => controller.abort());
};

exports.abortAMissingFile = (t) => {
  const controller = new AbortController();
  readFrom(t, `${t.dir}/missing`, { signal: controller.signal });
  controller.abort();
};

exports.badSignals = (t) => {
  t.attempt('text', () => fs.createReadStream('/dev/null', { signal: 'x' }));
  t.attempt('number', () => fs.createWriteStream('/dev/null', { signal: 5 }));
};
