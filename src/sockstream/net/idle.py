"""Idle timeouts that cost nothing per chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from sockstream.loop import Owner, Runtime

__all__ = ["IdleTimer"]


class IdleTimer:
    """Calls back once nothing has happened for a time.

    Activity is noted as a time and nothing else; a timer that finds, when it fires, that something has happened
    meanwhile starts again for the rest.  After it has called back it waits for activity.
    """

    __slots__ = ("_callback", "_owner", "_runtime", "_timer", "last_activity", "seconds")

    def __init__(self, runtime: Runtime, owner: Owner, seconds: float, callback: Callable[[], object]) -> None:
        """Start.

        Args:
            runtime: of the running loop.
            owner: answers for what the callback raises.
            seconds: how long nothing may happen.
            callback: called, as an entry, when nothing has.
        """
        self._runtime = runtime
        self._owner = owner
        self._callback = callback
        self.seconds = seconds
        self.last_activity = runtime.loop.time()
        self._timer: asyncio.TimerHandle | None = runtime.loop.call_later(seconds, self._fire)

    def touch(self) -> None:
        """Note that something happens."""
        self.last_activity = self._runtime.loop.time()
        if self._timer is None:
            self._timer = self._runtime.loop.call_later(self.seconds, self._fire)

    def stop(self) -> None:
        """Call back no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        rest = self.last_activity + self.seconds - self._runtime.loop.time()
        # A loop's clock is coarser than its times: a rest under a millisecond is none.
        if rest > 0.001:
            self._timer = self._runtime.loop.call_later(rest, self._fire)
        else:
            self._runtime.enter(self._owner, self._callback)
