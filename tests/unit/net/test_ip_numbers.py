"""Addresses as numbers: which texts have one, judged by `is_ip`, and the texts they go back to."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import pytest

from sockstream.net import is_ip
from sockstream.net.ip_numbers import MAPPED, to_number, to_text, to_version
from tests.unit.net.test_addresses import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("text", [text for text in TEXTS if "%" not in text])
def test_a_text_has_a_number_where_it_is_an_address_of_that_version(text: str) -> None:
    assert (to_number(text, 4) is not None, to_number(text, 6) is not None) == (is_ip(text) == 4, is_ip(text) == 6)


@pytest.mark.parametrize("zone", ["%eth0", "%", "%a b", "%a%b", "%é"])
def test_a_zone_does_not_count(zone: str) -> None:
    assert to_number("fe80::1" + zone, 6) == to_number("fe80::1", 6)
    assert to_number("1.2.3.4" + zone, 4) is None


@pytest.mark.parametrize("text", ["1.2.3.4\0", "::1\0", "\ud800", "::1\ud800"])
def test_what_the_system_cannot_even_read_has_no_number(text: str) -> None:
    assert (to_number(text, 4), to_number(text, 6)) == (None, None)


def test_of_no_version_there_is_no_number() -> None:
    assert to_number("1.2.3.4", 0) is None


def test_leading_zeros_are_no_address_where_the_c_library_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    lenient: Callable[[int, str], bytes] = lambda family, text: bytes(map(int, text.split(".")))  # noqa: E731
    monkeypatch.setattr(socket, "inet_pton", lenient)
    assert (to_number("10.2.3.4", 4), to_number("010.2.3.4", 4)) == (0x0A020304, None)


@pytest.mark.parametrize("text", ["0.0.0.0", "1.2.3.4", "255.255.255.255"])
def test_ipv4_there_and_back(text: str) -> None:
    number = int(ipaddress.IPv4Address(text))
    assert (to_number(text, 4), to_text(number, 4)) == (number, text)
    assert to_number(f"::ffff:{text}", 6) == MAPPED | number


@pytest.mark.parametrize("text", ["::", "::1", "1::", "1:0:0:2::3", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"])
def test_ipv6_there_and_back(text: str) -> None:
    number = int(ipaddress.IPv6Address(text))
    assert (to_number(text.upper(), 6), to_text(number, 6)) == (number, text)


@pytest.mark.parametrize(
    ("family", "version"),
    [("ipv4", 4), ("IPv4", 4), ("IPV6", 6), ("ipv6", 6), ("", 0), ("4", 0), (" ipv4", 0), ("ipv5", 0)],
)
def test_families(family: str, version: int) -> None:
    assert to_version(family) == version
