'use strict';
// Reading into buffers of the user's.

const net = require('node:net');

const TEXT = '0123456789abcdefghijKLMNO';

// The server sends 25 bytes, and what it gets back as its last.
function sender(t) {
  t.serve({}, (socket) => {
    t.watch(socket, 'peer');
    socket.write(TEXT);
    socket.on('data', (chunk) => socket.end(chunk));
  });
}

// A callback that logs what it gets; `then` says what it returns.
function reader(t, what, then = () => undefined) {
  return (size, buffer) => {
    t.log('onread', size, buffer.subarray(0, size), what.buffers ? what.buffers.indexOf(buffer) : null);
    t.state('state', what.socket, 'bytesRead', 'readableFlowing', 'readableLength');
    if (what.socket.bytesRead === TEXT.length) what.socket.end('bye');
    return then();
  };
}

exports.oneBuffer = {
  server: sender,
  client(t) {
    const what = {};
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback: reader(t, what) } }, 'data', 'resume', 'pause');
    t.log('paused', what.socket.isPaused());
  },
};

exports.buffersOfAFunction = {
  server: sender,
  client(t) {
    const what = { buffers: [] };
    const buffer = () => {
      t.log('give', what.buffers.length);
      what.buffers.push(Buffer.alloc(10));
      return what.buffers.at(-1);
    };
    what.socket = t.connect({ onread: { buffer, callback: reader(t, what) } });
    t.log('connecting');
  },
};

exports.falsePauses = {
  server: sender,
  client(t) {
    const what = {};
    const later = () => {
      t.log('paused', what.socket.isPaused());
      what.socket.resume();
    };
    const callback = reader(t, what, () => { setImmediate(later); return false; });
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback } }, 'resume', 'pause');
  },
};

exports.readGoesOnAfterFalse = {
  server: sender,
  client(t) {
    const what = {};
    const later = () => t.log('read', what.socket.read(0));
    const callback = reader(t, what, () => { setImmediate(later); return false; });
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback } }, 'resume', 'pause');
  },
};

exports.onlyFalsePauses = {
  server: sender,
  client(t) {
    const what = {};
    const answers = [0, null, '', 0, null, ''];
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback: reader(t, what, () => answers.pop()) } });
  },
};

exports.pauseInOnread = {
  server: sender,
  client(t) {
    const what = {};
    const callback = reader(t, what, () => {
      what.socket.pause();
      setImmediate(() => {
        t.log('paused', what.socket.isPaused());
        what.socket.resume();
      });
    });
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback } }, 'resume', 'pause');
  },
};

exports.pauseBeforeConnecting = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.write(TEXT, () => t.tell('sent'));
      socket.on('data', (chunk) => socket.end(chunk));
    });
  },
  client(t) {
    const what = {};
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback: reader(t, what) } }, 'resume', 'pause');
    what.socket.pause();
    t.whenReady(what.socket, 'sent', () => {
      t.log('read so far', what.socket.bytesRead);
      what.socket.resume();
    });
  },
};

exports.listenersAndEncodingGetNothing = {
  server: sender,
  client(t) {
    const what = {};
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback: reader(t, what) } }, 'data', 'readable', 'resume');
    what.socket.setEncoding('utf8');
  },
};

exports.destroyInOnread = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', '-error', '-close', '-end', '-finish');
      socket.on('error', () => {});
      socket.write(TEXT);
    });
  },
  client(t) {
    const what = { buffers: [] };
    const buffer = () => {
      t.log('give', what.buffers.length);
      what.buffers.push(Buffer.alloc(10));
      return what.buffers.at(-1);
    };
    const callback = (size) => {
      t.log('onread', size);
      what.socket.destroy();
    };
    what.socket = t.connect({ onread: { buffer, callback } });
  },
};

exports.aBufferWithoutRoom = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', '-error', '-close', '-end', '-finish');
      socket.on('error', () => {});
      socket.write(TEXT);
    });
  },
  client(t) {
    const buffers = [Buffer.alloc(0), Buffer.alloc(10)];
    t.connect({ onread: { buffer: () => buffers.pop(), callback: (size) => t.log('onread', size) } });
  },
};

exports.connectAgain = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.write(TEXT);
      socket.on('data', (chunk) => socket.end(chunk));
      socket.on('close', () => t.tell('closed'));
    }, 2);
  },
  client(t) {
    const what = {};
    const hold = t.hold();
    what.socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback: reader(t, what) } });
    what.socket.once('close', () => t.when('closed', () => {
      what.socket.connect(t.where);
      what.socket.once('close', hold);
    }));
  },
};

exports.nothingButTheEnd = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end();
    });
  },
  client(t) {
    t.connect({ onread: { buffer: Buffer.alloc(10), callback: (size) => t.log('onread', size) } }, 'readable');
  },
};

exports.muchThroughASmallBuffer = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end(t.fill(300000));
    });
  },
  client(t) {
    const chunks = [];
    let tooLong = 0;
    const callback = (size, buffer) => {
      if (size > 1000) tooLong++;
      chunks.push(Buffer.from(buffer.subarray(0, size)));
    };
    const socket = t.connect({ onread: { buffer: Buffer.alloc(1000), callback } });
    socket.on('end', () => t.log('got', Buffer.concat(chunks), tooLong, socket.bytesRead));
  },
};

exports.onreadTimeout = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.write('hello');
    });
  },
  client(t) {
    const callback = (size) => t.log('onread', size);
    const socket = t.connect({ onread: { buffer: Buffer.alloc(10), callback }, timeout: 50 });
    socket.once('timeout', () => socket.end());
  },
};

exports.aSocketMadeFirst = (t) => {
  const server = t.watch(net.createServer((socket) => socket.end('hello')), 'server');
  server.listen(0, '127.0.0.1', () => {
    const socket = new net.Socket({ onread: { buffer: Buffer.alloc(3), callback: (size) => t.log('onread', size) } });
    t.watch(socket, 'client');
    socket.connect(server.address().port, '127.0.0.1');
    socket.on('close', () => server.close());
  });
};
