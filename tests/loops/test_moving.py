"""Pipes between sockets whose bytes move in the kernel: that they do, when they do not, and how they end."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.events import once
from sockstream.net.handles import splicing
from sockstream.stream import Writable, pipeline
from tests.support.moving import moving
from tests.support.net import LOCAL, closed, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tests.support.events import EventLog

pytestmark = pytest.mark.polled

MEGABYTE = bytes(range(256)) * 4096


class Relay:
    """A client and a sink of tests, and the two sockets between them that a program pipes."""

    def __init__(self, sockets: tuple[net.Socket, ...]) -> None:
        self.client, self.source, self.destination, self.sink = sockets

    @property
    def is_moving(self) -> bool:
        """Whether what comes to the source does not go through its handle."""
        return getattr(self.source._handle, "diversion", None) is not None


@asynccontextmanager
async def relay(**options: Any) -> AsyncIterator[Relay]:
    """Yield two connections that nobody has piped yet."""
    accepted: asyncio.Queue[net.Socket] = asyncio.Queue()
    async with serving(accepted.put_nowait, allow_half_open=True, **options) as server:
        client = await net.open_connection(port_of(server), LOCAL, allow_half_open=True)
        source = await accepted.get()
        destination = await net.open_connection(port_of(server), LOCAL, allow_half_open=True)
        sink = await accepted.get()
        for peer in (client, sink):
            peer.on("error", lambda error: None)  # the tests cut off what they send
        yield Relay((client, source, destination, sink))
        for socket in (client, source, destination, sink):
            socket.destroy()
            await closed(socket)


@pytest.fixture
def forced() -> Iterator[None]:
    """Have bytes move as soon as there is a pipe."""
    with moving("forced"):
        yield


@pytest.fixture
def usual() -> Iterator[None]:
    """Have bytes move when they would, whatever the tests as a whole run with."""
    with moving("normal"):
        yield


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How large the chunks were that a source's handle has read, while bytes move."""
    sizes: list[int] = []
    received = net.Socket.handle_data

    def handle_data(self: net.Socket, chunk: bytes) -> None:
        if self._rs.pipes:
            sizes.append(len(chunk))
        received(self, chunk)

    monkeypatch.setattr(net.Socket, "handle_data", handle_data)
    monkeypatch.setattr(net.Socket, "_is_plain_source", True)
    return sizes


# -- when they move ---------------------------------------------------------------------------------------------------


async def test_large_chunks_move_after_some(usual: None) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        assert not way.is_moving
        reading = asyncio.ensure_future(read_all(way.sink))
        has_moved = False
        for _ in range(40):
            way.client.write(MEGABYTE)
            await way.client.drain()
            has_moved = has_moved or way.is_moving
        assert has_moved
        way.client.end()
        assert await reading == MEGABYTE * 40
        assert way.source.bytes_read == way.destination.bytes_written == len(MEGABYTE) * 40


async def test_small_chunks_do_not_move(usual: None) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        for _ in range(100):
            way.client.write(b"hello")
            await once(way.sink, "data")
            assert not way.is_moving


async def test_a_conversation_ends_it(usual: None) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        with moving("forced"):
            way.client.write(b"hello")
            await once(way.sink, "data")
            assert way.is_moving
        for _ in range(100):
            way.client.write(b"hello")
            await once(way.sink, "data")
        assert not way.is_moving


async def test_off_they_never_move() -> None:
    with moving("off"):
        async with relay() as way:
            way.source.pipe(way.destination)
            way.client.end(MEGABYTE)
            assert await read_all(way.sink) == MEGABYTE
            assert not way.is_moving


def listen(way: Relay) -> None:
    way.source.on("data", lambda chunk: None)


def decode(way: Relay) -> None:
    way.source.set_encoding("latin1")


def branch(way: Relay) -> None:
    way.source.pipe(Writable(write=lambda chunk, encoding, callback: callback()))


def cork(way: Relay) -> None:
    way.destination.cork()
    asyncio.get_running_loop().call_later(0.01, way.destination.uncork)


def override(way: Relay) -> None:
    way.destination.write = lambda *args: net.Socket.write(way.destination, *args)  # type: ignore[method-assign]


def override_push(way: Relay) -> None:
    way.source.push = lambda *args: net.Socket.push(way.source, *args)  # type: ignore[method-assign]


@pytest.mark.parametrize("disturb", [listen, decode, branch, cork, override, override_push])
async def test_what_wants_to_see_the_bytes_sees_them(
    forced: None, copied: list[int], disturb: Callable[[Relay], None]
) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.write("one")
        await once(way.sink, "data")
        assert copied == []
        disturb(way)
        way.client.write("four")
        await once(way.sink, "data")
        assert copied == [4]


class Louder(net.Socket):
    """A socket with a `write` of its own."""

    def write(self, data: Any, *rest: Any) -> bool:
        return super().write(data.upper(), *rest)


async def test_a_subclass_sees_what_it_writes(forced: None) -> None:
    async with relay() as way, serving() as server:
        louder = Louder().connect(port_of(server), LOCAL)
        (sink,) = await once(server, "connection")
        way.source.pipe(louder)
        way.client.write("hello")
        assert await once(sink, "data") == [b"HELLO"]
        assert not way.is_moving
        louder.destroy()


async def test_an_echo_moves(forced: None) -> None:
    async with relay() as way:
        way.source.pipe(way.source)
        reading = asyncio.ensure_future(read_all(way.client))
        way.client.end(MEGABYTE * 4)
        assert await reading == MEGABYTE * 4


# -- byte for byte ----------------------------------------------------------------------------------------------------


@pytest.mark.guard(90)
async def test_many_relays_change_no_byte(forced: None) -> None:
    chance = random.Random(5)

    async def one(seed: int) -> None:
        chance = random.Random(seed)
        async with relay() as way:
            chain = pipeline(way.source, way.destination)
            sent, got = hashlib.sha256(), hashlib.sha256()

            async def send() -> None:
                for _ in range(chance.randint(1, 30)):
                    data = chance.randbytes(chance.choice([1, 100, 5000, 70_000, 400_000]))
                    sent.update(data)
                    way.client.write(data)
                    await way.client.drain()
                way.client.end()

            sending = asyncio.ensure_future(send())
            async for chunk in way.sink:
                got.update(chunk)
                if chance.random() < 0.1:
                    await turns(chance.randint(1, 20))
            await sending
            assert sent.digest() == got.digest()
            way.destination.end()
            way.source.end()
            await chain

    await asyncio.gather(*(one(chance.getrandbits(32)) for _ in range(32)))


# -- endings ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def stuck() -> AsyncIterator[Relay]:
    """Yield a relay whose sink reads nothing, with bytes in flight in the kernel."""
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.write(MEGABYTE * 16)
        await once(way.source, "pause")
        assert way.destination.writable_need_drain
        yield way


async def test_the_end_comes_after_what_is_in_flight(forced: None, event_log: EventLog) -> None:
    async with stuck() as way:
        event_log.watch(way.source, "end", prefix=("source",))
        event_log.watch(way.destination, "finish", "unpipe", prefix=("destination",))
        way.client.end()
        assert len(await read_all(way.sink)) == len(MEGABYTE) * 16
        await event_log.until("destination", "finish")
        assert event_log == [("source", "end"), ("destination", "unpipe", way.source), ("destination", "finish")]


async def test_what_is_written_meanwhile_comes_after_it(forced: None, event_log: EventLog) -> None:
    async with stuck() as way:
        written = way.destination.bytes_written
        assert not way.destination.write("and more", callback=event_log.entry("written"))
        assert way.destination.bytes_written == written + 8
        assert way.destination.writable_length > 8
        way.client.end()
        assert len(await read_all(way.sink)) == len(MEGABYTE) * 16 + 8
        assert event_log == [("written", None)]


@pytest.mark.parametrize("which", ["source", "destination"])
async def test_destroyed_in_the_midst(forced: None, event_log: EventLog, which: str) -> None:
    async with stuck() as way:
        for name in ("source", "destination"):
            event_log.watch(getattr(way, name), "error", "end", "finish", "close", prefix=(name,))
        getattr(way, which).destroy()
        await event_log.until(which, "close")
        await turns()
        assert event_log == [(which, "close", False)]


async def test_a_reset_of_the_source_is_told_once(forced: None, event_log: EventLog) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.write("hello")
        await once(way.sink, "data")
        event_log.watch(way.source, "error", "end", "close", prefix=("source",))
        way.client.reset_and_destroy()
        await event_log.until("source", "close")
        (_, _, error), end = event_log
        assert (error.code, error.syscall) == ("ECONNRESET", "read")
        assert end == ("source", "close", True)


async def test_a_reset_while_it_stands_still_is_told(forced: None, event_log: EventLog) -> None:
    async with stuck() as way:
        event_log.watch(way.source, "error", "close", prefix=("source",))
        # What the kernel has yet would not fill the source's buffer: it reads on, and sees what comes.
        while way.source.bytes_read < len(MEGABYTE) * 16:
            way.sink.resume()
            await turns(1)
            way.sink.pause()
        way.client.reset_and_destroy()
        await event_log.until("source", "close")
        assert event_log[-1] == ("source", "close", True)
        assert event_log.count("source", "error") == 1


async def test_a_reset_of_the_destination_is_told_once(forced: None, event_log: EventLog) -> None:
    async with stuck() as way:
        event_log.watch(way.destination, "error", "close", "unpipe", prefix=("destination",))
        way.sink.reset_and_destroy()
        await event_log.until("destination", "close")
        unpipe, (_, _, error), end = event_log
        assert unpipe == ("destination", "unpipe", way.source)
        assert (error.code, error.syscall) in (("ECONNRESET", "read"), ("EPIPE", "write"), ("ECONNRESET", "write"))
        assert end == ("destination", "close", True)


@pytest.mark.parametrize("which", ["source", "destination"])
async def test_bytes_that_move_are_activity(forced: None, which: str) -> None:
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.write("a")
        await once(way.sink, "data")
        socket = getattr(way, which).set_timeout(60)
        before = socket._idle.last_activity
        await asyncio.sleep(0.01)
        way.client.write("b")
        await once(way.sink, "data")
        assert way.is_moving
        assert socket._idle.last_activity > before


# -- where the system does not ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("refused", [0, 1])
async def test_where_the_kernel_does_not_splice_bytes_are_copied(
    forced: None, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    """The kernel refuses to take bytes in, or to give them out."""
    pipes: set[int] = set()
    real_splice, real_pipe = os.splice, os.pipe2

    def pipe2(flags: int) -> tuple[int, int]:
        reading, writing = real_pipe(flags)
        pipes.add((writing, reading)[refused])
        return reading, writing

    def splice(source: int, destination: int, *args: Any, **options: Any) -> int:
        if (destination, source)[refused] in pipes:
            raise OSError(errno.EINVAL, "no")
        return real_splice(source, destination, *args, **options)

    monkeypatch.setattr(os, "pipe2", pipe2)
    monkeypatch.setattr(os, "splice", splice)
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.end(MEGABYTE * 2)
        assert await read_all(way.sink) == MEGABYTE * 2
        assert pipes


async def test_refused_in_the_midst_the_rest_is_copied(forced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stuck() as way:

        def splice(*args: Any, **options: Any) -> int:
            raise OSError(errno.EINVAL, "no")

        monkeypatch.setattr(os, "splice", splice)
        way.client.end()
        assert await read_all(way.sink) == MEGABYTE * 16


async def test_tiny_pipes_are_not_used(forced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has too many pipes gets tiny ones."""
    real = fcntl.fcntl

    def control(descriptor: int, command: int, *args: Any) -> Any:
        if command == fcntl.F_SETPIPE_SZ:
            raise PermissionError(errno.EPERM, "too many")
        return 4096 if command == fcntl.F_GETPIPE_SZ else real(descriptor, command, *args)

    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "splice", None)
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.end(MEGABYTE)
        assert await read_all(way.sink) == MEGABYTE


async def test_without_a_descriptor_bytes_are_copied(forced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe2(flags: int) -> None:
        raise OSError(errno.EMFILE, "none left")

    monkeypatch.setattr(os, "pipe2", pipe2)
    async with relay() as way:
        way.source.pipe(way.destination)
        way.client.end(MEGABYTE)
        assert await read_all(way.sink) == MEGABYTE
        assert not way.is_moving


async def test_a_silent_relay_holds_no_pipe(forced: None) -> None:
    async with relay() as one, relay() as other:
        for way in (one, other):
            way.source.pipe(way.destination)
            way.client.write("hello")
            await once(way.sink, "data")
        assert one.is_moving
        assert other.is_moving
        pool = splicing._pools[asyncio.get_running_loop()]
        assert len(pool._free) == 1
