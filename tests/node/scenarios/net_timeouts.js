'use strict';
// When a socket has been idle for too long: connecting, stalled, half-open, or never connected.

const net = require('node:net');
const { plainServer, stalledServer } = require('../servers');

const FLAGS = ['pending', 'connecting', 'readyState', 'destroyed'];
const SIDES = ['readyState', 'readable', 'writable', 'readableEnded', 'writableEnded', 'writableFinished'];

exports.timeoutOfASocketThatNeverConnects = (t) => {
  const socket = t.watch(new net.Socket(), 'socket');
  t.log('same', socket.setTimeout(20, t.callback('callback')) === socket);
  socket.on('timeout', () => {
    t.state('timeout', socket, ...FLAGS);
    socket.destroy();
  });
};

exports.timeoutWhileConnecting = (t) => {
  const socket = t.watch(net.connect({ ...t.silent, timeout: 20 }), 'socket');
  socket.write('x', t.callback('written'));
  socket.on('timeout', () => {
    t.state('timeout', socket, ...FLAGS);
    socket.destroy(new Error('too slow'));
    t.state('destroyed', socket, ...FLAGS);
  });
};

exports.timeoutWhileConnectingComesOnce = (t) => {
  const socket = t.watch(net.connect({ ...t.silent, timeout: 20 }), 'socket');
  setTimeout(() => socket.destroy(), 70);
};

exports.timeoutWhileWritingToAStalledPeer = {
  server: stalledServer,
  client(t) {
    const socket = t.connect({});
    socket.on('ready', () => {
      socket.write(t.fill(32 << 20), t.callback('written'));
      socket.end('more', t.callback('ended'));
      socket.setTimeout(40);
    });
    socket.on('timeout', () => {
      t.state('timeout', socket, 'writableLength', 'bytesWritten', ...SIDES);
      socket.destroy();
    });
    socket.on('close', () => t.tell('over'));
  },
};

exports.timeoutChangedInTimeout = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    const delays = [15, 10, 0];
    socket.on('ready', () => socket.setTimeout(20));
    socket.on('timeout', () => {
      socket.setTimeout(delays.shift());
      t.log('now', t.seconds(socket.timeout));
      if (delays.length === 0) setTimeout(() => socket.end(), 30);
    });
  },
};

exports.twoCallbacksOfOneTimeout = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setTimeout(500, t.callback('first'));
    socket.setTimeout(15, t.callback('second'));
    socket.once('timeout', () => {
      t.log('listeners', socket.listenerCount('timeout'));
      socket.end();
    });
  },
};

exports.timeoutAfterTheEndOfAHalf = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => t.tell('half'));
      t.when('timed out', () => socket.end('at last'));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x');
    socket.on('finish', () => t.when('half', () => socket.setTimeout(20)));
    socket.on('timeout', () => t.tell('timed out'));
  },
};
