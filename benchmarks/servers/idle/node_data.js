'use strict';
// Echo with an idle timeout on each connection.
const net = require('node:net');

const server = net.createServer((socket) => {
  socket.setTimeout(60000, () => socket.destroy());
  socket.on('data', (chunk) => socket.write(chunk));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
