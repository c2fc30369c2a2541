"""Several calls at a time: how many run, what is cancelled, what fails."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.stream import Readable
from sockstream.stream.concurrent import results_of
from tests.unit.stream.helpers import Endless, ignore, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Calls:
    """Calls that return when they are told to."""

    def __init__(self) -> None:
        self.running: dict[Any, asyncio.Future[Any]] = {}
        self.begun: list[Any] = []
        self.cancelled: list[Any] = []
        self.most = 0

    async def __call__(self, value: Any) -> Any:
        self.begun.append(value)
        future = self.running[value] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.running))
        try:
            return await future
        except asyncio.CancelledError:
            self.cancelled.append(value)
            raise
        finally:
            del self.running[value]


async def all_of(results: AsyncIterator[Any]) -> list[Any]:
    """Return all results."""
    return [result async for result in results]


async def test_never_more_than_so_many_run() -> None:
    calls = Calls()
    task = asyncio.create_task(all_of(results_of(Readable.from_(range(20)), calls, 3, 5)))
    while not task.done():
        await turns(3)
        for future in reversed(list(calls.running.values())):
            future.set_result(len(calls.begun))
    assert (calls.most, calls.begun) == (3, list(range(20)))


async def test_what_waits_is_bounded() -> None:
    calls = Calls()
    results = results_of(Readable.from_(range(20)), calls, 2, 1)
    first = asyncio.ensure_future(anext(results))
    await turns(5)
    for _ in range(5):
        for value, future in list(calls.running.items()):
            if value != 0:
                future.set_result(value)
        await turns(3)
    # The oldest runs, and two results wait behind it.
    assert calls.begun == [0, 1, 2]
    calls.running[0].set_result("oldest")
    assert await first == "oldest"
    await results.aclose()


async def test_leaving_cancels_what_runs_and_destroys_the_source() -> None:
    calls = Calls()
    source = Readable.from_(range(20))
    async with aclosing(results_of(source, calls, 3, 0)) as results:
        first = asyncio.ensure_future(anext(results))
        await turns(5)
        calls.running[0].set_result("a")
        assert await first == "a"
    assert (calls.running, source.destroyed) == ({}, True)
    assert set(calls.cancelled) == set(calls.begun) - {0}


async def test_leaving_a_source_that_gives_nothing() -> None:
    source = Endless(object_mode=True)
    results = results_of(source, ignore, 3, 0)
    waiting = asyncio.ensure_future(anext(results))
    await turns(3)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert source.destroyed


async def test_a_failed_call_ends_it_after_the_results_before() -> None:
    calls = Calls()
    source = Readable.from_(range(20))
    results = results_of(source, calls, 3, 0)
    first = asyncio.ensure_future(anext(results))
    await turns(5)
    calls.running[1].set_exception(ValueError("why"))
    await turns(5)
    calls.running[0].set_result("a")
    assert await first == "a"
    with pytest.raises(ValueError, match="why"):
        await anext(results)
    assert (calls.begun, calls.cancelled, source.destroyed) == ([0, 1, 2], [2], True)


async def test_a_source_that_fails_does_so_after_the_results_before() -> None:
    async def giving() -> AsyncIterator[int]:
        yield 0
        yield 1
        raise ValueError("from the source")

    calls = Calls()
    results = results_of(Readable.from_(giving()), calls, 5, 0)
    first = asyncio.ensure_future(anext(results))
    await turns(5)
    calls.running[1].set_result("b")
    calls.running[0].set_result("a")
    assert (await first, await anext(results)) == ("a", "b")
    with pytest.raises(ValueError, match="from the source"):
        await anext(results)


async def test_a_call_that_was_cancelled_from_within_ends_it() -> None:
    calls = Calls()
    source = Readable.from_(range(20))
    results = results_of(source, calls, 2, 0)
    first = asyncio.ensure_future(anext(results))
    await turns(5)
    calls.running[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (calls.running, source.destroyed) == ({}, True)


async def test_an_end_that_others_have_made_is_none() -> None:
    before = asyncio.all_tasks()
    results = results_of(Endless(object_mode=True), ignore, 2, 0)
    first = asyncio.ensure_future(anext(results))
    await turns(3)
    for task in asyncio.all_tasks() - before - {first}:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
