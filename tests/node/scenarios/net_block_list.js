'use strict';
// Block lists: what a rule blocks, how rules are shown, and what is refused.

const { BlockList, SocketAddress } = require('node:net');

const ENDS = ['1.2.3.3', '1.2.3.4', '1.2.3.9', '1.2.3.10', '0.0.0.0', '255.255.255.255'];

const ipv4 = (address) => new SocketAddress({ address });
const ipv6 = (address) => new SocketAddress({ address, family: 'ipv6' });

// Logs which addresses a list blocks, as plain IPv4 and inside IPv6.
function checks(t, name, list, ...addresses) {
  t.log(name, addresses.map((address) => list.check(address)),
    addresses.map((address) => list.check(`::ffff:${address}`, 'ipv6')));
}

exports.anAddress = (t) => {
  const list = new BlockList();
  t.attempt('add', () => list.addAddress('1.2.3.4'));
  checks(t, 'checks', list, ...ENDS);
  const others = ['::ffff:102:304', '::1.2.3.4', '::fffe:1.2.3.4', '64:ff9b::1.2.3.4', '1.2.3.4'];
  for (const other of others) t.log('ipv6', other, list.check(other, 'ipv6'));
  t.log('as ipv4', list.check('::ffff:1.2.3.4'));
  t.log('rules', list.rules);
};

exports.aRange = (t) => {
  const list = new BlockList();
  t.attempt('add', () => list.addRange('1.2.3.4', '1.2.3.9'));
  checks(t, 'checks', list, ...ENDS);
  t.attempt('across bytes', () => list.addRange('9.0.0.2', '10.0.0.1'));
  checks(t, 'across bytes', list, '9.0.0.1', '9.0.0.2', '9.255.255.255', '10.0.0.0', '10.0.0.1', '10.0.0.2');
  list.addRange('2001:db8::1', '2001:db8::f', 'ipv6');
  for (const end of ['2001:db8::', '2001:db8::1', '2001:db8::F', '2001:db8::10']) t.log(end, list.check(end, 'ipv6'));
  list.addRange('7.7.7.7', '7.7.7.7');
  t.log('rules', list.rules);
};

exports.ipv4Subnets = (t) => {
  const addresses = ['129.77.11.130', '129.77.11.131', '129.77.11.0', '129.77.0.0', '129.78.0.0', '1.77.0.0'];
  for (const prefix of [0, 1, 7, 8, 9, 15, 16, 17, 24, 30, 31, 32]) {
    const list = new BlockList();
    list.addSubnet('129.77.11.130', prefix);
    checks(t, `/${prefix}`, list, ...addresses);
    t.log('rules', list.rules);
  }
};

exports.ipv6Subnets = (t) => {
  const addresses = ['2001:db8::8:0:1', '2001:db8::8:0:2', '2001:db8::9:0:1', '2001:db8:1::', '2001:dbf::', '::', '::1', 'ff::'];
  for (const prefix of [0, 1, 10, 31, 32, 33, 64, 79, 80, 95, 96, 112, 127, 128]) {
    const list = new BlockList();
    list.addSubnet('2001:db8::8:0:1', prefix, 'ipv6');
    t.log(`/${prefix}`, addresses.map((address) => list.check(address, 'ipv6')), list.check('1.2.3.4'));
    t.log('rules', list.rules);
  }
};

exports.mappedRules = (t) => {
  const addresses = ['1.2.3.4', '1.2.3.5', '1.2.99.9', '9.9.9.9', '200.1.1.1', '0.0.0.0'];
  for (const prefix of [0, 63, 64, 79, 80, 81, 90, 95, 96, 97, 104, 112, 120, 127, 128]) {
    const list = new BlockList();
    list.addSubnet('::ffff:1.2.3.4', prefix, 'ipv6');
    checks(t, `/${prefix}`, list, ...addresses);
    t.log('beside', list.check('::fffe:1.2.3.4', 'ipv6'), list.check('::1', 'ipv6'));
  }
  for (const net of ['::', '::fffe:1.2.3.4', '::fffe:0:0', '::ffff:0:0']) {
    const list = new BlockList();
    list.addSubnet(net, 95, 'ipv6');
    checks(t, net, list, ...addresses);
  }
  const list = new BlockList();
  list.addAddress('::ffff:1.2.3.4', 'ipv6');
  checks(t, 'address', list, ...addresses);
};

exports.mappedRanges = (t) => {
  const ranges = [
    ['::ffff:1.2.3.4', '::ffff:1.2.3.9'], ['::ffff:0:0', '::ffff:ffff:ffff'], ['::', '::1:0:0:0'],
    ['::1', '::ffff:1.2.3.9'], ['::ffff:1.2.3.4', '2001::'], ['::fffe:ffff:ffff', '::ffff:1.2.3.4'],
  ];
  for (const [start, end] of ranges) {
    const list = new BlockList();
    list.addRange(start, end, 'ipv6');
    checks(t, start, list, ...ENDS);
    t.log('beside', list.check('::1', 'ipv6'), list.check('1000::', 'ipv6'), list.rules);
  }
};

exports.rulesAreShownNewestFirst = (t) => {
  const list = new BlockList();
  t.log('none', list.rules);
  list.addSubnet('192.168.5.7', 16);
  list.addAddress('1.2.3.4');
  list.addRange('10.0.0.1', '10.0.0.9');
  list.addSubnet('192.168.5.7', 16);
  list.addAddress('2001:0DB8:0000::0001', 'ipv6');
  list.addRange('FE80::1', 'FE80::00FF', 'ipv6');
  list.addSubnet('::1', 0, 'ipv6');
  list.addSubnet('192.168.0.0', 16);
  list.addRange('10.0.0.1', '10.0.0.9');
  t.log('rules', list.rules);
  list.rules.pop();
  t.log('the list of the rules is another one', list.rules.length);
};

exports.textsOfAddresses = (t) => {
  const texts = [
    '::', '::1', '1::', '1:0:0:2::', '1:0:0:2:0:0:0:3', '::1.2.3.4', '::1:2', '::FFFF:0102:0304', '::ffff:0:1.2.3.4',
    '64:ff9b::1.2.3.4', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7::', '0:0:1::', '2001:db8:0:0:1:0:0:1', '1:0:2:0:3:0:4:0',
    '::0.0.0.1', '::0.1.0.0', '::0.0.1.0', '1:0:0:0:0:0:1.2.3.4', '::fffe:1.2.3.4', '::ffff:0.0.0.0', '::1:0:0',
    '0:1:2:3:4:5:6:7', '::2:3:4:5:6:7', '::2:3:4:5:6:7:8', 'fe80::1%lo', 'fe80::1%', 'fe80::1%a b', '::ffff:1.2.3.4%lo',
  ];
  for (const text of texts) {
    const list = new BlockList();
    list.addAddress(text, 'ipv6');
    t.log(text, list.rules, ipv6(text).address);
  }
};

exports.zonesDoNotCount = (t) => {
  const list = new BlockList();
  list.addAddress('fe80::1%lo', 'ipv6');
  list.addSubnet('fe80:1::%lo', 64, 'ipv6');
  t.log('address', list.check('fe80::1', 'ipv6'), list.check('fe80::1%eth0', 'ipv6'), list.check('fe80::2%lo', 'ipv6'));
  t.log('subnet', list.check('fe80:1::7%eth0', 'ipv6'), list.check('fe80:1::7', 'ipv6'));
};

exports.families = (t) => {
  for (const family of ['ipv4', 'IPv4', 'IPV4', 'ipv6', 'IPv6', '', ' ipv4', '4', 'v4', null, 4, 6, 0, true, []]) {
    const list = new BlockList();
    list.addSubnet('0.0.0.0', 0);
    const ends = String(family).endsWith('6') ? ['::1', '::2'] : ['1.2.3.4', '1.2.3.9'];
    t.attempt('address', () => list.addAddress(ends[0], family));
    t.attempt('range', () => list.addRange(...ends, family));
    t.attempt('subnet', () => list.addSubnet(ends[0], 8, family));
    t.attempt('check', () => list.check(ends[0], family));
    t.attempt('check nonsense', () => list.check('nonsense', family));
    t.log('rules', list.rules);
  }
};

exports.badAddresses = (t) => {
  const values = [
    null, 0, 5, true, [], {}, () => {}, '', 'nonsense', 'localhost', '1.2.3', '1.2.3.4 ', ' 1.2.3.4', '01.2.3.4', '1.2.3.256',
    '0x1.2.3.4', '1.2.3.4.5', '1.2.3.4/8', '1.2.3.4%lo', '::1', '::ffff:1.2.3.4', '12345::', '1::2::3', '[::1]',
  ];
  for (const value of values) {
    const list = new BlockList();
    for (const family of ['ipv4', 'ipv6']) {
      t.attempt('address', () => list.addAddress(value, family));
      t.attempt('check', () => list.check(value, family));
      t.attempt('range start', () => list.addRange(value, family === 'ipv4' ? '255.0.0.0' : 'ffff::', family));
      t.attempt('range end', () => list.addRange(family === 'ipv4' ? '0.0.0.0' : '::', value, family));
      t.attempt('subnet', () => list.addSubnet(value, 8, family));
    }
    t.log('rules', list.rules);
  }
};

exports.badPrefixes = (t) => {
  for (const prefix of [-1, 0, 32, 33, 128, 129, 1.5, NaN, Infinity, 2 ** 31, 2 ** 53, '8', '', true, null, [], {}]) {
    const list = new BlockList();
    t.attempt('ipv4', () => list.addSubnet('1.2.3.4', prefix));
    t.attempt('ipv6', () => list.addSubnet('::1', prefix, 'ipv6'));
    t.log('rules', list.rules);
  }
};

exports.badRanges = (t) => {
  const list = new BlockList();
  t.attempt('reversed', () => list.addRange('1.2.3.4', '1.2.3.3'));
  t.attempt('reversed ipv6', () => list.addRange('::5', '::4', 'ipv6'));
  t.attempt('two families', () => list.addRange('1.2.3.4', '::3', 'ipv6'));
  t.attempt('reversed socket addresses', () => list.addRange(ipv4('1.2.3.4'), ipv4('1.2.3.3')));
  t.log('rules', list.rules);
};

exports.whatIsCheckedFirst = (t) => {
  for (const value of [5, 'nonsense']) {
    for (const family of [5, 'nonsense', null]) {
      const list = new BlockList();
      t.attempt('address', () => list.addAddress(value, family));
      t.attempt('check', () => list.check(value, family));
      t.attempt('range', () => list.addRange(value, value, family));
      t.attempt('range end', () => list.addRange('1.2.3.4', value, family));
      t.attempt('subnet', () => list.addSubnet(value, value, family));
      t.attempt('subnet prefix', () => list.addSubnet('1.2.3.4', value, family));
    }
  }
  t.attempt('address and prefix', () => new BlockList().addSubnet('nonsense', 99));
  t.attempt('start and end', () => new BlockList().addRange('nonsense', 5));
};

exports.socketAddresses = (t) => {
  const list = new BlockList();
  const address = new SocketAddress({ address: '1.2.3.4', port: 80 });
  t.attempt('the family is its own', () => list.addAddress(ipv6('2001:DB8::1'), 'ipv4'));
  t.attempt('its own, whatever is said', () => list.addAddress(address, 5));
  t.attempt('subnet', () => list.addSubnet(ipv4('9.9.9.9'), 8, 'ipv6'));
  t.attempt('subnet ipv6', () => list.addSubnet(ipv6('fe80::'), 64));
  t.attempt('subnet prefix', () => list.addSubnet(ipv4('9.9.9.9'), 33, 'ipv6'));
  t.attempt('range', () => list.addRange(ipv4('7.7.7.7'), ipv4('7.7.7.9'), 'nonsense'));
  t.attempt('range and text', () => list.addRange(ipv4('6.6.6.6'), '6.6.6.9'));
  t.attempt('range and text of a family', () => list.addRange(ipv6('::1'), '::9', 'ipv6'));
  t.attempt('range and text of another', () => list.addRange(ipv6('::1'), '::9'));
  t.attempt('range and bad family', () => list.addRange(ipv4('6.6.6.6'), '6.6.6.9', 5));
  t.log('rules', list.rules);
  t.log('port', list.check(new SocketAddress({ address: '1.2.3.4', port: 81 })), list.check(address, 'nonsense'));
  t.log('others', list.check(ipv4('9.1.1.1')), list.check(ipv6('fe80::7')), list.check(ipv6('fe81::7')));
  t.log('mapped', list.check(ipv6('::ffff:1.2.3.4')), list.check(ipv6('::ffff:1.2.3.5')));
};

// Numbers that look like nothing, the same in both languages.
function* numbers() {
  let state = 12345;
  for (;;) {
    state = (state * 69069 + 1) % 2147483648;
    yield state >> 8;
  }
}

exports.manyRules = (t) => {
  const random = numbers();
  const next = (bound) => random.next().value % bound;
  const address = (family) => {
    const tail = `1.${next(4)}.${next(4)}.${next(256)}`;
    return family === 'ipv4' ? tail : ['::ffff:', '::fffe:', '2001:db8::', '::'][next(4)] + tail;
  };
  for (let round = 0; round < 8; round += 1) {
    const list = new BlockList();
    for (let count = 0; count < 12; count += 1) {
      const family = next(2) ? 'ipv4' : 'ipv6';
      const [kind, one, other] = [next(3), address(family), address(family)];
      const prefix = (family === 'ipv4' ? 14 : 76) + next(family === 'ipv4' ? 19 : 53);
      if (kind === 0) list.addAddress(one, family);
      else if (kind === 1) list.addSubnet(one, prefix, family);
      else t.attempt('range', () => list.addRange(one, other, family));
      const found = [];
      for (let check = 0; check < 20; check += 1) {
        const asked = next(2) ? 'ipv4' : 'ipv6';
        found.push(list.check(address(asked), asked) ? '1' : '0');
      }
      t.log(String(count), found.join(''));
    }
  }
};
