'use strict';
// Relay by hand: each chunk of 'data' is written to the other side, which holds it up until 'drain'.
const net = require('node:net');

function forward(source, destination) {
  source.on('data', (chunk) => {
    if (!destination.write(chunk)) source.pause();
  });
  destination.on('drain', () => source.resume());
  source.on('end', () => destination.end());
}

const target = Number(process.argv[2]);
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
  forward(client, upstream);
  forward(upstream, client);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
