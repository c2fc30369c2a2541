"""A tee: one source to several destinations, at the pace of the slowest."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sockstream import run
from sockstream.stream import Writable, finished, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable


class Tee(Writable):
    """Writes what it gets to each destination, and ends them all.

    Args:
        *destinations: where to.
        dropped: `dropped(destination, error)` is called for a destination that fails, and the others go on. When it is
            left out, or the last destination fails, the Tee fails and destroys the others.
    """

    def __init__(
        self, *destinations: Writable, dropped: Callable[[Writable, BaseException], object] | None = None
    ) -> None:
        super().__init__()
        self.destinations = list(destinations)
        self.dropped = dropped
        for each in destinations:
            finished(each, partial(self._is_over, each), readable=False)

    def _is_over(self, destination: Writable, error: BaseException | None) -> None:
        if error is None or self.destroyed:
            return
        self.destinations.remove(destination)
        if self.dropped is None or not self.destinations:
            self.destroy(error)
        else:
            self.dropped(destination, error)

    async def _write(self, chunk: bytes, encoding: str) -> None:
        full = [each for each in self.destinations if each.writable and not each.write(chunk)]
        # `_is_over` hears of those that fail meanwhile.
        await asyncio.gather(*(each.drain() for each in full), return_exceptions=True)

    async def _final(self) -> None:
        ending = [finished(each.end(), readable=False) for each in self.destinations]
        await asyncio.gather(*ending, return_exceptions=True)

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        for each in self.destinations:
            if not each.writable_finished:
                each.destroy(error)
        callback(error)


async def main() -> None:
    """Write to three destinations, one of which fails."""

    def destination(name: str, room: int) -> Writable:
        def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
            nonlocal room
            room -= len(chunk)
            print(name, chunk)
            callback(None if room >= 0 else OSError(f"{name} is full"))

        return Writable(write=write)

    copies = [destination("one", 100), destination("two", 5), destination("three", 100)]
    await pipeline([b"abc", b"def", b"ghi"], Tee(*copies, dropped=lambda _, error: print("dropped:", error)))
    print([copy.writable_finished for copy in copies])


if __name__ == "__main__":
    run(main)
