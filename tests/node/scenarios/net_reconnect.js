'use strict';
// One socket, several connections: what stays, what starts afresh.

const net = require('node:net');

const LOCAL = { port: 0, host: '127.0.0.1' };
const FLAGS = ['pending', 'connecting', 'readyState', 'destroyed', 'closed'];
const COUNTS = ['bytesRead', 'bytesWritten', 'writableLength', 'readableLength'];
const ENDS = ['readableEnded', 'writableEnded', 'writableFinished', 'errored'];

// A server that greets each of so many connections, and whose sockets are peer 1, peer 2, ...
function greeter(connections, options = {}) {
  return (t) => {
    let count = 0;
    t.serve(options, (socket) => {
      count += 1;
      t.watch(socket, `peer ${count}`, 'data');
      socket.write(`hello ${count}`);
      const number = count;
      socket.on('close', () => t.tell(`closed ${number}`));
    }, connections);
  };
}

// Connects once more each time that both ends have closed; calls back with the number of the connection to come.
function reconnecting(t, socket, times, again) {
  const release = t.hold();
  let count = 1;
  socket.on('close', () => t.when(`closed ${count}`, () => {
    count += 1;
    if (count > times) release();
    else again(count);
  }));
}

exports.threeTimesInARow = {
  server: greeter(3),
  client(t) {
    const socket = t.connect({}, 'data');
    for (const name of ['connect', 'end', 'finish', 'close']) socket.on(name, () => t.state(name, socket, ...COUNTS));
    socket.on('data', () => socket.end('bye', t.callback('ended')));
    reconnecting(t, socket, 3, (count) => {
      t.state('closed', socket, ...FLAGS, ...COUNTS, ...ENDS);
      t.log('same', socket.connect(t.where, t.callback(`callback ${count}`)) === socket);
      t.state('connecting', socket, ...FLAGS, ...COUNTS, ...ENDS);
    });
  },
};

exports.encodingStays = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setEncoding('utf8');
    socket.on('data', () => socket.end());
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, 'readableEncoding');
      socket.connect(t.where);
      t.state('connecting', socket, 'readableEncoding', 'readableFlowing');
    });
  },
};

exports.timeoutIsNotStartedAgain = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.once('data', () => socket.setTimeout(20));
    socket.on('timeout', () => socket.end());
    reconnecting(t, socket, 2, () => {
      t.log('closed', t.seconds(socket.timeout));
      socket.connect(t.where);
      t.log('connecting', t.seconds(socket.timeout));
      socket.once('data', () => setTimeout(() => socket.end(), 50));
    });
  },
};

exports.timeoutIsSetAgain = {
  server: greeter(1),
  client(t) {
    const release = t.hold();
    const socket = t.connect({}, 'data');
    socket.once('data', () => socket.setTimeout(15));
    socket.on('timeout', () => socket.destroySoon());
    socket.once('close', () => {
      socket.setTimeout(500);
      socket.connect(t.silent);
      socket.setTimeout(15);
      t.log('connecting', t.seconds(socket.timeout));
      socket.once('timeout', () => socket.destroy());
      socket.once('close', release);
    });
  },
};

exports.writeAndEndWhileConnectingAgain = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('first', t.callback('first'));
    reconnecting(t, socket, 2, () => {
      socket.connect(t.where);
      t.log('write', socket.write('second', t.callback('written')));
      socket.end('!', t.callback('ended'));
      t.state('ended', socket, ...FLAGS, ...COUNTS);
    });
  },
};

exports.writeBeforeConnectingAgain = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.once('data', () => socket.destroySoon());
    reconnecting(t, socket, 2, () => {
      t.attempt('write', () => socket.write('too early', t.callback('written')));
      socket.connect(t.where);
      socket.end('in time', t.callback('ended'));
    });
  },
};

exports.afterADestroyWithError = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.once('data', () => socket.destroy(new Error('mine')));
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, ...FLAGS, ...ENDS);
      socket.connect(t.where);
      t.state('connecting', socket, ...FLAGS, ...COUNTS, ...ENDS);
      socket.once('data', () => socket.end());
    });
  },
};

exports.afterAReset = {
  server(t) {
    let count = 0;
    t.serve({}, (socket) => {
      count += 1;
      t.watch(socket, `peer ${count}`, 'data');
      if (count === 1) t.when('ready', () => socket.resetAndDestroy());
      else socket.end('hello again');
    }, 2);
  },
  client(t) {
    const release = t.hold();
    const socket = t.connect({}, 'data');
    socket.once('ready', () => t.tell('ready'));
    socket.once('close', () => {
      socket.connect(t.where);
      socket.once('close', release);
    });
  },
};

exports.pauseStays = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.once('data', () => {
      socket.pause();
      socket.destroy();
    });
    reconnecting(t, socket, 2, () => {
      t.log('paused', socket.isPaused());
      socket.connect(t.where);
      socket.on('ready', () => {
        t.log('still paused', socket.isPaused());
        t.turns(5, () => {
          t.state('unread', socket, 'bytesRead', 'readableLength');
          socket.resume();
          socket.once('data', () => socket.end());
        });
      });
    });
  },
};

exports.addressesAreThoseOfTheConnection = {
  server: greeter(2),
  client(t) {
    const names = ['localAddress', 'remoteAddress', 'remoteFamily', 'remotePort'];
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      t.state('ready', socket, ...names);
      socket.end();
    });
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, ...names);
      socket.connect(t.where);
      t.state('connecting', socket, ...names);
    });
  },
};

exports.unreadDataOfTheFirstLife = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({});
    // 'readable' has it read, and leaves it in the buffer.
    socket.once('readable', () => {
      t.state('unread', socket, ...COUNTS);
      socket.destroy();
    });
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, ...COUNTS);
      socket.connect(t.where);
      t.state('connecting', socket, ...COUNTS);
      socket.on('ready', () => {
        t.data('read', socket.read());
        socket.on('data', (chunk) => {
          t.data('data', chunk);
          socket.end();
        });
        socket.resume();
      });
    });
  },
};

exports.waitingWritesOfTheFirstLife = {
  server(t) {
    let count = 0;
    t.serve({ pauseOnConnect: true }, (socket) => {
      count += 1;
      const number = count;
      if (count === 2) t.watch(socket, 'peer 2', 'data').resume();
      else t.when('destroyed', () => socket.destroy());
      socket.on('error', () => {});
      socket.on('close', () => t.tell(`closed ${number}`));
    }, 2);
  },
  client(t) {
    const socket = t.connect({});
    socket.resume();
    socket.once('ready', () => {
      socket.write(t.fill(32 << 20), t.callback('big'));
      socket.write('small', t.callback('small'));
      t.turns(3, () => {
        socket.destroy();
        t.tell('destroyed');
      });
    });
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, ...COUNTS);
      socket.connect(t.where);
      t.state('connecting', socket, ...COUNTS);
      socket.end('new', t.callback('new'));
    });
  },
};

exports.corkStays = {
  server: greeter(2),
  client(t) {
    const socket = t.connect({}, 'data');
    socket.once('data', () => {
      socket.cork();
      socket.write('corked', t.callback('corked'));
      socket.destroy();
    });
    reconnecting(t, socket, 2, () => {
      t.state('closed', socket, 'writableCorked');
      socket.connect(t.where);
      t.state('connecting', socket, 'writableCorked', ...COUNTS);
      socket.write('new', t.callback('new'));
      socket.once('data', () => socket.end());
    });
  },
};

exports.connectWhileConnected = (t) => {
  const server = net.createServer((peer) => {
    server.close();
    peer.on('error', () => {});
    peer.resume();
  });
  server.listen(LOCAL, () => {
    const { port } = server.address();
    const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', 'data');
    socket.once('ready', () => {
      t.attempt('connect', () => socket.connect(port, '127.0.0.1') === socket);
      t.state('called', socket, 'destroyed');
      socket.once('ready', () => socket.end());
    });
  });
};

exports.connectWhileConnecting = (t) => {
  const socket = t.watch(net.connect(t.silent), 'socket', 'data');
  t.attempt('connect', () => socket.connect(t.silent) === socket);
  t.state('called', socket, ...FLAGS);
};

exports.connectAfterDestroyBeforeClose = {
  server(t) {
    // How the two connections' ends are mixed is a matter of luck.
    let count = 0;
    t.serve({}, (socket) => {
      count += 1;
      const number = count;
      socket.resume();
      socket.write(`hello ${count}`);
      socket.on('close', () => t.tell(`closed ${number}`));
    }, 2);
  },
  client(t) {
    const release = t.hold();
    const socket = t.connect({}, 'data');
    for (const name of ['connect', 'close']) socket.on(name, () => t.state(name, socket, ...FLAGS, ...COUNTS));
    socket.once('data', () => {
      socket.destroy();
      socket.connect(t.where);
      t.state('connecting', socket, ...FLAGS, ...COUNTS);
      socket.once('data', () => socket.destroy());
      t.when('closed 2', release);
    });
  },
};

exports.drainOwedToTheFirstConnection = (t) => {
  const release = t.hold();
  const server = net.createServer({ pauseOnConnect: true }, (peer) => {
    peer.on('error', () => {});
    t.turns(3, () => peer.destroy());
  });
  server.listen(LOCAL, () => {
    const socket = t.watch(net.connect(server.address().port, '127.0.0.1'), 'socket', '-error', '-close', '-end');
    socket.on('error', () => {});
    socket.write(t.fill(32 << 20), () => t.log('written'));
    socket.once('close', () => {
      socket.connect(server.address().port, '127.0.0.1');
      t.state('again', socket, 'writableNeedDrain', 'writableLength');
      socket.once('close', () => {
        server.close(release);
      });
      socket.resume();
    });
  });
};

exports.connectToAnotherKindOfPlace = (t) => {
  const release = t.hold();
  const tcp = net.createServer((peer) => peer.end('tcp'));
  const unix = net.createServer((peer) => peer.end('unix'));
  tcp.listen(LOCAL, () => unix.listen(`${t.dir}/socket`, () => {
    const places = [tcp.address().port, `${t.dir}/socket`, tcp.address().port];
    const socket = t.watch(new net.Socket(), 'socket', 'data');
    socket.on('ready', () => t.state('ready', socket, 'remoteFamily', 'remoteAddress'));
    const next = () => {
      const place = places.shift();
      if (place) return socket.connect(place);
      tcp.close();
      unix.close(release);
    };
    socket.on('close', next);
    next();
  }));
};

exports.connectAfterADestroyWithoutConnection = (t) => {
  const release = t.hold();
  const server = net.createServer((peer) => {
    peer.end('hello');
    server.close();
  });
  server.listen(LOCAL, () => {
    const socket = t.watch(new net.Socket(), 'socket', 'data');
    socket.destroy();
    socket.once('close', () => {
      socket.connect(server.address());
      socket.once('close', release);
    });
  });
};

exports.refusedTwiceThenConnected = (t) => {
  const release = t.hold();
  const server = net.createServer((peer) => {
    peer.end('at last');
    server.close();
  });
  const probe = net.createServer().listen(LOCAL, () => {
    const { port } = probe.address();
    probe.close(() => {
      const socket = t.watch(net.connect(port, '127.0.0.1'), 'socket', 'data');
      let count = 0;
      socket.on('close', () => {
        count += 1;
        t.state(`closed ${count}`, socket, ...FLAGS, 'errored');
        if (count === 1) socket.connect(port, '127.0.0.1');
        else if (count === 2) server.listen(LOCAL, () => socket.connect(server.address().port, '127.0.0.1'));
        else release();
        t.state('then', socket, 'errored', 'connecting');
      });
      socket.write('first', t.callback('written'));
    });
  });
};
