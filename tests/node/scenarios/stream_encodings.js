'use strict';
// Text in and out of streams: characters cut between chunks, encodings set early, late and twice, unknown ones.

const { PassThrough, Readable, Writable } = require('node:stream');

const open = (options) => new Readable({ read() {}, highWaterMark: 100, ...options });
const bytes = (...values) => Buffer.from(values);

// Pushes the bytes one by one, in one tick.
function pushBytes(stream, buffer) {
  for (const byte of buffer) stream.push(bytes(byte));
}

// A watched Readable with the encoding that gets the bytes one by one, then the end.
function bytewise(t, encoding, buffer) {
  const stream = t.watch(open({ encoding }), encoding, 'chunk');
  pushBytes(stream, buffer);
  t.log(`${encoding} buffered`, stream.readableLength);
  stream.push(null);
}

exports.utf8CutAtEachByte = (t) => bytewise(t, 'utf8', Buffer.from('aé你z'));

exports.utf8PairCutAtEachByte = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'chunk');
  pushBytes(stream, Buffer.from('a😀z'));
  stream.push(null);
};

exports.utf16CutAtEachByte = (t) => {
  const stream = t.watch(open({ encoding: 'utf16le' }), 'stream', 'data');
  pushBytes(stream, Buffer.from('aé你z', 'utf16le'));
  t.log('buffered', stream.readableLength);
  stream.push(null);
};

exports.base64CutAtEachByte = (t) => bytewise(t, 'base64', bytes(1, 2, 3, 4, 250, 251, 252, 253));

exports.base64urlCutAtEachByte = (t) => bytewise(t, 'base64url', bytes(250, 251, 252, 253, 254));

exports.hexCutAtEachByte = (t) => bytewise(t, 'hex', bytes(0, 1, 171, 255));

exports.latin1CutAtEachByte = (t) => bytewise(t, 'latin1', bytes(65, 233, 255));

exports.asciiCutAtEachByte = (t) => bytewise(t, 'ascii', bytes(65, 233, 127));

exports.incompleteAtTheEnd = (t) => {
  const cut = { utf8: bytes(97, 0xf0, 0x9f, 0x98), utf16le: bytes(97, 0, 0x60), base64: bytes(1, 2, 3, 4), base64url: bytes(255) };
  for (const [encoding, buffer] of Object.entries(cut)) bytewise(t, encoding, buffer);
};

exports.incompleteAloneAtTheEnd = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'readable');
  stream.push(bytes(0xe4, 0xbd));
  t.log('buffered', stream.readableLength);
  stream.on('readable', () => t.log('read', stream.read()));
  t.turns(2, () => stream.push(null));
};

exports.incompleteWhenDestroyed = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'chunk');
  t.turns(2, () => {
    stream.push(bytes(97, 0xe4, 0xbd));
    stream.destroy();
  });
};

exports.invalidBytes = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'data');
  for (const chunk of [bytes(97, 0xff), bytes(0xe4, 97), bytes(0xf0, 0x9f), bytes(0x98, 0x98, 0x80), bytes(0xc0, 0x80)]) stream.push(chunk);
  stream.push(null);
};

exports.aPushThatCompletesNothing = (t) => {
  let count = 0;
  const stream = t.watch(new Readable({
    encoding: 'utf8',
    highWaterMark: 3,
    read() {
      count += 1;
      t.log('_read', count);
      if (count <= 3) t.log('push', this.push(bytes([0xe4, 0xbd, 0xa0][count - 1])), this.readableLength);
      else this.push(null);
    },
  }), 'stream', 'chunk');
};

exports.setEncodingDecodesWhatIsBufferedAndWhatFollows = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  pushBytes(stream, bytes(97, 0xe4, 0xbd));
  stream.setEncoding('utf8');
  t.state('set', stream, 'readableLength', 'readableEncoding');
  t.log('read', stream.read());
  stream.push(bytes(0xa0));
  t.log('read', stream.read());
};

exports.setEncodingOfNothingButAPart = (t) => {
  const stream = t.watch(open(), 'stream', 'readable');
  stream.push(bytes(0xe4, 0xbd));
  stream.setEncoding('utf8');
  t.log('read', stream.readableLength, stream.read());
  stream.push(bytes(0xa0));
  t.log('read', stream.readableLength, stream.read());
};

exports.setEncodingAfterAPartialRead = (t) => {
  const stream = open();
  stream.push('abcdef');
  stream.push('é');
  t.log('read', stream.read(2));
  stream.setEncoding('utf8');
  t.log('read', stream.readableLength, stream.read(3), stream.read());
};

exports.setEncodingTwiceBeforeData = (t) => {
  const stream = t.watch(open({ encoding: 'hex' }), 'stream', 'chunk');
  stream.setEncoding('utf8');
  t.state('set', stream, 'readableEncoding');
  stream.push('é');
};

exports.setEncodingAfterTheEndOfTheSource = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.push(bytes(97, 0xe4, 0xbd));
  stream.push(null);
  stream.setEncoding('utf8');
  t.state('set', stream, 'readableLength');
};

exports.setEncodingWithoutAName = (t) => {
  const stream = t.watch(open(), 'stream', 'chunk');
  stream.setEncoding();
  t.state('set', stream, 'readableEncoding');
  stream.push('é');
};

exports.setEncodingByItsOtherNames = (t) => {
  for (const name of ['UTF8', 'utf-8', 'UTF-8', 'ucs2', 'UCS-2', 'utf-16le', 'binary', 'Latin1', 'HEX', 'BASE64', 'base64URL', 'Ascii']) {
    t.log(name, open().setEncoding(name).readableEncoding);
  }
};

exports.setEncodingInObjectMode = (t) => {
  const stream = t.watch(open({ objectMode: true }), 'stream', 'chunk');
  stream.setEncoding('utf8');
  stream.push(bytes(0x61, 0xe4, 0xbd));
  stream.push(bytes(0xa0));
  stream.push('text');
  stream.push(null);
};

exports.unknownEncodings = (t) => {
  t.attempt('option', () => open({ encoding: 'nonsense' }));
  const stream = open();
  stream.push('a');
  t.attempt('setEncoding', () => stream.setEncoding('nonsense'));
  t.attempt('push', () => stream.push('a', 'nonsense'));
  t.attempt('unshift', () => stream.unshift('a', 'nonsense'));
  t.state('state', stream, 'readableEncoding', 'readableLength', 'destroyed');
};

exports.unknownEncodingOfAWrite = (t) => {
  const stream = t.watch(new PassThrough(), 'stream');
  t.attempt('write', () => stream.write('a', 'nonsense'));
  t.attempt('setDefaultEncoding', () => stream.setDefaultEncoding('nonsense'));
  t.attempt('end', () => stream.end('a', 'nonsense'));
  t.state('state', stream, 'writableLength', 'writableEnded', 'destroyed');
};

exports.pushWithTheEncodingOfTheStream = (t) => {
  const stream = t.watch(open({ encoding: 'hex' }), 'stream', 'chunk');
  stream.push('0aFf', 'hex');
  stream.push('not hex at all', 'hex');
  stream.push('aGk=', 'base64');
  stream.push('plain');
  t.state('state', stream, 'readableLength');
};

exports.pushTextWhileACharacterIsIncomplete = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'data');
  stream.push(bytes(97, 0xe4, 0xbd));
  stream.push('text');
  stream.push(bytes(0xa0));
  stream.push(null);
};

exports.defaultEncodingOfAReadable = (t) => {
  const stream = t.watch(open({ defaultEncoding: 'hex' }), 'stream', 'chunk');
  stream.push('616263');
  stream.push('616263', 'utf8');
  stream.unshift('7a');
};

exports.unshiftOfTextInFrontOfText = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'data');
  stream.push('é');
  stream.unshift('你');
  stream.unshift('ff', 'latin1');
  stream.unshift('c3a9', 'hex');
  t.state('state', stream, 'readableLength');
  stream.push(null);
};

exports.unshiftOfTextOfAnotherEncoding = (t) => {
  const stream = t.watch(open({ encoding: 'hex' }), 'stream', 'chunk');
  stream.push('b');
  stream.unshift('a');
  stream.unshift('00ff', 'hex');
  t.state('state', stream, 'readableLength');
};

exports.unshiftWhileACharacterIsIncomplete = (t) => {
  const stream = t.watch(open({ encoding: 'utf8' }), 'stream', 'data');
  stream.push(bytes(97, 0xe4, 0xbd));
  stream.unshift('front');
  stream.push(bytes(0xa0));
  stream.push(null);
};

// A watched Writable that logs what it is given.
function sink(t, options) {
  const write = (chunk, encoding, callback) => {
    t.log('written', chunk, encoding);
    callback();
  };
  return t.watch(new Writable({ write, highWaterMark: 100, ...options }), 'sink');
}

exports.writeInEveryEncoding = (t) => {
  const stream = sink(t);
  const texts = { utf8: 'é你', utf16le: 'é你', latin1: 'éÿ', ascii: 'aé', hex: '0aFFzz', base64: 'aGk', base64url: '_-8' };
  for (const [encoding, text] of Object.entries(texts)) stream.write(text, encoding, t.callback(encoding));
  stream.end('Zm8=', 'base64');
};

exports.writeByOtherNames = (t) => {
  const stream = sink(t);
  for (const name of ['UTF8', 'utf-8', 'UCS2', 'Latin1', 'binary']) t.attempt(name, () => stream.write('é', name));
};

exports.setDefaultEncodingOfAWritable = (t) => {
  const stream = sink(t);
  t.log('same', stream.setDefaultEncoding('HEX') === stream);
  stream.write('616263');
  stream.write('616263', 'utf8');
  stream.setDefaultEncoding('latin1');
  stream.end('é');
};

exports.defaultEncodingOptionOfAWritable = (t) => {
  const stream = sink(t, { defaultEncoding: 'base64' });
  stream.write('aGk=');
  stream.write(Buffer.from('bytes'));
  stream.end('aGk=', 'utf8');
};

exports.decodeStringsOffWithADefaultEncoding = (t) => {
  const stream = sink(t, { decodeStrings: false, defaultEncoding: 'hex' });
  stream.write('616263');
  stream.write('é', 'utf8');
  stream.write(Buffer.from('bytes'));
  stream.write(Buffer.from('bytes'), 'latin1');
  t.state('state', stream, 'writableLength');
};

exports.decodeStringsOffWhileCorked = (t) => {
  const writev = (chunks, callback) => {
    t.log('writev', chunks.map(({ chunk, encoding }) => [chunk, encoding]));
    callback();
  };
  const stream = t.watch(new Writable({ writev, decodeStrings: false }), 'sink');
  stream.cork();
  stream.write('abc', 'hex');
  stream.write('def');
  stream.write(Buffer.from('x'));
  stream.end('last', 'latin1');
};

exports.objectsMayHaveAnEncoding = (t) => {
  const stream = sink(t, { objectMode: true });
  stream.write('text', 'latin1');
  stream.write(5, 'hex');
  t.attempt('unknown', () => stream.write('text', 'nonsense'));
};

exports.throughAPassThroughThatDecodes = (t) => {
  const stream = t.watch(new PassThrough({ encoding: 'hex' }), 'stream', 'chunk');
  stream.write('é');
  stream.write('ff', 'hex');
  stream.setEncoding('base64');
  stream.end('a', 'latin1');
};

exports.pipeFromADecodingSource = (t) => {
  const source = open({ encoding: 'utf8' });
  source.pipe(sink(t, { decodeStrings: false }));
  pushBytes(source, Buffer.from('é你'));
  source.push(null);
};

exports.pipeFromADecodingSourceOfHex = (t) => {
  const source = open({ encoding: 'hex' });
  source.pipe(sink(t));
  source.push('é');
  source.push(null);
};

exports.unshiftOfTextThatIsNoCharacter = (t) => {
  const stream = t.watch(open({ encoding: 'utf16le' }), 'stream', 'chunk');
  t.turns(2, () => t.log('unshift', stream.unshift('a'), stream.readableLength));
};
