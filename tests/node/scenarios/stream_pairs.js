'use strict';
// duplexPair, and what can be asked of streams.

const stream = require('node:stream');

const { Duplex, duplexPair, PassThrough, Readable, Writable, isDisturbed, isErrored, isReadable } = stream;

function pair(t, options) {
  const [left, right] = duplexPair(options);
  return [t.watch(left, 'left'), t.watch(right, 'right')];
}

exports.thereAndBack = (t) => {
  const [left, right] = pair(t);
  left.on('data', (chunk) => t.data('left.data', chunk));
  right.on('data', (chunk) => right.write(`got ${chunk}`));
  right.on('end', () => right.end('bye'));
  left.write('a');
  left.end('b');
};

exports.objects = (t) => {
  const [left, right] = pair(t, { objectMode: true });
  right.on('data', (chunk) => t.log('right.data', chunk));
  t.state('state', left, 'readableObjectMode', 'writableObjectMode', 'readableHighWaterMark', 'writableHighWaterMark');
  left.write(5);
  left.write({ k: 'v' });
  left.end();
  right.end();
  left.resume();
};

exports.text = (t) => {
  const [left, right] = pair(t, { encoding: 'utf8' });
  right.on('data', (chunk) => t.data('right.data', chunk));
  left.write(Buffer.from('é').subarray(0, 1));
  left.end(Buffer.from('é').subarray(1));
};

exports.aWriteIsDoneWhenTheOtherAsks = (t) => {
  const [left, right] = pair(t, { highWaterMark: 2 });
  t.log('write', left.write('ab', t.callback('written')));
  t.log('write', left.write('cd', t.callback('written')));
  left.on('drain', () => t.log('drain'));
  t.turns(3, () => {
    t.state('state', left, 'writableLength', 'writableNeedDrain');
    t.log('read', right.read());
    t.turns(3, () => t.log('read', right.read()));
  });
};

exports.anEmptyWrite = (t) => {
  const [left, right] = pair(t);
  right.on('data', (chunk) => t.data('right.data', chunk));
  left.write('', t.callback('written'));
  left.write('a', t.callback('written'));
};

exports.anEmptyText = (t) => {
  const [left, right] = pair(t, { objectMode: true });
  right.on('data', (chunk) => t.log('right.data', chunk));
  left.write('', t.callback('written'));
  left.end(t.callback('ended'));
};

exports.oneSideEnds = (t) => {
  const [left, right] = pair(t);
  right.resume();
  left.end('a', t.callback('ended'));
  t.turns(4, () => {
    t.state('left', left, 'readable', 'writable', 'destroyed');
    t.state('right', right, 'readable', 'writable', 'destroyed');
  });
};

exports.theEndIsFinishedWhenItIsRead = (t) => {
  const [left, right] = pair(t);
  left.end('a');
  t.turns(3, () => {
    t.log('resumes');
    right.resume();
  });
};

exports.withoutHalfOpen = (t) => {
  const [left, right] = pair(t, { allowHalfOpen: false });
  right.resume();
  left.resume();
  left.end('a');
};

exports.destroyed = (t) => {
  const [left, right] = pair(t);
  right.resume();
  left.write('a');
  t.turns(2, () => left.destroy());
  t.turns(6, () => t.state('right', right, 'readable', 'writable', 'destroyed'));
};

exports.destroyedWithAnError = (t) => {
  const [left, right] = pair(t);
  right.resume();
  t.turns(2, () => left.destroy(new Error('why')));
  t.turns(6, () => t.state('right', right, 'readable', 'writable', 'destroyed', 'errored'));
};

exports.destroyedAfterItsEnd = (t) => {
  const [left, right] = pair(t);
  right.resume();
  left.end();
  t.turns(4, () => left.destroy());
};

exports.bothDestroyed = (t) => {
  const [left, right] = pair(t);
  left.destroy();
  right.destroy();
};

exports.aWriteToADestroyedSide = (t) => {
  const [left, right] = pair(t);
  right.destroy();
  t.turns(2, () => left.write('a', t.callback('written')));
};

exports.pipedToItself = (t) => {
  const [left, right] = pair(t);
  right.pipe(right);
  left.on('data', (chunk) => t.data('left.data', chunk));
  left.write('a');
  left.end('b');
};

exports.aPairWithWrongOptions = (t) => {
  t.attempt('mark', () => duplexPair({ highWaterMark: -1 }));
  t.attempt('encoding', () => duplexPair({ encoding: 'none' }));
};

exports.iteratedOver = async (t) => {
  const [left, right] = duplexPair({ objectMode: true });
  left.write(1);
  left.write(2);
  left.end(3);
  for await (const chunk of right) t.log('got', chunk);
  t.log('over');
};

// -- questions --

const ask = (t, name, object) => t.log(name, isReadable(object), isErrored(object), isDisturbed(object));

function kinds() {
  return {
    readable: new Readable({ read() {} }),
    writable: new Writable({ write(chunk, encoding, callback) { callback(); } }),
    duplex: new Duplex({ read() {}, write(chunk, encoding, callback) { callback(); } }),
    through: new PassThrough(),
  };
}

exports.newStreams = (t) => {
  for (const [name, each] of Object.entries(kinds())) ask(t, name, each);
};

exports.destroyedStreams = (t) => {
  for (const [name, each] of Object.entries(kinds())) ask(t, name, each.destroy());
};

exports.failedStreams = (t) => {
  for (const [name, each] of Object.entries(kinds())) {
    each.on('error', () => ask(t, `${name} heard`, each));
    ask(t, name, each.destroy(new Error('why')));
  }
};

exports.failedWithoutAutoDestroy = (t) => {
  const readable = new Readable({ autoDestroy: false, read() { throw new Error('why'); } });
  readable.on('error', () => ask(t, 'readable', readable));
  readable.read();
  const writable = new Writable({ autoDestroy: false, write(chunk, encoding, callback) { callback(new Error('why')); } });
  writable.on('error', () => ask(t, 'writable', writable));
  writable.write('a');
};

exports.readAndEnded = (t) => {
  const readable = new Readable({ read() {} });
  readable.push('a');
  ask(t, 'pushed', readable);
  readable.read();
  ask(t, 'read', readable);
  readable.push(null);
  ask(t, 'over', readable);
  readable.on('end', () => ask(t, 'end', readable)).on('close', () => ask(t, 'close', readable));
  readable.resume();
};

exports.endedWithoutAByte = (t) => {
  const readable = new Readable({ read() {} });
  readable.push(null);
  readable.on('end', () => ask(t, 'end', readable)).on('close', () => ask(t, 'close', readable));
  readable.resume();
};

exports.aDuplexHalfOver = (t) => {
  const { through } = kinds();
  through.end('a');
  ask(t, 'ended', through);
  through.on('end', () => ask(t, 'end', through));
  through.resume();
};

exports.sidesThatAreNotThere = (t) => {
  ask(t, 'write only', new Duplex({ readable: false }));
  ask(t, 'read only', new Duplex({ writable: false, read() {} }));
  ask(t, 'write only, destroyed', new Duplex({ readable: false }).destroy());
};

exports.noStreams = (t) => {
  for (const each of [null, undefined, 5, 'x', {}, []]) ask(t, 'none', each);
};
