"""The fast paths of a socket are the general path, faster: one random script through both gives one log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sockstream import net
from sockstream.loop import current
from sockstream.net.handle_stream import HandleStream
from sockstream.net.handles.memory import memory_pair
from sockstream.stream import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.only_loop("asyncio")

EVENTS = ("data", "end", "drain", "finish", "pause", "resume", "error", "close")
MARK = 16
KERNEL = 24


class GeneralSocket(net.Socket):
    """A socket whose overridden methods keep it on the general path."""

    def push(self, chunk: Any, encoding: str | None = None) -> bool:
        return super().push(chunk, encoding)

    def _write(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        super()._write(chunk, encoding, callback)


MOMENTS = ("pause", "resume", "cork", "uncork", "listen", "unlisten", "peer_reads", "peer_waits", "decode", "read")
PIPING = ("pipe", "release")

sizes = st.integers(1, 40)
operations = st.one_of(
    st.tuples(st.just("peer writes"), sizes),
    st.tuples(st.just("write"), sizes),
    st.tuples(st.just("write twice"), sizes),
    st.tuples(st.just("write and hear"), sizes),
    st.tuples(st.just("write and hear, then write"), sizes),
    st.tuples(st.just("write text"), sizes),
    st.tuples(st.sampled_from(MOMENTS + PIPING)),
    st.tuples(st.sampled_from(["end", "peer ends", "destroy", "fail", "peer destroys", "echo"])),
)


class Play:
    """One run of a script over one kind of socket."""

    def __init__(self, kind: type[net.Socket]) -> None:
        self.log: list[Any] = []
        one, other = memory_pair(current(), KERNEL)
        self.socket = kind(handle=one, high_water_mark=MARK, allow_half_open=True)
        self.peer = net.Socket(handle=other, allow_half_open=True)
        self.count = 0
        # What slow destinations have not taken yet.
        self.held: list[Callable[[], None]] = []
        for name in EVENTS[1:]:
            self.socket.on(name, lambda *args, name=name: self.log.append((name, *map(repr, args))))
        self.peer.on("data", lambda chunk: self.log.append(("peer got", chunk)))
        self.peer.on("end", lambda: self.log.append(("peer saw the end",)))
        self.peer.on("error", lambda error: self.log.append(("peer failed", error.code)))

    def chunk(self, size: int) -> bytes:
        self.count += 1
        return bytes([97 + self.count % 26]) * size

    def got(self, chunk: bytes | str) -> None:
        self.log.append(("data", chunk))

    def hold(self, chunk: bytes, encoding: str, callback: Callable[[], None]) -> None:
        self.log.append(("piped", chunk))
        self.held.append(callback)

    def echo(self, chunk: bytes | str) -> None:
        self.log.append(("echoed", chunk, self.socket.write(chunk)))

    def step(self, name: str, size: int = 0) -> object:
        socket, peer = self.socket, self.peer
        match name:
            case "peer writes":
                return peer.writable and peer.write(self.chunk(size))
            case "write":
                return socket.write(self.chunk(size))
            case "write twice":
                return socket.write(self.chunk(size)), socket.write(self.chunk(size))
            case "write and hear":
                number = self.count
                return socket.write(self.chunk(size), callback=lambda error: self.log.append((number, repr(error))))
            case "write and hear, then write":
                return self.step("write and hear", size), self.step("write", size)
            case "write text":
                return socket.write("é" * size, "latin1")
            case "pause" | "resume" | "cork" | "uncork" | "end" | "destroy":
                getattr(socket, name)()
            case "listen":
                socket.on("data", self.got)
            case "echo":
                socket.on("data", self.echo)
            case "unlisten":
                socket.remove_all_listeners("data")
            case "pipe":
                socket.pipe(Writable(high_water_mark=8, write=self.hold))
            case "release":
                held, self.held = self.held, []
                for callback in held:
                    callback()
            case "decode":
                socket.set_encoding("utf8")
            case "read":
                return socket.read()
            case "fail":
                socket.destroy(ValueError("enough"))
            case "peer_reads":
                peer.resume()
            case "peer_waits":
                peer.pause()
            case "peer ends":
                peer.end()
            case "peer destroys":
                peer.destroy()
        return None

    def state(self) -> tuple[Any, ...]:
        socket = self.socket
        return (
            socket.readable_length,
            socket.writable_length,
            socket.writable_need_drain,
            socket.bytes_read,
            socket.bytes_written,
            socket.readable_flowing,
            socket.ready_state,
        )

    async def run(self, script: list[tuple[Any, ...]]) -> list[Any]:
        for operation in script:
            self.log.append((operation[0], self.step(*operation)))
            self.log.append(self.state())
            await settled()
            self.log.append(self.state())
        self.socket.destroy(), self.peer.destroy()
        await settled()
        return self.log


async def settled() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


# What ends the run of writes that go straight to the handle, and a write after it.
@settings(deadline=None)
@example(script=[("write", 1), ("cork",), ("write", 1), ("uncork",), ("write", 1)])
@example(script=[("write", 1), ("write and hear, then write", 40), ("write", 1)])
@example(script=[("write", 1), ("write twice", 40), ("write", 1)])
@example(script=[("write", 1), ("end",), ("write", 1)])
@example(script=[("write", 1), ("destroy",), ("write", 1)])
@given(script=st.lists(operations, max_size=14))
async def test_a_socket_tells_the_same_on_both_paths(script: list[tuple[Any, ...]]) -> None:
    assert await Play(net.Socket).run(script) == await Play(GeneralSocket).run(script)


class Iterated(Play):
    """A run in which a task iterates over the socket."""

    async def run(self, script: list[tuple[Any, ...]]) -> list[Any]:
        task = asyncio.create_task(self.iterate())
        await settled()
        log = await super().run(script)
        await task
        return log

    async def iterate(self) -> None:
        try:
            async for chunk in self.socket:
                self.log.append(("chunk", chunk, self.socket.readable_length))
                await self.socket.drain()
        except Exception as error:
            self.log.append(("iteration", repr(error)))
        else:
            self.log.append(("iteration", "done"))


iterated = operations.filter(lambda operation: operation[0] not in {"read", "pause", "resume", "pipe"})


@settings(deadline=None)
@given(script=st.lists(iterated, max_size=14))
async def test_an_iteration_gets_the_same_on_both_paths(script: list[tuple[Any, ...]]) -> None:
    assert await Iterated(net.Socket).run(script) == await Iterated(GeneralSocket).run(script)


def test_what_a_subclass_overrides_is_called() -> None:
    assert net.Socket.handle_data is HandleStream.handle_data
    assert net.Socket.write is HandleStream.write
    assert GeneralSocket.handle_data is HandleStream._receive_slowly
    assert GeneralSocket.write is Writable.write
