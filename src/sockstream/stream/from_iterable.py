"""Streams made from iterables: what the iterator gives is pushed, as fast as the stream asks for it.

A plain iterator is stepped within `_read`, at once.  An async one runs in one task from its first step to its last, so
that a generator may keep `async with` blocks open between its chunks; while the stream asks for nothing, the task waits
and does not keep `run` alive.  Destroying the stream closes the iterator: a generator that stands at a `yield` gets the
error there, or its `finally` runs; one that awaits something is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from sockstream.errors import AbortError, StreamNullValuesError
from sockstream.loop import current
from sockstream.stream.destroy import error_or_destroy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sockstream.stream.readable import Readable

    _Callback = Callable[[BaseException | None], object]

__all__ = ["Feed", "feed_of"]


class Feed(Protocol):
    """What gives a stream its chunks: two of the stream's hooks."""

    stream: Readable

    def read(self, size: int) -> object:
        """Push what there is: `_read`."""

    def destroy(self, error: BaseException | None, callback: _Callback) -> object:
        """Close the iterator: `_destroy`."""


def feed_of(source: object) -> Feed | None:
    """Return what feeds a stream from an iterable; None if `source` is none. Its `stream` is yet to be set."""
    if isinstance(source, (str, bytes, bytearray, memoryview)):
        return _IteratorFeed(iter((source,)))
    if isinstance(source, AsyncIterable):
        return _AsyncIteratorFeed(aiter(source))
    if isinstance(source, Iterable):
        return _IteratorFeed(iter(source))
    return None


class _IteratorFeed:
    """Steps a plain iterator; what it gives may be awaitable."""

    __slots__ = ("close_later", "is_running", "iterator", "stream", "task")

    stream: Readable

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.iterator = iterator
        # The iterator is on the stack: it cannot be closed now, but is when it has given its chunk.
        self.is_running = False
        self.close_later: Callable[[], object] | None = None
        # What waits for an awaitable that the iterator gave.
        self.task: asyncio.Task[Any] | None = None

    def read(self, size: int) -> None:
        """Push until the stream has enough."""
        while self.task is None:
            self.is_running = True
            try:
                item = next(self.iterator)
            except StopIteration:
                self.stream.push(None)
                return
            finally:
                self.is_running = False
                if self.close_later is not None:
                    self.close_later()
            if isinstance(item, Awaitable):
                self.task = current().start(self.stream, _wait_for(item), self.arrived)
                return
            if not _push(self.stream, item):
                return

    def arrived(self, error: BaseException | None, item: Any) -> None:
        """Take what was awaited."""
        self.task = None
        if isinstance(error, asyncio.CancelledError):
            error = AbortError()
        if error is not None:
            error_or_destroy(self.stream, error)
        elif _push(self.stream, item):
            self.read(0)

    def destroy(self, error: BaseException | None, callback: _Callback) -> None:
        """Close the iterator, if it can be."""
        if self.task is not None:
            self.task.cancel()
        if self.is_running:
            self.close_later = lambda: callback(self.close(error))
        else:
            callback(self.close(error))

    def close(self, error: BaseException | None) -> BaseException | None:
        """Throw the error into a generator, then close it; return the error that is left."""
        generator: Any = self.iterator
        try:
            if error is not None and hasattr(generator, "throw"):
                generator.throw(error)
            if hasattr(generator, "close"):
                generator.close()
        except StopIteration:
            pass
        except Exception as failure:
            return failure
        return error


class _AsyncIteratorFeed:
    """Steps an async iterator, in a task of its own."""

    __slots__ = ("asked", "callback", "is_awaiting", "iterator", "stream", "task", "waiter")

    stream: Readable

    def __init__(self, iterator: AsyncIterator[Any]) -> None:
        self.iterator = iterator
        # From the first `_read` to the end of the iterator.
        self.task: asyncio.Task[Any] | None = None
        # What the task waits for while the stream has enough, and whether the stream has asked since the last push.
        self.waiter: asyncio.Future[None] | None = None
        self.asked = False
        # The iterator was asked for a chunk and has not given it.
        self.is_awaiting = False
        # The stream is destroyed; this tells it that the iterator is closed.
        self.callback: _Callback | None = None

    def read(self, size: int) -> None:
        """Go on."""
        self.asked = True
        if self.task is None:
            self.task = current().start(self.stream, self.run(), self.done)
        else:
            self.wake()

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def run(self) -> None:
        """Push chunk by chunk, then the end."""
        enter, stream, iterator = current().enter, self.stream, self.iterator
        while not stream.destroyed:
            self.is_awaiting = True
            try:
                item = await anext(iterator)
            except StopAsyncIteration:
                enter(stream, stream.push, None)
                return
            finally:
                self.is_awaiting = False
            if not stream.destroyed:
                enter(stream, self.push, item)
                if not self.asked and not stream.destroyed:
                    await self.until_asked()
        await self.close()

    def push(self, item: Any) -> None:
        self.asked = False
        if _push(self.stream, item):
            self.asked = True

    async def until_asked(self) -> None:
        runtime = current()
        self.waiter = runtime.loop.create_future()
        runtime.unref()
        try:
            await self.waiter
        finally:
            self.waiter = None
            runtime.ref()

    async def close(self) -> None:
        """Throw the stream's error into a generator, then close it."""
        error = self.stream.errored
        generator: Any = self.iterator
        try:
            if error is not None and hasattr(generator, "athrow"):
                await generator.athrow(error)
            if hasattr(generator, "aclose"):
                await generator.aclose()
        except StopAsyncIteration:
            pass

    def done(self, error: BaseException | None, _: object) -> None:
        """Take the end of the task."""
        if isinstance(error, asyncio.CancelledError):
            # By destroying the stream, or by somebody else.
            error = None if self.stream.destroyed else AbortError()
        callback, self.callback = self.callback, None
        if callback is not None:
            callback(error or self.stream.errored)
        elif error is not None:
            error_or_destroy(self.stream, error)

    def destroy(self, error: BaseException | None, callback: _Callback) -> None:
        """Close the iterator, after its task has left it."""
        if self.task is None:
            self.task = current().start(self.stream, self.close(), self.done)
        elif self.task.done():
            # The iterator came to its end, or failed.
            callback(error)
            return
        elif self.is_awaiting:
            self.task.cancel()
        else:
            self.wake()
        self.callback = callback


async def _wait_for(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _push(stream: Readable, item: Any) -> bool:
    """Push what an iterator gave; return whether the stream wants more."""
    if item is None:
        error_or_destroy(stream, StreamNullValuesError())
        return False
    return stream.push(item)
