'use strict';
// What goes wrong on the way to a connection or a listening server.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

// Calls back with a port that nobody listens at.
function withFreePort(callback) {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => callback(port));
  });
}

exports.connectionRefused = (t) => {
  const release = t.hold();
  withFreePort((port) => {
    const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', 'data');
    socket.on('error', (error) => {
      t.state('error', error, 'code', 'syscall', 'address', 'port');
      t.log('port', error.port === port);
      t.state('socket', socket, 'destroyed', 'connecting', 'pending', 'readyState');
    });
    socket.on('close', release);
  });
};

exports.connectionRefusedWithWritesWaiting = (t) => {
  const release = t.hold();
  withFreePort((port) => {
    const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', 'data');
    socket.write('first', t.callback('first written'));
    socket.write('second', t.callback('second written'));
    socket.end(t.callback('ended'));
    socket.on('close', release);
  });
};

exports.connectionRefusedUnheard = (t) => {
  const release = t.hold();
  withFreePort((port) => {
    const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', '-error');
    socket.on('close', release);
  });
};

exports.connectAgainAfterRefusal = (t) => {
  const release = t.hold();
  withFreePort((port) => {
    const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', 'data');
    socket.once('close', () => {
      const server = net.createServer((peer) => {
        server.close();
        peer.end('hello');
      }).listen(0, '127.0.0.1', () => {
        socket.connect(server.address().port, '127.0.0.1');
        socket.once('close', release);
      });
    });
  });
};

exports.noPath = (t) => {
  const where = path.join(t.dir, 'nobody');
  const socket = t.watch(net.connect(where), 'socket', 'data');
  socket.on('error', (error) => {
    t.state('error', error, 'code', 'syscall', 'port');
    t.log('address', error.address === where);
  });
};

exports.pathIsAFile = (t) => {
  const where = path.join(t.dir, 'file');
  fs.writeFileSync(where, '');
  t.watch(net.connect(where), 'socket', 'data');
};

exports.pathWithoutListener = (t) => {
  const where = path.join(t.dir, 'left');
  const server = net.createServer().listen(where, () => {
    fs.linkSync(where, `${where}-behind`);
    server.close(() => {
      t.log('unlinked', !fs.existsSync(where));
      t.watch(net.connect(`${where}-behind`), 'socket', 'data').on('close', release);
    });
  });
  const release = t.hold();
};

exports.pathTooLongToConnect = (t) => {
  const where = path.join(t.dir, 'x'.repeat(200));
  const socket = t.attempt('connect', () => void t.watch(net.connect(where), 'socket', 'data', '-close')) ?? null;
  t.log('socket', socket);
};

exports.pathTooLongToListen = (t) => {
  const server = t.watch(net.createServer(), 'server');
  t.attempt('listen', () => server.listen(path.join(t.dir, 'x'.repeat(200))) === server);
  t.turns(8, () => t.done());
};

exports.lookupFails = (t) => {
  const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
  const lookup = (host, options, callback) => {
    t.log('asked', host);
    process.nextTick(callback, failure);
  };
  t.watch(net.connect({ host: 'nowhere.test', port: 1, lookup }), 'socket', 'data', 'lookup');
};

exports.lookupGivesNoAddress = (t) => {
  const lookup = (host, options, callback) => process.nextTick(callback, null, 'nonsense', 4);
  t.watch(net.connect({ host: 'nowhere.test', port: 1, lookup, autoSelectFamily: false }), 'socket', 'data');
};

exports.destroyWhileLookingUp = (t) => {
  let answer = null;
  const lookup = (host, options, callback) => {
    answer = callback;
  };
  const socket = t.watch(net.connect({ host: 'slow.test', port: 1, lookup }), 'socket', 'lookup');
  t.turns(3, () => {
    socket.destroy();
    socket.on('close', () => answer(null, '127.0.0.1', 4));
  });
};

exports.lookupFinds = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const lookup = (host, options, callback) => {
      t.log('asked', host, options.family ?? 0, options.all ?? false);
      process.nextTick(callback, null, '127.0.0.1', 4);
    };
    const socket = t.connect({ host: 'somewhere.test', lookup, autoSelectFamily: false }, 'data', 'lookup');
    socket.on('connect', () => t.state('connected', socket, 'remoteAddress', 'remoteFamily'));
    socket.end('found');
  },
};

exports.portTaken = (t) => {
  const first = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = first.address();
    const second = t.watch(net.createServer(), 'second', '-close');
    second.on('error', (error) => {
      t.state('error', error, 'code', 'syscall', 'address', 'port');
      t.state('second', second, 'listening');
      t.log('address', second.address());
      first.close(t.callback('first closed'));
      t.done();
    });
    second.listen(port, '127.0.0.1', () => t.log('never'));
    t.state('second', second, 'listening');
  });
  t.hold();
};

exports.pathTaken = (t) => {
  const where = path.join(t.dir, 'taken');
  t.hold();
  const first = net.createServer().listen(where, () => {
    const second = t.watch(net.createServer(), 'second', '-close');
    second.on('error', (error) => {
      t.state('error', error, 'code', 'syscall', 'port');
      t.log('address', error.address === where);
      first.close(() => {
        t.log('unlinked', !fs.existsSync(where));
        t.done();
      });
    });
    second.listen(where);
  });
};

exports.pathTakenByAFile = (t) => {
  const where = path.join(t.dir, 'file');
  fs.writeFileSync(where, 'mine');
  const server = t.watch(net.createServer(), 'server', '-close').listen(where);
  server.on('error', () => {
    t.log('still there', fs.readFileSync(where, 'utf8'));
    t.done();
  });
};

exports.listenAgainAfterError = (t) => {
  const first = net.createServer().listen(0, '127.0.0.1', () => {
    const second = t.watch(net.createServer(), 'second');
    second.once('error', () => {
      second.listen(0, '127.0.0.1', () => {
        t.log('listening at last', second.listening);
        second.close();
        first.close();
      });
    });
    second.listen(first.address().port, '127.0.0.1');
  });
};

exports.listenErrorUnheard = (t) => {
  t.hold();
  const first = net.createServer().listen(0, '127.0.0.1', () => {
    net.createServer().listen(first.address().port, '127.0.0.1');
    t.turns(8, () => first.close(() => t.done()));
  });
};

exports.addressOfAnother = (t) => {
  const server = t.watch(net.createServer(), 'server', '-close');
  server.on('error', (error) => {
    t.state('error', error, 'code', 'syscall', 'address', 'port');
    t.done();
  });
  server.listen(0, '192.0.2.1');
};

exports.localAddressOfAnother = (t) => {
  const socket = net.connect({ host: '127.0.0.1', port: 1, localAddress: '192.0.2.1' });
  t.watch(socket, 'socket');
};

exports.directoryIsMissing = (t) => {
  const where = path.join(t.dir, 'missing', 'socket');
  const server = t.watch(net.createServer(), 'server', '-close').listen(where);
  server.on('error', () => t.done());
};

exports.clientIsGoneBeforeItIsAccepted = (t) => {
  // The backlog holds a connection that was reset; the server must not stumble.
  const server = t.watch(net.createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
  }), 'server', '-connection').listen(0, '127.0.0.1', () => {
    const hasty = net.connect(server.address().port, '127.0.0.1');
    hasty.on('connect', () => hasty.resetAndDestroy());
    hasty.on('close', () => {
      const patient = t.watch(net.connect(server.address().port, '127.0.0.1'), 'patient', 'data');
      patient.on('connect', () => {
        patient.end();
        server.close();
      });
    });
  });
};
