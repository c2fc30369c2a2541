"""Block lists: what Node 20 lacks (as Node 26 was seen to do it), and what is Python's; the rest is differential."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    InvalidAddressError,
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    SockstreamError,
)
from sockstream.net import BlockList, SocketAddress

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = [
    "Range: IPv6 ::1-::5",
    "Subnet: IPv6 2001:db8::/32",
    "Address: IPv6 ::ffff:1.2.3.4",
    "Range: IPv4 10.0.0.1-10.0.0.10",
    "Subnet: IPv4 192.168.1.7/24",
    "Address: IPv4 10.0.0.5",
]


def block_list(*cidrs: str) -> BlockList:
    made = BlockList()
    made.add_cidrs(cidrs)
    return made


def full_list() -> BlockList:
    """Return a list whose rules are RULES."""
    made = BlockList()
    made.from_json(reversed(RULES))
    return made


# -- addresses --------------------------------------------------------------------------------------------------------


def test_an_address_is_there_once_in_its_newest_spelling() -> None:
    blocked = BlockList()
    for address, family in [("1.2.3.4", "ipv4"), ("5.6.7.8", "ipv4"), ("1.2.3.4", "ipv4")]:
        blocked.add_address(address, family)
    assert blocked.rules == ["Address: IPv4 1.2.3.4", "Address: IPv4 5.6.7.8"]
    blocked.add_address("::ffff:1.2.3.4", "ipv6")
    assert blocked.rules == ["Address: IPv6 ::ffff:1.2.3.4", "Address: IPv4 5.6.7.8"]
    assert blocked.remove_address("1.2.3.4")
    assert (blocked.check("1.2.3.4"), blocked.size) == (False, 1)


def test_addresses_are_added_in_order() -> None:
    blocked = BlockList()
    blocked.add_addresses(["1.2.3.4", SocketAddress(address="::1", family="ipv6"), "5.6.7.8"])
    assert blocked.rules == ["Address: IPv4 5.6.7.8", "Address: IPv6 ::1", "Address: IPv4 1.2.3.4"]
    blocked.add_addresses((f"::{number}" for number in range(2, 4)), "IPv6")
    assert blocked.rules[:2] == ["Address: IPv6 ::3", "Address: IPv6 ::2"]


def test_adding_no_addresses_looks_at_the_type_of_the_family_only() -> None:
    blocked = BlockList()
    blocked.add_addresses([], "nonsense")
    family: Any = 5
    with pytest.raises(InvalidArgTypeError, match='"family"'):
        blocked.add_addresses([], family)


# -- CIDR -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cidr", "rule"),
    [
        ("1.2.3.4/8", "Subnet: IPv4 1.2.3.4/8"),
        ("1.2.3.4/0", "Subnet: IPv4 1.2.3.4/0"),
        ("2001:DB8::1/32", "Subnet: IPv6 2001:db8::1/32"),
        ("::ffff:1.2.3.4/120", "Subnet: IPv6 ::ffff:1.2.3.4/120"),
        ("fe80::1%lo/64", "Subnet: IPv6 fe80::1/64"),
        ("::1%a/b/128", "Subnet: IPv6 ::1/128"),
    ],
)
def test_a_cidr_is_a_subnet(cidr: str, rule: str) -> None:
    blocked = BlockList()
    blocked.add_cidr(cidr)
    assert blocked.rules == [rule]
    assert (blocked.remove_cidr(cidr), blocked.rules) == (True, [])


@pytest.mark.parametrize(
    ("error", "cidrs"),
    [
        (InvalidArgTypeError, [None, 5, [], {}, ["1.2.3.4/8"], b"1.2.3.4/8"]),
        (InvalidArgValueError, ["", "1.2.3.4", "::1", "1.2.3.4/", "1.2.3.4/x", "1.2.3.4/8x", "1.2.3.4/ 8", "x/y"]),
        (InvalidArgValueError, ["1.2.3.4/08", "1.2.3.4/00", "1.2.3.4/+8", "1.2.3.4/-0", "1.2.3.4/-", "1.2.3.4/1e1"]),
        (InvalidArgValueError, ["1.2.3.4/8 ", "1.2.3.4/8.0", "1.2.3.4/255.0.0.0", "fe80::1/64%lo", "1.2.3.4/\u0668"]),
        (InvalidAddressError, ["/8", "x/8", "x/99", "1.2.3.4/8/8", " 1.2.3.4/8", "1.2.3.4 /8", "01.2.3.4/8", "a:b/8"]),
        (OutOfRangeError, ["1.2.3.4/33", "1.2.3.4/-1", "::1/129", "1.2.3.4/4294967304"]),
    ],
)
def test_what_is_no_cidr(error: type[SockstreamError], cidrs: list[Any]) -> None:
    blocked = BlockList()
    for cidr in cidrs:
        for call in (blocked.add_cidr, blocked.remove_cidr, lambda cidr: blocked.add_cidrs([cidr])):
            with pytest.raises(error):
                call(cidr)
    assert blocked.size == 0


def test_private_ranges_hold_what_is_not_public() -> None:
    blocked = block_list(*BlockList.PRIVATE_RANGES)
    inside = ["10.1.1.1", "172.31.0.1", "192.168.0.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"]
    inside += ["::1", "fe80::1", "febf::1", "fd00::1"]
    outside = ["9.255.255.255", "172.32.0.1", "8.8.8.8", "100.64.0.1", "0.0.0.0", "::", "2001:4860::1", "fec0::1"]
    families = {True: "ipv6", False: "ipv4"}
    assert [address for address in inside + outside if blocked.check(address, families[":" in address])] == inside


# -- several at once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("add", "good", "bad", "error"),
    [
        (BlockList.add_addresses, "1.2.3.4", "nonsense", InvalidAddressError),
        (BlockList.add_addresses, "1.2.3.4", 5, InvalidArgTypeError),
        (BlockList.add_cidrs, "1.2.3.4/8", "1.2.3.4", InvalidArgValueError),
        (BlockList.from_json, "Address: IPv4 1.2.3.4", "Address: IPv6 1.2.3.4", InvalidAddressError),
    ],
)
def test_all_or_none(add: Callable[..., None], good: str, bad: object, error: type[SockstreamError]) -> None:
    blocked = block_list("9.9.9.9/32")
    with pytest.raises(error) as raised:
        add(blocked, [good, good, bad, good])
    assert raised.value.__notes__ == [f"in {raised.value.__notes__[0].split('[')[0][3:]}[2]: {bad!r}"]
    assert blocked.rules == ["Subnet: IPv4 9.9.9.9/32"]
    assert not blocked.check("1.2.3.4")


@pytest.mark.parametrize("add", [BlockList.add_addresses, BlockList.add_cidrs, BlockList.from_json])
@pytest.mark.parametrize("values", [None, 5, b"1.2.3.4", {}, {"1.2.3.4": 1}])
def test_several_are_an_iterable(add: Callable[..., None], values: object) -> None:
    with pytest.raises(InvalidArgTypeError):
        add(BlockList(), values)


@pytest.mark.parametrize("add", [BlockList.add_addresses, BlockList.add_cidrs])
def test_one_text_is_not_several(add: Callable[..., None]) -> None:
    with pytest.raises(InvalidArgTypeError):
        add(BlockList(), "1.2.3.4/8")


# -- removing ---------------------------------------------------------------------------------------------------------


def test_a_removal_takes_the_newest_of_the_same_rules() -> None:
    blocked = block_list("1.0.0.0/8", "2.0.0.0/8", "1.0.0.0/8", "1.0.0.0/8")
    left = [["1/8", "2/8", "1/8"], ["2/8", "1/8"], ["2/8"], ["2/8"]]
    for rules in left:
        removed = blocked.remove_subnet("1.0.0.0", 8)
        assert [re.sub(r"\w+: IPv4 (\d)\.0\.0\.0", r"\1", rule) for rule in blocked.rules] == rules
        assert blocked.check("1.2.3.4") is ("1/8" in rules)
    assert not removed
    blocked.add_cidr("1.0.0.0/8")
    assert blocked.size == 2


def test_removing_takes_the_rule_of_the_same_arguments() -> None:
    blocked = BlockList()
    blocked.add_subnet("192.168.5.7", 16)
    blocked.add_range("1.2.3.4", "1.2.3.9")
    blocked.add_address("1.2.3.4")
    assert not blocked.remove_subnet("192.168.0.0", 16)
    assert not blocked.remove_subnet("::ffff:192.168.5.7", 112, "ipv6")
    assert not blocked.remove_range("1.2.3.4", "1.2.3.8")
    assert not blocked.remove_range("::ffff:1.2.3.4", "::ffff:1.2.3.9", "ipv6")
    assert not blocked.remove_address("1.2.3.5")
    assert blocked.remove_address(SocketAddress(address="1.2.3.4", port=80))
    assert blocked.check("1.2.3.4")
    assert blocked.remove_range("1.2.3.4", "1.2.3.9")
    assert not blocked.check("1.2.3.4")
    assert blocked.remove_cidr("192.168.5.7/16")
    assert blocked.size == 0


def test_removing_what_overlaps_leaves_the_rest_blocked() -> None:
    blocked = block_list("10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "::/0")
    blocked.remove_cidr("::/0")
    blocked.remove_cidr("10.1.0.0/16")
    assert [blocked.check(each) for each in ("10.1.1.1", "10.2.0.0", "9.0.0.0")] == [True, True, False]
    blocked.remove_cidr("10.0.0.0/8")
    assert [blocked.check(each) for each in ("10.1.1.1", "10.2.0.0", "9.0.0.0")] == [True, False, False]


def test_ends_no_range_has_are_not_there() -> None:
    blocked = BlockList()
    assert not blocked.remove_range("1.2.3.4", "1.2.3.3")
    blocked.add_range("::1", "::9", "ipv6")
    assert not blocked.remove_range(SocketAddress(address="::1", family="ipv6"), "0.0.0.9")
    assert blocked.size == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((5,), InvalidArgTypeError),
        (("x",), InvalidAddressError),
        (("1.2.3.4", 5), InvalidArgTypeError),
        (("1.2.3.4", "x"), InvalidArgValueError),
        (("1.2.3.4", "ipv6"), InvalidAddressError),
    ],
)
def test_removing_refuses_what_adding_does(arguments: tuple[Any, ...], error: type[SockstreamError]) -> None:
    blocked = block_list("0.0.0.0/0", "::/0")
    address, *family = arguments
    with pytest.raises(error):
        blocked.remove_address(address, *family)
    with pytest.raises(error):
        blocked.remove_range(address, "255.255.255.255", *family)
    with pytest.raises(error):
        blocked.remove_subnet(address, 8, *family)
    with pytest.raises(OutOfRangeError):
        blocked.remove_subnet("1.2.3.4", 33)


def test_clear() -> None:
    blocked = full_list()
    blocked.add_cidr("192.168.1.7/24")
    blocked.clear()
    assert (blocked.size, blocked.rules, blocked.check("10.0.0.5"), blocked.check("::1", "ipv6")) == (
        0,
        [],
        False,
        False,
    )
    blocked.add_cidr("192.168.1.7/24")
    assert blocked.remove_cidr("192.168.1.7/24")
    assert blocked.size == 0


# -- as data ----------------------------------------------------------------------------------------------------------


def test_rules_go_to_json_and_come_back() -> None:
    blocked = full_list()
    assert blocked.to_json() == blocked.rules == RULES
    again = block_list("9.9.9.9/32")
    again.from_json(json.dumps(blocked.to_json()))
    # Each is added in turn, so they come out the other way round, as in Node.
    assert again.rules == [*reversed(RULES), "Subnet: IPv4 9.9.9.9/32"]
    assert [again.check(each) for each in ("10.0.0.5", "192.168.1.255", "1.2.3.4", "10.0.0.11")] == [True] * 3 + [False]


@pytest.mark.parametrize(
    ("error", "rules"),
    [
        (InvalidArgValueError, ["x", "address: ipv4 1.2.3.4", "Address:IPv4 1.2.3.4", "Address: IPv4 1.2.3.4 "]),
        (InvalidArgValueError, ["Address: IPv5 1.2.3.4", "see Address: IPv4 1.2.3.4", "Address: IPv4 1.2.3.4\n", ""]),
        (InvalidArgValueError, ["Subnet: IPv4 1.2.3.4", "Subnet: IPv4 1.2.3.4/x", "Range: IPv4 1.2.3.4-1.2.3.3"]),
        (InvalidAddressError, ["Address: IPv4 x", "Address: IPv4 10.0.0.5/8", "Address: IPv6 1.2.3.4"]),
        (InvalidAddressError, ["Range: IPv4 1.2.3.4", "Range: IPv4 1.2.3.4-", "Range: IPv4 1.2.3.4-::ffff:1.2.3.9"]),
        (OutOfRangeError, ["Subnet: IPv4 1.2.3.4/33", "Subnet: IPv6 ::1/129", "Subnet: IPv4 1.2.3.4/-1"]),
        (InvalidArgTypeError, [5, None, []]),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(error: type[SockstreamError], rules: list[Any]) -> None:
    blocked = BlockList()
    for rule in rules:
        with pytest.raises(error):
            blocked.from_json(["Address: IPv4 9.9.9.9", rule])
    assert blocked.size == 0


@pytest.mark.parametrize("text", ["", "nonsense", "Address: IPv4 1.2.3.4", pytest.param("[" * 200_000, id="deep")])
def test_text_that_is_no_json(text: str) -> None:
    with pytest.raises(InvalidArgValueError, match="JSON") as raised:
        BlockList().from_json(text)
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize("text", ['"x"', "5", "null", "{}"])
def test_json_that_is_no_list(text: str) -> None:
    with pytest.raises(InvalidArgTypeError, match='"data"'):
        BlockList().from_json(text)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_has_its_own_rules(clone: Callable[[BlockList], BlockList]) -> None:
    blocked = full_list()
    blocked.add_cidr("192.168.1.7/24")
    other = clone(blocked)
    assert other.rules == blocked.rules
    blocked.clear()
    assert (other.size, other.check("::3", "ipv6")) == (7, True)
    assert [other.remove_cidr("192.168.1.7/24") for _ in range(3)] == [True, True, False]
    assert clone(BlockList()).rules == []


# -- Python's ---------------------------------------------------------------------------------------------------------


def test_size_and_truth() -> None:
    blocked = BlockList()
    assert (blocked.size, len(blocked), bool(blocked), repr(blocked)) == (0, 0, True, "<BlockList size=0>")
    blocked.add_address("1.2.3.4")
    assert (blocked.size, len(blocked), bool(blocked), repr(blocked)) == (1, 1, True, "<BlockList size=1>")


def test_is_block_list() -> None:
    values = [BlockList(), type("Mine", (BlockList,), {})(), BlockList, None, [], "1.2.3.4"]
    assert [BlockList.is_block_list(value) for value in values] == [True, True, False, False, False, False]


def test_a_range_is_of_one_family() -> None:
    blocked = BlockList()
    ends = SocketAddress(address="1.2.3.4"), SocketAddress(address="::ffff:1.2.3.9", family="ipv6")
    for start, end in (ends, reversed(ends)):
        with pytest.raises(InvalidArgValueError, match="must be of the family of start"):
            blocked.add_range(start, end)
    assert blocked.size == 0


def test_a_nul_ends_no_address() -> None:
    blocked = block_list("1.2.3.4/32")
    with pytest.raises(InvalidAddressError):
        blocked.add_address("5.6.7.8\0")
    assert not blocked.check("1.2.3.4\0.example.org")


def test_many_changes_at_once_and_one_by_one() -> None:
    blocked = BlockList()
    blocked.add_addresses(f"10.0.{number // 256}.{number % 256}" for number in range(2000))
    assert blocked.check("10.0.7.207")
    blocked.add_address("11.0.0.1")
    assert blocked.check("11.0.0.1")
    assert blocked.remove_address("10.0.7.207")
    assert [blocked.check(each) for each in ("10.0.7.206", "10.0.7.207", "10.0.7.208")] == [True, False, False]
    assert blocked.size == 2000
