"""The writable side: buffering, callbacks, cork, end and finish. The expectations were read off Node 20."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    InvalidArgTypeError,
    MethodNotImplementedError,
    MultipleCallbackError,
    StreamAlreadyFinishedError,
    StreamCannotPipeError,
    StreamDestroyedError,
    StreamNullValuesError,
    StreamWriteAfterEndError,
    UnknownEncodingError,
)
from sockstream.stream import Writable
from tests.unit.stream.helpers import HeldSink, Sink, ignore, later, raise_, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


def noting(event_log: EventLog, *prefix: Any) -> Callable[[BaseException | None], None]:
    """Return a callback that notes the class of its error, or None."""
    return lambda error: event_log(*prefix, error and type(error))


def noting_sink(event_log: EventLog) -> Callable[..., None]:
    """Return a `write` that notes what it gets."""

    def write(chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        event_log(chunk, encoding)
        callback()

    return write


# -- write ------------------------------------------------------------------------------------------------------------


async def test_one_write_is_in_flight_at_a_time_and_the_rest_waits_in_order() -> None:
    sink = HeldSink()
    for chunk in (b"a", b"b", b"c"):
        sink.write(chunk)
    assert (sink.chunks, sink.writable_length) == ([b"a"], 3)
    sink.release()
    assert (sink.chunks, sink.writable_length) == ([b"a", b"b"], 2)


async def test_write_returns_false_when_as_much_waits_as_the_mark() -> None:
    sink = HeldSink(high_water_mark=3)
    assert [sink.write(b"ab"), sink.writable_need_drain, sink.write(b"c"), sink.writable_need_drain] == [
        True,
        False,
        False,
        True,
    ]


async def test_what_the_sink_takes_at_once_never_fills_it(event_log: EventLog) -> None:
    sink = Sink(high_water_mark=1)
    event_log.watch(sink, "drain")
    assert sink.write(b"abc") is True
    await ticks()
    assert event_log == []


async def test_drain_comes_once_when_all_is_written(event_log: EventLog) -> None:
    sink = HeldSink(high_water_mark=2)
    event_log.watch(sink, "drain")
    assert [sink.write(b"ab"), sink.write(b"c")] == [False, False]
    sink.release()
    await ticks()
    assert event_log == []
    sink.release()
    assert event_log == [("drain",)]
    assert not sink.writable_need_drain


async def test_no_drain_after_end(event_log: EventLog) -> None:
    sink = HeldSink(high_water_mark=1)
    event_log.watch(sink, "drain", "finish")
    sink.write(b"ab")
    sink.end()
    assert not sink.writable_need_drain
    sink.release()
    await event_log.until("finish")
    assert event_log == [("finish",)]


async def test_drain_comes_before_the_callback_of_the_write(event_log: EventLog) -> None:
    sink = HeldSink(high_water_mark=1)
    event_log.watch(sink, "drain")
    sink.write(b"ab", noting(event_log, "written"))
    sink.release()
    assert event_log == [("drain",), ("written", None)]


async def test_callbacks_of_a_sink_that_calls_back_at_once_wait_for_a_tick(event_log: EventLog) -> None:
    sink = Sink()
    sink.write(b"a", noting(event_log, "a"))
    sink.write(b"b", "utf8", noting(event_log, "b"))
    assert event_log == []
    await ticks()
    assert event_log == [("a", None), ("b", None)]


async def test_each_write_has_a_tick_of_its_own_unless_the_callback_is_the_same(event_log: EventLog) -> None:
    sink = Sink()
    same = noting(event_log, "same")
    sink.write(b"a", same)
    sink._tick(event_log, "between")
    sink.write(b"b", same)
    sink.write(b"c", noting(event_log, "other"))
    await ticks()
    assert event_log.names == ["same", "same", "between", "other"]


@pytest.mark.parametrize("wrap", [bytearray, memoryview])
async def test_bytes_like_objects_are_copied(wrap: Callable[[bytearray], bytearray | memoryview]) -> None:
    sink = Sink()
    data = wrap(bytearray(b"x"))
    sink.cork()
    sink.write(data)
    data[0] = 0
    sink.uncork()
    assert [(type(chunk), chunk) for chunk in sink.chunks] == [(bytes, b"x")]


async def test_text_is_encoded_before_the_sink_sees_it(event_log: EventLog) -> None:
    sink = Writable(write=noting_sink(event_log))
    sink.write("é")
    sink.write("é", "latin1")
    sink.set_default_encoding("UTF-16LE").write("é")
    sink.write(b"raw", "latin1")
    assert event_log == [(b"\xc3\xa9", "buffer"), (b"\xe9", "buffer"), (b"\xe9\x00", "buffer"), (b"raw", "buffer")]


async def test_without_decode_strings_the_sink_gets_text_and_its_encoding(event_log: EventLog) -> None:
    sink = Writable(decode_strings=False, write=noting_sink(event_log))
    sink.write("é")
    sink.write("é", "latin1")
    sink.write("é", "buffer")
    sink.write(b"raw")
    assert event_log == [("é", "utf8"), ("é", "latin1"), ("é", "buffer"), (b"raw", "buffer")]


async def test_a_sink_of_objects_gets_the_default_encoding_too(event_log: EventLog) -> None:
    sink = Writable(object_mode=True, write=noting_sink(event_log))
    sink.write("text")
    sink.write(5, "latin1")
    assert event_log == [("text", "utf8"), (5, "latin1")]


async def test_a_sink_may_pass_on_what_it_got_with_the_encoding() -> None:
    sink = Sink()
    relay = Writable(write=lambda chunk, encoding, callback: sink.write(chunk, encoding, callback))
    relay.write("é")
    assert sink.chunks == [b"\xc3\xa9"]


async def test_object_mode_takes_anything_but_none(event_log: EventLog) -> None:
    sink = Sink(object_mode=True, high_water_mark=2)
    for value in (0, "", [1], "text"):
        sink.write(value)
    assert sink.chunks == [0, "", [1], "text"]
    with pytest.raises(StreamNullValuesError):
        sink.write(None)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((None,), StreamNullValuesError),
        ((5,), InvalidArgTypeError),
        (([b"a"],), InvalidArgTypeError),
        ((b"a", "nope"), UnknownEncodingError),
        (("a", "buffer"), UnknownEncodingError),
        (("a", 5), UnknownEncodingError),
        ((b"a", None, 5), InvalidArgTypeError),
    ],
)
async def test_write_refuses_what_it_cannot_write(arguments: tuple[Any, ...], error: type[Exception]) -> None:
    sink = Sink()
    with pytest.raises(error):
        sink.write(*arguments)
    assert (sink.writable_length, sink.destroyed) == (0, False)


async def test_without_a_write_hook_writing_raises() -> None:
    with pytest.raises(MethodNotImplementedError):
        Writable().write(b"a")


async def test_what_a_write_hook_raises_goes_to_the_caller() -> None:
    sink = Writable(write=lambda *_: raise_(ValueError("hook")))
    with pytest.raises(ValueError, match="hook"):
        sink.write(b"a")
    assert not sink.destroyed


async def test_a_drain_listener_may_write(event_log: EventLog) -> None:
    sink = HeldSink(high_water_mark=1)
    sink.on("drain", lambda: event_log("drain", sink.write(b"more") if len(sink.chunks) < 3 else None))
    sink.write(b"x")
    for _ in range(3):
        sink.release()
    assert event_log == [("drain", False), ("drain", False), ("drain", None)]


# -- errors -----------------------------------------------------------------------------------------------------------


async def test_a_failed_write_fails_its_callback_and_those_behind_it_then_the_stream(event_log: EventLog) -> None:
    sink = HeldSink()
    sink.on("error", lambda error: event_log("error", type(error)))
    event_log.watch(sink, "close")
    for name in "ab":
        sink.write(name.encode(), noting(event_log, name))
    sink.release(ValueError())
    await event_log.until("close")
    assert event_log == [("a", ValueError), ("b", ValueError), ("error", ValueError), ("close",)]
    assert sink.writable_length == 0


async def test_an_error_within_write_waits_for_a_tick(event_log: EventLog) -> None:
    sink = Writable(write=lambda chunk, encoding, callback: callback(ValueError()))
    sink.on("error", lambda error: event_log("error", type(error)))
    assert sink.write(b"a", noting(event_log, "written")) is False
    assert event_log == []
    assert isinstance(sink.errored, ValueError)
    await ticks()
    assert event_log == [("written", ValueError), ("error", ValueError)]


async def test_calling_back_twice_is_an_error(event_log: EventLog) -> None:
    sink = Writable(write=lambda chunk, encoding, callback: (callback(), callback()))
    sink.on("error", lambda error: event_log(type(error)))
    sink.write(b"a")
    await ticks()
    assert event_log == [(MultipleCallbackError,)]


async def test_without_auto_destroy_an_error_is_told_and_the_stream_stays(event_log: EventLog) -> None:
    sink = HeldSink(auto_destroy=False)
    sink.on("error", lambda error: event_log("error", type(error)))
    for name in "ab":
        sink.write(name, noting(event_log, name))
    sink.release(ValueError())
    assert event_log == [("a", ValueError), ("b", ValueError), ("error", ValueError)]
    assert (sink.destroyed, sink.writable) == (False, False)


async def test_writing_after_end_is_an_error_for_callback_and_stream(event_log: EventLog) -> None:
    sink = Sink()
    sink.on("error", lambda error: event_log("error", type(error)))
    sink.end()
    assert sink.write(b"late", noting(event_log, "written")) is False
    await ticks()
    assert event_log == [("written", StreamWriteAfterEndError), ("error", StreamWriteAfterEndError)]


async def test_writing_after_destroy_fails_the_callback_alone(event_log: EventLog) -> None:
    sink = Sink()
    sink.on("error", event_log.entry("error"))
    sink.destroy()
    assert sink.write(b"late", noting(event_log, "written")) is False
    await ticks()
    assert event_log == [("written", StreamDestroyedError)]


async def test_what_a_write_callback_raises_destroys_the_stream(event_log: EventLog) -> None:
    sink = Sink().on("error", lambda error: event_log("error", str(error)))
    sink.write(b"a", lambda error: raise_(ValueError("callback")))
    await ticks()
    assert event_log == [("error", "callback")]
    assert sink.destroyed


async def test_a_writable_cannot_be_piped(event_log: EventLog) -> None:
    sink = Sink().on("error", lambda error: event_log(type(error)))
    assert sink.pipe(target := Sink()) is target
    await ticks()
    assert event_log == [(StreamCannotPipeError,)]


# -- cork -------------------------------------------------------------------------------------------------------------


async def test_corked_writes_go_out_as_one_batch(event_log: EventLog) -> None:
    def writev(chunks: list[Any], callback: Callable[..., None]) -> None:
        event_log([(each.chunk, each.encoding) for each in chunks])
        callback()

    sink = Writable(writev=writev)
    sink.cork()
    for name in "abc":
        sink.write(name, noting(event_log, name))
    assert (event_log, sink.writable_corked, sink.writable_length) == ([], 1, 3)
    sink.uncork()
    await ticks()
    assert event_log[0] == ([(b"a", "buffer"), (b"b", "buffer"), (b"c", "buffer")],)
    assert event_log[1:] == [("a", None), ("b", None), ("c", None)]


async def test_corks_nest(event_log: EventLog) -> None:
    sink = Sink()
    sink.cork()
    sink.cork()
    sink.write(b"a")
    sink.uncork()
    assert (sink.writable_corked, sink.chunks) == (1, [])
    sink.uncork()
    assert (sink.writable_corked, sink.chunks) == (0, [b"a"])
    sink.uncork()
    assert sink.writable_corked == 0


async def test_end_undoes_every_cork() -> None:
    sink = Sink()
    sink.cork()
    sink.cork()
    sink.write(b"a")
    sink.end(b"b")
    assert sink.chunks == [b"a", b"b"]


async def test_what_waits_behind_a_write_in_flight_is_one_batch(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []

    def writev(chunks: list[Any], callback: Callable[..., None]) -> None:
        event_log([each.chunk for each in chunks])
        held.append(callback)

    sink = Writable(writev=writev)
    for chunk in (b"a", b"b", b"c"):
        sink.write(chunk)
    held[0]()
    assert event_log == [([b"a"],), ([b"b", b"c"],)]


async def test_drain_comes_a_tick_after_a_corked_batch_that_was_too_much(event_log: EventLog) -> None:
    sink = Sink(high_water_mark=2)
    event_log.watch(sink, "drain")
    sink.cork()
    assert [sink.write(b"a"), sink.write(b"b")] == [True, False]
    sink.uncork()
    assert (sink.writable_length, event_log) == (0, [])
    await ticks()
    assert event_log == [("drain",)]


async def test_a_failed_batch_fails_every_callback(event_log: EventLog) -> None:
    sink = Writable(writev=lambda chunks, callback: callback(ValueError())).on("error", ignore)
    sink.cork()
    for name in "ab":
        sink.write(name, noting(event_log, name))
    sink.uncork()
    await ticks()
    assert event_log == [("a", ValueError), ("b", ValueError)]


async def test_what_waits_behind_a_write_that_destroys_fails(event_log: EventLog) -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        sink.destroy()
        callback()

    sink = Writable(write=write)
    sink.cork()
    for name in "ab":
        sink.write(name, noting(event_log, name))
    sink.uncork()
    await ticks()
    assert event_log == [("a", None), ("b", StreamDestroyedError)]


# -- end --------------------------------------------------------------------------------------------------------------


async def test_end_writes_finishes_and_closes(event_log: EventLog) -> None:
    sink = Sink()
    event_log.watch(sink, "prefinish", "finish", "close")
    assert sink.end("last", "latin1", noting(event_log, "ended")) is sink
    assert (sink.chunks, sink.writable_ended, sink.writable_finished) == ([b"last"], True, False)
    await event_log.until("close")
    assert event_log == [("prefinish",), ("ended", None), ("finish",), ("close",)]
    assert sink.writable_finished


async def test_finish_waits_for_every_callback(event_log: EventLog) -> None:
    sink = HeldSink()
    event_log.watch(sink, "finish")
    sink.write(b"a", noting(event_log, "a"))
    sink.end(b"b")
    sink.release()
    await ticks()
    assert event_log == [("a", None)]
    sink.release()
    await ticks()
    assert event_log == [("a", None), ("finish",)]


@pytest.mark.parametrize("arguments", [("",), (b"",), (None,), ()])
async def test_an_empty_last_chunk_is_fine(arguments: tuple[Any, ...], event_log: EventLog) -> None:
    event_log.watch(Sink().end(*arguments), "finish")
    await event_log.until("finish")


@pytest.mark.parametrize("object_mode", [False, True])
async def test_a_lone_callable_is_the_callback(object_mode: bool, event_log: EventLog) -> None:
    sink = Sink(object_mode=object_mode)
    sink.end(noting(event_log, "ended"))
    await event_log.until("ended")
    assert sink.chunks == []


async def test_the_callback_may_come_second(event_log: EventLog) -> None:
    Sink().end(b"a", noting(event_log, "ended"))
    await event_log.until("ended")


async def test_end_twice_is_fine_before_finish_and_an_error_for_the_callback_after_it(event_log: EventLog) -> None:
    sink = Sink(auto_destroy=False)
    sink.end(callback=noting(event_log, "first"))
    sink.end(callback=noting(event_log, "second"))
    await ticks()
    sink.end(callback=noting(event_log, "third"))
    await ticks()
    assert event_log == [("first", None), ("second", None), ("third", StreamAlreadyFinishedError)]


async def test_end_with_data_after_end_is_an_error(event_log: EventLog) -> None:
    sink = Sink().on("error", lambda error: event_log("error", type(error)))
    sink.end()
    sink.end(b"late", callback=noting(event_log, "ended"))
    await ticks()
    assert event_log == [("error", StreamWriteAfterEndError), ("ended", StreamWriteAfterEndError)]


async def test_end_after_a_failed_write_gets_that_error(event_log: EventLog) -> None:
    sink = HeldSink(auto_destroy=False).on("error", ignore)
    sink.write(b"a")
    sink.release(ValueError())
    sink.end(callback=noting(event_log, "ended"))
    await ticks()
    assert event_log == [("ended", ValueError)]


async def test_end_refuses_what_it_cannot_write() -> None:
    for arguments in ((5,), (b"a", "nope"), (None, None, 5)):
        with pytest.raises((InvalidArgTypeError, UnknownEncodingError)):
            Sink().end(*arguments)


@pytest.mark.parametrize("when", [lambda callback: callback(), later])
async def test_what_a_writev_writes_itself_goes_out_after_the_batch(event_log: EventLog, when: Any) -> None:
    def writev(chunks: list[Any], callback: Callable[..., None]) -> None:
        event_log("batch", *(each.chunk for each in chunks))
        if len(chunks) > 1:
            sink.write(b"c", noting(event_log, "c"))
        when(callback)

    sink = Writable(writev=writev)
    sink.cork()
    sink.write(b"a")
    sink.write(b"b")
    sink.end(noting(event_log, "ended"))
    await turns(3)
    assert event_log == [("batch", b"a", b"b"), ("batch", b"c"), ("c", None), ("ended", None)]


async def test_a_write_that_destroys_while_uncorking_leaves_no_end_waiting(event_log: EventLog) -> None:
    sink = Writable(write=lambda chunk, encoding, callback: (sink.destroy(), callback()))
    sink.cork()
    sink.write(b"a")
    sink.end(noting(event_log, "ended"))
    await ticks()
    assert event_log == [("ended", StreamDestroyedError)]


async def test_a_write_that_raises_while_uncorking_does_not_block_what_waits(event_log: EventLog) -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        later(callback)
        if chunk == b"a":
            raise ValueError("hook")
        event_log(chunk)

    sink = Writable(write=write)
    sink.cork()
    sink.write(b"a", noting(event_log, "a"))
    sink.write(b"b", noting(event_log, "b"))
    with pytest.raises(ValueError, match="hook"):
        sink.uncork()
    await turns(3)
    assert event_log == [(b"b",), ("a", None), ("b", None)]


async def test_a_chunk_that_failed_is_not_written_when_its_callback_uncorks(event_log: EventLog) -> None:
    def failed(error: BaseException | None) -> None:
        event_log(type(error))
        sink.uncork()

    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        event_log(chunk)
        callback(ValueError())

    sink = Writable(write=write).on("error", ignore)
    sink.write(b"bad")
    sink.cork()
    sink.write(b"a", failed)
    await ticks()
    assert event_log == [(b"bad",), (ValueError,)]


# -- final ------------------------------------------------------------------------------------------------------------


async def test_final_runs_after_the_last_write_and_before_finish(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(final=held.append)
    event_log.watch(sink, "prefinish", "finish")
    sink.write(b"a")
    sink.end()
    await ticks()
    assert (event_log, sink.chunks, len(held)) == ([], [b"a"], 1)
    held[0]()
    await event_log.until("finish")
    assert event_log == [("prefinish",), ("finish",)]


async def test_final_waits_for_the_callback_of_the_write_before_the_last(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []

    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        held.append(callback)
        if len(held) > 1:
            callback()

    sink = Writable(write=write, final=lambda callback: event_log("final"))
    sink.write(b"slow", noting(event_log, "written"))
    sink.end(b"quick")
    held[0]()
    assert event_log == [("written", None), ("final",)]


async def test_a_failed_final_fails_end_and_the_stream(event_log: EventLog) -> None:
    sink = Sink(final=lambda callback: later(callback, ValueError()))
    sink.on("error", lambda error: event_log("error", type(error)))
    event_log.watch(sink, "finish", "close")
    sink.end(callback=noting(event_log, "ended"))
    await event_log.until("close")
    assert event_log == [("ended", ValueError), ("error", ValueError), ("close",)]


async def test_a_final_that_raises_is_one_that_failed(event_log: EventLog) -> None:
    sink = Sink(final=lambda callback: raise_(ValueError())).on("error", lambda error: event_log(type(error)))
    sink.end()
    assert event_log == []
    await ticks()
    assert event_log == [(ValueError,)]


async def test_a_final_that_calls_back_twice_is_an_error(event_log: EventLog) -> None:
    sink = Sink(final=lambda callback: (callback(), callback())).on("error", lambda error: event_log(type(error)))
    sink.end()
    await ticks()
    assert event_log == [(MultipleCallbackError,)]


async def test_a_final_that_failed_and_answers_again_has_failed_once(event_log: EventLog) -> None:
    sink = Sink(final=lambda callback: (callback(ValueError()), callback()), auto_destroy=False)
    sink.on("error", lambda error: event_log(type(error)))
    sink.end()
    await ticks()
    assert event_log == [(ValueError,)]


async def test_final_runs_once_though_end_is_called_twice(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(final=held.append)
    sink.end()
    sink.end()
    held[0]()
    event_log.watch(sink, "finish")
    await event_log.until("finish")
    assert len(held) == 1


async def test_destroy_while_final_runs_leaves_no_finish(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(final=held.append)
    event_log.watch(sink, "prefinish", "finish", "close")
    sink.end(callback=noting(event_log, "ended"))
    sink.destroy()
    held[0]()
    await ticks()
    assert event_log == [("ended", StreamDestroyedError), ("close",)]
    sink.end(callback=noting(event_log, "again"))
    await ticks()
    assert event_log[2:] == [("again", StreamDestroyedError)]


# -- drain ------------------------------------------------------------------------------------------------------------


async def test_drain_returns_at_once_while_there_is_room() -> None:
    sink = HeldSink(high_water_mark=2)
    sink.write(b"a")
    await asyncio.wait_for(sink.drain(), 1)


async def test_what_drain_returns_while_there_is_room_is_a_coroutine_like_any_other() -> None:
    sink = Sink()
    await asyncio.create_task(sink.drain())
    for drain in (sink.drain(), sink.drain()):
        await drain
    with pytest.raises(ValueError, match="thrown"):
        sink.drain().throw(ValueError("thrown"))
    with pytest.raises(StopIteration):
        sink.drain().throw(ValueError, StopIteration())
    sink.drain().close()


async def test_drain_waits_until_all_is_written(event_log: EventLog) -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"ab")
    task = asyncio.create_task(sink.drain())
    task.add_done_callback(event_log.entry("drained"))
    await turns(3)
    assert event_log == []
    sink.release()
    await task
    assert sink.event_names() == []


async def test_drain_raises_the_streams_error() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"ab")
    task = asyncio.create_task(sink.drain())
    await turns(1)
    sink.destroy(ValueError("lost"))
    with pytest.raises(ValueError, match="lost"):
        await task
    with pytest.raises(ValueError, match="lost"):
        await sink.drain()


async def test_drain_of_a_destroyed_stream_raises() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"ab")
    task = asyncio.create_task(sink.drain())
    await turns(1)
    sink.destroy()
    for waiting in (task, sink.drain()):
        with pytest.raises(StreamDestroyedError):
            await waiting


async def test_drain_after_end_waits_for_finish() -> None:
    sink = HeldSink(high_water_mark=1, auto_destroy=False)
    sink.write(b"ab")
    task = asyncio.create_task(sink.drain())
    sink.end()
    await turns(1)
    sink.release()
    await task
    assert sink.writable_finished


async def test_a_cancelled_drain_leaves_no_listener() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"ab")
    task = asyncio.create_task(sink.drain())
    await turns(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sink.event_names() == []


# -- properties -------------------------------------------------------------------------------------------------------


async def test_the_properties_tell_how_far_it_is(event_log: EventLog) -> None:
    sink = Sink(auto_destroy=False)

    def note() -> None:
        event_log(sink.writable, sink.writable_ended, sink.writable_finished, sink.writable_aborted)

    note()
    sink.end()
    note()
    await ticks()
    note()
    sink.destroy()
    note()
    assert event_log == [
        (True, False, False, False),
        (False, True, False, False),
        (False, True, True, False),
        (False, True, True, False),
    ]


async def test_a_stream_destroyed_before_finish_is_aborted() -> None:
    assert Sink().destroy().writable_aborted


@pytest.mark.parametrize("option", ["write", "writev", "final", "destroy", "construct"])
def test_a_hook_must_be_callable(option: str) -> None:
    with pytest.raises(InvalidArgTypeError):
        Writable(**{option: 5})  # type: ignore[arg-type]


def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="highWaterMark"):
        Writable(highWaterMark=5)  # type: ignore[call-arg]


def test_an_unknown_default_encoding_is_refused() -> None:
    with pytest.raises(UnknownEncodingError):
        Writable(default_encoding="nope")
    with pytest.raises(UnknownEncodingError):
        Writable().set_default_encoding("nope")
