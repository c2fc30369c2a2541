"""tee.py: one source, several destinations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.tee import Tee
from sockstream.errors import StreamPrematureCloseError
from sockstream.stream import PassThrough, finished, pipeline
from tests.examples.recipes.helpers import BoomError, Feed, settled
from tests.support.net import connected_pair, read_all
from tests.unit.stream.helpers import Both, HeldSink, Sink, Source, turns

if TYPE_CHECKING:
    from sockstream.stream import Writable
    from tests.support.events import EventLog


@given(chunks=st.lists(st.binary(min_size=1, max_size=20), max_size=8), marks=st.lists(st.integers(1, 30), min_size=1))
async def test_each_destination_gets_all(chunks: list[bytes], marks: list[int]) -> None:
    sinks = [Sink(high_water_mark=mark) for mark in marks]
    await pipeline(Source(*chunks), Tee(*sinks))
    assert [sink.chunks for sink in sinks] == [chunks] * len(marks)
    assert all(sink.writable_finished for sink in sinks)


async def test_the_slowest_sets_the_pace() -> None:
    fast, slow = Sink(), HeldSink(high_water_mark=16_384)
    feed = Feed(bytes(8192))
    over = pipeline(feed, Tee(fast, slow))
    given_ = await settled(feed)
    assert len(fast.chunks) == 2
    # What waits for the slow one waits in the Tee and in the source.
    assert given_ * 8192 <= 3 * 65_536
    for _ in range(40):
        slow.release()
        await turns(10)
        assert len(fast.chunks) <= len(slow.chunks) + 1
    assert await settled(feed) > given_
    feed.destroy(BoomError())
    with pytest.raises(BoomError):
        await over


async def test_with_a_destination_that_fails_all_fail_once(event_log: EventLog) -> None:
    held, other, feed = HeldSink(), Sink(), Feed(b"a")
    tee = Tee(held, other)
    for name, stream in {"held": held, "other": other, "tee": tee, "feed": feed}.items():
        event_log.watch(stream, "error", "finish", "close", prefix=(name,))
    over = pipeline(feed, tee)
    await turns(20)
    error = BoomError()
    held.release(error)
    with pytest.raises(BoomError):
        await over
    await turns(5)
    for name in ("held", "other", "tee"):
        assert [entry[1:] for entry in event_log if entry[0] == name] == [("error", error), ("close",)]
    assert feed.destroyed


@pytest.mark.parametrize("moment", ["writing", "waiting", "ending"])
async def test_a_destination_that_fails_is_dropped(moment: str) -> None:
    failing: Writable
    failing, good, dropped = HeldSink(high_water_mark=1), Sink(), list[tuple[Any, BaseException]]()
    source = PassThrough()
    over = pipeline(source, Tee(failing, good, dropped=lambda *args: dropped.append(args)))
    source.write(b"one")
    await turns(10)
    error = BoomError()
    if moment == "writing":
        failing.release(error)
    elif moment == "waiting":
        failing.release()
        await turns(5)
        failing.destroy(error)
    source.write(b"two")
    source.end()
    if moment == "ending":
        failing.release()
        await turns(10)
        failing.release(error)
    await over
    assert dropped == [(failing, error)]
    assert (good.chunks, good.writable_finished) == ([b"one", b"two"], True)


async def test_when_the_last_one_fails_the_tee_fails() -> None:
    sinks, dropped, feed = [HeldSink(), HeldSink()], list[Any](), Feed(b"a")
    over = pipeline(feed, Tee(*sinks, dropped=lambda _, error: dropped.append(error)))
    await turns(20)
    first, last = BoomError("first"), BoomError("last")
    sinks[0].release(first)
    await turns(10)
    sinks[1].destroy(last)
    with pytest.raises(BoomError, match="last"):
        await over
    assert dropped == [first]
    assert feed.destroyed


async def test_a_destination_that_closes_early_has_failed() -> None:
    leaving, staying = Sink(), Sink()
    over = pipeline(Feed(b"a"), Tee(leaving, staying))
    await turns(10)
    leaving.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await over
    assert staying.destroyed


async def test_an_error_of_the_source_destroys_the_destinations() -> None:
    sinks = [Sink(), Sink()]
    with pytest.raises(BoomError):
        await pipeline(Source(b"a", BoomError()), Tee(*sinks))
    assert all(isinstance(sink.errored, BoomError) for sink in sinks)


async def test_a_destination_that_somebody_ended_gets_no_more() -> None:
    ended, other = Both(), Sink()
    source = PassThrough()
    over = pipeline(source, Tee(ended, other))
    source.write(b"one")
    await turns(10)
    await finished(ended.end(), readable=False)
    source.end(b"two")
    await over
    assert (ended.chunks, other.chunks) == ([b"one"], [b"one", b"two"])
    # Its other side goes on.
    assert not ended.destroyed


async def test_two_sockets() -> None:
    half_open = {"allow_half_open": True}
    async with (
        connected_pair(server_options=half_open) as (one, its_peer),
        connected_pair(server_options=half_open) as (two, other_peer),
    ):
        await pipeline(Source(*[bytes(1000)] * 10), Tee(one, two))
        assert await read_all(its_peer) == await read_all(other_peer) == bytes(10_000)
        # What the peers say can still be read.
        its_peer.end(b"thanks")
        assert await read_all(one) == b"thanks"
