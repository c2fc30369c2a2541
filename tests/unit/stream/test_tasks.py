"""Streams and tasks: what a cancelled task destroys, what it leaves alone, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import AbortError
from sockstream.stream import PassThrough, Readable, Transform, Writable, finished, pipeline
from tests.unit.stream.helpers import (
    BoomError,
    Both,
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
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


async def never() -> None:
    """Wait for what does not come."""
    await asyncio.get_running_loop().create_future()


async def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task once it waits, and see that it ends by that."""
    await turns(4)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def iterate(stream: Readable, log: EventLog) -> None:
    """Note each chunk."""
    async for chunk in stream:
        log(chunk)


def names(*streams: Any) -> list[list[str]]:
    """Return what is listened to on each stream; a Transform listens to itself."""
    return [[name for name in stream.event_names() if name != "prefinish"] for stream in streams]


# -- async for --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Endless, Both, PassThrough])
async def test_a_cancelled_iteration_destroys_the_stream(make: Callable[[], Any], event_log: EventLog) -> None:
    stream = make()
    await cancel(asyncio.create_task(iterate(stream, event_log)))
    assert (stream.destroyed, type(stream.errored)) == (True, AbortError)
    await ticks()
    assert_nothing_runs()


async def test_an_iteration_cancelled_in_its_body_destroys_the_stream() -> None:
    async def body() -> None:
        async for _ in source:
            await never()

    source = Source(b"a", b"b")
    await cancel(asyncio.create_task(body()))
    assert isinstance(source.errored, AbortError)
    await ticks()


async def test_an_iteration_that_is_to_leave_the_stream_leaves_it_when_cancelled(event_log: EventLog) -> None:
    async def body() -> None:
        async for chunk in source.iterator(destroy_on_return=False):
            event_log(chunk)

    source = Endless()
    await cancel(asyncio.create_task(body()))
    assert (source.destroyed, source.event_names()) == (False, [])
    source.push(b"a")
    source.push(None)
    await iterate(source, event_log)
    assert event_log == [(b"a",)]


async def test_an_iteration_cancelled_as_a_chunk_comes_destroys_the_stream(event_log: EventLog) -> None:
    source = Endless()
    task = asyncio.create_task(iterate(source, event_log))
    await turns(4)
    source.push(b"a")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (source.destroyed, event_log) == (True, [])
    await ticks()


async def test_an_iteration_cancelled_before_its_first_step_leaves_the_stream(event_log: EventLog) -> None:
    source = Endless()
    task = asyncio.create_task(iterate(source, event_log))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (source.destroyed, source.event_names()) == (False, [])


async def test_a_cancelled_iteration_cancels_the_read_hook(event_log: EventLog) -> None:
    async def read(size: int) -> None:
        try:
            await never()
        finally:
            event_log("read is over")

    await cancel(asyncio.create_task(iterate(Readable(read=read), event_log)))
    await turns(2)
    assert event_log == [("read is over",)]
    assert_nothing_runs()


# -- pipeline ---------------------------------------------------------------------------------------------------------


async def run(awaitable: Awaitable[Any]) -> Any:
    """Await within a coroutine, as a user's program does."""
    return await awaitable


async def test_a_cancelled_pipeline_destroys_every_stage_with_an_abort_error() -> None:
    streams: list[Any] = [Endless(), PassThrough(), Sink()]
    await cancel(asyncio.create_task(run(pipeline(*streams))))
    assert [type(stream.errored) for stream in streams] == [AbortError] * 3
    await ticks()
    assert names(*streams) == [[], [], []]
    assert_nothing_runs()


async def test_a_cancelled_pipelines_functions_have_their_end_first(event_log: EventLog) -> None:
    async def slow(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in source:
                yield chunk
        except asyncio.CancelledError:
            event_log("cancelled")
            raise
        finally:
            await turns(3)
            event_log("tidied up")

    source, sink = Endless(), Sink()
    await cancel(asyncio.create_task(run(pipeline(source, slow, sink))))
    assert event_log == [("cancelled",), ("tidied up",)]
    assert (source.destroyed, sink.destroyed) == (True, True)
    assert_nothing_runs()


async def test_a_pipeline_cancelled_twice_is_not_waited_for(event_log: EventLog) -> None:
    async def stubborn(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in source:
                yield chunk
        finally:
            await released
            event_log("tidied up")

    released = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(pipeline(Endless(), stubborn, Sink())))
    await turns(4)
    task.cancel()
    await turns(4)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    released.set_result(None)
    await event_log.until("tidied up")


async def test_a_last_function_is_cancelled_with_its_pipeline(event_log: EventLog) -> None:
    async def last(source: AsyncIterable[bytes]) -> None:
        try:
            await never()
        finally:
            event_log("over")

    await cancel(asyncio.create_task(run(pipeline(letters, last))))
    assert event_log == [("over",)]
    assert_nothing_runs()


async def test_a_pipeline_that_leaves_its_last_stream_open_does_so_when_cancelled() -> None:
    source, sink = Endless(), Sink()
    await cancel(asyncio.create_task(run(pipeline(source, sink, end=False))))
    await ticks()
    assert (source.destroyed, sink.writable) == (True, True)
    assert names(source, sink) == [[], []]


async def test_an_error_after_the_end_leaves_the_next_pipe_alone() -> None:
    source, sink = Source(b"a", auto_destroy=False), Sink()
    await pipeline(source, sink, end=False)
    source.pipe(sink)
    source.emit("error", BoomError())
    assert sink.listener_count("unpipe") == 1
    sink.destroy()
    await ticks()


async def test_a_pipeline_cancelled_before_its_first_step_never_begins() -> None:
    async def program() -> None:
        await pipeline(source, sink)

    source, sink = Endless(), Sink()
    task = asyncio.create_task(program())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (source.destroyed, names(source, sink)) == (False, [[], []])


async def test_a_pipeline_that_a_callback_waits_for_goes_on(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    await cancel(asyncio.create_task(run(pipeline(source, sink, callback=event_log.entry("over")))))
    assert not source.destroyed
    source.push(None)
    await event_log.until("over")
    assert event_log == [("over", None)]


async def test_a_function_that_cancels_itself_fails_its_pipeline() -> None:
    async def cancelled(source: AsyncIterable[bytes]) -> None:
        raise asyncio.CancelledError

    source = Endless()
    with pytest.raises(AbortError):
        await pipeline(source, cancelled)
    assert source.destroyed
    await ticks()


async def test_a_hook_cancelled_by_its_pipelines_task_is_over_soon(event_log: EventLog) -> None:
    async def write(chunk: bytes, encoding: str) -> None:
        try:
            await never()
        finally:
            event_log("write is over")

    sink = Writable(write=write)
    await cancel(asyncio.create_task(run(pipeline(Source(b"a"), sink))))
    await event_log.until("write is over")
    await turns(2)
    assert isinstance(sink.errored, AbortError)
    assert_nothing_runs()


# -- finished and drain -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Endless, Sink, Both])
async def test_a_cancelled_finished_leaves_the_stream_alone(make: Callable[[], Any]) -> None:
    stream = make()
    await cancel(asyncio.create_task(run(finished(stream))))
    assert (stream.destroyed, stream.event_names()) == (False, [])


async def test_a_cancelled_drain_leaves_the_stream_and_the_others_alone() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"a")
    other = asyncio.create_task(sink.drain())
    await cancel(asyncio.create_task(sink.drain()))
    assert not sink.destroyed
    later(sink.release)
    await other
    assert sink.event_names() == []


async def test_a_drain_cancelled_before_its_first_step_leaves_no_listener() -> None:
    sink = HeldSink(high_water_mark=1)
    sink.write(b"a")
    task = asyncio.create_task(sink.drain())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sink.event_names() == []


# -- TaskGroup and timeout --------------------------------------------------------------------------------------------


def read_all(stream: Any, log: EventLog) -> Coroutine[Any, Any, Any]:
    """Iterate over a stream that gives nothing."""
    return iterate(stream, log)


def send_all(stream: Any, log: EventLog) -> Coroutine[Any, Any, Any]:
    """Make a chain that never ends."""
    return run(pipeline(stream, PassThrough(), Sink()))


def wait_for_all(stream: Any, log: EventLog) -> Coroutine[Any, Any, Any]:
    """Wait for an end that does not come."""
    return run(finished(stream))


def write_all(stream: Any, log: EventLog) -> Coroutine[Any, Any, Any]:
    """Wait for a 'drain' that does not come."""
    stream.write(b"a")
    return run(stream.drain())


def held_duplex() -> Transform:
    """Make a stream that gives nothing and never takes what it has been given."""
    return Transform(transform=ignore, writable_high_water_mark=1)


PROGRAMS = [(read_all, True), (send_all, True), (wait_for_all, False), (write_all, False)]


@pytest.mark.parametrize(("program", "destroys"), PROGRAMS)
async def test_a_failing_sibling_in_a_task_group_cancels(program: Any, destroys: bool, event_log: EventLog) -> None:
    async def failing() -> None:
        await turns(4)
        raise BoomError

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(program(stream, event_log))
            group.create_task(failing())

    stream = held_duplex()
    with pytest.raises(ExceptionGroup) as caught:
        await both()
    assert [type(error) for error in caught.value.exceptions] == [BoomError]
    assert (stream.destroyed, isinstance(stream.errored, AbortError)) == (destroys, destroys)
    await ticks()
    # Who has left an iteration may still hear the error.
    assert set(names(stream)[0]) <= ({"error"} if program is read_all else set())
    assert_nothing_runs()


@pytest.mark.parametrize(("program", "destroys"), PROGRAMS)
async def test_a_timeout_is_a_timeout_error(program: Any, destroys: bool, event_log: EventLog) -> None:
    stream = held_duplex()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await program(stream, event_log)
    assert (stream.destroyed, isinstance(stream.errored, AbortError)) == (destroys, destroys)
    await ticks()
    assert_nothing_runs()


async def test_streams_that_fail_fail_their_task_group() -> None:
    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(run(pipeline(source, Sink())))
            group.create_task(run(finished(other)))

    source, other = Endless(), Endless()
    later(source.destroy, BoomError())
    with pytest.raises(ExceptionGroup) as caught:
        await both()
    assert [type(error) for error in caught.value.exceptions] == [BoomError]
    assert other.event_names() == []


# -- coroutine listeners ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["data", "error", "close"])
async def test_a_cancelled_coroutine_listener_is_no_error(
    event: str, event_log: EventLog, loop_errors: LoopErrors
) -> None:
    async def listener(*_: object) -> None:
        task = asyncio.current_task()
        assert task is not None
        event_log(task)
        await never()

    source = Endless()
    source.on("error", ignore).on(event, listener)
    source.emit(event, BoomError())
    await turns(2)
    (task,) = event_log[0]
    task.cancel()
    await turns(2)
    assert (task.cancelled(), source.destroyed, loop_errors) == (True, False, [])
    assert_nothing_runs()


async def test_a_coroutine_listener_cancelled_in_an_iteration_destroys_that_stream(event_log: EventLog) -> None:
    other = Endless()

    async def listener(_: object) -> None:
        event_log(asyncio.current_task())
        await iterate(other, event_log)

    source = Endless()
    source.on("data", listener)
    source.push(b"a")
    await turns(4)
    (task,) = event_log[0]
    task.cancel()
    await turns(2)
    assert (source.destroyed, type(other.errored)) == (False, AbortError)
