'use strict';
// EventEmitter.

const { EventEmitter, errorMonitor } = require('node:events');

exports.listenersInOrder = (t) => {
  const emitter = new EventEmitter();
  emitter.on('x', (...values) => t.log('first', ...values));
  emitter.once('x', () => t.log('once'));
  emitter.prependListener('x', () => t.log('prepended'));
  emitter.prependOnceListener('x', () => t.log('prepended once'));
  t.log('emitted', emitter.emit('x', 1, 'two', null));
  t.log('emitted', emitter.emit('x'));
  t.log('emitted', emitter.emit('y'));
};

exports.listenersChangedWhileEmitting = (t) => {
  const emitter = new EventEmitter();
  const last = () => t.log('last');
  emitter.on('x', () => {
    t.log('first');
    emitter.off('x', last);
    emitter.on('x', () => t.log('added'));
  });
  emitter.on('x', last);
  emitter.emit('x');
  t.log('again');
  emitter.emit('x');
};

exports.sameListenerTwice = (t) => {
  const emitter = new EventEmitter();
  const listener = () => t.log('called');
  emitter.on('x', listener);
  emitter.on('x', listener);
  emitter.emit('x');
  emitter.off('x', listener);
  t.log('count', emitter.listenerCount('x'));
  emitter.off('x', listener);
  emitter.off('x', listener);
  t.log('count', emitter.listenerCount('x'));
};

exports.newListenerAndRemoveListener = (t) => {
  const emitter = new EventEmitter();
  emitter.on('removeListener', (name) => t.log('removed', name, emitter.listenerCount('x')));
  emitter.on('newListener', (name) => t.log('new', name, emitter.listenerCount('x')));
  const listener = () => {};
  emitter.on('x', listener);
  emitter.once('x', () => t.log('once'));
  emitter.emit('x');
  emitter.off('x', listener);
  emitter.off('x', listener);
};

exports.newListenerAddsOneBefore = (t) => {
  const emitter = new EventEmitter();
  emitter.once('newListener', (name) => {
    if (name === 'x') emitter.on('x', () => t.log('before'));
  });
  emitter.on('x', () => t.log('asked for'));
  emitter.emit('x');
};

exports.errorWithoutListener = (t) => {
  const emitter = new EventEmitter();
  t.attempt('error', () => emitter.emit('error', new Error('mine')));
  t.attempt('text', () => emitter.emit('error', 'text'));
  t.attempt('nothing', () => emitter.emit('error'));
};

exports.errorWithListener = (t) => {
  const emitter = new EventEmitter();
  emitter.on('error', (error) => t.log('heard', error));
  t.attempt('error', () => emitter.emit('error', new Error('mine')));
};

exports.errorMonitor = (t) => {
  const emitter = new EventEmitter();
  emitter.on(errorMonitor, (error) => t.log('monitored', error));
  t.attempt('unheard', () => emitter.emit('error', new Error('mine')));
  emitter.on('error', (error) => t.log('heard', error));
  t.attempt('heard', () => emitter.emit('error', new Error('mine')));
};

exports.removeAllListeners = (t) => {
  const emitter = new EventEmitter();
  emitter.on('x', () => t.log('x'));
  emitter.on('y', () => t.log('y'));
  emitter.on('y', () => t.log('second y'));
  t.log('same', emitter.removeAllListeners('y') === emitter);
  t.log('emitted', emitter.emit('y'));
  t.log('names', emitter.eventNames());
  emitter.removeAllListeners();
  t.log('names', emitter.eventNames());
};

exports.removeAllListenersTells = (t) => {
  const emitter = new EventEmitter();
  emitter.on('x', () => {});
  emitter.on('y', () => {});
  emitter.on('y', () => {});
  emitter.on('removeListener', (name) => t.log('removed', name, emitter.listenerCount(name)));
  emitter.removeAllListeners('y');
  emitter.removeAllListeners();
  t.log('names', emitter.eventNames());
};

exports.namesAndCounts = (t) => {
  const emitter = new EventEmitter();
  const one = () => {};
  emitter.on('b', one);
  emitter.on('a', one);
  emitter.once('a', one);
  t.log('names', emitter.eventNames());
  t.log('counts', emitter.listenerCount('a'), emitter.listenerCount('b'), emitter.listenerCount('c'));
  t.log('listeners', emitter.listeners('a').map((listener) => listener === one));
  t.log('raw', emitter.rawListeners('a').map((listener) => listener === one));
  t.log('original', emitter.rawListeners('a')[1].listener === one);
};

exports.listenerThrows = (t) => {
  const emitter = new EventEmitter();
  emitter.on('x', () => {
    t.log('first');
    throw new Error('mine');
  });
  emitter.on('x', () => t.log('never'));
  t.attempt('emit', () => emitter.emit('x'));
};

exports.onceThatThrowsIsGone = (t) => {
  const emitter = new EventEmitter();
  emitter.once('x', () => {
    throw new Error('mine');
  });
  t.attempt('emit', () => emitter.emit('x'));
  t.attempt('emit', () => emitter.emit('x'));
};

exports.onceEmitsInside = (t) => {
  const emitter = new EventEmitter();
  emitter.once('x', () => {
    t.log('once');
    emitter.emit('x');
  });
  emitter.emit('x');
};

exports.offInsideOnce = (t) => {
  const emitter = new EventEmitter();
  const once = () => {
    t.log('once', emitter.listenerCount('x'));
    emitter.off('x', once);
  };
  emitter.once('x', once);
  emitter.emit('x');
};

exports.callsChain = (t) => {
  const emitter = new EventEmitter();
  const listener = () => {};
  t.log('on', emitter.on('x', listener) === emitter);
  t.log('once', emitter.once('x', listener) === emitter);
  t.log('prepend', emitter.prependListener('x', listener) === emitter);
  t.log('off', emitter.off('x', listener) === emitter);
  t.log('maximum', emitter.setMaxListeners(3) === emitter, emitter.getMaxListeners());
};

exports.arguments = (t) => {
  const emitter = new EventEmitter();
  t.attempt('text', () => void emitter.on('x', 'text'));
  t.attempt('off', () => void emitter.off('x', 5));
  t.attempt('prepend', () => void emitter.prependListener('x', {}));
  t.attempt('negative', () => void emitter.setMaxListeners(-1));
  t.attempt('not a number', () => void emitter.setMaxListeners('5'));
};
