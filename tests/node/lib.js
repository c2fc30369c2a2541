'use strict';
// What a scenario written in JavaScript gets as `t`.  lib.py is its twin: the two must log alike, so this file is the
// one place where Node's names and values become the log's: snake_case, seconds, codes in place of errors.

const crypto = require('node:crypto');
const net = require('node:net');

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// The longest bytes or text a log shows as they are.
const SHOWN = 64;
// So many turns of the loop without a new entry, and a scenario that has nothing open any more is over.
const QUIET_TURNS = 12;

const EVENTS = {
  server: ['listening', 'connection', 'error', 'close'],
  socket: ['connect', 'ready', 'end', 'finish', 'timeout', 'error', 'close'],
  stream: ['end', 'finish', 'error', 'close'],
};

const PATTERN = Buffer.from(Array.from({ length: 1 << 16 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));

function digest(bytes) {
  return crypto.createHash('sha1').update(bytes).digest('hex').slice(0, 12);
}

function plainError(error) {
  const name = error.code ?? error.message;
  return error.syscall ? `!${name} ${error.syscall}` : `!${name}`;
}

// The directory of a run has another name each time.
function plainText(text) {
  const shown = text.replace(/^.*\/ss-[a-z0-9_]{8}(?=\/)/, '<dir>');
  return shown.length > SHOWN ? `<${shown.length} characters ${digest(shown)}>` : shown;
}

function plainEntry(key, value) {
  // A port that the system picked is another one each time.
  const hidden = /port$/i.test(key) && Number.isInteger(value) && value > 0;
  return [snake(key), hidden ? '<port>' : plain(value)];
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) {
    if (value.length > SHOWN) return `b:<${value.length} bytes ${digest(value)}>`;
    return `b:${Buffer.from(value).toString('latin1')}`;
  }
  if (typeof value === 'string') return plainText(value);
  if (value instanceof Error) return plainError(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'function') return '<function>';
  if (typeof value !== 'object') return value;
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return '<object>';
  // An address that is not there is nothing, not a record of nothing.
  if (Object.keys(value).length === 0) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => plainEntry(key, inner)));
}

// Consecutive 'data' events are one entry: how a stream of bytes is cut is nobody's promise.
class Data {
  constructor(name) {
    this.name = name;
    this.chunks = [];
  }

  takes(name, chunk) {
    return this.name === name && typeof chunk === typeof this.chunks[0];
  }

  toJSON() {
    const text = typeof this.chunks[0] === 'string';
    return [this.name, plain(text ? this.chunks.join('') : Buffer.concat(this.chunks))];
  }
}

class Role {
  constructor(params, port) {
    // Where the server listens: {host, port} or {path}.
    this.where = params.where;
    // A directory of this run's own.
    this.dir = params.dir;
    // Where an attempt to connect is never answered; where it is, and nobody ever accepts, reads or writes.
    this.silent = params.silent;
    this.mute = params.mute;
    this._port = port;
    this._entries = [];
    this._open = new Set();
    this._all = [];
    this._heard = new Set();
    this._waiting = new Map();
    this._running = true;
    this._finished = false;
    this._counting = false;
    this._over = false;
  }

  // -- the log --

  log(name, ...values) {
    this._entries.push([name, ...values.map(plain)]);
  }

  // Logs the named properties of an object.
  state(label, object, ...names) {
    const entries = names.map((name) => plainEntry(name, object[name]));
    for (const entry of entries) if (entry[0] === 'ready_state') entry[1] = snake(entry[1]);
    this._entries.push([label, Object.fromEntries(entries)]);
  }

  // Logs what a call throws or returns.
  attempt(name, call) {
    let result;
    try {
      result = call();
    } catch (error) {
      this.log(name, 'throws', error);
      return undefined;
    }
    this.log(name, 'returns', result);
    return result;
  }

  // A callback that logs its arguments; the ones at the end that are not there count as none.
  callback(name) {
    return (...values) => {
      while (values.length && (values.at(-1) === undefined || values.at(-1) === null)) values.pop();
      this.log(name, ...values);
    };
  }

  // Logs the events of an emitter: those of its kind and `also`; '-name' leaves one out.  'data' is coalesced, 'chunk'
  // is 'data' chunk by chunk.  A role is over when the servers and sockets it watches have closed.
  watch(emitter, label, ...also) {
    const kind = emitter instanceof net.Server ? 'server' : emitter instanceof net.Socket ? 'socket' : 'stream';
    if (kind !== 'stream') this._track(emitter);
    for (const name of EVENTS[kind].concat(also)) {
      if (name.startsWith('-') || also.includes(`-${name}`)) continue;
      if (name === 'data') emitter.on('data', (chunk) => this.data(`${label}.data`, chunk));
      else if (name === 'chunk') emitter.on('data', (chunk) => this.log(`${label}.data`, chunk));
      // A descriptor is another number each time.
      else if (name === 'open') emitter.on(name, () => this.log(`${label}.open`));
      // The second argument of 'unpipe' is Node's own business.
      else if (name === 'unpipe') emitter.on(name, (stream) => this.log(`${label}.unpipe`, stream));
      // One that never had a connection says nothing of an error, where others say that there was none.
      else if (name === 'close' && kind === 'socket') emitter.on(name, (error) => this.log(`${label}.close`, Boolean(error)));
      else emitter.on(name, (...values) => this.log(`${label}.${snake(name)}`, ...values));
    }
    return emitter;
  }

  // Logs the events of a file stream, 'open' and 'ready' included; a role is over when the files have closed.
  file(stream, label, ...also) {
    this._track(stream);
    return this.watch(stream, label, 'open', 'ready', ...also);
  }

  // Logs what a file stream says of itself, after the named properties.
  fileState(label, stream, ...names) {
    const { destroyed, closed, pending } = stream;
    const count = stream.bytesRead ?? stream.bytesWritten;
    const own = names.map((name) => plain(stream[name]));
    this.log(label, ...own, { pending, fd: stream.fd !== null, count, destroyed, closed });
  }

  data(name, chunk) {
    const last = this._entries.at(-1);
    const entry = last instanceof Data && last.takes(name, chunk) ? last : new Data(name);
    if (entry !== last) this._entries.push(entry);
    entry.chunks.push(chunk);
  }

  // -- peers --

  // A watched server at `where` that closes at its last expected connection (0: never by itself).
  serve(options, listener, connections = 1) {
    const server = this.watch(net.createServer(options), 'server');
    let count = 0;
    server.on('connection', (socket) => {
      this._track(socket);
      count += 1;
      if (count === connections) server.close();
      if (listener) listener(socket, server);
    });
    server.listen(this.where, () => this.ready(server));
    return server;
  }

  // Tells the other role where to connect.
  ready(server) {
    const address = server.address();
    this._port.send('ready', { where: typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address.port } });
  }

  // A watched socket that connects to the server.
  connect(options, ...also) {
    return this.watch(net.connect({ ...this.where, ...options }), 'client', ...also);
  }

  // Tells the other role something outside the connection.
  tell(name) {
    this._port.send('tell', { name });
  }

  // Calls back once when the other role has told `name`.
  when(name, callback) {
    if (this._heard.has(name)) callback();
    else this._waiting.set(name, callback);
  }

  // Calls back once when the socket is ready and the other role has told `name`.
  whenReady(socket, name, callback) {
    socket.once('ready', () => this.when(name, callback));
  }

  // -- material --

  // `size` bytes that look like nothing else.
  fill(size) {
    return Buffer.alloc(size, PATTERN);
  }

  // Calls back after some turns of the loop.
  turns(count, callback) {
    if (count === 0) callback();
    else setImmediate(() => this.turns(count - 1, callback));
  }

  // Calls back in the first turn of the loop in which something is so.
  until(isSo, callback) {
    if (isSo()) callback();
    else if (!this._over) setImmediate(() => this.until(isSo, callback));
  }

  // The number of seconds Node's milliseconds are.
  seconds(milliseconds) {
    return milliseconds === undefined ? null : milliseconds / 1000;
  }

  // Ends the role, whatever is open.
  done() {
    this._finished = true;
    this._maybeOver();
  }

  // Keeps the role from being over until the function it returns is called.
  hold() {
    const token = {};
    this._open.add(token);
    return () => this._forget(token);
  }

  // -- for the runner --

  _track(emitter) {
    if (this._all.includes(emitter)) return;
    this._all.push(emitter);
    this._open.add(emitter);
    emitter.once('close', () => this._forget(emitter));
  }

  _hear(name) {
    this._heard.add(name);
    const callback = this._waiting.get(name);
    this._waiting.delete(name);
    if (callback) callback();
  }

  _run(scenario) {
    const result = scenario(this);
    if (result && typeof result.then === 'function') {
      result.then(() => this._ran(), (error) => this._failed(error));
    } else {
      this._ran();
    }
  }

  _ran() {
    this._running = false;
    this._maybeOver();
  }

  _failed(error) {
    this.log('uncaught', error);
    this._ran();
  }

  _forget(open) {
    this._open.delete(open);
    this._maybeOver();
  }

  _isBusy() {
    return !this._finished && (this._running || this._open.size > 0);
  }

  _maybeOver() {
    if (this._counting || this._over || this._isBusy()) return;
    this._counting = true;
    this._countTurns(this._entries.length, 0);
  }

  _countTurns(seen, quiet) {
    if (this._isBusy()) {
      this._counting = false;
    } else if (quiet === QUIET_TURNS) {
      this._over = true;
      this._port.send('done', { log: this._entries });
    } else {
      const count = this._entries.length;
      setImmediate(() => this._countTurns(count, count === seen ? quiet + 1 : 0));
    }
  }

  _cleanUp() {
    this._over = true;
    for (const emitter of this._all) {
      if (emitter instanceof net.Server) emitter.close();
      else emitter.destroy();
    }
  }
}

module.exports = { Role, plain, snake };
