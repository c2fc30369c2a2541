'use strict';
// File streams that go wrong: missing files, full disks, descriptors of another kind, files that change meanwhile.

const fs = require('node:fs');
const { PassThrough, finished, pipeline } = require('node:stream');
const { closes, content, fifo, file, read, readFrom, write } = require('../files.js');

function writeTo(t, path, options) {
  return t.file(fs.createWriteStream(path, options), 'copy');
}

// -- that cannot be opened --

exports.readAMissingFile = (t) => {
  const stream = readFrom(t, `${t.dir}/missing`);
  stream.on('error', (error) => t.log('path', error.path, stream.destroyed, stream.closed));
  stream.on('close', () => t.fileState('state', stream, 'errored', 'readableAborted'));
};

exports.readAMissingFileUnheard = (t) => {
  // Node's would never close: its process ends.
  const stream = t.watch(fs.createReadStream(`${t.dir}/missing`), 'file', '-error', '-close');
  closes(t, stream);
};

exports.readAMissingFileWithoutAutoClose = (t) => {
  const stream = readFrom(t, `${t.dir}/missing`, { autoClose: false });
  stream.on('error', () => t.turns(3, () => {
    t.fileState('state', stream);
    stream.destroy();
  }));
};

exports.closeOfAMissingFileWithoutAutoClose = (t) => {
  const stream = readFrom(t, `${t.dir}/missing`, { autoClose: false });
  stream.on('error', () => t.turns(3, () => stream.close(t.callback('closed'))));
};

exports.writeAMissingFileWithoutAutoClose = (t) => {
  const stream = writeTo(t, `${t.dir}/missing/copy`, { autoClose: false });
  stream.write('a', t.callback('written'));
  stream.on('error', () => t.turns(3, () => {
    t.fileState('state', stream, 'writableLength');
    stream.destroy();
  }));
};

exports.writeWhereNoDirectoryIs = (t) => {
  const stream = writeTo(t, `${t.dir}/missing/copy`);
  stream.write('a', t.callback('written'));
  stream.end('b', t.callback('ended'));
  stream.on('close', () => t.fileState('state', stream, 'writableLength'));
};

exports.closeWhereNoDirectoryIs = (t) => {
  const stream = writeTo(t, `${t.dir}/missing/copy`);
  stream.write('a', t.callback('written'));
  stream.close(t.callback('closed'));
};

exports.writeToAMissingFileThatIsNotCreated = (t) => {
  writeTo(t, `${t.dir}/missing`, { flags: 'r+' }).end('a', t.callback('ended'));
};

exports.readBelowAFile = (t) => void readFrom(t, `${file(t)}/below`);
exports.writeBelowAFile = (t) => void writeTo(t, `${file(t)}/below`).end('a', t.callback('ended'));
exports.readATooLongName = (t) => void readFrom(t, `${t.dir}/${'x'.repeat(300)}`);
exports.readALinkToItself = (t) => {
  fs.symlinkSync('loop', `${t.dir}/loop`);
  readFrom(t, `${t.dir}/loop`);
};

exports.writeADirectory = (t) => void writeTo(t, t.dir).end('a', t.callback('ended'));
exports.writeAnExistingFileAsNew = (t) => {
  const stream = t.file(fs.createWriteStream(file(t), { flags: 'wx' }), 'file');
  stream.end('a', t.callback('ended'));
  stream.on('close', () => t.log('content', content(t, 'file')));
};

exports.unknownFlags = (t) => {
  const next = (flags) => {
    if (flags.length === 0) return;
    t.log('flags', flags[0]);
    readFrom(t, file(t), { flags: flags[0] }).on('close', () => next(flags.slice(1)));
  };
  next(['q', '', 'rx', 'r++', 'wxs', true, 1.5, 2 ** 40]);
};

exports.badModes = (t) => {
  const next = (modes) => {
    if (modes.length === 0) return;
    t.log('mode', modes[0]);
    const path = `${t.dir}/mode${modes.length}`;
    const stream = writeTo(t, path, { mode: modes[0] });
    stream.end('a', t.callback('ended'));
    stream.on('close', () => {
      t.log('exists', fs.existsSync(path));
      next(modes.slice(1));
    });
  };
  next(['zz', -1, 1.5, '', '8', '0o7', ' 7', '-7', 2 ** 32, true]);
};

// -- that cannot be read or written --

exports.readADirectory = (t) => {
  const stream = readFrom(t, t.dir);
  stream.on('close', () => t.fileState('state', stream));
};

exports.readADirectoryWithoutAutoClose = (t) => {
  const stream = readFrom(t, t.dir, { autoClose: false });
  stream.on('error', () => t.turns(3, () => {
    t.fileState('state', stream);
    stream.close(t.callback('closed'));
  }));
};

exports.readAFileThatIsOpenForWriting = (t) => void read(t, { flags: 'a' });

exports.writeAFileThatIsOpenForReading = (t) => {
  const stream = t.file(fs.createWriteStream(file(t), { flags: 'r' }), 'file');
  stream.write('a', t.callback('written'));
  stream.on('close', () => t.fileState('state', stream));
};

exports.readABadDescriptor = (t) => {
  const stream = readFrom(t, null, { fd: 999_999 });
  stream.on('close', () => t.fileState('state', stream));
};

exports.readABadDescriptorWithoutAutoClose = (t) => {
  const stream = readFrom(t, null, { fd: 999_999, autoClose: false });
  stream.on('error', () => t.turns(3, () => stream.close(t.callback('closed'))));
};

exports.writeABadDescriptor = (t) => {
  const stream = writeTo(t, null, { fd: 999_999 });
  stream.end('a', t.callback('ended'));
};

exports.neverWriteABadDescriptor = (t) => {
  const stream = writeTo(t, null, { fd: 999_999 });
  stream.end(t.callback('ended'));
};

exports.aDescriptorClosedAtTheEnd = (t) => {
  const fd = fs.openSync(file(t));
  const stream = readFrom(t, null, { fd });
  stream.on('end', () => fs.closeSync(fd));
};

exports.iterateOverWhatCannotBeClosed = async (t) => {
  const fd = fs.openSync(file(t));
  const stream = t.file(fs.createReadStream(null, { fd }), 'file');
  stream.on('end', () => fs.closeSync(fd));
  try {
    for await (const chunk of stream) t.log('got', chunk);
    t.log('over');
  } catch (error) {
    t.log('caught', error);
  }
};

exports.aPipeHasNoStartToWriteAt = (t) => {
  const stream = writeTo(t, fifo(t), { flags: 'r+', start: 1 });
  stream.end('a', t.callback('ended'));
};

// -- a full disk --

exports.aFullDisk = (t) => {
  const stream = writeTo(t, '/dev/full');
  t.log('first', stream.write('abc', t.callback('first')));
  stream.write('def', t.callback('second'));
  stream.end('ghi', t.callback('ended'));
  stream.on('error', () => t.fileState('in error', stream, 'writableLength', 'errored'));
  stream.on('close', () => t.fileState('state', stream, 'writableLength', 'writableFinished', 'writableAborted'));
};

exports.aFullDiskInTheMiddle = (t) => {
  const stream = writeTo(t, '/dev/full');
  stream.on('ready', () => {
    stream.write('abc', t.callback('first'));
    stream.write('def', t.callback('second'));
    stream.write('ghi', t.callback('third'));
  });
  stream.on('close', () => t.log('returns', stream.write('late', t.callback('late'))));
};

exports.aFullDiskWhileCorked = (t) => {
  const stream = writeTo(t, '/dev/full');
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.write('b', t.callback('b'));
  stream.uncork();
};

exports.aFullDiskWithoutAutoClose = (t) => {
  const stream = writeTo(t, '/dev/full', { autoClose: false });
  stream.write('abc', t.callback('first'));
  stream.on('error', () => t.turns(3, () => {
    t.fileState('state', stream, 'writable');
    t.log('returns', stream.write('def', t.callback('second')));
    t.turns(3, () => stream.destroy());
  }));
};

exports.aFullDiskWithoutAutoCloseThenClose = (t) => {
  const stream = writeTo(t, '/dev/full', { autoClose: false });
  stream.write('abc', t.callback('first'));
  stream.on('error', () => t.turns(3, () => {
    stream.close(t.callback('closed'));
    t.turns(20, () => {
      t.fileState('after close', stream);
      stream.destroy();
    });
  }));
};

exports.aFullDiskAndClose = (t) => {
  const stream = writeTo(t, '/dev/full');
  stream.write('abc', t.callback('written'));
  stream.close(t.callback('closed'));
};

exports.aFullDiskUnheard = (t) => {
  const stream = t.watch(fs.createWriteStream('/dev/full'), 'copy', '-error', '-close');
  stream.end('abc', t.callback('ended'));
  closes(t, stream);
};

exports.aFullDiskAndNothingToWrite = (t) => void writeTo(t, '/dev/full').end(t.callback('ended'));

exports.pipeToAFullDisk = (t) => {
  const source = t.file(fs.createReadStream(file(t, t.fill(200_000))), 'source', '-open', '-ready');
  const copy = t.watch(fs.createWriteStream('/dev/full'), 'copy', 'unpipe');
  source.pipe(copy);
  copy.on('close', () => t.turns(3, () => {
    t.log('source', source.destroyed, source.readableFlowing);
    source.destroy();
  }));
};

exports.pipelineToAFullDisk = (t) => {
  const release = t.hold();
  const source = fs.createReadStream(file(t, t.fill(200_000)));
  const copy = fs.createWriteStream('/dev/full');
  pipeline(source, new PassThrough(), copy, (error) => {
    t.log('over', error, source.destroyed, copy.destroyed);
    t.until(() => source.closed && copy.closed, release);
  });
};

exports.finishedOnAFullDisk = (t) => {
  const stream = writeTo(t, '/dev/full');
  finished(stream, t.callback('finished'));
  stream.end('x');
};

// -- chains that fail --

// A watched file whose opening is not logged: which of two files is open first is up to the system.
function unopened(t) {
  return t.file(fs.createWriteStream(`${t.dir}/copy`), 'copy', '-open', '-ready');
}

exports.pipelineFromAMissingFile = (t) => {
  const copy = unopened(t);
  const source = closes(t, fs.createReadStream(`${t.dir}/missing`));
  pipeline(source, copy, t.callback('over'));
  copy.on('close', () => t.log('exists', fs.existsSync(`${t.dir}/copy`)));
};

exports.pipelineToAMissingDirectory = (t) => {
  const source = t.file(fs.createReadStream(file(t)), 'source', '-open', '-ready', '-error');
  const copy = closes(t, fs.createWriteStream(`${t.dir}/missing/copy`));
  pipeline(source, copy, (error) => t.log('over', error, source.destroyed));
};

exports.pipeFromAMissingFile = (t) => {
  const copy = unopened(t);
  const source = t.watch(closes(t, fs.createReadStream(`${t.dir}/missing`)), 'source', '-error', '-close');
  source.pipe(copy);
  source.on('error', () => t.until(() => !copy.pending, () => {
    t.fileState('copy', copy, 'writable');
    copy.end();
  }));
};

exports.iterateAMissingFile = async (t) => {
  const stream = t.file(fs.createReadStream(`${t.dir}/missing`), 'file');
  try {
    for await (const chunk of stream) t.log('got', chunk);
  } catch (error) {
    t.log('caught', error);
  }
};

exports.iterateADirectory = async (t) => {
  const stream = t.file(fs.createReadStream(t.dir), 'file');
  try {
    for await (const chunk of stream) t.log('got', chunk);
  } catch (error) {
    t.log('caught', error);
  }
};

exports.finishedWithAMissingFile = (t) => {
  finished(readFrom(t, `${t.dir}/missing`), t.callback('finished'));
};

// -- files that change meanwhile --

exports.aFileThatIsDeletedWhileItIsRead = (t) => {
  const path = file(t);
  const stream = readFrom(t, path, { highWaterMark: 4 });
  stream.on('open', () => fs.unlinkSync(path));
  stream.on('close', () => t.log('exists', fs.existsSync(path)));
};

exports.aFileThatIsTruncatedWhileItIsRead = (t) => {
  const path = file(t);
  const stream = readFrom(t, path, { highWaterMark: 4 });
  stream.on('open', () => fs.truncateSync(path, 6));
  stream.on('end', () => t.fileState('state', stream));
};

exports.aRangeThatIsTruncatedWhileItIsRead = (t) => {
  const path = file(t);
  const stream = readFrom(t, path, { start: 2, end: 8, highWaterMark: 3 });
  stream.on('open', () => fs.truncateSync(path, 4));
};

exports.aFileThatIsReplacedWhileItIsRead = (t) => {
  const path = file(t);
  const stream = readFrom(t, path);
  stream.on('open', () => {
    fs.unlinkSync(path);
    fs.writeFileSync(path, 'another');
  });
};

exports.aFileThatIsDeletedWhileItIsWritten = (t) => {
  const stream = write(t);
  stream.on('open', () => {
    fs.unlinkSync(`${t.dir}/copy`);
    stream.end('abc', t.callback('ended'));
  });
  stream.on('close', () => t.log('exists', stream.bytesWritten, fs.existsSync(`${t.dir}/copy`)));
};

exports.aFileThatIsTruncatedWhileItIsWritten = (t) => {
  const stream = write(t);
  stream.write('abc', () => {
    fs.truncateSync(`${t.dir}/copy`, 0);
    stream.end('def');
  });
  stream.on('close', () => t.log('content', content(t)));
};

exports.aFileThatIsMovedWhileItIsWritten = (t) => {
  const stream = write(t);
  stream.on('open', () => {
    fs.renameSync(`${t.dir}/copy`, `${t.dir}/moved`);
    stream.end('abc');
  });
  stream.on('close', () => t.log('content', stream.path, content(t, 'moved')));
};
