'use strict';
// Servers that many scenarios talk to; servers.py is the twin.

const net = require('node:net');

function plainServer(t) {
  t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
}

// A server that looks at nothing: what it sees of a hasty client is a matter of luck.
function blindServer(t) {
  const server = net.createServer((socket) => {
    t.watch(socket, 'peer', ...['connect', 'ready', 'end', 'finish', 'timeout', 'error', 'close'].map((name) => `-${name}`));
    socket.on('error', () => {});
    socket.resume();
  });
  server.listen(t.where, () => t.ready(server));
  t.watch(server, 'server', '-connection', '-close');
  t.when('over', () => server.close());
}

// The server takes no data before the client is through; what it sees of the end is a matter of luck.
function stalledServer(t) {
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    t.watch(socket, 'peer', ...['end', 'finish', 'error', 'close'].map((name) => `-${name}`));
    socket.on('error', () => {});
    t.when('over', () => {
      socket.destroy();
      server.close();
    });
  });
  t.watch(server, 'server', '-close').listen(t.where, () => t.ready(server));
}

module.exports = { plainServer, blindServer, stalledServer };
