"""Duplex.from_: what is Python's own of it, and where the newer Node is followed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import run
from sockstream.errors import AbortError, InvalidArgTypeError, InvalidReturnValueError, StreamPrematureCloseError
from sockstream.stream import Duplex, Readable
from tests.support.loops import FACTORIES
from tests.unit.stream.helpers import Endless, Sink, ignore, later, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterator

    from tests.support.events import EventLog


def consuming(log: EventLog) -> Callable[[AsyncIterable[Any]], Coroutine[Any, Any, None]]:
    """Return a coroutine function that notes what it reads, and how it ends."""

    async def consume(source: AsyncIterable[Any]) -> None:
        try:
            async for chunk in source:
                log("took", chunk)
        except asyncio.CancelledError:
            await turns(1)
            log("cancelled")
            raise

    return consume


def passing(log: EventLog) -> Callable[[AsyncIterable[Any]], AsyncIterator[Any]]:
    """Return an async generator function that notes how it ends."""

    async def passes(source: AsyncIterable[Any]) -> AsyncIterator[Any]:
        try:
            async for chunk in source:
                yield chunk
        finally:
            log("closed")

    return passes


# -- functions --------------------------------------------------------------------------------------------------------


async def test_destroying_that_of_a_generator_function_closes_the_generator(event_log: EventLog) -> None:
    stream = Duplex.from_(passing(event_log)).on("error", ignore)
    event_log.watch(stream, "data", "close")
    stream.write("a")
    await event_log.until("data")
    stream.destroy(ValueError("why"))
    await event_log.until("close")
    assert event_log == [("data", "a"), ("closed",), ("close",)]


async def test_destroying_that_of_a_coroutine_function_waits_for_its_tidying_up(event_log: EventLog) -> None:
    stream = Duplex.from_(consuming(event_log))
    event_log.watch(stream, "error", "close")
    stream.write("a")
    await event_log.until("took")
    stream.destroy()
    await event_log.until("close")
    assert event_log == [("took", "a"), ("cancelled",), ("close",)]


async def test_what_tidying_up_raises_is_the_streams_error(event_log: EventLog) -> None:
    async def consume(source: AsyncIterable[Any]) -> None:
        try:
            async for _ in source:
                event_log("took")
        finally:
            raise ValueError("from tidying up")

    stream = Duplex.from_(consume)
    stream.on("error", lambda error: event_log(str(error)))
    stream.write("a")
    await event_log.until("took")
    stream.destroy()
    await event_log.until("from tidying up")


async def test_a_coroutine_function_that_returns_early_aborts_its_stream(event_log: EventLog) -> None:
    async def early(source: AsyncIterable[Any]) -> None:
        async for _ in source:
            return

    stream = Duplex.from_(early)
    event_log.watch(stream, "error", "close")
    stream.write("a")
    await event_log.until("close")
    assert [type(entry[-1]) for entry in event_log] == [AbortError, str]


async def test_one_that_returns_something_fails_its_stream(event_log: EventLog) -> None:
    async def returning(source: AsyncIterable[Any]) -> int:
        return len([chunk async for chunk in source])

    stream = Duplex.from_(returning).on("error", event_log.entry("error"))
    stream.end("a")
    await event_log.until("error")
    assert isinstance(event_log[0][1], InvalidReturnValueError)


async def test_a_write_is_done_when_the_function_has_taken_it(event_log: EventLog) -> None:
    gate = asyncio.Event()

    async def slow(source: AsyncIterable[Any]) -> None:
        await gate.wait()
        async for chunk in source:
            event_log("took", chunk)

    stream = Duplex.from_(slow)
    stream.write("a", callback=lambda _: event_log("written"))
    await turns(5)
    assert event_log == []
    gate.set()
    await event_log.until("written")
    stream.end()
    assert event_log == [("took", "a"), ("written",)]


async def test_a_plain_generator_function_may_give_what_does_not_depend_on_the_input() -> None:
    def giving(_: object) -> Iterator[int]:
        yield from (1, 2)

    stream = Duplex.from_(giving)
    assert await stream.to_list() == [1, 2]
    stream.destroy()


async def test_a_function_that_returns_neither_is_refused() -> None:
    with pytest.raises(InvalidReturnValueError):
        Duplex.from_(lambda _: 5)


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
@pytest.mark.parametrize("make", [consuming, passing])
def test_a_function_that_nothing_is_written_to_does_not_keep_run_alive(
    factory: Any, make: Any, event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        stream = Duplex.from_(make(event_log))
        stream.write("a")
        if stream.readable:
            stream.resume()
        await turns(5)

    run(main, loop_factory=factory)
    assert event_log[-1][0] in ("cancelled", "closed")
    assert caplog.records == []


# -- awaitables -------------------------------------------------------------------------------------------------------


async def test_an_awaitable_is_cancelled_with_its_stream(event_log: EventLog) -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stream = Duplex.from_(future)
    event_log.watch(stream, "error", "close")
    await turns(2)
    stream.destroy()
    await event_log.until("close")
    await turns(2)
    assert (event_log, future.cancelled()) == ([("close",)], True)


async def test_an_awaitable_that_is_cancelled_aborts_its_stream() -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stream = Duplex.from_(future)
    later(future.cancel)
    with pytest.raises(AbortError):
        await stream.to_list()


# -- two streams ------------------------------------------------------------------------------------------------------


async def test_a_readable_that_fails_destroys_the_writable_too(event_log: EventLog) -> None:
    readable, writable = Endless(), Sink().on("error", ignore)
    stream = Duplex.from_(readable=readable.on("error", ignore), writable=writable)
    event_log.watch(stream.on("error", ignore), "close")
    error = ValueError("why")
    readable.destroy(error)
    await event_log.until("close")
    assert (stream.errored, writable.errored) == (error, error)


async def test_a_readable_that_closes_early_destroys_the_writable_too(event_log: EventLog) -> None:
    readable, writable = Endless(), Sink().on("error", ignore)
    stream = Duplex.from_(readable=readable, writable=writable)
    event_log.watch(stream.on("error", ignore), "close")
    readable.destroy()
    await event_log.until("close")
    assert isinstance(stream.errored, StreamPrematureCloseError)
    assert writable.destroyed


async def test_a_writable_that_fails_destroys_the_readable_too(event_log: EventLog) -> None:
    readable, writable = Endless().on("error", ignore), Sink()
    stream = Duplex.from_(readable=readable, writable=writable.on("error", ignore))
    event_log.watch(stream.on("error", ignore), "close")
    writable.destroy(ValueError("why"))
    await event_log.until("close")
    assert (readable.destroyed, str(stream.errored)) == (True, "why")


async def test_the_sides_may_be_made_of_anything(event_log: EventLog) -> None:
    stream = Duplex.from_(readable=[1, 2], writable=consuming(event_log))
    stream.end("a")
    assert await stream.to_list() == [1, 2]
    assert event_log == [("took", "a")]


async def test_a_side_that_is_not_of_its_kind_is_refused() -> None:
    for sides in ({"readable": Sink()}, {"writable": Endless()}, {"readable": 5}):
        with pytest.raises(InvalidArgTypeError):
            Duplex.from_(**sides)


async def test_a_duplex_is_returned_as_it_is() -> None:
    stream = Duplex.from_(Readable.from_([]))
    assert Duplex.from_(stream) is stream
    stream.resume()
    await turns(5)
