"""Without epoll transports serve, aiofastnet's or else the loop's own, to the same effect."""

from __future__ import annotations

import asyncio
import socket as kernel
from typing import TYPE_CHECKING

import pytest

from sockstream.net.handles import poller, transport
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


@pytest.fixture(autouse=True, params=["aiofastnet", "own"])
def over_transports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "is_available", False)
    if request.param == "own":
        monkeypatch.setattr(transport, "_make_fast_transport", None)


async def test_much_arrives_unchanged_both_ways_at_once() -> None:
    one, other = bytes(range(256)) * 8192, bytes(reversed(range(256))) * 8192
    async with connected_pair() as (client, peer):
        client.end(one)
        peer.end(other)
        assert tuple(await asyncio.gather(read_all(client), read_all(peer))) == (other, one)


async def test_a_paused_reader_holds_the_writer_up(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        client.write(bytes(20_000_000), event_log.entry("written"))
        await turns(50)
        assert (event_log, peer.bytes_read) == ([], 0)
        peer.resume()
        await event_log.until("written")
        assert client.buffer_size == 0


async def test_half_open(event_log: EventLog) -> None:
    async with connected_pair(server_options={"allow_half_open": True}) as (client, peer):
        event_log.watch(peer, "end", "finish", "close")
        client.end()
        peer.resume()
        await event_log.until("end")
        peer.end(bytes(1_000_000))
        assert len(await read_all(client)) == 1_000_000
        await event_log.until("close")
        assert event_log == [("end",), ("finish",), ("close", False)]


async def test_a_reset(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        event_log.watch(client, "error", "close")
        client.resume()
        await turns()
        peer.reset_and_destroy()
        await event_log.until("close")
        assert [str(entry[1]) for entry in event_log] == ["read ECONNRESET", "True"]


async def test_writing_to_a_peer_that_has_gone(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        event_log.watch(peer, "error", "close")
        client.reset_and_destroy()
        await client.wait_closed()
        peer.write("x", event_log.entry("written"))
        await event_log.until("close")
        assert event_log[-1] == ("close", True)
        assert event_log[-2][1].syscall == "write"


async def test_a_connection_not_yet_made_a_socket_is_reset_when_the_server_closes(event_log: EventLog) -> None:
    async with serving(event_log.entry("connection")) as server:
        client = kernel.create_connection((LOCAL, port_of(server)))
        with client:
            client.setblocking(False)
            assert server._listener is not None
            server._listener._accept_batch()
            assert server._opening == 1
            server.close()
            await server.wait_closed()
            loop = asyncio.get_running_loop()
            with pytest.raises(ConnectionResetError):
                await loop.sock_recv(client, 1)
    assert event_log == []
