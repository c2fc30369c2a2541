"""Streams to test with, and how to wait for their ticks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.loop import current, next_tick
from sockstream.stream import Duplex, Readable, Writable

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable


async def ticks() -> None:
    """Wait until every tick asked for so far has run, and those that they ask for."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    next_tick(future.set_result, None)
    await future


def later(callback: Callable[..., object], *args: Any) -> None:
    """Call back in a turn of the loop of its own, as I/O would."""
    runtime = current()
    runtime.loop.call_soon(runtime.enter, None, callback, *args)


async def turns(count: int) -> None:
    """Let the loop turn so many times."""
    for _ in range(count):
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, None)
        await future


def raise_(error: BaseException) -> Any:
    """Raise, where only an expression fits."""
    raise error


def ignore(*_: object) -> None:
    """Do nothing."""


class Source(Readable):
    """Pushes one of its chunks each time it is asked, then the end; an exception destroys it."""

    def __init__(self, *chunks: Any, **options: Any) -> None:
        self.left = list(chunks)
        self.asked = 0
        super().__init__(**options)

    def _read(self, size: int) -> None:
        self.asked += 1
        chunk = self.left.pop(0) if self.left else None
        if isinstance(chunk, BaseException):
            self.destroy(chunk)
        else:
            self.push(chunk)


class Endless(Readable):
    """Pushes nothing by itself."""

    def _read(self, size: int) -> None:
        pass


class Sink(Writable):
    """Takes each chunk at once."""

    def __init__(self, **options: Any) -> None:
        self.chunks: list[Any] = []
        super().__init__(**options)

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        self.chunks.append(chunk)
        callback()


class HeldSink(Writable):
    """Takes each chunk and calls back when it is told to."""

    def __init__(self, **options: Any) -> None:
        self.chunks: list[Any] = []
        self.held: list[Callable[..., None]] = []
        super().__init__(**options)

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        self.chunks.append(chunk)
        self.held.append(callback)

    def release(self, error: BaseException | None = None) -> None:
        """Call back for the oldest write in flight."""
        self.held.pop(0)(error)


class Both(Duplex):
    """Reads what is pushed from outside; takes each chunk at once."""

    def __init__(self, **options: Any) -> None:
        self.chunks: list[bytes] = []
        super().__init__(**options)

    def _read(self, size: int) -> None:
        pass

    def _write(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        self.chunks.append(chunk)
        callback()


class BoomError(Exception):
    """What goes wrong in tests of chains."""


async def upper(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Turn each chunk into capitals."""
    async for chunk in source:
        yield chunk.upper()


async def joined(source: AsyncIterable[bytes]) -> bytes:
    """Return all chunks as one."""
    return b"".join([chunk async for chunk in source])


async def letters() -> AsyncIterator[bytes]:
    """Give two chunks."""
    yield b"a"
    yield b"b"


def assert_nothing_runs() -> None:
    """Check that no task but the test's own is left."""
    assert asyncio.all_tasks() == {asyncio.current_task()}
