"""What goes wrong on a network, and that it stays where it belongs."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket as kernel
import struct
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.events import once
from sockstream.loop import next_tick, run
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

    LoopFactory = Callable[[], asyncio.AbstractEventLoop]

RESET = struct.pack("ii", 1, 0)


def plain_client(port: int) -> kernel.socket:
    """Connect with a socket of the kernel's own."""
    client = kernel.create_connection((LOCAL, port))
    client.setsockopt(kernel.SOL_SOCKET, kernel.SO_LINGER, RESET)
    return client


async def test_reset_while_we_read(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        peer.write("some")
        event_log.watch(client, "data", "error", "close")
        await event_log.until("data")
        peer.reset_and_destroy()
        await event_log.until("close")
        error = event_log[1][1]
        assert event_log == [("data", b"some"), ("error", error), ("close", True)]
        assert (type(error).__mro__.index(ConnectionResetError) > 0, error.code) == (True, "ECONNRESET")


async def test_reset_in_the_middle_of_our_write(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        peer.pause()
        event_log.watch(client, "error", "close")
        client.write(bytes(20_000_000), event_log.entry("in flight"))
        client.write("more", event_log.entry("waiting"))
        assert client.buffer_size > 0
        await turns()
        peer.reset_and_destroy()
        await event_log.until("close")
        # Node: the read fails first, and what that cuts off is called back without an error.
        errors = {entry[0]: getattr(entry[1], "code", None) for entry in event_log if entry[0] != "close"}
        assert errors == {"error": "ECONNRESET", "in flight": None, "waiting": "ECONNRESET"}
        assert event_log[-1] == ("close", True)


async def test_reset_while_paused_is_told_by_the_next_write(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        event_log.watch(peer, "error", "close")
        client.reset_and_destroy()
        await client.wait_closed()
        await turns(20)
        assert event_log == []
        peer.write("x", event_log.entry("written"))
        await event_log.until("close")
        assert event_log.names == ["written", "error", "close"]
        assert event_log[1][1].syscall == "write"
        assert event_log[0][1] is event_log[1][1]


async def test_reset_while_paused_is_told_by_resuming(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        event_log.watch(peer, "error", "close")
        client.reset_and_destroy()
        await client.wait_closed()
        peer.resume()
        await event_log.until("close")
        assert str(event_log[0][1]) == "read ECONNRESET"


async def test_reset_before_the_connection_is_accepted(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        for _ in range(5):
            plain_client(port_of(server)).close()
        client = await net.open_connection(port_of(server), LOCAL)
        client.end("fine")
        assert await read_all(client) == b"fine"
        while await server.get_connections():
            await turns(1)
    assert {record.levelno for record in caplog.records} <= {logging.ERROR}
    assert all("ECONNRESET" in record.getMessage() for record in caplog.records)


async def test_an_unheard_reset_is_one_log_line_and_the_server_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        client = plain_client(port_of(server))
        name = client.getsockname()
        while not await server.get_connections():
            await turns(1)
        client.close()
        while await server.get_connections():
            await turns(1)
        other = await net.open_connection(port_of(server), LOCAL)
        other.end("fine")
        assert await read_all(other) == b"fine"
    ((logger, level, message),) = caplog.record_tuples
    assert (logger, level) == ("sockstream", logging.ERROR)
    assert message == f"connection from {name[0]}:{name[1]}: read ECONNRESET"
    assert not caplog.records[0].exc_info


async def test_an_unheard_error_of_a_client_is_nobodys(loop_errors: list[dict[str, Any]]) -> None:
    async with serving(lambda socket: socket.reset_and_destroy()) as server:
        client = net.connect(port_of(server), LOCAL)
        client.resume()
        while not client.closed:
            await turns(1)
    assert [context["exception"].code for context in loop_errors] == ["ECONNRESET"]


async def test_writing_to_a_peer_that_has_gone(event_log: EventLog) -> None:
    async with connected_pair(allow_half_open=True) as (client, peer):
        peer.destroy()
        client.resume()
        await once(client, "end")
        event_log.watch(client, "error", "close")
        client.write("answered with a reset", event_log.entry("first"))
        await event_log.until("first")
        while not client.destroyed:
            client.write("into the void", event_log.entry("second"))
            await turns(1)
        await event_log.until("close")
        error = next(entry[1] for entry in event_log if entry[0] == "error")
        assert (error.errno, error.syscall) == (errno.EPIPE, "write")
        assert event_log[0] == ("first", None)


async def test_what_data_listeners_raise_destroys_the_socket(event_log: EventLog) -> None:
    def now(chunk: bytes) -> None:
        raise ValueError("now")

    async def later(chunk: bytes) -> None:
        await turns()
        raise ValueError("later")

    for listener in (now, later):
        async with connected_pair() as (client, peer):
            event_log.watch(client, "error", "close")
            client.on("data", listener)
            peer.write("x")
            await event_log.until("close")
            assert [str(entry[1]) for entry in event_log] == [listener.__name__, "True"]
            event_log.clear()


async def test_what_an_error_listener_raises_is_nobodys_or_logged(
    loop_errors: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    def listener(error: BaseException) -> None:
        raise LookupError("worse")

    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        for socket in (client, peer):
            socket.on("error", listener)
            socket.destroy(ValueError("bad"))
            with pytest.raises(ValueError, match="bad"):
                await socket.wait_closed()
    assert [repr(context["exception"]) for context in loop_errors] == ["LookupError('worse')"]
    assert [record.getMessage().split(": ")[1] for record in caplog.records] == ["worse"]


@pytest.mark.parametrize("where", ["tcp", "unix"])
async def test_what_a_listener_raises_after_the_end_is_logged_with_the_peer(
    where: str, tmp_socket_path: str, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(had_error: bool) -> None:
        raise ValueError("too late")

    options: dict[str, Any] = {"path": tmp_socket_path} if where == "unix" else {"port": 0, "host": LOCAL}
    async with serving(**options) as server:
        accepted = asyncio.ensure_future(once(server, "connection"))
        client = await net.open_connection(**(options if where == "unix" else {**options, "port": port_of(server)}))
        (peer,) = await accepted
        name = "a Unix socket" if where == "unix" else f"{client.local_address}:{client.local_port}"
        peer.on("close", listener).resume()
        client.resume().end()
        await client.wait_closed()
        await peer.wait_closed()
        assert peer.remote_address is None
    assert [record.getMessage() for record in caplog.records] == [f"connection from {name}: too late"]


async def test_the_server_closed_with_clients_connected(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        assert peer.server is not None
        peer.server.close(event_log.entry("closed"))
        peer.pipe(peer)
        client.end(bytes(1_000_000))
        assert len(await read_all(client)) == 1_000_000
        await event_log.until("closed")


def test_a_program_that_always_connects_again_can_end(loop_factory: LoopFactory) -> None:
    def main() -> None:
        server = net.create_server()

        def listening() -> None:
            port = port_of(server)
            client = net.connect(port, LOCAL)
            client.on("close", lambda _: client.connect(port, LOCAL)).on("error", lambda _: None)
            client.once("connect", lambda: next_tick(stop))

        server.listen(0, LOCAL, listening)

    def stop() -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        run(main, loop_factory=loop_factory)
