'use strict';
// File streams on descriptors, devices and named pipes; those that do not close by themselves or do not say so.

const fs = require('node:fs');
const { DIGITS, closes, content, fifo, file, read, readFrom, rest, write } = require('../files.js');

// -- what is read --

exports.aGivenDescriptor = (t) => {
  const stream = readFrom(t, 'ignored', { fd: fs.openSync(file(t)) });
  t.fileState('before', stream, 'path');
  stream.on('close', () => t.fileState('after', stream, 'path'));
};

exports.aGivenDescriptorWithoutAPath = (t) => {
  const stream = readFrom(t, null, { fd: fs.openSync(file(t)) });
  t.log('path', stream.path);
};

exports.aGivenDescriptorIsReadFromWhereItStands = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  readFrom(t, null, { fd, highWaterMark: 4 });
};

exports.endCountsFromWhereADescriptorStands = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  readFrom(t, null, { fd, end: 3 });
};

exports.aGivenDescriptorWithAStart = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  readFrom(t, null, { fd, start: 1, end: 2 });
};

exports.withoutAutoCloseADescriptorIsLeft = (t) => {
  const fd = fs.openSync(file(t));
  const stream = readFrom(t, null, { fd, autoClose: false, end: 3 });
  stream.on('end', () => t.turns(3, () => {
    t.fileState('at the end', stream);
    rest(t, fd);
    stream.close();
  }));
};

exports.aStartMovesNoDescriptor = (t) => {
  const fd = fs.openSync(file(t));
  const stream = readFrom(t, null, { fd, autoClose: false, start: 6 });
  stream.on('end', () => {
    rest(t, fd);
    stream.destroy();
  });
};

exports.oneStreamAfterAnotherOnADescriptor = (t) => {
  const fd = fs.openSync(file(t));
  const first = t.watch(fs.createReadStream(null, { fd, autoClose: false, end: 3 }), 'first', 'chunk');
  const release = t.hold();
  first.on('end', () => {
    t.file(fs.createReadStream(null, { fd }), 'second', 'chunk').on('close', () => {
      t.fileState('first', first);
      release();
    });
  });
};

exports.twoStreamsOnADescriptor = (t) => {
  const fd = fs.openSync(file(t));
  const release = t.hold();
  const first = fs.createReadStream(null, { fd, autoClose: false, start: 0, end: 4 });
  const second = fs.createReadStream(null, { fd, autoClose: false, start: 3, end: 7 });
  let left = 2;
  const chunks = {};
  const ended = () => {
    left -= 1;
    if (left > 0) return;
    t.log('chunks', chunks.first, chunks.second);
    rest(t, fd);
    fs.closeSync(fd);
    release();
  };
  for (const [name, stream] of [['first', first], ['second', second]]) {
    stream.on('data', (chunk) => { chunks[name] = chunk; });
    stream.on('end', ended);
  }
};

exports.withoutAutoCloseAFileStaysOpen = (t) => {
  const stream = read(t, { autoClose: false });
  stream.on('end', () => t.turns(3, () => {
    t.fileState('at the end', stream);
    stream.destroy();
  }));
  stream.on('close', () => t.fileState('after', stream));
};

exports.withoutEmitClose = (t) => {
  const stream = t.watch(fs.createReadStream(file(t), { emitClose: false }), 'file', 'open', 'ready', 'chunk');
  const release = t.hold();
  stream.on('end', () => t.until(() => stream.closed, () => {
    t.fileState('closed', stream);
    t.turns(3, release);
  }));
};

exports.theNullDevice = (t) => void readFrom(t, '/dev/null');

exports.theZeroDevice = (t) => {
  const stream = readFrom(t, '/dev/zero', { end: 99_999, highWaterMark: 30_000 });
  stream.on('end', () => t.fileState('state', stream));
};

exports.aDescriptorOfTheZeroDevice = (t) => {
  const fd = fs.openSync('/dev/zero');
  readFrom(t, null, { fd, end: 9 });
};

// -- what is written --

exports.writeAGivenDescriptor = (t) => {
  const fd = fs.openSync(file(t), 'r+');
  fs.readSync(fd, Buffer.alloc(5), 0, 5, null);
  const stream = t.file(fs.createWriteStream('ignored', { fd }), 'file');
  t.fileState('before', stream, 'path');
  stream.end('XY');
  stream.on('close', () => {
    t.fileState('after', stream);
    t.log('content', content(t, 'file'));
  });
};

exports.writeAGivenDescriptorWithAStart = (t) => {
  const fd = fs.openSync(file(t), 'r+');
  const stream = t.file(fs.createWriteStream(null, { fd, start: 4, autoClose: false }), 'file');
  stream.end('XY', () => {
    t.log('content', content(t, 'file'));
    rest(t, fd);
    stream.destroy();
  });
};

exports.writeOneStreamAfterAnother = (t) => {
  const fd = fs.openSync(file(t), 'r+');
  const release = t.hold();
  const first = t.watch(fs.createWriteStream(null, { fd, autoClose: false }), 'first');
  first.end('ab');
  first.on('finish', () => {
    const second = t.file(fs.createWriteStream(null, { fd }), 'second');
    second.end('cd');
    second.on('close', () => {
      t.fileState('first', first);
      t.log('content', content(t, 'file'));
      release();
    });
  });
};

exports.writeByTwoStreams = (t) => {
  const fd = fs.openSync(file(t), 'r+');
  const release = t.hold();
  const streams = [0, 5].map((start) => fs.createWriteStream(null, { fd, autoClose: false, start }));
  let left = 2;
  for (const stream of streams) {
    stream.end('ABC', () => {
      left -= 1;
      if (left > 0) return;
      t.log('content', content(t, 'file'));
      fs.closeSync(fd);
      release();
    });
  }
};

exports.whatIsWrittenStaysOpenWithoutAutoClose = (t) => {
  const stream = write(t, { autoClose: false });
  stream.end('x');
  stream.on('finish', () => t.turns(3, () => {
    t.fileState('finished', stream);
    stream.destroy();
  }));
  stream.on('close', () => t.fileState('after', stream));
};

exports.whatIsWrittenClosesInSilence = (t) => {
  const stream = t.watch(fs.createWriteStream(`${t.dir}/copy`, { emitClose: false }), 'copy', 'open', 'ready');
  const release = t.hold();
  stream.end('x');
  stream.on('finish', () => t.until(() => stream.closed, () => {
    t.fileState('closed', stream);
    t.turns(3, release);
  }));
};

exports.writeTheNullDevice = (t) => {
  const stream = t.file(fs.createWriteStream('/dev/null'), 'null');
  stream.end('gone');
  stream.on('close', () => t.fileState('state', stream));
};

// -- named pipes --

exports.aPipeThatIsWrittenLater = (t) => {
  const path = fifo(t);
  const stream = t.file(fs.createReadStream(path), 'reader', 'data');
  t.turns(3, () => {
    t.fileState('nobody writes', stream);
    const writer = closes(t, fs.createWriteStream(path));
    writer.write('first, ');
    writer.end('second');
  });
};

exports.aPipeThatIsReadLater = (t) => {
  const path = fifo(t);
  const stream = t.file(fs.createWriteStream(path), 'writer');
  stream.end('waiting', t.callback('ended'));
  const take = (chunk) => {
    // Whether the reader or the writer hears of it first is up to the system.
    if (stream.closed) t.log('data', chunk);
    else stream.on('close', () => t.log('data', chunk));
  };
  t.turns(3, () => {
    t.fileState('nobody reads', stream);
    closes(t, fs.createReadStream(path)).on('data', take);
  });
};

exports.aPipeHasNoStart = (t) => {
  const stream = t.file(fs.createReadStream(fifo(t), { flags: 'r+', start: 1 }), 'reader', 'chunk');
  stream.on('close', () => t.fileState('state', stream));
};

exports.anEndWithinWhatAPipeGives = (t) => {
  const path = fifo(t);
  const stream = t.file(fs.createReadStream(path, { flags: 'r+', end: 4 }), 'reader', 'chunk');
  stream.on('open', (fd) => fs.writeSync(fd, DIGITS));
};
