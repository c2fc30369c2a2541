"""A listening socket: takes connections from the backlog, in batches, and survives a full descriptor table.

When there is no descriptor left, `accept` fails and the connection stays in the backlog.  The listener then stops
watching its socket (it would be woken at once, for ever), says so once, and tries again when a socket of ours closes,
and from time to time: other parts of the program hold descriptors too.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from typing import TYPE_CHECKING, Any, Final

from sockstream.net.addresses import endpoint
from sockstream.net.handles import poller
from sockstream.net.handles.descriptors import starved

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable

    from sockstream.loop import Runtime
    from sockstream.net.addresses import Endpoint
    from sockstream.net.handles.poller import Poller

__all__ = ["Listener"]

_logger = logging.getLogger("sockstream")

# How many connections one turn of the loop accepts at most: those that are open want their turn too.
_BATCH: Final = 64
# Seconds between two attempts when descriptors are gone and none of ours closes.
_RETRY_AFTER: Final = 0.1
_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
# Errors of one connection that died in the backlog (accept(2) names these), not of the listening socket.
_NEXT_ONE: Final = frozenset(
    getattr(errno, name)
    for name in (
        "ECONNABORTED",
        "EINTR",
        "EPROTO",
        "ENETDOWN",
        "ENOPROTOOPT",
        "EHOSTDOWN",
        "ENONET",
        "EHOSTUNREACH",
        "EOPNOTSUPP",
        "ENETUNREACH",
        "EPERM",
    )
    if hasattr(errno, name)
)


class Listener:
    """One listening socket, which it owns."""

    __slots__ = (
        "__weakref__",
        "_descriptor",
        "_family",
        "_on_accept",
        "_on_error",
        "_poller",
        "_retry",
        "_runtime",
        "_socket",
        "_watching",
        "loop",
    )

    def __init__(
        self,
        runtime: Runtime,
        sock: socket.socket,
        on_accept: Callable[[socket.socket, int, Any], object],
        on_error: Callable[[OSError], object],
    ) -> None:
        """Take a socket that listens already.

        Args:
            runtime: of the running loop.
            sock: the socket.
            on_accept: gets each accepted socket, its family and the peer's address, in an entry.
            on_error: told, in an entry, that the socket cannot accept any more.
        """
        self._runtime = runtime
        self.loop: asyncio.AbstractEventLoop = runtime.loop
        self._socket = sock
        self._descriptor = sock.fileno()
        # As a plain int: the socket makes an enum of it each time.
        self._family = int(sock.family)
        self._on_accept = on_accept
        self._on_error = on_error
        # It watches the socket, beside the connections: what comes first is told first. None: the loop does.
        self._poller: Poller | None = None
        if poller.is_available:
            with contextlib.suppress(OSError):  # no descriptor is left for one
                self._poller = poller.acquire(self.loop)
        # The socket is watched.
        self._watching = False
        # Runs while descriptors are gone.
        self._retry: asyncio.TimerHandle | None = None
        sock.setblocking(False)

    @property
    def socket(self) -> socket.socket:
        """The listening socket."""
        return self._socket

    @property
    def address(self) -> Endpoint:
        """Where it listens."""
        return endpoint(self._socket.family, self._socket.getsockname())

    @property
    def is_starved(self) -> bool:
        """Whether it waits for a free descriptor."""
        return self in starved

    def start(self) -> None:
        """Accept what comes."""
        if not self._watching:
            self._watch()

    def stop(self) -> None:
        """Leave what comes in the backlog."""
        self._fed()
        if self._watching:
            self._unwatch()

    def close(self) -> None:
        """Stop, and close the socket: the system resets what is in the backlog."""
        self.stop()
        self._socket.close()
        if self._poller is not None:
            self._poller.release()
            self._poller = None

    def _watch(self) -> None:
        self._watching = True
        if self._poller is None:
            self.loop.add_reader(self._descriptor, self._accept_batch)
        else:
            self._poller.watch_level(self._descriptor, self)

    def _unwatch(self) -> None:
        self._watching = False
        if self._poller is None:
            self.loop.remove_reader(self._descriptor)
        else:
            self._poller.forget(self._descriptor, self)

    def ready(self, events: int, /) -> None:
        """Accept what has come (the poller calls this)."""
        self._accept_batch()

    def _accept_batch(self) -> None:
        for _ in range(_BATCH):
            if not self._watching:  # a listener of the last one has stopped or closed us
                return
            try:
                sock, peer = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NEXT_ONE:
                    continue
                self._accept_failed(error)
                return
            self._runtime.enter(None, self._on_accept, sock, self._family, peer)

    def _accept_failed(self, error: OSError) -> None:
        if error.errno in _NO_ROOM:
            self._starve(error)
        else:
            self.stop()
            self._on_error(error)

    # -- without descriptors ------------------------------------------------------------------------------------------

    def _starve(self, error: OSError) -> None:
        if self not in starved:
            _logger.warning(
                "cannot accept connections at %s for now: %s; they wait in the backlog until a descriptor is free",
                _shown(self.address),
                error.strerror,
            )
            starved.add(self)
        self._unwatch()
        if self._retry is not None:
            self._retry.cancel()
        self._retry = self.loop.call_later(_RETRY_AFTER, self.accept_again)

    def _fed(self) -> None:
        starved.discard(self)
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def accept_again(self) -> None:
        """Try once more: a descriptor may be free now."""
        if self not in starved:
            return
        self._watch()
        self._accept_batch()
        if self._watching:  # nothing failed this time
            self._fed()


def _shown(where: Endpoint) -> str:
    return (
        where
        if isinstance(where, str)
        else f"{where[0]}:{where[1]}"
        if where is not None
        else "a socket without a name"
    )
