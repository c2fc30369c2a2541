"""Addresses: the texts that are one, judged by Node, and the shapes they take."""

from __future__ import annotations

import errno
import json
import socket
import subprocess

import pytest

from sockstream.net import is_ip, is_ipv4, is_ipv6
from sockstream.net.addresses import AddressInfo, check_unix_path, endpoint

TEXTS = [
    "127.0.0.1", "0.0.0.0", "255.255.255.255", "255.255.255.256", "01.2.3.4", "00.0.0.0", "1.2.3", "1.2.3.4.5",
    "1.2.3.4%x", "0x1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4\0", "", "localhost", "::", "::1", "::%1",
    "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "1::2::3", "12345::", "::ffff:1.2.3.4", "::ffff:256.1.1.1", "::01.2.3.4",
    "::1.2.3", "fe80::1%eth0", "fe80::1%", "fe80::1%a%b", "fe80::1%a b", "fe80::1%a:b", "fe80::1%a.b-c", "fe80::1%_",
    "fe80::1%é", "FE80::A", "::1\n", "[::1]", "::ffff:1.2.3.4%x",
]  # fmt: skip


def test_is_ip_agrees_with_node(node: str) -> None:
    script = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map(require('net').isIP)))"
    done = subprocess.run(
        [node, "-e", script, json.dumps(TEXTS)], capture_output=True, text=True, timeout=20, check=True
    )
    assert dict(zip(TEXTS, map(is_ip, TEXTS), strict=True)) == dict(zip(TEXTS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("text", TEXTS)
def test_is_ipv4_and_is_ipv6_are_its_halves(text: str) -> None:
    assert (is_ipv4(text), is_ipv6(text)) == (is_ip(text) == 4, is_ip(text) == 6)


@pytest.mark.parametrize("value", [None, 4, b"127.0.0.1", ["::1"], object()])
def test_what_is_no_text_is_no_address(value: object) -> None:
    assert (is_ip(value), is_ipv4(value), is_ipv6(value)) == (0, False, False)


@pytest.mark.parametrize(
    ("family", "name", "expected"),
    [
        (socket.AF_INET, ("1.2.3.4", 5), AddressInfo("1.2.3.4", 5, "IPv4")),
        (socket.AF_INET6, ("::1", 5, 0, 0), AddressInfo("::1", 5, "IPv6")),
        (socket.AF_UNIX, "/tmp/x", "/tmp/x"),
        (socket.AF_UNIX, b"\0name", "\0name"),
        (socket.AF_UNIX, "", None),
        (socket.AF_INET, None, None),
    ],
)
def test_endpoint(family: int, name: object, expected: object) -> None:
    assert endpoint(family, name) == expected


def test_an_address_is_json_as_in_node() -> None:
    assert json.dumps(AddressInfo("::", 80, "IPv6").to_json()) == '{"address": "::", "family": "IPv6", "port": 80}'


@pytest.mark.parametrize("path", ["/" + "x" * 106, "\0" + "x" * 107, "/" + "é" * 53])
def test_the_longest_paths_are_taken(path: str) -> None:
    check_unix_path(path)


@pytest.mark.parametrize("path", ["/" + "x" * 107, "\0" + "x" * 108, "/" + "é" * 54, "/tmp/a\0b"])
def test_a_path_there_is_no_room_for_is_einval(path: str) -> None:
    with pytest.raises(OSError, match="Invalid argument") as caught:
        check_unix_path(path)
    assert caught.value.errno == errno.EINVAL
