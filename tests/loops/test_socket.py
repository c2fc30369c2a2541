"""Sockets over real TCP: data both ways, backpressure, half-open, timeouts, settings, and the end."""

from __future__ import annotations

import asyncio
import socket as kernel
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import InvalidHandleTypeError, SocketClosedError
from sockstream.events import once
from sockstream.net.handle_stream import HandleStream
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog

EVENTS = ("connect", "ready", "data", "end", "finish", "drain", "timeout", "error", "close")
MANY = 3_000_000


def option(socket: net.Socket, level: int, name: int) -> int:
    """Ask the kernel."""
    copy = kernel.socket(fileno=kernel.dup(socket.fileno()))
    with copy:
        return copy.getsockopt(level, name)


# -- data -------------------------------------------------------------------------------------------------------------


async def test_an_echo_and_its_events(event_log: EventLog) -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        client = net.connect(port_of(server), LOCAL)
        event_log.watch(client, *EVENTS)
        client.end("hello")
        await event_log.until("close")
    assert event_log == [("connect",), ("ready",), ("finish",), ("data", b"hello"), ("end",), ("close", False)]


async def test_all_kinds_of_chunks_arrive_in_order() -> None:
    async with connected_pair() as (client, peer):
        client.write("é")
        client.write("é", "latin1")
        client.write("6869", "hex")
        client.write(bytearray(b"1"))
        client.write(memoryview(b"2"))
        client.write(b"")
        client.cork()
        client.write(b"3")
        client.write("4")
        client.uncork()
        client.end(b"5")
        assert await read_all(peer) == "é".encode() + b"\xe9hi12345"
        assert (client.bytes_written, peer.bytes_read) == (10, 10)


async def test_a_decoded_socket_gives_whole_characters() -> None:
    text = "你好, 再见 🙂" * 2000
    async with connected_pair() as (client, peer):
        peer.set_encoding("utf8")
        data = text.encode()
        task = asyncio.ensure_future(asyncio.to_thread(len, data))
        for start in range(0, len(data), 7):
            client.write(data[start : start + 7])
        client.end()
        await task
        chunks = [chunk async for chunk in peer]
        assert all(isinstance(chunk, str) for chunk in chunks)
        assert "".join(chunks) == text


async def test_much_arrives_unchanged_both_ways_at_once() -> None:
    one, other = bytes(range(256)) * (MANY // 256), bytes(reversed(range(256))) * (MANY // 256)
    async with connected_pair() as (client, peer):
        client.end(one)
        peer.end(other)
        assert tuple(await asyncio.gather(read_all(client), read_all(peer))) == (other, one)


async def test_write_tells_when_to_wait_and_drain_when_to_go_on(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        event_log.watch(client, "drain")
        written = 0
        while client.write(bytes(50_000), event_log.entry("written")):
            written += 1
            await turns(1)
        assert client.writable_need_drain
        assert client.writable_length == client.buffer_size > 0
        peer.resume()
        await event_log.until("drain")
        assert (client.writable_length, client.writable_need_drain) == (0, False)
        await event_log.until("written", count=written + 1)
        assert {entry for entry in event_log if entry[0] == "written"} == {("written", None)}


async def test_callbacks_come_in_order_and_before_drain_is_over(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        peer.resume()
        for number in range(5):
            client.write(bytes(100_000), event_log.entry(number))
        client.end(callback=event_log.entry("end"))
        await event_log.until("end")
    assert event_log == [*((number, None) for number in range(5)), ("end", None)]


async def test_a_paused_reader_holds_the_writer_up() -> None:
    async with connected_pair(server_options={"high_water_mark": 10_000}) as (client, peer):
        peer.pause()
        client.write(bytes(20_000_000))
        while not peer.readable_length:
            await turns(1)
        await turns(50)
        assert peer.readable_length < 2_000_000
        assert client.buffer_size > 0
        peer.resume()
        client.end()
        await once(peer, "end")
        assert peer.bytes_read == 20_000_000


async def test_reading_by_hand() -> None:
    async with connected_pair() as (client, peer):
        client.write("hello world")
        await once(peer, "readable")
        assert (peer.read(5), peer.read(100), peer.read()) == (b"hello", None, b" world")
        client.end("!")
        await once(peer, "readable")
        assert peer.read() == b"!"


# -- the ends ---------------------------------------------------------------------------------------------------------


async def test_the_peers_end_ends_us_too_unless_half_open(event_log: EventLog) -> None:
    async with connected_pair(allow_half_open=True) as (client, peer):
        event_log.watch(peer, "data", "end", "finish", "close")
        client.end("bye")
        await event_log.until("close")
        assert event_log == [("data", b"bye"), ("end",), ("finish",), ("close", False)]


async def test_half_open_we_go_on_writing(event_log: EventLog) -> None:
    async with connected_pair(server_options={"allow_half_open": True}) as (client, peer):
        event_log.watch(peer, "end", "finish", "close")
        client.end()
        peer.resume()
        await event_log.until("end")
        assert (peer.ready_state, peer.writable) == ("write_only", True)
        peer.end(bytes(1_000_000))
        assert len(await read_all(client)) == 1_000_000
        await event_log.until("close")
        assert event_log == [("end",), ("finish",), ("close", False)]


async def test_writing_after_the_peers_end_breaks_the_pipe(event_log: EventLog) -> None:
    async with connected_pair(allow_half_open=True) as (client, peer):
        event_log.watch(peer, "error", "close")
        client.pause()
        peer.write(bytes(20_000_000))
        client.end()
        peer.resume()
        await once(peer, "end")
        await turns()
        assert (peer.writable, peer.destroyed) == (False, False)
        assert not peer.write("late", event_log.entry("callback"))
        await event_log.until("close")
        error = event_log[0][1]
        assert (error.code, str(error)) == ("EPIPE", "This socket has been ended by the other party")
        assert isinstance(error, BrokenPipeError)
        assert event_log == [("callback", error), ("error", error), ("close", True)]


async def test_writing_after_our_end(event_log: EventLog) -> None:
    async with connected_pair() as (client, _):
        event_log.watch(client, "error", "close")
        client.end()
        client.write("late", event_log.entry("callback"))
        await event_log.until("close")
        assert {entry[1].code for entry in event_log[:2]} == {"ERR_STREAM_WRITE_AFTER_END"}
        assert event_log[2] == ("close", True)


async def test_writing_after_destroy(event_log: EventLog) -> None:
    async with connected_pair() as (client, _):
        client.destroy()
        assert not client.write("late", event_log.entry("callback"))
        await event_log.until("callback")
        assert event_log[0][1].code == "ERR_STREAM_DESTROYED"


async def test_writing_without_a_connection(event_log: EventLog) -> None:
    socket = net.Socket()
    event_log.watch(socket, "error", "close")
    assert not socket.write("x", event_log.entry("callback"))
    await event_log.until("close")
    assert [entry[0] for entry in event_log] == ["callback", "error", "close"]
    assert isinstance(event_log[1][1], SocketClosedError)


async def test_destroy_with_an_error(event_log: EventLog) -> None:
    async with connected_pair() as (client, _):
        event_log.watch(client, "error", "close")
        mine = ValueError("mine")
        assert client.destroy(mine) is client
        client.destroy(ValueError("another"))
        assert event_log == []
        assert (client.destroyed, client.pending, client.local_address) == (True, True, None)
        await event_log.until("close")
        assert event_log == [("error", mine), ("close", True)]


async def test_destroying_drops_what_waits(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, _):
        event_log.watch(client, "close")
        client.write(bytes(20_000_000), event_log.entry("in flight"))
        client.write("x", event_log.entry("waiting"))
        client.end("y", callback=event_log.entry("end"))
        client.destroy()
        await event_log.until("close")
        assert event_log[0] == ("in flight", None)
        assert [(entry[0], entry[1].code) for entry in event_log[1:3]] == [
            ("waiting", "ERR_STREAM_DESTROYED"),
            ("end", "ERR_STREAM_DESTROYED"),
        ]
        assert event_log[3:] == [("close", False)]


async def test_destroy_soon_writes_first(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        client.write(bytes(MANY))
        client.destroy_soon()
        assert not client.destroyed
        event_log.watch(client, "finish", "close")
        assert len(await read_all(peer)) == MANY
        await event_log.until("close")
        client.destroy_soon()
        assert event_log == [("finish",), ("close", False)]


async def test_a_peers_address_stays_known_once_it_was_asked_for() -> None:
    async with connected_pair() as (client, peer):
        port = client.remote_port
        client.destroy()
        peer.destroy()
        assert (client.remote_address, client.remote_port, client.remote_family) == (LOCAL, port, "IPv4")
        assert (peer.remote_address, peer.remote_port, peer.remote_family) == (None, None, None)
        assert (client.local_address, client.local_port, client.local_family) == (None, None, None)


# -- resets -----------------------------------------------------------------------------------------------------------


async def test_reset_and_destroy(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        event_log.watch(client, "error", "close", prefix=("client",))
        event_log.watch(peer, "error", "close", prefix=("peer",))
        assert client.reset_and_destroy() is client
        await event_log.until("peer", "close")
        error = event_log[-2][2]
        assert [entry for entry in event_log if entry[0] == "client"] == [("client", "close", False)]
        assert [entry for entry in event_log if entry[0] == "peer"] == [
            ("peer", "error", error),
            ("peer", "close", True),
        ]
        assert (str(error), error.syscall) == ("read ECONNRESET", "read")


async def test_resetting_while_connecting_waits_for_the_connection(event_log: EventLog) -> None:
    def accepted(socket: net.Socket) -> None:
        event_log.watch(socket, "error", prefix=("peer",))

    async with serving(accepted) as server:
        client = net.connect(port_of(server), LOCAL)
        event_log.watch(client, "connect", "error", "close", prefix=("client",))
        client.reset_and_destroy()
        assert not client.destroyed
        await event_log.until("client", "close")
        assert [entry for entry in event_log if entry[0] == "client"] == [
            ("client", "connect"),
            ("client", "close", False),
        ]


async def test_resetting_without_a_connection(event_log: EventLog) -> None:
    socket = net.Socket()
    event_log.watch(socket, "error", "close")
    socket.reset_and_destroy()
    await event_log.until("close")
    assert isinstance(event_log[0][1], SocketClosedError)


async def test_a_unix_socket_cannot_be_reset(tmp_socket_path: str) -> None:
    async with serving(path=tmp_socket_path):
        socket = await net.open_connection(tmp_socket_path)
        with pytest.raises(InvalidHandleTypeError):
            socket.reset_and_destroy()
        socket.destroy()


# -- timeouts ---------------------------------------------------------------------------------------------------------


async def test_an_idle_socket_times_out_and_goes_on(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        event_log.watch(client, "timeout", "close")
        assert client.timeout is None
        assert client.set_timeout(0.01, event_log.entry("callback")) is client
        assert client.timeout == 0.01
        await event_log.until("timeout")
        # Activity arms it again; the callback was for once.
        client.write("x")
        await event_log.until("timeout", count=2)
        peer.write("y")
        await once(client, "readable")
        await event_log.until("timeout", count=3)
        assert not client.destroyed
        assert sorted(event_log.names) == ["callback", "timeout", "timeout", "timeout"]


async def test_a_timeout_of_zero_switches_it_off(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        listener = event_log.entry("callback")
        client.set_timeout(0.005, listener)
        client.set_timeout(0, listener)
        assert (client.timeout, client.listener_count("timeout")) == (0, 0)
        peer.set_timeout(0.02)
        await once(peer, "timeout")
        assert event_log == []


async def test_reading_and_writing_put_the_timeout_off(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        client.pipe(client)
        client.set_timeout(0.05)
        event_log.watch(client, "timeout")
        peer.set_timeout(0.02)
        for _ in range(5):
            peer.write("x")
            await once(peer, "timeout")
        assert event_log == []
        await event_log.until("timeout")


async def test_a_large_write_that_makes_progress_is_no_timeout(event_log: EventLog) -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        client.write(bytes(64_000_000), event_log.entry("written"))
        assert client._handle is not None
        before = client._handle.unsent
        peer.resume()
        while client._handle.unsent == before:
            await turns(1)
        peer.pause()
        assert client._idle is None
        client.set_timeout(100)
        event_log.watch(client, "timeout")
        client._on_idle()
        assert event_log == []
        client._on_idle()
        assert event_log == [("timeout",)]


@pytest.mark.parametrize("value", ["1", None, True, -1, float("inf"), float("nan")])
async def test_a_timeout_is_seconds(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        net.Socket().set_timeout(value)


# -- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["option", "before", "after"])
async def test_no_delay(when: str) -> None:
    async with serving(no_delay=when == "option") as server:
        accepted = asyncio.ensure_future(once(server, "connection"))
        client = net.Socket(no_delay=when == "option")
        if when == "before":
            client.set_no_delay()
        client.connect(port_of(server), LOCAL)
        await once(client, "connect")
        (peer,) = await accepted
        if when == "after":
            assert option(client, kernel.IPPROTO_TCP, kernel.TCP_NODELAY) == 0
            client.set_no_delay()
        assert option(client, kernel.IPPROTO_TCP, kernel.TCP_NODELAY) == 1
        assert option(peer, kernel.IPPROTO_TCP, kernel.TCP_NODELAY) == (when == "option")
        client.set_no_delay(False)
        assert option(client, kernel.IPPROTO_TCP, kernel.TCP_NODELAY) == 0
        client.destroy()


def keep_alive_of(socket: net.Socket) -> tuple[int, int, int, int]:
    return (
        option(socket, kernel.SOL_SOCKET, kernel.SO_KEEPALIVE),
        option(socket, kernel.IPPROTO_TCP, kernel.TCP_KEEPIDLE),
        option(socket, kernel.IPPROTO_TCP, kernel.TCP_KEEPINTVL),
        option(socket, kernel.IPPROTO_TCP, kernel.TCP_KEEPCNT),
    )


async def test_keep_alive() -> None:
    options: dict[str, Any] = {"keep_alive": True, "keep_alive_initial_delay": 7}
    async with connected_pair(server_options=options, keep_alive=True, keep_alive_initial_delay=8) as (client, peer):
        assert keep_alive_of(client) == (1, 8, 1, 10)
        assert keep_alive_of(peer) == (1, 7, 1, 10)
        client.set_keep_alive(True, 9, 3, 4)
        assert keep_alive_of(client) == (1, 9, 3, 4)
        client.set_keep_alive(False)
        assert keep_alive_of(client) == (0, 9, 3, 4)


async def test_keep_alive_without_a_delay_leaves_the_systems_times() -> None:
    async with connected_pair() as (client, peer):
        system = keep_alive_of(peer)[1:]
        client.set_keep_alive(True)
        assert keep_alive_of(client) == (1, *system)
        client.set_keep_alive(True, 0.5)
        assert keep_alive_of(client) == (1, *system)


async def test_keep_alive_before_connecting_is_remembered() -> None:
    async with serving() as server:
        client = net.Socket().set_keep_alive(True, 5)
        client.connect(port_of(server), LOCAL)
        await once(client, "connect")
        assert keep_alive_of(client) == (1, 5, 1, 10)
        client.destroy()


async def test_settings_of_a_closed_socket_do_nothing() -> None:
    async with connected_pair() as (client, _):
        client.destroy()
        await client.wait_closed()
        client.set_no_delay().set_keep_alive(True, 1).set_timeout(1, print).ref().unref()
        assert (client.fileno(), client.address(), client.timeout) == (-1, None, None)


async def test_a_subclass_sees_each_chunk() -> None:
    class Counting(net.Socket):
        pushed = 0

        def push(self, chunk: Any, encoding: str | None = None) -> bool:
            self.pushed += 1
            return super().push(chunk, encoding)

    assert issubclass(Counting, HandleStream)
    async with serving(lambda socket: socket.end("hello")) as server:
        socket = Counting()
        socket.connect(port_of(server), LOCAL)
        assert await read_all(socket) == b"hello"
        assert socket.pushed == 2


async def test_it_shows_what_it_is() -> None:
    async with connected_pair() as (client, peer):
        assert repr(client) == f"<Socket open peer={LOCAL}:{peer.local_port}>"
        client.destroy()
        assert repr(client) == f"<Socket closed peer={LOCAL}:{peer.local_port}>"
        assert repr(net.Socket()) == "<Socket open>"
