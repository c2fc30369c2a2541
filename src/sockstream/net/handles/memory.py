"""A connection inside the process: two handles, each the other's peer.

For tests, of this library and of programs that use it: deterministic, without a descriptor, with a kernel buffer as
small as one likes, and with a peer that can reset.  Everything is reported from the loop, one turn after its cause.
"""

from __future__ import annotations

import errno
from collections import deque
from typing import TYPE_CHECKING

from sockstream.net.handles.base import Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.loop import Runtime
    from sockstream.net.addresses import Endpoint
    from sockstream.net.handles.base import HandleOwner

__all__ = ["MemoryHandle", "memory_pair"]


def memory_pair(runtime: Runtime, buffer_size: int = 65_536) -> tuple[MemoryHandle, MemoryHandle]:
    """Make two connected handles.

    Args:
        runtime: of the running loop.
        buffer_size: how many bytes each direction holds before a write leaves its handle busy.
    """
    one, other = MemoryHandle(runtime, buffer_size), MemoryHandle(runtime, buffer_size)
    one.peer, other.peer = other, one
    return one, other


class MemoryHandle(Handle):
    """One end of an in-memory connection."""

    __slots__ = (
        "_closed",
        "_eof_delivered",
        "_eof_sent",
        "_failed_with",
        "_incoming",
        "_owner",
        "_runtime",
        "_scheduled",
        "buffer_size",
        "local",
        "options",
        "peer",
        "remote",
        "was_reset",
    )

    def __init__(self, runtime: Runtime, buffer_size: int) -> None:
        self._runtime = runtime
        self._owner: HandleOwner | None = None
        self.peer: MemoryHandle | None = None
        # How much of what this end writes may lie unread before it is busy.
        self.buffer_size = buffer_size
        # What the peer wrote and this end has not read.
        self._incoming: deque[bytes] = deque()
        self._eof_sent = False
        self._eof_delivered = False
        # A delivery is on its way.
        self._scheduled = False
        # Why the connection died, and whether it did.
        self._failed_with: OSError | None = None
        self._closed = False
        # The peer reset the connection, or this end did.
        self.was_reset = False
        self.local: Endpoint = None
        self.remote: Endpoint = None
        # What was set, by level and name.
        self.options: dict[tuple[int, int], int] = {}
        self.reading = False
        self.busy = False

    def attach(self, owner: HandleOwner) -> None:
        self._owner = owner

    # -- reading ------------------------------------------------------------------------------------------------------

    def read_start(self) -> None:
        if self._eof_delivered or self._closed:
            return
        self.reading = True
        self._deliver_soon()

    def read_stop(self) -> None:
        self.reading = False

    def put_back(self, chunk: bytes) -> None:
        self._incoming.appendleft(chunk)

    def _deliver_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._runtime.loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        if self._failed_with is not None:
            return
        while self._incoming and self.reading and self._owner is not None:
            self._owner.handle_data(self._incoming.popleft())
        if self._incoming or self.peer is None:
            return
        if self.reading and self.peer._eof_sent and not self._eof_delivered and self._owner is not None:
            self._eof_delivered = True
            self.reading = False
            self._runtime.enter(self._owner, self._owner.handle_eof)
        if self.peer.busy:
            self._runtime.loop.call_soon(self.peer._drained)

    def _drained(self) -> None:
        if self.busy and not self.unsent and self._owner is not None and not self._closed:
            self.busy = False
            self._runtime.enter(self._owner, self._owner.handle_drained)

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(self, chunk: bytes) -> None:
        """Take bytes to send."""
        if self.peer is None or self.is_lost():
            return
        if self.peer._closed:  # as a kernel answers: the first write after the peer's close brings a reset
            self.fail(OSError(errno.EPIPE, "the peer has closed"))
            return
        if chunk:
            self.peer._incoming.append(chunk)
            self.busy = self.unsent > self.buffer_size
            self.peer._deliver_soon()

    def writelines(self, chunks: Sequence[bytes]) -> None:
        """Take several chunks to send."""
        self.write(b"".join(chunks))

    @property
    def unsent(self) -> int:
        if self.peer is None:
            return 0
        waiting = sum(map(len, self.peer._incoming))
        return waiting if self.busy or waiting > self.buffer_size else 0

    def shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        if self.is_lost():
            return
        self._eof_sent = True
        if self.peer is not None:
            self.peer._deliver_soon()
        self._runtime.loop.call_soon(self._report_shutdown, callback)

    def _report_shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        if not self.is_lost():
            self._runtime.enter(self._owner, callback, None)

    # -- the end ------------------------------------------------------------------------------------------------------

    def is_lost(self) -> bool:
        """Tell whether this end is dead, by itself or because it was closed."""
        return self._closed or self._failed_with is not None

    def fail(self, error: OSError) -> None:
        """Kill this end of the connection: its owner hears of the error, as of a reset by the peer."""
        if self.is_lost():
            return
        self._failed_with = error
        self._runtime.loop.call_soon(self._report_loss)

    def _report_loss(self) -> None:
        if not self._closed and self._owner is not None:
            self._runtime.enter(self._owner, self._owner.handle_lost, self._failed_with)

    def close(self, callback: Callable[[], object]) -> None:
        self._close(callback)
        if self.peer is not None and not self._eof_sent and not self.was_reset:
            self._eof_sent = True
            self.peer._deliver_soon()

    def reset(self, callback: Callable[[], object]) -> None:
        self.was_reset = True
        self._close(callback)
        if self.peer is not None:
            self.peer.was_reset = True
            self.peer._incoming.clear()
            self.peer.fail(OSError(errno.ECONNRESET, "the peer has reset the connection"))

    def _close(self, callback: Callable[[], object]) -> None:
        self._closed = True
        self.reading = False
        self._runtime.loop.call_soon(self._report_closed, callback)

    def _report_closed(self, callback: Callable[[], object]) -> None:
        self._owner = None
        self._runtime.enter(None, callback)

    # -- what there is of a socket ------------------------------------------------------------------------------------

    @property
    def is_tcp(self) -> bool:
        return False

    @property
    def local_address(self) -> Endpoint:
        return self.local

    @property
    def remote_address(self) -> Endpoint:
        return self.remote

    def fileno(self) -> int:
        return -1

    def get_option(self, level: int, name: int) -> int:
        return self.options.get((level, name), 0)

    def set_option(self, level: int, name: int, value: int) -> None:
        self.options[level, name] = value
