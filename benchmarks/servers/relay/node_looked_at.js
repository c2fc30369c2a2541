'use strict';
// Relay: piped both ways, and a listener looks at every chunk.
const net = require('node:net');

const target = Number(process.argv[2]);
let bytes = 0;
const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const upstream = net.connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
  client.on('data', (chunk) => { bytes += chunk.length; });
  client.pipe(upstream);
  upstream.pipe(client);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
