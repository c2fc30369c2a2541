'use strict';
// What the scenarios about misuse share: tables of calls, and what comes before and after the next tick.  misuse.py is
// its twin.

const net = require('node:net');

const LOCAL = '127.0.0.1';
// What is of the wrong type in nearly every place.
const ODD = { text: 'odd', true: true, list: [], object: {} };
const NUMBERS = { negative: -1, fraction: 1.5, nan: NaN, infinite: Infinity };

// A row for each value: what the call throws, or 'fine'.
function table(t, values, call) {
  for (const [name, value] of Object.entries(values)) attempt(t, name, () => call(value));
}

function attempt(t, name, call) {
  let outcome = 'fine';
  try {
    call();
  } catch (error) {
    outcome = error;
  }
  t.log(name, outcome);
}

// A socket whose errors and end are logged.
function watched(t, name, socket = new net.Socket()) {
  socket.on('error', (error) => t.log(`${name} emits`, error));
  socket.on('close', () => t.log(`${name} closed`));
  return socket;
}

function quiet(socket = new net.Socket()) {
  return socket.on('error', () => {});
}

// Calls, and logs the next tick: what the call emits or calls back comes before it or after it.
function moments(t, name, call) {
  attempt(t, name, call);
  process.nextTick(() => t.log(`${name}: tick`));
}

// Runs one step after another; each has a few turns of the loop to itself.
function steps(t, ...rest) {
  const release = t.hold();
  const next = () => {
    if (rest.length === 0) return release();
    rest.shift()();
    return t.turns(4, next);
  };
  next();
}

// Runs steps with a connection: each gets a new connected socket, and ends when it has closed.
function withConnections(t, ...rest) {
  const release = t.hold();
  const server = net.createServer((peer) => quiet(peer).resume()).listen(0, LOCAL, () => next());
  const next = () => {
    if (rest.length === 0) {
      server.close();
      return release();
    }
    const [name, step] = rest.shift();
    const socket = watched(t, name, net.connect(server.address().port, LOCAL));
    socket.on('close', () => t.turns(4, next));
    socket.resume().on('ready', () => step(socket, name));
    return undefined;
  };
}

module.exports = { LOCAL, NUMBERS, ODD, attempt, moments, quiet, steps, table, watched, withConnections };
