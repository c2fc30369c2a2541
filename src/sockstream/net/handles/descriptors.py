"""Who waits for a free file descriptor: listeners that could not accept because the table was full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["descriptor_freed", "starved"]


class _Starved(Protocol):
    loop: asyncio.AbstractEventLoop

    def accept_again(self) -> None: ...


# Nearly always empty. Listeners of several loops may be in here: each is only told of its own loop's descriptors.
starved: set[_Starved] = set()


def descriptor_freed(loop: asyncio.AbstractEventLoop) -> None:
    """Tell the listeners that wait on this loop that a descriptor of ours is about to be free."""
    for listener in tuple(starved):
        if listener.loop is loop:
            # A transport closes its socket after it has told its protocol so: hence one turn of the loop later.
            loop.call_soon(listener.accept_again)
