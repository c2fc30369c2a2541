"""Idle timeouts that cost nothing per chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from sockstream.loop import Runtime

__all__ = ["IdleOwner", "IdleTimer"]


class IdleOwner(Protocol):
    """Who is told, and answers for what that raises."""

    def _on_idle(self) -> None: ...

    def _listener_failed(
        self, error: BaseException, event: str | None = None, args: tuple[object, ...] = ()
    ) -> None: ...


class IdleTimer:
    """Tells its owner, as an entry, once nothing has happened for a time.

    Activity is noted as a time and nothing else; a timer that finds, when it fires, that something has happened
    meanwhile starts again for the rest.  After it has told its owner it waits for activity.
    """

    __slots__ = ("_owner", "_runtime", "_timer", "last_activity", "seconds")

    def __init__(self, runtime: Runtime, owner: IdleOwner, seconds: float) -> None:
        """Start.

        Args:
            runtime: of the running loop.
            owner: its `_on_idle` is called.
            seconds: how long nothing may happen.
        """
        self._runtime = runtime
        self._owner = owner
        self.seconds = seconds
        self.last_activity = runtime.loop.time()
        self._timer: asyncio.TimerHandle | None = runtime.loop.call_later(seconds, self._fire)

    def touch(self) -> None:
        """Note that something happens."""
        self.last_activity = self._runtime.loop.time()
        if self._timer is None:
            self._timer = self._runtime.loop.call_later(self.seconds, self._fire)

    def stop(self) -> None:
        """Tell the owner no more."""
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
            self._runtime.enter(self._owner, self._owner._on_idle)
