'use strict';
// Socket addresses: what they are made of, and what is refused.

const { SocketAddress } = require('node:net');

// Attempts to make one, and logs what it says.
function attempt(t, name, ...options) {
  t.attempt(name, () => {
    const made = new SocketAddress(...options);
    return [made.address, made.family, made.port, made.flowlabel];
  });
}

exports.defaults = (t) => {
  attempt(t, 'nothing');
  attempt(t, 'no options', {});
  attempt(t, 'ipv4', { family: 'ipv4' });
  attempt(t, 'ipv6', { family: 'ipv6' });
  attempt(t, 'IPv6', { family: 'IPv6' });
  attempt(t, 'IPV4 and an address', { family: 'IPV4', address: '1.2.3.4' });
  attempt(t, 'port', { port: 80 });
  attempt(t, 'address', { address: '1.2.3.4' });
};

exports.allOptions = (t) => {
  attempt(t, 'ipv4', { address: '255.255.255.255', family: 'ipv4', port: 65535, flowlabel: 7 });
  attempt(t, 'ipv6', { address: 'FE80:0::0001', family: 'ipv6', port: 1, flowlabel: 1048575 });
  attempt(t, 'mapped', { address: '::FFFF:102:304', family: 'ipv6' });
  attempt(t, 'zone', { address: 'fe80::1%lo', family: 'ipv6' });
};

exports.badFamilies = (t) => {
  for (const family of [null, 0, 4, 6, true, '', 'nonsense', '4', ' ipv4', [], {}, () => {}]) attempt(t, 'family', { family });
};

exports.badAddresses = (t) => {
  const values = [
    0, 1.5, true, [], {}, () => {}, '', 'nonsense', 'localhost', '1.2.3', '01.2.3.4', '1.2.3.256', ' 1.2.3.4', '1.2.3.4:80',
    '1.2.3.4%lo', '[::1]', '::1', '::1/8', '12345::',
  ];
  for (const address of values) {
    attempt(t, 'ipv4', { address });
    attempt(t, 'ipv6', { address, family: 'ipv6' });
  }
  attempt(t, 'ipv4 as ipv6', { address: '1.2.3.4', family: 'ipv6' });
};

exports.badPorts = (t) => {
  for (const port of [null, -1, 1.5, 65536, 2 ** 32, NaN, Infinity, true, '', 'x', '80x', '-1', [], [80], {}, () => {}]) {
    attempt(t, 'port', { port });
  }
};

exports.flowLabels = (t) => {
  for (const flowlabel of [0, 1, 65536, 1048575, null, -1, 1.5, 2 ** 32, NaN, Infinity, true, '', '5', [], {}, () => {}]) {
    attempt(t, 'ipv4', { flowlabel });
    attempt(t, 'ipv6', { flowlabel, family: 'ipv6' });
  }
  attempt(t, 'more than 20 bits', { flowlabel: 1048576 });
};

exports.whatIsCheckedFirst = (t) => {
  attempt(t, 'family and address', { family: 5, address: 5 });
  attempt(t, 'family and port', { family: 'nonsense', port: -1 });
  attempt(t, 'address and port', { address: 5, port: -1 });
  attempt(t, 'address and flow label', { address: 5, flowlabel: -1 });
  attempt(t, 'port and flow label', { port: -1, flowlabel: -1 });
  attempt(t, 'text and port', { address: 'nonsense', port: -1 });
  attempt(t, 'text and flow label', { address: 'nonsense', flowlabel: -1 });
};

exports.theyDoNotChange = (t) => {
  const made = new SocketAddress({ address: '1.2.3.4', port: 80 });
  for (const name of ['address', 'family', 'port', 'flowlabel']) {
    let changed = true;
    try {
      made[name] = 5;
    } catch {
      changed = false;
    }
    t.log(name, changed);
  }
  t.log('left', made.address, made.port);
};
