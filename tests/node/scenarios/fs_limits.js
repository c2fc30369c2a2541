'use strict';
// Programs of their own: file streams at the limits of a process, and on its standard input.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { pipeline } = require('node:stream');
const { file, write } = require('../files.js');

// Sets a soft limit of this process.
function limit(name, value) {
  execFileSync('prlimit', ['--pid', String(process.pid), `--${name}=${value}:`]);
}

const size = (t) => fs.statSync(`${t.dir}/copy`).size;

exports.aWriteOverTheLimitOfAFile = (t) => {
  limit('fsize', 100_000);
  const stream = write(t);
  stream.write(t.fill(150_000), t.callback('written'));
  stream.end(t.callback('ended'));
  stream.on('close', () => {
    t.fileState('state', stream);
    t.log('size', size(t));
  });
};

exports.aWriteAtTheLimitOfAFile = (t) => {
  limit('fsize', 100_000);
  const stream = write(t);
  stream.write(t.fill(100_000), (error) => {
    t.callback('first')(error);
    stream.write('x', t.callback('second'));
  });
  stream.on('close', () => t.log('size', stream.bytesWritten, size(t)));
};

exports.aStartBehindTheLimitOfAFile = (t) => {
  limit('fsize', 100_000);
  const stream = write(t, { start: 200_000 });
  stream.end('x', t.callback('ended'));
  stream.on('close', () => t.log('size', stream.bytesWritten, size(t)));
};

exports.theLimitOfAFileWithoutAutoClose = (t) => {
  limit('fsize', 100_000);
  const stream = write(t, { autoClose: false });
  stream.write(t.fill(150_000), t.callback('written'));
  stream.on('error', () => t.turns(3, () => {
    t.fileState('state', stream);
    stream.destroy();
  }));
};

exports.aPipelineOverTheLimitOfAFile = (t) => {
  const source = fs.createReadStream(file(t, t.fill(300_000)));
  limit('fsize', 100_000);
  const copy = write(t);
  pipeline(source, copy, t.callback('over'));
  copy.on('close', () => t.log('size', copy.bytesWritten, size(t), source.destroyed));
};

exports.noDescriptorIsLeft = (t) => {
  t.log('limit', '64 descriptors');
  limit('nofile', 64);
  const open = [];
  t.attempt('all are taken', () => {
    for (;;) open.push(fs.openSync('/dev/null'));
  });
  const stream = t.file(fs.createReadStream('/dev/null'), 'file', 'chunk');
  stream.on('close', () => {
    for (const fd of open) fs.closeSync(fd);
    t.file(fs.createReadStream('/dev/null'), 'again', 'chunk');
  });
};

exports.standardInputStaysOpen = (t) => {
  const stream = t.file(fs.createReadStream(null, { fd: 0 }), 'input', 'chunk');
  stream.on('close', () => {
    t.fileState('state', stream);
    t.log('open', fs.fstatSync(0).isCharacterDevice());
  });
};
