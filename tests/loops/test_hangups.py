"""A reset right behind the data: what came before it is read, and the connection ends; uvloop itself tells nobody."""

from __future__ import annotations

import socket as kernel
import struct
from typing import TYPE_CHECKING

import pytest

from sockstream import net
from sockstream.events import once
from sockstream.net.handles import hangups, poller
from sockstream.timers import next_tick
from tests.support.net import LOCAL, port_of, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


@pytest.fixture(autouse=True, params=["polled", "transports"])
def handles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "transports":
        monkeypatch.setattr(poller, "is_available", False)


RESET = struct.pack("ii", 1, 0)


def send_and_reset(port: int, data: bytes) -> None:
    with kernel.create_connection((LOCAL, port)) as client:
        client.setsockopt(kernel.SOL_SOCKET, kernel.SO_LINGER, RESET)
        client.sendall(data)


def total(socket: net.Socket, event_log: EventLog) -> None:
    """Log how much was read before the end, and the end."""
    socket.on("error", lambda error: event_log("error", error.code, socket.bytes_read))
    socket.on("close", lambda had_error: event_log("close", had_error))


@pytest.mark.parametrize("size", [1, 50_000])
async def test_data_with_a_reset_behind_it(size: int, event_log: EventLog) -> None:
    async with serving() as server:
        next_tick(send_and_reset, port_of(server), bytes(size))
        (socket,) = await once(server, "connection")
        total(socket, event_log)
        socket.resume()
        await event_log.until("close")
        assert event_log == [("error", "ECONNRESET", size), ("close", True)]


async def test_data_with_a_reset_behind_it_on_a_socket_that_was_paused(event_log: EventLog) -> None:
    async with serving(pause_on_connect=True) as server:
        next_tick(send_and_reset, port_of(server), bytes(50_000))
        (socket,) = await once(server, "connection")
        total(socket, event_log)
        # It is hung up by now, and nobody reads.
        await turns(10)
        assert event_log == []
        socket.resume()
        await event_log.until("close")
        assert event_log == [("error", "ECONNRESET", 50_000), ("close", True)]


async def test_a_reader_that_pauses_in_between(event_log: EventLog) -> None:
    async with serving() as server:
        next_tick(send_and_reset, port_of(server), bytes(50_000))
        (socket,) = await once(server, "connection")
        total(socket, event_log)

        def pause(chunk: bytes) -> None:
            socket.pause()
            next_tick(socket.resume)

        socket.on("data", pause)

        await event_log.until("close")
        assert event_log == [("error", "ECONNRESET", 50_000), ("close", True)]


async def test_a_hang_up_that_is_an_end(event_log: EventLog) -> None:
    async with serving(allow_half_open=True) as server:
        with kernel.create_connection((LOCAL, port_of(server))) as client:
            (socket,) = await once(server, "connection")
            total(socket, event_log)
            await once(socket.end("all"), "finish")
            client.sendall(b"more")
            client.shutdown(kernel.SHUT_WR)
            socket.on("data", lambda chunk: event_log("data", chunk)).on("end", lambda: event_log("end"))
            await event_log.until("close")
            assert event_log == [("data", b"more"), ("end",), ("close", False)]


async def test_nothing_is_watched_when_all_have_closed() -> None:
    async with serving(lambda socket: socket.end("x")) as server:
        client = await net.open_connection(port_of(server), LOCAL)
        async for _ in client:
            pass
    await client.wait_closed()
    await turns()
    assert (hangups._hangups, poller._pollers) == ({}, {})
