"""One epoll object per loop that watches the loop's connections; the loop watches it like any descriptor.

Why not `add_reader` for each connection: that makes objects and asks the kernel anew whenever a connection pauses, and
uvloop's lets one die unheard (libuv stops watching a descriptor that had an event with an error in it).  Here a
connection is registered once, for edges, and tells by itself what an edge is worth; what is ready comes in batches.
Errors and hang-ups come with the edge, also while nobody reads.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["GONE", "READABLE", "WRITABLE", "Poller", "acquire", "is_available"]

# How many connections one turn of the loop serves before others have theirs.
_BATCH: Final = 256

is_available = hasattr(select, "epoll")
READABLE: Final[int] = select.EPOLLIN if is_available else 0
WRITABLE: Final[int] = select.EPOLLOUT if is_available else 0
# The peer has ended, or the connection is dead: there is no data after what can be read now.
GONE: Final[int] = (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR) if is_available else 0
_EDGES: Final[int] = select.EPOLLET if is_available else 0


class _Watched(Protocol):
    def ready(self, events: int, /) -> None: ...


class Poller:
    """The epoll object of a loop."""

    __slots__ = ("_epoll", "_loop", "_users", "_watched")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        # Who may come to watch something: without any it is closed.
        self._users = 0
        # By descriptor.
        self._watched: dict[int, _Watched] = {}
        loop.add_reader(self._epoll.fileno(), self._serve)

    def watch(self, descriptor: int, who: _Watched, events: int) -> None:
        """Call `who.ready` with the events at each edge, GONE's always among them.

        Raises:
            OSError: the system watches no more descriptors.
        """
        self._epoll.register(descriptor, events | GONE | _EDGES)
        self._watched[descriptor] = who

    def watch_level(self, descriptor: int, who: _Watched) -> None:
        """Call `who.ready` in each turn of the loop in which there is something to read; raises as `watch` does."""
        self._epoll.register(descriptor, READABLE)
        self._watched[descriptor] = who

    def change(self, descriptor: int, events: int) -> None:
        """Watch for other events; those that are there already make an edge."""
        self._epoll.modify(descriptor, events | GONE | _EDGES)

    def take_over(self, descriptor: int, who: _Watched) -> bool:
        """Tell `who` instead of another of a descriptor's events; return whether there is another."""
        if descriptor not in self._watched:
            return False
        self._watched[descriptor] = who
        return True

    def forget(self, descriptor: int, who: _Watched) -> None:
        """Watch a descriptor no more, unless another has taken over."""
        if self._watched.get(descriptor) is who:
            del self._watched[descriptor]
            # Not left to its close: a copy of it may live on elsewhere.
            try:
                self._epoll.unregister(descriptor)
            except OSError:  # it was closed
                pass

    def acquire(self) -> None:
        """Count one user more."""
        self._users += 1

    def release(self) -> None:
        """Count one user less; without any, the object is closed a turn of the loop later."""
        self._users -= 1
        if not self._users:
            self._loop.call_soon(self._close_unused)

    def _close_unused(self) -> None:
        if not self._users and _pollers.get(self._loop) is self:
            del _pollers[self._loop]
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _serve(self) -> None:
        self._tell(self._epoll.poll(0, _BATCH))

    def _tell(self, ready: list[tuple[int, int]]) -> None:
        watched = self._watched
        edges = iter(ready)
        try:
            for descriptor, events in edges:
                if descriptor in watched:  # else it was closed by one of those before it
                    watched[descriptor].ready(events)
        except BaseException:
            # A KeyboardInterrupt or SystemExit: no edge comes twice, so who is left must hear of theirs another time.
            rest = list(edges)
            if rest and not self._loop.is_closed():
                self._loop.call_soon(self._tell, rest)
            raise


# Those of loops that have connections, or could.
_pollers: dict[asyncio.AbstractEventLoop, Poller] = {}


def acquire(loop: asyncio.AbstractEventLoop) -> Poller:
    """Return the loop's poller; who asks is a user until its `release`.

    Raises:
        OSError: there is no descriptor left for one.
    """
    poller = _pollers.get(loop)
    if poller is None:
        for closed in [each for each in tuple(_pollers) if each.is_closed()]:
            _pollers.pop(closed, None)
        poller = _pollers[loop] = Poller(loop)
    poller.acquire()
    return poller
