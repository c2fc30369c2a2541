'use strict';
// Files written as streams: where, in what pieces, from what encoding; how flags and closing matter.

const fs = require('node:fs');
const { PassThrough, Readable, finished, pipeline } = require('node:stream');
const { content, file, write } = require('../files.js');

// -- what goes in --

exports.aWholeFile = (t) => {
  const stream = write(t);
  const show = (label) => t.fileState(label, stream, 'path', 'writableLength');
  show('before');
  t.log('write', stream.write('ab你', t.callback('written')));
  show('after write');
  stream.on('open', (fd) => t.log('its descriptor', fd === stream.fd));
  for (const name of ['open', 'ready', 'finish', 'close']) stream.on(name, () => show(`in ${name}`));
  t.log('end returns it', stream.end(Buffer.from('def'), t.callback('ended')) === stream);
  show('after end');
  stream.on('close', () => t.log('content', content(t)));
};

exports.nothing = (t) => {
  const stream = write(t);
  stream.end();
  stream.on('close', () => t.log('content', content(t)));
};

exports.whatWaitsForOpenIsWrittenTogether = (t) => {
  const stream = write(t);
  for (const word of ['one ', 'two ', 'three']) {
    stream.write(word, () => t.log(`wrote ${word}`, stream.bytesWritten, stream.writableLength));
  }
  stream.end();
};

exports.whatWaitsForAWriteIsWrittenTogether = (t) => {
  const stream = write(t);
  stream.on('ready', () => {
    for (const word of ['one ', 'two ', 'three']) {
      stream.write(word, () => t.log(`wrote ${word}`, stream.bytesWritten, stream.writableLength));
    }
    stream.end();
  });
};

exports.corkedWrites = (t) => {
  const stream = write(t);
  stream.on('ready', () => {
    stream.cork();
    stream.write('a', t.callback('a'));
    stream.write('b', t.callback('b'));
    t.turns(3, () => {
      t.fileState('corked', stream, 'writableLength', 'writableCorked');
      stream.uncork();
      t.fileState('uncorked', stream, 'writableLength', 'writableCorked');
      stream.end(() => t.fileState('ended', stream, 'writableLength'));
    });
  });
  stream.on('close', () => t.log('content', content(t)));
};

exports.endUncorks = (t) => {
  const stream = write(t);
  stream.cork();
  stream.cork();
  stream.write('a', t.callback('a'));
  stream.end('b', t.callback('b'));
  stream.on('close', () => t.log('content', content(t)));
};

exports.emptyWrites = (t) => {
  const stream = write(t);
  stream.write('', t.callback('text'));
  stream.write(Buffer.alloc(0), t.callback('bytes'));
  stream.write('x', t.callback('x'));
  stream.end('');
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t)));
};

exports.emptyWritesOnly = (t) => {
  const stream = write(t);
  stream.on('ready', () => stream.write('', () => {
    t.fileState('written', stream);
    stream.end();
  }));
};

exports.badChunks = (t) => {
  const stream = write(t);
  t.attempt('nothing', () => stream.write(null));
  t.attempt('number', () => stream.write(5));
  t.attempt('object', () => stream.write({}));
  t.attempt('encoding', () => stream.write('a', 'zz'));
  stream.end('ok');
  stream.on('close', () => t.log('content', content(t)));
};

exports.hugeWrites = (t) => {
  const stream = write(t);
  const data = t.fill(3_000_001);
  t.log('first', stream.write(data.subarray(0, 2_000_000)));
  stream.once('drain', () => {
    t.fileState('drain', stream, 'writableLength');
    stream.end(data.subarray(2_000_000));
  });
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t)));
};

exports.drain = (t) => {
  const stream = t.file(fs.createWriteStream(`${t.dir}/copy`, { highWaterMark: 4 }), 'copy', 'drain');
  t.log('below', stream.write('abc'), stream.writableNeedDrain);
  t.log('at', stream.write('d'), stream.writableNeedDrain);
  t.log('over', stream.write('e'), stream.writableNeedDrain);
  stream.on('drain', () => {
    t.fileState('drained', stream, 'writableLength', 'writableNeedDrain');
    stream.end();
  });
};

exports.aMarkOfZero = (t) => {
  const stream = t.file(fs.createWriteStream(`${t.dir}/copy`, { highWaterMark: 0 }), 'copy', 'drain');
  t.log('write', stream.write('a'));
  stream.once('drain', () => stream.end());
};

// -- text --

exports.textInEachEncoding = (t) => {
  const stream = write(t);
  stream.write('é');
  stream.write('é', 'latin1');
  stream.write('é', 'utf16le');
  stream.write('4142', 'hex');
  stream.write('Q0Q=', 'base64');
  stream.end('é', 'ascii');
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t)));
};

exports.aDefaultEncoding = (t) => {
  const stream = write(t, { encoding: 'hex' });
  stream.write('4142');
  stream.write('c', 'utf8');
  stream.setDefaultEncoding('latin1');
  stream.end('é');
  stream.on('close', () => t.log('content', content(t)));
};

exports.unknownEncoding = (t) => {
  t.attempt('unknown', () => write(t, { encoding: 'zz' }));
  t.attempt('number', () => write(t, { encoding: 5 }));
};

// -- where --

function change(t, options, ...chunks) {
  const stream = t.file(fs.createWriteStream(file(t), options), 'file');
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t, 'file')));
}

exports.anExistingFileIsEmptied = (t) => change(t, {}, 'Q', 'R');
exports.startInAnEmptiedFile = (t) => change(t, { start: 2 }, 'Q', 'R');
exports.startInAFile = (t) => change(t, { flags: 'r+', start: 3 }, 'Q', 'R');
exports.startZero = (t) => change(t, { flags: 'r+', start: 0 }, 'Q', 'R');
exports.startPastTheEnd = (t) => change(t, { flags: 'r+', start: 12 }, 'Q', 'R');
exports.append = (t) => change(t, { flags: 'a' }, 'Q', 'R');
exports.appendIgnoresTheStart = (t) => change(t, { flags: 'a', start: 2 }, 'Q', 'R');
exports.appendInSync = (t) => change(t, { flags: 'as' }, 'Q');
exports.withoutAStartFromTheBeginning = (t) => change(t, { flags: 'r+' }, 'Q', 'R');
exports.flagsAsANumber = (t) => change(t, { flags: fs.constants.O_WRONLY | fs.constants.O_APPEND }, 'Q');
exports.flagsThatReadToo = (t) => change(t, { flags: 'w+' }, 'Q');

exports.startInPieces = (t) => {
  const stream = t.file(fs.createWriteStream(file(t), { flags: 'r+', start: 3 }), 'file');
  stream.write('Q', () => stream.write('R', () => stream.end('S')));
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t, 'file')));
};

exports.onlyNewFiles = (t) => {
  const stream = write(t, { flags: 'wx' });
  stream.end('new');
  stream.on('close', () => t.log('content', content(t)));
};

exports.appendToANewFile = (t) => {
  const stream = write(t, { flags: 'ax+' });
  stream.end('new');
  stream.on('close', () => t.log('content', content(t)));
};

exports.modes = (t) => {
  const release = t.hold();
  const make = (modes) => {
    if (modes.length === 0) {
      release();
      return;
    }
    const path = `${t.dir}/mode${modes[0]}`;
    fs.createWriteStream(path, { mode: modes[0] }).end().on('close', () => {
      t.log('mode', fs.statSync(path).mode & 0o777);
      make(modes.slice(1));
    });
  };
  make([0o600, 0o444, '640', 0]);
};

exports.badPositions = (t) => {
  const values = { text: 'a', fraction: 1.5, bool: true, negative: -1, huge: 2 ** 53 };
  for (const [name, value] of Object.entries(values)) {
    t.attempt(`start ${name}`, () => fs.createWriteStream('x', { start: value }));
    t.attempt(`fd ${name}`, () => fs.createWriteStream('x', { fd: value }));
    if (name !== 'huge') t.attempt(`mark ${name}`, () => fs.createWriteStream('x', { highWaterMark: value }));
  }
};

exports.badPaths = (t) => {
  t.attempt('number', () => fs.createWriteStream(5));
  t.attempt('nothing', () => fs.createWriteStream(null));
  t.attempt('null character', () => fs.createWriteStream('a\0b'));
  t.attempt('before the start', () => fs.createWriteStream(5, { start: -1 }));
  t.attempt('before the flush', () => fs.createWriteStream(5, { flush: 1 }));
};

// -- flush --

exports.flush = (t) => {
  const stream = write(t, { flush: true });
  stream.end('x');
  stream.on('close', () => t.log('content', content(t)));
};

exports.flushOfNothing = (t) => void write(t, { flush: true }).end();
exports.flushBeforeDestroy = (t) => void write(t, { flush: true }).destroy();

exports.flushThatFails = (t) => {
  t.file(fs.createWriteStream('/dev/null', { flush: true }), 'null').end('x', t.callback('ended'));
};

exports.flushThatFailsAfterDestroy = (t) => {
  const stream = t.file(fs.createWriteStream('/dev/null', { flush: true }), 'null');
  stream.on('ready', () => stream.destroy(new Error('mine')));
};

exports.flushOfAFileThatIsMissing = (t) => {
  t.file(fs.createWriteStream(`${t.dir}/missing/copy`, { flush: true }), 'copy').end('x', t.callback('ended'));
};

exports.badFlush = (t) => {
  t.attempt('number', () => fs.createWriteStream('x', { flush: 1 }));
  t.attempt('text', () => fs.createWriteStream('x', { flush: 'true' }));
};

// -- ends --

exports.endTwice = (t) => {
  const stream = write(t);
  stream.end('a', t.callback('first'));
  stream.end(t.callback('second'));
  stream.on('close', () => stream.end(t.callback('third')));
};

exports.endTwiceWithData = (t) => {
  const stream = write(t);
  stream.end('a', t.callback('first'));
  stream.end('b', t.callback('second'));
  stream.on('close', () => t.log('content', content(t)));
};

exports.writeAfterEnd = (t) => {
  const stream = write(t);
  stream.end('a', t.callback('ended'));
  t.log('returns', stream.write('b', t.callback('written')));
  stream.on('close', () => {
    t.fileState('state', stream);
    t.log('content', content(t));
  });
};

exports.writeAfterFinish = (t) => {
  const stream = write(t);
  stream.end('a');
  stream.on('finish', () => t.log('returns', stream.write('b', t.callback('written'))));
  stream.on('close', () => t.log('content', content(t)));
};

exports.writeAfterClose = (t) => {
  const stream = write(t);
  stream.end('a');
  stream.on('close', () => t.log('returns', stream.write('b', t.callback('written'))));
};

exports.writeInOpen = (t) => {
  const stream = write(t);
  stream.write('a', t.callback('a'));
  stream.on('open', () => stream.write('b', t.callback('b')));
  stream.on('ready', () => stream.end('c', t.callback('c')));
  stream.on('close', () => t.log('content', stream.bytesWritten, content(t)));
};

exports.destroySoon = (t) => {
  const stream = write(t);
  stream.write('a');
  stream.destroySoon();
  t.fileState('at once', stream, 'writableEnded');
  stream.on('close', () => t.log('content', content(t)));
};

// -- as a destination --

exports.pipeIntoAFile = (t) => {
  const source = new PassThrough();
  const stream = t.file(fs.createWriteStream(`${t.dir}/copy`), 'copy', 'pipe', 'unpipe');
  source.pipe(stream);
  source.write('a');
  source.end('b');
  stream.on('close', () => t.log('content', content(t)));
};

function readable(chunk) {
  const stream = new Readable({ read() {} });
  stream.push(chunk);
  stream.push(null);
  return stream;
}

exports.pipeTwoSourcesOneAfterAnother = (t) => {
  const stream = write(t);
  const first = readable('one, ');
  first.pipe(stream, { end: false });
  first.on('end', () => readable('two').pipe(stream));
  stream.on('close', () => t.log('content', content(t)));
};

exports.pipelineWhoseSourceFails = (t) => {
  const stream = write(t);
  const source = new PassThrough();
  pipeline(source, stream, t.callback('over'));
  source.write('abc');
  stream.on('ready', () => t.until(() => stream.bytesWritten === 3, () => source.destroy(new Error('source'))));
  stream.on('close', () => t.log('content', content(t)));
};

exports.finishedWithAFile = (t) => {
  const stream = write(t);
  finished(stream, t.callback('finished'));
  stream.end('x');
};
