'use strict';
// Misuse: which arguments each function refuses, and with which code.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const stream = require('node:stream');
const { snake } = require('../lib.js');
const { LOCAL, NUMBERS, ODD, attempt, moments, quiet, steps, table, watched, withConnections } = require('../misuse.js');

// -- servers --

exports.serverListener = (t) => {
  table(t, { number: 5, zero: 0, text: 'odd', empty: '', true: true, false: false, null: null, function: () => {} }, (value) => net.createServer(value));
};

exports.serverKeepAliveDelay = (t) => {
  const call = (value) => net.createServer({ keepAliveInitialDelay: value });
  table(t, { ...ODD, zero: 0, number: 5000 }, call);
};

exports.serverHighWaterMark = (t) => {
  table(t, { ...ODD, zero: 0, number: 5 }, (value) => net.createServer({ highWaterMark: value }));
};

exports.getConnectionsCallback = (t) => {
  table(t, { ...ODD, number: 5 }, (value) => net.createServer().getConnections(value));
};

exports.getConnectionsMoment = (t) => {
  const server = net.createServer();
  moments(t, 'never listened', () => server.getConnections(t.callback('counted')));
};

exports.closeWithoutListening = (t) => {
  const server = t.watch(net.createServer(), 'server');
  const wrong = (error) => t.log('called', error);
  steps(t,
    () => moments(t, 'never listened', () => server.close(wrong)),
    () => moments(t, 'twice', () => server.close(wrong)),
    () => moments(t, 'without a callback', () => server.close()));
};

exports.closeTwice = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, LOCAL, () => {
    moments(t, 'first', () => server.close(t.callback('first called')));
    moments(t, 'second', () => server.close(t.callback('second called')));
    server.on('close', () => moments(t, 'in close', () => server.listening || server.address()));
  });
};

exports.closeAgainFromItsCallback = (t) => {
  const server = net.createServer().listen(0, LOCAL, () => {
    server.close(() => moments(t, 'again', () => server.close(t.callback('called'))));
  });
  server.on('close', () => t.log('closed'));
  const release = t.hold();
  server.once('close', () => t.turns(6, release));
};

exports.listenTwice = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(0, LOCAL, () => {
    attempt(t, 'listening', () => server.listen(0));
    attempt(t, 'bad port', () => server.listen(-1));
    server.close();
    attempt(t, 'closing', () => server.listen(0, LOCAL, () => server.close()));
  });
};

exports.serverBeforeListening = (t) => {
  const server = net.createServer();
  t.log('address', server.address());
  t.log('listening', server.listening);
  t.log('same', server.ref() === server, server.unref() === server, server.close() === server);
};

// A table of listen(), each on a new server that is closed at once.
function listens(t, values, call) {
  table(t, values, (value) => {
    const server = net.createServer();
    call(server, value);
    server.close();
  });
}

exports.listenPort = (t) => {
  const values = { ...NUMBERS, 'too large': 65536, true: true, false: false, empty: '', digits: '0' };
  listens(t, values, (server, value) => server.listen(value, LOCAL));
  listens(t, { ...values, ...ODD, space: ' ', function: () => {} }, (server, value) => server.listen({ port: value, host: LOCAL }));
};

exports.listenPath = (t) => {
  listens(t, { number: 5, true: true, list: [], object: {}, empty: '', function: () => {} }, (server, value) => server.listen({ path: value }));
};

exports.listenDescriptor = (t) => {
  listens(t, { ...ODD, negative: -1, false: false }, (server, value) => server.listen({ fd: value }));
};

exports.listenHost = (t) => {
  listens(t, { number: 5, true: true, list: [], object: {}, null: null, empty: '' }, (server, value) => server.listen({ port: 0, host: value }));
};

exports.listenSignal = (t) => {
  listens(t, { ...ODD, number: 5 }, (server, value) => server.listen({ port: 0, host: LOCAL, signal: value }));
};

// -- socket options --

exports.socketKeepAliveDelay = (t) => {
  table(t, { ...ODD, zero: 0, number: 5000 }, (value) => new net.Socket({ keepAliveInitialDelay: value }));
};

exports.socketHighWaterMark = (t) => {
  table(t, { ...ODD, ...NUMBERS, zero: 0, number: 5, null: null }, (value) => new net.Socket({ highWaterMark: value }));
};

exports.socketSignal = (t) => {
  table(t, { ...ODD, number: 5, function: () => {}, null: null }, (value) => new net.Socket({ signal: value }));
};

exports.socketDescriptor = (t) => {
  table(t, { ...ODD, ...NUMBERS, false: false, 'too large': 2 ** 31, 'not open': 999999 }, (value) => new net.Socket({ fd: value }));
  const fd = fs.openSync(path.join(t.dir, 'file'), 'w');
  attempt(t, 'file', () => new net.Socket({ fd }));
  fs.closeSync(fd);
};

exports.streamHighWaterMark = (t) => {
  table(t, { ...ODD, ...NUMBERS }, (value) => new stream.Writable({ highWaterMark: value }));
  table(t, { ...ODD, ...NUMBERS }, (value) => new stream.Readable({ highWaterMark: value }));
};

exports.defaultHighWaterMark = (t) => {
  table(t, { ...ODD, ...NUMBERS, null: null }, (value) => stream.setDefaultHighWaterMark(false, value));
  t.log('unchanged', stream.getDefaultHighWaterMark(true));
};

// -- connecting --

// A table of connect(), each on a new socket that is destroyed at once.
function connects(t, values, call) {
  table(t, values, (value) => {
    const socket = quiet();
    call(socket, value);
    socket.destroy();
  });
}

exports.connectPort = (t) => {
  const values = { ...NUMBERS, 'too large': 65536, true: true, false: false, empty: '', zero: 0, largest: 65535, digits: '80' };
  connects(t, values, (socket, value) => socket.connect(value, LOCAL));
};

exports.connectPortOption = (t) => {
  const values = { ...ODD, ...NUMBERS, 'too large': 65536, 'too large text': '65536', 'negative text': '-1', 'fraction text': '1.5', empty: '', space: ' ', function: () => {}, zero: 0, digits: '80' };
  connects(t, values, (socket, value) => socket.connect({ port: value, host: LOCAL }));
};

exports.connectWithoutPortOrPath = (t) => {
  connects(t, { nothing: {}, host: { host: LOCAL }, 'path null': { path: null }, family: { family: 4 } }, (socket, value) => socket.connect(value));
  attempt(t, 'no arguments', () => net.connect());
  attempt(t, 'function', () => net.connect({}, () => {}));
};

exports.connectPath = (t) => {
  connects(t, { number: 5, true: true, list: [], object: {}, function: () => {} }, (socket, value) => socket.connect({ path: value }));
};

exports.connectHost = (t) => {
  connects(t, { number: 5, true: true, list: [], object: {}, function: () => {}, null: null }, (socket, value) => socket.connect({ port: 1, host: value }));
};

exports.connectLocalAddress = (t) => {
  const values = { ...ODD, number: 5, name: 'localhost', 'not quite': '1.2.3', null: null, good: LOCAL, wide: '::1' };
  connects(t, values, (socket, value) => socket.connect({ port: 1, host: LOCAL, localAddress: value }));
};

exports.connectLocalPort = (t) => {
  connects(t, { ...ODD, digits: '5', null: null, zero: 0 }, (socket, value) => socket.connect({ port: 1, host: LOCAL, localPort: value }));
};

exports.connectFamily = (t) => {
  const values = { ...ODD, ...NUMBERS, false: false, five: 5, digits: '4', zero: 0, four: 4, six: 6 };
  connects(t, values, (socket, value) => socket.connect({ port: 1, host: 'localhost', family: value }));
};

exports.connectHints = (t) => {
  const values = { ...ODD, negative: -1, fraction: 1.5, one: 1, digits: '5', zero: 0 };
  connects(t, values, (socket, value) => socket.connect({ port: 1, host: 'localhost', hints: value }));
};

exports.connectLookup = (t) => {
  connects(t, { ...ODD, number: 5, zero: 0, false: false, null: null }, (socket, value) => socket.connect({ port: 1, host: 'localhost', lookup: value }));
};

exports.connectAutoSelectFamily = (t) => {
  const values = { number: 5, zero: 0, text: 'odd', empty: '', list: [], object: {}, true: true, false: false, null: null };
  connects(t, values, (socket, value) => socket.connect({ port: 1, host: LOCAL, autoSelectFamily: value }));
};

exports.connectAttemptTimeout = (t) => {
  const values = { ...ODD, negative: -1, nan: NaN, infinite: Infinity, zero: 0, null: null, good: 1000 };
  connects(t, values, (socket, value) => socket.connect({ port: 1, host: LOCAL, autoSelectFamilyAttemptTimeout: value }));
};

exports.connectSaysTheFirstFault = (t) => {
  const bad = { port: -1, host: 5, localAddress: 'odd', localPort: 'odd', family: 5, hints: 'odd', lookup: 5, autoSelectFamily: 5, autoSelectFamilyAttemptTimeout: -1 };
  const order = ['localAddress', 'localPort', 'port', 'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'lookup', 'host', 'hints', 'family'];
  for (const name of order) {
    connects(t, { [snake(name)]: { ...bad } }, (socket, value) => socket.connect(value));
    bad[name] = { port: 1, host: 'localhost' }[name];
  }
};

exports.connectFunctionThrowsTheSame = (t) => {
  const bad = { port: { port: -1 }, 'port type': { port: true }, path: { path: 5 }, family: { port: 1, family: 5 }, signal: { port: 1, signal: 'odd' }, fd: { port: 1, fd: -1 },
    'high-water mark': { port: 1, highWaterMark: -1 }, 'keep-alive': { port: 1, keepAliveInitialDelay: 'odd' } };
  table(t, bad, (options) => net.connect(options));
  table(t, bad, (options) => net.createConnection(options));
};

exports.connectTimeout = (t) => {
  const values = { ...ODD, negative: -1, infinite: Infinity, null: null, zero: 0, good: 5000 };
  table(t, values, (value) => quiet(net.connect({ port: 1, host: LOCAL, timeout: value })).destroy());
};

exports.defaultAutoSelectFamily = (t) => {
  table(t, { text: 'odd', list: [], object: {}, number: 1, null: null }, (value) => net.setDefaultAutoSelectFamily(value));
  t.log('unchanged', net.getDefaultAutoSelectFamily());
};

exports.defaultAttemptTimeout = (t) => {
  const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
  table(t, { ...ODD, negative: -1, nan: NaN, infinite: Infinity, zero: 0, null: null }, (value) => net.setDefaultAutoSelectFamilyAttemptTimeout(value));
  t.log('unchanged', net.getDefaultAutoSelectFamilyAttemptTimeout() === before);
  net.setDefaultAutoSelectFamilyAttemptTimeout(1);
  t.log('floor', t.seconds(net.getDefaultAutoSelectFamilyAttemptTimeout()));
  net.setDefaultAutoSelectFamilyAttemptTimeout(before);
};

exports.connectWhileConnecting = (t) => {
  const server = net.createServer((peer) => peer.end()).listen(0, LOCAL, () => {
    const { port } = server.address();
    const socket = watched(t, 'socket', net.connect(port, LOCAL));
    moments(t, 'again', () => socket.connect(port, LOCAL));
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

exports.connectWhileConnected = (t) => {
  const server = net.createServer((peer) => {
    server.close();
    watched(t, 'peer', peer).resume();
    moments(t, 'again', () => peer.connect(peer.remotePort, LOCAL));
  }).listen(0, LOCAL, () => quiet(net.connect(server.address().port, LOCAL)).resume());
  server.on('close', t.hold());
};

exports.connectWhileConnectingInVain = (t) => {
  const socket = watched(t, 'socket', net.connect(1, LOCAL));
  attempt(t, 'port', () => socket.connect(-1));
  attempt(t, 'nothing', () => socket.connect({}));
  socket.destroy();
  socket.on('close', t.hold());
};

// -- settings --

exports.timeoutValues = (t) => {
  const values = { ...ODD, negative: -1, nan: NaN, infinite: Infinity, null: null, digits: '5', zero: 0, number: 5000 };
  table(t, values, (value) => new net.Socket().setTimeout(value).setTimeout(0));
};

exports.timeoutCallbacks = (t) => {
  table(t, { ...ODD, number: 5 }, (value) => new net.Socket().setTimeout(1000, value));
  table(t, { ...ODD, number: 5 }, (value) => new net.Socket().setTimeout(0, value));
};

exports.timeoutAfterDestroyIsNotChecked = (t) => {
  const socket = new net.Socket().destroy();
  table(t, { ...ODD, negative: -1 }, (value) => socket.setTimeout(value));
  attempt(t, 'callback', () => socket.setTimeout(1000, 'odd'));
  t.log('timeout', socket.timeout);
};

exports.encodings = (t) => {
  const values = { unknown: 'odd', number: 5, true: true, list: [], object: {}, space: ' ', binary: 'binary', null: null };
  table(t, values, (value) => new net.Socket().setEncoding(value));
  delete values.binary;
  table(t, values, (value) => new net.Socket().setDefaultEncoding(value));
};

exports.listenersThatAreNone = (t) => {
  const values = { ...ODD, number: 5 };
  for (const name of ['on', 'once', 'off', 'prependListener', 'prependOnceListener', 'addListener', 'removeListener']) {
    table(t, values, (value) => new net.Socket()[name]('data', value));
  }
  const server = net.createServer();
  table(t, values, (value) => server.on('connection', value));
};

exports.maxListeners = (t) => {
  table(t, { ...ODD, negative: -1, nan: NaN, null: null, zero: 0, number: 5 }, (value) => new net.Socket().setMaxListeners(value));
};

exports.settingsInEachState = (t) => {
  const settings = (socket, name) => {
    attempt(t, name, () => {
      const same = [socket.setNoDelay(), socket.setNoDelay(false), socket.setKeepAlive(true, 1000), socket.setKeepAlive(), socket.setTimeout(0), socket.ref(), socket.unref(), socket.ref(),
        socket.pause(), socket.resume()];
      t.log(`${name}: same`, same.every((each) => each === socket));
      t.log(`${name}: address`, socket.address() && Object.keys(socket.address()).length > 0);
    });
  };
  settings(new net.Socket(), 'new');
  settings(new net.Socket().destroy(), 'destroyed');
  settings(new net.Socket().end(), 'ended');
  withConnections(t,
    ['connected', (socket, name) => {
      settings(socket, name);
      socket.end();
      settings(socket, 'ending');
      socket.on('close', () => settings(socket, 'closed'));
    }],
    ['destroyed in use', (socket, name) => {
      socket.destroy();
      settings(socket, name);
    }]);
};
