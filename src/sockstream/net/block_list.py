"""`BlockList`: addresses, ranges and subnets to keep away. Node: `net.BlockList`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from sockstream.errors import InvalidAddressError, InvalidArgTypeError, InvalidArgValueError, SockstreamError
from sockstream.net.block_rules import IntervalIndex, Rule, check_prefix, split_cidr, split_rule
from sockstream.net.ip_numbers import to_number, to_version
from sockstream.net.socket_address import SocketAddress

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

__all__ = ["BlockList"]


class BlockList:
    """IP addresses that are not let in, or not connected to. Node: `net.BlockList`.

    An address is a str of the `family` that follows it, `'ipv4'` or `'ipv6'` (in capitals or not), or a
    `SocketAddress`, whose own family counts and whose port does not.  The zone of an IPv6 address (`%eth0`) does not
    count.  An IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) meets the rules about `1.2.3.4`, and the other way round.

    The same address is one rule, however often it is added.  The same subnet or range can be there several times, and
    goes when it has been removed as often.  A removal takes the rule that was added with these arguments: an address
    stays blocked as long as another rule has it.

    A check takes microseconds with 100,000 rules, and so does the first one after a few changes.

    Example:
        >>> blocked = BlockList()
        >>> blocked.add_subnet("10.0.0.0", 8)
        >>> blocked.add_cidr("2001:db8::/32")
        >>> blocked.check("10.20.30.40"), blocked.check("::ffff:10.1.1.1", "ipv6"), blocked.check("11.0.0.1")
        (True, True, False)
    """

    __slots__ = ("__weakref__", "_copies", "_ipv4", "_ipv6", "_rules")

    PRIVATE_RANGES: ClassVar[tuple[str, ...]] = (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "169.254.0.0/16",
        "fe80::/10",
        "fc00::/7",
    )
    """What is no public address, for `add_cidrs`; the list is Node's. Node: `BlockList.PRIVATE_RANGES`.

    The private networks of RFC 1918, the loopback of RFC 1122 (127.0.0.0/8) and RFC 4291 (::1/128), the link-local
    addresses of RFC 3927 (169.254.0.0/16) and RFC 4291 (fe80::/10), and the unique local ones of RFC 4193 (fc00::/7).
    Not in it: the unspecified addresses `0.0.0.0` and `::`, which reach the own machine on many systems, and the range
    that carriers share, 100.64.0.0/10 (RFC 6598).
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        # The rules in the order in which they came; the values mean nothing.
        self._rules: dict[Rule, None] = {}
        # How often a rule is there, where that is more than once.
        self._copies: dict[Rule, int] = {}
        self._ipv4 = IntervalIndex()
        self._ipv6 = IntervalIndex()

    # -- adding -------------------------------------------------------------------------------------------------------

    def add_address(self, address: str | SocketAddress, family: str = "ipv4") -> None:
        """Block an address. Node: `blockList.addAddress`.

        Raises:
            InvalidArgTypeError: the address or the family is of a wrong type.
            InvalidArgValueError: no such family.
            InvalidAddressError: the text is no address of the family.
        """
        self._add(_address_rule(address, family))

    def add_addresses(self, addresses: Iterable[str | SocketAddress], family: str = "ipv4") -> None:
        """Block addresses: all of them, or none where one cannot be. Node: `blockList.addAddresses`.

        Args:
            addresses: any iterable but a str.
            family: of those that are texts.

        Raises:
            SockstreamError: as `add_address`; a note of the error says which one it was.
        """
        if not isinstance(family, str):
            raise InvalidArgTypeError("family", "a str", family)
        self._add_all("addresses", addresses, lambda address, name: _address_rule(address, family, name))

    def add_range(self, start: str | SocketAddress, end: str | SocketAddress, family: str = "ipv4") -> None:
        """Block the addresses from `start` to `end`, both included. Node: `blockList.addRange`.

        Raises:
            InvalidArgTypeError: an address or the family is of a wrong type.
            InvalidArgValueError: no such family, `end` comes before `start`, or they are of two families.
            InvalidAddressError: a text is no address of the family.
        """
        self._add(_range_rule(start, end, family))

    def add_subnet(self, net: str | SocketAddress, prefix: int, family: str = "ipv4") -> None:
        """Block a subnet. Node: `blockList.addSubnet`.

        Args:
            net: an address in it, usually the first.
            prefix: how many bits its addresses share: 0 to 32, or 128 for IPv6.
            family: of `net`.

        Raises:
            InvalidArgTypeError: the address, the prefix or the family is of a wrong type.
            InvalidArgValueError: no such family.
            InvalidAddressError: the text is no address of the family.
            OutOfRangeError: no such prefix.
        """
        self._add(_subnet_rule(net, prefix, family))

    def add_cidr(self, cidr: str) -> None:
        """Block the subnet that a text names: `'10.0.0.0/8'`, `'fe80::/10'`. Node: `blockList.addCIDR`.

        Raises:
            InvalidArgTypeError: it is no text.
            InvalidArgValueError: it has no prefix.
            InvalidAddressError: it has no address.
            OutOfRangeError: no such prefix.
        """
        self._add(_cidr_rule(cidr))

    def add_cidrs(self, cidrs: Iterable[str]) -> None:
        """Block subnets: all of them, or none where one cannot be. Node: `blockList.addCIDRs`.

        Args:
            cidrs: any iterable but a str.

        Raises:
            SockstreamError: as `add_cidr`; a note of the error says which one it was.

        Example:
            >>> blocked = BlockList()
            >>> blocked.add_cidrs(BlockList.PRIVATE_RANGES)
            >>> blocked.check("192.168.1.1"), blocked.check("fe80::1%eth0", "ipv6"), blocked.check("8.8.8.8")
            (True, True, False)
        """
        self._add_all("cidrs", cidrs, _cidr_rule)

    # -- removing -----------------------------------------------------------------------------------------------------

    def remove_address(self, address: str | SocketAddress, family: str = "ipv4") -> bool:
        """Remove the rule of `add_address`. Node: `blockList.removeAddress`.

        Returns:
            Whether there was one.

        Raises:
            SockstreamError: as `add_address`.
        """
        return self._remove(_address_rule(address, family))

    def remove_range(self, start: str | SocketAddress, end: str | SocketAddress, family: str = "ipv4") -> bool:
        """Remove a rule of `add_range` with the same ends. Node: `blockList.removeRange`.

        Returns:
            Whether there was one.

        Raises:
            SockstreamError: as `add_range`, but ends that no range has are just not there.
        """
        first, last = _resolve("start", start, family), _resolve("end", end, family)
        return first[0] == last[0] and self._remove(Rule("Range", *first, last[1]))

    def remove_subnet(self, net: str | SocketAddress, prefix: int, family: str = "ipv4") -> bool:
        """Remove a rule of `add_subnet` or `add_cidr` with the same address and prefix. Node: `blockList.removeSubnet`.

        Returns:
            Whether there was one.

        Raises:
            SockstreamError: as `add_subnet`.
        """
        return self._remove(_subnet_rule(net, prefix, family))

    def remove_cidr(self, cidr: str) -> bool:
        """Remove a rule of `add_cidr` or `add_subnet` with the same address and prefix. Node: `blockList.removeCIDR`.

        Returns:
            Whether there was one.

        Raises:
            SockstreamError: as `add_cidr`.
        """
        return self._remove(_cidr_rule(cidr))

    def clear(self) -> None:
        """Remove all rules. Node: `blockList.clear`."""
        self._forget()

    # -- asking -------------------------------------------------------------------------------------------------------

    def check(self, address: str | SocketAddress, family: str = "ipv4") -> bool:
        """Return whether a rule blocks the address. Node: `blockList.check`.

        Args:
            address: a text that is no address of the family is not blocked.
            family: of the address.

        Raises:
            InvalidArgTypeError: the address or the family is of a wrong type.
        """
        if isinstance(address, SocketAddress):
            family, address = address.family, address.address
        elif not isinstance(address, str):
            raise InvalidArgTypeError("address", "a str or a SocketAddress", address)
        elif not isinstance(family, str):
            raise InvalidArgTypeError("family", "a str", family)
        # Node: neither an unknown family nor a text that is no address is an error here.
        version = to_version(family)
        number = to_number(address, version)
        if number is None:
            return False
        if version == 4:
            return self._ipv4.holds(number)
        if number >> 32 == 0xFFFF and self._ipv4.holds(number & 0xFFFFFFFF):
            return True
        return self._ipv6.holds(number)

    @property
    def rules(self) -> list[str]:
        """The rules, the newest first: `['Subnet: IPv4 10.0.0.0/8', …]`. Node: `blockList.rules`."""
        return [rule.text for rule in reversed(self._rules)]

    @property
    def size(self) -> int:
        """The number of rules. Node: `blockList.size`."""
        return len(self._rules)

    @staticmethod
    def is_block_list(value: object) -> TypeGuard[BlockList]:
        """Return whether the value is a block list. Node: `BlockList.isBlockList`."""
        return isinstance(value, BlockList)

    # -- as data ------------------------------------------------------------------------------------------------------

    def to_json(self) -> list[str]:
        """Return the rules in a form that `json.dumps` takes and `from_json` adds again. Node: `blockList.toJSON`."""
        return self.rules

    def from_json(self, data: str | Iterable[str]) -> None:
        """Add the rules that `to_json` gave to those that are there: all of them, or none. Node: `blockList.fromJSON`.

        Args:
            data: the texts of the rules, or a list of them as JSON text.

        Raises:
            InvalidArgTypeError: it is something else.
            InvalidArgValueError: the text is no JSON, or a rule's text is none.
            SockstreamError: as the method that adds such a rule.  A note of the error says which one it was.
        """
        if isinstance(data, str):
            import json  # only who has text needs the module

            try:
                data = json.loads(data)
            except (ValueError, RecursionError) as error:
                raise InvalidArgValueError("data", data, "must be a list of rules, or JSON text of one") from error
        self._add_all("data", data, _text_rule)

    def __len__(self) -> int:
        return len(self._rules)

    def __bool__(self) -> bool:
        # A list without rules is a list: `if block_list:` must not take it for none.
        return True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} size={self.size}>"

    def __getstate__(self) -> object:
        # The rules are all there is to it; a copy has its own.
        return tuple(self._rules), dict(self._copies)

    def __setstate__(self, state: tuple[tuple[Rule, ...], dict[Rule, int]]) -> None:
        self._forget()
        for rule in state[0]:
            self._insert(rule)
        self._copies.update(state[1])

    # -- how rules come and go ----------------------------------------------------------------------------------------

    def _add_all(self, name: str, values: Iterable[Any], make: Callable[[Any, str], Rule]) -> None:
        """Make a rule of each value, and when that has succeeded, add them."""
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise InvalidArgTypeError(name, "a list or another iterable, and no str", values)
        rules: list[Rule] = []
        for value in values:
            item = f"{name}[{len(rules)}]"
            try:
                rules.append(make(value, item))
            except SockstreamError as error:
                error.add_note(f"in {item}: {value!r:.100}")
                raise
        for rule in rules:
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        if rule.kind == "Address":
            # Node 26: an address is there once, at its newest place and in its newest spelling.
            self._remove(rule)
        elif rule in self._rules:
            copies = self._copies.get(rule, 1)
            self._copies[rule] = copies + 1
            rule = rule._replace(copy_number=copies)
        self._insert(rule)

    def _insert(self, rule: Rule) -> None:
        self._rules[rule] = None
        ipv4, ipv6 = rule.intervals()
        if ipv4 is not None:
            self._ipv4.add(ipv4)
        if ipv6 is not None:
            self._ipv6.add(ipv6)

    def _remove(self, rule: Rule) -> bool:
        """Remove the newest of such rules; return whether there was one."""
        if rule not in self._rules:
            twin = rule.twin if rule.kind == "Address" else None
            return twin is not None and twin in self._rules and self._remove(twin)
        copies = self._copies.pop(rule, 1)
        if copies > 1:
            if copies > 2:
                self._copies[rule] = copies - 1
            rule = rule._replace(copy_number=copies - 1)
        del self._rules[rule]
        ipv4, ipv6 = rule.intervals()
        if ipv4 is not None:
            self._ipv4.remove(ipv4)
        if ipv6 is not None:
            self._ipv6.remove(ipv6)
        return True


# -- from arguments to rules ------------------------------------------------------------------------------------------


def _resolve(name: str, address: object, family: object) -> tuple[int, int]:
    """Return the version and the number of an address."""
    if isinstance(address, SocketAddress):
        # The address of one is valid: it has a number.
        version = to_version(address.family)
        return version, to_number(address.address, version) or 0
    if not isinstance(address, str):
        raise InvalidArgTypeError(name, "a str or a SocketAddress", address)
    if not isinstance(family, str):
        raise InvalidArgTypeError("family", "a str", family)
    version = to_version(family)
    if not version:
        raise InvalidArgValueError("family", family, "must be 'ipv4' or 'ipv6'")
    number = to_number(address, version)
    if number is None:
        raise InvalidAddressError(address)
    return version, number


def _address_rule(address: object, family: object, name: str = "address") -> Rule:
    return Rule("Address", *_resolve(name, address, family))


def _range_rule(start: object, end: object, family: object) -> Rule:
    version, first = _resolve("start", start, family)
    end_version, last = _resolve("end", end, family)
    # Differs: Node takes ends of two families; most of such ranges hold nothing.
    if version != end_version:
        raise InvalidArgValueError("end", end, "must be of the family of start")
    if last < first:
        raise InvalidArgValueError("start", start, "must come before end")
    return Rule("Range", version, first, last)


def _subnet_rule(net: object, prefix: object, family: object) -> Rule:
    version, number = _resolve("net", net, family)
    return Rule("Subnet", version, number, check_prefix(prefix, version))


def _cidr_rule(cidr: object, name: str = "cidr") -> Rule:
    return _subnet_rule(*split_cidr(cidr, name))


def _text_rule(text: object, name: str) -> Rule:
    """Make the rule that `Rule.text` shows."""
    if not isinstance(text, str):
        raise InvalidArgTypeError(name, "a str", text)
    kind, family, rest = split_rule(text, name)
    if kind == "Address":
        return _address_rule(rest, family)
    if kind == "Range":
        return _range_rule(*_halves(rest, "-"), family)
    net, prefix, _ = split_cidr(rest, name)
    return _subnet_rule(net, prefix, family)


def _halves(text: str, separator: str) -> tuple[str, str]:
    first, _, last = text.partition(separator)
    return first, last
