"""An end of a pipe or FIFO, or one that is open both ways.

The loop watches the descriptor itself: the loops' own pipe transports differ, take only one direction, and close a
writer that has nothing to write as soon as its reader has gone, which Node does not.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import stat
from typing import TYPE_CHECKING, Final

from sockstream.net.handles.base import Handle
from sockstream.net.handles.descriptors import descriptor_freed, starved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.loop import Runtime
    from sockstream.net.handles.base import HandleOwner

__all__ = ["PipeHandle", "is_pipe"]

# A pipe's buffer on Linux: more does not come at once.
_READ_SIZE: Final = 65_536


def is_pipe(descriptor: int) -> bool:
    """Return whether a descriptor is one of a pipe or FIFO."""
    with contextlib.suppress(OSError):
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    return False


class PipeHandle(Handle):
    """The descriptor of a pipe, which it owns."""

    __slots__ = (
        "_can_read",
        "_can_write",
        "_descriptor",
        "_eof_told",
        "_failure",
        "_held",
        "_is_closed",
        "_owner",
        "_runtime",
        "_unsent",
        "_watching",
    )

    def __init__(self, runtime: Runtime, descriptor: int) -> None:
        """Take a descriptor.

        Args:
            runtime: of the running loop.
            descriptor: of a pipe; the handle closes it.
        """
        self._runtime = runtime
        # -1 once it was closed.
        self._descriptor = descriptor
        access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
        self._can_read = access != os.O_WRONLY
        self._can_write = access != os.O_RDONLY
        self._owner: HandleOwner | None = None
        self._eof_told = False
        # Why it is dead, if it is; and whether it was closed.
        self._failure: OSError | None = None
        self._is_closed = False
        # The loop watches it for reading.
        self._watching = False
        # What the owner has put back.
        self._held: list[bytes] = []
        # What the kernel has not taken; while there is some, the loop watches it for writing.
        self._unsent = bytearray()
        self.reading = False
        self.busy = False
        os.set_blocking(descriptor, False)

    def attach(self, owner: HandleOwner) -> None:
        self._owner = owner

    # -- reading ------------------------------------------------------------------------------------------------------

    def read_start(self) -> None:
        if self.reading or self._eof_told or self.is_lost():
            return
        self.reading = True
        if not self._can_read:  # libuv: its stream is no readable one
            self._lose(OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN)))
        elif self._held:
            self._runtime.loop.call_soon(self._deliver_held)
        else:
            self._watch()

    def read_stop(self) -> None:
        self.reading = False
        self._unwatch()

    def put_back(self, chunk: bytes) -> None:
        self._held.insert(0, chunk)

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            self._runtime.loop.add_reader(self._descriptor, self._readable)

    def _unwatch(self) -> None:
        if self._watching:
            self._watching = False
            self._runtime.loop.remove_reader(self._descriptor)

    def _deliver_held(self) -> None:
        while self.reading and self._held and self._owner is not None:
            self._owner.handle_data(self._held.pop(0))
        if self.reading and not self.is_lost():
            self._watch()

    def _readable(self) -> None:
        try:
            chunk = os.read(self._descriptor, _READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)
            return
        if chunk:
            if self._owner is not None:
                self._owner.handle_data(chunk)
            # libuv: the end of a pipe whose writers have gone comes in the turn of its last chunk.
            if self.reading and len(chunk) < _READ_SIZE and self._has_hung_up():
                self._report_eof()
        else:
            self._report_eof()

    def _has_hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, 0)
        return any(events & select.POLLHUP for _, events in poll.poll(0))

    def _report_eof(self) -> None:
        self._eof_told = True
        self.read_stop()
        if self._owner is not None:
            self._runtime.enter(self._owner, self._owner.handle_eof)

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(self, chunk: bytes) -> None:
        """Take bytes to send."""
        if self.is_lost() or not chunk:
            return
        sent = 0 if self._unsent else self._send(chunk)
        if sent == len(chunk) or self.is_lost():
            return
        if not self._unsent:
            self.busy = True
            self._runtime.loop.add_writer(self._descriptor, self._writable)
        self._unsent += memoryview(chunk)[sent:]

    def writelines(self, chunks: Sequence[bytes]) -> None:
        """Take several chunks to send."""
        self.write(b"".join(chunks))

    def _send(self, data: bytes | bytearray) -> int:
        """Give the kernel what it takes and return how much that was."""
        if not self._can_write:  # libuv: its stream is no writable one
            self._lose(OSError(errno.EPIPE, os.strerror(errno.EPIPE)))
            return 0
        try:
            return os.write(self._descriptor, data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            self._lose(error)
            return 0

    def _writable(self) -> None:
        del self._unsent[: self._send(self._unsent)]
        if self._unsent or self.is_lost():
            return
        self._runtime.loop.remove_writer(self._descriptor)
        self.busy = False
        if self._owner is not None:
            self._runtime.enter(self._owner, self._owner.handle_drained)

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    def shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        # Nothing can be shut: the reader sees the end when the descriptor is closed.
        if not self.is_lost():
            self._runtime.tick_last(self._owner, self._shut_down, callback)

    def _shut_down(self, callback: Callable[[OSError | None], object]) -> None:
        if not self.is_lost():
            callback(None)

    # -- the end ------------------------------------------------------------------------------------------------------

    def is_lost(self) -> bool:
        """Tell whether the connection is dead, by itself or because it was closed."""
        return self._is_closed or self._failure is not None

    def _lose(self, error: OSError) -> None:
        self._failure = error
        self._stop()
        self._runtime.loop.call_soon(self._report_loss)

    def _report_loss(self) -> None:
        if self._owner is not None and not self._is_closed:
            self._runtime.enter(self._owner, self._owner.handle_lost, self._failure)

    def _stop(self) -> None:
        """Have the loop forget the descriptor."""
        self._unwatch()
        if self._unsent:
            self._unsent.clear()
            self._runtime.loop.remove_writer(self._descriptor)

    def close(self, callback: Callable[[], object]) -> None:
        self._stop()
        self._is_closed = True
        self.reading = False
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)
        if starved:
            descriptor_freed(self._runtime.loop)
        self._runtime.loop.call_soon(self._report_closed, callback)

    def _report_closed(self, callback: Callable[[], object]) -> None:
        self._owner = None
        self._runtime.enter(None, callback)

    def reset(self, callback: Callable[[], object]) -> None:
        self.close(callback)

    # -- what there is of a socket ------------------------------------------------------------------------------------

    @property
    def is_tcp(self) -> bool:
        return False

    @property
    def local_address(self) -> None:
        return None

    @property
    def remote_address(self) -> None:
        return None

    def fileno(self) -> int:
        return self._descriptor

    def get_option(self, level: int, name: int) -> int:
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))

    def set_option(self, level: int, name: int, value: int) -> None:
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
