"""Streams in `async with` blocks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.stream import Duplex, PassThrough, Readable, Writable
from tests.unit.stream.helpers import Both, Endless, HeldSink, Sink, Source, ignore, later, raise_, ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


async def use(stream: Any, what: Callable[[], object]) -> None:
    """Write to a stream and do something in a block."""
    async with stream:
        stream.write(b"a")
        what()
        await ticks()


async def test_what_was_written_is_written_when_the_block_is_left(event_log: EventLog) -> None:
    sink = HeldSink()
    event_log.watch(sink, "finish", "close")
    async with sink as same:
        assert same is sink
        sink.write(b"a")
        sink.write(b"b")
        later(sink.release)
        later(later, sink.release)
    assert sink.chunks == [b"a", b"b"]
    assert event_log == [("finish",), ("close",)]


async def test_an_end_within_the_block_is_waited_for() -> None:
    sink = HeldSink()
    async with sink:
        sink.end(b"a")
        later(sink.release)
    assert sink.writable_finished
    assert sink.closed


async def test_what_can_only_be_read_is_destroyed() -> None:
    async with Endless() as source:
        source.push(b"a")
    assert source.destroyed
    assert source.closed
    assert source.errored is None


async def test_a_readable_that_was_read_to_its_end_is_just_closed(event_log: EventLog) -> None:
    async with Source(b"a") as source:
        event_log.watch(source, "end", "error", "close")
        assert [chunk async for chunk in source] == [b"a"]
    assert event_log == [("end",), ("close",)]


async def test_both_sides_come_to_their_end() -> None:
    async with PassThrough() as stream:
        stream.write(b"a")
    assert stream.readable_ended
    assert stream.writable_finished
    assert stream.closed


async def test_a_block_that_raises_destroys_the_stream() -> None:
    sink = HeldSink()
    with pytest.raises(ValueError, match="mine"):
        await use(sink, lambda: raise_(ValueError("mine")))
    assert sink.destroyed
    assert not sink.writable_ended


async def test_an_error_that_nobody_waits_for_is_raised_at_the_end_of_the_block() -> None:
    sink = Sink()
    with pytest.raises(ValueError, match="early"):
        await use(sink, lambda: sink.destroy(ValueError("early")))


async def test_an_error_that_comes_while_it_closes_is_raised() -> None:
    sink = HeldSink()
    with pytest.raises(ValueError, match="late"):
        await use(sink, lambda: later(later, sink.release, ValueError("late")))


async def test_an_error_that_was_heard_in_the_block_is_not_raised_again() -> None:
    async with Endless() as source:
        source.destroy(ValueError("heard"))
        with pytest.raises(ValueError, match="heard"):
            async for _ in source:
                pass


async def test_blocks_may_stand_in_one_another() -> None:
    async with Sink() as sink:
        async with sink:
            sink.write(b"a")
        assert sink.closed
    assert sink.writable_finished


async def test_without_auto_destroy_it_is_destroyed_after_its_end() -> None:
    async with Sink(auto_destroy=False) as sink:
        sink.write(b"a")
    assert sink.writable_finished
    assert sink.closed


async def test_without_a_close_event_it_is_not_waited_for() -> None:
    async with Sink(emit_close=False) as sink:
        sink.write(b"a")
    assert sink.writable_finished
    assert sink.destroyed


async def test_a_cancelled_close_destroys_the_stream() -> None:
    stream = Both()
    block = asyncio.create_task(use(stream, ignore))
    await ticks()
    block.cancel()
    with pytest.raises(asyncio.CancelledError):
        await block
    assert stream.destroyed


@pytest.mark.parametrize("kind", [Readable, Writable, Duplex])
async def test_a_stream_destroyed_within_the_block_is_left_alone(kind: Any) -> None:
    async with kind(read=ignore) if kind is not Writable else kind(write=ignore) as stream:
        stream.destroy()
    assert stream.destroyed
