"""Timers: callbacks that run later, once or again and again.

Each firing is an entry from the loop, so what a callback asks for "next tick" runs before the next timer or I/O event.
"""

from __future__ import annotations

import math
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVarTuple

from sockstream.errors import InvalidArgTypeError
from sockstream.loop import current, next_tick

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Self

__all__ = ["Timer", "next_tick", "set_immediate", "set_interval", "set_timeout"]

_Ts = TypeVarTuple("_Ts")


class Timer:
    """A callback that waits for its time; made by `set_timeout`, `set_interval` and `set_immediate`.

    While it waits it keeps `sockstream.run` alive, unless `unref` was called. Node: `Timeout`, `Immediate`.
    """

    __slots__ = ("__weakref__", "_args", "_callback", "_cancelled", "_delay", "_handle", "_ref", "_repeat", "_runtime")

    def __init__(
        self, callback: Callable[..., object], delay: float | None, args: tuple[Any, ...], *, repeat: bool = False
    ) -> None:
        if not callable(callback):
            raise InvalidArgTypeError("callback", "a function", callback)
        self._runtime = current()
        self._callback = callback
        self._args = args
        # Seconds; None: once what the loop has to do now is done.
        self._delay = delay
        self._repeat = repeat
        self._cancelled = False
        self._ref = True
        # What the loop holds while the timer waits.
        self._handle: asyncio.Handle | None = None
        self._start()

    def __repr__(self) -> str:
        kind = "immediate" if self._delay is None else f"{'interval' if self._repeat else 'timeout'}={self._delay}"
        state = "waiting" if self._handle is not None else "cancelled" if self._cancelled else "done"
        return f"<{type(self).__name__} {kind} {state}>"

    # -- what users call ----------------------------------------------------------------------------------------------

    def ref(self) -> Self:
        """Let the timer keep `sockstream.run` alive while it waits, as it does from the start.

        Returns:
            The timer.

        Node: `timeout.ref`.
        """
        if not self._ref:
            self._ref = True
            if self._handle is not None:
                self._runtime.ref()
        return self

    def unref(self) -> Self:
        """Let `sockstream.run` return though the timer still waits.

        Returns:
            The timer.

        Node: `timeout.unref`.
        """
        if self._ref:
            self._ref = False
            if self._handle is not None:
                self._runtime.unref()
        return self

    def has_ref(self) -> bool:
        """Return whether the timer keeps `sockstream.run` alive while it waits. Node: `timeout.hasRef`."""
        return self._ref

    def refresh(self) -> Self:
        """Start the delay anew, also after the timer has fired; a cancelled timer stays cancelled.

        Returns:
            The timer.

        Node: `timeout.refresh`.
        """
        if not self._cancelled:
            self._stop()
            self._start()
        return self

    def cancel(self) -> None:
        """Never call the callback again. Node: `clearTimeout`, `clearInterval`, `clearImmediate`."""
        self._cancelled = True
        self._stop()

    # -- how it works -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        loop = self._runtime.loop
        if self._delay is None:
            self._handle = loop.call_soon(self._fire)
        elif not self._delay:
            # Node: an immediate that is set in the same callback comes first. A loop may queue what has no delay.
            self._handle = loop.call_soon(self._let_immediates_pass)
        else:
            self._handle = loop.call_at(loop.time() + self._delay, self._fire)
        self._runtime.resources.add(self)
        if self._ref:
            self._runtime.ref()

    def _let_immediates_pass(self) -> None:
        self._handle = self._runtime.loop.call_soon(self._fire)

    def _stop(self) -> None:
        if self._handle is None:
            return
        self._handle.cancel()
        self._handle = None
        self._runtime.resources.discard(self)
        if self._ref:
            self._runtime.unref()

    def _fire(self) -> None:
        self._stop()
        if self._repeat:  # Node: an interval runs from the moment at which the callback is called
            self._start()
        self._runtime.enter(self, self._call)

    def _call(self) -> None:
        result = self._callback(*self._args)
        if isinstance(result, Coroutine):
            self._runtime.spawn(self, "timeout", (), result)

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        """Take what the callback raised: a timer has nobody to tell."""
        self._runtime.fail(error)

    def _close_now(self) -> None:
        self.cancel()


def _seconds(delay: float) -> float:
    """Check a delay. Node: what is no delay is the shortest one."""
    if isinstance(delay, bool) or not isinstance(delay, (int, float)):
        raise InvalidArgTypeError("delay", "of type int or float (seconds)", delay)
    # Differs: Node's delays begin at a millisecond, and what is longer than 24.8 days becomes that millisecond.
    return 0.0 if math.isnan(delay) or delay < 0 else delay


def set_timeout(callback: Callable[[*_Ts], object], delay: float = 0, *args: *_Ts) -> Timer:
    """Call a function once, after a delay.

    Args:
        callback: a plain function, or a coroutine function, which runs as a task. What it raises is an error nobody
            listens to: it ends `sockstream.run`.
        delay: seconds. 0, like anything negative or NaN, is a following turn of the loop; there is no longest delay.
        *args: the callback's arguments.

    Returns:
        The timer, with `cancel()`.

    Raises:
        InvalidArgTypeError: `callback` is not callable or `delay` no number.
        RuntimeError: no loop is running.

    Node: `setTimeout`, in milliseconds and from 1 up.
    """
    return Timer(callback, _seconds(delay), args)


def set_interval(callback: Callable[[*_Ts], object], delay: float = 0, *args: *_Ts) -> Timer:
    """Call a function again and again, until its timer is cancelled.

    Args:
        callback: as in `set_timeout`. The next delay begins when it is called, not when it has returned; a coroutine
            function that takes longer than the delay runs several times at once.
        delay: seconds between two calls, as in `set_timeout`.
        *args: the callback's arguments.

    Returns:
        The timer, with `cancel()`.

    Raises:
        InvalidArgTypeError: `callback` is not callable or `delay` no number.
        RuntimeError: no loop is running.

    Node: `setInterval`.
    """
    return Timer(callback, _seconds(delay), args, repeat=True)


def set_immediate(callback: Callable[[*_Ts], object], *args: *_Ts) -> Timer:
    """Call a function once, when the loop has done what it has to do now.

    Args:
        callback: as in `set_timeout`. One that is set by another's callback runs a turn of the loop later.
        *args: the callback's arguments.

    Returns:
        The timer, with `cancel()`.

    Raises:
        InvalidArgTypeError: `callback` is not callable.
        RuntimeError: no loop is running.

    Node: `setImmediate`.
    """
    return Timer(callback, None, args)
