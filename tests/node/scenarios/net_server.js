'use strict';
// The life of a server: listening, dropping, counting, closing.

const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

// Listens to none of the events that a socket is watched for.
const QUIET = ['connect', 'ready', 'end', 'finish', 'timeout', 'error', 'close'].map((name) => `-${name}`);
const LOCAL = { port: 0, host: '127.0.0.1' };

exports.listenAndClose = (t) => {
  const server = t.watch(net.createServer(), 'server');
  t.state('new', server, 'listening');
  t.log('address', server.address());
  t.log('same', server.listen(LOCAL, t.callback('callback')) === server);
  t.state('called', server, 'listening');
  process.nextTick(() => t.log('next tick'));
  server.on('listening', () => {
    const { address, family, port } = server.address();
    t.log('address', address, family, port > 0);
    t.log('same', server.close(t.callback('closed')) === server);
    t.state('closing', server, 'listening');
    t.log('address', server.address());
  });
};

exports.listenOnEveryAddress = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(() => {
    const { address, family } = server.address();
    t.log('address', address, family);
    server.close();
  });
};

exports.listenAtPathAndClose = (t) => {
  const where = path.join(t.dir, 'socket');
  const server = t.watch(net.createServer(), 'server').listen(where);
  t.log('there', fs.existsSync(where));
  server.on('listening', () => {
    t.log('address', server.address() === where);
    server.close();
    t.log('there', fs.existsSync(where));
  });
};

exports.listenAtAbstractName = (t) => {
  const where = `\0sockstream-test-${process.pid}`;
  const server = t.watch(net.createServer(), 'server').listen(where, () => {
    t.log('address', server.address() === where);
    net.connect(where).end('abstract');
  });
  server.on('connection', (socket) => {
    socket.on('data', (chunk) => t.data('data', chunk));
    server.close();
  });
};

exports.listenTwice = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0);
  t.attempt('again', () => server.listen(0));
  server.on('listening', () => {
    t.attempt('and again', () => server.listen(0));
    server.close();
  });
};

exports.listenAgainAfterClose = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(LOCAL, () => server.close());
  server.once('close', () => {
    server.listen(LOCAL, () => {
      t.log('again', server.listening);
      server.close(t.callback('closed again'));
    });
  });
};

exports.closeWithoutListen = (t) => {
  const server = t.watch(net.createServer(), 'server');
  t.log('same', server.close(t.callback('closed')) === server);
  process.nextTick(() => t.log('next tick'));
};

exports.closeWithoutListenOrCallback = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.close();
};

exports.closeTwice = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(LOCAL, () => {
    server.close(t.callback('first'));
    server.close(t.callback('second'));
  });
};

exports.closeAfterClose = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(LOCAL, () => server.close());
  server.once('close', () => server.close(t.callback('closed again')));
};

exports.closeBeforeListening = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, t.callback('callback'));
  server.close(t.callback('closed'));
};

exports.closeInListeningCallback = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(LOCAL, () => server.close(t.callback('closed')));
  server.on('listening', () => t.state('after', server, 'listening'));
};

exports.closeWithClientsConnected = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('data', () => {
        t.state('open', server, 'listening');
        socket.end('still served');
      });
      server.close(t.callback('closed'));
      t.tell('closing');
    }, 0);
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.when('closing', () => socket.write('are you there?'));
  },
};

exports.closeInsideTheConnectionListener = {
  server(t) {
    const server = t.serve({}, (socket) => {
      server.close(t.callback('closed'));
      t.watch(socket, 'peer', 'data').end('bye');
      t.state('closing', server, 'listening');
    }, 0);
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.closedServerRefuses = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(LOCAL, () => {
    const { port } = server.address();
    server.close(() => {
      t.watch(net.connect(port, '127.0.0.1'), 'socket').on('close', release);
    });
  });
  const release = t.hold();
};

exports.closeWaitsForTheLastClient = {
  server(t) {
    let count = 0;
    const server = t.serve({}, (socket) => {
      count += 1;
      const label = `peer ${count}`;
      socket.on('close', () => {
        t.log(`${label} closed`);
        t.tell(`${label} closed`);
      });
      socket.resume();
      socket.write(label);
      if (count === 2) server.close(t.callback('closed'));
    }, 0);
  },
  client(t) {
    const first = t.watch(t.connect({}, ...QUIET), 'first');
    first.once('data', () => {
      const second = t.watch(t.connect({}, ...QUIET), 'second');
      second.once('data', () => second.end());
      second.on('close', () => t.when('peer 2 closed', () => first.end()));
    });
  },
};

exports.maxConnectionsDrops = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.write('welcome');
    }, 0);
    server.maxConnections = 1;
    server.on('drop', (info) => {
      t.log('drop', info);
      server.close();
    });
  },
  client(t) {
    const welcome = t.connect({}, 'data');
    welcome.once('data', () => {
      const dropped = t.watch(net.connect(t.where), 'dropped', 'data', '-finish', '-end', '-error');
      dropped.on('error', () => {});
      dropped.on('close', () => welcome.end());
    });
  },
};

exports.maxConnectionsMakesRoomAgain = {
  server(t) {
    let count = 0;
    const server = t.serve({}, (socket) => {
      count += 1;
      socket.resume();
      socket.write(`client ${count}`);
      socket.on('close', () => {
        t.log('closed');
        if (count === 2) server.close();
        else t.tell('room');
      });
    }, 0);
    server.maxConnections = 1;
    server.on('drop', () => t.log('never'));
  },
  client(t) {
    const release = t.hold();
    const first = t.connect({}, 'data');
    first.once('data', () => first.end());
    first.on('close', () => t.when('room', () => {
      const second = t.watch(net.connect(t.where), 'second', 'data');
      second.once('data', () => second.end());
      second.on('close', release);
    }));
  },
};

exports.getConnections = {
  server(t) {
    const server = t.serve({}, (socket) => {
      socket.resume();
      server.getConnections((error, count) => {
        t.log('connections', error ?? null, count);
        socket.write('x');
      });
      t.log('asked');
      socket.on('close', () => {
        server.getConnections((error, count) => {
          t.log('connections', error ?? null, count);
          server.close();
        });
      });
    }, 0);
    server.on('listening', () => server.getConnections((error, count) => t.log('connections', error ?? null, count)));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('data', () => socket.end());
  },
};

exports.getConnectionsOfAClosedServer = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.getConnections((error, count) => t.log('connections', error ?? null, count ?? null));
  t.turns(8, () => t.done());
};

exports.pauseOnConnect = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer', 'data', 'pause', 'resume');
      t.state('accepted', socket, 'readableFlowing');
      t.log('paused', socket.isPaused());
      t.when('sent', () => {
        t.log('resuming');
        socket.resume();
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('waits', () => t.tell('sent'));
  },
};

exports.connectionListenerTwice = {
  server(t) {
    const server = net.createServer((socket) => {
      t.log('argument');
      t.watch(socket, 'peer', 'data');
    });
    server.on('connection', () => {
      t.log('listener');
      server.close();
    });
    t.watch(server, 'server').listen(t.where, () => t.ready(server));
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};

exports.threeClientsOneAfterAnother = {
  server(t) {
    let count = 0;
    t.serve({}, (socket) => {
      count += 1;
      t.watch(socket, `peer ${count}`, 'data');
    }, 3);
  },
  client(t) {
    const next = (left) => {
      const socket = t.connect({}, 'data');
      socket.end(`client ${left}`);
      if (left > 1) socket.on('close', () => next(left - 1));
    };
    next(3);
  },
};

exports.serverClosedWhileAClientConnects = {
  server(t) {
    const server = t.serve({}, () => {}, 0);
    t.when('never mind', () => server.close());
  },
  client(t) {
    t.tell('never mind');
  },
};

exports.halfOpenServerClosesAfterBothHalves = {
  server(t) {
    const server = t.serve({ allowHalfOpen: true }, (socket) => {
      server.close(t.callback('closed'));
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => {
        t.log('half');
        t.turns(4, () => socket.end());
      });
    }, 0);
  },
  client(t) {
    t.connect({}, 'data').end('x');
  },
};

exports.asyncDisposeCloses = async (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(LOCAL);
  await once(server, 'listening');
  await server[Symbol.asyncDispose]();
  t.state('disposed', server, 'listening');
};
