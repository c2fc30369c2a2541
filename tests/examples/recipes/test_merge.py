"""merge.py: several sources in one stream."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.merge import merge
from sockstream.errors import StreamPrematureCloseError
from sockstream.stream import PassThrough, pipeline
from tests.examples.recipes.helpers import BoomError, Feed, collect, settled
from tests.support.net import port_of, serving
from tests.unit.stream.helpers import HeldSink, Source, turns

if TYPE_CHECKING:
    from sockstream import net

# Connects and sends two chunks and its end, as each of five clients.
NODE = """
for (let number = 0; number < 5; number++) {
  const socket = require('net').connect(process.argv[1], '127.0.0.1')
  socket.write(`${number}a\\n`, () => socket.end(`${number}b\\n`))
}
"""


@given(counts=st.lists(st.integers(0, 30), max_size=5))
async def test_all_comes_and_each_source_in_its_order(counts: list[int]) -> None:
    sources = [
        Source(*[(name, number) for number in range(count)], object_mode=True) for name, count in enumerate(counts)
    ]
    got = await pipeline(merge(*sources, object_mode=True), collect)
    for name, count in enumerate(counts):
        assert [number for which, number in got if which == name] == list(range(count))
    assert len(got) == sum(counts)


async def test_it_ends_with_the_last() -> None:
    one, two = PassThrough(), PassThrough()
    merged = merge(one, two)
    got = asyncio.ensure_future(pipeline(merged, collect))
    one.end(b"one")
    await turns(20)
    two.write(b"two")
    await turns(20)
    assert not got.done()
    two.end(b"three")
    assert await got == [b"one", b"two", b"three"]


async def test_a_source_that_ended_before_is_no_obstacle() -> None:
    one = PassThrough()
    one.resume().end()
    await turns(20)
    assert await pipeline(merge(one, Source(b"two")), collect) == [b"two"]


@pytest.mark.parametrize("error", [BoomError(), None])
async def test_a_source_that_fails_fails_it_and_destroys_the_others(error: BoomError | None) -> None:
    feed, other = Feed(b"a"), PassThrough()
    over = pipeline(merge(feed, other), collect)
    await turns(20)
    other.destroy(error)
    with pytest.raises(BoomError if error else StreamPrematureCloseError):
        await over
    assert feed.destroyed


async def test_destroying_it_destroys_the_sources() -> None:
    feeds = [Feed(b"a"), Feed(b"b")]
    sink = HeldSink()
    over = pipeline(merge(*feeds), sink)
    await turns(20)
    sink.destroy(BoomError())
    with pytest.raises(BoomError):
        await over
    assert all(feed.destroyed for feed in feeds)


async def test_a_slow_sink_holds_all_sources_back() -> None:
    feeds = [Feed(bytes(8192)) for _ in range(12)]
    sink = HeldSink()
    over = pipeline(merge(*feeds), sink)
    for feed in feeds:
        await settled(feed)
    # Each source's buffer, those behind it, and one chunk of each that came when it was full.
    assert sum(feed.given for feed in feeds) * 8192 <= 12 * 65_536 + 3 * 65_536 + 12 * 8192
    sink.destroy(BoomError())
    with pytest.raises(BoomError):
        await over


async def test_clients_of_node(node: str) -> None:
    sockets: asyncio.Queue[net.Socket] = asyncio.Queue()
    async with serving(sockets.put_nowait) as server:
        peer = await asyncio.create_subprocess_exec(node, "-e", NODE, str(port_of(server)))
        merged = merge(*[await sockets.get() for _ in range(5)])
        got = b"".join(await pipeline(merged, collect)).split()
        assert sorted(got) == sorted(f"{number}{letter}".encode() for number in range(5) for letter in "ab")
        assert await peer.wait() == 0
