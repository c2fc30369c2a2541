"""progress.py: on a clock that jumps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from recipes.progress import Progress, Report
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import collect, failed, passed
from tests.unit.stream.helpers import raise_

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.fake_clock


async def slowly(count: int, pause: float) -> AsyncIterator[bytes]:
    """Give ten bytes and wait, again and again."""
    for _ in range(count):
        yield bytes(10)
        await asyncio.sleep(pause)


async def test_it_reports_now_and_then_and_at_the_end() -> None:
    reports = list[Report]()
    await pipeline(slowly(10, 0.25), Progress(reports.append, total=100, every=1), collect)
    assert reports == [Report(50, 50.0, 0.5), Report(90, 45.0, 0.9), Report(100, 40.0, 1.0)]


async def test_it_does_not_report_the_same_twice() -> None:
    reports = list[Report]()
    await pipeline(slowly(3, 0), Progress(reports.append, total=30, every=0), collect)
    assert [report.count for report in reports] == [10, 20, 30]
    assert [report.share for report in reports] == [1 / 3, 2 / 3, 1.0]


async def test_without_a_total_there_is_no_share() -> None:
    reports = list[Report]()
    await pipeline(slowly(3, 1), Progress(reports.append, every=60), collect)
    assert reports == [Report(30, 10.0, None)]


@pytest.mark.parametrize(("total", "share"), [(0, 1.0), (10, 0.0), (None, None)])
async def test_nothing_at_all_is_reported_once(total: int | None, share: float | None) -> None:
    reports = list[Report]()
    assert await passed([], Progress(reports.append, total=total)) == []
    assert reports == [Report(0, 0.0, share)]


async def test_more_than_the_total_is_more_than_all() -> None:
    reports = list[Report]()
    await passed([bytes(15)], Progress(reports.append, total=10))
    assert reports[-1].share == 1.5


async def test_the_bytes_are_the_same() -> None:
    assert b"".join(await passed([b"one", b"two"], Progress(lambda report: None))) == b"onetwo"


async def test_a_report_that_raises_fails_the_chain() -> None:
    error = ValueError("no")
    _, told = await failed([b"one"], Progress(lambda report: raise_(error), every=0))
    assert told is error


async def test_a_chain_that_fails_reports_no_end() -> None:
    reports = list[Report]()
    await failed([b"one", ValueError("no")], Progress(reports.append, every=60))
    assert reports == []
