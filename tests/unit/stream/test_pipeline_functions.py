"""pipeline with functions and iterables: where they can stand, and how they end. Node 20 was asked."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    AbortError,
    InvalidArgTypeError,
    InvalidReturnValueError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.stream import PassThrough, finished, pipeline
from tests.unit.stream.helpers import (
    BoomError,
    Endless,
    HeldSink,
    Sink,
    Source,
    assert_nothing_runs,
    joined,
    later,
    letters,
    raise_,
    ticks,
    turns,
    upper,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterator

    from tests.support.events import EventLog


async def test_functions_between_streams() -> None:
    sink = Sink()
    await pipeline(Source(b"a", b"b"), upper, PassThrough(), upper, upper, sink)
    assert b"".join(sink.chunks) == b"AB"


async def test_a_coroutine_function_at_the_end_gives_the_result() -> None:
    assert await pipeline(Source(b"a", b"b"), upper, joined) == b"AB"
    assert await pipeline(letters, joined) == b"ab"


async def test_a_plain_generator_may_stand_between() -> None:
    def fixed(source: object) -> Iterator[bytes]:
        yield b"fixed"

    assert await pipeline(letters, fixed, joined) == b"fixed"


async def test_an_async_generator_at_the_end_is_run_to_its_end(event_log: EventLog) -> None:
    async def note(source: AsyncIterable[bytes]) -> AsyncIterator[None]:
        async for chunk in source:
            event_log(chunk)
            yield

    assert await pipeline(letters, note) is None
    assert event_log == [(b"a",), (b"b",)]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda source: 5, InvalidReturnValueError),
        (joined, InvalidReturnValueError),
        (lambda source: raise_(BoomError()), BoomError),
    ],
)
async def test_a_function_that_returns_nothing_to_iterate_fails_at_the_call(
    function: Any, error: type[Exception]
) -> None:
    source, through = Endless(), PassThrough()
    with pytest.raises(error):
        pipeline(source, through, function, Sink())
    assert (source.destroyed, through.destroyed) == (True, True)
    await turns(2)
    gc.collect()
    assert_nothing_runs()


@pytest.mark.parametrize("chunks", [0, 1])
async def test_a_generator_that_fails_destroys_the_streams_after_it(chunks: int) -> None:
    async def failing() -> AsyncIterator[bytes]:
        for _ in range(chunks):
            yield b"a"
        raise BoomError

    through, sink = PassThrough(), Sink()
    with pytest.raises(BoomError):
        await pipeline(failing, through, sink)
    assert [type(stream.errored) for stream in (through, sink)] == [BoomError, BoomError]


async def test_a_generator_between_that_fails_destroys_both_ends() -> None:
    async def failing(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in source:
            yield chunk
            raise BoomError

    source, sink = Source(b"a", b"b"), Sink()
    with pytest.raises(BoomError):
        await pipeline(source, failing, sink)
    assert (source.destroyed, type(sink.errored)) == (True, BoomError)
    assert_nothing_runs()


async def test_generators_are_closed_when_the_sink_fails(event_log: EventLog) -> None:
    async def first() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"xx"
        finally:
            event_log("first closed")

    async def second(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in source:
                yield chunk
        finally:
            event_log("second closed")

    sink = HeldSink(high_water_mark=1)
    completion = pipeline(first, second, sink)
    await turns(5)
    sink.release(BoomError())
    with pytest.raises(BoomError):
        await completion
    assert event_log == [("second closed",), ("first closed",)]
    assert_nothing_runs()


async def test_a_generator_that_waits_for_something_else_is_cancelled(event_log: EventLog) -> None:
    async def waiting() -> AsyncIterator[bytes]:
        yield b"a"
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            event_log("closed")

    sink = Sink()
    completion = pipeline(waiting, sink)
    await turns(5)
    later(sink.destroy)
    with pytest.raises(StreamPrematureCloseError):
        await completion
    assert event_log == [("closed",)]
    assert_nothing_runs()


async def noting(source: AsyncIterable[bytes], log: EventLog) -> AsyncIterator[bytes]:
    """Note what it is left with, and that it may wait on its way out."""
    try:
        async for chunk in source:
            yield chunk
    except Exception as error:
        log("raised", type(error))
        await turns(2)
        log("tidied up")
        raise


@pytest.mark.parametrize("error", [None, BoomError()])
async def test_an_error_is_raised_within_the_generators_that_wait(error: Exception | None, event_log: EventLog) -> None:
    source = Endless()
    completion = pipeline(source, lambda chunks: noting(chunks, event_log), upper, Sink())
    await turns(3)
    later(source.destroy, error)
    with pytest.raises(StreamPrematureCloseError if error is None else BoomError):
        await completion
    assert event_log == [("raised", StreamPrematureCloseError if error is None else BoomError), ("tidied up",)]
    assert_nothing_runs()


async def test_a_sinks_error_is_raised_within_the_generators_that_wait(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    completion = pipeline(source, lambda chunks: noting(chunks, event_log), sink)
    await turns(3)
    later(sink.destroy, BoomError())
    with pytest.raises(BoomError):
        await completion
    assert event_log == [("raised", BoomError), ("tidied up",)]
    assert_nothing_runs()


async def test_generators_that_wait_for_a_source_without_close_are_cancelled(event_log: EventLog) -> None:
    source, sink = Endless(emit_close=False), Sink()
    completion = pipeline(source, upper, sink)
    await turns(3)
    source.destroy()
    later(sink.destroy)
    with pytest.raises(StreamPrematureCloseError):
        await completion
    assert_nothing_runs()


async def test_a_write_that_fails_at_once_destroys_the_source_with_its_error() -> None:
    source = Source(b"a", b"b")
    failing = Sink(write=lambda chunk, encoding, callback: callback(BoomError()))
    with pytest.raises(BoomError):
        await pipeline(source, upper, failing)
    assert isinstance(source.errored, BoomError)


async def test_a_stream_that_a_function_gave_is_destroyed_when_it_is_left() -> None:
    source, sink = Source(b"a", b"b"), HeldSink(high_water_mark=1)
    completion = pipeline(lambda: source, sink)
    await turns(5)
    sink.release(BoomError())
    with pytest.raises(BoomError):
        await completion
    assert source.destroyed


async def test_a_stream_that_a_function_gave_is_destroyed_when_its_chunk_is_refused() -> None:
    source = Source(5, 6, object_mode=True)
    with pytest.raises(InvalidArgTypeError):
        await pipeline(lambda: source, Sink())
    assert source.destroyed


async def test_a_coroutine_function_that_has_not_begun_is_closed() -> None:
    completion = pipeline(Source(b"a"), joined)
    completion.cancel()
    with pytest.raises(AbortError):
        await completion
    await turns(2)
    gc.collect()  # a coroutine that nobody awaits would warn
    assert_nothing_runs()


async def test_a_sink_ended_while_a_generator_writes_fails_the_chain() -> None:
    async def given() -> AsyncIterator[bytes]:
        yield b"a"
        sink.end()
        await finished(sink)
        yield b"b"

    sink = Sink()
    with pytest.raises(StreamWriteAfterEndError):
        await pipeline(given, sink)


async def test_a_coroutine_function_that_fails_destroys_the_source() -> None:
    async def failing(source: AsyncIterable[bytes]) -> None:
        async for _ in source:
            raise BoomError

    source = Source(b"a", b"b")
    with pytest.raises(BoomError):
        await pipeline(source, failing)
    assert source.destroyed


async def test_a_coroutine_function_may_return_early(event_log: EventLog) -> None:
    async def first(source: AsyncIterable[bytes]) -> bytes:
        async for chunk in source:
            return chunk
        return b""

    source = Source(b"a", b"b", high_water_mark=1)
    assert await pipeline(source, first) == b"a"
    assert source.destroyed


async def test_the_result_stays_when_an_earlier_part_ends_later() -> None:
    async def slow() -> AsyncIterator[bytes]:
        await turns(5)
        yield b"a"

    async def nothing(source: object) -> str:
        return "nothing"

    assert await pipeline(slow, PassThrough(), nothing) == "nothing"


async def test_a_source_that_is_not_read_is_destroyed_in_the_end() -> None:
    async def nothing(source: object) -> str:
        return "nothing"

    source = Endless()
    assert await pipeline(source, nothing) == "nothing"
    assert source.destroyed
    await ticks()
