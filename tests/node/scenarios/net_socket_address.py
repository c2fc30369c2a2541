"""Socket addresses: what they are made of, and what is refused."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any

from sockstream.net import SocketAddress

if TYPE_CHECKING:
    from tests.node.lib import Role


def _attempt(t: Role, name: str, **options: Any) -> None:
    """Attempt to make one, and log what it says."""

    def make() -> list[Any]:
        made = SocketAddress(**options)
        return [made.address, made.family, made.port, made.flowlabel]

    t.attempt(name, make)


def defaults(t: Role) -> None:
    _attempt(t, "nothing")
    _attempt(t, "no options")
    _attempt(t, "ipv4", family="ipv4")
    _attempt(t, "ipv6", family="ipv6")
    _attempt(t, "IPv6", family="IPv6")
    _attempt(t, "IPV4 and an address", family="IPV4", address="1.2.3.4")
    _attempt(t, "port", port=80)
    _attempt(t, "address", address="1.2.3.4")


def all_options(t: Role) -> None:
    _attempt(t, "ipv4", address="255.255.255.255", family="ipv4", port=65535, flowlabel=7)
    _attempt(t, "ipv6", address="FE80:0::0001", family="ipv6", port=1, flowlabel=1048575)
    _attempt(t, "mapped", address="::FFFF:102:304", family="ipv6")
    _attempt(t, "zone", address="fe80::1%lo", family="ipv6")


def bad_families(t: Role) -> None:
    values: list[Any] = [None, 0, 4, 6, True, "", "nonsense", "4", " ipv4", [], {}, lambda: None]
    for family in values:
        _attempt(t, "family", family=family)


def bad_addresses(t: Role) -> None:
    values: list[Any] = [
        0, 1.5, True, [], {}, lambda: None, "", "nonsense", "localhost", "1.2.3", "01.2.3.4", "1.2.3.256", " 1.2.3.4",
        "1.2.3.4:80", "1.2.3.4%lo", "[::1]", "::1", "::1/8", "12345::",
    ]  # fmt: skip
    for address in values:
        _attempt(t, "ipv4", address=address)
        _attempt(t, "ipv6", address=address, family="ipv6")
    _attempt(t, "ipv4 as ipv6", address="1.2.3.4", family="ipv6")


def bad_ports(t: Role) -> None:
    values: list[Any] = [None, -1, 1.5, 65536, 2**32, nan, inf, True, "", "x", "80x", "-1", [], [80], {}, lambda: None]
    for port in values:
        _attempt(t, "port", port=port)


def flow_labels(t: Role) -> None:
    values: list[Any] = [0, 1, 65536, 1048575, None, -1, 1.5, 2**32, nan, inf, True, "", "5", [], {}, lambda: None]
    for flowlabel in values:
        _attempt(t, "ipv4", flowlabel=flowlabel)
        _attempt(t, "ipv6", flowlabel=flowlabel, family="ipv6")
    _attempt(t, "more than 20 bits", flowlabel=1048576)


def what_is_checked_first(t: Role) -> None:
    _attempt(t, "family and address", family=5, address=5)
    _attempt(t, "family and port", family="nonsense", port=-1)
    _attempt(t, "address and port", address=5, port=-1)
    _attempt(t, "address and flow label", address=5, flowlabel=-1)
    _attempt(t, "port and flow label", port=-1, flowlabel=-1)
    _attempt(t, "text and port", address="nonsense", port=-1)
    _attempt(t, "text and flow label", address="nonsense", flowlabel=-1)


def they_do_not_change(t: Role) -> None:
    made = SocketAddress(address="1.2.3.4", port=80)
    for name in ["address", "family", "port", "flowlabel"]:
        changed = True
        try:
            setattr(made, name, 5)
        except AttributeError:
            changed = False
        t.log(name, changed)
    t.log("left", made.address, made.port)
