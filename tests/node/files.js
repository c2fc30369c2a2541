'use strict';
// Files for the scenarios of file streams.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');

const DIGITS = '0123456789';

// The path of a new file in the run's directory.
function file(t, content = DIGITS, name = 'file') {
  const path = `${t.dir}/${name}`;
  fs.writeFileSync(path, content);
  return path;
}

// The path of a new named pipe.
function fifo(t) {
  const path = `${t.dir}/fifo`;
  execFileSync('mkfifo', [path]);
  return path;
}

// A watched stream that reads a path; 'data' is logged chunk by chunk.
function readFrom(t, path, options) {
  return t.file(fs.createReadStream(path, options), 'file', 'chunk');
}

// A watched stream that reads a new file of ten digits.
function read(t, options) {
  return readFrom(t, file(t), options);
}

// A watched stream that writes a new file, `copy`.
function write(t, options) {
  return t.file(fs.createWriteStream(`${t.dir}/copy`, options), 'copy');
}

// Keeps the role until a stream that it does not watch has closed.
function closes(t, stream) {
  t.until(() => stream.closed, t.hold());
  return stream;
}

// What a file holds, by default `copy`.
function content(t, name = 'copy') {
  return fs.readFileSync(`${t.dir}/${name}`);
}

// Logs what is at a descriptor's own position.
function rest(t, fd) {
  const bytes = Buffer.alloc(20);
  t.log('rest', bytes.subarray(0, fs.readSync(fd, bytes, 0, 20, null)));
}

module.exports = { DIGITS, closes, content, fifo, file, read, readFrom, rest, write };
