"""The loops that tests run on: asyncio's and uvloop's, both watching their timers, and one whose clock jumps."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVarTuple
from weakref import WeakKeyDictionary

import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

_Ts = TypeVarTuple("_Ts")

_timers: WeakKeyDictionary[asyncio.AbstractEventLoop, set[asyncio.TimerHandle]] = WeakKeyDictionary()


def _watched(
    loop: asyncio.AbstractEventLoop,
    schedule: Callable[..., asyncio.TimerHandle],
    time: float,
    callback: Callable[..., object],
    args: tuple[Any, ...],
    context: Context | None,
) -> asyncio.TimerHandle:
    """Schedule the callback and remember its timer until it fires."""
    timers = _timers.setdefault(loop, set())

    def fire() -> None:
        timers.discard(handle)
        callback(*args)

    fire.__qualname__ = getattr(callback, "__qualname__", repr(callback))
    handle = schedule(time, fire, context=context)
    timers.add(handle)
    return handle


def pending_timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    """Return the loop's timers that have neither fired nor been cancelled."""
    timers = _timers.get(loop, set())
    timers -= {timer for timer in timers if timer.cancelled()}
    return list(timers)


class AsyncioLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, watching its timers (`call_later` goes through `call_at`)."""

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback."""
        return _watched(self, super().call_at, when, callback, args, context)


class UvloopLoop(uvloop.Loop):
    """uvloop's loop, watching its timers (`call_at` goes through `call_later`)."""

    def call_later(
        self, delay: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback."""
        return _watched(self, super().call_later, delay, callback, args, context)


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that never waits for time: with no I/O ready, its clock goes straight to the next timer."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if timeout is not None and not ready:
            self.now += max(timeout, 0.0)
        return ready


class FakeClockLoop(AsyncioLoop):
    """asyncio's loop on a clock that starts at 0 and jumps when the loop is idle.

    It does not see what other threads are busy with: use it with memory handles, or with I/O that is ready at once.
    """

    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Return the seconds that the clock has jumped."""
        return self._clock.now


def fake_clock_loop() -> asyncio.AbstractEventLoop:
    """Make a loop whose clock jumps."""
    return FakeClockLoop()


FACTORIES: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": AsyncioLoop, "uvloop": UvloopLoop}
