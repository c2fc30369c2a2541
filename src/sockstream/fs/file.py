"""The descriptor of a file stream, and the one call on it that is in flight."""

from __future__ import annotations

import errno
import os
import select
from typing import TYPE_CHECKING, Any

from sockstream.errors import file_error
from sockstream.stream.blocking import BlockingCalls

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from sockstream.fs.base import FileStream
    from sockstream.fs.options import Path

    Callback: TypeAlias = Callable[[BaseException | None], object]

__all__ = ["File", "write_all", "write_pipe"]


class File(BlockingCalls):
    """A stream's descriptor, and the one call on it that is in flight."""

    __slots__ = ("fd", "held", "stream")

    def __init__(self, stream: FileStream, fd: int | None, *, held: bool) -> None:
        super().__init__(stream)
        self.stream = stream
        # None before the file is open and after it was closed.
        self.fd = fd
        # What the user closes himself is not ours to hold.
        self.held = held

    def hold(self) -> None:
        """Have the stream closed when `run` is interrupted."""
        if self.held and not self.stream.closed:
            self.runtime.resources.add(self.stream)

    def open(self, path: Path, flags: int, mode: int, callback: Callback) -> None:
        """Open the file, then call back; tell the stream's listeners."""

        def opened(error: BaseException | None, fd: Any) -> None:
            if error is not None:
                callback(file_error(error, "open", path) if isinstance(error, OSError) else error)
                return
            self.fd = fd
            callback(None)
            self.stream.emit("open", fd)
            self.stream.emit("ready")

        self.call(opened, os.open, path, flags, mode)

    def close(self, error: BaseException | None, callback: Callback, *, flush: bool) -> None:
        """Close the file once no call is in flight; call back with what failed last."""
        if self.busy:
            self.on_idle = lambda failure: self.close(error or failure, callback, flush=flush)
            return
        if not self.fd:  # Node: standard input, descriptor 0, stays open
            self._closed(error, callback)
            return
        fd, self.fd = self.fd, None

        def closed(failure: BaseException | None, result: Any) -> None:
            flushing, closing = result or (None, failure)
            self._closed(closing or error or flushing, callback)

        try:
            self.call(closed, _close, fd, flush)
        except RuntimeError:  # the executor is gone: the program ends
            closed(None, _close(fd, flush))

    def _closed(self, error: BaseException | None, callback: Callback) -> None:
        if self.held:
            self.runtime.resources.discard(self.stream)
        callback(error)


def _close(fd: int, flush: bool) -> tuple[OSError | None, OSError | None]:
    """Close a descriptor, after flushing it; return how the flush failed, and how the close."""
    flushing: OSError | None = None
    closing: OSError | None = None
    if flush:
        try:
            os.fsync(fd)
        except OSError as error:
            flushing = file_error(error, "fsync")
    try:
        os.close(fd)
    except OSError as error:
        closing = file_error(error, "close")
    return flushing, closing


def write_all(fd: int, data: bytes, position: int | None, is_over: Callable[[], bool]) -> tuple[int, OSError | None]:
    """Write all of the data, however often the system takes a part only; return how much it took, and why not all.

    It stops between two parts when `is_over` says that nobody waits any more.
    """
    rest = memoryview(data)
    written = 0
    while rest:
        try:
            count = os.write(fd, rest) if position is None else os.pwrite(fd, rest, position + written)
        except BlockingIOError:  # a descriptor that somebody made non-blocking: standard output, often
            _wait_for_room(fd)
        except OSError as error:
            return written, file_error(error, "write")
        else:
            if not count:
                return written, file_error(errno.EIO, "write")
            written += count
            rest = rest[count:]
        if is_over():
            break
    return written, None


def write_pipe(
    fd: int, pipe: int, size: int, position: int | None, is_over: Callable[[], bool]
) -> tuple[int, OSError | None]:
    """Write what is in a kernel's pipe, without looking at it; otherwise as `write_all`."""
    written = 0
    while written < size:
        try:
            count = os.splice(pipe, fd, size - written, offset_dst=None if position is None else position + written)
        except OSError as error:
            if error.errno != errno.EINVAL:
                return written, file_error(error, "write")
            # The system does not splice into this file: one that is appended to, for one.
            data = os.read(pipe, size - written)
            count, failure = write_all(fd, data, None if position is None else position + written, is_over)
            return written + count, failure
        written += count
        if is_over():
            break
    return written, None


# How many milliseconds a write waits for room before it asks whether it is still wanted.
_PATIENCE = 100


def _wait_for_room(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    # Not for ever: whoever wrote may have been destroyed.
    poll.poll(_PATIENCE)
