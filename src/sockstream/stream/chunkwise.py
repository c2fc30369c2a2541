"""What the operators do with chunks: generators and coroutines over a source, which is left when they are."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from sockstream.errors import MissingArgsError
from sockstream.stream.iterate import leave

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from sockstream.stream.readable import Readable

__all__ = [
    "LEFT_OUT",
    "behind",
    "chosen",
    "collect",
    "exhaust",
    "first",
    "first_of",
    "flattened",
    "fold",
    "is_any",
    "is_none",
]

# What stands for a value that was left out, where None is one.
LEFT_OUT: Any = object()


async def chosen(judged: AsyncGenerator[tuple[Any, bool], None], *, wanted: bool) -> AsyncGenerator[Any, None]:
    """Yield the chunks that were judged as wanted."""
    async with aclosing(judged):
        async for chunk, answer in judged:
            if answer is wanted:
                yield chunk


async def flattened(iterables: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    """Yield what each of the iterables holds."""
    async with aclosing(iterables):
        async for each in iterables:
            async with aclosing(_members_of(each)) as members:
                async for member in members:
                    yield member


async def _members_of(iterable: Any) -> AsyncGenerator[Any, None]:
    """Yield what an iterable of either kind holds, and close its iterator."""
    if isinstance(iterable, AsyncIterable):
        later: Any = aiter(iterable)
        try:
            async for member in later:
                yield member
        finally:
            if hasattr(later, "aclose"):
                await later.aclose()
        return
    now: Any = iter(iterable)
    try:
        for member in now:
            yield await member if isinstance(member, Awaitable) else member
    finally:
        if hasattr(now, "close"):
            now.close()


async def first(source: Readable, limit: float) -> AsyncGenerator[Any, None]:
    """Yield so many chunks, then leave the source."""
    async with aclosing(source.iterator()) as chunks:
        count = 0
        # Without waiting for a chunk more than there may be.
        while count < limit:
            try:
                chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            count += 1
            yield chunk
        if not count:
            leave(source)


async def behind(source: Readable, limit: float) -> AsyncGenerator[Any, None]:
    """Yield the chunks after so many."""
    async with aclosing(source.iterator()) as chunks:
        count = 0
        async for chunk in chunks:
            count += 1
            if count > limit:
                yield chunk


async def exhaust(chunks: AsyncGenerator[Any, None]) -> None:
    """Read all."""
    async with aclosing(chunks):
        async for _ in chunks:
            pass


async def collect(source: Readable) -> list[Any]:
    """Return all chunks."""
    return [chunk async for chunk in source]


async def first_of(chunks: AsyncGenerator[Any, None]) -> Any:
    """Return the first; None if there is none."""
    async with aclosing(chunks):
        return await anext(chunks, None)


async def is_any(chunks: AsyncGenerator[Any, None]) -> bool:
    """Return whether there is one."""
    async with aclosing(chunks):
        async for _ in chunks:
            return True
    return False


async def is_none(chunks: AsyncGenerator[Any, None]) -> bool:
    """Return whether there is none."""
    return not await is_any(chunks)


async def fold(source: Readable, fn: Callable[[Any, Any], Any], value: Any) -> Any:
    """Return what a function makes of the value and each chunk in turn."""
    async with aclosing(source.iterator()) as chunks:
        async for chunk in chunks:
            if value is LEFT_OUT:
                value = chunk
                continue
            value = fn(value, chunk)
            if isinstance(value, Awaitable):
                value = await value
    if value is LEFT_OUT:
        raise MissingArgsError("initial")
    return value
