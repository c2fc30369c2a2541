'use strict';
// Runs roles of scenarios, one after another, as JSON lines on stdin say; reports as JSON lines on stdout.  The Python
// half is harness.py.

const path = require('node:path');
const readline = require('node:readline');
const { Role } = require('./lib.js');

globalThis.console = new console.Console(process.stderr);

const roles = new Map();
let current = null;

function send(id, kind, values) {
  process.stdout.write(`${JSON.stringify({ id, kind, ...values })}\n`);
}

function load(group) {
  return require(path.join(__dirname, 'scenarios', `${group}.js`));
}

const commands = {
  names({ id, group }) {
    send(id, 'names', { names: Object.keys(load(group)) });
  },
  run({ id, group, name, role, params }) {
    const scenario = load(group)[name];
    const t = new Role(params, { send: (kind, values) => send(id, kind, values) });
    roles.set(id, t);
    current = { id, t };
    const run = role ? scenario[role].bind(scenario) : scenario;
    setImmediate(() => t._run(run));
  },
  hear: ({ id, name }) => roles.get(id)._hear(name),
  dump: ({ id }) => send(id, 'dumped', { log: roles.get(id)._entries }),
  clean({ id }) {
    roles.get(id)._cleanUp();
    roles.delete(id);
    current = null;
  },
};

// An error of JavaScript's own, not of Node's, is a mistake in the scenario; any other is part of its log.
process.on('uncaughtException', (error) => {
  const mistake = !error.code && (error instanceof TypeError || error instanceof ReferenceError);
  if (current === null || mistake) send(current?.id ?? null, 'failed', { error: error.stack });
  else current.t.log('uncaught', error);
});
process.on('warning', () => {});

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.command](command);
}).on('close', () => process.exit());
