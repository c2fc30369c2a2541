"""size_limit.py: not more than so many bytes."""

from __future__ import annotations

import asyncio
from itertools import repeat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.size_limit import SizeLimit, TooLargeError, first
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import Feed, collect, cut, cuts, failed, passed
from tests.support.net import LOCAL, port_of, serving

if TYPE_CHECKING:
    from sockstream import net


@given(size=st.integers(0, 100), limit=st.integers(0, 100), sizes=cuts)
async def test_the_pieces_make_no_difference_to_a_limit(size: int, limit: int, sizes: list[int]) -> None:
    chunks = cut(bytes(size), sizes)
    if size <= limit:
        assert b"".join(await passed(chunks, SizeLimit(limit))) == bytes(size)
    else:
        got, error = await failed(chunks, SizeLimit(limit))
        assert isinstance(error, TooLargeError)
        assert str(error) == f"more than {limit} bytes"
        assert len(b"".join(got)) <= limit


@given(data=st.binary(max_size=100), count=st.integers(1, 100), sizes=cuts)
async def test_the_pieces_make_no_difference_to_the_first_bytes(data: bytes, count: int, sizes: list[int]) -> None:
    assert b"".join(await passed(cut(data, sizes), first(count))) == data[:count]


async def test_when_it_has_enough_the_source_is_destroyed() -> None:
    feed = Feed(b"abc")
    assert await pipeline(feed, first(7), collect) == [b"abc", b"abc", b"a"]
    assert feed.destroyed
    assert feed.given < 100


async def test_an_exact_end_is_not_waited_for() -> None:
    feed = Feed(b"abc")
    assert await pipeline(feed, first(6), collect) == [b"abc", b"abc"]
    assert b"".join(await pipeline(repeat(b"x"), first(100_000), collect)) == b"x" * 100_000


@pytest.mark.parametrize("count", [0, -1])
def test_nothing_is_no_count(count: int) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        first(count)


@pytest.mark.parametrize(("size", "answer"), [(10_000, b"10000 bytes"), (10_001, b"more than 10000 bytes")])
async def test_nc_is_told(nc: str, size: int, answer: bytes) -> None:
    async def take(socket: net.Socket) -> None:
        try:
            got = b"".join(await pipeline(socket.iterator(destroy_on_return=False), SizeLimit(10_000), collect))
            socket.end(f"{len(got)} bytes")
        except TooLargeError as error:
            socket.resume()
            socket.end(str(error))

    async with serving(take, allow_half_open=True) as server:
        peer = await asyncio.create_subprocess_exec(
            nc, "-N", LOCAL, str(port_of(server)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert (await peer.communicate(bytes(size)))[0] == answer
