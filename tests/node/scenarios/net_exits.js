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

// -- timers and ticks --

exports.unrefTimerBesideAnInterval = (t) => {
  const interval = setInterval(() => {}, 5);
  setTimeout(() => {
    t.log('unref timer');
    clearInterval(interval);
  }, 30).unref();
  setTimeout(() => t.log('never'), 5000).unref();
};

exports.unrefInterval = (t) => {
  let count = 0;
  setInterval(() => {
    count += 1;
  }, 5).unref();
  const keeping = setInterval(() => {
    if (count < 2) return;
    t.log('ran');
    clearInterval(keeping);
  }, 5);
};

exports.timerRefedAgain = (t) => {
  const timer = setTimeout(() => t.log('kept', timer.hasRef()), 20);
  t.log('ref', timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref() === timer, timer.hasRef());
};

exports.timerUnrefByAnother = (t) => {
  const timer = setTimeout(() => t.log('never'), 60_000);
  setTimeout(() => {
    timer.unref();
    t.log('unref');
  }, 10);
};

exports.timerRefreshed = (t) => {
  let count = 0;
  const timer = setTimeout(() => {
    count += 1;
    t.log('timer', count);
    if (count < 3) timer.refresh();
  }, 5);
};

exports.clearedTimersKeepNothing = (t) => {
  clearTimeout(setTimeout(() => t.log('never'), 60_000));
  clearInterval(setInterval(() => t.log('never'), 60_000));
  clearImmediate(setImmediate(() => t.log('never')));
  t.log('main');
};

exports.unrefImmediateBesideAnother = (t) => {
  setImmediate(() => t.log('unref')).unref();
  setImmediate(() => t.log('ref'));
};

exports.immediatesComeBeforeTimersOfTheSameData = (t) => {
  const server = net.createServer((peer) => peer.end('x')).listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').on('data', () => {
      setTimeout(() => t.log('timer'), 0);
      setImmediate(() => t.log('immediate'));
      process.nextTick(() => t.log('tick'));
      server.close();
    });
  });
};

exports.nextTicksOfNextTicks = (t) => {
  let count = 0;
  const tick = () => {
    count += 1;
    if (count < 1000) process.nextTick(tick);
    else t.log('ticks', count);
  };
  setImmediate(() => t.log('immediate'));
  process.nextTick(tick);
  t.log('main');
};

exports.aTickOfTheLastCallbackOpensAServer = (t) => {
  setTimeout(() => process.nextTick(() => {
    const server = net.createServer().listen(LOCAL, () => {
      t.log('listening');
      server.close(() => t.log('closed'));
    });
  }), 1);
};

exports.closeOpensAnother = (t) => {
  const server = net.createServer().listen(LOCAL, () => server.close());
  server.once('close', () => {
    t.log('close');
    setImmediate(() => {
      server.listen(LOCAL, () => {
        t.log('listening');
        server.close(() => t.log('closed'));
      });
    });
  });
};

exports.abortSignalTimeoutKeepsNothing = (t) => {
  AbortSignal.timeout(60_000).addEventListener('abort', () => t.log('never'));
  t.log('main');
};

exports.listenWithASignalThatIsAborted = (t) => {
  const controller = new AbortController();
  const server = net.createServer().on('close', () => t.log('close'));
  server.listen({ ...LOCAL, signal: controller.signal }, () => {
    t.log('listening');
    setTimeout(() => controller.abort(), 10);
  });
};

// -- errors --

exports.destroyedWithAnErrorUnheard = (t) => {
  const socket = net.connect(t.mute, () => socket.destroy(new Error('mine')));
  socket.on('close', () => t.log('never'));
};

exports.resetUnheardByAClient = (t) => {
  const server = net.createServer((peer) => {
    peer.on('data', () => peer.resetAndDestroy());
    peer.on('close', () => t.log('reset'));
  }).listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').write('x');
  });
};

exports.resetUnheardByAServer = (t) => {
  const server = net.createServer((peer) => {
    peer.on('close', (hadError) => {
      t.log('close', hadError);
      server.close();
    });
    peer.write('x');
  }).listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('data', () => socket.resetAndDestroy());
  });
};

exports.connectionListenerThrows = (t) => {
  const server = net.createServer(() => {
    server.close(() => t.log('closed'));
    throw new Error('mine');
  }).listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').on('error', () => {}).on('close', () => t.log('close'));
  });
};

exports.dataListenerThrows = (t) => {
  const server = net.createServer((peer) => peer.end('x')).listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('data', () => {
      t.log('data');
      throw new Error('mine');
    });
    socket.on('close', () => t.log('never'));
  });
};

exports.timerThrows = (t) => {
  net.createServer().listen(LOCAL);
  setTimeout(() => {
    process.nextTick(() => t.log('never'));
    throw new Error('mine');
  }, 10);
};

exports.tickThrows = (t) => {
  process.nextTick(() => {
    throw new Error('mine');
  });
  setImmediate(() => t.log('never'));
};

exports.errorListenerThrows = (t) => {
  const socket = new net.Socket();
  socket.on('error', (error) => {
    t.log('error', error);
    throw new Error('in the listener');
  });
  socket.on('close', () => t.log('never'));
  socket.destroy(new Error('mine'));
  setTimeout(() => t.log('never'), 60_000);
};
