"""Calls that may block, for a stream whose source or sink is such a thing: they run in the loop's executor."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from sockstream.loop import current

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import TypeAlias

    from sockstream.loop import Owner

    # Gets the error or the result, on the loop; returns the error that the call ended with.
    _Then: TypeAlias = Callable[[BaseException | None, Any], BaseException | None]

__all__ = ["BlockingCalls"]


class BlockingCalls:
    """One call at a time in the loop's executor; what it brings is an entry, for which the owner answers.

    Args:
        owner: the stream.
    """

    __slots__ = ("_waiting", "busy", "on_idle", "owner", "runtime")

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.runtime = current()
        # A call is in flight; what waits for its end gets the error it ended with.
        self.busy = False
        self.on_idle: Callable[[BaseException | None], object] | None = None
        self._waiting: deque[tuple[_Then, Callable[..., Any], tuple[Any, ...]]] = deque()

    def call(self, then: _Then, function: Callable[..., Any], *args: Any) -> None:
        """Call a function in the executor, after the calls before it.

        Args:
            then: gets its error or its result, on the loop; returns the error that the call ended with.
            function: what may block.
            *args: its arguments.

        Raises:
            RuntimeError: the executor is gone.
        """
        if self.busy or self._waiting:
            self._waiting.append((then, function, args))
        else:
            self._start(then, function, args)

    def _start(self, then: _Then, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        future = self.runtime.loop.run_in_executor(None, function, *args)
        self.busy = True
        self.runtime.ref()
        future.add_done_callback(lambda future: self._arrived(then, future))

    def drop_waiting(self) -> None:
        """Forget the calls that have not begun."""
        self._waiting.clear()

    def _arrived(self, then: _Then, future: asyncio.Future[Any]) -> None:
        error = future.exception()
        result = None if error is not None else future.result()
        try:
            self.runtime.enter(self.owner, self._settle, then, error, result)
        finally:
            self.runtime.unref()

    def _settle(self, then: _Then, error: BaseException | None, result: Any) -> None:
        self.busy = False
        try:
            error = then(error, result)
        finally:  # a listener may raise: what waits for the end of the calls must not wait for ever
            if self._waiting and not self.busy:
                self._start(*self._waiting.popleft())
            elif not self.busy:
                on_idle, self.on_idle = self.on_idle, None
                if on_idle is not None:
                    on_idle(error)
