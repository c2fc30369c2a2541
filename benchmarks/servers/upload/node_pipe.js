'use strict';
// Upload: what a client sends is piped to a file; the connection ends once the file is complete.
const fs = require('node:fs');
const net = require('node:net');

const file = process.argv[2];
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.pipe(fs.createWriteStream(file)).on('finish', () => socket.end());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
