'use strict';
// Files read as streams: which part, in what pieces, as what text.

const fs = require('node:fs');
const { file, read, readFrom } = require('../files.js');

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
  const stream = readFrom(t, file(t, ''));
  stream.on('end', () => t.fileState('state', stream));
};

exports.aRangeOfAnEmptyFile = (t) => {
  readFrom(t, file(t, ''), { start: 0, end: 5 });
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
  const values = { text: 'a', fraction: 1.5, bool: true, negative: -1, huge: 2 ** 53 };
  for (const [name, value] of Object.entries(values)) {
    t.attempt(`start ${name}`, () => fs.createReadStream('x', { start: value }));
    t.attempt(`end ${name}`, () => fs.createReadStream('x', { end: value }));
    t.attempt(`fd ${name}`, () => fs.createReadStream('x', { fd: value }));
    if (name !== 'huge') t.attempt(`mark ${name}`, () => fs.createReadStream('x', { highWaterMark: value }));
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
  const stream = readFrom(t, Buffer.from(file(t)));
  t.log('bytes', stream.path instanceof Uint8Array);
};

// -- flags --

exports.flagsThatReadToo = (t) => void read(t, { flags: 'r+' });
exports.flagsThatEmptyTheFile = (t) => void read(t, { flags: 'w+' });
exports.flagsThatAppendToo = (t) => void read(t, { flags: 'a+', start: 6 });
exports.flagsAsANumber = (t) => void read(t, { flags: fs.constants.O_RDONLY });

exports.flagsThatCreate = (t) => {
  const path = `${t.dir}/new`;
  readFrom(t, path, { flags: 'wx+', mode: 0o600 }).on('close', () => {
    t.log('mode', fs.statSync(path).mode & 0o777);
  });
};

// -- text --

exports.charactersSplitBetweenReads = (t) => {
  readFrom(t, file(t, 'aé你😀z'), { encoding: 'utf8', highWaterMark: 3 });
};

exports.charactersSplitAtEachByte = (t) => {
  readFrom(t, file(t, 'aé你😀z'), { encoding: 'utf8', highWaterMark: 1 });
};

exports.charactersCutByTheRange = (t) => {
  readFrom(t, file(t, 'é你'), { encoding: 'utf8', start: 1, end: 3 });
};

exports.aCharacterCutByTheEndOfTheFile = (t) => {
  readFrom(t, file(t, Buffer.from('a你').subarray(0, 3)), { encoding: 'utf8' });
};

exports.utf16SplitBetweenReads = (t) => {
  const content = Buffer.from('aé😀z', 'utf16le');
  readFrom(t, file(t, content), { encoding: 'utf16le', highWaterMark: 5 });
};

exports.base64SplitBetweenReads = (t) => void read(t, { encoding: 'base64', highWaterMark: 4 });
exports.hexInPieces = (t) => void read(t, { encoding: 'hex', highWaterMark: 4, start: 3 });
exports.latin1InPieces = (t) => {
  readFrom(t, file(t, Buffer.from([0x61, 0xe9, 0xff])), { encoding: 'latin1', highWaterMark: 2 });
};

exports.anEncodingSetWhenReady = (t) => {
  const stream = readFrom(t, file(t, 'é你'), { highWaterMark: 4 });
  stream.on('ready', () => stream.setEncoding('utf8'));
  stream.on('end', () => t.fileState('state', stream));
};

exports.bytesAreCountedNotCharacters = (t) => {
  const stream = readFrom(t, file(t, 'é你'), { encoding: 'utf8', end: 4 });
  stream.on('end', () => t.fileState('state', stream, 'readableEncoding'));
};
