'use strict';
// Files read as streams: which part, in what pieces, by what descriptor; taken by events, pipes and iteration.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { PassThrough, finished, pipeline } = require('node:stream');

const DIGITS = '0123456789';

// The path of a new file.
function file(t, content = DIGITS, name = 'file') {
  const path = `${t.dir}/${name}`;
  fs.writeFileSync(path, content);
  return path;
}

// A watched stream, whose 'data' is logged chunk by chunk, of a file with ten digits.
function read(t, options) {
  return t.file(fs.createReadStream(file(t), options), 'file', 'chunk');
}

function fifo(t) {
  const path = `${t.dir}/fifo`;
  execFileSync('mkfifo', [path]);
  return path;
}

// Logs what is at a descriptor's own position.
function rest(t, fd) {
  const bytes = Buffer.alloc(20);
  t.log('rest', bytes.subarray(0, fs.readSync(fd, bytes, 0, 20, null)));
}

// -- which part --

exports.aWholeFile = (t) => {
  const stream = t.file(fs.createReadStream(file(t)), 'file');
  const show = (label) => t.fileState(label, stream, 'path');
  show('before');
  stream.on('open', (fd) => t.log('its descriptor', fd === stream.fd));
  for (const name of ['open', 'ready', 'data', 'end', 'close']) stream.on(name, () => show(`in ${name}`));
};

exports.startAndEnd = (t) => {
  const stream = read(t, { start: 2, end: 5 });
  stream.on('close', () => t.fileState('state', stream));
};

exports.startOnly = (t) => void read(t, { start: 7 });
exports.startZero = (t) => void read(t, { start: 0 });
exports.startIsEnd = (t) => void read(t, { start: 4, end: 4 });
exports.startPastTheEnd = (t) => void read(t, { start: 50 });
exports.startAtTheEnd = (t) => void read(t, { start: 10 });
exports.startAndEndPastTheEnd = (t) => void read(t, { start: 50, end: 60 });
exports.endOnly = (t) => void read(t, { end: 3 });
exports.endZero = (t) => void read(t, { end: 0 });
exports.endPastTheEnd = (t) => void read(t, { start: 8, end: 100 });

exports.aMarkSmallerThanTheFile = (t) => void read(t, { highWaterMark: 4 });
exports.aMarkSmallerThanTheRange = (t) => void read(t, { start: 1, end: 7, highWaterMark: 3 });
exports.aMarkThatTheRangeIsAMultipleOf = (t) => void read(t, { start: 1, end: 6, highWaterMark: 3 });
exports.aMarkOfZero = (t) => void read(t, { highWaterMark: 0 });

exports.anEmptyFile = (t) => {
  const stream = t.file(fs.createReadStream(file(t, '')), 'file', 'chunk');
  stream.on('end', () => t.fileState('state', stream));
};

exports.aRangeOfAnEmptyFile = (t) => {
  t.file(fs.createReadStream(file(t, ''), { start: 0, end: 5 }), 'file', 'chunk');
};

exports.aHugeFile = (t) => {
  const stream = t.file(fs.createReadStream(file(t, t.fill(5_000_001))), 'file', 'data');
  stream.on('close', () => t.fileState('state', stream));
};

exports.aRangeOfAHugeFile = (t) => {
  const options = { start: 1_000_001, end: 3_999_998, highWaterMark: 10_000 };
  t.file(fs.createReadStream(file(t, t.fill(5_000_001)), options), 'file', 'data');
};

// -- what is refused --

exports.badPositions = (t) => {
  for (const [name, value] of [['text', 'a'], ['fraction', 1.5], ['bool', true], ['negative', -1]]) {
    t.attempt(`start ${name}`, () => fs.createReadStream('x', { start: value }));
    t.attempt(`end ${name}`, () => fs.createReadStream('x', { end: value }));
    t.attempt(`fd ${name}`, () => fs.createReadStream('x', { fd: value }));
    t.attempt(`mark ${name}`, () => fs.createReadStream('x', { highWaterMark: value }));
  }
};

exports.startBehindEnd = (t) => {
  t.attempt('by one', () => fs.createReadStream('x', { start: 5, end: 4 }));
  t.attempt('the start is checked first', () => fs.createReadStream('x', { start: -1, end: -2 }));
  t.attempt('then the end', () => fs.createReadStream('x', { start: 3, end: -1 }));
};

exports.badPaths = (t) => {
  t.attempt('number', () => fs.createReadStream(5));
  t.attempt('nothing', () => fs.createReadStream(null));
  t.attempt('null character', () => fs.createReadStream('a\0b'));
  t.attempt('null byte', () => fs.createReadStream(Buffer.from('a\0b')));
  t.attempt('before the start', () => fs.createReadStream(5, { start: -1 }));
  const stream = t.file(fs.createReadStream(''), 'empty', 'chunk');
  t.log('path', stream.path);
};

exports.unknownEncoding = (t) => {
  t.attempt('unknown', () => fs.createReadStream(file(t), { encoding: 'zz' }));
};

exports.aPathOfBytes = (t) => {
  const stream = t.file(fs.createReadStream(Buffer.from(file(t))), 'file', 'chunk');
  t.log('bytes', stream.path instanceof Uint8Array);
};

// -- flags --

exports.flagsThatReadToo = (t) => void read(t, { flags: 'r+' });
exports.flagsThatEmptyTheFile = (t) => void read(t, { flags: 'w+' });
exports.flagsThatAppendToo = (t) => void read(t, { flags: 'a+', start: 6 });
exports.flagsAsANumber = (t) => void read(t, { flags: fs.constants.O_RDONLY });

exports.flagsThatCreate = (t) => {
  const path = `${t.dir}/new`;
  t.file(fs.createReadStream(path, { flags: 'wx+', mode: 0o600 }), 'file', 'chunk').on('close', () => {
    t.log('mode', fs.statSync(path).mode & 0o777);
  });
};

// -- text --

exports.charactersSplitBetweenReads = (t) => {
  t.file(fs.createReadStream(file(t, 'aé你😀z'), { encoding: 'utf8', highWaterMark: 3 }), 'file', 'chunk');
};

exports.charactersSplitAtEachByte = (t) => {
  t.file(fs.createReadStream(file(t, 'aé你😀z'), { encoding: 'utf8', highWaterMark: 1 }), 'file', 'chunk');
};

exports.charactersCutByTheRange = (t) => {
  t.file(fs.createReadStream(file(t, 'é你'), { encoding: 'utf8', start: 1, end: 3 }), 'file', 'chunk');
};

exports.aCharacterCutByTheEndOfTheFile = (t) => {
  t.file(fs.createReadStream(file(t, Buffer.from('a你').subarray(0, 3)), { encoding: 'utf8' }), 'file', 'chunk');
};

exports.utf16SplitBetweenReads = (t) => {
  const content = Buffer.from('aé😀z', 'utf16le');
  t.file(fs.createReadStream(file(t, content), { encoding: 'utf16le', highWaterMark: 5 }), 'file', 'chunk');
};

exports.base64SplitBetweenReads = (t) => void read(t, { encoding: 'base64', highWaterMark: 4 });
exports.hexInPieces = (t) => void read(t, { encoding: 'hex', highWaterMark: 4, start: 3 });
exports.latin1InPieces = (t) => {
  t.file(fs.createReadStream(file(t, Buffer.from([0x61, 0xe9, 0xff])), { encoding: 'latin1', highWaterMark: 2 }), 'file', 'chunk');
};

exports.anEncodingSetWhenReady = (t) => {
  const stream = t.file(fs.createReadStream(file(t, 'é你'), { highWaterMark: 4 }), 'file', 'chunk');
  stream.on('ready', () => stream.setEncoding('utf8'));
  stream.on('end', () => t.fileState('state', stream));
};

exports.bytesAreCountedNotCharacters = (t) => {
  const stream = t.file(fs.createReadStream(file(t, 'é你'), { encoding: 'utf8', end: 4 }), 'file', 'chunk');
  stream.on('end', () => t.fileState('state', stream, 'readableEncoding'));
};

// -- descriptors --

exports.aGivenDescriptor = (t) => {
  const stream = t.file(fs.createReadStream('ignored', { fd: fs.openSync(file(t)) }), 'file', 'chunk');
  t.fileState('before', stream, 'path');
  stream.on('close', () => t.fileState('after', stream, 'path'));
};

exports.aGivenDescriptorWithoutAPath = (t) => {
  const stream = t.file(fs.createReadStream(null, { fd: fs.openSync(file(t)) }), 'file', 'chunk');
  t.log('path', stream.path);
};

exports.aGivenDescriptorIsReadFromWhereItStands = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  t.file(fs.createReadStream(null, { fd, highWaterMark: 4 }), 'file', 'chunk');
};

exports.endCountsFromWhereADescriptorStands = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  t.file(fs.createReadStream(null, { fd, end: 3 }), 'file', 'chunk');
};

exports.aGivenDescriptorWithAStart = (t) => {
  const fd = fs.openSync(file(t));
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  t.file(fs.createReadStream(null, { fd, start: 1, end: 2 }), 'file', 'chunk');
};

exports.withoutAutoCloseADescriptorIsLeft = (t) => {
  const fd = fs.openSync(file(t));
  const stream = t.file(fs.createReadStream(null, { fd, autoClose: false, end: 3 }), 'file', 'chunk');
  stream.on('end', () => t.turns(3, () => {
    t.fileState('at the end', stream);
    rest(t, fd);
    stream.close();
  }));
};

exports.aStartMovesNoDescriptor = (t) => {
  const fd = fs.openSync(file(t));
  const stream = t.file(fs.createReadStream(null, { fd, autoClose: false, start: 6 }), 'file', 'chunk');
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
  const stream = t.file(fs.createReadStream(file(t), { autoClose: false }), 'file', 'chunk');
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

exports.theNullDevice = (t) => void t.file(fs.createReadStream('/dev/null'), 'file', 'chunk');

exports.theZeroDevice = (t) => {
  const stream = t.file(fs.createReadStream('/dev/zero', { end: 99_999, highWaterMark: 30_000 }), 'file', 'chunk');
  stream.on('end', () => t.fileState('state', stream));
};

exports.aDescriptorOfTheZeroDevice = (t) => {
  const fd = fs.openSync('/dev/zero');
  t.file(fs.createReadStream(null, { fd, end: 9 }), 'file', 'chunk');
};

// -- taking --

exports.pausedAfterEachChunk = (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 4 }), 'file', 'chunk', 'pause');
  stream.on('data', () => {
    stream.pause();
    t.turns(2, () => stream.resume());
  });
};

exports.readInReadable = (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 4 }), 'file', 'readable');
  stream.on('readable', () => {
    let chunk;
    while ((chunk = stream.read()) !== null) t.log('read', chunk);
    t.log('read so far', stream.bytesRead);
  });
};

exports.readMoreThanTheMark = (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 2 }), 'file');
  stream.on('readable', () => {
    let chunk;
    while ((chunk = stream.read(6)) !== null) t.log('read', chunk);
    t.log('read so far', stream.bytesRead);
  });
};

exports.readBeforeOpen = (t) => {
  const stream = t.file(fs.createReadStream(file(t)), 'file');
  t.log('at once', stream.read());
  stream.on('open', () => t.log('in open', stream.read()));
  stream.on('ready', () => t.log('in ready', stream.read()));
  stream.on('end', () => t.fileState('state', stream));
  stream.once('readable', () => {
    t.log('in readable', stream.read());
    stream.resume();
  });
};

exports.putBackWhatWasRead = (t) => {
  const stream = t.file(fs.createReadStream(file(t), { end: 3 }), 'file', 'chunk');
  stream.once('data', () => stream.unshift(Buffer.from('ab')));
  stream.on('end', () => t.fileState('state', stream));
};

exports.aFileThatGrows = (t) => {
  const path = file(t);
  const stream = t.file(fs.createReadStream(path, { highWaterMark: 16 }), 'file', 'chunk');
  stream.once('data', () => fs.appendFileSync(path, 'more'));
};

exports.nobodyReads = (t) => {
  const stream = t.file(fs.createReadStream(file(t)), 'file');
  stream.on('ready', () => t.turns(5, () => {
    t.fileState('state', stream, 'readableFlowing');
    stream.destroy();
  }));
};

exports.pipeAFileToAFile = (t) => {
  const source = t.file(fs.createReadStream(file(t, t.fill(300_000))), 'source', '-open', '-ready', '-end', '-close');
  const copy = fs.createWriteStream(`${t.dir}/copy`);
  t.log('returns the copy', source.pipe(copy) === copy);
  const release = t.hold();
  copy.on('close', () => {
    t.log('copied', source.bytesRead, copy.bytesWritten, fs.readFileSync(`${t.dir}/copy`));
    release();
  });
};

exports.pipelineByWayOfAPassThrough = (t) => {
  const release = t.hold();
  const source = fs.createReadStream(file(t, t.fill(300_000)), { start: 1000 });
  const copy = fs.createWriteStream(`${t.dir}/copy`, { highWaterMark: 1000 });
  pipeline(source, new PassThrough(), copy, (error) => {
    t.log('over', error, source.bytesRead, copy.bytesWritten, fs.readFileSync(`${t.dir}/copy`));
    release();
  });
};

exports.pipeTwice = (t) => {
  const source = fs.createReadStream(file(t), { highWaterMark: 4 });
  const release = t.hold();
  const [first, second] = [new PassThrough(), new PassThrough()];
  source.pipe(first);
  source.pipe(second);
  finished(source, (error) => {
    t.log('over', error, first.read(), second.read());
    release();
  });
};

exports.iterate = async (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 4 }), 'file');
  for await (const chunk of stream) t.log('got', chunk);
  t.fileState('over', stream);
};

exports.iterateText = async (t) => {
  const stream = t.file(fs.createReadStream(file(t, 'é你😀'), { encoding: 'utf8', highWaterMark: 4 }), 'file');
  for await (const chunk of stream) t.log('got', chunk);
};

exports.iterateAndLeaveEarly = async (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 4 }), 'file');
  for await (const chunk of stream) {
    t.log('got', chunk);
    break;
  }
  t.fileState('over', stream);
};

exports.iterateAndLeaveItOpen = async (t) => {
  const stream = t.file(fs.createReadStream(file(t), { highWaterMark: 4 }), 'file');
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    t.log('got', chunk);
    break;
  }
  t.log('between', stream.destroyed, stream.pending);
  for await (const chunk of stream) t.log('rest', chunk);
};

exports.iterateAnEmptyFile = async (t) => {
  const stream = t.file(fs.createReadStream(file(t, '')), 'file');
  for await (const chunk of stream) t.log('got', chunk);
  t.log('over');
};

// -- named pipes --

exports.aPipeThatIsWrittenLater = (t) => {
  const path = fifo(t);
  const stream = t.file(fs.createReadStream(path), 'reader', 'data');
  t.turns(3, () => {
    t.fileState('nobody writes', stream);
    const writer = fs.createWriteStream(path);
    writer.write('first, ');
    writer.end('second');
  });
};

exports.aPipeThatIsReadLater = (t) => {
  const path = fifo(t);
  const stream = t.file(fs.createWriteStream(path), 'writer');
  stream.end('waiting', t.callback('ended'));
  const release = t.hold();
  const take = (chunk) => {
    // Whether the reader or the writer hears of it first is up to the system.
    if (stream.closed) t.log('data', chunk);
    else stream.on('close', () => t.log('data', chunk));
    release();
  };
  t.turns(3, () => {
    t.fileState('nobody reads', stream);
    fs.createReadStream(path).on('data', take);
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
