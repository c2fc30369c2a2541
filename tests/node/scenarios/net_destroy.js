'use strict';
// Destroying, resetting, and what the peer sees of it.

const net = require('node:net');
const { plainServer, blindServer } = require('../servers');

exports.destroyBeforeConnect = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  t.log('same', socket.destroy() === socket);
  t.state('destroyed', socket, 'destroyed', 'closed', 'readyState', 'pending', 'readable', 'writable');
  process.nextTick(() => t.log('next tick'));
};

exports.destroyBeforeConnectWithError = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  socket.destroy(new Error('early'));
  t.log('errored', socket.errored);
};

exports.writeWithoutConnect = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  t.attempt('write', () => socket.write('x', t.callback('written')));
};

exports.endWithoutConnect = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  socket.end(t.callback('ended'));
  t.turns(10, () => {
    t.state('state', socket, 'destroyed', 'writableFinished', 'writableEnded');
    t.done();
  });
};

exports.destroyWhileConnecting = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.destroy();
    t.state('destroyed', socket, 'destroyed', 'connecting', 'pending', 'readyState');
    socket.on('close', () => {
      t.state('closed', socket, 'destroyed', 'connecting', 'pending', 'readyState');
      t.tell('over');
    });
  },
};

exports.destroyWhileConnectingWithError = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('never sent', t.callback('written'));
    socket.destroy(new Error('changed my mind'));
    socket.on('close', () => t.tell('over'));
  },
};

exports.destroyWhileConnectingAfterWriteAndEnd = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('first', t.callback('first written'));
    socket.write('second', t.callback('second written'));
    socket.end('third', t.callback('ended'));
    socket.destroy();
    socket.on('close', () => t.tell('over'));
  },
};

exports.destroyInConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('connect', () => socket.destroy());
  },
};

exports.clientDestroysWithError = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy(new Error('enough'));
      t.state('destroyed', socket, 'destroyed', 'errored', 'closed');
    });
    socket.on('error', () => t.state('error', socket, 'destroyed', 'errored', 'closed'));
    socket.on('close', () => t.state('close', socket, 'destroyed', 'errored', 'closed'));
  },
};

exports.serverDestroysWithError = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.destroy(new Error('enough'));
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.serverDestroys = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').destroy());
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.destroyTwice = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy(new Error('first'));
      socket.destroy(new Error('second'));
    });
    socket.on('close', () => {
      socket.destroy(new Error('third'));
      t.log('errored', socket.errored);
    });
  },
};

exports.destroyThenDestroyWithError = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy();
      socket.destroy(new Error('too late'));
    });
  },
};

exports.destroyInData = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data', '-finish');
      socket.write('x');
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('data', () => socket.destroy());
  },
};

exports.destroyInEnd = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end('x'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('end', () => socket.destroy());
  },
};

exports.destroyInFinish = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x');
    socket.on('finish', () => socket.destroy());
  },
};

exports.destroySoonAfterWrite = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.write(t.fill(300_000), t.callback('written'));
      socket.destroySoon();
      t.state('soon', socket, 'destroyed', 'writableEnded', 'writableFinished');
    });
    socket.on('finish', () => t.state('finish', socket, 'destroyed', 'writableEnded', 'writableFinished'));
  },
};

exports.destroySoonWithNothingToSend = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroySoon();
      t.state('soon', socket, 'destroyed', 'writableEnded', 'writableFinished');
    });
  },
};

exports.destroySoonBeforeConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('early');
    socket.destroySoon();
  },
};

exports.clientResets = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      t.log('same', socket.resetAndDestroy() === socket);
      t.state('reset', socket, 'destroyed', 'readyState');
    });
  },
};

exports.serverResets = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.when('ready', () => socket.resetAndDestroy());
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => t.tell('ready'));
    socket.on('error', (error) => t.state('error', error, 'code', 'syscall', 'address', 'port'));
  },
};

exports.resetWhileConnecting = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.resetAndDestroy();
    t.state('reset', socket, 'destroyed', 'connecting', 'readyState');
    socket.on('close', () => t.tell('over'));
  },
};

exports.resetWithoutConnect = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  t.attempt('reset', () => socket.resetAndDestroy() === socket);
  t.state('reset', socket, 'destroyed', 'readyState');
};

exports.resetAfterClose = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end();
    socket.on('close', () => {
      t.attempt('reset', () => socket.resetAndDestroy() === socket);
    });
  },
};

exports.resetOfAUnixSocket = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      t.attempt('reset', () => socket.resetAndDestroy() === socket);
      t.state('reset', socket, 'destroyed', 'readyState');
      socket.end();
    });
  },
};

exports.peerResetsWhilePaused = {
  server(t) {
    t.serve({}, (socket) => {
      // Paused is not deaf: until its buffer is full a socket goes on reading.
      t.watch(socket, 'peer', 'data').pause();
      t.tell('paused');
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'paused', () => socket.resetAndDestroy());
  },
};

exports.peerResetsBeforeWeRead = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.tell('accepted');
      t.when('reset', () => {
        t.state('unread', socket, 'destroyed');
        socket.resume();
      });
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => socket.resetAndDestroy());
    socket.on('close', () => t.turns(2, () => t.tell('reset')));
  },
};

exports.peerResetsWhileWeWrite = {
  server(t) {
    // It does not read: the write in flight is what learns of it.
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer');
      socket.write(t.fill(32 << 20), t.callback('written'));
      socket.write('more', t.callback('more written'));
      socket.end(t.callback('ended'));
    });
  },
  client(t) {
    const socket = t.connect({});
    socket.once('data', () => socket.resetAndDestroy());
  },
};

exports.writeToAPeerThatReset = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer');
      t.tell('accepted');
      t.when('reset', () => {
        socket.write('x', t.callback('written'));
        socket.write('y', t.callback('second written'));
        socket.end(t.callback('ended'));
      });
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => socket.resetAndDestroy());
    socket.on('close', () => t.turns(2, () => t.tell('reset')));
  },
};

exports.writeToAPeerThatIsGone = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer');
      t.tell('accepted');
      t.when('gone', () => {
        // The first one is answered with a reset; over a Unix socket it fails at once.
        socket.write('x');
        t.turns(5, () => socket.write('y', t.callback('second written')));
      });
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => socket.destroy());
    socket.on('close', () => t.turns(2, () => t.tell('gone')));
  },
};

exports.errorThrownInErrorlessSocket = (t) => {
  const socket = t.watch(new net.Socket(), 'socket', '-error');
  socket.destroy(new Error('nobody listens'));
};
