'use strict';
// Programs of their own: when they exit, and with which code.

const net = require('node:net');

const LOCAL = { port: 0, host: '127.0.0.1' };

exports.nothingIsOpen = (t) => {
  t.log('main');
};

exports.unrefServer = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(LOCAL, () => {
    t.log('same', server.unref() === server);
  });
};

exports.unrefServerBeforeListen = (t) => {
  const server = net.createServer();
  server.unref();
  server.listen(LOCAL, () => t.log('listening'));
};

exports.closedServer = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(LOCAL, () => server.close());
};

exports.unrefServerWithAClient = (t) => {
  // The socket keeps the program alive, the server does not.
  const server = net.createServer((peer) => {
    peer.on('end', () => t.log('peer end'));
    peer.on('close', () => t.log('peer close'));
    peer.resume();
  });
  server.unref();
  server.listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('close', () => t.log('client close'));
    setTimeout(() => socket.end(), 30);
  });
};

exports.unrefSockets = (t) => {
  const server = net.createServer((peer) => {
    peer.unref();
    t.log('accepted');
  });
  server.unref();
  server.listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => {
      t.log('connected');
      socket.unref();
    });
  });
};

exports.socketThatNeverConnects = (t) => {
  const socket = new net.Socket();
  socket.on('close', () => t.log('never'));
  socket.resume();
};

exports.idleTimeoutAloneKeepsNothing = (t) => {
  const socket = new net.Socket();
  socket.setTimeout(60_000, () => t.log('never'));
};

exports.timerKeepsAndUnrefTimerDoesNot = (t) => {
  setTimeout(() => t.log('kept'), 20);
  setTimeout(() => t.log('never'), 60_000).unref();
};

exports.intervalUntilItIsCleared = (t) => {
  let count = 0;
  const interval = setInterval(() => {
    count += 1;
    t.log('interval', count);
    if (count === 3) clearInterval(interval);
  }, 5);
};

exports.immediateRunsBeforeTheExit = (t) => {
  setImmediate(() => {
    t.log('immediate');
    process.nextTick(() => t.log('next tick'));
    setImmediate(() => t.log('second immediate'));
  });
};

exports.errorNobodyListensTo = (t) => {
  const server = net.createServer();
  server.listen(LOCAL, () => {
    const { port } = server.address();
    net.createServer().listen(port, '127.0.0.1');
  });
};

exports.refusedUnheard = (t) => {
  const server = net.createServer().listen(LOCAL, () => {
    const { port } = server.address();
    server.close(() => net.connect(port, '127.0.0.1'));
  });
};

exports.listenerThrows = (t) => {
  const server = net.createServer().listen(LOCAL, () => {
    t.log('listening');
    throw new Error('mine');
  });
};

exports.mainThrows = (t) => {
  t.log('main');
  throw new Error('mine');
};

exports.halfClosedSocketKeeps = (t) => {
  // The peer has said all it will; ours may still speak.
  const server = net.createServer({ allowHalfOpen: true }, (peer) => {
    server.close();
    peer.resume();
    peer.on('end', () => {
      t.log('half');
      setTimeout(() => peer.end('bye'), 30);
    });
  }).listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (text) => t.log('data', text));
    socket.on('close', () => t.log('close'));
    socket.end();
  });
};

exports.socketPausedBeforeConnectKeepsNothing = (t) => {
  // It was never read from, so the loop waits for nothing on its behalf.
  const server = net.createServer((peer) => {
    server.close();
    peer.resume();
    peer.unref();
  }).listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => t.log('connected'));
    socket.pause();
  });
};

exports.socketPausedLaterKeeps = (t) => {
  const server = net.createServer((peer) => {
    server.close();
    peer.unref();
    peer.write('x');
    setTimeout(() => peer.destroy(), 30).unref();
  }).listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('data', () => {
      t.log('data');
      socket.pause();
    });
    setTimeout(() => socket.resume(), 60).unref();
    socket.on('close', () => t.log('close'));
  });
};
