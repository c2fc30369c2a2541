'use strict';
// What comes before what: looking up, attempts, halves, the last words of a socket, servers.

const net = require('node:net');
const { plainServer } = require('../servers');

const LOCAL = { port: 0, host: '127.0.0.1' };
const FLAGS = ['pending', 'connecting', 'readyState', 'destroyed'];
const SIDES = ['readyState', 'readable', 'writable', 'readableEnded', 'writableEnded', 'writableFinished'];

// -- connecting --

exports.lookupAttemptConnectReady = {
  server: plainServer,
  client(t) {
    const lookup = (host, options, callback) => {
      t.state('in lookup', socket, ...FLAGS);
      setImmediate(() => callback(null, '127.0.0.1', 4));
    };
    const socket = t.watch(new net.Socket(), 'client', 'data');
    socket.on('lookup', (error, address, family, host) => t.log('lookup', error, address, family, host));
    socket.on('connectionAttempt', (ip, port, family) => t.log('attempt', ip, port === t.where.port, family));
    for (const name of ['lookup', 'connectionAttempt', 'connect', 'ready']) {
      socket.on(name, () => t.state('state', socket, ...FLAGS));
    }
    socket.connect({ port: t.where.port, host: 'somewhere.test', lookup, autoSelectFamily: false });
    t.state('called', socket, ...FLAGS);
    socket.end('found');
  },
};

exports.attemptAtAnAddress = {
  server: plainServer,
  client(t) {
    const socket = t.watch(new net.Socket(), 'client', 'data');
    socket.on('lookup', () => t.log('lookup'));
    socket.on('connectionAttempt', (where) => {
      t.log('attempt', where === (t.where.path ?? t.where.host));
      t.state('state', socket, ...FLAGS);
    });
    socket.connect(t.where);
    t.log('called');
    process.nextTick(() => t.log('next tick'));
    socket.end();
  },
};

exports.destroyInLookup = (t) => {
  const lookup = (host, options, callback) => process.nextTick(callback, null, '127.0.0.1', 4);
  const socket = t.watch(net.connect({ port: 1, host: 'here.test', lookup, autoSelectFamily: false }), 'socket');
  socket.on('connectionAttempt', () => t.log('attempt'));
  socket.write('x', t.callback('written'));
  socket.on('lookup', () => {
    socket.destroy();
    t.state('destroyed', socket, ...FLAGS);
  });
};

exports.attemptThatFails = (t) => {
  const release = t.hold();
  const server = net.createServer().listen(LOCAL, () => {
    const { port } = server.address();
    server.close(() => {
      const socket = t.watch(new net.Socket(), 'socket').on('close', release);
      socket.on('connectionAttempt', () => t.log('attempt'));
      socket.on('connectionAttemptFailed', (ip, at, family, error) => {
        t.log('failed', ip, at === port, family, error);
        t.state('state', socket, 'connecting', 'pending', 'readyState', 'destroyed', 'errored');
      });
      socket.connect(port, '127.0.0.1');
    });
  });
};

// -- halves --

exports.halfOpenOnBothSides = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      for (const name of ['end', 'finish', 'close']) socket.on(name, () => t.state(name, socket, ...SIDES));
      socket.on('end', () => {
        socket.write('one', t.callback('one'));
        socket.write('two', () => {
          t.log('two');
          socket.end('three', t.callback('ended'));
        });
      });
    });
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    for (const name of ['end', 'finish', 'close']) socket.on(name, () => t.state(name, socket, ...SIDES));
    socket.end('go', t.callback('ended'));
  },
};

exports.halfOpenServerEndsFirst = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data').end('all I say');
      for (const name of ['finish', 'end']) socket.on(name, () => t.state(name, socket, ...SIDES));
    });
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    socket.on('end', () => {
      t.state('half', socket, ...SIDES);
      t.turns(3, () => socket.write('and I', () => socket.end(' too')));
    });
  },
};

exports.halfOpenClientIsDestroyed = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end('done'));
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    socket.on('end', () => t.turns(3, () => socket.destroy()));
    socket.on('close', () => t.state('closed', socket, ...SIDES));
  },
};

exports.endInsideEnd = {
  server: plainServer,
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    socket.on('finish', () => {
      t.state('finish', socket, ...SIDES);
      socket.end(t.callback('ended again'));
    });
    socket.on('end', () => {
      t.state('end', socket, ...SIDES);
      socket.end(t.callback('ended in end'));
    });
    socket.end('x');
  },
};

// -- last words --

exports.writeInFinish = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x');
    socket.on('finish', () => t.attempt('write', () => socket.write('too late', t.callback('written'))));
  },
};

exports.callsInClose = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.end('x');
    socket.on('close', () => {
      t.state('closed', socket, ...FLAGS, ...SIDES);
      t.attempt('write', () => socket.write('x', (error) => t.state('written', error, 'code')));
      t.attempt('end', () => socket.end('x', t.callback('ended')) === socket);
      t.attempt('destroy', () => socket.destroy(new Error('again')) === socket);
      t.attempt('destroySoon', () => socket.destroySoon());
      t.attempt('pause', () => socket.pause() === socket);
      t.attempt('resume', () => socket.resume() === socket);
      t.attempt('read', () => socket.read());
      t.attempt('push', () => socket.push('x'));
      t.attempt('timeout', () => socket.setTimeout(10) === socket);
      t.attempt('unref', () => socket.unref() === socket);
      t.log('timeout', t.seconds(socket.timeout));
    });
  },
};

exports.destroyTwiceWithAndWithoutError = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.end('x', t.callback('ended'));
      t.log('same', socket.destroy() === socket, socket.destroy(new Error('second')) === socket);
      t.log('errored', socket.errored);
    });
    socket.on('close', () => t.log('errored', socket.errored));
  },
};

exports.addressesFirstAskedWhenItIsOver = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('close', () => t.state('closed', socket, 'localAddress', 'remoteAddress', 'remoteFamily'));
    });
  },
  client(t) {
    const names = ['localAddress', 'remoteAddress', 'remoteFamily'];
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy();
      t.state('destroyed', socket, ...names);
    });
    socket.on('close', () => t.state('closed', socket, ...names));
  },
};

exports.errorInAListener = (t) => {
  const server = net.createServer((peer) => {
    server.close();
    peer.end('x');
  });
  server.listen(LOCAL, () => {
    const socket = t.watch(net.connect(server.address().port, '127.0.0.1'), 'socket');
    socket.on('data', () => {
      throw new Error('mine');
    });
  });
  server.on('close', t.hold());
};

exports.errorInATimer = (t) => {
  const release = t.hold();
  setTimeout(() => {
    setImmediate(release);
    throw new Error('mine');
  }, 1);
};

// -- servers --

exports.listenAtOnePlaceAfterAnother = (t) => {
  const server = t.watch(net.createServer(), 'server');
  const release = t.hold();
  const places = [LOCAL, { path: `${t.dir}/one` }, LOCAL, { path: `${t.dir}/two` }];
  const next = () => {
    const place = places.shift();
    if (!place) return release();
    t.log('same', server.listen(place, t.callback('callback')) === server, server.listening);
  };
  server.on('listening', () => {
    t.log('address', typeof server.address(), server.listenerCount('listening'));
    server.close(t.callback('closed'));
  });
  server.on('close', next);
  next();
};

exports.listenAgainBeforeClose = (t) => {
  const server = t.watch(net.createServer(), 'server');
  const release = t.hold();
  server.listen(LOCAL);
  server.once('listening', () => {
    server.close(t.callback('closed'));
    t.attempt('again', () => server.listen(LOCAL) === server);
    server.once('listening', () => server.close(release));
  });
};

exports.errorOnAListeningServer = {
  server(t) {
    const server = t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
    server.on('listening', () => {
      server.emit('error', new Error('mine'));
      t.state('still', server, 'listening');
    });
  },
  client(t) {
    t.connect({}, 'data').end('x');
  },
};

exports.destroyedByTheFirstListener = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data').destroy();
      t.state('first', socket, ...FLAGS);
    });
    server.on('connection', (socket) => {
      t.state('second', socket, ...FLAGS);
      t.attempt('write', () => socket.write('x', t.callback('written')));
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.connectionsCountedThroughLife = {
  server(t) {
    const count = (label) => server.getConnections((error, found) => t.log(label, error, found));
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      count('in connection');
      socket.on('end', () => {
        count('in end');
        socket.destroy();
        count('destroyed');
      });
      socket.on('close', () => count('in close'));
    });
    server.on('listening', () => count('listening'));
    server.on('close', () => count('server closed'));
  },
  client(t) {
    t.connect({ allowHalfOpen: true }, 'data').end('x');
  },
};

exports.limitRaisedInDrop = {
  server(t) {
    const server = t.serve({}, (socket) => {
      socket.resume();
      socket.write('welcome');
      t.log('connections', server.maxConnections);
    }, 2);
    server.maxConnections = 1;
    server.on('drop', () => {
      t.log('drop', server.maxConnections);
      server.maxConnections = 2;
    });
  },
  client(t) {
    const quiet = ['-finish', '-end', '-error', '-connect', '-ready'];
    const first = t.watch(net.connect(t.where), 'first', ...quiet);
    first.once('data', () => {
      const dropped = t.watch(net.connect(t.where), 'dropped', 'data', ...quiet);
      dropped.on('error', () => {});
      dropped.on('close', () => {
        const second = t.watch(net.connect(t.where), 'second', 'data', ...quiet);
        second.once('data', () => second.end());
        second.on('close', () => first.end());
      });
    });
  },
};

exports.pausedConnectionIsDestroyedUnread = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer');
      t.when('sent', () => {
        t.state('unread', socket, 'bytesRead', 'readableLength', 'readableFlowing');
        socket.destroy();
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('unheard', () => t.tell('sent'));
  },
};
