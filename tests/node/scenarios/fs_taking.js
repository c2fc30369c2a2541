'use strict';
// What a file stream reads, taken by events, by read(), by pipes and by iteration.

const fs = require('node:fs');
const { PassThrough, finished, pipeline } = require('node:stream');
const { closes, file, read, readFrom } = require('../files.js');

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
  const stream = read(t, { end: 3 });
  stream.once('data', () => stream.unshift(Buffer.from('ab')));
  stream.on('end', () => t.fileState('state', stream));
};

exports.aFileThatGrows = (t) => {
  const path = file(t);
  const stream = readFrom(t, path, { highWaterMark: 16 });
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
  const source = closes(t, fs.createReadStream(file(t, t.fill(300_000)), { start: 1000 }));
  const copy = closes(t, fs.createWriteStream(`${t.dir}/copy`, { highWaterMark: 1000 }));
  pipeline(source, new PassThrough(), copy, (error) => {
    t.log('over', error, source.bytesRead, copy.bytesWritten, fs.readFileSync(`${t.dir}/copy`));
    release();
  });
};

exports.pipeTwice = (t) => {
  const source = closes(t, fs.createReadStream(file(t), { highWaterMark: 4 }));
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
