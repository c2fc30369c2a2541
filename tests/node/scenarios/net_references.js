'use strict';
// Programs of their own: what keeps one running, and what does not any more.  An unref'ed timer that has its say shows
// that something else kept the program; `t.mute` is a server that never accepts, so nothing ever comes from there.

const fs = require('node:fs');
const net = require('node:net');

const LOCAL = { port: 0, host: '127.0.0.1' };

// Logs and calls back after a moment, if the program is still there.
function later(t, name, callback = () => {}, delay = 20) {
  setTimeout(() => {
    t.log(name);
    callback();
  }, delay).unref();
}

// Logs what should not be, long after the program should have exited.
function never(t) {
  later(t, 'never', () => process.exit(99), 5000);
}

// -- servers --

exports.serverUnrefBetweenListenAndListening = (t) => {
  const server = net.createServer();
  server.listen(LOCAL, () => t.log('listening'));
  server.unref();
  never(t);
};

exports.serverRefedAgain = (t) => {
  const server = net.createServer().unref();
  server.listen(LOCAL, () => {
    server.ref();
    later(t, 'kept', () => server.close(() => t.log('closed')));
  });
};

exports.serverUnrefTwiceRefOnce = (t) => {
  const server = net.createServer();
  server.listen(LOCAL, () => {
    server.unref();
    server.unref();
    server.ref();
    later(t, 'kept', () => server.unref());
  });
};

exports.serverListensAgainAfterUnref = (t) => {
  const server = net.createServer().unref();
  server.listen(LOCAL, () => server.close());
  server.once('close', () => {
    server.listen(LOCAL, () => t.log('listening again'));
    never(t);
  });
};

exports.serverClosedWithAConnectionOpen = (t) => {
  const server = net.createServer((peer) => {
    server.close(() => t.log('server closed'));
    later(t, 'kept', () => peer.destroy());
  });
  server.listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').resume().unref();
  });
};

exports.serverClosedWithAnUnrefConnectionOpen = (t) => {
  const server = net.createServer((peer) => {
    peer.unref();
    server.close(() => t.log('never'));
    never(t);
  });
  server.listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').resume().unref();
  });
};

exports.serverAtAPath = (t) => {
  const server = net.createServer((peer) => {
    peer.end('hello');
    server.unref();
  });
  server.listen(`${t.dir}/s`, () => {
    net.connect(`${t.dir}/s`).on('data', (chunk) => t.log('data', chunk)).on('close', () => t.log('close'));
  });
};

exports.acceptedPausedConnectionsKeepNothing = (t) => {
  const server = net.createServer({ pauseOnConnect: true }, () => {
    t.log('accepted');
    server.close();
    never(t);
  });
  server.listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').unref().end('waits');
  });
};

// -- connecting --

exports.pendingConnectKeeps = (t) => {
  const socket = net.connect(t.silent);
  socket.on('close', () => t.log('close'));
  later(t, 'kept', () => socket.destroy());
};

exports.pendingConnectKeepsThoughUnref = (t) => {
  // What keeps the program is the request that is under way.
  const socket = net.connect(t.silent);
  socket.unref();
  socket.on('close', () => t.log('close'));
  later(t, 'kept', () => socket.destroy());
};

exports.destroyedPendingConnect = (t) => {
  const socket = net.connect(t.silent);
  socket.on('connect', () => t.log('never'));
  socket.on('close', () => t.log('close'));
  setImmediate(() => socket.destroy());
};

exports.destroyedUnrefPendingConnect = (t) => {
  const socket = net.connect(t.silent).unref();
  socket.on('close', () => t.log('close'));
  setImmediate(() => socket.destroy());
};

exports.timeoutOfAPendingConnect = (t) => {
  const socket = net.connect({ ...t.silent, timeout: 20 });
  socket.on('timeout', () => {
    t.log('timeout');
    socket.destroy();
  });
  socket.on('close', () => t.log('close'));
};

exports.lookupThatNeverAnswersKeepsNothing = (t) => {
  const lookup = () => t.log('asked');
  const socket = net.connect({ host: 'somewhere.test', port: 1, lookup });
  socket.on('close', () => t.log('never'));
  socket.write('x', t.callback('written'));
  never(t);
};

// -- sockets --

exports.socketKeepsWhileItReads = (t) => {
  const socket = net.connect(t.mute, () => {
    t.log('connected');
    later(t, 'kept', () => socket.destroy());
  });
};

exports.socketUnrefInConnect = (t) => {
  const socket = net.connect(t.mute, () => {
    t.log('connected');
    socket.unref();
  });
  never(t);
};

exports.socketUnrefBeforeConnect = (t) => {
  const socket = new net.Socket().unref();
  socket.connect(t.mute, () => t.log('connected'));
  never(t);
};

exports.socketUnrefWhileConnecting = (t) => {
  const socket = net.connect(t.mute, () => t.log('connected'));
  socket.unref();
  never(t);
};

exports.socketRefedAgain = (t) => {
  const socket = net.connect(t.mute, () => {
    socket.unref();
    socket.unref();
    socket.ref();
    later(t, 'kept', () => socket.unref());
  });
};

exports.socketUnrefIsForOneConnection = (t) => {
  const socket = net.connect(t.mute, () => {
    socket.unref();
    socket.destroy();
  });
  socket.once('close', () => {
    t.log('close');
    socket.connect(t.mute, () => {
      t.log('connected again');
      later(t, 'kept', () => socket.destroy());
    });
  });
};

exports.stalledWriteKeepsThoughUnref = (t) => {
  const socket = net.connect(t.mute, () => {
    socket.unref();
    t.log('write', socket.write(t.fill(32 << 20), t.callback('written')));
    later(t, 'kept', () => socket.destroy());
  });
  socket.on('close', () => t.log('close'));
};

exports.stalledEndKeepsThoughUnref = (t) => {
  const socket = net.connect({ ...t.mute, allowHalfOpen: true }, () => {
    socket.unref();
    socket.end('fits', () => t.log('ended'));
    never(t);
  });
};

exports.destroyedUnrefSocketStillCloses = (t) => {
  const socket = net.connect(t.mute, () => {
    socket.unref();
    socket.destroy();
  });
  socket.on('close', () => t.log('close'));
};

exports.endedSocketKeepsWhileThePeerIsOpen = (t) => {
  const socket = net.connect(t.mute);
  socket.end('x');
  socket.on('finish', () => later(t, 'kept', () => socket.destroy()));
  socket.on('close', () => t.log('close'));
};

exports.halfOpenSocketThatNobodyEnds = (t) => {
  // Read to its end, with nothing to write: the loop waits for nothing.
  const server = net.createServer({ allowHalfOpen: true }, (peer) => {
    server.close();
    peer.resume();
    peer.on('end', () => {
      t.log('end');
      never(t);
    });
  });
  server.listen(LOCAL, () => {
    net.connect(server.address().port, '127.0.0.1').unref().end();
  });
};

exports.idleTimeoutOfAConnectedSocket = (t) => {
  const socket = net.connect({ ...t.mute, timeout: 20 });
  socket.on('timeout', () => {
    t.log('timeout');
    socket.end();
    socket.destroy();
  });
  socket.on('close', () => t.log('close'));
};

exports.idleTimeoutOfAnUnrefSocket = (t) => {
  const socket = net.connect({ ...t.mute, timeout: 5000 }, () => socket.unref());
  socket.on('timeout', () => t.log('never'));
};

exports.pausedSocketThatIsDestroyed = (t) => {
  const socket = net.connect(t.mute, () => {
    socket.pause();
    setImmediate(() => socket.destroy());
  });
  socket.on('close', () => t.log('close'));
};

// -- files --

exports.fileToASocket = (t) => {
  fs.writeFileSync(`${t.dir}/file`, t.fill(300_000));
  // Which of the three is first is a matter of luck.
  const names = [];
  const closed = (name) => {
    if (names.push(name) === 3) t.log('closed', names.sort());
  };
  const server = net.createServer((peer) => {
    server.close();
    peer.resume();
    peer.on('close', () => closed('peer'));
  });
  server.listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    socket.on('close', () => closed('socket'));
    fs.createReadStream(`${t.dir}/file`).on('close', () => closed('file')).pipe(socket);
  });
};

exports.fileToAStalledSocket = (t) => {
  fs.writeFileSync(`${t.dir}/file`, t.fill(16 << 20));
  const socket = net.connect(t.mute, () => later(t, 'kept', () => socket.destroy()));
  const file = fs.createReadStream(`${t.dir}/file`);
  file.on('close', () => t.log('never')).pipe(socket);
  socket.on('close', () => t.log('close', file.destroyed));
};

exports.socketToAFile = (t) => {
  const server = net.createServer((peer) => {
    server.close();
    peer.end(t.fill(300_000));
    peer.resume();
  });
  server.listen(LOCAL, () => {
    const socket = net.connect(server.address().port, '127.0.0.1');
    const file = fs.createWriteStream(`${t.dir}/file`);
    socket.pipe(file);
    file.on('close', () => t.log('file close', file.bytesWritten));
  });
};

exports.openFilesKeepNothing = (t) => {
  fs.writeFileSync(`${t.dir}/file`, 'x');
  fs.createReadStream(`${t.dir}/file`).on('ready', () => {
    t.log('reader ready');
    fs.createWriteStream(`${t.dir}/other`).on('ready', () => {
      t.log('writer ready');
      never(t);
    });
  });
};
