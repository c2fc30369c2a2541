'use strict';
// Options whose effect no other group shows.

const net = require('node:net');

const SIDES = ['readable', 'writable', 'readableEnded', 'writableEnded', 'readyState'];

exports.sidesOfANewSocket = (t) => {
  for (const readable of [true, false]) {
    for (const writable of [true, false]) {
      t.state(`${readable} ${writable}`, new net.Socket({ readable, writable }), ...SIDES);
    }
  }
};

const sink = (t) => t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));

exports.withoutReading = {
  server: sink,
  client(t) {
    const socket = t.connect({ readable: false }, 'data');
    socket.on('connect', () => t.state('connected', socket, ...SIDES));
    socket.end('told');
  },
};

exports.withoutReadingAnAnswerIsLeft = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data', '-error', '-close');
      socket.on('error', () => {});
      socket.write('unread');
      t.tell('written');
    });
  },
  client(t) {
    const socket = t.connect({ readable: false }, 'data');
    t.whenReady(socket, 'written', () => {
      t.state('written', socket, 'bytesRead', ...SIDES);
      socket.destroy();
    });
  },
};

exports.withoutWriting = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end('told'));
  },
  client(t) {
    const socket = t.connect({ writable: false }, 'data');
    socket.on('connect', () => t.state('connected', socket, ...SIDES));
    socket.on('end', () => t.state('ended', socket, ...SIDES));
  },
};

exports.withoutWritingAWriteFails = {
  server: sink,
  client(t) {
    const socket = t.connect({ writable: false }, 'data');
    socket.on('connect', () => t.log('write', socket.write('x', t.callback('written'))));
  },
};

exports.dropMaxConnectionChangesNothing = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.write('welcome');
    }, 0);
    server.maxConnections = 1;
    server.on('drop', () => {
      t.log('drop', server.dropMaxConnection === true);
      if (server.dropMaxConnection) server.close();
      server.dropMaxConnection = true;
    });
  },
  client(t) {
    const welcome = t.connect({}, 'data');
    const drop = (then) => {
      const dropped = t.watch(net.connect(t.where), 'dropped', 'data', '-finish', '-end', '-error');
      dropped.on('error', () => {});
      dropped.on('close', then);
    };
    welcome.once('data', () => drop(() => drop(() => welcome.end())));
  },
};
