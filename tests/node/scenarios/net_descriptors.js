'use strict';
// Sockets of descriptors that are no sockets: the ends of pipes, and what is refused.

const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

// Node opens no pipe(2): the ends are those of a FIFO, which are the same to a program.
function ends(t) {
  const fifo = path.join(t.dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const both = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const writer = fs.openSync(fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  return { both, reader, writer };
}

function readerAndWriter(t) {
  const { both, reader, writer } = ends(t);
  fs.closeSync(both);
  return { reader, writer };
}

function bothWays(t) {
  const { both, reader, writer } = ends(t);
  fs.closeSync(reader);
  fs.closeSync(writer);
  return both;
}

function made(t, options, ...also) {
  const socket = t.watch(new net.Socket(options), 'socket', 'data', ...also);
  t.state('made', socket, 'readable', 'writable', 'readyState', 'pending', 'connecting', 'destroyed');
  t.log('address', socket.remoteAddress, socket.localPort, socket.address());
  return socket;
}

exports.refused = (t) => {
  const descriptors = {
    file: fs.openSync(__filename, 'r'),
    directory: fs.openSync(__dirname, 'r'),
    device: fs.openSync('/dev/null', 'r+'),
    terminal: fs.openSync('/dev/ptmx', 'r+'),
    closed: 999,
  };
  for (const [name, fd] of Object.entries(descriptors)) t.attempt(name, () => void new net.Socket({ fd }));
  for (const [name, fd] of Object.entries(descriptors)) if (name !== 'closed') fs.closeSync(fd);
  t.attempt('negative', () => void new net.Socket({ fd: -1 }));
  t.attempt('huge', () => void new net.Socket({ fd: 2 ** 40 }));
  t.attempt('fraction', () => void new net.Socket({ fd: 1.5 }));
  t.attempt('text', () => void new net.Socket({ fd: '0' }));
  const release = t.hold();
  const datagrams = dgram.createSocket('udp4');
  datagrams.bind(0, '127.0.0.1', () => {
    t.attempt('datagrams', () => void new net.Socket({ fd: datagrams._handle.fd }));
    datagrams.close(release);
  });
};

exports.readingEnd = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: reader });
  fs.writeSync(writer, 'hello');
  socket.once('data', () => fs.closeSync(writer));
};

exports.readingEndThatNeverWrites = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: reader, writable: false });
  fs.writeSync(writer, 'hello');
  socket.once('data', () => fs.closeSync(writer));
};

exports.readingEndIsAtItsEnd = (t) => {
  const { reader, writer } = readerAndWriter(t);
  fs.writeSync(writer, 'left behind');
  fs.closeSync(writer);
  made(t, { fd: reader });
};

exports.readingEndIsWrittenTo = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: reader });
  socket.write('x', t.callback('written'));
  socket.on('close', () => fs.closeSync(writer));
};

exports.readingEndIsEnded = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: reader });
  socket.end(t.callback('ended'));
  socket.on('finish', () => t.turns(4, () => {
    fs.writeSync(writer, 'more');
    fs.closeSync(writer);
  }));
};

exports.readingEndPausesAndResumes = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: reader }, 'pause', 'resume').pause();
  fs.writeSync(writer, 'waits');
  fs.closeSync(writer);
  t.turns(6, () => {
    t.log('resuming', socket.bytesRead);
    socket.resume();
  });
};

exports.writingEnd = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: writer, readable: false });
  t.log('write', socket.write('hello', t.callback('written')), socket.write(' there'));
  socket.end(t.callback('ended'));
  socket.on('close', () => {
    const buffer = Buffer.alloc(64);
    t.log('read', buffer.subarray(0, fs.readSync(reader, buffer)), fs.readSync(reader, buffer));
    fs.closeSync(reader);
  });
};

exports.writingEndThatIsToRead = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: writer });
  t.log('write', socket.write('x', t.callback('written')));
  socket.end(t.callback('ended'));
  socket.on('close', () => fs.closeSync(reader));
};

exports.writingEndWithoutReader = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: writer, readable: false });
  fs.closeSync(reader);
  t.turns(4, () => {
    t.state('still there', socket, 'writable', 'destroyed');
    socket.write('x', t.callback('written'));
  });
};

exports.writingEndIsFull = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: writer, readable: false }, 'drain');
  t.log('write', socket.write(t.fill(200_000), t.callback('written')), socket.writableLength);
  t.log('more', socket.write('!', t.callback('more written')));
  const release = t.hold();
  const buffer = Buffer.alloc(100_000);
  let count = 0;
  const read = () => {
    try {
      count += fs.readSync(reader, buffer);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
    if (count < 200_001) {
      setImmediate(read);
      return;
    }
    // The last write's callback may come before or after this.
    t.turns(4, () => {
      t.log('count', count);
      release();
      fs.closeSync(reader);
      socket.destroy();
    });
  };
  setImmediate(read);
};

exports.writingEndIsDestroyedWhileFull = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const socket = made(t, { fd: writer, readable: false });
  socket.write(t.fill(200_000), t.callback('written'));
  t.turns(4, () => socket.destroy());
  socket.on('close', () => fs.closeSync(reader));
};

exports.openBothWays = (t) => {
  const socket = made(t, { fd: bothWays(t) });
  socket.write('hello');
  socket.once('data', () => socket.destroy());
};

exports.settingsOfAPipe = (t) => {
  const socket = made(t, { fd: bothWays(t) });
  t.log('same', socket.setNoDelay() === socket, socket.setKeepAlive(true, 1000) === socket, socket.setTimeout(5000) === socket);
  t.attempt('reset', () => socket.resetAndDestroy());
  socket.destroy();
};

exports.fromPipeToSocket = (t) => {
  const { reader, writer } = readerAndWriter(t);
  const source = t.watch(new net.Socket({ fd: reader, writable: false }), 'source');
  const server = t.watch(net.createServer(), 'server', '-connection').listen(0, '127.0.0.1', () => {
    source.pipe(net.connect(server.address().port, '127.0.0.1').resume());
  });
  server.on('connection', (socket) => {
    t.watch(socket, 'peer', 'data');
    server.close();
  });
  fs.writeSync(writer, 'through');
  fs.closeSync(writer);
};
