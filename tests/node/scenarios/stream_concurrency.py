"""Operators with several calls at a time, and with signals."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from sockstream import AbortController, AbortSignal
from sockstream.stream import Readable
from tests.node import asking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from tests.node.lib import Role


class _Calls:
    """Calls that return when they are told to; the log has how many run."""

    def __init__(self, t: Role) -> None:
        self.t = t
        self.running: dict[int, asyncio.Future[Any]] = {}

    def call(self, value: int) -> Awaitable[Any]:
        self.t.log("called", value)
        self.running[value] = asyncio.get_running_loop().create_future()
        return self.running[value]

    async def until(self, *values: int) -> None:
        while not all(value in self.running for value in values):
            await asking.later()
        await asking.later()
        await asking.later()
        self.t.log("running", list(self.running))

    def give(self, value: int, result: object = None) -> None:
        self.running.pop(value).set_result(result)

    def fail(self, value: int, error: Exception) -> None:
        self.running.pop(value).set_exception(error)


async def _is_destroyed(t: Role, source: Readable) -> None:
    """Log whether a source is destroyed, when there was time to."""
    await asking.later()
    t.state("source", source, "destroyed")


def _raise(*_: object) -> Any:
    raise Exception("why")


# -- several at a time ------------------------------------------------------------------------------------------------


def _begin(awaitable: Any) -> asyncio.Task[Any]:
    return asyncio.create_task(awaitable)


async def results_come_in_the_chunks_order(t: Role) -> None:
    calls = _Calls(t)
    answer = _begin(asking.numbers(1, 2, 3).map(calls.call, concurrency=3).to_list())
    await calls.until(1, 2, 3)
    for n in (3, 1, 2):
        calls.give(n, n * 10)
    await asking.outcome(t, "list", answer)


async def no_more_than_two_run(t: Role) -> None:
    calls = _Calls(t)
    answer = _begin(asking.numbers(1, 2, 3, 4).map(calls.call, concurrency=2).to_list())
    await calls.until(1, 2)
    calls.give(1, "a")
    await calls.until(2, 3)
    calls.give(2, "b")
    await calls.until(3, 4)
    calls.give(4, "d")
    calls.give(3, "c")
    await asking.outcome(t, "list", answer)


async def the_mark_bounds_what_waits(t: Role) -> None:
    calls = _Calls(t)
    answer = _begin(asking.numbers(1, 2, 3, 4, 5).map(calls.call, concurrency=2, high_water_mark=0).to_list())
    await calls.until(1, 2)
    calls.give(2, "b")
    await calls.until(1)
    calls.give(1, "a")
    await calls.until(3, 4)
    calls.give(3, "c")
    calls.give(4, "d")
    await calls.until(5)
    calls.give(5, "e")
    await asking.outcome(t, "list", answer)


async def filter_several_at_a_time(t: Role) -> None:
    calls = _Calls(t)
    answer = _begin(asking.numbers(1, 2, 3).filter(calls.call, concurrency=3).to_list())
    await calls.until(1, 2, 3)
    calls.give(3, True)
    calls.give(2, False)
    calls.give(1, True)
    await asking.outcome(t, "list", answer)


async def for_each_several_at_a_time(t: Role) -> None:
    calls = _Calls(t)
    over = _begin(asking.numbers(1, 2, 3).for_each(calls.call, concurrency=2))
    await calls.until(1, 2)
    calls.give(2)
    await calls.until(1, 3)
    calls.give(3)
    await calls.until(1)
    calls.give(1)
    await asking.outcome(t, "over", over)


async def some_several_at_a_time(t: Role) -> None:
    calls = _Calls(t)
    over = _begin(asking.numbers(1, 2, 3).some(calls.call, concurrency=3))
    await calls.until(1, 2, 3)
    calls.give(2, True)
    calls.give(1, False)
    await asking.outcome(t, "some", over)


async def none_is_called_after_a_failure(t: Role) -> None:
    calls = _Calls(t)
    answer = _begin(asking.numbers(1, 2, 3, 4).map(calls.call, concurrency=2).to_list())
    await calls.until(1, 2)
    calls.fail(2, Exception("why"))
    await calls.until(1)
    calls.give(1, "a")
    await asking.outcome(t, "list", answer)


async def results_before_a_failure_come(t: Role) -> None:
    calls = _Calls(t)
    mapped = t.watch(asking.numbers(1, 2, 3).map(calls.call, concurrency=3), "mapped", "chunk")
    await calls.until(1, 2, 3)
    calls.fail(2, Exception("why"))
    await calls.until(1, 3)
    calls.give(1, "a")
    mapped.on("close", lambda: t.log("over"))


async def a_plain_function_several_at_a_time(t: Role) -> None:
    await asking.outcome(t, "list", asking.numbers(1, 2, 3).map(lambda n: n * 2, concurrency=2).to_list())
    await asking.outcome(
        t, "fails", asking.numbers(1, 2, 3).map(lambda n: _raise() if n == 2 else n, concurrency=2).to_list()
    )


async def the_source_fails_while_calls_run(t: Role) -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        yield 2
        await asking.later()
        raise Exception("from the source")

    calls = _Calls(t)
    mapped = t.watch(Readable.from_(failing()).map(calls.call, concurrency=3), "mapped", "chunk")
    await calls.until(1, 2)
    calls.give(2, "b")
    calls.give(1, "a")
    mapped.on("close", lambda: t.log("over"))


# -- signals ----------------------------------------------------------------------------------------------------------


async def aborted_before(t: Role) -> None:
    signal = AbortSignal.abort()
    for name, method in (("forEach", "for_each"), ("some", "some"), ("every", "every"), ("find", "find")):
        source = asking.numbers(1, 2)
        await asking.outcome(t, name, getattr(source, method)(lambda _: 1, signal=signal))
        t.state("source", source, "destroyed")
    source = asking.numbers(1, 2)
    await asking.outcome(t, "reduce", source.reduce(lambda a, _: a, 0, signal=signal))
    t.state("source", source, "destroyed")
    source = asking.numbers(1, 2)
    await asking.outcome(t, "list", source.to_list(signal=signal))
    t.state("source", source, "destroyed")


async def streams_aborted_before(t: Role) -> None:
    signal = AbortSignal.abort()
    for name, method in (("map", "map"), ("filter", "filter"), ("flatMap", "flat_map")):
        await asking.outcome(t, name, getattr(asking.numbers(1, 2), method)(lambda _: [1], signal=signal).to_list())
    await asking.outcome(t, "take", asking.numbers(1, 2).take(1, signal=signal).to_list())
    await asking.outcome(t, "drop", asking.numbers(1, 2).drop(1, signal=signal).to_list())


async def aborted_in_the_middle(t: Role) -> None:
    controller = AbortController()
    try:
        async for chunk in asking.endless().map(lambda n: n, signal=controller.signal):
            t.log("got", chunk)
            controller.abort()
    except Exception as error:
        t.log("caught", error)


async def answers_aborted_in_the_middle(t: Role) -> None:
    def abort_at_two(n: int, controller: AbortController) -> bool:
        t.log("called", n)
        if n == 2:
            controller.abort()
        return False

    for name, method in (("forEach", "for_each"), ("some", "some"), ("find", "find")):
        controller = AbortController()
        source = asking.endless()
        call = functools.partial(abort_at_two, controller=controller)
        await asking.outcome(t, name, getattr(source, method)(call, signal=controller.signal))
        await _is_destroyed(t, source)


async def aborted_after(t: Role) -> None:
    controller = AbortController()
    signal = controller.signal
    await asking.outcome(t, "list", asking.numbers(1, 2).to_list(signal=signal))
    await asking.outcome(t, "mapped", asking.numbers(1, 2).map(lambda n: n, signal=signal).to_list())
    controller.abort()
