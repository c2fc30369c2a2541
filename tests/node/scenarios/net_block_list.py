"""Block lists: what a rule blocks, how rules are shown, and what is refused."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any

from sockstream.net import BlockList, SocketAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.node.lib import Role

ENDS = ["1.2.3.3", "1.2.3.4", "1.2.3.9", "1.2.3.10", "0.0.0.0", "255.255.255.255"]


def _ipv4(address: str) -> SocketAddress:
    return SocketAddress(address=address)


def _ipv6(address: str) -> SocketAddress:
    return SocketAddress(address=address, family="ipv6")


def _checks(t: Role, name: str, blocked: BlockList, *addresses: str) -> None:
    """Log which addresses a list blocks, as plain IPv4 and inside IPv6."""
    plain = [blocked.check(address) for address in addresses]
    t.log(name, plain, [blocked.check(f"::ffff:{address}", "ipv6") for address in addresses])


def an_address(t: Role) -> None:
    blocked = BlockList()
    t.attempt("add", lambda: blocked.add_address("1.2.3.4"))
    _checks(t, "checks", blocked, *ENDS)
    for other in ["::ffff:102:304", "::1.2.3.4", "::fffe:1.2.3.4", "64:ff9b::1.2.3.4", "1.2.3.4"]:
        t.log("ipv6", other, blocked.check(other, "ipv6"))
    t.log("as ipv4", blocked.check("::ffff:1.2.3.4"))
    t.log("rules", blocked.rules)


def a_range(t: Role) -> None:
    blocked = BlockList()
    t.attempt("add", lambda: blocked.add_range("1.2.3.4", "1.2.3.9"))
    _checks(t, "checks", blocked, *ENDS)
    t.attempt("across bytes", lambda: blocked.add_range("9.0.0.2", "10.0.0.1"))
    ends = ["9.0.0.1", "9.0.0.2", "9.255.255.255", "10.0.0.0", "10.0.0.1", "10.0.0.2"]
    _checks(t, "across bytes", blocked, *ends)
    blocked.add_range("2001:db8::1", "2001:db8::f", "ipv6")
    for end in ["2001:db8::", "2001:db8::1", "2001:db8::F", "2001:db8::10"]:
        t.log(end, blocked.check(end, "ipv6"))
    blocked.add_range("7.7.7.7", "7.7.7.7")
    t.log("rules", blocked.rules)


def ipv4_subnets(t: Role) -> None:
    addresses = ["129.77.11.130", "129.77.11.131", "129.77.11.0", "129.77.0.0", "129.78.0.0", "1.77.0.0"]
    for prefix in [0, 1, 7, 8, 9, 15, 16, 17, 24, 30, 31, 32]:
        blocked = BlockList()
        blocked.add_subnet("129.77.11.130", prefix)
        _checks(t, f"/{prefix}", blocked, *addresses)
        t.log("rules", blocked.rules)


def ipv6_subnets(t: Role) -> None:
    addresses = [
        "2001:db8::8:0:1", "2001:db8::8:0:2", "2001:db8::9:0:1", "2001:db8:1::", "2001:dbf::", "::", "::1", "ff::",
    ]  # fmt: skip
    for prefix in [0, 1, 10, 31, 32, 33, 64, 79, 80, 95, 96, 112, 127, 128]:
        blocked = BlockList()
        blocked.add_subnet("2001:db8::8:0:1", prefix, "ipv6")
        t.log(f"/{prefix}", [blocked.check(address, "ipv6") for address in addresses], blocked.check("1.2.3.4"))
        t.log("rules", blocked.rules)


def mapped_rules(t: Role) -> None:
    addresses = ["1.2.3.4", "1.2.3.5", "1.2.99.9", "9.9.9.9", "200.1.1.1", "0.0.0.0"]
    for prefix in [0, 63, 64, 79, 80, 81, 90, 95, 96, 97, 104, 112, 120, 127, 128]:
        blocked = BlockList()
        blocked.add_subnet("::ffff:1.2.3.4", prefix, "ipv6")
        _checks(t, f"/{prefix}", blocked, *addresses)
        t.log("beside", blocked.check("::fffe:1.2.3.4", "ipv6"), blocked.check("::1", "ipv6"))
    for net in ["::", "::fffe:1.2.3.4", "::fffe:0:0", "::ffff:0:0"]:
        blocked = BlockList()
        blocked.add_subnet(net, 95, "ipv6")
        _checks(t, net, blocked, *addresses)
    blocked = BlockList()
    blocked.add_address("::ffff:1.2.3.4", "ipv6")
    _checks(t, "address", blocked, *addresses)


def mapped_ranges(t: Role) -> None:
    ranges = [
        ("::ffff:1.2.3.4", "::ffff:1.2.3.9"), ("::ffff:0:0", "::ffff:ffff:ffff"), ("::", "::1:0:0:0"),
        ("::1", "::ffff:1.2.3.9"), ("::ffff:1.2.3.4", "2001::"), ("::fffe:ffff:ffff", "::ffff:1.2.3.4"),
    ]  # fmt: skip
    for start, end in ranges:
        blocked = BlockList()
        blocked.add_range(start, end, "ipv6")
        _checks(t, start, blocked, *ENDS)
        t.log("beside", blocked.check("::1", "ipv6"), blocked.check("1000::", "ipv6"), blocked.rules)


def rules_are_shown_newest_first(t: Role) -> None:
    blocked = BlockList()
    t.log("none", blocked.rules)
    blocked.add_subnet("192.168.5.7", 16)
    blocked.add_address("1.2.3.4")
    blocked.add_range("10.0.0.1", "10.0.0.9")
    blocked.add_subnet("192.168.5.7", 16)
    blocked.add_address("2001:0DB8:0000::0001", "ipv6")
    blocked.add_range("FE80::1", "FE80::00FF", "ipv6")
    blocked.add_subnet("::1", 0, "ipv6")
    blocked.add_subnet("192.168.0.0", 16)
    blocked.add_range("10.0.0.1", "10.0.0.9")
    t.log("rules", blocked.rules)
    blocked.rules.pop()
    t.log("the list of the rules is another one", len(blocked.rules))


def texts_of_addresses(t: Role) -> None:
    texts = [
        "::", "::1", "1::", "1:0:0:2::", "1:0:0:2:0:0:0:3", "::1.2.3.4", "::1:2", "::FFFF:0102:0304",
        "::ffff:0:1.2.3.4", "64:ff9b::1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "0:0:1::", "2001:db8:0:0:1:0:0:1",
        "1:0:2:0:3:0:4:0", "::0.0.0.1", "::0.1.0.0", "::0.0.1.0", "1:0:0:0:0:0:1.2.3.4", "::fffe:1.2.3.4",
        "::ffff:0.0.0.0", "::1:0:0", "0:1:2:3:4:5:6:7", "::2:3:4:5:6:7", "::2:3:4:5:6:7:8", "fe80::1%lo", "fe80::1%",
        "fe80::1%a b", "::ffff:1.2.3.4%lo",
    ]  # fmt: skip
    for text in texts:
        blocked = BlockList()
        blocked.add_address(text, "ipv6")
        t.log(text, blocked.rules, _ipv6(text).address)


def zones_do_not_count(t: Role) -> None:
    blocked = BlockList()
    blocked.add_address("fe80::1%lo", "ipv6")
    blocked.add_subnet("fe80:1::%lo", 64, "ipv6")
    t.log("address", *(blocked.check(text, "ipv6") for text in ["fe80::1", "fe80::1%eth0", "fe80::2%lo"]))
    t.log("subnet", blocked.check("fe80:1::7%eth0", "ipv6"), blocked.check("fe80:1::7", "ipv6"))


def families(t: Role) -> None:
    values: list[Any] = ["ipv4", "IPv4", "IPV4", "ipv6", "IPv6", "", " ipv4", "4", "v4", None, 4, 6, 0, True, []]
    for family in values:
        _one_family(t, family)


def _one_family(t: Role, family: Any) -> None:
    blocked = BlockList()
    blocked.add_subnet("0.0.0.0", 0)
    first, last = ("::1", "::2") if str(family).endswith("6") else ("1.2.3.4", "1.2.3.9")
    t.attempt("address", lambda: blocked.add_address(first, family))
    t.attempt("range", lambda: blocked.add_range(first, last, family))
    t.attempt("subnet", lambda: blocked.add_subnet(first, 8, family))
    t.attempt("check", lambda: blocked.check(first, family))
    t.attempt("check nonsense", lambda: blocked.check("nonsense", family))
    t.log("rules", blocked.rules)


def bad_addresses(t: Role) -> None:
    values: list[Any] = [
        None, 0, 5, True, [], {}, lambda: None, "", "nonsense", "localhost", "1.2.3", "1.2.3.4 ", " 1.2.3.4",
        "01.2.3.4", "1.2.3.256", "0x1.2.3.4", "1.2.3.4.5", "1.2.3.4/8", "1.2.3.4%lo", "::1", "::ffff:1.2.3.4",
        "12345::", "1::2::3", "[::1]",
    ]  # fmt: skip
    for value in values:
        blocked = BlockList()
        _one_address(t, blocked, value, "ipv4", "0.0.0.0", "255.0.0.0")
        _one_address(t, blocked, value, "ipv6", "::", "ffff::")
        t.log("rules", blocked.rules)


def _one_address(t: Role, blocked: BlockList, value: Any, family: str, lowest: str, highest: str) -> None:
    t.attempt("address", lambda: blocked.add_address(value, family))
    t.attempt("check", lambda: blocked.check(value, family))
    t.attempt("range start", lambda: blocked.add_range(value, highest, family))
    t.attempt("range end", lambda: blocked.add_range(lowest, value, family))
    t.attempt("subnet", lambda: blocked.add_subnet(value, 8, family))


def bad_prefixes(t: Role) -> None:
    values: list[Any] = [-1, 0, 32, 33, 128, 129, 1.5, nan, inf, 2**31, 2**53, "8", "", True, None, [], {}]
    for prefix in values:
        _one_prefix(t, prefix)


def _one_prefix(t: Role, prefix: Any) -> None:
    blocked = BlockList()
    t.attempt("ipv4", lambda: blocked.add_subnet("1.2.3.4", prefix))
    t.attempt("ipv6", lambda: blocked.add_subnet("::1", prefix, "ipv6"))
    t.log("rules", blocked.rules)


def bad_ranges(t: Role) -> None:
    blocked = BlockList()
    t.attempt("reversed", lambda: blocked.add_range("1.2.3.4", "1.2.3.3"))
    t.attempt("reversed ipv6", lambda: blocked.add_range("::5", "::4", "ipv6"))
    t.attempt("two families", lambda: blocked.add_range("1.2.3.4", "::3", "ipv6"))
    t.attempt("reversed socket addresses", lambda: blocked.add_range(_ipv4("1.2.3.4"), _ipv4("1.2.3.3")))
    t.log("rules", blocked.rules)


def what_is_checked_first(t: Role) -> None:
    values: list[Any] = [5, "nonsense"]
    families: list[Any] = [5, "nonsense", None]
    for value in values:
        for family in families:
            _two_faults(t, value, family)
    t.attempt("address and prefix", lambda: BlockList().add_subnet("nonsense", 99))
    t.attempt("start and end", lambda: BlockList().add_range("nonsense", values[0]))


def _two_faults(t: Role, value: Any, family: Any) -> None:
    blocked = BlockList()
    t.attempt("address", lambda: blocked.add_address(value, family))
    t.attempt("check", lambda: blocked.check(value, family))
    t.attempt("range", lambda: blocked.add_range(value, value, family))
    t.attempt("range end", lambda: blocked.add_range("1.2.3.4", value, family))
    t.attempt("subnet", lambda: blocked.add_subnet(value, value, family))
    t.attempt("subnet prefix", lambda: blocked.add_subnet("1.2.3.4", value, family))


def socket_addresses(t: Role) -> None:
    blocked = BlockList()
    address = SocketAddress(address="1.2.3.4", port=80)
    number: Any = 5
    t.attempt("the family is its own", lambda: blocked.add_address(_ipv6("2001:DB8::1"), "ipv4"))
    t.attempt("its own, whatever is said", lambda: blocked.add_address(address, number))
    t.attempt("subnet", lambda: blocked.add_subnet(_ipv4("9.9.9.9"), 8, "ipv6"))
    t.attempt("subnet ipv6", lambda: blocked.add_subnet(_ipv6("fe80::"), 64))
    t.attempt("subnet prefix", lambda: blocked.add_subnet(_ipv4("9.9.9.9"), 33, "ipv6"))
    t.attempt("range", lambda: blocked.add_range(_ipv4("7.7.7.7"), _ipv4("7.7.7.9"), "nonsense"))
    t.attempt("range and text", lambda: blocked.add_range(_ipv4("6.6.6.6"), "6.6.6.9"))
    t.attempt("range and text of a family", lambda: blocked.add_range(_ipv6("::1"), "::9", "ipv6"))
    t.attempt("range and text of another", lambda: blocked.add_range(_ipv6("::1"), "::9"))
    t.attempt("range and bad family", lambda: blocked.add_range(_ipv4("6.6.6.6"), "6.6.6.9", number))
    t.log("rules", blocked.rules)
    other = SocketAddress(address="1.2.3.4", port=81)
    t.log("port", blocked.check(other), blocked.check(address, "nonsense"))
    t.log("others", blocked.check(_ipv4("9.1.1.1")), blocked.check(_ipv6("fe80::7")), blocked.check(_ipv6("fe81::7")))
    t.log("mapped", blocked.check(_ipv6("::ffff:1.2.3.4")), blocked.check(_ipv6("::ffff:1.2.3.5")))


class _Random:
    """Numbers that look like nothing, the same in both languages."""

    def __init__(self) -> None:
        self._numbers = self._generate()

    @staticmethod
    def _generate() -> Iterator[int]:
        state = 12345
        while True:
            state = (state * 69069 + 1) % 2147483648
            yield state >> 8

    def below(self, bound: int) -> int:
        return next(self._numbers) % bound

    def family(self) -> str:
        return "ipv4" if self.below(2) else "ipv6"

    def address(self, family: str) -> str:
        tail = f"1.{self.below(4)}.{self.below(4)}.{self.below(256)}"
        return tail if family == "ipv4" else ("::ffff:", "::fffe:", "2001:db8::", "::")[self.below(4)] + tail


def many_rules(t: Role) -> None:
    random = _Random()
    for _ in range(8):
        blocked = BlockList()
        for count in range(12):
            _add_something(t, blocked, random)
            asked = [(family := random.family(), random.address(family)) for _ in range(20)]
            t.log(str(count), "".join(str(int(blocked.check(address, family))) for family, address in asked))


def _add_something(t: Role, blocked: BlockList, random: _Random) -> None:
    family = random.family()
    kind, one, other = random.below(3), random.address(family), random.address(family)
    prefix = 14 + random.below(19) if family == "ipv4" else 76 + random.below(53)
    if kind == 0:
        blocked.add_address(one, family)
    elif kind == 1:
        blocked.add_subnet(one, prefix, family)
    else:
        t.attempt("range", lambda: blocked.add_range(one, other, family))
