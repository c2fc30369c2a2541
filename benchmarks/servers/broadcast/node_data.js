'use strict';
// Broadcast: what one client sends is written to all.
const net = require('node:net');

const clients = new Set();
const server = net.createServer({ noDelay: true }, (socket) => {
  clients.add(socket);
  socket.on('data', (chunk) => {
    for (const client of clients) client.write(chunk);
  });
  socket.on('close', () => clients.delete(socket));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
