"""Awaiting a coroutine, with a word as soon as it has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

__all__ = ["Begun"]


class Begun:
    """Awaits a coroutine, and calls back when that waits for the first time."""

    def __init__(self, coroutine: Coroutine[Any, Any, object], callback: Callable[[], object]) -> None:
        """Take the coroutine, which nobody else awaits, and what to call."""
        self._coroutine = coroutine
        self._callback = callback

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._coroutine.__await__()
        try:
            waits_for = next(steps)
        except StopIteration:
            self._callback()
            return
        self._callback()
        try:
            yield waits_for
        except BaseException as error:
            steps.throw(error)
        yield from steps
