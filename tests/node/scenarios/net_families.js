'use strict';
// Which of a name's addresses are tried, in which order, and what is told of each.

const net = require('node:net');

// At the silent port: nobody answers at HANG and HANG6, nobody listens at the others; `withListener` listens at GOOD.
const HANG = '127.0.0.1';
const HANG6 = '::ffff:127.0.0.1';
const REFUSED = '127.0.0.2';
const GOOD = '127.0.0.3';
const REFUSED_TOO = '127.0.0.4';
const REFUSED6 = '::ffff:127.0.0.5';
const REFUSED6_TOO = '::ffff:127.0.0.6';
// Long enough for a refusal to come first, and no time for silence.
const LONG = 400;
const SHORT = 15;

const entry = (address) => ({ address, family: net.isIP(address) });

// A `lookup` that gives these addresses: texts, or with a family that may be wrong.
function answering(...addresses) {
  const entries = addresses.map((each) => (typeof each === 'string' ? entry(each) : each));
  return (host, options, callback) => {
    if (options.all) callback(null, entries);
    else callback(null, entries[0].address, entries[0].family);
  };
}

const said = (error) => [error, ...(error.errors ?? []).map((each) => [each, each.address])];

// Logs what a socket says on its way to a connection, and destroys it there.
function watch(t, socket, ...also) {
  socket.on('lookup', (error, address, family, host) => t.log('lookup', error, address, family, host));
  socket.on('connectionAttempt', (ip, port, family) => t.log('attempt', ip, family));
  socket.on('connectionAttemptFailed', (ip, port, family, error) => t.log('failed', ip, family, error, error.address));
  socket.on('connectionAttemptTimeout', (ip, port, family) => t.log('given up', ip, family));
  t.watch(socket, 'client', '-error', ...also);
  socket.on('error', (error) => t.log('error', ...said(error)));
  return socket;
}

function logAttempted(t, socket, label = 'attempted') {
  const attempted = socket.autoSelectFamilyAttemptedAddresses;
  t.log(label, attempted && attempted.map((each) => each.replace(/:\d+$/, ':port')));
}

function connect(t, addresses, options = {}, prepare = () => {}) {
  const socket = watch(t, new net.Socket());
  socket.on('connect', () => {
    t.log('connected to', socket.remoteAddress);
    socket.destroy();
  });
  socket.on('close', () => logAttempted(t, socket));
  prepare(socket);
  socket.connect({
    port: t.silent.port, host: 'many.test', lookup: answering(...addresses), autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: LONG, ...options,
  });
  t.state('called', socket, 'connecting', 'destroyed');
  process.nextTick(() => t.log('tick'));
  return socket;
}

// Runs `body` while GOOD accepts at the silent port, until the socket that it returns has closed.
function withListener(t, body, accepted = (peer) => peer.resume()) {
  const release = t.hold();
  const server = net.createServer(accepted).listen(t.silent.port, GOOD, () => {
    body().on('close', () => server.close(release));
  });
}

// -- one after another --

exports.theFirstOfTwoConnects = (t) => withListener(t, () => connect(t, [GOOD, REFUSED]));

exports.theNextAfterARefusal = (t) => withListener(t, () => connect(t, [REFUSED, GOOD]));

exports.theThirdAfterTwoRefusals = (t) => withListener(t, () => connect(t, [REFUSED, REFUSED6, GOOD]));

exports.allRefuse = (t) => void connect(t, [REFUSED, REFUSED_TOO]);

exports.familiesTakeTurns = (t) => {
  connect(t, ['127.0.0.7', REFUSED, REFUSED_TOO, REFUSED6, REFUSED6_TOO, '127.0.0.8']);
};

exports.theFirstFamilyIsTheFirstAddresses = (t) => {
  connect(t, [REFUSED6, REFUSED, REFUSED_TOO, '127.0.0.7', REFUSED6_TOO]);
};

exports.anAddressIsTriedOnce = (t) => void connect(t, [REFUSED, REFUSED_TOO, REFUSED, REFUSED_TOO]);

exports.oneAddressTwice = (t) => void connect(t, [REFUSED, REFUSED]);

exports.aListOfOne = (t) => void connect(t, [REFUSED]);

exports.aListOfOneThatConnects = (t) => withListener(t, () => connect(t, [GOOD]));

// -- given up --

exports.theNextAfterSilence = (t) => {
  withListener(t, () => connect(t, [HANG, GOOD], { autoSelectFamilyAttemptTimeout: SHORT }));
};

exports.refusedAfterSilence = (t) => void connect(t, [HANG, REFUSED], { autoSelectFamilyAttemptTimeout: SHORT });

exports.twoSilencesAndOneThatConnects = (t) => {
  withListener(t, () => connect(t, [HANG, HANG6, GOOD], { autoSelectFamilyAttemptTimeout: SHORT }));
};

exports.twoSilencesAndARefusal = (t) => {
  connect(t, [HANG, HANG6, REFUSED], { autoSelectFamilyAttemptTimeout: SHORT });
};

exports.aTimeoutUnderTheFloor = (t) => void connect(t, [HANG, REFUSED], { autoSelectFamilyAttemptTimeout: 1 });

exports.theDefaultTimeout = (t) => {
  const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
  net.setDefaultAutoSelectFamilyAttemptTimeout(SHORT);
  connect(t, [HANG, REFUSED], { autoSelectFamilyAttemptTimeout: undefined })
    .on('close', () => net.setDefaultAutoSelectFamilyAttemptTimeout(before));
};

exports.theIdleTimeoutComesWhileAttemptsAreUnderWay = (t) => {
  connect(t, [HANG6, HANG], {}, (socket) => socket.setTimeout(SHORT, () => socket.destroy()));
};

// -- refused at once --

// An address of the other family: the system does not even try.
const NONSENSE = { address: REFUSED, family: 6 };
const NONSENSE_TOO = { address: '::1', family: 4 };

exports.refusedAtOnceAlone = (t) => void connect(t, [NONSENSE]);

exports.refusedAtOnceThenConnected = (t) => withListener(t, () => connect(t, [NONSENSE, GOOD]));

exports.refusedAtOnceThenRefused = (t) => void connect(t, [NONSENSE, REFUSED]);

exports.allRefusedAtOnce = (t) => void connect(t, [NONSENSE, NONSENSE_TOO]);

exports.refusedThenRefusedAtOnce = (t) => void connect(t, [REFUSED, NONSENSE]);

exports.refusedAtOnceByAnAddress = (t) => {
  const socket = watch(t, new net.Socket());
  socket.connect(t.silent.port, '255.255.255.255');
  t.state('called', socket, 'connecting', 'destroyed');
  process.nextTick(() => t.state('tick', socket, 'connecting', 'destroyed'));
};

// -- where there is nothing to choose --

exports.withoutSelectionTheFirstIsAll = (t) => void connect(t, [REFUSED, GOOD], { autoSelectFamily: false });

exports.withoutSelectionByDefault = (t) => {
  const before = net.getDefaultAutoSelectFamily();
  net.setDefaultAutoSelectFamily(false);
  connect(t, [REFUSED, GOOD], { autoSelectFamily: undefined }).on('close', () => net.setDefaultAutoSelectFamily(before));
};

exports.withAFamilyTheFirstIsAll = (t) => void connect(t, [REFUSED, GOOD], { family: 4 });

exports.withALocalAddressTheFirstIsAll = (t) => void connect(t, [REFUSED, GOOD], { localAddress: '127.0.0.9' });

// -- local ports --

exports.aLocalPortThatIsTaken = (t) => {
  connect(t, [REFUSED, REFUSED_TOO], { localPort: t.silent.port }, (socket) => {
    socket.on('error', (error) => t.log('port', ...error.errors.map((each) => each.port === t.silent.port)));
  });
};

exports.aLocalPortForEachAttempt = (t) => {
  withListener(t, () => {
    const socket = watch(t, new net.Socket());
    const probe = net.createServer().listen(0, GOOD, () => {
      const { port } = probe.address();
      probe.close(() => socket.connect({
        port: t.silent.port, host: 'many.test', lookup: answering(REFUSED, GOOD), localPort: port, autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: LONG,
      }));
      socket.on('connect', () => {
        t.log('local port', socket.localPort === port);
        socket.destroy();
      });
    });
    return socket;
  });
};

exports.portZero = (t) => void connect(t, [REFUSED, REFUSED_TOO], { port: 0 });

// -- destroyed on the way --

exports.destroyedWhileOneHangs = (t) => void connect(t, [HANG], {}, (socket) => setTimeout(() => socket.destroy(), 5));

exports.destroyedWhileTheFirstHangs = (t) => {
  connect(t, [HANG, GOOD], {}, (socket) => setTimeout(() => socket.destroy(), 5));
};

exports.destroyedWithAnErrorWhileTheSecondHangs = (t) => {
  connect(t, [REFUSED, HANG], {}, (socket) => {
    socket.on('connectionAttemptFailed', () => setImmediate(() => socket.destroy(new Error('enough'))));
  });
};

exports.destroyedInLookup = (t) => {
  connect(t, [REFUSED, GOOD], {}, (socket) => socket.on('lookup', () => socket.destroy()));
};

exports.destroyedWhenOneFailed = (t) => {
  connect(t, [REFUSED, GOOD], {}, (socket) => socket.on('connectionAttemptFailed', () => socket.destroy()));
};

exports.destroyedWhenOneIsGivenUp = (t) => {
  connect(t, [HANG, GOOD], { autoSelectFamilyAttemptTimeout: SHORT }, (socket) => {
    socket.on('connectionAttemptTimeout', () => socket.destroy());
  });
};

exports.destroyedRightAfterTheCall = (t) => void connect(t, [GOOD, REFUSED]).destroy();

exports.abortedWhileTheFirstHangs = (t) => {
  const controller = new AbortController();
  const socket = watch(t, new net.Socket({ signal: controller.signal }));
  socket.connect({
    port: t.silent.port, host: 'many.test', lookup: answering(HANG, REFUSED), autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: LONG,
  });
  setTimeout(() => controller.abort(), 5);
};

exports.abortedWhenTheFirstIsGivenUp = (t) => {
  const controller = new AbortController();
  const socket = watch(t, new net.Socket({ signal: controller.signal }));
  socket.on('connectionAttemptTimeout', () => controller.abort());
  socket.connect({
    port: t.silent.port, host: 'many.test', lookup: answering(HANG, REFUSED), autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: SHORT,
  });
};

exports.abortedWhenConnected = (t) => withListener(t, () => {
  const controller = new AbortController();
  const socket = watch(t, new net.Socket({ signal: controller.signal }));
  socket.on('connect', () => controller.abort());
  return socket.connect({
    port: t.silent.port, host: 'many.test', lookup: answering(REFUSED, GOOD), autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: LONG,
  });
});

// -- what waits --

exports.writesWaitForTheOneThatConnects = (t) => withListener(t, () => {
  const socket = watch(t, new net.Socket(), 'data');
  socket.connect({
    port: t.silent.port, host: 'many.test', lookup: answering(REFUSED, GOOD), autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: LONG,
  });
  socket.write('hello', t.callback('written'));
  // Node: the end that is asked for before never comes when the first attempt fails.
  socket.on('data', () => socket.end());
  return socket;
}, (peer) => peer.pipe(peer));

exports.writesFailWhenAllFail = (t) => {
  connect(t, [REFUSED, REFUSED_TOO], {}, (socket) => {
    socket.on('connectionAttempt', () => t.log('bytes', socket.bytesWritten));
  }).write('lost', t.callback('written'));
};

// -- what was attempted --

exports.whatWasAttemptedAndWhen = (t) => withListener(t, () => connect(t, [REFUSED, HANG6, GOOD], { autoSelectFamilyAttemptTimeout: 100 }, (socket) => {
  logAttempted(t, socket, 'before');
  for (const name of ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout', 'connect']) {
    socket.on(name, () => logAttempted(t, socket, 'then'));
  }
}));

exports.aSecondConnectChoosesAnew = (t) => {
  connect(t, [REFUSED, REFUSED_TOO]).once('close', function again() {
    t.log('again');
    this.connect({
      port: t.silent.port, host: 'other.test', lookup: answering(REFUSED6, REFUSED_TOO), autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: LONG,
    });
  });
};

// -- settings --

exports.defaultSelection = (t) => {
  const before = net.getDefaultAutoSelectFamily();
  t.log('default', before);
  for (const value of [true, false]) {
    t.attempt(`set ${value}`, () => net.setDefaultAutoSelectFamily(value));
    t.log('now', net.getDefaultAutoSelectFamily());
  }
  for (const [name, value] of [['null', null], ['number', 1], ['text', 'yes'], ['list', []]]) {
    t.attempt(`set ${name}`, () => net.setDefaultAutoSelectFamily(value));
  }
  net.setDefaultAutoSelectFamily(before);
};

exports.defaultAttemptTimeout = (t) => {
  const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
  for (const value of [20, 10, 5, 1, 0, -1, -1000, NaN, Infinity]) {
    t.attempt('set', () => net.setDefaultAutoSelectFamilyAttemptTimeout(value));
    t.log('now', t.seconds(net.getDefaultAutoSelectFamilyAttemptTimeout()));
  }
  for (const [name, value] of [['null', null], ['true', true], ['text', '5'], ['list', []]]) {
    t.attempt(`set ${name}`, () => net.setDefaultAutoSelectFamilyAttemptTimeout(value));
  }
  net.setDefaultAutoSelectFamilyAttemptTimeout(before);
};

exports.selectionOptions = (t) => {
  const attempt = (name, options) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    socket.connect({ port: t.mute.port, host: '127.0.0.1', ...options });
    socket.destroy();
  });
  for (const value of [true, false, null]) attempt(`select ${value}`, { autoSelectFamily: value });
  for (const [name, value] of [['number', 1], ['list', []]]) attempt(`select ${name}`, { autoSelectFamily: value });
  for (const value of [20, 10, 1, null, 0, -1, NaN, Infinity]) attempt('timeout', { autoSelectFamilyAttemptTimeout: value });
  for (const [name, value] of [['true', true], ['text', '5'], ['list', []]]) {
    attempt(`timeout ${name}`, { autoSelectFamilyAttemptTimeout: value });
  }
};
