"""Readable.from_: what is Python's own of it. What Node does is in tests/node."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import io
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortSignal, run
from sockstream.errors import AbortError, InvalidArgTypeError
from sockstream.stream import PassThrough, Readable
from tests.support.loops import FACTORIES
from tests.unit.stream.helpers import ignore, later, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.support.events import EventLog


async def one_forever(log: EventLog) -> AsyncIterator[int]:
    """Give one chunk, then wait; note how the wait ends."""
    try:
        yield 1
        await asyncio.get_running_loop().create_future()
    except BaseException as error:
        log(type(error).__name__)
        raise
    finally:
        log("closed")


async def given(log: EventLog, *chunks: int) -> AsyncIterator[int]:
    """Give chunks; note how it ends."""
    try:
        for chunk in chunks:
            yield chunk
    except BaseException as error:
        log(type(error).__name__)
        raise
    finally:
        log("closed")


# -- one task ---------------------------------------------------------------------------------------------------------


async def test_an_async_generator_runs_in_one_task() -> None:
    async def giving() -> AsyncIterator[Any]:
        for _ in range(3):
            yield asyncio.current_task()
            await turns(1)

    tasks = await Readable.from_(giving()).to_list()
    assert (len(tasks), len(set(tasks))) == (3, 1)


async def test_context_variables_last_from_chunk_to_chunk() -> None:
    variable = contextvars.ContextVar("variable", default=0)

    async def giving() -> AsyncIterator[int]:
        for _ in range(3):
            variable.set(variable.get() + 1)
            yield variable.get()

    assert await Readable.from_(giving()).to_list() == [1, 2, 3]
    assert variable.get() == 0


async def test_a_timeout_may_be_open_across_a_yield() -> None:
    async def giving() -> AsyncIterator[str]:
        try:
            async with asyncio.timeout(None) as limit:
                yield "before"
                limit.reschedule(asyncio.get_running_loop().time())
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            yield "late"

    assert await Readable.from_(giving()).to_list() == ["before", "late"]


async def test_a_task_group_may_be_open_across_a_yield() -> None:
    async def giving() -> AsyncIterator[int]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0, number)) for number in range(3)]
            for task in tasks:
                yield await task

    assert await Readable.from_(giving(), high_water_mark=2).to_list() == [0, 1, 2]


# -- destroying -------------------------------------------------------------------------------------------------------


async def test_one_that_awaits_is_cancelled_when_its_stream_is_destroyed(event_log: EventLog) -> None:
    stream = Readable.from_(one_forever(event_log))
    event_log.watch(stream, "error", "close")
    stream.on("data", lambda _: later(stream.destroy))
    await event_log.until("close")
    assert event_log == [("CancelledError",), ("closed",), ("close",)]


async def test_destroyed_with_data_to_come_it_has_no_end(event_log: EventLog) -> None:
    stream = Readable.from_(given(event_log, 1, 2, 3))
    event_log.watch(stream, "end", "close")
    stream.once("data", lambda _: stream.destroy())
    await event_log.until("close")
    assert event_log == [("GeneratorExit",), ("closed",), ("close",)]


async def test_one_that_was_destroyed_before_its_first_step_never_runs(event_log: EventLog) -> None:
    stream = Readable.from_(given(event_log, 1))
    event_log.watch(stream, "close")
    stream.read()
    stream.destroy()
    await event_log.until("close")
    assert event_log == [("close",)]


async def test_destroyed_in_its_own_body_it_may_tidy_up(event_log: EventLog) -> None:
    async def giving() -> AsyncIterator[int]:
        try:
            yield 1
            stream.destroy()
            yield 2
        finally:
            await turns(2)
            event_log("closed")

    stream = Readable.from_(giving())
    event_log.watch(stream, "data", "error", "close")
    await event_log.until("close")
    assert event_log == [("data", 1), ("closed",), ("close",)]


async def test_destroyed_in_its_own_body_what_it_awaits_then_is_cancelled(event_log: EventLog) -> None:
    async def giving() -> AsyncIterator[int]:
        yield 1
        stream.destroy(ValueError("why"))
        await asyncio.get_running_loop().create_future()

    stream = Readable.from_(giving()).resume().on("error", ignore)
    event_log.watch(stream, "close")
    await event_log.until("close")
    assert str(stream.errored) == "why"


async def test_one_that_swallows_the_cancellation_and_goes_on_is_closed(event_log: EventLog) -> None:
    async def stubborn() -> AsyncIterator[int]:
        yield 1
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            event_log("cancelled")
        try:
            yield 2
        except ValueError as error:
            event_log(str(error))

    stream = Readable.from_(stubborn()).on("error", ignore)
    event_log.watch(stream, "data", "close")
    await event_log.until("data")
    later(stream.destroy, ValueError("why"))
    await event_log.until("close")
    assert event_log == [("data", 1), ("cancelled",), ("why",), ("close",)]


async def test_one_that_swallows_the_cancellation_and_returns_has_no_end(event_log: EventLog) -> None:
    async def stubborn() -> AsyncIterator[int]:
        yield 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.get_running_loop().create_future()

    stream = Readable.from_(stubborn())
    event_log.watch(stream, "data", "end", "close")
    await event_log.until("data")
    later(stream.destroy)
    await event_log.until("close")
    assert event_log == [("data", 1), ("close",)]


async def test_one_that_yields_again_when_the_error_is_thrown_in_is_closed(event_log: EventLog) -> None:
    async def stubborn() -> AsyncIterator[int]:
        try:
            yield 1
        except ValueError:
            try:
                yield 2
            finally:
                event_log("closed")

    stream = Readable.from_(stubborn()).on("error", ignore)
    event_log.watch(stream, "close")
    stream.once("data", lambda _: stream.destroy(ValueError("why")))
    await event_log.until("close")
    assert (event_log, str(stream.errored)) == ([("closed",), ("close",)], "why")


class Closing:
    """An async iterator that is no generator."""

    def __init__(self, log: EventLog, error: BaseException | None = None) -> None:
        self.log = log
        self.error = error

    def __aiter__(self) -> Closing:
        return self

    async def __anext__(self) -> int:
        if self.log:
            raise StopAsyncIteration
        self.log("asked")
        return 1

    async def aclose(self) -> None:
        self.log("aclose")
        if self.error is not None:
            raise self.error


async def test_an_iterator_that_is_no_generator_is_closed_at_its_end(event_log: EventLog) -> None:
    assert await Readable.from_(Closing(event_log)).to_list() == [1]
    assert event_log == [("asked",), ("aclose",)]


async def test_an_aclose_that_raises_fails_the_stream(event_log: EventLog) -> None:
    stream = Readable.from_(Closing(event_log, OSError("from aclose")))
    event_log.watch(stream, "close").watch(stream.on("error", lambda error: event_log(str(error))))
    stream.once("data", lambda _: stream.destroy())
    await event_log.until("close")
    assert event_log == [("asked",), ("aclose",), ("from aclose",), ("close",)]


async def test_an_iterator_that_cannot_be_closed_needs_not_be(event_log: EventLog) -> None:
    class Plain:
        def __aiter__(self) -> Plain:
            return self

        async def __anext__(self) -> int:
            return 1

    for stream in (Readable.from_(Plain()), Readable.from_(iter([1, 2]))):
        event_log.watch(stream, "close").watch(stream.on("error", ignore))
        stream.once("data", lambda _, stream=stream: stream.destroy(ValueError("why")))
    await event_log.until("close", count=2)


async def test_a_task_that_others_cancel_closes_the_stream_without_a_word(event_log: EventLog) -> None:
    async def giving() -> AsyncIterator[Any]:
        yield asyncio.current_task()
        await asyncio.get_running_loop().create_future()

    stream = Readable.from_(giving())
    event_log.watch(stream, "error", "close")
    stream.on("data", lambda task: later(task.cancel))
    await event_log.until("close")
    assert event_log == [("close",)]


async def test_a_cancellation_from_within_is_an_abort_error(event_log: EventLog) -> None:
    async def giving() -> AsyncIterator[int]:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future
        yield 1

    with pytest.raises(AbortError):
        await Readable.from_(giving()).to_list()


async def test_a_signal_that_was_aborted_before(event_log: EventLog) -> None:
    for iterable in ([1], given(event_log, 1)):
        with pytest.raises(AbortError):
            await Readable.from_(iterable, signal=AbortSignal.abort()).to_list()
    assert event_log == []


# -- plain iterators --------------------------------------------------------------------------------------------------


async def test_a_plain_generator_that_destroys_its_stream_is_closed_when_it_has_given_its_chunk(
    event_log: EventLog,
) -> None:
    def giving() -> Iterator[int]:
        try:
            stream.destroy()
            event_log("goes on")
            yield 1
        finally:
            event_log("closed")

    stream = Readable.from_(giving())
    event_log.watch(stream, "data", "error", "close")
    await event_log.until("close")
    assert event_log == [("goes on",), ("closed",), ("close",)]


async def test_what_was_to_be_awaited_is_not_when_the_stream_was_destroyed(event_log: EventLog) -> None:
    def giving() -> Iterator[Any]:
        stream.destroy()
        yield asyncio.sleep(0)

    stream = Readable.from_(giving())
    event_log.watch(stream, "data", "close")
    await event_log.until("close")
    assert event_log == [("close",)]


async def test_what_is_awaited_is_cancelled_with_the_stream(event_log: EventLog) -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stream = Readable.from_([future]).resume()
    await turns(2)
    stream.destroy()
    await turns(2)
    assert future.cancelled()


async def test_the_destroying_error_may_be_any_exception(event_log: EventLog) -> None:
    def giving() -> Iterator[int]:
        yield 1
        yield 2

    stream = Readable.from_(giving()).on("error", event_log.entry("error"))
    stream.once("data", lambda _: stream.destroy(asyncio.CancelledError()))
    await event_log.until("error")
    assert isinstance(stream.errored, asyncio.CancelledError)


def test_a_keyboard_interrupt_is_not_swallowed() -> None:
    def giving() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    def main() -> None:
        Readable.from_(giving()).resume()

    with pytest.raises(KeyboardInterrupt):
        run(main)


async def test_a_keyboard_interrupt_from_closing_is_not_swallowed() -> None:
    def giving() -> Iterator[int]:
        try:
            yield 1
        finally:
            raise KeyboardInterrupt

    stream = Readable.from_(giving())
    stream.read()
    with pytest.raises(KeyboardInterrupt):
        stream.destroy()


async def test_a_future_is_no_iterable() -> None:
    future: Any = asyncio.get_running_loop().create_future()
    with pytest.raises(InvalidArgTypeError):
        Readable.from_(future)


async def test_lines_of_a_file() -> None:
    assert await Readable.from_(io.StringIO("a\nb\n")).to_list() == ["a\n", "b\n"]


async def test_str_and_bytes_like_are_one_chunk() -> None:
    for chunk in ("text", b"bytes", bytearray(b"array"), memoryview(b"view")):
        assert await Readable.from_(chunk).to_list() == [chunk]


# -- run --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
def test_an_idle_generator_does_not_keep_run_alive(
    factory: Any, event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        Readable.from_(given(event_log, 1, 2, 3)).read()
        await turns(4)

    run(main, loop_factory=factory)
    assert (event_log, caplog.records) == ([("GeneratorExit",), ("closed",)], [])


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
def test_one_that_works_keeps_run_alive(factory: Any, event_log: EventLog) -> None:
    async def slow() -> AsyncIterator[int]:
        await turns(5)
        yield 1

    def main() -> None:
        Readable.from_(slow()).on("data", event_log)

    run(main, loop_factory=factory)
    assert event_log == [(1,)]


# -- pipes ------------------------------------------------------------------------------------------------------------


async def test_a_pipe_asks_at_the_destinations_pace() -> None:
    asked = 0

    async def giving() -> AsyncIterator[bytes]:
        nonlocal asked
        for asked in range(1, 50):  # noqa: B007
            yield b"x"

    source = Readable.from_(giving())
    source.pipe(PassThrough(high_water_mark=2))
    await turns(10)
    assert 0 < asked < 10
    source.destroy()
