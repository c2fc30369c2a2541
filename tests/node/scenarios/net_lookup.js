'use strict';
// What a look-up is asked and may answer, and what a local address may be.

const net = require('node:net');

// At the mute port: 127.0.0.1 connects, nobody listens at the others.
const GOOD = '127.0.0.1';
const REFUSED = '127.0.0.2';

// Node 20's code for it, which is one of fewer here.
const known = (error) => (error?.code === 'ERR_INVALID_ADDRESS_FAMILY' ? { ...error, code: 'ERR_INVALID_ADDRESS' } : error);
const said = (error) => (error instanceof Error ? Object.assign(new Error(error.message), known(error)) : error);

// Logs what a socket says on its way to a connection, and destroys it there.
function watch(t, socket) {
  socket.on('lookup', (error, address, family, host) => t.log('lookup', error || null, address, family, host));
  socket.on('connectionAttempt', (ip, port, family) => t.log('attempt', ip, port === t.mute.port, family));
  socket.on('connectionAttemptFailed', (ip, port, family, error) => t.log('failed', ip, port === t.mute.port, family, error));
  t.watch(socket, 'client', '-error');
  socket.on('error', (error) => t.log('error', said(error)));
  socket.on('connect', () => {
    t.log('connected to', socket.remoteAddress);
    socket.destroy();
  });
  return socket;
}

function connect(t, options, prepare = () => {}) {
  const socket = watch(t, new net.Socket());
  prepare(socket);
  t.attempt('connect', () => void socket.connect({ port: t.mute.port, host: 'some.test', autoSelectFamily: true, ...options }));
  t.state('called', socket, 'destroyed');
  process.nextTick(() => t.log('tick'));
  return socket;
}

// A `lookup` that gives this, in the callback's arguments.
const giving = (...found) => (host, options, callback) => callback(null, ...found);

const one = { autoSelectFamily: false };

// -- what it is asked --

function asks(t, options) {
  const socket = new net.Socket();
  socket.on('error', () => {});
  socket.on('lookup', (error, address, family, host) => t.log('lookup', address, family, host));
  const lookup = (host, asked, callback) => {
    t.log('asked', host, asked.family || 0, asked.hints, Boolean(asked.all), typeof callback === 'function');
    callback(null, asked.all ? [{ address: GOOD, family: 4 }] : GOOD, 4);
  };
  t.attempt('connect', () => void socket.connect({ port: t.mute.port, host: 'some.test', autoSelectFamily: true, lookup, ...options }));
  t.state('socket', socket, 'connecting');
  socket.destroy();
}

exports.whatALookupIsAsked = (t) => {
  asks(t, {});
  asks(t, one);
  asks(t, { host: 'Other.Test' });
  asks(t, { host: undefined });
  asks(t, { host: null });
  asks(t, { host: '' });
  asks(t, { host: ' 127.0.0.1' });
  asks(t, { host: '127.1' });
  asks(t, { host: '[::1]' });
};

exports.whichFamilyALookupIsAskedFor = (t) => {
  for (const family of [0, 4, 6, 'IPv4', 'IPv6', undefined, null]) asks(t, { family });
  for (const family of [4, 6]) asks(t, { family, ...one });
};

exports.whichHintsALookupIsAskedFor = (t) => {
  for (const hints of [0, 1, 8, 32, 1024, undefined, null]) asks(t, { hints });
  for (const hints of [0, 8]) asks(t, { hints, family: 4 });
};

exports.aLocalAddressAsksForOne = (t) => {
  asks(t, { localAddress: '127.0.0.9' });
  asks(t, { localAddress: '' });
  asks(t, { localAddress: null });
  asks(t, { localPort: 0 });
};

exports.anAddressIsNotLookedUp = (t) => {
  for (const host of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '::', '0.0.0.0', 'fe80::1%lo']) asks(t, { host });
};

// -- what it may answer --

exports.oneAddress = (t) => void connect(t, { lookup: giving(GOOD, 4), ...one });

exports.oneAddressLater = (t) => {
  connect(t, { lookup: (host, options, callback) => setImmediate(() => callback(null, GOOD, 4)), ...one });
};

exports.aListLater = (t) => {
  connect(t, { lookup: (host, options, callback) => setImmediate(() => callback(null, [{ address: GOOD, family: 4 }])) });
};

exports.aListOnTheNextTick = (t) => {
  connect(t, { lookup: (host, options, callback) => process.nextTick(() => callback(null, [{ address: REFUSED, family: 4 }])) });
};

exports.noErrorInOtherWords = (t) => {
  connect(t, { lookup: (host, options, callback) => callback(false, GOOD, 4), ...one });
};

exports.noAddress = (t) => void connect(t, { lookup: giving('nonsense', 4), ...one });

exports.nothingAtAll = (t) => void connect(t, { lookup: giving(), ...one });

exports.aNumberForAnAddress = (t) => void connect(t, { lookup: giving(5, 4), ...one });

exports.anAddressOfNoFamily = (t) => void connect(t, { lookup: giving(GOOD, 5), ...one });

exports.aFamilyInWords = (t) => void connect(t, { lookup: giving(GOOD, 'IPv4'), ...one });

exports.theOtherFamily = (t) => void connect(t, { lookup: giving(GOOD, 6), ...one });

exports.aListWithSomeThatAreNoAddresses = (t) => {
  connect(t, { lookup: giving([{ address: 'nonsense', family: 4 }, { address: GOOD, family: 5 }, { address: GOOD, family: 4 }]) });
};

exports.aListWithOneThatIsRefused = (t) => {
  connect(t, { lookup: giving([{ address: 'nonsense', family: 4 }, { address: REFUSED, family: 4 }]) });
};

exports.aListOfNoAddresses = (t) => {
  connect(t, { lookup: giving([{ address: 'nonsense', family: 4 }, { address: GOOD, family: 5 }]) });
};

exports.aListOfNoFamilies = (t) => {
  connect(t, { lookup: giving([{ address: GOOD, family: 5 }, { address: 'nonsense', family: 4 }]) });
};

exports.aListOfEmptyEntries = (t) => void connect(t, { lookup: giving([{}, {}]) });

// -- how it may fail --

const mine = () => Object.assign(new Error('mine'), { code: 'EMINE' });

exports.anErrorOfOne = (t) => void connect(t, { lookup: (host, options, callback) => callback(mine()), ...one });

exports.anErrorOfAll = (t) => void connect(t, { lookup: (host, options, callback) => callback(mine()) });

exports.anErrorLater = (t) => {
  connect(t, { lookup: (host, options, callback) => setImmediate(() => callback(mine())) });
};

exports.itThrows = (t) => {
  const socket = connect(t, { lookup: () => { throw mine(); } });
  socket.destroy();
};

exports.itThrowsAfterItsAnswer = (t) => {
  connect(t, {
    lookup: (host, options, callback) => {
      callback(null, [{ address: GOOD, family: 4 }]);
      throw mine();
    },
  });
};

exports.aSecondConnectAfterItThrew = (t) => {
  const socket = connect(t, { lookup: () => { throw mine(); } });
  socket.connect({ port: t.mute.port, host: GOOD });
};

exports.itNeverAnswers = (t) => {
  const socket = connect(t, { lookup: () => {} });
  t.turns(3, () => {
    t.state('later', socket, 'connecting', 'pending', 'readyState');
    socket.destroy();
  });
};

exports.noFunction = (t) => {
  const attempt = (name, lookup) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    socket.connect({ port: t.mute.port, host: 'some.test', lookup });
  });
  for (const [name, value] of [['number', 5], ['text', 'x'], ['empty', ''], ['false', false], ['true', true], ['list', []]]) attempt(name, value);
};

// -- destroyed meanwhile --

exports.destroyedInTheFunction = (t) => {
  const socket = watch(t, new net.Socket());
  socket.connect({
    port: t.mute.port, host: 'some.test', autoSelectFamily: true,
    lookup: (host, options, callback) => {
      socket.destroy();
      callback(null, [{ address: GOOD, family: 4 }]);
    },
  });
};

exports.destroyedBeforeTheAnswer = (t) => {
  let answer;
  const socket = connect(t, { lookup: (host, options, callback) => { answer = callback; } });
  socket.on('close', t.hold());
  socket.on('close', () => answer(null, [{ address: GOOD, family: 4 }]));
  setImmediate(() => socket.destroy());
};

exports.destroyedBeforeTheError = (t) => {
  let answer;
  const socket = connect(t, { lookup: (host, options, callback) => { answer = callback; } });
  socket.on('close', () => answer(mine()));
  setImmediate(() => socket.destroy());
};

exports.destroyedInTheEvent = (t) => {
  connect(t, { lookup: giving(GOOD, 4), ...one }, (socket) => socket.on('lookup', () => socket.destroy()));
};

exports.destroyedInTheEventOfAnError = (t) => {
  connect(t, { lookup: (host, options, callback) => callback(mine()) }, (socket) => socket.on('lookup', () => socket.destroy()));
};

// -- the system's --

exports.aNameThereIsNoneOf = (t) => {
  const socket = watch(t, new net.Socket());
  socket.on('error', (error) => t.state('fields', error, 'code', 'syscall', 'hostname'));
  socket.connect({ port: t.mute.port, host: 'nohost.invalid', autoSelectFamily: true });
};

exports.aNameThereIsNoneOfAlone = (t) => {
  watch(t, new net.Socket()).connect({ port: t.mute.port, host: 'nohost.invalid', autoSelectFamily: false });
};

exports.aNameNobodyCanHave = (t) => {
  watch(t, new net.Socket()).connect({ port: t.mute.port, host: 'a\0b', autoSelectFamily: false });
};

exports.destroyedWhileTheSystemLooks = (t) => {
  const socket = watch(t, new net.Socket()).connect({ port: t.mute.port, host: 'nohost.invalid', autoSelectFamily: true });
  setImmediate(() => socket.destroy());
};

exports.theSystemsAnswers = (t) => {
  watch(t, new net.Socket()).connect({ port: t.mute.port, host: 'localhost', autoSelectFamily: false, family: 4 });
};

exports.hintsTheSystemDoesNotTake = (t) => {
  const attempt = (hints) => t.attempt(`hints ${hints}`, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    try {
      socket.connect({ port: t.mute.port, host: 'localhost', hints });
    } finally {
      socket.destroy();
    }
  });
  for (const hints of [0, 8, 16, 32, 56, 1, 2, 4, 64, 1024, -1]) attempt(hints);
};

exports.familiesTheSystemDoesNotTake = (t) => {
  const attempt = (name, family) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    try {
      socket.connect({ port: t.mute.port, host: 'localhost', family });
    } finally {
      socket.destroy();
    }
  });
  for (const family of [0, 4, 6, 'IPv4', 'IPv6', 5, 10, -1, 'x', '4', true]) attempt(`family ${family}`, family);
};

// -- local addresses --

function binds(t, options) {
  const socket = watch(t, new net.Socket());
  socket.on('error', (error) => {
    t.state('error', error, 'code', 'syscall', 'address', 'port');
    t.log('message', error.message.replaceAll(t.mute.port, 'port'));
  });
  socket.connect({ port: t.mute.port, host: REFUSED, ...options });
  t.state('called', socket, 'connecting', 'destroyed');
}

exports.aLocalAddressOfTheOtherFamily = (t) => binds(t, { localAddress: '::1' });

exports.aLocalAddressOfTheOtherFamilyOfAName = (t) => binds(t, { host: 'some.test', lookup: giving(REFUSED, 4), localAddress: '::1' });

exports.aLocalAddressThatIsNotOurs = (t) => binds(t, { localAddress: '203.0.113.1' });

exports.aLocalAddressThatIsTaken = (t) => binds(t, { localAddress: GOOD, localPort: t.mute.port });

exports.aLocalPortThatIsTaken = (t) => binds(t, { localPort: t.mute.port });

exports.aLocalPortThatIsTakenInTheOtherFamily = (t) => binds(t, { host: '::ffff:127.0.0.2', localAddress: '::ffff:127.0.0.1', localPort: t.mute.port });

exports.aLocalAddressThatIsOurs = (t) => {
  const socket = watch(t, new net.Socket());
  socket.prependListener('connect', () => t.log('from', socket.localAddress));
  socket.connect({ port: t.mute.port, host: GOOD, localAddress: '127.0.0.9' });
};

// -- addresses --

exports.portZero = (t) => {
  const socket = watch(t, new net.Socket());
  socket.on('error', (error) => t.log('message', error.message));
  socket.connect(0, REFUSED);
};

exports.aZoneThereIsNot = (t) => {
  const socket = watch(t, new net.Socket());
  socket.on('error', (error) => t.state('error', error, 'code', 'syscall', 'address'));
  socket.connect(t.mute.port, 'fe80::1%nozone');
};

exports.aMappedAddress = (t) => void watch(t, new net.Socket()).connect(t.mute.port, '::ffff:127.0.0.1');

exports.anAddressAndTheOtherFamily = (t) => {
  watch(t, new net.Socket()).connect({ port: t.mute.port, host: GOOD, family: 6 });
};
