"""Connections that die while their loop looks away: only uvloop does.

libuv stops watching a descriptor that had an event with an error in it, and uvloop calls the reader then and leaves it
at that.  A reader that finds data (which came with the reset behind it) reads that, and nobody ever tells it of the
reset.  So on uvloop each connection is in an epoll object as well, that reports nothing but errors and hang-ups, once;
the loop watches it like any descriptor, and the connection that it names is told to read on until it is through.
"""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

__all__ = ["forget", "watch"]


class _Connection(Protocol):
    def hang_up(self) -> None: ...


class _Hangups:
    """The epoll object of a loop, and whom it watches."""

    __slots__ = ("_epoll", "_loop", "connections")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        # By descriptor.
        self.connections: dict[int, _Connection] = {}
        loop.add_reader(self._epoll.fileno(), self._report)

    def watch(self, descriptor: int, connection: _Connection) -> None:
        self.connections[descriptor] = connection
        try:
            self._epoll.register(descriptor, select.EPOLLONESHOT)
        except FileExistsError:  # a copy of it was watched, and lives on elsewhere
            self._epoll.modify(descriptor, select.EPOLLONESHOT)

    def forget(self, descriptor: int) -> None:
        if self.connections.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _report(self) -> None:
        for descriptor, _ in self._epoll.poll(0):
            connection = self.connections.get(descriptor)
            if connection is not None:
                connection.hang_up()


# There while a loop has connections: it costs a descriptor.
_hangups: dict[asyncio.AbstractEventLoop, _Hangups] = {}


def _needs_it(loop: asyncio.AbstractEventLoop) -> bool:
    uvloop = sys.modules.get("uvloop")
    return uvloop is not None and isinstance(loop, uvloop.Loop) and hasattr(select, "epoll")


def watch(loop: asyncio.AbstractEventLoop, descriptor: int, connection: _Connection) -> None:
    """Tell a connection when it has died; does nothing on a loop that sees that for itself.

    Args:
        loop: the connection's loop.
        descriptor: its socket.
        connection: whose `hang_up` is called.
    """
    hangups = _hangups.get(loop)
    if hangups is None:
        if not _needs_it(loop):
            return
        try:
            hangups = _hangups[loop] = _Hangups(loop)
        except OSError:  # no descriptor left: it does without
            return
    hangups.watch(descriptor, connection)


def forget(loop: asyncio.AbstractEventLoop, descriptor: int) -> None:
    """Watch a connection no more: it has come to its end, or is about to be closed."""
    hangups = _hangups.get(loop)
    if hangups is not None:
        hangups.forget(descriptor)
        if not hangups.connections:
            del _hangups[loop]
            hangups.close()
