"""What `listen` does that Node 20 cannot show: its differences, and what only this side has."""

from __future__ import annotations

import asyncio
import os
import socket as kernel
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import ServerAlreadyListenError, SockstreamError
from sockstream.events import once
from tests.support.net import LOCAL, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

EVENTS = ("listening", "error", "close")
LARGEST = int(Path("/proc/sys/net/core/somaxconn").read_text())


def backlog_of(server: net.Server) -> int:
    """Return the backlog as the kernel has it: Linux tells it in the TCP_INFO of a listening socket."""
    assert server._listener is not None
    info = server._listener.socket.getsockopt(kernel.IPPROTO_TCP, kernel.TCP_INFO, 32)
    return int.from_bytes(info[28:32], sys.byteorder)


# -- the backlog ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "options", "backlog"),
    [
        ((), {}, 511),
        ((0,), {}, 511),
        ((0, 7), {}, 7),
        ((0, None, 7), {}, 7),
        ((0, LOCAL, 7), {}, 7),
        ((0, 0), {}, 511),
        ((0, -1), {}, 511),
        ((0, 10**9), {}, LARGEST),
        ((0, 2**40), {}, LARGEST),
        ((), {"port": 0, "backlog": 9}, 9),
        ((), {"port": 0, "backlog": 0}, 511),
        ((), {"port": 0, "backlog": -5}, LARGEST),
    ],
)
async def test_the_backlog_is_the_kernels(args: tuple[Any, ...], options: dict[str, Any], backlog: int) -> None:
    server = net.create_server()
    server.listen(*args, **options)
    await once(server, "listening")
    assert backlog_of(server) == backlog
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("backlog", ["5", 1.5, True, None, [5]])
def test_a_backlog_is_an_int(backlog: Any) -> None:
    async def refused() -> None:
        with pytest.raises(TypeError, match="backlog"):
            net.create_server().listen(port=0, backlog=backlog)

    asyncio.run(refused())


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [LOCAL, "::1", None])
async def test_without_a_port_it_is_any(host: str | None) -> None:
    server = net.create_server().listen(host=host)
    await once(server, "listening")
    address = server.address()
    assert isinstance(address, net.AddressInfo)
    assert address.address == (host or "::")
    assert address.port > 0
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("host", [None, "::", "0.0.0.0", LOCAL, "::1"])
async def test_two_share_a_port_that_may_be_reused(host: str | None, event_log: EventLog) -> None:
    async with (
        serving(event_log.entry("first"), port=0, host=host, reuse_port=True) as first,
        serving(event_log.entry("second"), port=port_of(first), host=host, reuse_port=True),
    ):
        target = {"0.0.0.0": LOCAL, "::": "::1", None: LOCAL}.get(host, host)
        (await net.open_connection(port_of(first), target)).destroy()
        await turns(10)
        third = net.create_server()
        event_log.watch(third, "error")
        third.listen(port=port_of(first), host=host)
        await event_log.until("error")
        assert event_log[-1][1].code == "EADDRINUSE"


@pytest.mark.parametrize("options", [{}, {"host": "::"}])
async def test_ipv6_only_holds_without_a_host_too(options: dict[str, Any]) -> None:
    async with serving(lambda socket: socket.end("hello"), port=0, ipv6_only=True, **options) as server:
        with pytest.raises(ConnectionRefusedError):
            await net.open_connection(port_of(server), LOCAL)
        assert await read_all(await net.open_connection(port_of(server), "::1")) == b"hello"


@pytest.mark.parametrize("kind", [Path, os.fsencode, str])
async def test_an_option_path_is_any_kind_of_path(kind: Any, tmp_socket_path: str) -> None:
    async with serving(path=kind(tmp_socket_path)) as server:
        assert server.address() == tmp_socket_path


async def test_an_abstract_name_in_bytes() -> None:
    name = f"\0sockstream-bytes-{os.getpid()}"
    async with serving(path=name.encode()) as server:
        assert server.address() == name


@pytest.mark.parametrize("make", [lambda it: it, lambda it: {"handle": it}])
async def test_another_server_by_position_and_by_name(make: Callable[[net.Server], Any]) -> None:
    async with serving() as giver:
        given = make(giver)
        server = net.create_server(lambda socket: socket.end("hello"))
        server.listen(**given) if isinstance(given, dict) else server.listen(given)
        assert await read_all(await net.open_connection(port_of(giver), LOCAL)) == b"hello"
        server.close()
        await server.wait_closed()


async def test_a_socket_cannot_serve_two(event_log: EventLog) -> None:
    made = kernel.create_server((LOCAL, 0))
    async with serving(lambda socket: socket.end("hello"), handle=made) as server:
        other = net.create_server().on("error", event_log.entry("error"))
        other.listen(made)
        await event_log.until("error")
        assert str(event_log[0][1]) == "listen EEXIST: file already exists"
        assert await read_all(await net.open_connection(port_of(server), LOCAL)) == b"hello"


@pytest.mark.parametrize("kind", [kernel.SOCK_DGRAM, kernel.SOCK_STREAM])
async def test_a_given_socket_that_cannot_listen_stays_the_givers(kind: int, event_log: EventLog) -> None:
    given, peer = kernel.socketpair(type=kind)
    with given, peer:
        server = net.create_server().on("error", event_log.entry("error"))
        server.listen(given)
        assert not server.listening
        server.listen(fd=given.fileno())
        await event_log.until("error", count=2)
        assert [entry[1].syscall for entry in event_log] == ["listen", "listen"]
        given.send(b"x")
        assert peer.recv(5) == b"x"


async def test_a_handle_that_is_closed() -> None:
    made = kernel.socket()
    made.close()
    handles: list[Any] = [made, SimpleNamespace(fileno=lambda: -1), SimpleNamespace(fd=-1)]
    for handle in handles:
        with pytest.raises(SockstreamError) as caught:
            net.create_server().listen(handle)
        assert caught.value.code == "ERR_INVALID_ARG_VALUE"


# -- moments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [LOCAL, "localhost"])
async def test_it_does_not_listen_again_while_it_begins_to(host: str, event_log: EventLog) -> None:
    server = net.create_server()
    event_log.watch(server, *EVENTS)
    server.listen(0, host, event_log.entry("first"))
    with pytest.raises(ServerAlreadyListenError):
        server.listen(0, host, event_log.entry("second"))
    await event_log.until("first")
    assert event_log == [("listening",), ("first",)]
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "wrong", [{"port": -1}, {"signal": 5}, {"path": 5}, {"handle": object()}, {"fd": -1}, {"backlog": "x"}]
)
async def test_a_listen_that_raises_leaves_nothing_behind(wrong: dict[str, Any], event_log: EventLog) -> None:
    server = net.create_server()
    with pytest.raises(SockstreamError):
        server.listen(**wrong, callback=event_log.entry("wrong"))
    assert server.listener_count("listening") == 0
    server.listen(0, LOCAL, event_log.entry("right"))
    await event_log.until("right")
    assert event_log == [("right",)]
    server.close()
    await server.wait_closed()


async def test_a_closed_unix_server_has_no_address(tmp_socket_path: str) -> None:
    server = net.create_server().listen(tmp_socket_path)
    assert server.address() == tmp_socket_path
    server.close()
    assert server.address() is None
    await server.wait_closed()


# -- paths ------------------------------------------------------------------------------------------------------------


async def test_a_path_that_another_server_has_taken_stays(tmp_socket_path: str) -> None:
    first = await net.start_server(path=tmp_socket_path)
    os.unlink(tmp_socket_path)
    async with serving(lambda socket: socket.end("hello"), path=tmp_socket_path):
        first.close()
        await first.wait_closed()
        assert await read_all(await net.open_connection(tmp_socket_path)) == b"hello"
    assert not os.path.exists(tmp_socket_path)


async def test_a_file_that_took_the_paths_place_stays(tmp_socket_path: str) -> None:
    async with serving(path=tmp_socket_path):
        os.unlink(tmp_socket_path)
        Path(tmp_socket_path).write_text("mine")
    assert Path(tmp_socket_path).read_text() == "mine"


@pytest.mark.parametrize("path", ["/tmp/a\0b", "/tmp/" + "x" * 200])
async def test_a_path_there_is_no_room_for(path: str) -> None:
    with pytest.raises(OSError, match="listen EINVAL"):
        await net.start_server(path=path)


# -- the limit --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", [None, True, False])
async def test_what_is_over_the_limit_is_closed_whatever_is_said(drop: bool | None, event_log: EventLog) -> None:
    async with serving(event_log.entry("connection")) as server:
        assert server.drop_max_connection is False
        if drop is not None:
            server.drop_max_connection = drop
        server.max_connections = 1
        event_log.watch(server, "drop")
        first = await net.open_connection(port_of(server), LOCAL)
        second = await net.open_connection(port_of(server), LOCAL)
        assert await read_all(second) == b""
        assert event_log.names == ["connection", "drop"]
        first.destroy()
