'use strict';
// Plays programs to Node's streams: one line of JSON in, the log of the run out.  play.py is its twin, and explains.

const stream = require('node:stream');

// The newest Node's default.
stream.setDefaultHighWaterMark(false, 65536);

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const EVENTS = ['end', 'finish', 'error', 'close', 'drain', 'pause', 'resume', 'pipe', 'unpipe'];
const READING = [
  'readableLength', 'readableFlowing', 'readableEnded', 'readableDidRead', 'readableAborted', 'readable',
  'readableEncoding', 'readableHighWaterMark',
];
const WRITING = [
  'writableLength', 'writableNeedDrain', 'writableEnded', 'writableFinished', 'writableCorked', 'writable',
];
// So many answers may still be held when a program is over.
const ROUNDS = 60;

// Characters of one, two and three bytes, all different for a while.
const TEXT = Array.from({ length: 400 }, (_, index) =>
  String.fromCharCode([0x61 + (index % 26), 0xe0 + (index % 31), 0x4e00 + index][index % 3])).join('');
const BYTES = Buffer.from(TEXT);

class Failure extends Error {
  constructor(number) {
    super(`failure ${number}`);
    this.code = `E${number}`;
  }
}

class Actor {
  constructor(play, index, spec) {
    Object.assign(this, { play, index, name: index });
    this.answers = Object.fromEntries(Object.entries(spec.answers).map(([name, list]) => [name, [...list]]));
    this.held = [];
    this.piped = new Set();
    this.listeners = { data: [], readable: [] };
    const options = Object.fromEntries(Object.entries(spec.options).map(([name, value]) => [camel(name), value]));
    for (const hook of spec.hooks) options[hook] = this[`on_${hook}`].bind(this);
    this.stream = new stream[spec.kind](options);
    // Some of Node's events have a second argument, which is its own business.
    for (const name of EVENTS) this.stream.on(name, (...args) => this.log('event', name, ...args.slice(0, 1)));
  }

  log(...entry) {
    this.play.log.push([this.index, ...entry.map((value) => this.play.plain(value))]);
  }

  shown(encoding) {
    return this.stream.writableObjectMode ? null : encoding;
  }

  answer(hook, complete) {
    const [moment, outcome] = this.answers[hook]?.shift() ?? ['now', 'ok'];
    const error = outcome === 'fail' ? this.play.failure() : null;
    const run = () => complete(outcome, error);
    if (moment === 'throw') throw this.play.failure();
    else if (moment === 'now') run();
    else if (moment === 'tick') process.nextTick(run);
    else this.held.push(run);
  }

  on_construct(callback) {
    this.log('hook', 'construct');
    this.answer('construct', (_, error) => callback(error));
  }

  on_read() {
    this.log('hook', 'read');
    const [moment, sizes] = this.answers.read?.shift() ?? ['now', []];
    if (moment === 'throw') throw this.play.failure();
    const run = () => sizes.forEach((size) => this.log('pushed', this.push(size)));
    if (moment === 'now') run();
    else if (moment === 'tick') process.nextTick(run);
    else this.held.push(run);
  }

  push(size) {
    return this.stream.push(size < 0 ? null : this.play.chunk(size, this.stream.readableObjectMode));
  }

  on_write(chunk, encoding, callback) {
    this.log('hook', 'write', chunk, this.shown(encoding));
    this.answer('write', (outcome, error) => {
      callback(error);
      if (outcome === 'twice') callback(error);
    });
  }

  on_writev(chunks, callback) {
    this.log('hook', 'writev', chunks.map((each) => each.chunk));
    this.answer('write', (outcome, error) => {
      callback(error);
      if (outcome === 'twice') callback(error);
    });
  }

  on_final(callback) {
    this.log('hook', 'final');
    this.answer('final', (_, error) => callback(error));
  }

  on_destroy(given, callback) {
    this.log('hook', 'destroy', given);
    this.answer('destroy', (_, error) => callback(error ?? given));
  }

  on_transform(chunk, encoding, callback) {
    this.log('hook', 'transform', chunk, this.shown(encoding));
    this.answer('transform', (outcome, error) => {
      if (outcome === 'double') this.log('pushed', this.stream.push(chunk));
      if (error) callback(error);
      else if (outcome === 'drop') callback();
      else callback(null, chunk);
    });
  }

  on_flush(callback) {
    this.log('hook', 'flush');
    this.answer('flush', (outcome, error) => {
      if (error) callback(error);
      else if (outcome === 'data') callback(null, this.play.chunk(2, this.stream.readableObjectMode));
      else callback();
    });
  }

  callback(name) {
    const number = this.play.calls++;
    return (error) => this.log('called', name, number, error);
  }

  chunk(size) {
    return this.play.chunk(size, this.stream.writableObjectMode);
  }

  pipe(target, end) {
    // Not twice to the same destination: Node forgets then that nobody is waited for.
    if (this.piped.has(target)) return null;
    this.piped.add(target);
    return this.stream.pipe(this.play.actors[target].stream, { end });
  }

  unpipe(target) {
    if (target === null) this.piped.clear();
    else this.piped.delete(target);
    return target === null ? this.stream.unpipe() : this.stream.unpipe(this.play.actors[target].stream);
  }

  read(amount) {
    // Node 20 may take too much of a text that is in several chunks: it compares with the number of chunks.
    const takesAll = amount === null || (amount > 0 && this.stream.readableEncoding);
    return takesAll ? this.stream.read() : this.stream.read(amount);
  }

  unshift(size) {
    const { readableEncoding, readableObjectMode } = this.stream;
    return this.stream.unshift(readableEncoding ? this.play.text(size) : this.play.chunk(size, readableObjectMode));
  }

  step(name, ...args) {
    const { stream: it, listeners } = this;
    switch (name) {
      case 'push': return this.push(args[0]);
      case 'unshift': return this.unshift(args[0]);
      case 'read': return this.read(args[0]);
      case 'pause': case 'resume': case 'cork': case 'uncork': return it[name]();
      case 'is_paused': return it.isPaused();
      case 'set_encoding': return it.setEncoding(args[0]);
      case 'listen': return this.listen(...args);
      case 'unlisten': return it.off(args[0], listeners[args[0]].pop() ?? (() => {}));
      case 'remove_all': return it.removeAllListeners(args[0]);
      case 'pipe': return this.pipe(...args);
      case 'pipeline': {
        const actors = [this, ...args.map((each) => this.play.actors[each])];
        args.forEach((target, index) => actors[index].piped.add(target));
        return stream.pipeline(actors.map((actor) => actor.stream), this.callback('pipeline'));
      }
      case 'unpipe': return this.unpipe(args[0]);
      case 'destroy': return args[0] ? it.destroy(this.play.failure()) : it.destroy();
      case 'write': return it.write(this.chunk(args[0]), ...(args[1] ? [this.callback('write')] : []));
      case 'end': return this.end(...args);
      case 'release': return this.held.shift()?.();
      case 'react': it.once(args[0], () => this.play.attempt(args[1])); return null;
    }
    throw new Error(name);
  }

  end(size, wantsCallback) {
    const args = size === null ? [] : [this.chunk(size)];
    if (wantsCallback) args.push(this.callback('end'));
    return this.stream.end(...args);
  }

  // What a listener of 'readable' reads: null for nothing, 'all' in a loop, or so much once.
  listen(name, amount) {
    const listener = name === 'data' ? (chunk) => this.log('event', 'data', chunk) : () => {
      this.log('event', 'readable');
      if (amount === 'all') {
        for (let chunk; (chunk = this.stream.read()) !== null;) this.log('read', chunk);
      } else if (amount !== null) this.log('read', this.read(amount));
    };
    this.listeners[name].push(listener);
    return this.stream.on(name, listener);
  }

  state() {
    const { stream: it } = this;
    const names = ['destroyed', 'closed', 'errored'];
    if (it instanceof stream.Readable) names.push(...READING);
    if (it instanceof stream.Writable) names.push(...WRITING);
    return Object.fromEntries(names.map((name) => [snake(name), this.play.plain(it[name])]));
  }
}

class Play {
  constructor({ cast, steps }) {
    Object.assign(this, { log: [], given: 0, failures: 0, calls: 0, steps });
    this.actors = cast.map((spec, index) => new Actor(this, index, spec));
  }

  failure() {
    return new Failure(this.failures++);
  }

  chunk(size, objectMode) {
    const start = this.given;
    this.given += objectMode ? 1 : size;
    if (objectMode) return start;
    return Buffer.concat([BYTES.subarray(start % BYTES.length), BYTES]).subarray(0, size);
  }

  text(size) {
    const start = this.given % TEXT.length;
    this.given += size;
    return (TEXT.slice(start) + TEXT).slice(0, size);
  }

  plain(value) {
    if (value === undefined || value === null) return null;
    if (value instanceof Uint8Array) return `b:${Buffer.from(value).toString('hex')}`;
    if (value instanceof Error) return `!${value.code ?? value.stack}`;
    if (Array.isArray(value)) return value.map((each) => this.plain(each));
    if (value instanceof stream) return `#${this.actors.findIndex((actor) => actor.stream === value)}`;
    return value;
  }

  attempt([index, ...step]) {
    const actor = this.actors[index];
    actor.log('step', ...step.filter((each) => !Array.isArray(each)));
    try {
      actor.log('returned', actor.step(...step));
    } catch (error) {
      actor.log('raised', error);
    }
  }

  look() {
    this.log.push(this.actors.map((actor) => actor.state()));
  }

  async turn(steps) {
    await new Promise((resolve) => setImmediate(() => {
      for (const step of steps) {
        this.attempt(step);
        this.look();
      }
      resolve();
    }));
    this.look();
  }

  async run() {
    let group = [];
    for (const step of [...this.steps, ['turn']]) {
      if (step[0] !== 'turn') group.push(step);
      else {
        await this.turn(group);
        group = [];
      }
    }
    for (let round = 0; round < ROUNDS && this.actors.some((actor) => actor.held.length); round++) {
      await this.turn(this.actors.filter((actor) => actor.held.length).map((actor) => [actor.index, 'release']));
    }
    return this.log;
  }
}

let playing;
process.on('uncaughtException', (error) => playing.log.push(['uncaught', playing.plain(error)]));
process.on('unhandledRejection', (error) => playing.log.push(['unhandled', playing.plain(error)]));

(async () => {
  for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
    playing = new Play(JSON.parse(line));
    process.stdout.write(`${JSON.stringify(await playing.run())}\n`);
  }
})();
