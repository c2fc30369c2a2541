"""Duplex streams made of other things: of streams, iterables, functions and awaitables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, InvalidReturnValueError
from sockstream.loop import current
from sockstream.stream.duplex import Duplex
from sockstream.stream.facade import join
from sockstream.stream.from_iterable import Feed, destroy_cancelled, feed_of, wait_for
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    _Callback = Callable[[BaseException | None], object]

__all__ = ["duplex_from"]

# How many objects wait in a stream that an iterator feeds.
_ONE_BY_ONE = 1


def duplex_from(source: object, readable: object, writable: object) -> Duplex:
    """Do the work of `Duplex.from_`."""
    if source is None and (readable is not None or writable is not None):
        return _of_pair(readable, writable)
    if isinstance(source, Duplex):
        return source
    if isinstance(source, Readable):
        return join(None, source)
    if isinstance(source, Writable):
        return join(source, None)
    if callable(source) and not isinstance(source, (Iterable, AsyncIterable)):
        return _of_function(source)
    feed = feed_of(source)
    if feed is not None:
        return _fed(feed, writable=False, high_water_mark=_mark_for(source))
    if isinstance(source, Awaitable):
        return _of_awaitable(source)
    raise InvalidArgTypeError("source", "a stream, an iterable, a function, an awaitable, str or bytes", source)


def _mark_for(source: object) -> int | None:
    return None if isinstance(source, (str, bytes, bytearray, memoryview)) else _ONE_BY_ONE


def _of_pair(readable: object, writable: object) -> Duplex:
    tail = None if readable is None else _side("readable", readable, Readable)
    head = None if writable is None else _side("writable", writable, Writable)
    return join(head, tail)


def _side(name: str, source: Any, kind: type) -> Any:
    stream = source if isinstance(source, (Readable, Writable)) else duplex_from(source, None, None)
    if not isinstance(stream, kind):
        raise InvalidArgTypeError(name, f"a {kind.__name__}, or what one can be made of", source)
    return stream


def _fed(feed: Feed, *, high_water_mark: int | None, **options: Any) -> Duplex:
    stream = Duplex(object_mode=True, high_water_mark=high_water_mark, read=feed.read, destroy=feed.destroy, **options)
    feed.stream = stream
    return stream


# -- an awaitable -----------------------------------------------------------------------------------------------------


def _of_awaitable(awaitable: Awaitable[Any]) -> Duplex:
    """Return a stream of the one chunk that is awaited, or of none where it is None."""

    def done(error: BaseException | None, result: Any) -> None:
        if isinstance(error, asyncio.CancelledError):
            destroy_cancelled(stream, task)
        elif error is not None:
            stream.destroy(error)
        elif not stream.destroyed:
            if result is not None:
                stream.push(result)
            stream.push(None)

    def destroy(error: BaseException | None, callback: _Callback) -> None:
        task.cancel()
        callback(error)

    stream = Duplex(object_mode=True, writable=False, read=lambda size: None, destroy=destroy)
    task = current().start(stream, wait_for(awaitable), done)
    return stream


# -- a function -------------------------------------------------------------------------------------------------------


class _Written(AsyncIterator[Any]):
    """What is written to a stream, as an async iterable: a write has its callback when its chunk is taken."""

    __slots__ = ("_callback", "_chunk", "_is_over", "_waiter")

    def __init__(self) -> None:
        self._chunk: Any = None
        # Of the chunk or, at the end, of `_final`, until either is taken.
        self._callback: _Callback | None = None
        self._is_over = False
        self._waiter: asyncio.Future[None] | None = None

    def write(self, chunk: Any, encoding: str, callback: _Callback) -> None:
        """Offer a chunk: `_write`."""
        self._chunk, self._callback = chunk, callback
        self._wake()

    def final(self, callback: _Callback) -> None:
        """Offer the end: `_final`."""
        self._is_over, self._callback = True, callback
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _written(self) -> None:
        """Wait until something is written; that alone does not keep `run` alive."""
        runtime = current()
        self._waiter = runtime.loop.create_future()
        runtime.unref()
        try:
            await self._waiter
        finally:
            runtime.ref()

    async def __anext__(self) -> Any:
        while self._callback is None:
            if self._is_over:
                raise StopAsyncIteration
            await self._written()
        callback, self._callback = self._callback, None
        # Node: after what the function does with it at once.
        runtime = current()
        runtime.loop.call_soon(runtime.enter, None, callback, None)
        if self._is_over:
            raise StopAsyncIteration
        chunk, self._chunk = self._chunk, None
        return chunk


def _of_function(function: Callable[..., Any]) -> Duplex:
    """Return a stream whose input a function reads, and whose output is what the function gives."""
    written = _Written()
    result = function(written)
    feed = feed_of(result)
    if feed is not None:
        return _fed(feed, high_water_mark=_mark_for(result), write=written.write, final=written.final)
    if isinstance(result, Awaitable):
        return _consumer(written, result)
    raise InvalidReturnValueError("an iterable, an async iterable or an awaitable", "source", result)


def _consumer(written: _Written, result: Awaitable[Any]) -> Duplex:
    """Return a stream that is only written to; it finishes when the coroutine function returns."""
    # The callbacks of `_final` and of `_destroy`.
    finish: _Callback | None = None
    close: _Callback | None = None

    def done(error: BaseException | None, value: Any) -> None:
        if isinstance(error, asyncio.CancelledError):
            error = None
            destroy_cancelled(stream, task)
        elif error is None and value is not None:
            error = InvalidReturnValueError("None", "source", value)
        if close is not None:
            close(error or stream.errored)
        elif error is not None:
            stream.destroy(error)
        elif finish is not None:
            finish(None)
        elif not stream.destroyed:
            # Nobody will take what is written from now on.
            stream.destroy(AbortError())

    def final(callback: _Callback) -> None:
        nonlocal finish
        finish = callback
        # The function's return is what counts, not its having seen the end.
        written.final(lambda _: None)

    def destroy(error: BaseException | None, callback: _Callback) -> None:
        nonlocal close
        if task.done():
            callback(error)
        else:
            close = callback
            task.cancel()

    stream = Duplex(object_mode=True, readable=False, write=written.write, final=final, destroy=destroy)
    task = current().start(stream, wait_for(result), done)
    return stream
