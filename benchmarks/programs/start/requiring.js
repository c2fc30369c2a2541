'use strict';
// Loads the module that a server needs, says so, and ends.
require('node:net');
console.log(0);
