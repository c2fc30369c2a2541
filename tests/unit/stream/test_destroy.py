"""How streams start and end: construct, destroy, auto_destroy, emit_close. The expectations were read off Node 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortSignal
from sockstream.errors import InvalidArgTypeError, MultipleCallbackError, StreamDestroyedError, StreamWriteAfterEndError
from sockstream.events import ERROR_MONITOR
from sockstream.stream import Duplex, Readable, Writable
from tests.unit.stream.helpers import Endless, HeldSink, Sink, Source, ignore, later, raise_, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


def watch(event_log: EventLog, stream: Any, *names: str) -> None:
    """Note 'error' with the text of the error, and these events."""
    stream.on("error", lambda error: event_log("error", str(error)))
    event_log.watch(stream, *names)


# -- destroy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Endless, Sink, Duplex])
async def test_destroy_closes_without_an_error(make: Callable[[], Any], event_log: EventLog) -> None:
    stream = make()
    watch(event_log, stream, "close", "end", "finish")
    assert stream.destroy() is stream
    assert (stream.destroyed, stream.errored, event_log) == (True, None, [])
    await event_log.until("close")
    await ticks()
    assert event_log == [("close",)]
    assert stream.closed


@pytest.mark.parametrize("make", [Endless, Sink, Duplex])
async def test_destroy_with_an_error_tells_it_before_close(make: Callable[[], Any], event_log: EventLog) -> None:
    stream = make()
    watch(event_log, stream, "close")
    error = ValueError("why")
    stream.destroy(error)
    assert (stream.errored, event_log) == (error, [])
    await event_log.until("close")
    assert event_log == [("error", "why"), ("close",)]


async def test_only_the_first_destroy_counts(event_log: EventLog) -> None:
    stream = Endless()
    watch(event_log, stream, "close")
    stream.destroy(ValueError("first"))
    stream.destroy(ValueError("second"))
    await event_log.until("close")
    stream.destroy(ValueError("third"))
    await ticks()
    assert event_log == [("error", "first"), ("close",)]


async def test_an_error_after_a_plain_destroy_is_not_told(event_log: EventLog) -> None:
    stream = Endless()
    watch(event_log, stream, "close")
    stream.destroy()
    stream.destroy(ValueError("late"))
    await event_log.until("close")
    assert (event_log, stream.errored) == ([("close",)], None)


async def test_destroy_takes_an_exception() -> None:
    with pytest.raises(InvalidArgTypeError):
        Endless().destroy("why")  # type: ignore[arg-type]


async def test_the_hook_gets_the_error_and_may_take_its_time(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []

    def destroy(error: BaseException | None, callback: Callable[..., None]) -> None:
        event_log("hook", str(error))
        held.append(callback)

    stream = Readable(destroy=destroy)
    watch(event_log, stream, "close")
    error = ValueError("why")
    stream.destroy(error)
    await turns(2)
    assert (event_log, stream.destroyed, stream.closed) == ([("hook", "why")], True, False)
    held[0](error)
    assert stream.closed
    await event_log.until("close")
    assert event_log == [("hook", "why"), ("error", "why"), ("close",)]


async def test_the_hook_may_swallow_the_error_or_have_another(event_log: EventLog) -> None:
    def hook(error: BaseException | None, callback: Callable[..., None]) -> None:
        if str(error) == "raise":
            raise ValueError("raised")
        callback(ValueError("another") if str(error) == "replace" else None)

    for reason in ("swallow", "replace", "raise"):
        stream = Sink(destroy=hook)
        watch(event_log, stream, "close")
        stream.destroy(ValueError(reason))
        await ticks()
    assert event_log == [("close",), ("error", "another"), ("close",), ("error", "raised"), ("close",)]


async def test_the_hook_may_call_back_twice(event_log: EventLog) -> None:
    def hook(error: BaseException | None, callback: Callable[..., None]) -> None:
        callback()
        callback(ValueError())

    stream = Sink(destroy=hook)
    watch(event_log, stream, "close")
    stream.destroy()
    await ticks()
    assert event_log == [("close",)]


async def test_the_errors_monitor_hears_of_it_too(event_log: EventLog, loop_errors: LoopErrors) -> None:
    stream = Endless()
    stream.on(ERROR_MONITOR, lambda error: event_log("monitor", str(error)))
    stream.destroy(ValueError("why"))
    await ticks()
    assert event_log == [("monitor", "why")]
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


async def test_what_waits_is_dropped_and_its_callbacks_get_the_error(event_log: EventLog) -> None:
    sink = HeldSink()
    for name in ("in flight", "waits"):
        sink.write(name, event_log.entry(name))
    sink.end(callback=event_log.entry("end"))
    sink.destroy()
    await ticks()
    assert event_log == []
    sink.release()
    assert event_log.names == ["in flight", "waits", "end"]
    assert [type(error) for _, error in event_log] == [type(None), StreamDestroyedError, StreamDestroyedError]


async def test_what_was_corked_gets_the_streams_error(event_log: EventLog) -> None:
    sink = Sink().on("error", ignore)
    sink.cork()
    sink.write(b"a", lambda error: event_log(str(error)))
    sink.destroy(ValueError("why"))
    await ticks()
    assert event_log == [("why",)]
    assert sink.writable_length == 0


async def test_destroy_within_a_listener_gives_what_is_buffered_and_no_end(event_log: EventLog) -> None:
    source = Source(b"a", b"b", b"c", high_water_mark=2)
    watch(event_log, source, "data", "end", "close")
    source.on("data", lambda chunk: source.destroy())
    await event_log.until("close")
    assert event_log == [("data", b"a"), ("data", b"b"), ("close",)]


# -- auto_destroy and emit_close --------------------------------------------------------------------------------------


async def test_a_source_is_destroyed_after_its_end_and_a_sink_after_finish(event_log: EventLog) -> None:
    for stream in (Source().resume(), Sink().end()):
        event_log.watch(stream, "close")
    await event_log.until("close", count=2)


async def test_without_emit_close_nothing_is_emitted(event_log: EventLog) -> None:
    stream = Endless(emit_close=False)
    watch(event_log, stream, "close")
    stream.destroy(ValueError("why"))
    await ticks()
    assert event_log == [("error", "why")]
    assert stream.closed


async def test_without_auto_destroy_the_first_error_is_told_and_the_next_too() -> None:
    stream = Endless(auto_destroy=False)
    errors: list[BaseException] = []
    stream.on("error", errors.append)
    stream.push(5)
    stream.push(5)
    await ticks()
    assert len(errors) == 1
    assert (stream.destroyed, stream.errored) == (False, errors[0])


async def test_without_auto_destroy_writing_too_late_is_told_on_the_next_tick(event_log: EventLog) -> None:
    sink = Sink(auto_destroy=False).end()
    sink.on("error", lambda error: event_log(type(error)))
    sink.write(b"late")
    assert event_log == []
    await ticks()
    assert event_log == [(StreamWriteAfterEndError,)]


# -- construct --------------------------------------------------------------------------------------------------------


async def test_nothing_is_read_or_written_before_it_is_constructed(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(construct=held.append)
    source = Source(b"x", construct=held.append)
    sink.write(b"a")
    event_log.watch(source, "data")
    await turns(2)
    assert (sink.chunks, source.asked, len(held)) == ([], 0, 2)
    for callback in held:
        callback()
    await event_log.until("data")
    assert sink.chunks == [b"a"]


async def test_end_waits_for_construct(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(construct=held.append)
    event_log.watch(sink, "finish")
    sink.end(b"a")
    await turns(2)
    assert event_log == []
    held[0]()
    await event_log.until("finish")
    assert sink.chunks == [b"a"]


async def test_construct_runs_on_the_next_tick(event_log: EventLog) -> None:
    Sink(construct=lambda callback: event_log("construct"))
    assert event_log == []
    await ticks()
    assert event_log == [("construct",)]


@pytest.mark.parametrize(
    "construct", [lambda callback: callback(ValueError("c")), lambda callback: raise_(ValueError("c"))]
)
async def test_a_construct_that_fails_destroys_the_stream(
    construct: Callable[..., object], event_log: EventLog
) -> None:
    sink = Sink(construct=construct)
    watch(event_log, sink, "close")
    sink.write(b"a", lambda error: event_log("written", str(error)))
    await event_log.until("close")
    assert event_log == [("written", "c"), ("error", "c"), ("close",)]
    assert sink.chunks == []


async def test_a_construct_that_calls_back_twice_is_an_error(event_log: EventLog) -> None:
    sink = Sink(construct=lambda callback: [callback(), callback()])
    sink.on("error", lambda error: event_log(type(error)))
    sink.write(b"a", event_log.entry("written"))
    await turns(2)
    assert event_log == [("written", None), (MultipleCallbackError,)]


async def test_destroy_waits_for_construct(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []

    def destroy(error: BaseException | None, callback: Callable[..., None]) -> None:
        event_log("hook")
        callback(error)

    sink = Sink(construct=held.append, destroy=destroy)
    watch(event_log, sink, "close")
    sink.destroy(ValueError("why"))
    await turns(2)
    assert (event_log, sink.destroyed) == ([], True)
    later(held[0])
    await event_log.until("close")
    assert event_log == [("hook",), ("error", "why"), ("close",)]


async def test_an_error_of_construct_after_destroy_is_told(event_log: EventLog) -> None:
    sink = Sink(construct=lambda callback: later(callback, ValueError("construct")))
    watch(event_log, sink, "close")
    sink.destroy()
    await event_log.until("close")
    assert event_log == [("error", "construct"), ("close",)]


@pytest.mark.parametrize("kind", [Readable, Writable, Duplex])
async def test_a_signal_that_was_aborted_before_keeps_construct_from_running(kind: Any, event_log: EventLog) -> None:
    stream = kind(construct=event_log.entry("construct"), signal=AbortSignal.abort())
    event_log.watch(stream, "close")
    stream.on("error", lambda error: event_log("error", error.code))
    await event_log.until("close")
    await turns(2)
    assert event_log == [("error", "ABORT_ERR"), ("close",)]


@pytest.mark.parametrize("kind", [Readable, Writable, Duplex])
async def test_what_is_refused_is_not_constructed(kind: Any, event_log: EventLog) -> None:
    with pytest.raises(InvalidArgTypeError):
        kind(construct=event_log.entry("construct"), signal=5)
    await turns(2)
    assert event_log == []
