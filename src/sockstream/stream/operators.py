"""The operators of a Readable, named as those of Node's: each reads the stream, and gives another or an answer.

One that gives a stream is lazy: it begins to read when it is read itself.  Left early, each destroys what it reads.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, OutOfRangeError
from sockstream.stream.base import Stream
from sockstream.stream.chunkwise import (
    LEFT_OUT,
    behind,
    chosen,
    collect,
    exhaust,
    first,
    first_of,
    flattened,
    fold,
    is_any,
    is_none,
)
from sockstream.stream.iterate import leave
from sockstream.stream.signals import check_signal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine

    from sockstream.abort import AbortSignal
    from sockstream.stream.readable import Readable

__all__ = ["Operators"]


class Operators(Stream):
    """What can be done with all chunks of a Readable at once."""

    __slots__ = ()

    # -- streams of streams -------------------------------------------------------------------------------------------

    def map(
        self,
        fn: Callable[[Any], Any],
        *,
        concurrency: int = 1,
        high_water_mark: int | None = None,
        signal: AbortSignal | None = None,
    ) -> Readable:
        """Return a stream of what a function makes of each chunk, in the chunks' order.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function; None is no chunk and fails the stream.
            concurrency: how many calls may be awaited at once.
            high_water_mark: how many results may wait to be read while more calls are made; `concurrency - 1`.
            signal: destroys the stream with an AbortError; calls that run are cancelled.

        Returns:
            A Readable in object mode. It fails with what `fn` raises.

        Raises:
            InvalidArgTypeError: `fn` is no callable, or an option of the wrong type.
            OutOfRangeError: `concurrency` below 1 or `high_water_mark` below 0.

        Example:
            >>> await Readable.from_([1, 2, 3]).map(lambda number: number * 2).to_list()
            [2, 4, 6]

        Node: `readable.map`.
        """
        return self._derive(self._calls(fn, concurrency, high_water_mark, signal), signal)

    def filter(
        self,
        fn: Callable[[Any], Any],
        *,
        concurrency: int = 1,
        high_water_mark: int | None = None,
        signal: AbortSignal | None = None,
    ) -> Readable:
        """Return a stream of the chunks for which a function returns something true.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function.
            concurrency: as for `map`.
            high_water_mark: as for `map`.
            signal: as for `map`.

        Returns:
            A Readable in object mode.

        Raises:
            InvalidArgTypeError, OutOfRangeError: as for `map`.

        Example:
            >>> await Readable.from_([1, 2, 3]).filter(lambda number: number > 1).to_list()
            [2, 3]

        Node: `readable.filter`.
        """
        return self._derive(self._passing(fn, concurrency, high_water_mark, signal), signal)

    def flat_map(
        self,
        fn: Callable[[Any], Any],
        *,
        concurrency: int = 1,
        high_water_mark: int | None = None,
        signal: AbortSignal | None = None,
    ) -> Readable:
        """Return a stream of all that the iterables hold which a function makes of the chunks.

        Args:
            fn: `fn(chunk)` returns an iterable, an async iterable or a stream; or is a coroutine function that does.
            concurrency: as for `map`.
            high_water_mark: as for `map`.
            signal: as for `map`.

        Returns:
            A Readable in object mode.

        Raises:
            InvalidArgTypeError, OutOfRangeError: as for `map`.

        Example:
            >>> await Readable.from_(["one two", "three"]).flat_map(str.split).to_list()
            ['one', 'two', 'three']

        Node: `readable.flatMap`.
        """
        return self._derive(flattened(self._calls(fn, concurrency, high_water_mark, signal)), signal)

    def take(self, limit: float, *, signal: AbortSignal | None = None) -> Readable:
        """Return a stream of the first chunks; this stream is destroyed after them.

        Args:
            limit: how many: an int of 0 or more, or `math.inf`.
            signal: destroys the stream with an AbortError.

        Returns:
            A Readable in object mode.

        Raises:
            InvalidArgTypeError: `limit` is neither an int nor infinity, or `signal` no AbortSignal.
            OutOfRangeError: `limit` is negative.

        Example:
            >>> await Readable.from_(range(100)).take(3).to_list()
            [0, 1, 2]

        Node: `readable.take`.
        """
        _check_limit(limit)
        _check_optional_signal(signal)
        return self._derive(first(self._readable(), limit), signal)

    def drop(self, limit: float, *, signal: AbortSignal | None = None) -> Readable:
        """Return a stream of all but the first chunks.

        Args:
            limit: how many are left out: an int of 0 or more, or `math.inf`.
            signal: destroys the stream with an AbortError.

        Returns:
            A Readable in object mode.

        Raises:
            InvalidArgTypeError: `limit` is neither an int nor infinity, or `signal` no AbortSignal.
            OutOfRangeError: `limit` is negative.

        Example:
            >>> await Readable.from_(range(5)).drop(3).to_list()
            [3, 4]

        Node: `readable.drop`.
        """
        _check_limit(limit)
        _check_optional_signal(signal)
        return self._derive(behind(self._readable(), limit), signal)

    # -- answers ------------------------------------------------------------------------------------------------------

    def for_each(
        self, fn: Callable[[Any], Any], *, concurrency: int = 1, signal: AbortSignal | None = None
    ) -> Coroutine[Any, Any, None]:
        """Call a function with each chunk.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function; what it returns does not matter.
            concurrency: how many calls may be awaited at once.
            signal: gives up: destroys the stream and cancels the calls that run.

        Returns:
            A coroutine, which begins when it is awaited; done when the stream has ended and all calls have returned.

        Raises:
            InvalidArgTypeError, OutOfRangeError: as for `map`.
            AbortError: (from await) the signal was aborted.
            BaseException: (from await) what `fn` raised, which destroys the stream, or the stream's error.

        Example:
            >>> await Readable.from_(["one", "two"]).for_each(print)
            one
            two

        Node: `readable.forEach`.
        """
        return self._answer(signal, exhaust, self._calls(fn, concurrency, None, signal))

    def to_list(self, *, signal: AbortSignal | None = None) -> Coroutine[Any, Any, list[Any]]:
        """Read all chunks, however many there are.

        Args:
            signal: gives up: destroys the stream.

        Returns:
            A coroutine: the chunks, when the stream has ended.

        Raises:
            InvalidArgTypeError: `signal` is no AbortSignal.
            AbortError: (from await) the signal was aborted.
            BaseException: (from await) the stream's error.

        Example:
            >>> await Readable.from_(["one", "two"]).to_list()
            ['one', 'two']

        Node: `readable.toArray`.
        """
        _check_optional_signal(signal)
        return self._answer(signal, collect, self._readable())

    def some(
        self, fn: Callable[[Any], Any], *, concurrency: int = 1, signal: AbortSignal | None = None
    ) -> Coroutine[Any, Any, bool]:
        """Tell whether a function returns something true for a chunk; the stream is destroyed after the first.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function.
            concurrency: as for `for_each`.
            signal: as for `for_each`.

        Returns:
            A coroutine: True or, when the stream has ended, False.

        Raises:
            InvalidArgTypeError, OutOfRangeError, AbortError, BaseException: as for `for_each`.

        Example:
            >>> await Readable.from_([1, 2, 3]).some(lambda number: number > 2)
            True

        Node: `readable.some`.
        """
        return self._answer(signal, is_any, self._passing(fn, concurrency, None, signal))

    def every(
        self, fn: Callable[[Any], Any], *, concurrency: int = 1, signal: AbortSignal | None = None
    ) -> Coroutine[Any, Any, bool]:
        """Tell whether a function returns something true for each chunk; the stream is destroyed after the first no.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function.
            concurrency: as for `for_each`.
            signal: as for `for_each`.

        Returns:
            A coroutine: False or, when the stream has ended, True.

        Raises:
            InvalidArgTypeError, OutOfRangeError, AbortError, BaseException: as for `for_each`.

        Example:
            >>> await Readable.from_([1, 2, 3]).every(lambda number: number > 2)
            False

        Node: `readable.every`.
        """
        failing = self._passing(fn, concurrency, None, signal, wanted=False)
        return self._answer(signal, is_none, failing)

    def find(
        self, fn: Callable[[Any], Any], *, concurrency: int = 1, signal: AbortSignal | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Find the first chunk for which a function returns something true; the stream is destroyed after it.

        Args:
            fn: `fn(chunk)`, a plain function or a coroutine function.
            concurrency: as for `for_each`.
            signal: as for `for_each`.

        Returns:
            A coroutine: the chunk or, when the stream has ended, None.

        Raises:
            InvalidArgTypeError, OutOfRangeError, AbortError, BaseException: as for `for_each`.

        Example:
            >>> await Readable.from_([1, 2, 3]).find(lambda number: number > 1)
            2

        Node: `readable.find`.
        """
        return self._answer(signal, first_of, self._passing(fn, concurrency, None, signal))

    def reduce(
        self, fn: Callable[[Any, Any], Any], initial: Any = LEFT_OUT, *, signal: AbortSignal | None = None
    ) -> Coroutine[Any, Any, Any]:
        """Fold the stream into one value.

        Args:
            fn: `fn(previous, chunk)` returns the next value; a plain function or a coroutine function.
            initial: the first value; when left out, the first chunk.
            signal: gives up: destroys the stream and cancels the call that runs.

        Returns:
            A coroutine: the last value.

        Raises:
            InvalidArgTypeError: `fn` is no callable, or `signal` no AbortSignal.
            MissingArgsError: (from await) the stream is empty, and `initial` was left out.
            AbortError: (from await) the signal was aborted.
            BaseException: (from await) what `fn` raised, which destroys the stream, or the stream's error.

        Example:
            >>> await Readable.from_([1, 2, 3]).reduce(lambda so_far, number: so_far + number, 0)
            6

        Node: `readable.reduce`.
        """
        _check_function(fn)
        _check_optional_signal(signal)
        return self._answer(signal, fold, self._readable(), fn, initial)

    # -- how they are made --------------------------------------------------------------------------------------------

    if TYPE_CHECKING:
        # This stream, which is a Readable, and a stream of these chunks.
        def _readable(self) -> Readable: ...
        def _made_from(self, chunks: AsyncIterator[Any]) -> Readable: ...

    def _calls(
        self, fn: Callable[[Any], Any], concurrency: int, high_water_mark: int | None, signal: AbortSignal | None
    ) -> AsyncGenerator[Any, None]:
        """Yield what the function makes of each chunk."""
        from sockstream.stream.concurrent import results_of

        _check_function(fn)
        _check_count("concurrency", concurrency, at_least=1)
        if high_water_mark is not None:
            _check_count("high_water_mark", high_water_mark, at_least=0)
        _check_optional_signal(signal)
        waiting = concurrency - 1 if high_water_mark is None else high_water_mark
        return results_of(self._readable(), fn, concurrency, waiting)

    def _passing(
        self,
        fn: Callable[[Any], Any],
        concurrency: int,
        high_water_mark: int | None,
        signal: AbortSignal | None,
        *,
        wanted: bool = True,
    ) -> AsyncGenerator[Any, None]:
        """Yield the chunks that the function finds true, or not."""
        _check_function(fn)

        async def judge(chunk: Any) -> tuple[Any, bool]:
            answer = fn(chunk)
            return chunk, bool(await answer if isinstance(answer, Awaitable) else answer)

        return chosen(self._calls(judge, concurrency, high_water_mark, signal), wanted=wanted)

    def _derive(self, chunks: AsyncGenerator[Any, None], signal: AbortSignal | None) -> Readable:
        """Return a stream of the chunks that ends when the signal is aborted."""
        if signal is None:
            return self._made_from(chunks)

        source = self._readable()

        def abort() -> None:
            leave(source)

        async def until_aborted() -> AsyncIterator[Any]:
            if signal.aborted:
                leave(source)
                raise AbortError(signal.reason)
            # Node: before it is read, it does not hear of the signal.
            derived._obey(signal)
            # A source that always has a chunk leaves nothing else a turn.
            signal.once("abort", abort)
            try:
                async with aclosing(chunks):
                    async for chunk in chunks:
                        yield chunk
            finally:
                signal.off("abort", abort)

        derived = self._made_from(until_aborted())
        return derived

    async def _answer(
        self, signal: AbortSignal | None, answer: Callable[..., Coroutine[Any, Any, Any]], *args: Any
    ) -> Any:
        """Wait for an answer, until the signal is aborted."""
        if signal is None:
            return await answer(*args)
        if signal.aborted:
            leave(self._readable())
            raise AbortError(signal.reason)
        return await _until_aborted(signal, self._readable(), answer(*args))


async def _until_aborted(signal: AbortSignal, source: Readable, answer: Coroutine[Any, Any, Any]) -> Any:
    """Wait for an answer in a task of its own, which the signal cancels."""
    this = asyncio.current_task()
    assert this is not None
    cancelling = this.cancelling()
    task = asyncio.ensure_future(answer)

    def abort() -> None:
        task.cancel()
        # One that always has a chunk leaves nothing else a turn.
        leave(source)

    signal.once("abort", abort)
    try:
        return await task
    except (asyncio.CancelledError, AbortError):
        if signal.aborted and this.cancelling() == cancelling:
            aborted = AbortError(signal.reason)
            raise aborted from aborted.__cause__
        raise
    finally:
        signal.off("abort", abort)


# -- arguments --------------------------------------------------------------------------------------------------------


def _check_function(fn: object) -> None:
    if not callable(fn):
        raise InvalidArgTypeError("fn", "a callable", fn)


def _check_optional_signal(signal: object) -> None:
    if signal is not None:
        check_signal(signal)


def _check_count(name: str, value: object, *, at_least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgTypeError(name, "an int", value)
    if value < at_least:
        raise OutOfRangeError(name, f">= {at_least}", value)


def _check_limit(limit: object) -> None:
    if isinstance(limit, bool) or not (isinstance(limit, int) or (isinstance(limit, float) and math.isinf(limit))):
        raise InvalidArgTypeError("limit", "an int or infinity", limit)
    if not limit >= 0:
        raise OutOfRangeError("limit", ">= 0", limit)
