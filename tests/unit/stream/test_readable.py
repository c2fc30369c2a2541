"""The readable side: modes, read(n), push and unshift, marks, encodings. The expectations were read off Node 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController
from sockstream.errors import (
    InvalidArgTypeError,
    MethodNotImplementedError,
    OutOfRangeError,
    StreamPushAfterEofError,
    StreamUnshiftAfterEndEventError,
    UnknownEncodingError,
)
from sockstream.stream import Readable
from tests.unit.stream.helpers import Endless, Source, ignore, later, raise_, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


# -- flowing ----------------------------------------------------------------------------------------------------------


async def test_flowing_gives_each_chunk_then_the_end_then_close(event_log: EventLog) -> None:
    event_log.watch(Source(b"a", b"b"), "data", "end", "close")
    await event_log.until("close")
    assert event_log == [("data", b"a"), ("data", b"b"), ("end",), ("close",)]


async def test_a_data_listener_hears_nothing_before_the_next_tick(event_log: EventLog) -> None:
    readable = Endless()
    readable.push(b"early")
    event_log.watch(readable, "data", "resume")
    assert event_log == []
    await ticks()
    assert event_log == [("resume",), ("data", b"early")]


async def test_what_is_pushed_while_flowing_is_emitted_at_once(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "data")
    await ticks()
    readable.push(b"now")
    assert event_log == [("data", b"now")]
    assert readable.readable_length == 0


async def test_what_is_pushed_within_read_comes_out_of_read(event_log: EventLog) -> None:
    def read(size: int) -> None:
        readable.push(b"x")
        event_log("pushed", readable.readable_length)
        readable.push(None)

    readable = Readable(read=read)
    event_log.watch(readable, "data")
    await event_log.until("data")
    assert event_log == [("pushed", 1), ("data", b"x")]


async def test_pause_stops_the_data_and_resume_goes_on(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "data", "pause", "resume")
    readable.on("data", lambda chunk: readable.pause())
    readable.push(b"a")
    await ticks()
    readable.push(b"b")
    assert (readable.is_paused(), readable.readable_flowing, readable.readable_length) == (True, False, 1)
    await ticks()
    readable.resume()
    assert not readable.is_paused()
    await ticks()
    assert event_log == [("resume",), ("data", b"a"), ("pause",), ("resume",), ("data", b"b"), ("pause",)]


async def test_pausing_twice_is_told_once_and_resuming_twice_too(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "pause", "resume")
    readable.pause().pause()
    readable.resume().resume()
    await ticks()
    assert event_log == [("pause",), ("resume",)]


async def test_a_data_listener_does_not_undo_an_explicit_pause() -> None:
    readable = Endless().pause().on("data", ignore)
    await ticks()
    assert readable.readable_flowing is False


async def test_resume_without_listeners_drops_the_data(event_log: EventLog) -> None:
    source = Source(b"lost", b"lost too").resume()
    event_log.watch(source, "end")
    await event_log.until("end")
    assert source.readable_did_read


async def test_readable_flowing_is_none_until_somebody_asks() -> None:
    readable = Endless()
    assert readable.readable_flowing is None
    assert readable.resume().readable_flowing is True


async def test_a_chunk_goes_whole_to_each_data_listener_in_flowing_mode(event_log: EventLog) -> None:
    readable = Endless().pause()
    for chunk in (b"one", b"two"):
        readable.push(chunk)
    event_log.watch(readable, "data")
    readable.resume()
    await ticks()
    assert event_log == [("data", b"one"), ("data", b"two")]


# -- 'readable' and read ----------------------------------------------------------------------------------------------


async def test_readable_is_told_once_for_what_comes_in_one_go(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "readable")
    await ticks()
    readable.push(b"a")
    readable.push(b"b")
    await ticks()
    assert event_log == [("readable",)]
    assert readable.read() == b"ab"


async def test_readable_is_told_again_at_the_end(event_log: EventLog) -> None:
    readable = Endless()
    readable.on("readable", lambda: event_log("readable", readable.read()))
    event_log.watch(readable, "end", "close")
    readable.push(b"a")
    await ticks()
    readable.push(None)
    await event_log.until("close")
    assert event_log == [("readable", b"a"), ("readable", None), ("end",), ("close",)]


async def test_a_readable_listener_rules_out_flowing(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "data", "resume")
    readable.on("readable", event_log.entry("readable"))
    readable.push(b"a")
    await ticks()
    assert event_log == [("resume",), ("readable",)]
    assert readable.readable_flowing is False
    assert readable.read() == b"a"
    assert event_log[-1] == ("data", b"a")


async def test_without_its_last_readable_listener_a_stream_with_data_listeners_flows(event_log: EventLog) -> None:
    readable = Endless().on("readable", ignore)
    event_log.watch(readable, "data")
    readable.push(b"a")
    await ticks()
    assert event_log == []
    readable.off("readable", ignore)
    await ticks()
    assert event_log == [("data", b"a")]


async def test_without_any_listener_left_the_mode_is_open_again() -> None:
    readable = Endless().on("readable", ignore)
    readable.remove_all_listeners()
    await ticks()
    assert readable.readable_flowing is None


async def test_removing_all_listeners_makes_a_paused_stream_flow_for_those_added_since() -> None:
    readable = Endless().pause()
    readable.remove_all_listeners().on("data", ignore)
    await ticks()
    assert readable.readable_flowing is True


async def test_a_prepended_data_listener_asks_for_nothing_and_hears_what_passes_the_buffer(event_log: EventLog) -> None:
    readable = Endless().resume()
    readable.prepend_listener("data", lambda chunk: event_log("data", chunk))
    await ticks()
    readable.push(b"a")
    assert (event_log, readable.readable_length) == ([], 1)
    await ticks()
    assert event_log == [("data", b"a")]


async def test_a_chunk_that_comes_after_all_data_listeners_were_removed_goes_to_nobody() -> None:
    readable = Endless().on("data", ignore)
    await ticks()
    readable.remove_all_listeners("data")
    readable.push(b"a")
    assert readable.readable_length == 0


async def test_taking_a_stranger_off_ends_what_removing_all_listeners_left() -> None:
    readable = Endless().on("data", ignore)
    await ticks()
    readable.remove_all_listeners("data").off("data", raise_)
    readable.push(b"a")
    assert readable.readable_length == 1


async def test_taking_a_stranger_off_makes_a_stream_choose_its_mode_anew() -> None:
    readable = Endless().resume()
    await ticks()
    readable.off("readable", ignore)
    await ticks()
    assert readable.readable_flowing is None


async def test_a_chunk_that_comes_after_the_last_data_listener_went_waits_for_the_next(event_log: EventLog) -> None:
    readable = Endless().on("data", ignore)
    await ticks()
    readable.off("data", ignore)
    readable.push(b"a")
    event_log.watch(readable, "data")
    await ticks()
    assert event_log == [("data", b"a")]


async def test_read_gives_exactly_what_is_asked_or_nothing() -> None:
    readable = Endless()
    for chunk in (b"ab", b"cde", b"f"):
        readable.push(chunk)
    assert [readable.read(1), readable.read(3), readable.read(0), readable.read(5)] == [b"a", b"bcd", None, None]
    assert readable.read() == b"ef"
    assert readable.read() is None


async def test_read_after_the_end_of_the_source_gives_what_is_left() -> None:
    readable = Endless()
    readable.push(b"ab")
    readable.push(None)
    assert readable.read(10) == b"ab"


async def test_reading_more_than_the_mark_raises_it_to_a_power_of_two() -> None:
    readable = Endless(high_water_mark=4)
    readable.push(b"abcd")
    assert readable.read(9) is None
    assert readable.readable_high_water_mark == 16


async def test_reading_more_than_a_gibibyte_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        Endless().read((1 << 30) + 1)


@pytest.mark.parametrize("size", ["1", 1.5, True])
async def test_read_takes_an_int(size: Any) -> None:
    with pytest.raises(InvalidArgTypeError):
        Endless().read(size)


async def test_read_emits_data_too(event_log: EventLog) -> None:
    readable = Endless().on("readable", ignore)
    event_log.watch(readable, "data")
    readable.push(b"ab")
    readable.read(1)
    assert event_log == [("data", b"a")]


async def test_a_read_within_a_read_leaves_the_outer_one_what_is_there() -> None:
    def read(size: int) -> None:
        if not inner:
            inner.append(readable.read(2))

    inner: list[bytes | None] = []
    readable = Readable(read=read, high_water_mark=8)
    readable.push(b"abc")
    assert readable.read(3) is None
    assert inner == [b"ab"]
    assert (readable.readable_length, readable.read()) == (1, b"c")


async def test_the_source_is_asked_until_the_mark_is_reached() -> None:
    source = Source(b"ab", b"cd", b"ef", b"gh", high_water_mark=4)
    source.read(0)
    await ticks()
    assert (source.asked, source.readable_length) == (2, 4)
    source.read(1)
    assert source.asked == 3


async def test_read_zero_asks_the_source_and_takes_nothing() -> None:
    source = Source(b"ab")
    assert source.read(0) is None
    assert (source.asked, source.readable_length) == (1, 2)


async def test_a_zero_mark_still_lets_one_chunk_in() -> None:
    source = Source(b"ab", b"cd", high_water_mark=0)
    assert source.read() == b"ab"
    assert source.readable_length == 0


# -- push -------------------------------------------------------------------------------------------------------------


async def test_push_tells_whether_there_is_room() -> None:
    readable = Endless(high_water_mark=3)
    assert [readable.push(b"a"), readable.push(b"bc"), readable.push(b"d")] == [True, False, False]
    assert readable.readable_length == 4
    assert readable.push(None) is False


@pytest.mark.parametrize("data", [bytearray(b"x"), memoryview(b"x")])
async def test_bytes_like_objects_are_copied(data: bytearray | memoryview) -> None:
    readable = Endless()
    readable.push(data)
    chunk = readable.read()
    assert (type(chunk), chunk) == (bytes, b"x")


async def test_text_is_encoded_with_the_given_or_the_default_encoding() -> None:
    readable = Endless(default_encoding="latin1")
    readable.push("é")
    readable.push("é", "utf8")
    readable.push("6869", "hex")
    assert readable.read() == b"\xe9\xc3\xa9hi"


async def test_an_empty_chunk_is_nothing_but_an_answer() -> None:
    readable = Readable(read=lambda size: readable.push(b""))
    assert readable.read() is None
    assert not readable._rs.reading


async def test_what_is_no_data_is_an_error(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "close")
    readable.on("error", lambda error: event_log("error", type(error)))
    assert readable.push(5) is False
    await event_log.until("close")
    assert event_log == [("error", InvalidArgTypeError), ("close",)]


async def test_pushing_after_the_end_is_an_error(event_log: EventLog) -> None:
    readable = Endless().on("error", lambda error: event_log(type(error)))
    readable.push(None)
    assert readable.push(b"late") is False
    assert readable.push(None) is False
    await ticks()
    assert event_log == [(StreamPushAfterEofError,)]


async def test_pushing_after_destroy_is_ignored() -> None:
    readable = Endless().destroy()
    assert readable.push(b"late") is False
    assert readable.readable_length == 0


async def test_a_read_hook_that_raises_destroys_the_stream(event_log: EventLog) -> None:
    readable = Readable(read=lambda size: raise_(ValueError("read")))
    readable.on("error", lambda error: event_log("error", str(error)))
    assert readable.read() is None
    await ticks()
    assert event_log == [("error", "read")]
    assert readable.destroyed


async def test_without_a_read_hook_reading_is_an_error(event_log: EventLog) -> None:
    readable = Readable().on("error", lambda error: event_log(type(error))).resume()
    await ticks()
    assert event_log == [(MethodNotImplementedError,)]
    assert readable.destroyed


async def test_a_slow_source_is_not_asked_twice() -> None:
    asked: list[int] = []
    readable = Readable(read=asked.append, high_water_mark=9).resume()
    await ticks()
    readable.read(0)
    assert asked == [9]
    readable.push(b"a")
    await ticks()
    assert asked == [9, 9]


async def test_a_signal_destroys_it() -> None:
    controller = AbortController()
    readable = Endless(signal=controller.signal).on("error", ignore)
    controller.abort()
    assert readable.destroyed
    await ticks()


# -- unshift ----------------------------------------------------------------------------------------------------------


async def test_unshift_puts_data_before_what_waits() -> None:
    readable = Endless()
    readable.push(b"c")
    assert readable.unshift(b"b") is True
    readable.unshift("a")
    assert readable.read() == b"abc"


async def test_unshift_in_a_data_listener_gives_the_data_once_more(event_log: EventLog) -> None:
    readable = Endless().pause()

    def listener(chunk: bytes) -> None:
        event_log("data", chunk)
        if len(chunk) > 1:
            readable.unshift(chunk[1:])

    readable.on("data", listener)
    readable.push(b"abc")
    readable.resume()
    await ticks()
    assert event_log == [("data", b"abc"), ("data", b"bc"), ("data", b"c")]


async def test_unshift_after_the_end_of_the_source_comes_before_end(event_log: EventLog) -> None:
    readable = Endless()
    readable.push(None)
    readable.unshift(b"last")
    event_log.watch(readable, "data", "end")
    await event_log.until("end")
    assert event_log == [("data", b"last"), ("end",)]


async def test_unshift_after_the_end_event_is_an_error(event_log: EventLog) -> None:
    readable = Endless(auto_destroy=False)
    event_log.watch(readable.resume(), "end")
    readable.on("error", lambda error: event_log(type(error)))
    readable.push(None)
    await event_log.until("end")
    assert readable.unshift(b"late") is False
    assert event_log == [("end",), (StreamUnshiftAfterEndEventError,)]


async def test_unshift_after_destroy_is_ignored() -> None:
    readable = Endless().destroy()
    assert readable.unshift(b"late") is False
    assert readable.readable_length == 0


async def test_unshift_of_none_ends_the_source(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable.resume(), "end")
    assert readable.unshift(None) is False
    await event_log.until("end")


async def test_bytes_put_back_into_a_decoded_stream_are_decoded() -> None:
    readable = Endless(encoding="utf8")
    readable.push("好".encode())
    readable.unshift("你".encode())
    assert readable.read() == "你好"


# -- encodings --------------------------------------------------------------------------------------------------------


async def test_text_torn_between_chunks_comes_out_whole(event_log: EventLog) -> None:
    readable = Endless().set_encoding("utf8")
    event_log.watch(readable, "data", "end")
    data = "你好".encode()
    for index in range(len(data)):
        readable.push(data[index : index + 1])
    readable.push(None)
    await event_log.until("end")
    assert "".join(entry[1] for entry in event_log[:-1]) == "你好"


async def test_what_is_buffered_is_decoded_when_the_encoding_is_set() -> None:
    readable = Endless()
    data = "你好".encode()
    readable.push(data[:4])
    readable.set_encoding()
    assert (readable.readable_encoding, readable.readable_length) == ("utf8", 1)
    readable.push(data[4:])
    assert readable.read() == "你好"


async def test_what_is_torn_at_the_end_becomes_a_replacement_character() -> None:
    readable = Endless(encoding="utf8")
    readable.push(b"a\xe4")
    readable.push(None)
    assert readable.read() == "a�"


async def test_text_in_the_streams_own_encoding_is_not_decoded_again() -> None:
    readable = Endless(encoding="utf8")
    readable.push("é")
    readable.push("c3a9", "hex")
    assert readable.read() == "éé"


async def test_text_put_back_that_decodes_to_nothing_is_no_chunk(event_log: EventLog) -> None:
    readable = Endless(encoding="utf16le")
    event_log.watch(readable, "data")
    await ticks()
    readable.unshift("a")
    assert event_log == []


async def test_an_encoding_is_called_by_its_one_name() -> None:
    assert Endless(encoding="UTF-8").readable_encoding == "utf8"
    assert Endless(encoding="ucs2").readable_encoding == "utf16le"


async def test_a_character_counts_one_whatever_its_size() -> None:
    readable = Endless(encoding="utf8")
    readable.push("é😀".encode())
    assert readable.readable_length == 2
    assert (readable.read(1), readable.read(1)) == ("é", "😀")


async def test_read_counts_characters_where_there_is_an_encoding() -> None:
    readable = Endless(encoding="utf8")
    readable.push("你好吗".encode())
    assert [readable.readable_length, readable.read(2), readable.read(1)] == [3, "你好", "吗"]


async def test_text_read_in_parts_is_counted_exactly() -> None:
    readable = Endless(encoding="utf8")
    readable.push("abc")
    readable.push("def")
    assert [readable.read(2), readable.read(3), readable.readable_length, readable.read()] == ["ab", "cde", 1, "f"]


async def test_an_encoding_can_be_set_twice() -> None:
    readable = Endless(encoding="utf8")
    readable.push(b"a")
    readable.set_encoding("hex")
    readable.push(b"a")
    assert readable.read() == "a61"


async def test_bytes_among_objects_are_decoded_each_by_itself() -> None:
    readable = Endless(object_mode=True)
    readable.push(b"ab")
    readable.push("c")
    readable.set_encoding("utf8")
    readable.push(b"d")
    assert readable.readable_length == 3
    assert [readable.read(), readable.read(), readable.read()] == ["ab", "c", "d"]


@pytest.mark.parametrize(
    "act",
    [
        lambda: Readable(encoding="nope"),
        lambda: Readable(default_encoding="nope"),
        lambda: Endless().set_encoding("nope"),
        lambda: Endless().push("a", "nope"),
    ],
)
async def test_an_unknown_encoding_is_refused(act: Callable[[], object]) -> None:
    with pytest.raises(UnknownEncodingError):
        act()


# -- object mode ------------------------------------------------------------------------------------------------------


async def test_objects_come_out_one_by_one_falsy_ones_too(event_log: EventLog) -> None:
    event_log.watch(Source(0, "", [], object_mode=True), "data", "end")
    await event_log.until("end")
    assert event_log == [("data", 0), ("data", ""), ("data", []), ("end",)]


async def test_read_of_any_size_gives_one_object() -> None:
    readable = Endless(object_mode=True)
    for each in "abc":
        readable.push(each)
    assert [readable.read(2), readable.readable_length, readable.read()] == ["a", 2, "b"]


# -- the end ----------------------------------------------------------------------------------------------------------


async def test_there_is_no_end_before_all_is_read(event_log: EventLog) -> None:
    readable = Endless()
    event_log.watch(readable, "end")
    readable.push(b"a")
    readable.push(None)
    await turns(3)
    assert event_log == []
    assert readable.read() == b"a"
    await event_log.until("end")
    assert readable.readable_ended


async def test_an_empty_source_ends_only_when_asked(event_log: EventLog) -> None:
    source = Source()
    event_log.watch(source, "end")
    await turns(3)
    assert event_log == []
    assert [source.read(), source.read()] == [None, None]
    await event_log.until("end")


async def test_without_auto_destroy_the_end_leaves_the_stream_open(event_log: EventLog) -> None:
    source = Source(auto_destroy=False).resume()
    event_log.watch(source, "end", "close")
    await event_log.until("end")
    await turns(2)
    assert event_log == [("end",)]
    assert not source.destroyed


async def test_the_properties_tell_how_far_it_is(event_log: EventLog) -> None:
    readable = Endless()

    def note() -> None:
        event_log(readable.readable, readable.readable_ended, readable.readable_did_read, readable.readable_aborted)

    note()
    readable.on("data", ignore)
    readable.push(b"a")
    await ticks()
    note()
    readable.push(None)
    await ticks()
    note()
    assert event_log == [(True, False, False, False), (True, False, True, False), (False, True, True, False)]


async def test_a_stream_destroyed_before_its_end_is_aborted() -> None:
    readable = Endless().destroy()
    assert (readable.readable, readable.readable_aborted) == (False, True)


async def test_what_is_buffered_can_be_read_after_destroy_until_that_is_told(event_log: EventLog) -> None:
    readable = Endless().on("readable", ignore)
    event_log.watch(readable, "data")
    readable.push(b"ab")
    readable.destroy()
    readable.read(1)
    await ticks()
    assert readable.read(1) == b"b"
    assert event_log == [("data", b"a")]


async def test_what_is_buffered_is_read_in_silence_after_the_error_was_told(event_log: EventLog) -> None:
    readable = Endless(auto_destroy=False).on("readable", ignore).on("error", ignore)
    event_log.watch(readable, "data")
    readable.push(b"a")
    readable.push(5)
    assert (readable.read(), event_log, readable.readable_did_read) == (b"a", [], False)


# -- listeners that fail ----------------------------------------------------------------------------------------------


async def test_what_a_data_listener_raises_destroys_the_stream(event_log: EventLog) -> None:
    readable = Endless().on("data", lambda chunk: raise_(ValueError(chunk.decode())))
    event_log.watch(readable, "error", "close")
    readable.push(b"bad")
    await event_log.until("close")
    assert [(name, *map(str, rest)) for name, *rest in event_log] == [("error", "bad"), ("close",)]


async def test_what_a_coroutine_listener_raises_destroys_the_stream(event_log: EventLog) -> None:
    async def listener(chunk: bytes) -> None:
        await turns(1)
        raise ValueError(chunk.decode())

    readable = Endless().on("data", listener)
    readable.on("error", lambda error: event_log("error", str(error)))
    event_log.watch(readable, "close")
    readable.push(b"bad")
    await event_log.until("close")
    assert event_log == [("error", "bad"), ("close",)]


async def test_what_an_error_listener_raises_is_nobodys_and_close_still_comes(
    event_log: EventLog, loop_errors: LoopErrors
) -> None:
    readable = Endless().on("error", lambda error: raise_(KeyError("listener")))
    event_log.watch(readable, "close")
    readable.destroy(ValueError("why"))
    await event_log.until("close")
    assert [type(context["exception"]) for context in loop_errors] == [KeyError]


async def test_an_error_nobody_listens_to_goes_to_the_loop(loop_errors: LoopErrors) -> None:
    error = ValueError("unheard")
    Endless().destroy(error)
    await ticks()
    assert [context["exception"] for context in loop_errors] == [error]


async def test_a_source_may_push_in_turns_of_its_own(event_log: EventLog) -> None:
    left: list[bytes | None] = [b"a", b"b", None]
    readable = Readable(read=lambda size: later(lambda: readable.push(left.pop(0))))
    event_log.watch(readable, "data", "end")
    await event_log.until("end")
    assert event_log == [("data", b"a"), ("data", b"b"), ("end",)]


async def test_removing_a_listener_that_is_not_there_opens_the_mode_of_a_paused_stream() -> None:
    readable = Endless().pause()
    readable.off("readable", ignore)
    assert readable.readable_flowing is False
    await ticks()
    assert readable.readable_flowing is None
