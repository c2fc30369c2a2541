'use strict';
// What waits to be written, and what becomes of it: connected, destroyed, reset, by either side.

const net = require('node:net');
const { plainServer, blindServer, stalledServer } = require('../servers');

const FLAGS = ['pending', 'connecting', 'readyState', 'destroyed'];
const COUNTS = ['bytesWritten', 'writableLength', 'writableNeedDrain'];

// -- before the connection --

exports.destroyInConnectBeforeTheWaitingWrite = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('connect', () => {
      socket.destroy();
      t.state('destroyed', socket, ...FLAGS, ...COUNTS);
    });
    socket.write('one', t.callback('one'));
    socket.write('two', t.callback('two'));
    socket.end(t.callback('ended'));
    socket.on('close', () => t.tell('over'));
  },
};

exports.destroyInConnectAfterTheWaitingWrite = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('one', t.callback('one'));
    socket.on('connect', () => {
      socket.destroy();
      t.state('destroyed', socket, ...FLAGS, ...COUNTS);
    });
  },
};

exports.corkedAndDestroyedBeforeConnect = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.cork();
    socket.write('one', t.callback('one'));
    socket.write('two', t.callback('two'));
    t.state('corked', socket, ...COUNTS, 'writableCorked');
    socket.destroy();
    socket.uncork();
    t.state('destroyed', socket, ...COUNTS, 'writableCorked');
    socket.on('close', () => t.tell('over'));
  },
};

exports.corkedAndEndedBeforeConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.cork();
    for (const name of ['one', 'two', 'three']) socket.write(name, t.callback(name));
    socket.end('four', t.callback('ended'));
    t.state('ended', socket, ...COUNTS, 'writableCorked', 'writableEnded');
    socket.on('connect', () => t.state('connected', socket, ...COUNTS));
  },
};

exports.uncorkedInConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('first', t.callback('first'));
    socket.cork();
    socket.write('second', t.callback('second'));
    socket.on('connect', () => {
      t.state('connected', socket, ...COUNTS);
      socket.uncork();
      t.state('uncorked', socket, ...COUNTS);
      socket.end('third', t.callback('ended'));
    });
  },
};

exports.writesBeforeInAndAfterConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    const write = (name) => t.log(name, socket.write(`${name} `, t.callback(`${name} written`)));
    write('before');
    socket.on('connect', () => {
      write('in connect');
      process.nextTick(() => write('next tick'));
    });
    socket.on('ready', () => write('in ready'));
    t.turns(20, () => socket.end('last', t.callback('ended')));
  },
};

exports.muchBeforeConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'drain');
    socket.resume();
    t.log('write', socket.write(t.fill(70_000), t.callback('first')));
    t.log('write', socket.write('and more', t.callback('second')));
    t.state('waiting', socket, ...COUNTS);
    socket.on('drain', () => {
      t.state('drained', socket, ...COUNTS);
      socket.end();
    });
  },
};

exports.lengthOfWaitingText = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    for (const [text, encoding] of [['é', 'utf8'], ['é', 'latin1'], ['你', 'utf8'], ['😀', 'utf8'], ['0011', 'hex']]) {
      socket.write(text, encoding);
      t.state(`${text} ${encoding}`, socket, 'bytesWritten');
    }
    socket.write(Buffer.from('bytes'));
    t.state('bytes', socket, 'bytesWritten');
    socket.on('connect', () => t.state('connected', socket, 'bytesWritten'));
    socket.end(() => t.state('ended', socket, 'bytesWritten', 'writableLength'));
  },
};

exports.textThatWaitsIsCounted = (t) => {
  const socket = t.watch(net.connect(t.silent), 'socket');
  t.log('write', socket.write('你'), socket.writableLength, socket.bufferSize, socket.bytesWritten);
  t.log('write', socket.write('你'.repeat(30_000)));
  socket.destroy();
};

exports.resetWhileConnectingWithWritesWaiting = {
  server: blindServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('one', t.callback('one'));
    socket.write('two', t.callback('two'));
    socket.resetAndDestroy();
    t.state('reset', socket, ...FLAGS);
    socket.on('close', () => t.tell('over'));
  },
};

exports.destroySoonTwiceBeforeConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('early', t.callback('written'));
    socket.destroySoon();
    socket.destroySoon();
    t.state('soon', socket, ...FLAGS, 'writableEnded');
    socket.end(t.callback('ended'));
  },
};

// -- an open connection --

exports.resetWithWritesWaiting = {
  server: stalledServer,
  client(t) {
    const socket = t.connect({});
    socket.on('ready', () => {
      socket.write(t.fill(32 << 20), t.callback('big'));
      socket.write('small', t.callback('small'));
      socket.end('last', t.callback('ended'));
      t.turns(3, () => {
        socket.resetAndDestroy();
        t.state('reset', socket, ...FLAGS, ...COUNTS);
      });
    });
    socket.on('close', () => t.tell('over'));
  },
};

exports.resetInConnect = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('connect', () => {
      socket.resetAndDestroy();
      t.state('reset', socket, ...FLAGS);
    });
  },
};

exports.resetTwice = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      t.attempt('reset', () => socket.resetAndDestroy() === socket);
      t.attempt('again', () => socket.resetAndDestroy() === socket);
      t.log('errored', socket.errored);
    });
  },
};

exports.resetAfterDestroy = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy();
      t.attempt('reset', () => socket.resetAndDestroy() === socket);
    });
  },
};

exports.resetAfterBothEnded = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => t.turns(2, () => {
        t.state('half', socket, 'readyState');
        t.attempt('reset', () => socket.resetAndDestroy() === socket);
      }));
    });
  },
  client(t) {
    t.connect({}, 'data').end('x', t.callback('ended'));
  },
};

exports.resetAfterTheEndIsLearntByAWrite = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => t.tell('ended'));
      t.when('reset', () => {
        t.state('unaware', socket, ...FLAGS);
        socket.write('answer', t.callback('written'));
        socket.end(t.callback('ended'));
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x');
    t.when('ended', () => socket.resetAndDestroy());
    socket.on('close', () => t.turns(2, () => t.tell('reset')));
  },
};

exports.serverResetsInData = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('data', () => {
        socket.resetAndDestroy();
        t.attempt('write', () => socket.write('too late', t.callback('written')));
      });
    });
  },
  client(t) {
    const socket = t.connect({});
    socket.resume();
    socket.write('x', t.callback('written'));
  },
};

exports.destroySoonToAStalledPeer = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer', 'data');
      t.when('soon', () => socket.resume());
    });
  },
  client(t) {
    const socket = t.connect({});
    socket.on('ready', () => {
      socket.write(t.fill(8 << 20), t.callback('written'));
      socket.destroySoon();
      socket.destroySoon();
      t.state('soon', socket, ...FLAGS, ...COUNTS, 'writableEnded');
      t.tell('soon');
    });
    socket.on('finish', () => t.state('finish', socket, ...FLAGS, ...COUNTS));
  },
};

exports.destroySoonInConnection = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.write('bye', t.callback('written'));
      socket.destroySoon();
      t.state('soon', socket, ...FLAGS, 'writableEnded');
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.countsToAStalledPeer = {
  server(t) {
    t.serve({ pauseOnConnect: true }, (socket) => {
      t.watch(socket, 'peer');
      t.when('counted', () => socket.resume());
    });
  },
  client(t) {
    const socket = t.connect({}, 'drain');
    socket.resume();
    socket.on('ready', () => {
      t.state('ready', socket, ...COUNTS);
      t.log('write', socket.write(t.fill(32 << 20)));
      t.state('first', socket, 'bytesWritten', 'writableNeedDrain');
      t.log('write', socket.write('é'));
      t.log('write', socket.write('é', 'latin1'));
      t.state('all', socket, 'bytesWritten', 'writableNeedDrain');
      t.tell('counted');
    });
    socket.on('drain', () => {
      t.state('drain', socket, ...COUNTS);
      socket.end('!');
      t.state('ended', socket, 'bytesWritten', 'writableNeedDrain');
    });
    for (const name of ['finish', 'close']) socket.on(name, () => t.state(name, socket, ...COUNTS));
  },
};

exports.bigBothWays = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'data', '-end', '-finish').end(t.fill(2 << 20));
      socket.on('close', () => t.state('closed', socket, 'bytesRead', 'bytesWritten'));
    });
  },
  client(t) {
    const socket = t.connect({ allowHalfOpen: true }, 'data', '-end', '-finish');
    socket.end(t.fill(3 << 20));
    socket.on('close', () => t.state('closed', socket, 'bytesRead', 'bytesWritten'));
  },
};

exports.writeInEachCallback = {
  server: plainServer,
  client(t) {
    const socket = t.connect({}, 'data');
    const names = ['one', 'two', 'three', 'four'];
    const next = (error) => {
      const name = names.shift();
      t.log('next', error, name);
      if (name) socket.write(name, next);
      else socket.end(t.callback('ended'));
    };
    socket.write('zero', next);
  },
};
