"""pipeline: streams in a chain, each failing at each moment. The expectations were read off Node 20."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import (
    AbortError,
    InvalidArgTypeError,
    MissingArgsError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.stream import Duplex, PassThrough, Transform, finished, pipeline
from tests.unit.stream.helpers import (
    BoomError,
    Endless,
    HeldSink,
    Sink,
    Source,
    assert_nothing_runs,
    ignore,
    later,
    letters,
    ticks,
    turns,
    upper,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


# -- what can stand where ---------------------------------------------------------------------------------------------


async def test_streams_in_a_chain(event_log: EventLog) -> None:
    sink = Sink()
    pipeline(Source(b"a", b"b"), PassThrough(), PassThrough(), sink, callback=event_log.entry("over"))
    await event_log.until("over")
    assert (b"".join(sink.chunks), event_log) == (b"ab", [("over", None)])


async def test_it_is_over_when_the_last_stream_has_closed(event_log: EventLog) -> None:
    sink = Sink()
    event_log.watch(sink, "finish", "close")
    pipeline(Source(b"a"), sink, callback=event_log.entry("over"))
    await event_log.until("over")
    assert event_log == [("finish",), ("close",), ("over", None)]


@pytest.mark.parametrize("make", [lambda: [b"a", b"b"], lambda: letters, lambda: lambda: [b"a", b"b"], letters])
async def test_an_iterable_or_a_function_comes_first(make: Callable[[], Any]) -> None:
    sink = Sink()
    assert await pipeline(make(), sink) is None
    assert (sink.chunks, sink.writable_finished) == ([b"a", b"b"], True)


async def test_an_async_iterable_comes_first() -> None:
    sink = Sink()
    await pipeline(letters(), upper, sink)
    assert sink.chunks == [b"A", b"B"]


async def test_a_list_of_stages_is_taken_apart() -> None:
    sink = Sink()
    await pipeline([letters, sink])
    assert sink.chunks == [b"a", b"b"]


async def test_the_pace_is_that_of_the_sink() -> None:
    given: list[int] = []

    async def numbers() -> AsyncIterator[bytes]:
        for number in range(5):
            given.append(number)
            yield b"xx"

    sink = HeldSink(high_water_mark=2)
    completion = pipeline(numbers, sink)
    await turns(5)
    assert given == [0]
    for _ in range(5):
        sink.release()
        await turns(5)
    await completion
    assert given == [0, 1, 2, 3, 4]


async def test_a_sink_that_is_full_from_the_start_is_waited_for() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"first")
    completion = pipeline([b"second"], sink)
    await turns(3)
    assert sink.chunks == [b"first"]
    for _ in range(2):
        sink.release()
        await turns(4)
    await completion
    assert sink.chunks == [b"first", b"second"]


@pytest.mark.parametrize(
    ("stages", "error"),
    [
        ((), MissingArgsError),
        (("source",), MissingArgsError),
        (("sink", "sink"), InvalidArgTypeError),
        (("source", "source"), InvalidArgTypeError),
        (("source", ["an iterable"]), InvalidArgTypeError),
        (("source", ["an iterable"], "sink"), InvalidArgTypeError),
        (("source", "sink", "sink"), InvalidArgTypeError),
        (("source", 5), InvalidArgTypeError),
        ((5, "sink"), InvalidArgTypeError),
    ],
)
async def test_what_cannot_stand_there_is_refused_before_anything_runs(
    stages: tuple[Any, ...], error: type[Exception]
) -> None:
    made = {"source": Endless(), "sink": Sink()}
    streams = [made[stage] if isinstance(stage, str) else stage for stage in stages]
    with pytest.raises(error):
        pipeline(*streams)
    assert all(stream.event_names() == [] for stream in streams if isinstance(stream, (Endless, Sink)))


@pytest.mark.parametrize("options", [{"callback": 5}, {"signal": 5}])
async def test_options_of_the_wrong_type_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgTypeError):
        pipeline(Endless(), Sink(), **options)


# -- errors: each stage at each moment --------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["at once", "a turn later", "after data"])
@pytest.mark.parametrize("failing", [0, 1, 2])
async def test_a_stream_that_fails_destroys_all_with_its_error(failing: int, moment: str, event_log: EventLog) -> None:
    streams: list[Any] = [Endless(), PassThrough(), HeldSink()]
    for index, stream in enumerate(streams):
        stream.on("error", event_log.entry("error", index))
    error = BoomError()
    completion = pipeline(*streams, callback=event_log.entry("over"))
    if moment == "after data":
        streams[0].push(b"data")
        await turns(3)
    if moment == "at once":
        streams[failing].destroy(error)
    else:
        later(streams[failing].destroy, error)
    with pytest.raises(BoomError):
        await completion
    await ticks()
    assert sorted(entry[1] for entry in event_log if entry[0] == "error") == [0, 1, 2]
    assert event_log.count("over", error) == 1
    assert [stream.errored for stream in streams] == [error] * 3
    assert_nothing_runs()


@pytest.mark.parametrize("failing", [0, 1, 2])
async def test_a_stream_that_closes_early_fails_the_chain(failing: int) -> None:
    streams: list[Any] = [Endless(), PassThrough(), HeldSink()]
    later(streams[failing].destroy)
    with pytest.raises(StreamPrematureCloseError):
        await pipeline(*streams)
    assert all(stream.destroyed for stream in streams)


@pytest.mark.parametrize("failing", [0, 1, 2])
async def test_a_stream_that_was_destroyed_before_fails_the_chain(failing: int) -> None:
    streams: list[Any] = [Endless(), PassThrough(), HeldSink()]
    streams[failing].destroy()
    await ticks()
    with pytest.raises(StreamPrematureCloseError):
        await pipeline(*streams)
    assert all(stream.destroyed for stream in streams)


async def test_a_source_destroyed_with_data_left_after_its_end_fails_the_chain() -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    for chunk in (b"a", b"b", None):
        source.push(chunk)
    completion = pipeline(source, sink)
    await turns(2)
    source.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await completion
    assert sink.destroyed


async def test_a_source_destroyed_between_its_last_chunk_and_its_end_fails_the_chain() -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    completion = pipeline(source, sink)
    await ticks()
    source.push(b"a")
    # The sink is full: the source is paused, and so has not told its end.
    source.push(None)
    await turns(2)
    source.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await completion
    assert sink.destroyed


@pytest.mark.parametrize("mark", [0, 1, None])
async def test_what_a_function_raises_is_told_and_not_the_abort_of_the_stream_it_left(mark: int | None) -> None:
    async def fail(source: AsyncIterable[bytes]) -> None:
        async for _ in source:
            raise BoomError

    with pytest.raises(BoomError):
        await pipeline(letters, PassThrough(high_water_mark=mark), fail)
    assert_nothing_runs()


async def test_a_source_that_has_ended_before_ends_the_chain() -> None:
    source, sink = Source().resume(), Sink()
    await finished(source)
    await pipeline(source, sink)
    assert sink.writable_finished


async def test_a_sink_that_was_ended_before_fails_the_chain() -> None:
    with pytest.raises(StreamWriteAfterEndError):
        await pipeline(letters, Sink().end())


async def test_a_sink_that_has_finished_and_closed_fails_the_chain() -> None:
    source, sink = Source(b"a"), Sink().end()
    await finished(sink)
    with pytest.raises(StreamPrematureCloseError):
        await pipeline(source, sink)
    assert source.destroyed


async def test_two_ends_that_are_through_make_a_chain_that_is() -> None:
    source, sink = Source().resume(), Sink().end()
    await finished(source)
    await finished(sink)
    assert await pipeline(source, sink) is None


@pytest.mark.parametrize("hook", ["final", "flush", "construct"])
async def test_a_hook_that_fails_fails_the_chain(hook: str) -> None:
    def fail(callback: Callable[..., None]) -> None:
        later(callback, BoomError())

    options: dict[str, Any] = {hook: fail}
    source, failing = Source(b"a"), Transform(transform=lambda chunk, encoding, callback: callback(), **options)
    with pytest.raises(BoomError):
        await pipeline(source, failing, Sink())
    assert source.destroyed


async def test_an_early_close_gives_way_to_its_cause() -> None:
    source, sink = Endless(), Sink(destroy=lambda error, callback: later(callback, BoomError()))
    later(source.destroy)
    with pytest.raises(BoomError):
        await pipeline(source, sink)


async def test_the_first_error_is_the_chains() -> None:
    class WorseError(Exception):
        pass

    source = Endless()
    sink = Sink(destroy=lambda error, callback: later(callback, WorseError()))
    later(source.destroy, BoomError())
    with pytest.raises(BoomError):
        await pipeline(source, sink)
    await ticks()


# -- end=False --------------------------------------------------------------------------------------------------------


async def test_with_end_false_the_last_stream_goes_on() -> None:
    sink = Sink()
    await pipeline(Source(b"a"), sink, end=False)
    await pipeline(letters, sink, end=False)
    assert (sink.writable, sink.chunks) == (True, [b"a", b"a", b"b"])


async def test_with_end_false_the_last_stream_survives_an_error() -> None:
    sink = Sink()
    with pytest.raises(BoomError):
        await pipeline(Source(b"a", BoomError()), PassThrough(), sink, end=False)
    assert sink.writable


@pytest.mark.parametrize("source", [Endless, lambda: letters])
async def test_with_end_false_the_last_streams_error_is_the_chains(source: Callable[[], Any]) -> None:
    first, sink = source(), HeldSink(high_water_mark=1)
    later(sink.destroy, BoomError())
    with pytest.raises(BoomError):
        await pipeline(first, sink, end=False)
    assert_nothing_runs()


# -- signals and cancelling -------------------------------------------------------------------------------------------


async def test_a_signal_destroys_the_chain() -> None:
    controller, source, sink = AbortController(), Endless(), Sink()
    later(controller.abort, reason := BoomError())
    with pytest.raises(AbortError) as caught:
        await pipeline(source, PassThrough(), sink, signal=controller.signal)
    assert caught.value.__cause__ is reason
    assert (source.destroyed, sink.destroyed) == (True, True)
    assert controller.signal.listener_count("abort") == 0


async def test_an_aborted_signal_destroys_the_chain() -> None:
    source, sink = Endless(), Sink()
    completion = pipeline(source, sink, signal=AbortSignal.abort())
    assert not source.destroyed
    with pytest.raises(AbortError):
        await completion
    assert (source.destroyed, sink.destroyed) == (True, True)


async def test_a_signal_aborted_while_the_chain_is_made_destroys_it() -> None:
    controller, source, sink = AbortController(), Endless(), Sink()
    sink.on("pipe", lambda _: controller.abort())
    with pytest.raises(AbortError):
        await pipeline(source, sink, signal=controller.signal)
    assert (source.destroyed, sink.destroyed) == (True, True)


async def test_a_signal_is_let_go_of_when_it_is_over() -> None:
    controller = AbortController()
    await pipeline(letters, Sink(), signal=controller.signal)
    assert controller.signal.listener_count("abort") == 0
    controller.abort()


async def test_cancelling_the_task_that_awaits_destroys_every_stage(event_log: EventLog) -> None:
    async def forever(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in source:
                yield chunk
        finally:
            event_log("closed")

    source, through, sink = Endless(), PassThrough(), Sink()
    task = asyncio.ensure_future(pipeline(source, through, forever, sink))
    await turns(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (source.destroyed, through.destroyed, sink.destroyed) == (True, True, True)
    await turns(3)
    assert event_log == [("closed",)]
    assert_nothing_runs()


async def test_a_timeout_destroys_every_stage() -> None:
    source, sink = Endless(), Sink()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await pipeline(source, sink)
    assert (source.destroyed, sink.destroyed) == (True, True)


async def test_cancel_destroys_and_tells_no_callback(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    completion = pipeline(source, sink, callback=event_log.entry("over"))
    completion.cancel()
    await ticks()
    assert (source.destroyed, sink.destroyed, event_log) == (True, True, [])


async def test_cancel_after_the_end_does_nothing(event_log: EventLog) -> None:
    sink = Sink()
    completion = pipeline(letters, sink, callback=event_log.entry("over"))
    await completion
    completion.cancel()
    assert (event_log, sink.errored, await completion) == ([("over", None)], None, None)


# -- what is left -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [None, BoomError("why")])
async def test_no_listener_is_left_on_streams_that_have_closed(error: Exception | None) -> None:
    streams: list[Any] = [Source(b"a", *([error] if error else [])), PassThrough(), Sink()]
    completion = pipeline(*streams)
    if error is None:
        await completion
    else:
        with pytest.raises(BoomError):
            await completion
    await ticks()
    # A Transform listens to itself.
    assert [stream.event_names() for stream in streams] == [[], ["prefinish"], []]


async def test_no_listener_is_left_on_a_last_stream_that_goes_on() -> None:
    echo = Duplex(read=ignore, write=lambda chunk, encoding, callback: callback())
    await pipeline(letters, echo)
    assert (echo.event_names(), echo.readable) == ([], True)


async def test_a_duplex_that_comes_first_keeps_its_writable_side() -> None:
    duplex = Duplex(read=ignore, write=lambda chunk, encoding, callback: callback())
    duplex.push(b"a")
    duplex.push(None)
    sink = Sink()
    await pipeline(duplex, sink)
    assert (sink.chunks, duplex.writable) == ([b"a"], True)


async def test_an_error_that_nobody_awaits_is_one_nobody_listens_to(loop_errors: LoopErrors) -> None:
    pipeline(Source(BoomError("why")), Sink())
    await turns(3)
    gc.collect()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]
