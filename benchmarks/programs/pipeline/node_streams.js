'use strict';
// Pushes chunks of 64 KiB through a pipeline of PassThrough streams, and prints what that took; see sockstream_streams.py.
const { PassThrough, Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { parseArgs } = require('node:util');

const SIZE = 65536;
const OFFSETS = 251;
const CHUNKS = 2000;
const PATTERN = Buffer.from(Array.from({ length: SIZE + OFFSETS }, (_, index) => (index * 31 + (index >> 8)) & 255));
const EXPECTED = Array.from({ length: OFFSETS }, (_, offset) => Buffer.from(PATTERN.subarray(offset, offset + SIZE)));

class Source extends Readable {
  constructor(bare) {
    super({ highWaterMark: SIZE });
    this.bare = bare;
    this.count = 0;
  }

  _read() {
    if (this.count === CHUNKS) {
      this.push(null);
      return;
    }
    const offset = this.count++ % OFFSETS;
    this.push(this.bare ? EXPECTED[0] : Buffer.from(PATTERN.subarray(offset, offset + SIZE)));
  }
}

class Sink extends Writable {
  constructor(bare) {
    super({ highWaterMark: SIZE });
    this.bare = bare;
    this.count = 0;
  }

  _write(chunk, encoding, callback) {
    const count = this.count++;
    if (!this.bare && Buffer.compare(chunk, EXPECTED[count % OFFSETS]) !== 0) {
      throw new Error(`chunk ${count} is not what the source gave`);
    }
    callback();
  }
}

// Runs pipelines for so many seconds; gives the chunks, the seconds and the CPU seconds.
async function flow(seconds, passing, bare) {
  let chunks = 0;
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const elapsed = () => Number(process.hrtime.bigint() - started) / 1e9;
  while (elapsed() < seconds) {
    const sink = new Sink(bare);
    const between = Array.from({ length: passing }, () => new PassThrough({ highWaterMark: SIZE }));
    await pipeline(new Source(bare), ...between, sink);
    chunks += sink.count;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { units: chunks, seconds: elapsed(), server_cpu: (user + system) / 1e6, load_cpu: 0 };
}

async function main() {
  const names = ['work', 'passing', 'seconds', 'warm-up'];
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const passing = Number(values.passing);
  const bare = values.work === 'bare';
  await flow(Number(values['warm-up']), passing, bare);
  console.log(JSON.stringify(await flow(Number(values.seconds), passing, bare)));
}

main();
