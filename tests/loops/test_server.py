"""Servers over real sockets: listening, connections, closing."""

from __future__ import annotations

import asyncio
import logging
import socket as kernel
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortController, AbortSignal, net
from sockstream.errors import ServerAlreadyListenError, ServerNotRunningError, SystemCallError
from sockstream.events import once
from sockstream.loop import current
from tests.support.net import LOCAL, connected_pair, port_of, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog

EVENTS = ("listening", "error", "close")

# -- listening --------------------------------------------------------------------------------------------------------


async def test_without_a_host_it_listens_at_once_on_both_families(event_log: EventLog) -> None:
    server = net.create_server(lambda socket: socket.end())
    event_log.watch(server, *EVENTS)
    assert server.listen(0) is server
    assert server.listening
    address = server.address()
    assert isinstance(address, net.AddressInfo)
    assert address[::2] == ("::", "IPv6")
    assert event_log == []
    await event_log.until("listening")
    for host, family in ((LOCAL, "IPv4"), ("::1", "IPv6")):
        async with await net.open_connection(address.port, host) as socket:
            assert socket.remote_family == family
    server.close()
    await event_log.until("close")
    assert (server.listening, server.address()) == (False, None)
    assert event_log == [("listening",), ("close",)]


async def test_with_an_address_it_listens_a_tick_later(event_log: EventLog) -> None:
    server = net.create_server().listen(0, LOCAL, event_log.entry("callback"))
    assert not server.listening
    with pytest.raises(ServerAlreadyListenError):
        server.listen(0)
    await event_log.until("callback")
    assert server.listening
    server.close()
    await server.wait_closed()


async def test_a_host_name_is_looked_up() -> None:
    async with await net.start_server(port=0, host="localhost") as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        assert address.address in (LOCAL, "::1")


@pytest.mark.parametrize(("options", "backlog"), [({}, 511), ({"backlog": 7}, 7)])
async def test_the_backlog_is_the_kernels(options: dict[str, Any], backlog: int) -> None:
    """Linux tells it in the TCP_INFO of a listening socket, as `tcpi_sacked`."""
    async with serving(port=0, host=LOCAL, **options) as server:
        assert server._listener is not None
        info = server._listener.socket.getsockopt(kernel.IPPROTO_TCP, kernel.TCP_INFO, 32)
        assert int.from_bytes(info[28:32], sys.byteorder) == backlog


async def test_ipv6_only_leaves_ipv4_out() -> None:
    async with await net.start_server(port=0, ipv6_only=True) as server:
        with pytest.raises(ConnectionRefusedError):
            await net.open_connection(port_of(server), LOCAL)
        (await net.open_connection(port_of(server), "::1")).destroy()


async def test_reuse_port_lets_two_listen() -> None:
    async with (
        serving(reuse_port=True) as one,
        await net.start_server(port=port_of(one), host=LOCAL, reuse_port=True) as other,
    ):
        assert port_of(one) == port_of(other)


async def test_a_taken_port_is_told_on_a_tick_and_another_listen_works(event_log: EventLog) -> None:
    async with serving() as taken:
        server = net.create_server()
        event_log.watch(server, *EVENTS)
        server.listen(port_of(taken), LOCAL)
        assert event_log == []
        await event_log.until("error")
        ((_, error),) = event_log
        assert str(error) == f"listen EADDRINUSE: address already in use {LOCAL}:{port_of(taken)}"
        assert (error.code, error.syscall, error.address, error.port) == (
            "EADDRINUSE",
            "listen",
            LOCAL,
            port_of(taken),
        )
        assert not server.listening
        server.listen(0, LOCAL)
        await event_log.until("listening")
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    ("host", "code"), [("1.2.3.4", "EADDRNOTAVAIL"), ("nohost.invalid", "ENOTFOUND"), ("::ffff:1.2.3.4%lo", None)]
)
async def test_start_server_raises_what_listen_emits(host: str, code: str | None) -> None:
    with pytest.raises(SystemCallError) as caught:
        await net.start_server(port=0, host=host)
    assert code is None or caught.value.code == code


async def test_an_error_nobody_listens_to_is_nobodys(loop_errors: list[dict[str, Any]]) -> None:
    async with serving() as taken:
        net.create_server().listen(port_of(taken), LOCAL)
        await turns()
    assert [context["exception"].code for context in loop_errors] == ["EADDRINUSE"]


async def test_a_listening_server_does_not_listen_again_until_it_is_closed(event_log: EventLog) -> None:
    server = net.create_server()
    for _ in range(3):
        server.listen(0, LOCAL)
        await once(server, "listening")
        with pytest.raises(ServerAlreadyListenError):
            server.listen(0)
        server.close(event_log.entry("closed"))
        await server.wait_closed()
    await event_log.until("closed", count=3)
    assert event_log == [("closed", None)] * 3


async def test_closing_while_it_begins_to_listen(event_log: EventLog) -> None:
    for host in (LOCAL, "localhost"):
        server = net.create_server().listen(0, host)
        event_log.watch(server, *EVENTS)
        server.close(event_log.entry("callback"))
        await event_log.until("callback")
        await turns()
        assert event_log == [("close",), ("callback", None)]
        assert not server.listening
        event_log.clear()
        server.listen(0, LOCAL)
        await event_log.until("listening")
        server.close()
        await event_log.until("close")
        event_log.clear()


async def test_a_signal_closes_it(event_log: EventLog) -> None:
    controller = AbortController()
    server = net.create_server().listen(port=0, signal=controller.signal)
    event_log.watch(server, *EVENTS)
    await event_log.until("listening")
    controller.abort()
    await event_log.until("close")
    server.listen(port=0, signal=AbortSignal.abort())
    await event_log.until("close", count=2)
    assert controller.signal.listener_count("abort") == 0


# -- connections ------------------------------------------------------------------------------------------------------


async def test_each_connection_is_a_socket_with_its_addresses() -> None:
    async with connected_pair() as (client, peer):
        assert peer.server is not None
        assert client.server is None
        assert (peer.remote_address, peer.remote_port) == (client.local_address, client.local_port)
        assert (client.remote_address, client.remote_port) == (peer.local_address, peer.local_port)
        assert client.address() == net.AddressInfo(LOCAL, client.local_port or 0, "IPv4")
        assert (peer.ready_state, peer.pending, peer.connecting) == ("open", False, False)


async def test_connections_are_counted(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        server = peer.server
        assert server is not None
        server.get_connections(event_log.entry("count"))
        assert event_log == []
        assert await server.get_connections() == 1
        await event_log.until("count")
        client.destroy()
        peer.resume()
        await once(peer, "close")
        assert await server.get_connections() == 0
    assert event_log == [("count", None, 1)]


async def test_connections_over_the_limit_are_dropped(event_log: EventLog) -> None:
    async with serving() as server:
        event_log.watch(server, "drop")
        server.max_connections = 1
        first = await net.open_connection(port_of(server), LOCAL)
        second = await net.open_connection(port_of(server), LOCAL)
        assert [chunk async for chunk in second] == []
        ((_, info),) = event_log
        assert info == (LOCAL, port_of(server), "IPv4", LOCAL, second.local_port or info.remote_port, "IPv4")
        server.max_connections = None
        event_log.watch(server, "connection")
        third = await net.open_connection(port_of(server), LOCAL)
        await event_log.until("connection")
        assert await server.get_connections() == 2
        for socket in (first, second, third):
            socket.destroy()


async def test_a_limit_of_zero_drops_all(event_log: EventLog) -> None:
    async with serving(event_log.entry("connection")) as server:
        event_log.watch(server, "drop")
        server.max_connections = 0
        for _ in range(3):
            socket = await net.open_connection(port_of(server), LOCAL)
            assert [chunk async for chunk in socket] == []
    assert event_log.names == ["drop"] * 3


async def test_the_options_of_accepted_sockets() -> None:
    options: dict[str, Any] = {"allow_half_open": True, "pause_on_connect": True, "high_water_mark": 5}
    async with connected_pair(server_options=options) as (client, peer):
        assert (peer.allow_half_open, peer.is_paused(), peer.readable_high_water_mark) == (True, True, 5)
        assert peer.writable_high_water_mark == 5
        client.end("hello")
        await turns(20)
        assert (peer.bytes_read, peer.readable_length) == (0, 0)
        peer.set_encoding("utf8")
        assert [chunk async for chunk in peer] == ["hello"]
        assert peer.writable


async def test_what_a_listener_raises_is_that_connections(caplog: pytest.LogCaptureFixture) -> None:
    async def later(socket: net.Socket) -> None:
        socket.write("x")
        raise ValueError("later")

    def now(socket: net.Socket) -> None:
        raise ValueError("now")

    for listener in (now, later):
        async with serving(listener) as server:
            for _ in range(2):
                client = await net.open_connection(port_of(server), LOCAL)
                await once(client.resume(), "close")
            assert server.listening
            assert await server.get_connections() == 0
    records = [(record.name, record.levelno, record.getMessage()) for record in caplog.records]
    assert [message.split(": ")[1] for _, _, message in records] == ["now", "now", "later", "later"]
    assert all(name == "sockstream" and level == logging.ERROR for name, level, _ in records)
    assert all(message.startswith(f"connection from {LOCAL}:") for _, _, message in records)
    assert all(record.exc_info for record in caplog.records)


async def test_what_a_listener_raises_reaches_the_sockets_error_listener(event_log: EventLog) -> None:
    def listener(socket: net.Socket) -> None:
        event_log.watch(socket, "error", "close")
        raise ValueError("mine")

    async with serving(listener) as server:
        await net.open_connection(port_of(server), LOCAL)
        await event_log.until("close")
    assert [(entry[0], str(entry[1])) for entry in event_log] == [("error", "mine"), ("close", "True")]


# -- closing ----------------------------------------------------------------------------------------------------------


async def test_close_waits_for_the_connections(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        server = peer.server
        assert server is not None
        event_log.watch(server, "close")
        server.close(event_log.entry("callback"))
        with pytest.raises(ConnectionRefusedError):
            await net.open_connection(client.remote_port or 0, LOCAL)
        assert event_log == []
        client.end("bye")
        assert await peer.readexactly(3) == b"bye"
        peer.resume()
        await event_log.until("callback")
        assert event_log == [("close",), ("callback", None)]


async def test_closing_what_does_not_listen(event_log: EventLog) -> None:
    server = net.create_server()
    event_log.watch(server, "close")
    server.close(event_log.entry("callback"))
    assert event_log == []
    await event_log.until("callback")
    assert event_log.names == ["close", "callback"]
    assert isinstance(event_log[1][1], ServerNotRunningError)
    await server.wait_closed()


async def test_the_connections_of_a_closed_server_go_on() -> None:
    async with connected_pair() as (client, peer):
        assert peer.server is not None
        peer.server.close()
        peer.pipe(peer)
        client.write("still there")
        assert await client.readexactly(11) == b"still there"


async def test_a_block_closes_the_server_and_waits() -> None:
    async with await net.start_server(lambda socket: socket.end("x"), port=0, host=LOCAL) as server:
        client = await net.open_connection(port_of(server), LOCAL)
        assert await client.readexactly(1) == b"x"
        client.resume()
    assert not server.listening
    assert await server.get_connections() == 0


async def test_a_block_that_raises_does_not_wait() -> None:
    server = await net.start_server(lambda socket: socket.resume(), port=0, host=LOCAL)
    client = await net.open_connection(port_of(server), LOCAL)

    async def block() -> None:
        async with server:
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await block()
    assert not server.listening
    client.destroy()
    await server.wait_closed()


async def test_iterating_over_the_connections() -> None:
    async def clients(server: net.Server) -> list[bytes]:
        sockets = [await net.open_connection(port_of(server), LOCAL) for _ in range(3)]
        for number, socket in enumerate(sockets):
            socket.end(str(number))
        answers = [b"".join([chunk async for chunk in socket]) for socket in sockets]
        server.close()
        return answers

    server = await net.start_server(port=0, host=LOCAL)
    task = asyncio.ensure_future(clients(server))
    count = 0
    async for socket in server:
        count += 1
        socket.pipe(socket)
    assert (count, sorted(await task)) == (3, [b"0", b"1", b"2"])
    await server.wait_closed()


async def test_leaving_the_iteration_destroys_what_waits() -> None:
    async with serving() as server:
        clients = [net.connect(port_of(server), LOCAL).on("error", print) for _ in range(3)]
        async for socket in server:
            socket.destroy()
            break
        assert server.listener_count("connection") == 0
        server.on("connection", lambda socket: socket.destroy())
        for client in clients:
            client.resume()
            await client.wait_closed()


async def test_iterating_over_a_server_that_fails_to_listen() -> None:
    async with serving() as taken:
        server = net.create_server().listen(port_of(taken), LOCAL)
        with pytest.raises(OSError, match="EADDRINUSE"):
            async for _ in server:
                pass


async def test_iterating_over_a_server_that_does_not_listen_is_over_at_once() -> None:
    assert [socket async for socket in net.create_server()] == []


# -- references -------------------------------------------------------------------------------------------------------


async def test_a_listening_server_holds_one_reference_unless_it_is_told_not_to() -> None:
    runtime = current()
    server = net.create_server().listen(0, LOCAL)
    seen = [runtime.references]
    await once(server, "listening")
    seen.append(runtime.references)
    assert server.unref() is server
    seen.append(runtime.references)
    server.unref().ref().ref()
    seen.append(runtime.references)
    server.close()
    seen.append(runtime.references)
    await server.wait_closed()
    assert seen == [1, 1, 0, 1, 0]
