"""Streams made from iterables: what the iterator gives is pushed, as fast as the stream asks for it.

A plain iterator is stepped within `_read`, at once.  An async one runs in one task from its first step to its last, so
that a generator may keep `async with` blocks open between its chunks; while the stream asks for nothing, the task waits
and does not keep `run` alive.  Destroying the stream closes the iterator: a generator that stands at a `yield` gets the
error there, or its `finally` runs; one that awaits something is cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from sockstream.errors import AbortError, StreamNullValuesError
from sockstream.loop import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sockstream.stream.readable import Readable

    _Callback = Callable[[BaseException | None], object]

__all__ = ["Feed", "destroy_cancelled", "feed_of", "wait_for"]


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
    # A Future has an `__iter__` too, for what is no iteration.
    if isinstance(source, Iterable) and not isinstance(source, Awaitable):
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
        stream = self.stream
        while self.task is None:
            try:
                item = self.step()
            except StopIteration:
                stream.push(None)
                return
            except Exception as error:
                stream.destroy(error)
                return
            if isinstance(item, Awaitable):
                self.wait(item)
                return
            if not _push(stream, item):
                return

    def step(self) -> Any:
        """Take the next item; an iterator whose stream it has destroyed meanwhile is closed then."""
        self.is_running = True
        try:
            return next(self.iterator)
        finally:
            self.is_running = False
            if self.close_later is not None:
                self.close_later()

    def wait(self, item: Awaitable[Any]) -> None:
        if not self.stream.destroyed:
            self.task = current().start(self.stream, wait_for(item), self.arrived)
        elif isinstance(item, Coroutine):
            item.close()

    def arrived(self, error: BaseException | None, item: Any) -> None:
        """Take what was awaited."""
        task, self.task = self.task, None
        if isinstance(error, asyncio.CancelledError):
            destroy_cancelled(self.stream, task)
        elif error is not None:
            self.stream.destroy(error)
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
        except BaseException as failure:
            if failure is not error and isinstance(failure, (KeyboardInterrupt, SystemExit)):
                raise
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
        enter, stream = current().enter, self.stream
        try:
            while not stream.destroyed:
                try:
                    item = await self.step()
                except StopAsyncIteration:
                    if not stream.destroyed:
                        enter(stream, stream.push, None)
                    return
                if not stream.destroyed:
                    enter(stream, self.push, item)
                    if not self.asked and not stream.destroyed:
                        await self.until_asked()
        finally:
            await self.close()

    async def step(self) -> Any:
        self.is_awaiting = True
        try:
            return await anext(self.iterator)
        finally:
            self.is_awaiting = False

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
        stream, callback = self.stream, self.callback
        if isinstance(error, asyncio.CancelledError):
            error = None
            destroy_cancelled(stream, self.task)
        if callback is not None:
            self.callback = None
            callback(error or stream.errored)
        elif error is not None:
            stream.destroy(error)

    def destroy(self, error: BaseException | None, callback: _Callback) -> None:
        """Close the iterator, after its task has left it."""
        if self.task is not None and self.task.done():
            callback(error)
            return
        self.callback = callback
        if self.task is None:
            self.task = current().start(self.stream, self.close(), self.done)
        elif self.task is asyncio.current_task():
            # By the iterator itself, or by a listener of what it gave: it may be about to leave by itself.
            current().loop.call_soon(self.cancel_step)
        else:
            self.cancel_step()
            self.wake()

    def cancel_step(self) -> None:
        """Cancel what the iterator awaits."""
        if self.is_awaiting and self.task is not None:
            self.task.cancel()


def destroy_cancelled(stream: Readable, task: asyncio.Task[Any] | None) -> None:
    """Destroy a stream whose task was cancelled, unless that was because it was destroyed."""
    # A task that others cancel is one that they have done with: at the end of `run`, say, nobody is to hear of it.
    stream.destroy(None if task is not None and task.cancelling() else AbortError())


async def wait_for(awaitable: Awaitable[Any]) -> Any:
    """Return what is awaited: a coroutine, as tasks are made of."""
    return await awaitable


def _push(stream: Readable, item: Any) -> bool:
    """Push what an iterator gave; return whether the stream wants more."""
    if item is None:
        stream.destroy(StreamNullValuesError())
        return False
    return stream.push(item)
