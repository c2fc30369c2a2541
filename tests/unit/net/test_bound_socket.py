"""A bound socket by itself: what it takes, what it tells, and how it is closed."""

from __future__ import annotations

import os
import socket as kernel
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import SocketHandleAdoptedError, SockstreamError, SystemCallError
from sockstream.net import AddressInfo, BoundSocket
from tests.support.net import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable


def address_of(bound: BoundSocket) -> AddressInfo:
    address = bound.address()
    assert isinstance(address, AddressInfo)
    return address


# -- binding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "address", "family"),
    [
        ({"host": LOCAL}, LOCAL, "IPv4"),
        ({"host": "::1"}, "::1", "IPv6"),
        ({"host": "0.0.0.0"}, "0.0.0.0", "IPv4"),
        ({"host": "::"}, "::", "IPv6"),
        ({}, "0.0.0.0", "IPv4"),
        ({"ipv6_only": True}, "::", "IPv6"),
        ({"port": "0"}, "0.0.0.0", "IPv4"),
    ],
)
def test_it_is_bound_at_once(options: dict[str, Any], address: str, family: str) -> None:
    with BoundSocket(**options) as bound:
        where = address_of(bound)
        assert where[::2] == (address, family)
        assert where.port > 0
        assert not bound.is_pipe
        assert repr(bound) == f"<BoundSocket {address}:{where.port}>"
        with kernel.socket(fileno=os.dup(bound.fd())) as seen:
            assert seen.getsockname()[:2] == (address, where.port)
            if address == "::":
                only = seen.getsockopt(kernel.IPPROTO_IPV6, kernel.IPV6_V6ONLY)
                assert only == options.get("ipv6_only", False)


def test_a_port_can_be_shared() -> None:
    with BoundSocket(host=LOCAL, reuse_port=True) as one:
        with BoundSocket(host=LOCAL, port=address_of(one).port, reuse_port=True) as other:
            assert other.address() == one.address()
        with kernel.socket(fileno=os.dup(one.fd())) as seen:
            assert seen.getsockopt(kernel.SOL_SOCKET, kernel.SO_REUSEPORT)


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
def test_a_path_is_there_until_it_is_closed(kind: Any, tmp_socket_path: str) -> None:
    with BoundSocket(path=kind(tmp_socket_path)) as bound:
        assert bound.is_pipe
        assert bound.address() == tmp_socket_path
        assert repr(bound) == f"<BoundSocket {tmp_socket_path!r}>"
        assert os.path.exists(tmp_socket_path)
    assert not os.path.exists(tmp_socket_path)


def test_an_abstract_name() -> None:
    name = f"\0sockstream-bound-{os.getpid()}"
    with BoundSocket(path=name) as bound:
        assert (bound.address(), bound.is_pipe) == (name, True)
        with pytest.raises(OSError, match="bind EADDRINUSE"):
            BoundSocket(path=name)


@pytest.mark.parametrize("make_file", [Path.touch, Path.mkdir])
def test_a_path_that_is_somebody_elses_now_stays(make_file: Callable[[Path], None], tmp_socket_path: str) -> None:
    bound = BoundSocket(path=tmp_socket_path)
    os.unlink(tmp_socket_path)
    make_file(Path(tmp_socket_path))
    bound.close()
    assert os.path.exists(tmp_socket_path)


def test_a_path_that_is_gone_is_no_matter(tmp_socket_path: str) -> None:
    bound = BoundSocket(path=tmp_socket_path)
    os.unlink(tmp_socket_path)
    bound.close()
    assert repr(bound) == "<BoundSocket closed>"


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"host": "localhost"}, "ERR_INVALID_ARG_VALUE"),
        ({"host": ""}, "ERR_INVALID_ARG_VALUE"),
        ({"host": 5}, "ERR_INVALID_ARG_TYPE"),
        ({"host": b"127.0.0.1"}, "ERR_INVALID_ARG_TYPE"),
        ({"port": -1}, "ERR_SOCKET_BAD_PORT"),
        ({"port": 65536}, "ERR_SOCKET_BAD_PORT"),
        ({"port": "http"}, "ERR_SOCKET_BAD_PORT"),
        ({"port": None}, "ERR_INVALID_ARG_TYPE"),
        ({"ipv6_only": 1}, "ERR_INVALID_ARG_TYPE"),
        ({"reuse_port": None}, "ERR_INVALID_ARG_TYPE"),
        ({"path": 5}, "ERR_INVALID_ARG_TYPE"),
        ({"path": ""}, "ERR_INVALID_ARG_VALUE"),
        ({"path": b""}, "ERR_INVALID_ARG_VALUE"),
        ({"path": "/x", "host": LOCAL}, "ERR_INVALID_ARG_VALUE"),
        ({"path": "/x", "port": 5}, "ERR_INVALID_ARG_VALUE"),
        ({"path": "/x", "ipv6_only": True}, "ERR_INVALID_ARG_VALUE"),
        ({"path": "/x", "reuse_port": True}, "ERR_INVALID_ARG_VALUE"),
    ],
)
def test_what_is_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(SockstreamError) as caught:
        BoundSocket(**options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"host": "192.0.2.77"}, "bind EADDRNOTAVAIL 192.0.2.77"),
        ({"host": "192.0.2.77", "port": 8431}, "bind EADDRNOTAVAIL 192.0.2.77:8431"),
        ({"host": "fe80::1%nope"}, "bind EINVAL fe80::1%nope"),
        ({"path": "/nonexistent/x"}, "bind EACCES /nonexistent/x"),
        ({"path": "/"}, "bind EADDRINUSE /"),
        ({"path": "/" + "x" * 200}, "bind EINVAL /" + "x" * 200),
        ({"path": "/a\0b"}, "bind EINVAL /a\0b"),
    ],
)
def test_what_the_system_refuses(options: dict[str, Any], text: str) -> None:
    with pytest.raises(SystemCallError) as caught:
        BoundSocket(**options)
    error = caught.value
    assert str(error) == text
    assert (error.syscall, error.address) == ("bind", options.get("path") or options["host"])
    assert error.port == (-1 if "path" in options else options.get("port"))


def test_a_port_that_is_listened_at_is_taken() -> None:
    with kernel.create_server((LOCAL, 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"bind EADDRINUSE {LOCAL}:{port}"):
            BoundSocket(host=LOCAL, port=port)


# -- the end ----------------------------------------------------------------------------------------------------------


def test_closed_it_has_nothing_to_tell() -> None:
    bound = BoundSocket(host=LOCAL)
    bound.close()
    bound.close()
    assert (bound.is_pipe, repr(bound)) == (False, "<BoundSocket closed>")
    for call in (bound.address, bound.fd, bound._adopt):
        with pytest.raises(SocketHandleAdoptedError):
            call()


def test_what_was_taken_over_is_asked_no_more() -> None:
    with BoundSocket(host=LOCAL) as bound:
        where = bound.address()
        assert bound._adopt() == where
        for call in (bound.address, bound.fd, bound.close, bound._adopt):
            with pytest.raises(SocketHandleAdoptedError):
                call()
        assert repr(bound) == "<BoundSocket adopted>"
        taken = bound._take()
        assert taken is not None
        assert bound._take() is None
    assert taken.fileno() > 0  # leaving the block does not close what another has
    taken.close()


@pytest.mark.parametrize("is_adopted", [False, True])
def test_a_forgotten_one_warns_and_is_closed(is_adopted: bool, tmp_socket_path: str) -> None:
    bound = BoundSocket(path=tmp_socket_path)
    if is_adopted:
        bound._adopt()
    with pytest.warns(ResourceWarning, match="unclosed <BoundSocket"):
        del bound
    assert not os.path.exists(tmp_socket_path)
