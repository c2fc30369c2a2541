'use strict';
// What a system's error says: its code, number, call, address and port, and its text.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const LOCAL = '127.0.0.1';

// Node's numbers are negative; some of its messages tell the local address.
function log(t, name, error, number = Math.abs(error.errno)) {
  const { code, syscall, address, port, hostname } = error;
  const message = error.message.replace(t.dir, '<dir>').replace(/ - Local .*/, '').replace(new RegExp(`:${port}$`), ':<port>');
  const where = typeof address === 'string' ? address.replace(t.dir, '<dir>') : address;
  t.log(name, { code, errno: number, syscall, address: where, port, hostname, message });
}

// Connects, and logs the error of each: by its name.
function connects(t, rows) {
  const names = Object.keys(rows);
  const next = () => {
    if (names.length === 0) return;
    const name = names.shift();
    const socket = t.watch(net.connect(rows[name]), name, '-error', '-close');
    socket.on('error', (error) => log(t, name, error));
    socket.on('close', next);
  };
  next();
}

function listens(t, rows) {
  const release = t.hold();
  const names = Object.keys(rows);
  const next = () => {
    if (names.length === 0) return release();
    const name = names.shift();
    return net.createServer().on('error', (error) => {
      log(t, name, error);
      next();
    }).listen(rows[name]);
  };
  next();
}

exports.connectToNobody = (t) => {
  connects(t, {
    tcp: { port: 1, host: LOCAL },
    wide: { port: 1, host: '::1' },
    'port 0': { port: 0, host: LOCAL },
    name: { port: 1, host: 'localhost', family: 4 },
  });
};

exports.connectToPaths = (t) => {
  fs.writeFileSync(path.join(t.dir, 'file'), '');
  connects(t, {
    missing: { path: path.join(t.dir, 'missing') },
    'missing directory': { path: path.join(t.dir, 'missing', 'x') },
    file: { path: path.join(t.dir, 'file') },
    'in a file': { path: path.join(t.dir, 'file', 'x') },
    directory: { path: t.dir + path.sep },
  });
};

exports.connectToWhatCannotBe = (t) => {
  connects(t, {
    broadcast: { port: 1, host: '255.255.255.255' },
    'unknown zone': { port: 1, host: 'fe80::1%nope' },
    'foreign local address': { port: 1, host: LOCAL, localAddress: '192.0.2.1' },
    'wide local address': { port: 1, host: LOCAL, localAddress: '::1' },
    'narrow local address': { port: 1, host: '::1', localAddress: LOCAL },
  });
};

exports.connectFromATakenPort = (t) => {
  const server = net.createServer().listen(0, LOCAL, () => {
    const { port } = server.address();
    connects(t, {
      'address and port': { port: 1, host: LOCAL, localAddress: LOCAL, localPort: port },
      port: { port: 1, host: LOCAL, localPort: port },
    });
    t.turns(12, () => server.close());
  });
  server.on('close', t.hold());
};

exports.lookUpFails = (t) => {
  const release = t.hold();
  const hosts = ['a b', '999.1.1.1', ' '];
  const next = () => {
    if (hosts.length === 0) return release();
    const socket = net.connect(1, hosts.shift());
    socket.on('error', (error) => log(t, 'connect', error, null));
    return socket.on('close', next);
  };
  net.createServer().on('error', (error) => {
    log(t, 'listen', error, null);
    next();
  }).listen(0, 'a b');
};

exports.listenOnWhatIsTaken = (t) => {
  const release = t.hold();
  const where = path.join(t.dir, 'taken');
  const first = net.createServer();
  const second = net.createServer();
  first.listen(0, LOCAL, () => {
    second.listen(where, () => {
      listens(t, { port: { port: first.address().port, host: LOCAL }, path: { path: where } });
      t.turns(12, () => {
        first.close();
        second.close();
        release();
      });
    });
  });
};

exports.listenWhereItCannotBe = (t) => {
  fs.writeFileSync(path.join(t.dir, 'file'), '');
  listens(t, {
    'foreign address': { port: 0, host: '192.0.2.1' },
    'foreign address and port': { port: 1, host: '192.0.2.1' },
    'unknown zone': { port: 0, host: 'fe80::1%nope' },
    file: { path: path.join(t.dir, 'file') },
    'in a file': { path: path.join(t.dir, 'file', 'x') },
    'missing directory': { path: path.join(t.dir, 'missing', 'x') },
    forbidden: { path: '/proc/x' },
  });
};

exports.listenOnADescriptor = (t) => {
  const fd = fs.openSync(path.join(t.dir, 'file'), 'w');
  listens(t, { file: { fd }, 'not open': { fd: 999999 } });
  t.turns(8, () => fs.closeSync(fd));
};

exports.connectTwice = (t) => {
  const server = net.createServer((peer) => peer.end()).listen(0, LOCAL, () => {
    const { port } = server.address();
    const socket = t.watch(net.connect(port, LOCAL), 'socket', '-error');
    socket.on('error', (error) => log(t, 'connecting', error));
    socket.connect(port, LOCAL);
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

exports.resetWhileReading = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', '-error');
      socket.on('error', (error) => log(t, 'peer', error));
      t.tell('accepted');
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => socket.resetAndDestroy());
  },
};

exports.writeAfterAReset = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer', '-error');
      socket.on('error', (error) => log(t, 'peer', error));
      t.when('reset', () => socket.write('too late', (error) => log(t, 'written', error)));
      t.tell('accepted');
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => {
      socket.resetAndDestroy();
      socket.on('close', () => t.turns(2, () => t.tell('reset')));
    });
  },
};

exports.writeToAClosedPath = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer', '-error');
      socket.on('error', (error) => log(t, 'peer', error));
      t.when('closed', () => socket.write('too late', (error) => log(t, 'written', error)));
      t.tell('accepted');
    });
  },
  client(t) {
    const socket = t.connect({});
    t.whenReady(socket, 'accepted', () => {
      socket.destroy();
      socket.on('close', () => t.turns(2, () => t.tell('closed')));
    });
  },
};

exports.writeAfterThePeersEnd = {
  server(t) {
    t.serve({}, (socket) => socket.end());
  },
  client(t) {
    const socket = t.connect({}, '-error');
    // This one comes from no call: Node's has no number, a Python error of this class has.
    socket.on('error', (error) => log(t, 'socket', error, null));
    socket.resume().on('finish', () => t.log('returns', socket.write('too late', (error) => log(t, 'written', error, null))));
  },
};
