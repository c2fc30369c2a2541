'use strict';
// Misuse: what comes too late or too early, and when it is told: thrown, called back or emitted.

const net = require('node:net');
const path = require('node:path');
const stream = require('node:stream');
const { LOCAL, attempt, moments, quiet, steps, table, watched, withConnections } = require('../misuse.js');

// -- writing --

const UNWRITABLE = { null: null, number: 5, zero: 0, true: true, list: ['odd'], object: {}, function: () => {} };

exports.writeValues = (t) => {
  table(t, UNWRITABLE, (value) => quiet().write(value, 'utf8'));
};

exports.writeValuesToTheDead = (t) => {
  table(t, UNWRITABLE, (value) => quiet(new net.Socket().end()).write(value, 'utf8'));
  table(t, UNWRITABLE, (value) => quiet(new net.Socket().destroy()).write(value, 'utf8'));
};

exports.writeEncodings = (t) => {
  const values = { unknown: 'odd', number: 5, true: true, list: [], object: {}, space: ' ', null: null };
  table(t, values, (value) => quiet().write('x', value));
  table(t, values, (value) => quiet().write(Buffer.from('x'), value));
  table(t, values, (value) => quiet(new net.Socket().destroy()).write('x', value));
};

exports.endValues = (t) => {
  table(t, UNWRITABLE, (value) => quiet().end(value, 'utf8'));
  table(t, { unknown: 'odd', number: 5, true: true, list: [], object: {} }, (value) => quiet().end('x', value));
};

exports.endValuesToTheDead = (t) => {
  table(t, UNWRITABLE, (value) => quiet(new net.Socket().destroy()).end(value, 'utf8'));
  table(t, { number: 5, list: [] }, (value) => quiet(new net.Socket().end()).end(value));
};

exports.refusedWritesChangeNothing = (t) => {
  const socket = watched(t, 'socket');
  table(t, UNWRITABLE, (value) => socket.write(value, 'utf8'));
  t.state('socket', socket, 'writableLength', 'bytesWritten', 'writableNeedDrain', 'destroyed', 'writable');
};

exports.writeWithoutConnection = (t) => {
  steps(t,
    () => moments(t, 'write', () => t.log('returns', watched(t, 'write').write('x', t.callback('written')))),
    () => moments(t, 'empty', () => t.log('returns', watched(t, 'empty').write('', t.callback('empty written')))),
    () => moments(t, 'end', () => watched(t, 'end').end('x', t.callback('ended'))),
    () => moments(t, 'two', () => {
      const socket = watched(t, 'two');
      socket.write('x', t.callback('first'));
      socket.write('y', t.callback('second'));
    }));
};

exports.endWithoutConnection = (t) => {
  const socket = watched(t, 'socket');
  steps(t,
    () => moments(t, 'end', () => socket.end(t.callback('first'))),
    () => moments(t, 'again', () => socket.end(t.callback('second'))),
    () => moments(t, 'with data', () => socket.end('x', t.callback('third'))),
    () => moments(t, 'write', () => socket.write('x', t.callback('written'))),
    () => moments(t, 'destroy', () => socket.destroy()),
    () => moments(t, 'after destroy', () => socket.end(t.callback('fourth'))));
};

exports.writeAfterEnd = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.on('finish', () => t.log('finish'));
    socket.end('last', t.callback('ended'));
    moments(t, 'write', () => t.log('returns', socket.write('more', t.callback('written'))));
    moments(t, 'twice', () => t.log('returns', socket.write('more', t.callback('written twice'))));
  }]);
};

exports.writeAfterFinish = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.on('finish', () => moments(t, 'write', () => t.log('returns', socket.write('more', t.callback('written')))));
    socket.end('last');
  }]);
};

exports.writeAfterDestroy = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.destroy();
    moments(t, 'write', () => t.log('returns', socket.write('more', t.callback('written'))));
    socket.on('close', () => moments(t, 'closed', () => t.log('returns', socket.write('more', t.callback('written late')))));
  }]);
};

exports.writeAfterDestroyWithAnError = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.destroy(new Error('mine'));
    moments(t, 'write', () => t.log('returns', socket.write('more', t.callback('written'))));
    moments(t, 'end', () => socket.end(t.callback('ended')));
  }]);
};

exports.writeAfterEndAndDestroy = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.end();
    socket.destroy();
    moments(t, 'write', () => t.log('returns', socket.write('more', t.callback('written'))));
  }]);
};

exports.endTwice = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.on('finish', () => t.log('finish'));
    moments(t, 'first', () => socket.end(t.callback('first called')));
    moments(t, 'second', () => socket.end(t.callback('second called')));
    moments(t, 'with data', () => socket.end('more', t.callback('third called')));
  }]);
};

exports.endAfterFinish = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.on('finish', () => moments(t, 'again', () => socket.end(t.callback('called'))));
    socket.on('close', () => moments(t, 'closed', () => socket.end(t.callback('called late'))));
    socket.end();
  }]);
};

exports.endAfterDestroy = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.destroy();
    moments(t, 'end', () => socket.end(t.callback('called')));
    moments(t, 'with data', () => socket.end('more', t.callback('called with data')));
  }]);
};

exports.writeToAHalfThatIsNotThere = (t) => {
  const socket = watched(t, 'socket', new net.Socket({ writable: false }));
  t.state('socket', socket, 'writable', 'writableEnded', 'writableFinished', 'readyState');
  steps(t,
    () => moments(t, 'end', () => socket.end(t.callback('ended'))),
    () => moments(t, 'write', () => t.log('returns', socket.write('x', t.callback('written')))),
    () => moments(t, 'end with data', () => socket.end('x', t.callback('ended late'))));
};

exports.pipeToAHalfThatIsNotThere = (t) => {
  const destination = watched(t, 'destination', new net.Socket({ writable: false }));
  const source = watched(t, 'source');
  moments(t, 'pipe', () => source.pipe(destination));
  moments(t, 'push', () => source.push('x'));
};

exports.readFromAHalfThatIsNotThere = (t) => {
  const socket = watched(t, 'socket', new net.Socket({ readable: false }));
  t.state('socket', socket, 'readable', 'readableEnded', 'readyState');
  steps(t,
    () => moments(t, 'read', () => t.log('returns', socket.read())),
    () => moments(t, 'resume', () => socket.resume()),
    () => moments(t, 'pipe', () => socket.pipe(quiet())),
    () => moments(t, 'push', () => t.log('returns', socket.push('x'))),
    () => moments(t, 'end of the source', () => t.log('returns', socket.push(null))));
};

exports.corkedWritesOfTheDead = (t) => {
  withConnections(t, ['socket', (socket) => {
    socket.cork();
    socket.write('x', t.callback('first'));
    socket.write('y', t.callback('second'));
    moments(t, 'destroy', () => socket.destroy());
    moments(t, 'uncork', () => socket.uncork());
    moments(t, 'end', () => socket.end(t.callback('ended')));
  }]);
};

exports.writesWaitingForAConnectionThatIsDestroyed = (t) => {
  const server = net.createServer((peer) => quiet(peer).resume()).listen(0, LOCAL, () => {
    const socket = watched(t, 'socket', net.connect(server.address().port, LOCAL));
    socket.write('x', t.callback('first'));
    socket.write('y', t.callback('second'));
    socket.end(t.callback('ended'));
    moments(t, 'destroy', () => socket.destroy());
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

exports.resetWhileConnecting = (t) => {
  const server = net.createServer((peer) => quiet(peer).resume()).listen(0, LOCAL, () => {
    const socket = watched(t, 'socket', net.connect(server.address().port, LOCAL));
    socket.on('connect', () => t.log('connect')).on('ready', () => t.log('ready'));
    socket.write('x', t.callback('written'));
    moments(t, 'reset', () => socket.resetAndDestroy());
    moments(t, 'again', () => socket.resetAndDestroy());
    t.state('socket', socket, 'destroyed', 'connecting');
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

// -- destroying --

exports.destroyTwice = (t) => {
  steps(t,
    () => moments(t, 'error twice', () => watched(t, 'error').destroy(new Error('first')).destroy(new Error('second'))),
    () => moments(t, 'error second', () => watched(t, 'second').destroy().destroy(new Error('late'))),
    () => moments(t, 'after close', () => {
      const socket = watched(t, 'after');
      socket.destroy().once('close', () => moments(t, 'in close', () => socket.destroy(new Error('too late'))));
    }));
};

exports.resetWithoutConnection = (t) => {
  const socket = watched(t, 'new');
  steps(t,
    () => moments(t, 'new', () => t.log('same', socket.resetAndDestroy() === socket)),
    () => moments(t, 'closed', () => t.log('same', socket.resetAndDestroy() === socket)),
    () => moments(t, 'destroyed', () => watched(t, 'destroyed').destroy().resetAndDestroy()),
    () => moments(t, 'ended', () => watched(t, 'ended').end().resetAndDestroy()));
};

exports.resetInEachState = (t) => {
  withConnections(t,
    ['connected', (socket, name) => moments(t, name, () => socket.resetAndDestroy())],
    ['twice', (socket, name) => moments(t, name, () => socket.resetAndDestroy().resetAndDestroy())],
    ['destroyed', (socket, name) => moments(t, name, () => socket.destroy().resetAndDestroy())],
    ['finished', (socket, name) => socket.end().on('finish', () => moments(t, name, () => socket.resetAndDestroy()))]);
};

exports.settingsOfAPath = (t) => {
  const where = path.join(t.dir, 's');
  const server = net.createServer((peer) => quiet(peer).resume()).listen(where, () => {
    const socket = watched(t, 'socket', net.connect(where));
    const settings = () => {
      attempt(t, 'no delay', () => t.log('same', socket.setNoDelay() === socket));
      attempt(t, 'keep-alive', () => t.log('same', socket.setKeepAlive(true, 1000) === socket));
      t.state('socket', socket, 'remoteAddress', 'remotePort', 'localAddress', 'localPort', 'readyState');
    };
    settings();
    socket.on('ready', () => {
      settings();
      socket.end();
    });
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

exports.resetOfAPath = (t) => {
  const where = path.join(t.dir, 's');
  const server = net.createServer((peer) => quiet(peer).resume()).listen(where, () => {
    const socket = watched(t, 'socket', net.connect(where));
    socket.on('ready', () => {
      moments(t, 'reset', () => socket.resetAndDestroy());
      t.state('socket', socket, 'destroyed');
      socket.destroy();
    });
    socket.on('close', () => server.close());
  });
  server.on('close', t.hold());
};

// -- reading --

exports.pushValues = (t) => {
  const values = { number: 5, zero: 0, true: true, list: [], object: {} };
  for (const [name, value] of Object.entries(values)) {
    moments(t, name, () => t.log('returns', watched(t, name).push(value)));
    moments(t, `${name} back`, () => t.log('returns', watched(t, `${name} back`).unshift(value)));
  }
};

exports.pushAfterTheEnd = (t) => {
  const socket = watched(t, 'socket', new net.Socket({ allowHalfOpen: true })).resume();
  steps(t,
    () => moments(t, 'end', () => socket.push(null)),
    () => moments(t, 'after', () => socket.push('x')));
  const other = watched(t, 'other', new net.Socket({ allowHalfOpen: true })).resume();
  other.push(null);
  other.on('end', () => moments(t, 'unshift', () => other.unshift('x')));
};

exports.pipeFromWhatCannotBeRead = (t) => {
  const sink = new stream.Writable({ write: (chunk, encoding, callback) => callback() });
  sink.on('error', (error) => t.log('emits', error)).on('close', () => t.log('closed'));
  moments(t, 'writable', () => sink.pipe(quiet()));
};

exports.pipeToTheDead = (t) => {
  const destination = watched(t, 'destination').destroy();
  const source = watched(t, 'source');
  moments(t, 'pipe', () => source.pipe(destination));
  moments(t, 'push', () => source.push('x'));
};

exports.emitWithoutAnError = (t) => {
  const values = { text: 'odd', number: 5, null: null, object: {} };
  table(t, values, (value) => new net.Socket().emit('error', value));
  attempt(t, 'nothing', () => net.createServer().emit('error'));
};

exports.readSize = (t) => {
  table(t, { 'too large': 2 ** 30 + 1, large: 2 ** 30, negative: -1 }, (value) => new net.Socket().read(value));
};
