"""Timers, on a clock that jumps; and once each on the real ones."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import timers
from sockstream.errors import InvalidArgTypeError
from sockstream.loop import current, run
from sockstream.timers import Timer, next_tick, set_immediate, set_interval, set_timeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

fake_clock = pytest.mark.fake_clock


def now() -> float:
    return round(asyncio.get_running_loop().time(), 6)


# -- set_timeout ------------------------------------------------------------------------------------------------------


@fake_clock
async def test_timeout_calls_once_after_its_delay(event_log: EventLog) -> None:
    set_timeout(lambda *args: event_log(now(), *args), 2.5, "a", 1)
    await event_log.until(2.5)
    assert event_log == [(2.5, "a", 1)]
    assert not current().resources


@fake_clock
async def test_timers_fire_in_the_order_of_their_times(event_log: EventLog) -> None:
    for delay in (3, 1, 2):
        set_timeout(lambda delay=delay: event_log(delay, now()), delay)  # type: ignore[misc]
    await event_log.until(3)
    assert event_log == [(1, 1.0), (2, 2.0), (3, 3.0)]


@fake_clock
@pytest.mark.parametrize("delay", [0, 0.0, -1, -math.inf, math.nan])
async def test_no_delay_is_a_following_turn_of_the_loop(event_log: EventLog, delay: float) -> None:
    set_timeout(event_log, delay, "timeout")
    next_tick(event_log, "tick")
    event_log("now")
    await event_log.until("timeout")
    assert event_log == [("now",), ("tick",), ("timeout",)]
    assert now() == 0


@fake_clock
async def test_a_delay_may_be_longer_than_nodes(event_log: EventLog) -> None:
    days_30 = 30 * 24 * 3600
    asyncio.get_running_loop()._clock.now = -days_30  # type: ignore[attr-defined]  # the test's guard waits until later
    set_timeout(lambda: event_log(now()), days_30)
    await event_log.until(0.0)
    assert event_log == [(0.0,)]


async def test_a_delay_may_be_infinite() -> None:
    timer = set_timeout(print, math.inf)
    await asyncio.sleep(0)
    assert repr(timer) == "<Timer timeout=inf waiting>"
    timer.cancel()


@fake_clock
async def test_ticks_run_before_the_next_timer(event_log: EventLog) -> None:
    def first() -> None:
        next_tick(event_log, "tick")
        event_log("first")

    set_timeout(first, 1)
    set_timeout(event_log, 1, "second")
    await event_log.until("second")
    assert event_log == [("first",), ("tick",), ("second",)]


@pytest.mark.parametrize("make", [set_timeout, set_interval, lambda callback, _: set_immediate(callback)])
async def test_a_callback_must_be_callable(make: Callable[..., Timer]) -> None:
    with pytest.raises(InvalidArgTypeError, match='The "callback" argument must be a function'):
        make("x", 1)


@pytest.mark.parametrize("make", [set_timeout, set_interval])
@pytest.mark.parametrize("delay", ["1", None, True, [1]])
async def test_a_delay_must_be_a_number(make: Callable[..., Timer], delay: Any) -> None:
    with pytest.raises(InvalidArgTypeError, match='The "delay" argument must be of type int or float'):
        make(print, delay)


def test_a_timer_needs_a_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        set_timeout(print, 1)


# -- set_interval -----------------------------------------------------------------------------------------------------


@fake_clock
async def test_interval_goes_on_until_it_is_cancelled(event_log: EventLog) -> None:
    def call(word: str) -> None:
        event_log(word, now())
        if len(event_log) == 3:
            timer.cancel()

    timer = set_interval(call, 2, "x")
    set_timeout(event_log, 100, "end")
    await event_log.until("end")
    assert event_log == [("x", 2.0), ("x", 4.0), ("x", 6.0), ("end",)]


@fake_clock
async def test_interval_runs_from_the_call_on(event_log: EventLog) -> None:
    loop = asyncio.get_running_loop()

    def call() -> None:
        event_log(now())
        loop._clock.now += 0.5  # type: ignore[attr-defined]  # the callback takes half a second

    timer = set_interval(call, 2)
    await event_log.until(4.0)
    timer.cancel()
    assert event_log == [(2.0,), (4.0,)]


@fake_clock
async def test_interval_goes_on_after_an_error(event_log: EventLog, loop_errors: list[dict[str, Any]]) -> None:
    def call() -> None:
        event_log(now())
        raise ValueError("boom")

    timer = set_interval(call, 1)
    await event_log.until(2.0)
    timer.cancel()
    await asyncio.sleep(0)
    assert [repr(context["exception"]) for context in loop_errors] == ["ValueError('boom')"] * 2


# -- set_immediate ----------------------------------------------------------------------------------------------------


async def test_immediates_run_in_order_with_ticks_between(event_log: EventLog) -> None:
    def first() -> None:
        event_log("first")
        next_tick(event_log, "tick")
        set_immediate(event_log, "third")

    set_immediate(first)
    set_immediate(event_log, "second", 2)
    next_tick(event_log, "tick before")
    await event_log.until("third")
    assert event_log == [("tick before",), ("first",), ("tick",), ("second", 2), ("third",)]


# -- the timer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda callback: set_timeout(callback, 0.001), "timeout=0.001"),
        (lambda callback: set_interval(callback, 0.001), "interval=0.001"),
        (set_immediate, "immediate"),
    ],
)
async def test_a_cancelled_timer_never_fires(
    event_log: EventLog, make: Callable[[Callable[..., object]], Timer], shown: str
) -> None:
    timer = make(lambda: event_log("never"))
    assert repr(timer) == f"<Timer {shown} waiting>"
    timer.cancel()
    timer.cancel()
    assert repr(timer.refresh()) == f"<Timer {shown} cancelled>"
    set_timeout(event_log, 0.01, "end")
    await event_log.until("end")
    assert event_log == [("end",)]


@fake_clock
async def test_refresh_starts_the_delay_anew(event_log: EventLog) -> None:
    timer = set_timeout(lambda: event_log(now()), 10)
    set_timeout(timer.refresh, 7)
    await event_log.until(17.0)
    assert event_log == [(17.0,)]
    assert repr(timer) == "<Timer timeout=10 done>"


@fake_clock
async def test_refresh_revives_a_timer_that_fired(event_log: EventLog) -> None:
    timer = set_timeout(lambda: event_log(now()), 10)
    await event_log.until(10.0)
    assert timer.refresh() is timer
    await event_log.until(20.0)
    assert event_log == [(10.0,), (20.0,)]


@fake_clock
async def test_refresh_inside_the_callback(event_log: EventLog) -> None:
    def call() -> None:
        event_log(now())
        if len(event_log) < 3:
            timer.refresh()

    timer = set_timeout(call, 1)
    await event_log.until(3.0)
    assert event_log == [(1.0,), (2.0,), (3.0,)]


async def test_a_waiting_timer_is_a_reference_and_a_resource() -> None:
    runtime = current()
    timer = set_timeout(print, 60)
    assert (runtime.references, runtime.resources, timer.has_ref()) == (1, {timer}, True)
    assert timer.unref() is timer
    assert timer.unref() is timer
    assert (runtime.references, runtime.resources, timer.has_ref()) == (0, {timer}, False)
    assert timer.ref() is timer
    assert timer.ref() is timer
    assert (runtime.references, timer.has_ref()) == (1, True)
    timer.refresh()
    assert (runtime.references, runtime.resources) == (1, {timer})
    timer.cancel()
    # Node: a timer that does not wait still says whether it would count.
    assert (runtime.references, runtime.resources, timer.has_ref()) == (0, set(), True)
    timer.unref()
    assert (runtime.references, timer.has_ref()) == (0, False)
    timer.ref()
    assert (runtime.references, timer.has_ref()) == (0, True)


async def test_closing_everything_cancels_timers() -> None:
    timer = set_interval(print, 60)
    timer._close_now()
    assert (current().references, current().resources) == (0, set())


# -- whose errors, whose tasks ----------------------------------------------------------------------------------------


async def test_an_error_is_nobodys(event_log: EventLog, loop_errors: list[dict[str, Any]]) -> None:
    set_immediate(lambda: 1 // 0)
    set_immediate(event_log, "goes on")
    await event_log.until("goes on")
    assert [type(context["exception"]) for context in loop_errors] == [ZeroDivisionError]


async def test_a_coroutine_function_runs_as_a_task(event_log: EventLog) -> None:
    gate = asyncio.Event()

    async def call(word: str) -> None:
        event_log(word, current().references)
        await gate.wait()
        event_log("done")

    set_immediate(call, "started")
    await event_log.until("started")
    assert event_log == [("started", 1)]
    gate.set()
    await event_log.until("done")


async def test_a_failing_task_is_nobodys_error(event_log: EventLog, loop_errors: list[dict[str, Any]]) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _, context: event_log("failed", context["exception"].args))

    async def call() -> None:
        raise ValueError("boom")

    set_timeout(call, 0)
    await event_log.until("failed")
    assert event_log == [("failed", ("boom",))]


# -- with run, on real clocks -----------------------------------------------------------------------------------------


def test_run_waits_for_timers_but_not_for_unrefed_ones(loop_factory: Callable[[], Any]) -> None:
    calls: list[str] = []

    def main() -> None:
        set_timeout(calls.append, 0.02, "timeout")
        set_immediate(calls.append, "immediate")
        set_timeout(calls.append, 600, "never").unref()

    started = time.monotonic()
    run(main, loop_factory=loop_factory)
    assert calls == ["immediate", "timeout"]
    assert 0.015 < time.monotonic() - started < 60


def test_run_raises_what_a_timer_raised(loop_factory: Callable[[], Any]) -> None:
    def main() -> None:
        set_interval(lambda: 1 // 0, 0.001)

    with pytest.raises(ZeroDivisionError):
        run(main, loop_factory=loop_factory)


async def test_equal_delays_fire_in_the_order_in_which_they_were_set(event_log: EventLog) -> None:
    for number in range(20):
        set_timeout(event_log, 0.005, number)
    await event_log.until(19)
    assert event_log.names == list(range(20))


async def test_a_real_interval_keeps_its_pace(event_log: EventLog) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    timer = set_interval(lambda: event_log("call"), 0.01)
    await event_log.until("call", count=3)
    timer.cancel()
    assert loop.time() - started >= 0.028


def test_all_is_exact() -> None:
    assert timers.__all__ == ["Timer", "next_tick", "set_immediate", "set_interval", "set_timeout"]
