'use strict';
// Pipes an endless source into each client.
const net = require('node:net');
const { Readable } = require('node:stream');

const server = net.createServer((socket) => {
  const source = new Readable({ read() { this.push(Buffer.alloc(65536)); } });
  source.pipe(socket);
  socket.on('error', () => source.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
