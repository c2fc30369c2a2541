"""duplex_pair: two ends, of which each hears what becomes of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgValueError
from sockstream.stream import duplex_pair, pipeline
from tests.unit.stream.helpers import Source, ignore, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


async def test_each_reads_what_the_other_writes() -> None:
    left, right = duplex_pair()
    left.end(b"to the right")
    right.end(b"to the left")
    assert (await left.to_list(), await right.to_list()) == ([b"to the left"], [b"to the right"])


async def test_destroying_one_ends_the_others_readable_side(event_log: EventLog) -> None:
    left, right = duplex_pair()
    event_log.watch(right.resume(), "end", "error", "close")
    left.destroy()
    await event_log.until("end")
    assert (event_log, right.destroyed) == ([("end",)], False)
    right.destroy()


async def test_destroying_both_at_once_is_no_end_to_either(event_log: EventLog) -> None:
    ends = [end.resume() for end in duplex_pair()]
    for end in ends:
        event_log.watch(end, "end", "close")
    for end in ends:
        end.destroy()
    await event_log.until("close", count=2)
    assert event_log == [("close",)] * 2


async def test_one_that_fails_destroys_the_other_without_its_error(event_log: EventLog) -> None:
    left, right = duplex_pair()
    event_log.watch(right, "error", "close")
    left.on("error", ignore).destroy(ValueError("why"))
    await event_log.until("close")
    assert (event_log, right.errored) == ([("close",)], None)


async def test_what_was_written_before_is_read_after_the_other_is_destroyed() -> None:
    left, right = duplex_pair()
    left.write(b"last words")
    left.destroy()
    assert await right.to_list() == [b"last words"]
    right.destroy()


async def test_a_write_waits_until_the_other_asks_for_more(event_log: EventLog) -> None:
    left, right = duplex_pair(high_water_mark=2)
    assert not left.write(b"ab", callback=lambda _: event_log("written"))
    left.on("drain", lambda: event_log("drain"))
    await turns(5)
    assert event_log == []
    assert right.read() == b"ab"
    await event_log.until("written")
    assert event_log == [("drain",), ("written",)]


async def test_the_end_is_finished_when_the_other_has_read_it(event_log: EventLog) -> None:
    left, right = duplex_pair()
    event_log.watch(left, "finish").watch(right, "end")
    left.end()
    await turns(5)
    assert event_log == []
    right.resume()
    await event_log.until("finish")
    assert event_log == [("end",), ("finish",)]


async def test_an_empty_chunk_of_bytes_is_none_and_an_empty_object_is_one() -> None:
    left, right = duplex_pair()
    left.write(b"")
    left.end(b"a")
    assert await right.to_list() == [b"a"]
    left, right = duplex_pair(object_mode=True)
    objects: list[Any] = ["", [], 0]
    for chunk in objects:
        left.write(chunk)
    left.end()
    assert await right.to_list() == objects


async def test_many_bytes_go_through_as_they_are() -> None:
    left, right = duplex_pair(high_water_mark=7)
    chunks = [bytes([number]) * number for number in range(1, 100)]
    copy = pipeline(Source(*chunks), left)
    assert b"".join(await right.to_list()) == b"".join(chunks)
    right.end()
    left.resume()
    await copy


async def test_both_have_the_options() -> None:
    options: Any = {"readable_high_water_mark": 3, "encoding": "utf8"}
    assert [(end.readable_high_water_mark, end.readable_encoding) for end in duplex_pair(**options)] == [
        (3, "utf8")
    ] * 2
    with pytest.raises(InvalidArgValueError):
        duplex_pair(high_water_mark=-1)
