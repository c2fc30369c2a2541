"""Driving recipes: input cut anywhere, sinks that wait to be told, and servers for real peers."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from sockstream.loop import current
from sockstream.stream import Readable, pipeline
from tests.unit.stream.helpers import Sink, Source, ticks, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable


class BoomError(Exception):
    """What goes wrong in these tests."""


# Where to cut: how long each chunk is; the rest comes as one.
cuts = st.lists(st.integers(0, 40), max_size=12)


def cut(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Return the data in chunks of these sizes, none of which is empty: a source that pushes nothing may stop."""
    chunks, start = [], 0
    for size in sizes:
        chunks.append(data[start : start + size])
        start += size
    return [chunk for chunk in [*chunks, data[start:]] if chunk]


async def collect(source: AsyncIterable[Any]) -> list[Any]:
    """Return all that comes."""
    return [chunk async for chunk in source]


async def passed(chunks: Iterable[Any], *stages: Any, object_mode: bool = False) -> list[Any]:
    """Return what the stages make of the chunks, which come from a Readable."""
    found: list[Any] = await pipeline(Source(*chunks, object_mode=object_mode), *stages, collect)
    return found


async def failed(chunks: Iterable[Any], *stages: Any, object_mode: bool = False) -> tuple[list[Any], BaseException]:
    """Return what the stages gave, and the error with which they failed."""
    sink = Sink(object_mode=True)
    try:
        await pipeline(Source(*chunks, object_mode=object_mode), *stages, sink)
    except Exception as error:
        return sink.chunks, error
    raise AssertionError(f"it did not fail, and gave {sink.chunks}")


class Feed(Readable):
    """Gives the same chunks again and again, each in a turn of its own, and counts them."""

    def __init__(self, *chunks: Any, **options: Any) -> None:
        self.chunks = cycle(chunks)
        self.given = 0
        super().__init__(**options)

    def _read(self, size: int) -> None:
        runtime = current()
        runtime.loop.call_soon(runtime.enter, self, self.give)

    def give(self) -> None:
        """Give one."""
        if not self.destroyed:
            self.given += 1
            self.push(next(self.chunks))


async def settled(feed: Feed) -> int:
    """Wait until the feed gives no more; return how many chunks it gave."""
    before = -1
    while before != feed.given:
        before = feed.given
        await turns(20)
        await ticks()
    return feed.given
