"""Socket addresses: what Node 20 lacks, and what is Python's; the rest is differential."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, OutOfRangeError, SocketBadPortError
from sockstream.net import AddressInfo, SocketAddress

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = SocketAddress(address="2001:DB8::0:1", family="IPv6", port=80, flowlabel=7)


def test_it_is_a_value() -> None:
    same = SocketAddress(address="2001:db8:0:0::1", family="ipv6", port=80, flowlabel=7)
    assert (same == FULL, hash(FULL) == hash(same), len({FULL, same})) == (True, True, 1)
    others = [replace(FULL, port=81), replace(FULL, flowlabel=8), replace(FULL, address="::1"), SocketAddress()]
    assert FULL not in others
    assert repr(FULL) == "SocketAddress(address='2001:db8::1', family='ipv6', port=80, flowlabel=7)"


def test_it_does_not_change() -> None:
    port: Any = "port"
    with pytest.raises(FrozenInstanceError):
        setattr(FULL, port, 81)
    assert FULL.port == 80


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_it_can_be_copied(clone: Callable[[SocketAddress], SocketAddress]) -> None:
    assert clone(FULL) == FULL


@pytest.mark.parametrize("family", ["ipv4", "IPv4", "IPV4"])
def test_the_default_goes_by_the_family_however_it_is_written(family: str) -> None:
    assert SocketAddress(family=family) == SocketAddress(address="127.0.0.1", family="ipv4")


def test_it_takes_what_a_socket_says_of_itself() -> None:
    info = AddressInfo("::1", 80, "IPv6")
    assert SocketAddress(**info._asdict()) == SocketAddress(address="::1", family="ipv6", port=80)


@pytest.mark.parametrize(("port", "number"), [("80", 80), ("0", 0), ("00080", 80), ("65535", 65535)])
def test_a_port_may_be_a_text_of_digits(port: str, number: int) -> None:
    assert SocketAddress(port=port).port == number


@pytest.mark.parametrize(
    "port", ["65536", "0x50", " 80", "+80", "\uff18", pytest.param("9" * 5000, id="many digits"), None, 80.0]
)
def test_what_is_no_port(port: Any) -> None:
    with pytest.raises(SocketBadPortError, match="port should be >= 0 and < 65536"):
        SocketAddress(port=port)


@pytest.mark.parametrize("flowlabel", [0x100000, 0xFFFFFFFF])
def test_a_flow_label_has_20_bits(flowlabel: int) -> None:
    with pytest.raises(OutOfRangeError, match="<= 1048575"):
        SocketAddress(family="ipv6", flowlabel=flowlabel)
    assert SocketAddress(flowlabel=flowlabel).flowlabel == 0


def test_options_are_keywords() -> None:
    make: Any = SocketAddress
    for arguments, options in ((["1.2.3.4"], {}), ([], {"flow_label": 1})):
        with pytest.raises(TypeError):
            make(*arguments, **options)
    with pytest.raises(InvalidArgValueError, match="'ipv4' or 'ipv6'"):
        make(family=None)


# -- parse ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("1.2.3.4", "1.2.3.4", 0),
        ("1.2.3.4:1234", "1.2.3.4", 1234),
        ("1.2.3.4:80", "1.2.3.4", 80),
        ("1.2.3.4:0", "1.2.3.4", 0),
        ("1.2.3.4:00080", "1.2.3.4", 80),
        ("1.2.3.4:65535", "1.2.3.4", 65535),
        ("[::1]", "::1", 0),
        ("[1::1]:1234", "1::1", 1234),
        ("[2001:DB8:0:0::1]:80", "2001:db8::1", 80),
        ("[::ffff:1.2.3.4]:8", "::ffff:1.2.3.4", 8),
    ],
)
def test_parse(text: str, address: str, port: int) -> None:
    family = "ipv6" if ":" in address else "ipv4"
    assert SocketAddress.parse(text) == SocketAddress(address=address, family=family, port=port)


@pytest.mark.parametrize(
    "text",
    [
        "", "localhost", "localhost:80", "::1", "2001:db8::1:80", "[::1", "::1]", "[]", "[]:8", ":80", "[::1]80",
        "[::1]x", "[1.2.3.4]:8", "[fe80::1%lo]:8", "1.2.3.4:65536", "1.2.3.4:99999", "1.2.3.4:+8", "1.2.3.4:-8",
        "1.2.3.4:8x", "1.2.3.4:8 0", "1.2.3.4:80:80", "256.1.1.1", " 1.2.3.4:5", "[::1]\n", "12345::",
        pytest.param("1.2.3.4:" + "9" * 5000, id="many digits"),
    ],
)  # fmt: skip
def test_what_does_not_parse_is_none(text: str) -> None:
    assert SocketAddress.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0x7f000001", "127.1", "2130706433", "01.2.3.4", "1.2.3.4.", "1.2.3.4:", "1.2.3.4/", "1.2.3.4:80/x",
        "1.2.3.4?x", "me@1.2.3.4:80", "%31.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4\0",
        "\uff11.2.3.4:5", "1.2.3.4:\u0668", "\\1.2.3.4",
    ],
)  # fmt: skip
def test_what_only_a_url_parser_takes_for_an_address_is_none(text: str) -> None:
    assert SocketAddress.parse(text) is None


@pytest.mark.parametrize("value", [None, 5, b"1.2.3.4", {}])
def test_what_is_no_text_cannot_be_parsed(value: Any) -> None:
    with pytest.raises(InvalidArgTypeError):
        SocketAddress.parse(value)
