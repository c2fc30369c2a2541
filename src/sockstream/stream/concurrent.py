"""A function applied to the chunks of a stream, several calls at a time, with the results in the chunks' order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from sockstream.stream.readable import Readable

__all__ = ["results_of"]


async def results_of(
    source: Readable, function: Callable[[Any], Any], concurrency: int, waiting: int
) -> AsyncGenerator[Any, None]:
    """Yield what the function makes of each chunk; what it returns is awaited where that can be.

    Args:
        source: the stream; it is destroyed when the iteration is left early.
        function: a plain function or a coroutine function.
        concurrency: how many calls may run at once.
        waiting: how many results may wait besides.
    """
    if concurrency == 1 and waiting == 0:
        async with aclosing(source.iterator()) as chunks:
            async for chunk in chunks:
                result = function(chunk)
                yield await result if isinstance(result, Awaitable) else result
        return
    window = _Window(function, concurrency, waiting)
    pump = asyncio.create_task(window.pump(source))
    try:
        while (result := await window.oldest()) is not None:
            yield await result
            window.forget_oldest()
        # One that somebody else has cancelled has not come to its end.
        await pump
    finally:
        await window.abandon(pump)


class _Window:
    """The calls that run and the results that wait, oldest first."""

    __slots__ = (
        "_changed",
        "_concurrency",
        "_function",
        "_has_failed",
        "_limit",
        "_results",
        "_running",
        "_source_is_over",
    )

    def __init__(self, function: Callable[[Any], Any], concurrency: int, waiting: int) -> None:
        self._function = function
        self._concurrency = concurrency
        self._limit = concurrency + waiting
        # One for each chunk; a source that fails leaves its error as the last one.
        self._results: deque[asyncio.Future[Any]] = deque()
        self._running = 0
        # A call has: no other is made, though results before it may still be on their way.
        self._has_failed = False
        self._source_is_over = False
        # Set when either side may go on.
        self._changed = asyncio.Event()

    async def pump(self, source: Readable) -> None:
        """Call the function with chunk after chunk, as far as the window reaches."""
        try:
            async with aclosing(source.iterator()) as chunks:
                async for chunk in chunks:
                    if self._has_failed:
                        break
                    self._add(asyncio.ensure_future(self._call(chunk)))
                    while self._must_wait():
                        await self._change()
        except Exception as error:
            failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            self._results.append(failed)
        finally:
            self._source_is_over = True
            self._changed.set()

    def _add(self, result: asyncio.Future[Any]) -> None:
        self._running += 1
        self._results.append(result)
        result.add_done_callback(self._returned)
        self._changed.set()

    async def _call(self, chunk: Any) -> Any:
        result = self._function(chunk)
        return await result if isinstance(result, Awaitable) else result

    def _must_wait(self) -> bool:
        is_full = self._running >= self._concurrency or len(self._results) >= self._limit
        return is_full and not self._has_failed

    def _returned(self, result: asyncio.Future[Any]) -> None:
        self._running -= 1
        self._has_failed = self._has_failed or result.cancelled() or result.exception() is not None
        self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def oldest(self) -> asyncio.Future[Any] | None:
        """Return the oldest result, which may still be on its way; None at the end."""
        while not self._results:
            if self._source_is_over:
                return None
            await self._change()
        return self._results[0]

    def forget_oldest(self) -> None:
        """Make room for another."""
        self._results.popleft()
        self._changed.set()

    async def abandon(self, pump: asyncio.Task[None]) -> None:
        """Cancel what runs, and wait until it is gone."""
        left = [pump, *self._results]
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)
