'use strict';
// What is refused, and with which code.

const net = require('node:net');

exports.connectArguments = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    socket.connect(...values);
    socket.destroy();
  });
  attempt('port too large', 65536, '127.0.0.1');
  attempt('port negative', -1, '127.0.0.1');
  attempt('port text', { port: 'http', host: '127.0.0.1' });
  attempt('port list', { port: [], host: '127.0.0.1' });
  attempt('port true', { port: true, host: '127.0.0.1' });
  attempt('path number', { path: 5 });
  attempt('host number', { port: 1, host: 5 });
  attempt('local address number', { port: 1, host: '127.0.0.1', localAddress: 5 });
  attempt('local address text', { port: 1, host: '127.0.0.1', localAddress: 'nonsense' });
  attempt('local port text', { port: 1, host: '127.0.0.1', localPort: 'nonsense' });
  attempt('lookup number', { port: 1, host: 'localhost', lookup: 5 });
};

exports.connectWithNothing = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    socket.connect(...values);
    socket.destroy();
  });
  attempt('options without port', { host: '127.0.0.1' });
};

exports.listenArguments = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => {
    const server = net.createServer();
    server.on('error', () => {});
    server.listen(...values);
    server.close();
  });
  attempt('port too large', 65536);
  attempt('port negative', -1);
  attempt('port too large in options', { port: 65536 });
  attempt('port text', { port: 'http' });
};

exports.serverOptions = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => void net.createServer(...values));
  attempt('listener only', () => {});
  attempt('nothing');
  attempt('half-open', { allowHalfOpen: true });
  attempt('high-water mark', { highWaterMark: 10 });
  attempt('pause on connect', { pauseOnConnect: true });
};

exports.socketOptions = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => void new net.Socket(...values).destroy());
  attempt('nothing');
  attempt('half-open', { allowHalfOpen: true });
  attempt('descriptor negative', { fd: -1 });
  attempt('descriptor text', { fd: 'x' });
};

exports.writeArguments = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', () => {});
    socket.write(...values);
    socket.destroy();
  });
  attempt('null', null);
  attempt('number', 5);
  attempt('object', {});
  attempt('list', ['x']);
  attempt('true', true);
  attempt('unknown encoding', 'x', 'nonsense');
};

exports.endArguments = (t) => {
  const attempt = (name, ...values) => t.attempt(name, () => {
    const socket = new net.Socket();
    socket.on('error', (error) => t.log(`${name} error`, error));
    socket.end(...values);
    socket.destroy();
  });
  attempt('number', 5);
  attempt('object', {});
};

exports.setEncodingArguments = (t) => {
  const socket = new net.Socket();
  t.attempt('unknown', () => socket.setEncoding('nonsense'));
  t.log('same', socket.setEncoding('hex') === socket);
  t.state('encoding', socket, 'readableEncoding');
};

exports.setKeepAliveAndNoDelayBeforeConnect = (t) => {
  const socket = new net.Socket();
  t.log('same', socket.setKeepAlive(true, 1000) === socket);
  t.log('same', socket.setNoDelay(true) === socket);
  t.log('same', socket.ref() === socket);
  t.log('same', socket.unref() === socket);
};

exports.addressKinds = (t) => {
  const texts = ['127.0.0.1', '::1', '::', '', '1.2.3', '256.1.1.1', '1.2.3.4.5', '::ffff:1.2.3.4', 'fe80::1%lo', '01.2.3.4', ' 1.2.3.4',
    '1::2::3', 'localhost', '0', '12345::', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '1.2.3.4 ', '::1.2.3.4'];
  for (const text of texts) t.log(text, net.isIP(text), net.isIPv4(text), net.isIPv6(text));
  for (const value of [null, 5, true, {}]) t.log('kind', net.isIP(value), net.isIPv4(value), net.isIPv6(value));
};

exports.listenersMustBeCallable = (t) => {
  const socket = new net.Socket();
  t.attempt('text', () => void socket.on('data', 'listener'));
  t.attempt('error', () => void socket.emit('error', new Error('mine')));
};

exports.closeCallbackArguments = (t) => {
  const server = net.createServer();
  t.attempt('maximum', () => {
    server.maxConnections = 5;
    return server.maxConnections;
  });
};
