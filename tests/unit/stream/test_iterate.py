"""Async iteration over a Readable: ends, errors, leaving early, once more. The expectations were read off Node 20."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import AbortError, StreamPrematureCloseError, StreamPushAfterEofError
from sockstream.stream import Duplex, Readable
from tests.unit.stream.helpers import Endless, Source, ignore, later, ticks, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


async def all_of(readable: Readable) -> list[Any]:
    """Return all chunks."""
    return [chunk async for chunk in readable]


async def note_all(readable: Readable, event_log: Any) -> None:
    """Note all chunks."""
    async for chunk in readable:
        event_log.append((chunk,))


# -- to the end -------------------------------------------------------------------------------------------------------


async def test_it_gives_every_chunk_and_then_ends() -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    assert b"".join(await all_of(source)) == b"ab"
    assert source.readable_ended


async def test_it_waits_for_what_comes_later(event_log: EventLog) -> None:
    readable = Endless()
    for chunk in (b"a", b"b", None):
        later(later, readable.push, chunk)
    async for chunk in readable:
        event_log(chunk)
    assert b"".join(entry[0] for entry in event_log) == b"ab"


async def test_it_goes_on_where_a_read_has_stopped() -> None:
    readable = Endless()
    iterator = readable.iterator(destroy_on_return=False)
    readable.push(b"abc")
    assert await anext(iterator) == b"abc"
    await ticks()
    readable.push(b"def")
    assert readable.read(1) == b"d"
    assert await anext(iterator) == b"ef"
    await iterator.aclose()


async def test_objects_come_one_by_one_falsy_ones_too() -> None:
    assert await all_of(Source(0, "", [], object_mode=True)) == [0, "", []]


async def test_text_comes_as_text() -> None:
    assert await all_of(Source("你".encode()[:2], "你".encode()[2:], encoding="utf8")) == ["你"]


async def test_no_listener_is_left_at_the_end() -> None:
    source = Source(b"a", auto_destroy=False)
    await all_of(source)
    assert source.event_names() == []


async def test_no_readable_listener_is_left_on_a_stream_that_the_iteration_destroyed() -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    chunks = aiter(source)
    await anext(chunks)
    await chunks.aclose()
    assert (source.destroyed, source.listener_count("readable")) == (True, 0)


async def test_the_source_is_asked_no_further_than_its_mark_while_the_body_runs() -> None:
    source = Source(*[b"x"] * 20, high_water_mark=2)
    async for _ in source:
        await turns(3)
        assert source.readable_length <= 2


async def test_it_ends_when_the_stream_has_closed(event_log: EventLog) -> None:
    source = Source(b"a", destroy=lambda _, callback: later(later, callback))
    event_log.watch(source, "end", "close")
    await note_all(source, event_log)
    assert event_log == [(b"a",), ("end",), ("close",)]


async def test_an_error_of_closing_is_raised_after_the_end(event_log: EventLog) -> None:
    error = ValueError("from the close")
    source = Source(b"a", destroy=lambda _, callback: callback(error))
    with pytest.raises(ValueError, match="from the close"):
        await note_all(source, event_log)
    assert event_log == [(b"a",)]


async def test_it_ends_at_once_where_no_close_will_come(event_log: EventLog) -> None:
    source = Source(emit_close=False, destroy=lambda _, callback: later(callback))
    source.on("end", event_log.entry("end"))
    await note_all(source, event_log)
    assert (event_log, source.closed) == ([("end",)], False)
    await turns(2)


async def test_after_the_end_it_ends_when_the_stream_has_closed(event_log: EventLog) -> None:
    source = Source(destroy=lambda _, callback: later(callback)).resume()
    event_log.watch(source, "end", "close")
    await event_log.until("end")
    assert await all_of(source) == []
    assert event_log == [("end",), ("close",)]


async def test_a_duplex_that_was_read_to_its_end_can_still_be_written_to() -> None:
    written: list[bytes] = []

    def write(chunk: bytes, encoding: str, callback: Any) -> None:
        written.append(chunk)
        callback()

    duplex = Duplex(read=ignore, write=write)
    duplex.push(b"question")
    duplex.push(None)
    assert await all_of(duplex) == [b"question"]
    assert duplex.write(b"answer")
    assert written == [b"answer"]


# -- errors -----------------------------------------------------------------------------------------------------------


async def test_the_streams_error_is_raised(event_log: EventLog) -> None:
    source = Source(b"a", ValueError("why"), high_water_mark=1)
    with pytest.raises(ValueError, match="why"):
        await note_all(source, event_log)
    assert event_log == [(b"a",)]
    assert source.event_names() == []


async def test_closing_early_is_an_error() -> None:
    readable = Endless()
    later(later, readable.destroy)
    with pytest.raises(StreamPrematureCloseError):
        await all_of(readable)


async def test_what_was_destroyed_before_is_an_error() -> None:
    readable = Endless().destroy()
    for _ in range(2):
        with pytest.raises(StreamPrematureCloseError):
            await all_of(readable)
        await ticks()


async def test_what_has_failed_before_raises_its_error() -> None:
    readable = Endless().on("error", ignore).destroy(ValueError("why"))
    await ticks()
    with pytest.raises(ValueError, match="why"):
        await all_of(readable)


async def test_what_is_buffered_is_not_given_after_destroy() -> None:
    readable = Endless()
    readable.push(b"a")
    iterator = readable.iterator()
    readable.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await anext(iterator)
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)


async def test_an_error_after_the_end_is_not_the_iterations(event_log: EventLog) -> None:
    readable = Endless(auto_destroy=False).on("error", event_log.entry("error"))
    error = ValueError("late")
    readable.on("end", lambda: readable.destroy(error))
    later(later, readable.push, None)
    assert await all_of(readable) == []
    await ticks()
    assert event_log == [("error", error)]


# -- leaving early ----------------------------------------------------------------------------------------------------


async def test_an_error_that_somebody_emits_is_raised_and_the_stream_destroyed(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "close")
    later(readable.emit, "error", ValueError("by hand"))
    with pytest.raises(ValueError, match="by hand"):
        await all_of(readable)
    assert readable.destroyed
    await event_log.until("close")


async def test_a_stream_that_failed_after_its_end_raises_its_error() -> None:
    readable = Source(auto_destroy=False).on("error", ignore).resume()
    await ticks()
    readable.push(b"late")
    assert readable.readable_ended
    with pytest.raises(StreamPushAfterEofError):
        await all_of(readable)


async def test_a_stream_destroyed_when_all_was_read_has_ended() -> None:
    readable = Endless()
    readable.once("readable", readable.destroy)
    later(readable.push, None)
    assert await all_of(readable) == []


async def test_a_stream_that_closes_without_a_sound_gives_nothing() -> None:
    readable = Endless(emit_close=False, destroy=ignore).destroy()
    assert await all_of(readable) == []


async def test_break_destroys_the_stream_with_an_abort_error(event_log: EventLog) -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    event_log.watch(source, "close")
    async for _ in source:
        break
    assert source.destroyed
    assert isinstance(source.errored, AbortError)
    await event_log.until("close")


async def test_an_exception_destroys_the_stream() -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    with pytest.raises(AttributeError):
        await note_all(source, None)
    assert source.destroyed
    await ticks()


async def test_cancelling_destroys_the_stream() -> None:
    readable = Endless()
    task = asyncio.create_task(all_of(readable))
    await turns(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert readable.destroyed
    await ticks()


async def test_leaving_just_before_the_end_is_told_needs_no_error(event_log: EventLog) -> None:
    source = Source()
    iterator = source.iterator()
    event_log.watch(source, "end", "close")
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)
    await iterator.aclose()
    await event_log.until("close")
    assert (event_log, source.errored) == ([("end",), ("close",)], None)


async def test_aclose_destroys_and_ends_the_iteration() -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    iterator = aiter(source)
    assert await anext(iterator) == b"a"
    await iterator.aclose()
    await iterator.aclose()
    assert source.destroyed
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)


async def test_closing_an_iterator_that_was_never_used_leaves_the_stream_alone() -> None:
    readable = Endless()
    iterator = readable.iterator()
    await iterator.aclose()
    assert not readable.destroyed
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)


def test_an_iterator_that_outlives_its_loop_does_nothing() -> None:
    async def main() -> object:
        iterator = Source(b"a", b"b").iterator()
        await anext(iterator)
        return iterator

    iterator = asyncio.run(main())
    del iterator
    gc.collect()


async def test_an_iterator_that_was_never_used_leaves_the_stream_alone() -> None:
    readable = Endless()
    iterator = readable.iterator()
    del iterator
    gc.collect()
    assert (readable.destroyed, readable.event_names()) == (False, [])


async def test_with_destroy_on_return_false_the_rest_can_be_iterated_over_later() -> None:
    source = Source(b"a", b"b", b"c", high_water_mark=1)
    async for chunk in source.iterator(destroy_on_return=False):
        assert chunk == b"a"
        break
    assert (source.destroyed, source.event_names()) == (False, [])
    assert b"".join(await all_of(source)) == b"bc"


async def test_iterating_again_after_the_end_gives_nothing() -> None:
    source = Source(b"a")
    assert await all_of(source) == [b"a"]
    assert await all_of(source) == []
    await ticks()
    assert await all_of(source) == []


# -- two at once ------------------------------------------------------------------------------------------------------


async def test_two_tasks_cannot_wait_on_one_iterator() -> None:
    readable = Endless()
    iterator = readable.iterator()
    task = asyncio.ensure_future(anext(iterator))
    await turns(1)
    with pytest.raises(RuntimeError, match="another task"):
        await anext(iterator)
    readable.push(b"a")
    assert await task == b"a"


async def test_two_iterators_share_the_chunks() -> None:
    source = Source(*[bytes([byte]) for byte in b"abcdef"], high_water_mark=1)
    parts = await asyncio.gather(all_of(source), all_of(source))
    assert sorted(b"".join(b"".join(part) for part in parts)) == list(b"abcdef")


async def test_a_data_listener_hears_what_the_iteration_takes(event_log: EventLog) -> None:
    source = Source(b"a", b"b", high_water_mark=1)
    event_log.watch(source.pause(), "data")
    assert [("data", chunk) for chunk in await all_of(source)] == event_log


async def test_an_iterator_that_is_held_by_an_error_does_not_listen_after_the_close() -> None:
    source = Endless().on("error", ignore)
    iterator = source.iterator()
    source.push(b"a")
    assert await anext(iterator) == b"a"
    source.destroy(ValueError("kept, and the iterator with it"))
    await turns(2)
    assert source.event_names() == ["error"]
    with pytest.raises(ValueError, match="kept"):
        await anext(iterator)
    assert source.listener_count("error") == 1
