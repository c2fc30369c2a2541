'use strict';
// Connects, sends one message, takes it back, ends; so many at a time.  Arguments: how many, the message's size, port.
const net = require('node:net');

const [connections, size, port] = process.argv.slice(2).map(Number);
const message = Buffer.from(Array.from({ length: size }, (_, index) => index % 256));

function begin() {
  let received = Buffer.alloc(0);
  const socket = net.connect(port, '127.0.0.1', () => socket.write(message));
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (received.length >= size) {
      if (!received.equals(message)) throw new Error('the server changed a byte');
      socket.end();
    }
  });
  socket.on('close', begin);
}

console.log(0);
for (let index = 0; index < connections; index++) begin();
