'use strict';
// What write() and end() return, count, call back and refuse.

const net = require('node:net');

function echoServer(t) {
  t.serve({}, (socket) => {
    t.watch(socket, 'peer');
    socket.on('data', (chunk) => socket.write(chunk));
  });
}

function sink(t) {
  t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
}

exports.writeAfterEnd = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.end('last');
      t.attempt('write', () => socket.write('too late', t.callback('written')));
      t.state('state', socket, 'destroyed', 'writable', 'writableEnded');
    });
  },
};

exports.writeAfterEndBeforeConnect = {
  server(t) {
    const server = t.serve({}, (socket) => {
      socket.on('error', () => {});
      socket.resume();
    });
    t.watch(server, 'server', '-listening', '-connection', '-close', '-error');
    t.when('over', () => t.done());
  },
  client(t) {
    const socket = t.connect({}, 'data', '-connect', '-ready');
    socket.end('last');
    t.attempt('write', () => socket.write('too late', t.callback('written')));
    socket.on('close', () => t.tell('over'));
  },
};

exports.writeAfterDestroy = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.destroy();
      t.attempt('write', () => socket.write('too late', t.callback('written')));
      t.attempt('end', () => socket.end('too late', t.callback('ended')) === socket);
    });
    socket.on('close', () => {
      t.attempt('write', () => socket.write('far too late', t.callback('written after close')));
    });
  },
};

exports.writeAfterThePeerEnded = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      socket.on('end', () => t.attempt('write', () => socket.write('too late', t.callback('written'))));
    });
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};

exports.writeLongAfterThePeerEnded = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data', '-error');
      socket.on('error', (error) => t.state('peer.error', error, 'code'));
      socket.on('finish', () => t.attempt('write', () => socket.write('too late', (error) => t.state('written', error, 'code'))));
    });
  },
  client(t) {
    t.connect({}, 'data').end();
  },
};

exports.writeCallbacksInOrder = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      for (const name of ['one', 'two', 'three']) socket.write(name, t.callback(name));
      t.log('sync');
      process.nextTick(() => t.log('next tick'));
      socket.end(t.callback('ended'));
    });
  },
};

exports.writeCallbacksBeforeConnect = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    for (const name of ['one', 'two', 'three']) socket.write(name, t.callback(name));
    socket.on('connect', () => {
      socket.write('four', t.callback('four'));
      socket.end('five', t.callback('ended'));
    });
  },
};

exports.writeCallbacksOnDestroy = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', '-error', '-end', '-finish', '-close');
      socket.on('error', () => {});
      socket.pause();
      t.when('over', () => socket.destroy());
    });
  },
  client(t) {
    const socket = t.connect({});
    socket.on('ready', () => {
      // More than the kernel takes while nobody reads.
      socket.write(t.fill(32 << 20), t.callback('big'));
      socket.write('small', t.callback('small'));
      socket.end('last', t.callback('ended'));
      t.state('writing', socket, 'bytesWritten', 'writableLength', 'writableNeedDrain');
      t.turns(3, () => socket.destroy(new Error('enough')));
    });
    socket.on('close', () => t.tell('over'));
  },
};

exports.corkAndUncork = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.cork();
      socket.write('a', t.callback('a'));
      socket.cork();
      socket.write('b', t.callback('b'));
      t.state('corked', socket, 'writableCorked', 'writableLength', 'bytesWritten');
      socket.uncork();
      t.state('once', socket, 'writableCorked', 'writableLength', 'bytesWritten');
      socket.uncork();
      t.state('twice', socket, 'writableCorked');
      process.nextTick(() => socket.end('c', t.callback('ended')));
    });
  },
};

exports.endUncorks = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.cork();
      socket.cork();
      socket.write('a', t.callback('a'));
      socket.end('b', t.callback('ended'));
      t.state('ended', socket, 'writableCorked', 'writableEnded');
    });
  },
};

exports.corkBeforeConnect = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.cork();
    socket.write('a', t.callback('a'));
    socket.write('b', t.callback('b'));
    socket.on('connect', () => t.state('connected', socket, 'bytesWritten', 'writableLength', 'pending'));
    socket.on('ready', () => {
      socket.uncork();
      socket.end();
    });
  },
};

exports.largePayloadWithBackpressure = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({});
    const chunk = t.fill(1 << 20);
    let left = 24;
    let waited = false;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(chunk)) {
          waited = true;
          socket.once('drain', more);
          return;
        }
      }
      socket.end(() => {
        t.log('waited', waited);
        t.state('ended', socket, 'bytesWritten', 'writableLength', 'writableNeedDrain');
      });
    };
    socket.resume();
    more();
  },
};

exports.drainAfterAWriteThatReturnedFalse = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      t.when('blocked', () => socket.on('data', (chunk) => t.data('read', chunk)));
    });
  },
  client(t) {
    const socket = t.connect({}, 'drain');
    socket.resume();
    socket.on('ready', () => {
      t.log('write', socket.write(t.fill(32 << 20), t.callback('written')));
      t.state('blocked', socket, 'writableNeedDrain', 'writableLength');
      t.tell('blocked');
    });
    socket.on('drain', () => {
      t.state('drained', socket, 'writableNeedDrain', 'writableLength');
      socket.end();
    });
  },
};

exports.emptyWrites = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    t.log('write', socket.write('', t.callback('empty before')));
    socket.on('ready', () => {
      t.log('write', socket.write('', t.callback('empty')));
      t.log('write', socket.write(Buffer.alloc(0), t.callback('empty bytes')));
      t.state('state', socket, 'bytesWritten', 'writableLength');
      socket.end('', t.callback('ended'));
    });
  },
};

exports.encodingsInWrite = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.write('é', 'utf8');
    socket.write('é', 'latin1');
    socket.write('hi', 'utf16le');
    socket.write('00ff7f', 'hex');
    socket.write('aGk=', 'base64');
    socket.write('_-8', 'base64url');
    socket.write('é', 'ascii');
    socket.write('é', 'binary');
    socket.write('x', 'ucs2');
    socket.write(new Uint8Array([1, 2, 3]));
    socket.write(Buffer.from('bytes'), 'hex');
    t.state('state', socket, 'bytesWritten');
    socket.end('ff', 'hex');
    t.state('state', socket, 'bytesWritten');
  },
};

exports.defaultEncoding = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    t.log('same', socket.setDefaultEncoding('hex') === socket);
    t.attempt('wrong', () => socket.setDefaultEncoding('nonsense'));
    socket.write('0001');
    socket.end('ff');
  },
};

exports.endTwice = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      socket.end('x', t.callback('first'));
      socket.end(t.callback('second'));
      t.attempt('third', () => socket.end('data', t.callback('third')) === socket);
    });
  },
};

exports.endTwiceWithoutData = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('x', t.callback('first'));
    socket.end(t.callback('second'));
    socket.on('finish', () => socket.end(t.callback('third')));
    socket.on('close', () => socket.end(t.callback('fourth')));
  },
};

exports.pipeEcho = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      t.log('same', socket.pipe(socket) === socket);
    });
  },
  client(t) {
    const socket = t.connect({}, 'data', '-finish');
    socket.end(t.fill(500_000));
  },
};

exports.pipeEchoOfMuch = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => t.watch(socket, 'peer').pipe(socket));
  },
  client(t) {
    const socket = t.connect({}, 'data', '-finish');
    socket.end(t.fill(16 << 20));
  },
};

exports.pipeWithoutEnd = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer');
      socket.pipe(socket, { end: false });
      socket.on('end', () => {
        t.state('ended', socket, 'writableEnded');
        socket.end(' and more');
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.end('piped');
  },
};

exports.pipeAndUnpipe = {
  server(t) {
    t.serve({ allowHalfOpen: true }, (socket) => {
      t.watch(socket, 'peer', 'pipe', 'unpipe', 'pause', 'resume');
      socket.pipe(socket);
      socket.once('data', () => {
        t.log('same', socket.unpipe(socket) === socket);
        socket.write(' unpiped');
        socket.resume();
        socket.on('end', () => socket.end());
      });
    });
  },
  client(t) {
    const socket = t.connect({}, 'data', '-finish');
    socket.write('x');
    socket.once('data', () => t.turns(1, () => socket.end()));
  },
};

exports.echoOfManyWrites = {
  server: echoServer,
  client(t) {
    const socket = t.connect({}, 'data');
    let seen = 0;
    for (let index = 0; index < 200; index += 1) socket.write(t.fill(index));
    socket.on('data', (chunk) => {
      seen += chunk.length;
      if (seen === (199 * 200) / 2) socket.end();
    });
  },
};

exports.setNoDelayAndKeepAliveReturnTheSocket = {
  server: sink,
  client(t) {
    const socket = t.connect({ noDelay: true, keepAlive: true }, 'data');
    t.log('same', socket.setNoDelay() === socket);
    t.log('same', socket.setKeepAlive(true, 1000) === socket);
    t.log('same', socket.ref() === socket);
    t.log('same', socket.unref() === socket);
    t.log('same', socket.ref() === socket);
    socket.on('ready', () => {
      t.log('same', socket.setNoDelay(false) === socket);
      socket.end();
    });
    socket.on('close', () => {
      t.log('same', socket.setNoDelay() === socket);
      t.log('same', socket.setKeepAlive(true) === socket);
    });
  },
};

exports.finalChunkOfMany = {
  server: sink,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.on('ready', () => {
      for (let index = 0; index < 5; index += 1) socket.write(String(index));
      t.state('written', socket, 'bytesWritten', 'writableEnded');
      socket.end('end', 'latin1', t.callback('ended'));
      t.state('ended', socket, 'bytesWritten', 'writableEnded', 'writable');
    });
  },
};
