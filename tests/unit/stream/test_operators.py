"""The operators: what is Python's own of them. What Node does is in tests/node."""

from __future__ import annotations

import asyncio
import functools
import math
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortController, AbortSignal
from sockstream.errors import AbortError, InvalidArgTypeError, OutOfRangeError
from sockstream.stream import PassThrough, Readable
from tests.unit.stream.helpers import Endless, later, raise_, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from tests.support.events import EventLog

ANSWERS = ("for_each", "to_list", "some", "every", "find", "reduce")


def without_end(size: int = 10**9) -> Readable:
    """Return a source that always has a chunk."""
    return Readable.from_(iter(range(1, size)))


def answer(name: str, source: Readable, fn: Callable[..., Any], **options: Any) -> Coroutine[Any, Any, Any]:
    """Call an operator that gives an answer."""
    if name == "to_list":
        return source.map(fn).to_list(**options)
    if name == "reduce":
        return source.reduce(lambda _, chunk: fn(chunk), 0, **options)
    result: Coroutine[Any, Any, Any] = getattr(source, name)(fn, **options)
    return result


async def forever(_: object, log: EventLog) -> None:
    """Wait for what never comes; note how that ends."""
    try:
        log("called")
        await asyncio.get_running_loop().create_future()
    except asyncio.CancelledError:
        log("cancelled")
        raise


# -- cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_cancelling_cancels_the_calls_and_destroys_the_source(
    name: str, concurrency: int, event_log: EventLog
) -> None:
    source = without_end()
    if name in ("for_each", "some", "every", "find"):
        options = {"concurrency": concurrency}
    else:
        options, concurrency = {}, 1
    task = asyncio.create_task(answer(name, source, functools.partial(forever, log=event_log), **options))
    await event_log.until("called", count=concurrency)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await turns(3)
    assert (event_log.count("cancelled"), source.destroyed) == (concurrency, True)


@pytest.mark.parametrize("name", ANSWERS)
async def test_cancelled_before_its_first_step_it_has_not_begun(name: str) -> None:
    source = without_end()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        task = asyncio.create_task(answer(name, source, raise_, signal=AbortController().signal))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not source.destroyed


async def test_cancelling_a_chain_closes_all_of_it(event_log: EventLog) -> None:
    async def giving() -> AsyncIterator[int]:
        try:
            yield 1
            event_log("waits")
            await asyncio.get_running_loop().create_future()
        finally:
            event_log("closed")

    source = Readable.from_(giving())
    mapped = source.map(lambda n: n, concurrency=3).filter(lambda _: True)
    task = asyncio.create_task(mapped.flat_map(lambda n: [n]).drop(1).to_list())
    await event_log.until("waits")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await event_log.until("closed")
    assert (source.destroyed, mapped.destroyed) == (True, True)


@pytest.mark.fake_clock
async def test_a_timeout_is_a_timeout_error_also_with_a_signal(event_log: EventLog) -> None:
    call = functools.partial(forever, log=event_log)
    for options in ({}, {"signal": AbortController().signal}):
        source = without_end()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await source.for_each(call, **options)  # type: ignore[arg-type]
        assert source.destroyed
    assert event_log == [("called",), ("cancelled",)] * 2


async def test_in_a_task_group_the_others_failure_cancels_it(event_log: EventLog) -> None:
    async def fail() -> None:
        await event_log.until("called")
        raise ValueError("another's")

    source = without_end()
    with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012  # the group is what raises
        async with asyncio.TaskGroup() as group:
            group.create_task(source.for_each(functools.partial(forever, log=event_log)))
            group.create_task(fail())
    assert ([str(error) for error in caught.value.exceptions], source.destroyed) == (["another's"], True)


async def test_in_a_task_group_its_error_is_one_of_the_groups() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            group.create_task(without_end().for_each(lambda _: raise_(ValueError("why"))))
    assert [str(error) for error in caught.value.exceptions] == ["why"]


# -- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_signal_cancels_the_call_and_destroys_the_source(name: str, event_log: EventLog) -> None:
    controller = AbortController()
    source = without_end()
    call = functools.partial(forever, log=event_log)
    if name == "to_list":
        source = Endless(object_mode=True)
        task = asyncio.create_task(source.to_list(signal=controller.signal))
        await turns(2)
    else:
        task = asyncio.create_task(answer(name, source, call, signal=controller.signal))
        await event_log.until("called")
    controller.abort("reason")
    with pytest.raises(AbortError) as caught:
        await task
    assert (caught.value.cause, source.destroyed) == ("reason", True)


async def test_cancelled_and_aborted_at_once_it_is_cancelled(event_log: EventLog) -> None:
    controller = AbortController()
    call = functools.partial(forever, log=event_log)
    task = asyncio.create_task(without_end().for_each(call, signal=controller.signal))
    await event_log.until("called")
    controller.abort()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_signal_stops_one_whose_source_always_has_a_chunk() -> None:
    controller = AbortController()

    def abort(n: int) -> None:
        if n == 5:
            controller.abort()

    with pytest.raises(AbortError):
        await without_end().for_each(abort, signal=controller.signal)
    controller = AbortController()
    with pytest.raises(AbortError):
        await without_end().filter(abort, signal=controller.signal).to_list()


async def test_the_reason_of_the_signal_is_the_cause_however_the_call_ends() -> None:
    controller = AbortController()

    async def abort(_: int) -> None:
        controller.abort(ValueError("reason"))
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await asyncio.sleep(0)

    with pytest.raises(AbortError) as caught:
        await without_end().for_each(abort, signal=controller.signal)
    assert (str(caught.value.cause), caught.value.__cause__) == ("reason", controller.signal.reason)


async def test_a_signal_that_is_aborted_in_the_last_call_leaves_no_cancellation_behind() -> None:
    controller = AbortController()
    with pytest.raises(AbortError):
        await Readable.from_([1]).for_each(lambda _: controller.abort(), signal=controller.signal)
    await turns(3)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_the_signal_has_no_listeners_left() -> None:
    controller = AbortController()
    signal = controller.signal
    await Readable.from_([1, 2]).for_each(str, signal=signal)
    await Readable.from_([1, 2]).map(str, signal=signal).take(1, signal=signal).to_list()
    await turns(3)
    assert signal.listener_count("abort") == 0


async def test_a_stream_that_is_not_read_does_not_hear_the_signal() -> None:
    source = without_end()
    mapped = source.map(str, signal=AbortSignal.abort())
    assert (mapped.destroyed, source.destroyed) == (False, False)


# -- leaving ----------------------------------------------------------------------------------------------------------


async def test_what_flat_map_iterates_over_is_closed_when_it_is_left(event_log: EventLog) -> None:
    async def later_members(n: int) -> AsyncIterator[int]:
        try:
            yield n
            yield n
        finally:
            await turns(1)
            event_log("closed", n)

    def members(n: int) -> Iterator[int]:
        try:
            yield n
            yield n
        finally:
            event_log("closed", n)

    for function in (later_members, members):
        mapped = without_end().flat_map(function)
        event_log.watch(mapped, "close")
        async for _ in mapped:
            break
        await event_log.until("close")
        assert event_log == [("closed", 1), ("close",)]
        event_log.clear()


async def test_flat_map_closes_the_stream_that_it_is_in() -> None:
    inner = without_end()
    assert await without_end().flat_map(lambda _: inner).take(2).to_list() == [1, 2]
    await turns(3)
    assert inner.destroyed


async def test_flat_map_of_what_is_no_iterable_fails() -> None:
    source = without_end()
    with pytest.raises(TypeError):
        await source.flat_map(lambda n: n).to_list()
    assert source.destroyed


async def test_take_asks_for_no_chunk_more_than_it_gives() -> None:
    source = Endless(object_mode=True)
    source.push("only")
    assert await source.take(1).to_list() == ["only"]
    await turns(3)
    assert source.destroyed


async def test_take_nothing_waits_for_nothing() -> None:
    source = Endless(object_mode=True)
    assert await source.take(0).to_list() == []
    assert source.destroyed


async def test_what_is_derived_and_never_read_leaves_the_source_alone() -> None:
    source = without_end()
    for derived in (source.map(str), source.filter(str), source.take(1), source.drop(1), source.flat_map(str)):
        derived.destroy()
    await turns(3)
    assert not source.destroyed


async def test_an_answer_begins_when_it_is_awaited() -> None:
    source = Readable.from_([1, 2])
    answer = source.to_list()
    await turns(5)
    assert not source.readable_did_read
    assert await answer == [1, 2]


# -- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["1", 1.5, None, True, math.nan])
async def test_a_limit_is_a_whole_number(wrong: Any) -> None:
    for name in ("take", "drop"):
        with pytest.raises(InvalidArgTypeError):
            getattr(without_end(), name)(wrong)


@pytest.mark.parametrize("wrong", ["1", 1.0, True])
async def test_a_count_is_an_int(wrong: Any) -> None:
    for option in ({"concurrency": wrong}, {"high_water_mark": wrong}):
        with pytest.raises(InvalidArgTypeError):
            without_end().map(str, **option)


async def test_a_count_has_its_least() -> None:
    with pytest.raises(OutOfRangeError):
        without_end().map(str, concurrency=0)
    with pytest.raises(OutOfRangeError):
        without_end().map(str, high_water_mark=-1)
    with pytest.raises(OutOfRangeError):
        without_end().take(-1)


async def test_a_wrong_argument_is_refused_at_the_call_and_the_source_left_alone() -> None:
    wrong: Any = 5
    source = without_end()
    for call in (source.for_each, source.some, source.every, source.find, source.reduce):
        with pytest.raises(InvalidArgTypeError):
            await call(wrong)
    with pytest.raises(InvalidArgTypeError):
        await source.to_list(signal=wrong)
    assert not source.destroyed


async def test_the_function_gets_the_chunk_only(event_log: EventLog) -> None:
    def note(*args: Any, **options: Any) -> list[Any]:
        event_log(*args, *options)
        return []

    for name in ("map", "filter", "flat_map"):
        await getattr(Readable.from_([1]), name)(note).to_list()
    for name in ("for_each", "some", "every", "find"):
        await getattr(Readable.from_([1]), name)(note)
    assert event_log == [(1,)] * 7


async def test_an_object_with_a_call_is_a_function_too() -> None:
    class Doubling:
        async def __call__(self, n: int) -> int:
            return n * 2

    assert await Readable.from_([1, 2]).map(Doubling()).to_list() == [2, 4]


async def test_chunks_of_a_byte_stream_are_taken_as_they_come() -> None:
    through = PassThrough()
    mapped = through.map(bytes.upper)
    for chunk in (b"a", b"b"):
        later(through.write, chunk)
    later(through.end)
    assert b"".join(await mapped.to_list()) == b"AB"
