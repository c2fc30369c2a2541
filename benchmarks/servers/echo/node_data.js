'use strict';
// Echo: each chunk of 'data' is written back.
const net = require('node:net');

const server = net.createServer((socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
