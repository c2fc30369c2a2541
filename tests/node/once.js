'use strict';
// Runs one scenario as a program of its own: `node once.js GROUP NAME PARAMS`.  Its log is on stdout when it exits.

const path = require('node:path');
const { Role } = require('./lib.js');

const [group, name, params] = process.argv.slice(2);
const t = new Role(JSON.parse(params), { send() {} });
process.on('exit', () => process.stdout.write(JSON.stringify(t._entries)));
require(path.join(__dirname, 'scenarios', `${group}.js`))[name](t);
