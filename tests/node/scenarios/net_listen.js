'use strict';
// `server.listen` in every form, and what it refuses: at once, or on the next tick.

const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const LOCAL = '127.0.0.1';

// Shows where a server listens without what is another each time.
function shown(address) {
  return typeof address === 'object' && address ? [address.address, address.family, address.port > 0] : address;
}

// Makes a server that logs what becomes of it under a name.
function named(t, name, next) {
  const server = net.createServer();
  server.on('listening', () => t.log(name, 'listening', shown(server.address())));
  server.on('error', (error) => {
    t.log(name, 'error', error);
    t.state(name, error, 'syscall', 'address', 'port');
    if (next) next();
  });
  server.on('close', () => t.log(name, 'close'));
  return server;
}

// Listens in one form after another: [name, ...arguments].
function inTurn(t, forms) {
  const release = t.hold();
  const next = () => {
    if (forms.length === 0) {
      release();
      return;
    }
    const [name, ...values] = forms.shift();
    const server = named(t, name, () => setImmediate(next));
    server.on('listening', () => server.close(() => setImmediate(next)));
    try {
      t.log(name, server.listen(...values) === server, server.listening);
      process.nextTick(() => t.log(name, 'tick'));
    } catch (error) {
      t.log(name, 'throws', error, server.listening);
      setImmediate(next);
    }
  };
  next();
}

// -- forms --

exports.formsOfAPort = (t) => inTurn(t, [
  ['nothing'],
  ['none', null],
  ['number', 0],
  ['text', '0'],
  ['none as option', { port: null }],
  ['number as option', { port: 0 }],
  ['text as option', { port: '0' }],
  ['exclusive', { port: 0, exclusive: true }],
]);

exports.formsOfAHost = (t) => inTurn(t, [
  ['empty', 0, ''],
  ['none', 0, null],
  ['IPv4', 0, LOCAL],
  ['IPv6', 0, '::1'],
  ['all of IPv4', 0, '0.0.0.0'],
  ['all', 0, '::'],
  ['mapped', 0, '::ffff:127.0.0.1'],
  ['name', 0, 'localhost'],
  ['short', 0, '127.1'],
  ['text port', '0', LOCAL],
  ['option', { port: 0, host: LOCAL }],
  ['name as option', { port: 0, host: 'localhost' }],
  ['empty as option', { port: 0, host: '' }],
]);

exports.formsOfABacklog = (t) => inTurn(t, [
  ['without host', 0, 5],
  ['host none', 0, null, 5],
  ['with host', 0, LOCAL, 5],
  ['zero', 0, 0],
  ['negative', 0, -1],
  ['huge', 0, 1e9],
  ['larger than an int', 0, 2 ** 31],
  ['option', { port: 0, backlog: 5 }],
  ['option zero', { port: 0, backlog: 0 }],
  ['option negative', { port: 0, backlog: -5 }],
  ['path', path.join(t.dir, 'a'), 5],
  ['path as option', { path: path.join(t.dir, 'a'), backlog: 5 }],
]);

exports.formsOfAPath = (t) => inTurn(t, [
  ['text', path.join(t.dir, 'a')],
  ['again', path.join(t.dir, 'a')],
  ['option', { path: path.join(t.dir, 'b') }],
  ['exclusive', { path: path.join(t.dir, 'b'), exclusive: true }],
]);

exports.aRelativePath = (t) => {
  const before = process.cwd();
  process.chdir(t.dir);
  const server = t.watch(net.createServer(), 'server').listen('relative', () => {
    t.log('address', server.address(), fs.existsSync(path.join(t.dir, 'relative')));
    server.close();
    t.log('there', fs.existsSync(path.join(t.dir, 'relative')));
    process.chdir(before);
  });
};

exports.callbacks = (t) => {
  const form = (name, ...values) => {
    const release = t.hold();
    const server = net.createServer();
    server.on('listening', () => t.log(name, 'listener'));
    server.listen(...values, () => {
      t.log(name, 'callback', server.listening);
      server.close(release);
    });
  };
  form('alone');
  form('port', 0);
  form('path', path.join(t.dir, 'a'));
  form('path and backlog', path.join(t.dir, 'b'), 5);
  form('options', { port: 0 });
  form('port and host', 0, LOCAL);
  form('port, host and backlog', 0, LOCAL, 5);
  form('port and backlog', 0, 5);
};

exports.aCallbackIsAOnceListener = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(0, t.callback('first'));
  t.log('listeners', server.listenerCount('listening'));
  server.once('listening', () => {
    t.log('listeners', server.listenerCount('listening'));
    server.close();
  });
  server.once('close', () => server.listen(0, LOCAL, () => server.close()));
};

// Of several places the first counts: a handle, a descriptor, a port, a path.
exports.severalPlaces = (t) => {
  const unused = path.join(t.dir, 'unused');
  inTurn(t, [
    ['port and path', { port: 0, path: unused }],
    ['descriptor and port', { fd: 999, port: 0 }],
    ['descriptor and path', { fd: 999, path: unused }],
    ['handle and port', { handle: { fd: 999 }, port: 0 }],
    ['path and host', { path: path.join(t.dir, 'used'), host: 'nohost.invalid' }],
  ]);
  t.log('there', fs.existsSync(unused));
};

exports.ipv6Only = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen({ port: 0, host: '::', ipv6Only: true }, () => {
    const { port } = server.address();
    const four = t.watch(net.connect(port, LOCAL), 'four');
    four.on('close', () => {
      const six = t.watch(net.connect(port, '::1'), 'six').resume();
      six.on('connect', () => server.close());
    });
  });
  server.on('connection', (socket) => socket.end());
};

exports.ipv6OnlyLeavesThePortOfIpv4 = (t) => {
  const four = t.watch(net.createServer(), 'four').listen(0, '0.0.0.0', () => {
    const six = t.watch(net.createServer(), 'six');
    six.listen({ port: four.address().port, host: '::', ipv6Only: true }, () => {
      t.log('same port', six.address().port === four.address().port);
      six.close();
      four.close();
    });
  });
};

exports.ipv6OnlyOfAnIpv4Address = (t) => inTurn(t, [
  ['IPv4', { port: 0, host: LOCAL, ipv6Only: true }],
  ['mapped', { port: 0, host: '::ffff:127.0.0.1', ipv6Only: true }],
]);

exports.zones = (t) => inTurn(t, [
  ['its own', 0, '::1%lo'],
  ['no zone', 0, '::1%nope'],
  ['link-local elsewhere', 0, 'fe80::1%lo'],
  ['link-local nowhere', 0, 'fe80::1%nope'],
]);

exports.modesOfAPath = (t) => {
  const where = path.join(t.dir, 'a');
  const mode = (name, options) => {
    const before = process.umask(0o077);
    const server = net.createServer().listen({ path: where, ...options });
    process.umask(before);
    t.log(name, (fs.statSync(where).mode & 0o777).toString(8));
    server.close();
  };
  mode('neither', {});
  mode('readable', { readableAll: true });
  mode('writable', { writableAll: true });
  mode('both', { readableAll: true, writableAll: true });
};

// -- refused at once --

exports.portsThatAreNone = (t) => inTurn(t, [
  ['negative', -1],
  ['too large', 65536],
  ['too large as text', '65536'],
  ['fraction', 1.5],
  ['not a number', NaN],
  ['empty', ''],
  ['true', true],
  ['false', false],
  ['negative as option', { port: -1 }],
  ['too large as option', { port: 65536 }],
  ['fraction as option', { port: 1.5 }],
  ['empty as option', { port: '' }],
  ['blank as option', { port: ' ' }],
  ['word as option', { port: 'x' }],
  ['true as option', { port: true }],
  ['list as option', { port: [] }],
]);

exports.placesThatAreNone = (t) => inTurn(t, [
  ['list', []],
  ['path number', { path: 5 }],
  ['path empty', { path: '' }],
  ['path true', { path: true }],
  ['descriptor negative', { fd: -1 }],
  ['descriptor text', { fd: 'x' }],
  ['descriptor of a handle negative', { handle: { fd: -1 } }],
  ['host number', { port: 0, host: 5 }],
  ['host true', { port: 0, host: true }],
  ['host list', { port: 0, host: [] }],
  ['signal number', { port: 0, signal: 5 }],
  ['signal text', { port: 0, signal: 'x' }],
  ['abstract and readable', { path: '\0sockstream-never', readableAll: true }],
  ['abstract and writable', { path: '\0sockstream-never', writableAll: true }],
]);

exports.handlesThatHaveNothing = (t) => {
  const closed = net.createServer().listen(0);
  closed.close();
  const socket = new net.Socket();
  const server = net.createServer();
  t.attempt('server that does not listen', () => net.createServer().listen(net.createServer()));
  t.attempt('server that is closed', () => net.createServer().listen(closed));
  t.attempt('itself', () => server.listen(server));
  t.attempt('socket without connection', () => net.createServer().listen(socket));
};

exports.whatRaisesLeavesTheServerAsItWas = (t) => {
  const server = t.watch(net.createServer(), 'server');
  t.attempt('port', () => server.listen(-1));
  t.attempt('signal', () => server.listen({ port: 0, signal: 5 }));
  t.attempt('path', () => server.listen({ path: 5 }));
  t.state('server', server, 'listening');
  t.log('address', server.address());
  server.listen(0, LOCAL, () => server.close());
};

exports.aSecondListenIsRefusedBeforeItsArgumentsAre = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, () => {
    t.attempt('port', () => server.listen(-1));
    t.attempt('descriptor', () => server.listen({ fd: 999 }));
    t.attempt('aborted', () => server.listen({ port: 0, signal: AbortSignal.abort() }));
    t.attempt('path', () => server.listen(path.join(t.dir, 'a'), t.callback('never')));
    t.log('there', fs.existsSync(path.join(t.dir, 'a')), server.listenerCount('listening'));
    server.close();
  });
  t.attempt('at once', () => server.listen(-1));
};

// -- refused by the system --

exports.descriptorsThatCannotListen = (t) => {
  const file = fs.openSync(__filename, 'r');
  const nothing = fs.openSync('/dev/null', 'r');
  const datagrams = dgram.createSocket('udp4');
  datagrams.bind(0, LOCAL, () => {
    const release = t.hold();
    datagrams.on('close', release);
    const fd = datagrams._handle.fd;
    inTurn(t, [
      ['closed', { fd: 999 }],
      ['file', { fd: file }],
      ['device', { fd: nothing }],
      ['datagrams', { fd }],
      ['handle', { handle: { fd: file } }],
      ['object', { fd: file }, 5],
    ]);
    t.turns(40, () => {
      t.log('still open', fs.fstatSync(file).isFile());
      fs.closeSync(file);
      fs.closeSync(nothing);
      datagrams.close();
    });
  });
};

exports.aConnectedSocketsHandle = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, LOCAL, () => {
    const socket = net.connect(server.address().port, LOCAL, () => {
      const other = t.watch(net.createServer(), 'other');
      socket.on('error', () => {});
      other.on('error', () => {
        t.state('other', other, 'listening');
        socket.destroy();
        other.close();
        server.close();
      });
      other.listen(socket);
      t.state('other', other, 'listening');
    });
  });
  server.on('connection', (socket) => socket.on('error', () => {}).destroy());
};

exports.aDescriptorThatAnotherServerHas = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, LOCAL, () => {
    const other = t.watch(net.createServer(), 'other');
    other.on('error', () => {
      t.state('listening', server, 'listening');
      other.close();
      server.close();
    });
    other.listen({ fd: server._handle.fd });
    t.state('other', other, 'listening');
  });
};

exports.anotherServersHandle = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(0, LOCAL, () => {
    const other = t.watch(net.createServer(), 'other').listen(server, 5, () => {
      t.log('same', other.address().port === server.address().port);
      net.connect(server.address().port, LOCAL).resume();
    });
    t.state('other', other, 'listening');
    other.on('connection', (socket) => {
      socket.end();
      socket.on('close', () => {
        other.close();
        server.close();
      });
    });
  });
};

exports.addressesOfAnother = (t) => inTurn(t, [
  ['any port', 0, '192.0.2.77'],
  ['a port', 8431, '192.0.2.77'],
  ['IPv6', 0, '2001:db8::77'],
  ['option', { port: 8431, host: '192.0.2.77' }],
]);

exports.namesThatAreNone = (t) => {
  const release = t.hold();
  const server = named(t, 'server', () => {
    t.state('in error', server, 'listening');
    t.log('address', server.address());
    server.removeAllListeners('error');
    server.listen(0, LOCAL, () => server.close(release));
  });
  server.listen(0, 'nohost.invalid', t.callback('callback'));
  t.state('called', server, 'listening');
  process.nextTick(() => t.log('tick'));
};

exports.portsInUse = (t) => {
  const release = t.hold();
  const taken = net.createServer().listen(0, '::', () => {
    const { port } = taken.address();
    const hosts = [undefined, '::', '0.0.0.0', LOCAL, '::1', 'localhost'];
    const next = () => {
      if (hosts.length === 0) {
        taken.close(release);
        return;
      }
      const host = hosts.shift();
      const server = net.createServer();
      server.on('error', (error) => {
        t.log(`${host}`, error, error.message.replace(port, '<port>'), error.port === port);
        t.state(`${host}`, error, 'errno', 'syscall', 'address', 'port');
        next();
      });
      server.listen(port, host);
      t.state('called', server, 'listening');
    };
    next();
  });
};

exports.twoAtOnce = (t) => {
  const first = t.watch(net.createServer(), 'first').listen(0);
  const second = t.watch(net.createServer(), 'second').listen(first.address().port);
  t.log('listening', first.listening, second.listening);
  second.on('error', () => {
    second.close();
    first.close();
  });
};

exports.abstractNameInUse = (t) => {
  const name = `\0sockstream-twice-${process.pid}`;
  const first = t.watch(net.createServer(), 'first').listen(name);
  const second = t.watch(net.createServer(), 'second').listen(name);
  second.on('error', (error) => {
    t.log('address', error.address === name, error.port);
    second.close();
    first.close();
  });
};

exports.pathsThatCannotBe = (t) => {
  fs.mkdirSync(path.join(t.dir, 'directory'));
  fs.writeFileSync(path.join(t.dir, 'file'), '');
  inTurn(t, [
    ['no directory', path.join(t.dir, 'no', 'a')],
    ['a directory', path.join(t.dir, 'directory')],
    ['a file', path.join(t.dir, 'file')],
    ['below a file', path.join(t.dir, 'file', 'a')],
    ['where nobody may', '/proc/sockstream'],
    ['option', { path: path.join(t.dir, 'no', 'a') }],
  ]);
};

// -- paths come and go --

exports.stalePath = (t) => {
  const where = path.join(t.dir, 'a');
  const dead = path.join(t.dir, 'b');
  const release = t.hold();
  const server = t.watch(net.createServer(), 'server').listen(where, () => {
    // A second name of its file outlives the server.
    fs.linkSync(where, dead);
    server.close();
  });
  server.once('close', () => {
    t.log('there', fs.existsSync(where), fs.existsSync(dead));
    const socket = net.connect(dead);
    socket.on('error', (error) => {
      t.log('connect', error);
      const other = t.watch(net.createServer(), 'other').listen(dead);
      other.once('error', () => {
        t.log('still there', fs.existsSync(dead));
        fs.unlinkSync(dead);
        other.listen(dead, () => other.close(release));
      });
    });
  });
};

exports.pathRemovedMeanwhile = (t) => {
  const where = path.join(t.dir, 'a');
  const server = t.watch(net.createServer(), 'server').listen(where, () => {
    fs.unlinkSync(where);
    t.state('server', server, 'listening');
    t.log('address', server.address());
    const socket = net.connect(where);
    socket.on('error', (error) => {
      t.log('connect', error);
      server.close(t.callback('closed'));
    });
  });
};

exports.pathTakenAgainInClose = (t) => {
  const where = path.join(t.dir, 'a');
  const server = t.watch(net.createServer(), 'server').listen(where, () => {
    server.close();
    const other = t.watch(net.createServer(), 'other').listen(where, () => {
      t.log('there', fs.existsSync(where));
      other.close();
      t.log('there', fs.existsSync(where));
    });
  });
};

// -- moments --

exports.addressAtEachMoment = (t) => {
  const server = t.watch(net.createServer(), 'server');
  const look = (name) => t.log(name, server.listening, shown(server.address()));
  look('new');
  server.listen(0, LOCAL);
  look('called');
  process.nextTick(look, 'tick');
  server.on('listening', () => {
    look('in listening');
    server.close();
    look('closing');
  });
  server.on('close', () => look('in close'));
};

exports.pathAtEachMoment = (t) => {
  const server = t.watch(net.createServer(), 'server');
  const look = (name) => t.log(name, server.listening, server.address());
  look('new');
  server.listen(path.join(t.dir, 'a'));
  look('called');
  server.on('listening', () => {
    look('in listening');
    server.close();
    t.state('closing', server, 'listening');
  });
};

exports.addressInError = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(8431, '192.0.2.77');
  server.on('error', () => {
    t.log('in error', server.listening, server.address());
    server.close(t.callback('closed'));
  });
};

exports.anErrorListenerMayComeLate = (t) => {
  const release = t.hold();
  const server = net.createServer().listen(path.join(t.dir, 'no', 'a'));
  server.on('error', (error) => {
    t.log('error', error);
    release();
  });
  t.log('called');
};

exports.listenAgainInError = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(path.join(t.dir, 'no', 'a'), t.callback('first'));
  server.on('error', () => server.listen(0, LOCAL, t.callback('second')));
  server.on('listening', () => server.close());
};

exports.listenAgainBeforeTheErrorIsTold = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(path.join(t.dir, 'no', 'a'), t.callback('first'));
  t.state('failed', server, 'listening');
  server.listen(0, t.callback('second'));
  t.state('called', server, 'listening');
  server.on('listening', () => server.close());
};

exports.listenAgainInClose = (t) => {
  const server = t.watch(net.createServer(), 'server');
  let again = true;
  server.listen(0, LOCAL);
  server.on('listening', () => server.close(t.callback('closed')));
  server.on('close', () => {
    if (again) server.listen(path.join(t.dir, 'a'), t.callback('again'));
    again = false;
  });
};

exports.listenAgainWhileClosing = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(0, () => {
    server.close(t.callback('closed'));
    server.listen(0, () => {
      t.log('again', server.listening);
      server.close();
    });
  });
};

exports.listenCloseListenAtOnce = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(0, t.callback('first'));
  server.close(t.callback('closed'));
  server.listen(0, t.callback('second'));
  t.state('called', server, 'listening');
  t.turns(4, () => server.close());
};

exports.closeAndListenInTheCallback = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen(0, () => {
    server.close(() => server.listen(0, () => server.close(t.callback('closed again'))));
  });
};

exports.closeInConnectionDropsTheRest = (t) => {
  const server = t.watch(net.createServer(), 'server', '-connection');
  let count = 0;
  server.on('connection', (socket) => {
    count += 1;
    t.log('connection', count);
    socket.end();
    server.close(t.callback('closed'));
    t.log('address', server.address());
  });
  server.listen(0, LOCAL, () => {
    const socket = t.watch(net.connect(server.address().port, LOCAL), 'client', '-finish').resume();
    socket.on('close', () => t.log('count', count));
  });
};

exports.closeOfAFailedServer = (t) => {
  const server = t.watch(net.createServer(), 'server').listen(path.join(t.dir, 'no', 'a'));
  server.close(t.callback('closed'));
  process.nextTick(() => t.log('tick'));
};

// -- signals --

function signalled(t, where, act) {
  const controller = new AbortController();
  const server = t.watch(net.createServer(), 'server');
  server.listen({ ...where, signal: controller.signal }, t.callback('callback'));
  act(server, controller);
  process.nextTick(() => t.log('tick', server.listening));
  return server;
}

exports.aSignalThatHasAborted = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen({ port: 0, signal: AbortSignal.abort() }, t.callback('callback'));
  t.state('called', server, 'listening');
  process.nextTick(() => t.log('tick', server.listening));
};

exports.aSignalThatHasAbortedAndAHost = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen({ port: 0, host: LOCAL, signal: AbortSignal.abort() }, t.callback('callback'));
  t.state('called', server, 'listening');
  server.on('close', () => t.turns(6, () => t.state('later', server, 'listening')));
};

exports.aSignalThatHasAbortedAndAPath = (t) => {
  const where = path.join(t.dir, 'a');
  const server = t.watch(net.createServer(), 'server');
  server.listen({ path: where, signal: AbortSignal.abort() }, t.callback('callback'));
  t.log('there', fs.existsSync(where));
  server.on('close', () => t.log('there', fs.existsSync(where)));
};

exports.aSignalThatHasAbortedAndABadDescriptor = (t) => {
  const server = t.watch(net.createServer(), 'server');
  server.listen({ fd: 999, signal: AbortSignal.abort() }, t.callback('callback'));
};

exports.aSignalAbortsAtOnce = (t) => signalled(t, { port: 0 }, (server, controller) => {
  controller.abort();
  t.state('aborted', server, 'listening');
});

exports.aSignalAbortsBeforeTheHostIsKnown = (t) => signalled(t, { port: 0, host: 'localhost' }, (server, controller) => {
  controller.abort();
  t.state('aborted', server, 'listening');
  t.turns(6, () => t.state('later', server, 'listening'));
});

exports.aSignalAbortsInListening = (t) => signalled(t, { port: 0, host: LOCAL }, (server, controller) => {
  server.on('listening', () => {
    controller.abort();
    t.state('aborted', server, 'listening');
  });
});

exports.aSignalAbortsAfterClose = (t) => signalled(t, { port: 0 }, (server, controller) => {
  server.once('listening', () => server.close());
  server.once('close', () => {
    server.listen(0, LOCAL, () => {
      controller.abort();
      t.state('aborted', server, 'listening');
      server.close();
    });
  });
});

exports.aSignalOutlivesAFailedListen = (t) => signalled(t, { path: path.join(t.dir, 'no', 'a') }, (server, controller) => {
  server.on('error', () => {
    server.listen(0, () => {
      controller.abort();
      t.state('aborted', server, 'listening');
    });
  });
});

exports.aSignalClosesTwoServers = (t) => {
  const controller = new AbortController();
  const first = t.watch(net.createServer(), 'first').listen({ port: 0, signal: controller.signal });
  t.watch(net.createServer(), 'second').listen({ port: 0, signal: controller.signal }, () => {
    controller.abort();
    t.state('first', first, 'listening');
  });
};

exports.aSignalLeavesTheConnections = (t) => {
  const controller = new AbortController();
  const server = t.watch(net.createServer(), 'server', '-connection');
  server.on('connection', (socket) => {
    controller.abort();
    t.state('aborted', server, 'listening');
    socket.on('data', (chunk) => socket.end(chunk));
  });
  server.listen({ port: 0, host: LOCAL, signal: controller.signal }, () => {
    t.watch(net.connect(server.address().port, LOCAL), 'client', 'data').write('still served');
  });
};

// -- the limit --

function dropped(t, value) {
  const server = t.watch(net.createServer(), 'server', '-connection');
  server.maxConnections = 1;
  if (value !== undefined) server.dropMaxConnection = value;
  server.on('connection', (socket) => {
    t.log('connection');
    socket.resume();
  });
  server.on('drop', () => t.log('drop'));
  server.listen(0, LOCAL, () => {
    const { port } = server.address();
    const first = net.connect(port, LOCAL, () => {
      const second = net.connect(port, LOCAL).on('error', () => {}).resume();
      second.on('close', () => {
        t.log('closed');
        first.end();
        server.close();
      });
    });
    first.resume();
  });
}

exports.overTheLimit = (t) => dropped(t);
exports.overTheLimitWithDropMaxConnection = (t) => dropped(t, true);
exports.overTheLimitWithoutDropMaxConnection = (t) => dropped(t, false);
