"""rate_limit.py: on a clock that jumps, so that nothing waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.rate_limit import RateLimit
from sockstream.stream import Transform, pipeline
from tests.examples.recipes.helpers import Feed, passed
from tests.unit.stream.helpers import HeldSink, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from sockstream.stream import Readable

pytestmark = pytest.mark.fake_clock


async def times(source: Readable | AsyncIterable[bytes], limit: Transform) -> list[tuple[float, int]]:
    """Return when how many bytes came."""
    loop = asyncio.get_running_loop()
    start, seen = loop.time(), list[tuple[float, int]]()

    async def note(source: AsyncIterable[bytes]) -> None:
        async for chunk in source:
            seen.append((round(loop.time() - start, 6), len(chunk)))

    await pipeline(source, limit, note)
    return seen


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    seen = await times(Source(bytes(350)), RateLimit(100, burst=100))
    assert seen == [(0.0, 100), (1.0, 100), (2.0, 100), (2.5, 50)]


async def test_a_silence_saves_up_no_more_than_a_burst() -> None:
    async def speak() -> AsyncIterable[bytes]:
        yield bytes(100)
        await asyncio.sleep(60)
        yield bytes(200)

    assert await times(speak(), RateLimit(100, burst=100)) == [(0.0, 100), (60.0, 100), (61.0, 100)]


async def test_a_short_silence_saves_up_what_it_is_worth() -> None:
    async def speak() -> AsyncIterable[bytes]:
        yield bytes(100)
        await asyncio.sleep(0.25)
        yield bytes(50)

    assert await times(speak(), RateLimit(100, burst=100)) == [(0.0, 100), (0.5, 50)]


async def test_a_burst_is_a_tenth_of_a_second_by_default() -> None:
    assert await times(Source(bytes(300)), RateLimit(1000)) == [(0.0, 100), (0.1, 100), (0.2, 100)]
    assert RateLimit(5).burst == 1


@given(
    sizes=st.lists(st.integers(1, 5000), max_size=10),
    rate=st.integers(1, 100_000),
    burst=st.integers(100, 3000),
)
async def test_no_moment_has_seen_more_than_the_rate_allows(sizes: Sequence[int], rate: int, burst: int) -> None:
    seen = await times(Source(*map(bytes, sizes)), RateLimit(rate, burst=burst))
    total = 0
    for moment, size in seen:
        total += size
        # Microseconds are rounded.
        assert total <= burst + rate * moment + rate * 1e-6
    assert total == sum(sizes)
    if total > burst:
        assert seen[-1][0] == pytest.approx((total - burst) / rate, abs=1e-5)


async def test_the_bytes_are_the_same() -> None:
    data = bytes(range(256)) * 10
    assert b"".join(await passed([data, data[:7]], RateLimit(1000, burst=64))) == data + data[:7]


async def test_destroyed_while_it_waits_it_waits_no_more() -> None:
    loop = asyncio.get_running_loop()
    limit = RateLimit(1, burst=1)
    over = pipeline(Source(bytes(1000)), limit, HeldSink())
    loop.call_later(10, limit.destroy, ValueError("enough"))
    with pytest.raises(ValueError, match="enough"):
        await over
    assert loop.time() == pytest.approx(10)


async def test_while_it_waits_the_source_is_held_back() -> None:
    loop = asyncio.get_running_loop()
    feed = Feed(bytes(16_384))
    limit = RateLimit(1000)
    over = pipeline(feed, limit, HeldSink())
    loop.call_later(60, limit.destroy, ValueError("enough"))
    with pytest.raises(ValueError, match="enough"):
        await over
    assert feed.given <= 12


@pytest.mark.parametrize(("rate", "burst"), [(0, None), (-1, None), (10, 0)])
async def test_what_lets_nothing_through_is_refused(rate: float, burst: int | None) -> None:
    with pytest.raises(ValueError, match="over 0"):
        RateLimit(rate, burst)
