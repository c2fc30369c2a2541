'use strict';
// The order of connect, ready, data, end, finish and close in the lives of two peers.

const net = require('node:net');

exports.clientEndsFirst = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('connect', () => socket.end('hi'));
  },
};

exports.clientEndsFirstAndIsAnswered = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('data', () => socket.write('answer'));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('question');
    socket.once('data', () => socket.end());
  },
};

exports.serverEndsFirst = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.end('bye');
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.serverEndsAtOnce = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end());
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.bothEnd = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end('from the server'));
  },
  client(t) {
    t.connect({}, 'data').end('from the client');
  },
};

exports.endBeforeConnect = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('early', t.callback('ended'));
    t.state('state', socket, 'writable', 'writableEnded', 'writableFinished', 'readyState');
  },
};

exports.endBeforeConnectWithoutData = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};

exports.writeBeforeConnect = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.state('before', socket, 'pending', 'connecting', 'bytesWritten');
    t.log('write', socket.write('你好', t.callback('first written')));
    t.state('after', socket, 'pending', 'connecting', 'bytesWritten');
    t.log('write', socket.write('more', t.callback('second written')));
    socket.end('!', t.callback('ended'));
    t.state('ended', socket, 'pending', 'connecting', 'bytesWritten');
    socket.on('connect', () => t.state('connected', socket, 'pending', 'connecting', 'bytesWritten'));
    socket.on('close', () => t.state('closed', socket, 'pending', 'connecting', 'bytesWritten'));
  },
};

exports.halfOpenServerAnswersAfterFin = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => {
        t.state('half', socket, 'readyState', 'writable', 'readable');
        socket.end(t.fill(1 << 20));
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('go');
    socket.on('finish', () => t.state('half', socket, 'readyState', 'writable', 'readable'));
  },
};

exports.halfOpenServerNeverEnds = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => t.when('ended', () => {
        t.state('half', socket, 'readyState', 'destroyed', 'writable');
        socket.destroy();
      }));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x', () => t.tell('ended'));
  },
};

exports.halfOpenClient = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => t.watch(socket, 'peer', 'data').end('done already'));
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data');
    socket.on('end', () => {
      t.state('half', socket, 'readyState', 'writable', 'readable', 'allowHalfOpen');
      socket.write('still here', t.callback('written'));
      socket.end(t.callback('ended'));
    });
  },
};

exports.halfOpenTurnedOnLate = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.allowHalfOpen = true;
      socket.on('end', () => socket.end('late'));
    });
  },
  client(t) {
    t.connect({}, 'data').end('x');
  },
};

exports.connectListenersInOrder = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = net.connect(t.where, () => t.log('listener'));
    socket.on('connect', () => t.log('second'));
    socket.prependListener('connect', () => t.log('prepended'));
    t.watch(socket, 'client', 'data');
    socket.on('ready', () => socket.end());
    process.nextTick(() => t.log('next tick'));
  },
};

exports.socketThenConnect = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.watch(new net.Socket(), 'client', 'data');
    t.state('new', socket, 'pending', 'connecting', 'readyState', 'destroyed');
    t.log('same', socket.connect(t.where, () => t.log('listener')) === socket);
    t.state('connecting', socket, 'pending', 'connecting', 'readyState', 'destroyed');
    socket.end('x');
  },
};

exports.unreadDataKeepsTheEndBack = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end('unread', () => t.tell('sent'));
    });
  },
  client(t) {
    const socket = t.connect();
    t.whenReady(socket, 'sent', () => {
      t.state('unread', socket, 'readableFlowing', 'readableEnded', 'destroyed');
      t.watch(socket, 'late', 'data', '-connect', '-ready', '-end', '-finish', '-timeout', '-error', '-close');
    });
  },
};

exports.pausedSocketLearnsOfTheEndLater = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.end('for later', () => t.tell('sent'));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.pause();
    t.whenReady(socket, 'sent', () => {
      t.log('paused', socket.isPaused());
      socket.resume();
    });
  },
};

exports.readableEventsUpToTheEnd = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data').end('0123456789'));
  },
  client(t) {
    const socket = t.connect();
    socket.on('readable', () => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) t.data('read', chunk);
    });
  },
};

exports.secondConnectionOfOneSocket = {
  server(t) {
    let count = 0;
    t.serve({}, (socket) => {
      count += 1;
      t.watch(socket, 'peer', 'data');
      if (count === 1) socket.on('close', () => t.tell('first closed'));
    }, 2);
  },
  client(t) {
    const release = t.hold();
    const socket = t.connect({}, 'data');
    socket.end('first');
    socket.once('close', () => t.when('first closed', () => {
      t.state('closed', socket, 'destroyed', 'pending', 'connecting', 'readyState', 'bytesWritten', 'bytesRead');
      socket.connect(t.where, () => {
        t.state('again', socket, 'destroyed', 'pending', 'connecting', 'readyState', 'bytesWritten', 'bytesRead');
        socket.end('second');
      });
      t.state('connecting', socket, 'destroyed', 'pending', 'connecting', 'readyState', 'bytesWritten', 'bytesRead');
      socket.once('close', release);
    }));
  },
};

exports.nothingIsSaid = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => socket.end());
    socket.on('finish', () => t.state('finish', socket, 'writableFinished', 'writableEnded', 'readableEnded', 'destroyed'));
    socket.on('end', () => t.state('end', socket, 'writableFinished', 'writableEnded', 'readableEnded', 'destroyed'));
    socket.on('close', () => t.state('close', socket, 'writableFinished', 'writableEnded', 'readableEnded', 'destroyed', 'closed'));
  },
};

exports.socketOfTheServerHasItsFields = {
  server(t) {
    const server = t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.log('server', socket.server === server);
      t.state('accepted', socket, 'connecting', 'pending', 'readyState', 'allowHalfOpen', 'destroyed', 'readableFlowing');
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.log('server', socket.server ?? null);
    socket.end();
  },
};

exports.pingPong = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer').on('data', (chunk) => socket.write(chunk)));
  },
  client(t) {
    const socket = t.connect({}, 'chunk');
    let count = 0;
    socket.setEncoding('latin1');
    socket.write('0');
    socket.on('data', (text) => {
      count += 1;
      if (count === 20) socket.end();
      else socket.write(String(Number(text) + 1));
    });
  },
};
