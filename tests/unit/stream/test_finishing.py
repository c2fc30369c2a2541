"""finished: in every state a stream can be in. The expectations were read off Node 20."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import AbortError, InvalidArgTypeError, StreamPrematureCloseError
from sockstream.stream import Duplex, PassThrough, finished
from tests.unit.stream.helpers import Endless, HeldSink, Sink, Source, ignore, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream import Stream
    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


def noting(event_log: EventLog, *prefix: Any) -> Callable[[BaseException | None], None]:
    """Return a callback that notes the class of its error, or None."""
    return lambda error: event_log(*(prefix or ("finished",)), error and type(error))


def both(**options: Any) -> Duplex:
    """Return a Duplex that reads nothing by itself and takes each chunk at once."""
    return Duplex(read=ignore, write=lambda chunk, encoding, callback: callback(), **options)


# -- coming to an end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: Source().resume(), lambda: Sink().end()])
async def test_it_is_told_with_close(make: Callable[[], Stream], event_log: EventLog) -> None:
    stream = make()
    event_log.watch(stream, "end", "finish", "close")
    completion = finished(stream, noting(event_log))
    assert not completion.done()
    await event_log.until("finished")
    assert event_log.names[-2:] == ["close", "finished"]
    assert completion.done()


async def test_without_close_to_come_it_is_told_at_once(event_log: EventLog) -> None:
    for options in ({"auto_destroy": False}, {"emit_close": False}):
        source = Source(**options).resume()
        event_log.watch(source, "end")
        finished(source, noting(event_log))
    await event_log.until("finished", count=2)
    assert event_log == [("end",), ("finished", None), ("end",), ("finished", None)]


async def test_a_duplex_has_finished_when_both_sides_have(event_log: EventLog) -> None:
    duplex = both().resume()
    finished(duplex, noting(event_log))
    duplex.push(None)
    await turns(2)
    assert event_log == []
    duplex.end()
    await event_log.until("finished")


async def test_one_side_can_be_waited_for(event_log: EventLog) -> None:
    duplex = both().resume()
    finished(duplex, noting(event_log, "reading"), writable=False)
    finished(duplex, noting(event_log, "writing"), readable=False)
    duplex.push(None)
    await ticks()
    assert event_log == [("reading", None)]
    duplex.end()
    await ticks()
    assert event_log == [("reading", None), ("writing", None)]


async def test_a_side_that_a_duplex_was_made_without_is_not_waited_for(event_log: EventLog) -> None:
    finished(both(readable=False).end(), noting(event_log))
    only_reading = both(writable=False).resume()
    finished(only_reading, noting(event_log))
    only_reading.push(None)
    await event_log.until("finished", count=2)


async def test_neither_side_means_close(event_log: EventLog) -> None:
    sink = Sink()
    finished(sink, noting(event_log), writable=False)
    sink.end()
    await event_log.until("finished")
    assert sink.closed


async def test_finishing_after_destroy_is_told_without_waiting_for_close(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(final=lambda callback: callback(), destroy=lambda error, callback: held.append(callback))
    sink.on("prefinish", sink.destroy)
    event_log.watch(sink, "finish", "close")
    finished(sink, noting(event_log))
    sink.end()
    await ticks()
    assert event_log == [("finish",), ("finished", None)]
    held[0]()
    await event_log.until("close")


# -- going wrong ------------------------------------------------------------------------------------------------------


async def test_the_error_is_told_and_counts_as_heard(event_log: EventLog) -> None:
    sink = Sink()
    finished(sink, noting(event_log))
    sink.destroy(ValueError())
    await ticks()
    assert event_log == [("finished", ValueError)]


@pytest.mark.parametrize("make", [Endless, Sink, both])
async def test_closing_early_is_an_error(make: Callable[[], Stream], event_log: EventLog) -> None:
    stream = make()
    finished(stream, noting(event_log))
    stream.destroy()
    await ticks()
    assert event_log == [("finished", StreamPrematureCloseError)]


async def test_closing_one_side_early_is_an_error_for_that_side_only(event_log: EventLog) -> None:
    duplex = both().resume()
    finished(duplex, noting(event_log, "reading"), writable=False)
    duplex.push(None)
    await ticks()
    finished(duplex, noting(event_log, "writing"), readable=False)
    duplex.destroy()
    await ticks()
    assert event_log == [("reading", None), ("writing", StreamPrematureCloseError)]


async def test_with_error_false_close_tells_of_the_error(event_log: EventLog) -> None:
    sink = Sink()
    sink.on("error", event_log.entry("error"))
    error = ValueError()
    finished(sink, noting(event_log), error=False)
    sink.destroy(error)
    await ticks()
    assert event_log == [("error", error), ("finished", ValueError)]


async def test_with_error_false_an_unheard_error_stays_unheard(event_log: EventLog, loop_errors: LoopErrors) -> None:
    sink = Sink()
    finished(sink, noting(event_log), error=False)
    sink.destroy(ValueError("why"))
    await ticks()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


# -- what has happened before -----------------------------------------------------------------------------------------


async def test_a_stream_that_has_closed_well_has_finished(event_log: EventLog) -> None:
    streams: list[Stream] = [Source().resume(), Sink().end()]
    await turns(2)
    assert [stream.closed for stream in streams] == [True, True]
    for stream in streams:
        finished(stream, noting(event_log))
    assert event_log == []
    await ticks()
    assert event_log == [("finished", None)] * 2


async def test_a_stream_that_was_destroyed_has_closed_early(event_log: EventLog) -> None:
    sink = Sink().destroy()
    await ticks()
    finished(sink, noting(event_log))
    assert event_log == []
    await ticks()
    assert event_log == [("finished", StreamPrematureCloseError)]


async def test_a_stream_that_has_failed_tells_its_error_again(event_log: EventLog) -> None:
    sink = Sink().on("error", ignore).destroy(ValueError())
    await ticks()
    finished(sink, noting(event_log))
    await ticks()
    assert event_log == [("finished", ValueError)]


async def test_a_stream_that_has_failed_and_stays_tells_its_error(event_log: EventLog) -> None:
    sink = HeldSink(auto_destroy=False).on("error", ignore)
    sink.write(b"a")
    sink.release(ValueError())
    finished(sink, noting(event_log))
    await ticks()
    assert event_log == [("finished", ValueError)]


async def test_a_side_that_has_ended_before_has_finished(event_log: EventLog) -> None:
    duplex = both().resume()
    event_log.watch(duplex, "end")
    duplex.push(None)
    await event_log.until("end")
    finished(duplex, noting(event_log), writable=False)
    await ticks()
    assert event_log[-1] == ("finished", None)


async def test_a_write_in_flight_is_waited_for(event_log: EventLog) -> None:
    sink = HeldSink()
    sink.end(b"a")
    finished(sink, noting(event_log), readable=False)
    finished(sink, noting(event_log), writable=False)
    await turns(2)
    assert event_log == []
    sink.release()
    await event_log.until("finished", count=2)


async def test_destroyed_but_not_closed_yet_is_waited_for(event_log: EventLog) -> None:
    held: list[Callable[..., None]] = []
    sink = Sink(destroy=lambda error, callback: held.append(callback)).destroy()
    finished(sink, noting(event_log))
    await turns(2)
    assert event_log == []
    held[0]()
    await event_log.until("finished")


# -- listeners --------------------------------------------------------------------------------------------------------


async def test_the_listeners_stay_unless_they_are_to_be_cleaned_up(event_log: EventLog) -> None:
    for cleanup in (False, True):
        source = Source(auto_destroy=False).resume()
        finished(source, noting(event_log), cleanup=cleanup)
        await ticks()
        event_log(source.event_names())
    assert event_log == [
        ("finished", None),
        (["end", "finish", "error", "close"],),
        ("finished", None),
        ([],),
    ]


async def test_cancel_takes_the_listeners_off_and_the_callback_is_not_called(event_log: EventLog) -> None:
    sink = Sink()
    completion = finished(sink, noting(event_log))
    completion.cancel()
    assert sink.event_names() == []
    sink.end()
    await ticks()
    assert event_log == []


async def test_cancel_twice_and_after_the_end_does_nothing_more(event_log: EventLog) -> None:
    completion = finished(Sink().end(), noting(event_log))
    await event_log.until("finished")
    completion.cancel()
    completion.cancel()
    assert await completion is None


async def test_cancel_within_the_tick_that_would_tell(event_log: EventLog) -> None:
    sink = Sink().destroy()
    await ticks()
    finished(sink, noting(event_log)).cancel()
    await ticks()
    assert event_log == []


async def test_who_awaits_what_is_cancelled_gets_an_abort_error() -> None:
    completion = finished(Sink())
    task = asyncio.ensure_future(completion)
    await turns(1)
    completion.cancel()
    for waiting in (task, completion):
        with pytest.raises(AbortError):
            await waiting


async def test_a_callback_is_called_once(event_log: EventLog) -> None:
    stream = PassThrough().resume()
    finished(stream, noting(event_log))
    stream.end()
    await ticks()
    stream.emit("error", ValueError())
    await ticks()
    assert event_log == [("finished", None)]


# -- signals ----------------------------------------------------------------------------------------------------------


async def test_a_signal_stops_waiting_and_leaves_the_stream(event_log: EventLog) -> None:
    controller, sink = AbortController(), Sink()
    reason = ValueError("enough")
    finished(sink, lambda error: event_log(type(error), error and error.__cause__), signal=controller.signal)
    controller.abort(reason)
    assert event_log == [(AbortError, reason)]
    assert (sink.destroyed, sink.event_names()) == (False, [])


async def test_an_aborted_signal_tells_on_the_next_tick(event_log: EventLog) -> None:
    finished(Sink(), noting(event_log), signal=AbortSignal.abort())
    assert event_log == []
    await ticks()
    assert event_log == [("finished", AbortError)]


async def test_a_signal_is_let_go_of_when_it_is_over(event_log: EventLog) -> None:
    controller = AbortController()
    finished(Sink().end(), noting(event_log), signal=controller.signal)
    await event_log.until("finished")
    assert controller.signal.listener_count("abort") == 0


# -- awaiting ---------------------------------------------------------------------------------------------------------


async def test_it_can_be_awaited_before_and_after(event_log: EventLog) -> None:
    completion = finished(Source().resume())
    assert await completion is None
    assert await completion is None


async def test_awaiting_raises_the_error() -> None:
    source = Source(b"a", ValueError("why"))
    completion = finished(source.resume())
    for _ in range(2):
        with pytest.raises(ValueError, match="why"):
            await completion


async def test_cancelling_the_only_task_that_waits_takes_the_listeners_off() -> None:
    sink = Sink()
    completion = finished(sink)
    one, other = asyncio.ensure_future(completion), asyncio.ensure_future(completion)
    await turns(1)
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert sink.event_names() != []
    other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await other
    assert sink.event_names() == []


async def test_a_task_cancelled_as_it_is_told_does_not_keep_the_others_from_hearing() -> None:
    sink = Sink()
    completion = finished(sink)
    one, other = asyncio.ensure_future(completion), asyncio.ensure_future(completion)
    await turns(1)
    one.cancel()
    sink.emit("close")
    with pytest.raises(asyncio.CancelledError):
        await one
    with pytest.raises(StreamPrematureCloseError):
        await other


def test_an_error_that_outlives_its_loop_is_told_nobody() -> None:
    async def main() -> object:
        completion = finished(Source(ValueError("why")).resume())
        await turns(2)
        return completion

    completion = asyncio.run(main())
    del completion
    gc.collect()


async def test_an_error_that_nobody_awaits_is_one_nobody_listens_to(loop_errors: LoopErrors) -> None:
    source = Source(ValueError("why"))
    completion = finished(source.resume())
    await turns(2)
    assert loop_errors == []
    del source, completion
    gc.collect()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


@pytest.mark.parametrize(
    ("arguments", "options"), [((5,), {}), ((None,), {}), (("sink", 5), {}), (("sink",), {"signal": 5})]
)
async def test_arguments_of_the_wrong_type_are_refused(arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    call: Any = finished
    with pytest.raises(InvalidArgTypeError):
        call(*(Sink() if each == "sink" else each for each in arguments), **options)
