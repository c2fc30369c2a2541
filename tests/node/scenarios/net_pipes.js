'use strict';
// Sockets and files piped into one another, one end dying; chunks read, put back and decoded by hand.

const fs = require('node:fs');
const net = require('node:net');

// Calls back when the emitters have all closed.
function whenClosed(t, emitters, callback = () => {}) {
  const release = t.hold();
  let open = emitters.length;
  for (const emitter of emitters) {
    emitter.on('close', () => {
      open -= 1;
      if (open > 0) return;
      callback();
      release();
    });
  }
}

function fileAt(t, size) {
  fs.writeFileSync(`${t.dir}/file`, t.fill(size));
  return fs.createReadStream(`${t.dir}/file`);
}

// -- socket to socket --

// A server that joins its first connection to its second, and says so.
function joiner(t, join) {
  const sockets = [];
  t.serve({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    if (sockets.length === 2) {
      join(...sockets);
      t.tell('joined');
    } else {
      t.tell('first');
    }
  }, 2);
}

// A source, then a sink, of the same client.  How the ends of the two are mixed is a matter of luck.
function twoClients(t, ready) {
  const quiet = ['connect', 'ready', 'end', 'finish', 'error', 'close'].map((name) => `-${name}`);
  const source = t.watch(net.connect(t.where), 'source', ...quiet);
  source.on('error', () => {});
  t.when('first', () => {
    const sink = t.watch(net.connect(t.where), 'sink', 'data', ...quiet);
    sink.on('error', () => {});
    t.when('joined', () => ready(source, sink));
  });
}

exports.socketToSocketUntilTheEnd = {
  server(t) {
    joiner(t, (source, sink) => {
      t.watch(sink, 'to', 'pipe', 'unpipe', '-close', '-end', '-finish');
      source.on('end', () => t.log('from.end', sink.writableEnded));
      source.pipe(sink);
      sink.on('finish', () => {
        t.log('to.finish', source.writableEnded, source.destroyed);
        source.end();
      });
    });
  },
  client(t) {
    twoClients(t, (source, sink) => {
      source.end(t.fill(400_000));
      sink.on('end', () => sink.end());
      source.resume();
    });
  },
};

exports.socketToSocketThatDies = {
  server(t) {
    joiner(t, (source, sink) => {
      t.watch(sink, 'to', 'unpipe', '-end', '-finish');
      source.pipe(sink);
      sink.on('close', () => {
        // The source hears nothing of it: it is off the pipe, and paused.
        t.state('from', source, 'destroyed', 'readableFlowing', 'writableEnded');
        t.log('paused', source.isPaused());
        source.end('gone');
        source.resume();
      });
      t.when('read', () => sink.destroy());
    });
  },
  client(t) {
    twoClients(t, (source, sink) => {
      source.write('some');
      sink.once('data', () => t.tell('read'));
      source.on('data', (chunk) => {
        t.data('answer', chunk);
        source.end();
      });
    });
  },
};

exports.socketThatDiesToSocket = {
  server(t) {
    joiner(t, (source, sink) => {
      t.watch(source, 'from', '-end', '-finish');
      t.watch(sink, 'to', 'unpipe', '-end', '-close');
      source.pipe(sink);
      source.on('close', () => {
        // Only the end of a source ends what it is piped to.
        t.state('to', sink, 'destroyed', 'writableEnded');
        sink.end(' and nothing more');
      });
      t.when('read', () => source.destroy());
    });
  },
  client(t) {
    twoClients(t, (source, sink) => {
      source.write('some');
      source.resume();
      sink.once('data', () => t.tell('read'));
    });
  },
};

// -- files --

exports.fileToSocket = {
  server(t) {
    t.serve({}, (socket) => {
      const file = t.watch(fileAt(t, 500_000), 'file', 'open', '-open', '-close', '-end');
      t.watch(socket, 'peer', 'pipe', 'unpipe');
      file.pipe(socket);
      whenClosed(t, [file, socket], () => t.state('sent', socket, 'bytesWritten', 'destroyed'));
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.fileToSocketWithoutEnd = {
  server(t) {
    t.serve({}, (socket) => {
      const file = fileAt(t, 1000);
      t.watch(socket, 'peer', 'unpipe');
      file.pipe(socket, { end: false });
      whenClosed(t, [file]);
      file.on('end', () => {
        t.state('ended', socket, 'writableEnded', 'bytesWritten');
        socket.end('and more');
      });
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.fileToSocketThatIsDestroyed = {
  server(t) {
    t.serve({}, (socket) => {
      const file = fileAt(t, 8 << 20);
      t.watch(socket, 'peer', 'unpipe', '-end', '-finish');
      file.pipe(socket);
      socket.on('close', () => {
        t.tell('gone');
        // Nobody closes the file.
        t.state('file', file, 'destroyed', 'readableFlowing', 'readableEnded');
        t.log('paused', file.isPaused());
        whenClosed(t, [file], () => t.log('file closed'));
        file.destroy();
      });
      t.when('connected', () => t.turns(5, () => socket.destroy()));
    });
  },
  client(t) {
    // It reads nothing before the other has gone.
    const socket = t.watch(net.connect(t.where), 'client', '-end', '-finish', '-error', '-close');
    socket.on('error', () => {});
    t.tell('connected');
    t.when('gone', () => socket.destroy());
  },
};

exports.fileThatIsMissingToSocket = {
  server(t) {
    t.serve({}, (socket) => {
      const file = t.watch(fs.createReadStream(`${t.dir}/missing`), 'file');
      t.watch(socket, 'peer', 'unpipe');
      file.pipe(socket);
      file.on('close', () => {
        t.state('peer', socket, 'destroyed', 'writableEnded');
        socket.end('sorry');
      });
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.socketToFile = {
  server(t) {
    const server = t.serve({}, (socket) => {
      const file = t.watch(fs.createWriteStream(`${t.dir}/copy`), 'file', 'pipe', 'unpipe');
      t.watch(socket, 'peer', '-end', '-finish', '-close');
      socket.pipe(file);
      whenClosed(t, [socket, file], () => {
        t.log('copy', fs.readFileSync(`${t.dir}/copy`));
        t.log('count', file.bytesWritten, socket.bytesRead);
        server.close();
      });
    }, 0);
  },
  client(t) {
    t.connect({}, 'data').end(t.fill(300_000));
  },
};

exports.socketThatIsResetToFile = {
  server(t) {
    t.serve({}, (socket) => {
      const file = fs.createWriteStream(`${t.dir}/copy`);
      t.watch(socket, 'peer', '-finish');
      socket.pipe(file);
      socket.once('data', () => t.tell('read'));
      socket.on('close', () => {
        // Nobody ends the file.
        t.state('file', file, 'destroyed', 'writableEnded');
        whenClosed(t, [file], () => t.log('copy', fs.readFileSync(`${t.dir}/copy`)));
        file.end(' to the end');
      });
    });
  },
  client(t) {
    const socket = t.connect({});
    socket.write('some');
    t.when('read', () => socket.resetAndDestroy());
  },
};

exports.socketToFileThatFails = {
  server(t) {
    t.serve({}, (socket) => {
      const file = t.watch(fs.createWriteStream(`${t.dir}/missing/copy`), 'file', 'unpipe');
      t.watch(socket, 'peer');
      socket.pipe(file);
      file.on('close', () => {
        t.log('paused', socket.isPaused());
        t.state('peer', socket, 'destroyed');
        socket.destroy();
      });
    });
  },
  client(t) {
    const socket = t.connect({}, '-error', '-end', '-finish', '-close');
    socket.on('error', () => {});
    socket.resume();
  },
};

// -- chunks --

// Sends each of its chunks when it is asked for the next one by a byte, then ends.
function sender(...chunks) {
  return (t) => {
    const left = [...chunks];
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', '-end', '-finish');
      socket.on('data', () => {
        if (left.length > 0) socket.write(left.shift());
        else socket.end();
      });
    });
  };
}

exports.readInReadable = {
  server: sender('0123456789', 'abc'),
  client(t) {
    const socket = t.connect({});
    socket.on('ready', () => socket.write('?'));
    socket.on('readable', () => {
      t.state('readable', socket, 'readableLength', 'readableFlowing');
      for (const size of [0, 4, 4, 4, undefined, undefined]) t.log('read', size, socket.read(size));
      if (socket.writable) socket.write('?');
    });
    socket.on('end', () => socket.end());
  },
};

exports.dataAfterReadable = {
  server: sender('first', 'second', 'third'),
  client(t) {
    const socket = t.connect({});
    const onReadable = () => {
      t.log('read', socket.read());
      socket.off('readable', onReadable);
      t.state('off', socket, 'readableFlowing');
      socket.on('data', (chunk) => {
        t.log('data', chunk);
        socket.write('?');
      });
      t.state('on', socket, 'readableFlowing');
      process.nextTick(() => {
        t.state('next tick', socket, 'readableFlowing');
        socket.write('?');
      });
    };
    socket.on('readable', onReadable);
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => socket.end());
  },
};

exports.readableAfterData = {
  server: sender('first', 'second'),
  client(t) {
    const socket = t.connect({});
    socket.once('data', (chunk) => {
      t.log('data', chunk);
      socket.on('readable', () => {
        t.log('readable', socket.read());
        if (!socket.writableEnded) socket.write('?');
      });
      t.state('on', socket, 'readableFlowing');
      socket.write('?');
    });
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => socket.end());
  },
};

exports.unshiftInReadable = {
  server: sender('0123456789'),
  client(t) {
    const socket = t.connect({});
    let again = true;
    socket.on('readable', () => {
      const chunk = socket.read();
      t.log('read', chunk);
      if (chunk === null) return;
      if (again) socket.unshift(chunk.subarray(6));
      again = false;
      t.state('unshifted', socket, 'readableLength', 'bytesRead');
      t.log('rest', socket.read());
      socket.write('?');
    });
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => socket.end());
  },
};

exports.unshiftInEnd = {
  server: sender(),
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => t.attempt('unshift', () => socket.unshift('too late')));
  },
};

exports.encodingSetInData = {
  server: sender(Buffer.from('a\xe4', 'latin1'), Buffer.from('\xbd\xa0b\xe4\xbd', 'latin1'), Buffer.from('\xa0c', 'latin1')),
  client(t) {
    const socket = t.connect({});
    socket.on('data', (chunk) => {
      t.log('data', chunk);
      socket.setEncoding('utf8');
      socket.write('?');
    });
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => socket.end());
  },
};

exports.encodingSetWithBytesWaiting = {
  server: sender('héé'),
  client(t) {
    const socket = t.connect({});
    socket.once('readable', () => {
      t.state('bytes', socket, 'readableLength', 'readableEncoding');
      socket.setEncoding('utf8');
      t.state('text', socket, 'readableLength', 'readableEncoding');
      t.log('read', socket.read(1), socket.read());
      socket.resume();
      socket.write('?');
    });
    socket.on('ready', () => socket.write('?'));
    socket.on('end', () => socket.end());
  },
};

exports.pauseAndResumeAroundConnect = {
  server: sender('first', 'second'),
  client(t) {
    const socket = t.connect({}, 'pause', 'resume');
    socket.pause();
    socket.resume();
    socket.pause();
    socket.on('connect', () => {
      t.log('paused', socket.isPaused());
      socket.resume();
      socket.pause();
    });
    socket.on('ready', () => {
      socket.on('data', (chunk) => {
        t.log('data', chunk);
        socket.write('?');
      });
      t.log('still paused', socket.isPaused());
      socket.resume();
      socket.write('?');
    });
    socket.on('end', () => socket.end());
  },
};
