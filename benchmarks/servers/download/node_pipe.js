'use strict';
// Download: the file is piped to each client.
const fs = require('node:fs');
const net = require('node:net');

const file = process.argv[2];
const server = net.createServer((socket) => fs.createReadStream(file).pipe(socket));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
