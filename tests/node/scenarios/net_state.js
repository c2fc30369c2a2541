'use strict';
// Addresses, counters and states through a socket's life.

const net = require('node:net');

const ADDRESSES = ['localAddress', 'localPort', 'localFamily', 'remoteAddress', 'remotePort', 'remoteFamily'];
const FLAGS = ['pending', 'connecting', 'destroyed', 'closed', 'readyState'];
const SIDES = ['readable', 'writable', 'readableEnded', 'writableEnded', 'writableFinished', 'readableFlowing'];

function sink(t) {
  t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
}

exports.addressesThroughLife = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.state('accepted', socket, ...ADDRESSES);
      t.log('address', socket.address());
      t.log('local port', socket.localPort === address?.port);
      socket.on('close', () => {
        t.state('closed', socket, ...ADDRESSES);
        t.log('address', socket.address());
      });
    });
    let address = null;
    server.on('listening', () => {
      address = server.address();
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.state('connecting', socket, ...ADDRESSES);
    t.log('address', socket.address());
    socket.on('connect', () => {
      t.state('connected', socket, ...ADDRESSES);
      t.log('address', socket.address());
      t.log('remote port', socket.remotePort === t.where.port);
      socket.end();
    });
    socket.on('close', () => {
      t.state('closed', socket, ...ADDRESSES);
      t.log('address', socket.address());
    });
  },
};

exports.flagsThroughLife = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      for (const name of ['end', 'finish', 'close']) socket.on(name, () => t.state(name, socket, ...FLAGS, ...SIDES));
      t.state('accepted', socket, ...FLAGS, ...SIDES);
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    for (const name of ['connect', 'ready', 'end', 'finish', 'close']) socket.on(name, () => t.state(name, socket, ...FLAGS, ...SIDES));
    t.state('connecting', socket, ...FLAGS, ...SIDES);
    socket.on('ready', () => {
      socket.end();
      t.state('ended', socket, ...FLAGS, ...SIDES);
    });
  },
};

exports.flagsOfANewSocket = (t) => {
  const socket = new net.Socket();
  t.state('new', socket, ...FLAGS, ...SIDES, ...ADDRESSES, 'bytesRead', 'bytesWritten', 'allowHalfOpen', 'writableLength');
  t.log('address', socket.address());
  t.log('timeout', socket.timeout ?? null);
  const open = new net.Socket({ allowHalfOpen: true });
  t.state('half-open', open, 'allowHalfOpen');
};

exports.flagsAfterDestroy = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy();
      t.state('destroyed', socket, ...FLAGS, ...SIDES);
    });
    socket.on('close', () => t.state('closed', socket, ...FLAGS, ...SIDES));
  },
};

exports.readyStateOfHalves = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.state('accepted', socket, 'readyState');
      socket.on('end', () => {
        t.state('end', socket, 'readyState');
        t.turns(2, () => {
          t.state('half', socket, 'readyState');
          socket.end();
          t.state('ended', socket, 'readyState');
        });
      });
    });
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    t.state('connecting', socket, 'readyState');
    socket.on('connect', () => {
      t.state('connected', socket, 'readyState');
      socket.end('x');
      t.state('ended', socket, 'readyState');
    });
    socket.on('finish', () => t.state('finish', socket, 'readyState'));
    socket.on('end', () => t.state('end', socket, 'readyState'));
  },
};

exports.bytesInBothDirections = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.write(t.fill(1000));
      socket.on('close', () => t.state('closed', socket, 'bytesRead', 'bytesWritten'));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.state('new', socket, 'bytesRead', 'bytesWritten');
    socket.write('é');
    t.state('one', socket, 'bytesRead', 'bytesWritten');
    socket.write(t.fill(100_000));
    t.state('two', socket, 'bytesRead', 'bytesWritten');
    let seen = 0;
    socket.on('data', (chunk) => {
      seen += chunk.length;
      if (seen === 1000) socket.end('end');
    });
    socket.on('end', () => t.state('end', socket, 'bytesRead', 'bytesWritten'));
    socket.on('close', () => t.state('closed', socket, 'bytesRead', 'bytesWritten'));
  },
};

exports.bytesWrittenOfWaitingText = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setDefaultEncoding('latin1');
    socket.write('é');
    t.state('latin1', socket, 'bytesWritten');
    socket.write('é', 'utf8');
    t.state('utf8', socket, 'bytesWritten');
    socket.write('abc', 'utf16le');
    t.state('utf16le', socket, 'bytesWritten');
    socket.write(Buffer.from([1, 2, 3]));
    t.state('bytes', socket, 'bytesWritten');
    socket.end('0011', 'hex');
    t.state('hex', socket, 'bytesWritten');
  },
};

exports.bufferSize = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('waiting');
    t.log('size', socket.bufferSize, socket.writableLength);
    socket.on('connect', () => t.log('size', socket.bufferSize, socket.writableLength));
    socket.end();
    socket.on('finish', () => t.log('size', socket.bufferSize, socket.writableLength));
  },
};

exports.listenersInTheirOrder = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.once('end', () => t.log('once'));
    socket.prependListener('end', () => t.log('prepended'));
    socket.prependOnceListener('end', () => t.log('prepended once'));
    // What waits for the connection listens to 'connect' and 'close' as well, each side in its own way.
    socket.on('newListener', (name) => name === 'ready' && t.log('new listener', name));
    socket.on('removeListener', (name) => name !== 'connect' && name !== 'close' && t.log('listener removed', name));
    const never = () => t.log('never');
    socket.on('ready', never);
    socket.off('ready', never);
    socket.end();
  },
};

exports.serverFieldsThroughLife = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.state('closing', server, 'listening', 'maxConnections');
      socket.on('close', () => t.state('peer closed', server, 'listening'));
    });
    t.state('called', server, 'listening');
    server.on('close', () => t.state('closed', server, 'listening'));
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};

exports.connectReturnsWhatCreateConnectionReturns = (t) => {
  const server = net.createServer((peer) => {
    peer.end('hi');
    server.close();
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    const socket = net.createConnection({ port, host: '127.0.0.1' }, () => t.log('listener'));
    t.log('socket', socket instanceof net.Socket);
    t.watch(socket, 'socket', 'data');
  });
  server.on('close', t.hold());
};

exports.connectByTextPort = (t) => {
  const server = net.createServer((peer) => {
    peer.end('hi');
    server.close();
  });
  server.listen(0, '127.0.0.1', () => {
    const socket = net.connect({ port: String(server.address().port), host: '127.0.0.1' });
    t.watch(socket, 'socket', 'data');
  });
  server.on('close', t.hold());
};

exports.eventsOfOneSocketInOneList = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.log('names', ['data', 'end', 'error'].map((name) => socket.listenerCount(name) > 0));
    });
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};
