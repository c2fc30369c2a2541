'use strict';
// Pausing, decoding and timing out.

const net = require('node:net');

function talker(t) {
  t.serve({}, (socket) => {
    t.watch(socket, 'peer');
    socket.resume();
    socket.end('hello');
  });
}

exports.pauseInData = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.write('first');
      t.when('paused', () => socket.end('second', () => t.tell('sent')));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.once('data', () => {
      t.log('same', socket.pause() === socket);
      t.log('paused', socket.isPaused());
      t.state('paused', socket, 'readableFlowing');
      t.tell('paused');
    });
    t.when('sent', () => {
      t.log('same', socket.resume() === socket);
      t.log('paused', socket.isPaused());
      t.state('resumed', socket, 'readableFlowing');
    });
  },
};

exports.pauseBeforeConnect = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end('hello', () => t.tell('sent'));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.pause();
    t.whenReady(socket, 'sent', () => socket.resume());
  },
};

exports.resumeWithoutListeners = {
  server: talker,
  client(t) {
    const socket = t.connect({}, 'resume');
    socket.resume();
    t.state('resumed', socket, 'readableFlowing');
    socket.on('close', () => t.state('closed', socket, 'bytesRead', 'readableFlowing'));
  },
};

exports.pauseTwiceResumeTwice = {
  server: talker,
  client(t) {
    const socket = t.connect({}, 'data', 'pause', 'resume');
    socket.pause();
    socket.pause();
    socket.on('ready', () => {
      socket.resume();
      socket.resume();
    });
  },
};

exports.dataListenerRemovedAndAdded = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.write('first');
      t.when('next', () => socket.end('second', () => t.tell('sent')));
    });
  },
  client(t) {
    const socket = t.connect({}, 'pause', 'resume');
    const listener = (chunk) => {
      t.log('data', chunk);
      socket.off('data', listener);
      t.state('removed', socket, 'readableFlowing');
      socket.pause();
      t.tell('next');
    };
    socket.on('data', listener);
    t.when('sent', () => {
      socket.on('data', (chunk) => t.log('data', chunk));
      t.state('added', socket, 'readableFlowing');
      socket.resume();
    });
  },
};

exports.setEncodingWithSplitCharacters = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      const bytes = Buffer.from('a你好é😀z');
      let index = 0;
      socket.on('data', () => {
        socket.write(bytes.subarray(index, index + 1));
        index += 1;
      });
    });
  },
  client(t) {
    // Byte by byte: each is asked for when the one before has come.
    const socket = t.connect({});
    t.log('same', socket.setEncoding('utf8') === socket);
    t.state('encoding', socket, 'readableEncoding');
    socket.on('data', (text) => t.log('data', text));
    const ask = (count) => {
      socket.write('x');
      const wait = () => {
        if (socket.bytesRead < count) setImmediate(wait);
        else if (count < 14) ask(count + 1);
        else socket.end();
      };
      wait();
    };
    socket.on('ready', () => ask(1));
  },
};

exports.setEncodingCutCharacterAtTheEnd = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end(Buffer.from([0x61, 0xe4, 0xbd]));
    });
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setEncoding('utf8');
  },
};

exports.setEncodingHex = {
  server: talker,
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setEncoding('hex');
  },
};

exports.readInPieces = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end('0123456789abcdef', () => t.tell('sent'));
    });
  },
  client(t) {
    const socket = t.connect();
    t.whenReady(socket, 'sent', () => {
      socket.on('readable', () => {
        for (let chunk = socket.read(5); chunk !== null; chunk = socket.read(5)) t.log('read', chunk);
      });
    });
  },
};

exports.unshiftInData = {
  server: talker,
  client(t) {
    const socket = t.connect({}, 'chunk');
    socket.once('data', () => {
      socket.pause();
      socket.unshift('again ');
      t.state('unshifted', socket, 'readableLength');
      process.nextTick(() => socket.resume());
    });
  },
};

exports.timeoutFires = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    t.log('same', socket.setTimeout(30, t.callback('callback')) === socket);
    t.log('timeout', t.seconds(socket.timeout));
    socket.on('timeout', () => {
      t.state('timeout', socket, 'destroyed', 'readyState');
      socket.setTimeout(0);
      t.log('timeout', t.seconds(socket.timeout));
      socket.end();
    });
  },
};

exports.timeoutFiresAgain = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    let count = 0;
    socket.on('ready', () => socket.setTimeout(20));
    socket.on('timeout', () => {
      count += 1;
      // Once is all an idle socket says, until something happens or it is set again.
      if (count === 1) socket.write('awake');
      else socket.setTimeout(0).end();
    });
  },
};

exports.timeoutIsSwitchedOff = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setTimeout(20, t.callback('callback'));
    socket.setTimeout(0);
    t.log('timeout', t.seconds(socket.timeout));
    setTimeout(() => socket.end(), 60);
  },
};

exports.timeoutCallbackIsRemoved = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    const callback = t.callback('callback');
    socket.setTimeout(20, callback);
    socket.setTimeout(0, callback);
    socket.setTimeout(20);
    socket.once('timeout', () => socket.end());
  },
};

exports.timeoutOption = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({ timeout: 20 }, 'data');
    t.log('timeout', t.seconds(socket.timeout));
    socket.once('timeout', () => socket.end());
  },
};

exports.timeoutOfTheServersSocket = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer', 'data');
      // Once: a slow peer would make it fire again.
      socket.setTimeout(20, () => socket.setTimeout(0).end('too slow'));
    });
  },
  client(t) {
    t.connect({}, 'data');
  },
};

exports.timeoutThenDestroy = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    socket.setTimeout(20, () => socket.destroy(new Error('idle')));
  },
};

exports.noTimeoutAfterDestroy = {
  server(t) {
    t.serve({}, (socket) => t.watch(socket, 'peer', 'data'));
  },
  client(t) {
    const socket = t.connect({}, 'data');
    const release = t.hold();
    socket.setTimeout(20);
    socket.on('ready', () => socket.destroy());
    setTimeout(release, 60);
  },
};

exports.timeoutArguments = (t) => {
  const socket = new net.Socket();
  t.log('timeout', t.seconds(socket.timeout));
  t.attempt('negative', () => socket.setTimeout(-1));
  t.attempt('text', () => socket.setTimeout('1'));
  t.attempt('infinite', () => socket.setTimeout(Infinity));
  t.attempt('not a number', () => socket.setTimeout(NaN));
  t.attempt('callback', () => socket.setTimeout(1000, 'callback'));
  t.log('same', socket.setTimeout(0) === socket);
};

exports.pipeIntoASlowWritable = {
  server(t) {
    t.serve({}, (socket) => {
      t.watch(socket, 'peer');
      socket.resume();
      socket.end(t.fill(400_000));
    });
  },
  client(t) {
    const { Writable } = require('node:stream');
    const slow = new Writable({
      highWaterMark: 1024,
      write(chunk, encoding, callback) {
        t.data('slow', chunk);
        setImmediate(callback);
      },
    });
    slow.on('finish', () => t.log('slow finish'));
    slow.on('close', t.hold());
    const socket = t.connect({}, '-finish');
    socket.on('end', () => t.log('total', socket.bytesRead));
    socket.pipe(slow);
  },
};
