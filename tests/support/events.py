"""The event log: the house form of an assertion."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.events import EventEmitter


class EventLog(list[tuple[Any, ...]]):
    """A list of what happened, one tuple each, that can be waited on."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def __call__(self, *entry: Any) -> None:
        """Note something by hand: `log("sent", 5)`."""
        self.append(entry)
        for condition, future in tuple(self._waiting):
            if not future.done() and condition():
                future.set_result(None)

    def entry(self, *prefix: Any) -> Callable[..., None]:
        """Return a listener that notes the prefix and its arguments."""
        return lambda *args: self(*prefix, *args)

    def watch(self, emitter: EventEmitter, *names: str, prefix: tuple[Any, ...] = ()) -> EventLog:
        """Note each of these events of the emitter as `(*prefix, name, *args)`."""
        for name in names:
            emitter.on(name, self.entry(*prefix, name))
        return self

    def count(self, *prefix: Any) -> int:
        """Return how many entries begin with the prefix."""
        return sum(1 for entry in self if entry[: len(prefix)] == prefix)

    @property
    def names(self) -> list[Any]:
        """The first member of each entry."""
        return [entry[0] for entry in self]

    async def until(self, *prefix: Any, count: int = 1) -> None:
        """Wait until that many entries begin with the prefix."""
        if self.count(*prefix) >= count:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = (lambda: self.count(*prefix) >= count, future)
        self._waiting.append(waiting)
        try:
            await future
        finally:
            self._waiting.remove(waiting)
