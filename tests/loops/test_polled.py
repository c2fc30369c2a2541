"""Connections that are polled: edges that nobody may miss, and turns that others get."""

from __future__ import annotations

import asyncio
import errno
import os
import socket as kernel
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.loop import run
from sockstream.net.handles import poller
from sockstream.net.handles.polled import PolledHandle
from sockstream.net.handles.transport import TransportHandle
from tests.support.net import connected_pair, read_all, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

    LoopFactory = Callable[[], asyncio.AbstractEventLoop]

pytestmark = pytest.mark.polled


def pair(**options: Any) -> tuple[net.Socket, kernel.socket]:
    """Return a socket and the kernel's socket at the other end."""
    ours, theirs = kernel.socketpair()
    theirs.setblocking(False)
    return net.Socket(handle=ours, **options), theirs


async def test_a_batch_that_an_interrupt_breaks_off_is_told_the_rest(event_log: EventLog) -> None:
    class Watched:
        def __init__(self, number: int) -> None:
            self.number = number

        def ready(self, events: int) -> None:
            event_log("ready", self.number)
            if self.number == 2:
                raise KeyboardInterrupt

    mine = poller.acquire(asyncio.get_running_loop())
    pairs = [kernel.socketpair() for _ in range(3)]
    watched = [Watched(number) for number in (1, 2, 3)]
    for each, (one, other) in zip(watched, pairs, strict=True):
        other.send(b"x")
        mine.watch(one.fileno(), each, poller.READABLE)
    with pytest.raises(KeyboardInterrupt):
        mine._serve()
    await event_log.until("ready", count=3)
    assert event_log == [("ready", 1), ("ready", 2), ("ready", 3)]
    for each, (one, other) in zip(watched, pairs, strict=True):
        mine.forget(one.fileno(), each)
        one.close()
        other.close()
    mine.release()
    await turns()
    assert poller._pollers == {}


async def test_one_that_a_listener_closes_hears_no_more_of_its_batch() -> None:
    one, first = pair()
    two, second = pair()
    chunks: list[bytes] = []

    def close_the_other(other: net.Socket, chunk: bytes) -> None:
        chunks.append(chunk)
        other.destroy()

    one.on("data", partial(close_the_other, two))
    two.on("data", partial(close_the_other, one))
    with first, second:
        first.send(b"x")
        second.send(b"x")
        await turns()
        assert len(chunks) == 1
        one.destroy()
        two.destroy()
        await turns()


async def test_what_comes_while_it_pauses_wakes_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    woken = 0
    ready = PolledHandle.ready

    def count(self: PolledHandle, events: int) -> None:
        nonlocal woken
        woken += 1
        ready(self, events)

    monkeypatch.setattr(PolledHandle, "ready", count)
    socket, peer = pair(high_water_mark=1)
    with peer:
        for _ in range(10):  # the first fills the buffer, the second is noted, the rest is the kernel's
            peer.send(b"x")
            await turns(2)
        assert woken == 2
        peer.shutdown(kernel.SHUT_WR)
        assert await read_all(socket) == b"x" * 10
    await socket.wait_closed()


async def test_a_paused_one_reads_on_from_where_it_stopped() -> None:
    socket, peer = pair()
    chunks: list[int] = []

    def pause(chunk: bytes) -> None:
        chunks.append(len(chunk))
        socket.pause()
        asyncio.get_running_loop().call_soon(socket.resume)

    socket.on("data", pause)
    with peer:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(peer, bytes(3_000_000))
        peer.shutdown(kernel.SHUT_WR)
        await asyncio.wait_for(socket.wait_closed(), 20)
    assert sum(chunks) == 3_000_000


async def test_a_large_one_lets_others_have_their_turn(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        small, other = pair()
        small.on("data", lambda _: event_log("small"))
        peer.on("data", lambda _: event_log("large"))
        with other:
            client.end(bytes(40_000_000))
            await event_log.until("large")
            other.send(b"x")
            await event_log.until("small")
            assert peer.bytes_read < 40_000_000
            small.destroy()
            await read_all(client)
            while not peer.destroyed:
                await turns(1)


async def test_a_batch_of_more_buffers_than_the_kernel_takes_goes_out_in_order() -> None:
    async with connected_pair() as (client, peer):
        client.cork()
        parts = [b"%d," % number for number in range(5000)]
        for part in parts:
            client.write(part)
        client.uncork()
        client.end()
        assert await read_all(peer) == b"".join(parts)


async def test_a_batch_that_the_kernel_takes_in_part_goes_out_in_order() -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        client.cork()
        parts = [os.urandom(70_000) for _ in range(200)]
        for part in parts:
            client.write(part)
        client.uncork()
        assert client._handle is not None
        assert client._handle.unsent
        client.end()
        assert await read_all(peer) == b"".join(parts)


async def test_without_a_descriptor_for_a_poller_transports_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(loop: asyncio.AbstractEventLoop) -> poller.Poller:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr("sockstream.net.handles.polled.acquire", none_left)
    async with connected_pair() as (client, peer):
        assert isinstance(client._handle, TransportHandle)
        peer.end("hello")
        assert await read_all(client) == b"hello"


async def test_one_that_cannot_be_watched_fails(monkeypatch: pytest.MonkeyPatch, event_log: EventLog) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "too many are watched")

    monkeypatch.setattr(poller.Poller, "watch", full)
    ours, theirs = kernel.socketpair()
    with theirs:
        socket = net.Socket(handle=ours)
        event_log.watch(socket, "error", "close")
        await event_log.until("close")
    assert [getattr(entry[1], "code", entry[1]) for entry in event_log] == ["ENOSPC", True]


async def test_a_copy_of_its_descriptor_that_lives_on_is_nobodys() -> None:
    ours, theirs = kernel.socketpair()
    copy = ours.dup()
    socket = net.Socket(handle=ours)
    number = ours.fileno()
    socket.destroy()
    await socket.wait_closed()
    with theirs, copy:
        again, peer = pair()
        theirs.send(b"not for the new one")
        peer.send(b"for it")
        assert again.fileno() == number
        assert await again.readexactly(6) == b"for it"
        again.destroy()
        peer.close()
        await again.wait_closed()


def test_a_loop_that_was_closed_keeps_no_poller(loop_factory: LoopFactory) -> None:
    async def leave() -> None:
        poller.acquire(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(leave())
    run(lambda: net.create_server().listen(0, "127.0.0.1", lambda: None).unref(), loop_factory=loop_factory)

    async def use() -> None:
        socket, peer = pair()
        with peer:
            assert len(poller._pollers) == 1
            socket.destroy()
            await socket.wait_closed()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(use())
    assert len(poller._pollers) <= 1
    poller._pollers.clear()
