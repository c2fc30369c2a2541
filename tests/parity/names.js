'use strict';
// Prints what Node's `net` shows: the names of the module, and those of its classes and of their objects, old and new.

const net = require('node:net');

const own = (object) => Object.getOwnPropertyNames(object).filter((name) => !name.startsWith('_'));
const symbols = new Map(['dispose', 'asyncDispose', 'asyncIterator'].map((name) => [Symbol[name], `[Symbol.${name}]`]));
const shownKey = (key) => symbols.get(key) ?? String(key);
// What every function and prototype has.
const without = (names, ...common) => names.filter((name) => !common.includes(name));

const objects = { Server: new net.Server(), Socket: new net.Socket() };
// A property that is there once it was set.
objects.Socket.setTimeout(1).setTimeout(0);

const shown = { version: process.versions.node, net: own(net), classes: {} };
for (const name of own(net).filter((each) => /^[A-Z]/.test(each) && each !== 'Stream')) {
  shown.classes[name] = {
    statics: without(own(net[name]), 'length', 'name', 'prototype', 'arguments', 'caller'),
    members: [...without(own(net[name].prototype), 'constructor'), ...own(objects[name] ?? {})],
    inherited: [],
  };
  for (let each = net[name].prototype; each !== null; each = Object.getPrototypeOf(each)) {
    shown.classes[name].inherited.push(...Reflect.ownKeys(each).map(shownKey));
  }
}
console.log(JSON.stringify(shown));
