"""The idle timer, on a clock that jumps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sockstream.loop import current
from sockstream.net.idle import IdleTimer
from sockstream.timers import set_timeout

if TYPE_CHECKING:
    from tests.support.events import EventLog

pytestmark = pytest.mark.fake_clock


class Owner:
    def __init__(self, log: EventLog) -> None:
        self.log = log

    def _on_idle(self) -> None:
        self.log("idle", round(current().loop.time(), 3))

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[object, ...] = ()) -> None:
        raise error


def make(log: EventLog, seconds: float) -> IdleTimer:
    return IdleTimer(current(), Owner(log), seconds)


async def test_it_fires_once_after_the_time(event_log: EventLog) -> None:
    make(event_log, 10)
    await event_log.until("idle")
    set_timeout(event_log, 100, "later")
    await event_log.until("later")
    assert event_log == [("idle", 10.0), ("later",)]


async def test_activity_puts_it_off(event_log: EventLog) -> None:
    timer = make(event_log, 10)
    for at in (4, 13, 22):
        set_timeout(timer.touch, at)
    await event_log.until("idle")
    assert event_log == [("idle", 32.0)]


async def test_activity_after_it_fired_starts_it_again(event_log: EventLog) -> None:
    timer = make(event_log, 10)
    set_timeout(timer.touch, 50)
    await event_log.until("idle", count=2)
    assert event_log == [("idle", 10.0), ("idle", 60.0)]


async def test_stopped_it_does_not_fire(event_log: EventLog) -> None:
    timer = make(event_log, 10)
    timer.stop()
    set_timeout(event_log, 100, "later")
    await event_log.until("later")
    assert event_log == [("later",)]


async def test_touching_arms_no_second_timer(event_log: EventLog) -> None:
    timer = make(event_log, 10)
    before = asyncio.get_running_loop().time()
    for _ in range(1000):
        timer.touch()
    assert timer.last_activity == before
    timer.stop()
