"""Bytes that go from one descriptor to another inside the kernel: Linux's `splice`, and the pipes that it needs.

A pipe stands between the two descriptors.  It is borrowed while there are bytes in it and no longer, so a connection
that is silent holds none.  A loop keeps a few while anybody there means to use them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
import termios
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

__all__ = ["CAN_SPLICE", "KernelPipe", "PipePool", "bytes_waiting", "is_refusal", "join"]

CAN_SPLICE: Final = sys.platform == "linux" and hasattr(os, "splice")

# What a pipe is asked to hold.  All of a user's pipes share `fs.pipe-user-pages-soft` pages, 64 MiB: above that a pipe
# cannot grow, and new ones are tiny.
_PIPE_SIZE: Final = 1 << 20
# One that holds less is not worth it.
_LEAST_PIPE_SIZE: Final = 1 << 16
# How many pipes wait for the next bytes.
_MOST_FREE_PIPES: Final = 4

# That the kernel (or a sandbox in its place) does not splice these descriptors says nothing of the connection.
_REFUSALS: Final = frozenset(
    {errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EACCES, errno.ENOMEM, errno.EOPNOTSUPP, errno.EMFILE, errno.ENFILE}
)


def is_refusal(error: OSError) -> bool:
    """Return whether the system does not splice here, where it may still read and write."""
    return error.errno in _REFUSALS


def bytes_waiting(descriptor: int) -> int:
    """Return how many bytes the kernel has for who reads a socket."""
    count: int = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]
    return count


class KernelPipe:
    """A pipe of the kernel's, non-blocking at both ends."""

    __slots__ = ("reading", "writing")

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        except PermissionError:  # it is as large as the system lets it be
            if fcntl.fcntl(self.writing, fcntl.F_GETPIPE_SZ) < _LEAST_PIPE_SIZE:
                self.close()
                raise

    def close(self) -> None:
        """Close both ends, whatever is between them."""
        os.close(self.reading)
        os.close(self.writing)


class PipePool:
    """The pipes of one loop."""

    __slots__ = ("_free", "_loop", "users")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._free: list[KernelPipe] = []
        # How many need it yet.
        self.users = 0

    def leave(self) -> None:
        """Let go of it; the last one gives back all that it holds."""
        self.users -= 1
        if not self.users:
            del _pools[self._loop]
            for pipe in self._free:
                pipe.close()

    def take_in(self, descriptor: int, most: int) -> tuple[int, KernelPipe | None]:
        """Move what a socket has into a pipe; return how much that is, and the pipe.

        Returns:
            0 and no pipe at the end of the stream.

        Raises:
            BlockingIOError: there is nothing now.
            OSError: the connection has died, or the system does not splice here (`is_refusal`).
        """
        pipe = self._free.pop() if self._free else KernelPipe()
        size = 0
        try:
            size = os.splice(descriptor, pipe.writing, most, flags=os.SPLICE_F_NONBLOCK)
        finally:
            if not size:
                self.give_back(pipe)
        return (size, pipe) if size else (0, None)

    def give_out(self, pipe: KernelPipe, descriptor: int, size: int) -> int:
        """Move so much out of a pipe to where it goes; return how much is left in there.

        Raises:
            OSError: the connection has died, or the system does not splice here; the bytes are in the pipe.
        """
        try:
            left = size - os.splice(pipe.reading, descriptor, size, flags=os.SPLICE_F_NONBLOCK)
        except BlockingIOError:
            return size
        if not left:
            self.give_back(pipe)
        return left

    def read_out(self, pipe: KernelPipe, size: int) -> bytes:
        """Return the bytes in a pipe: they cannot be moved out of it."""
        data = os.read(pipe.reading, size)
        self.give_back(pipe)
        return data

    def give_back(self, pipe: KernelPipe) -> None:
        """Take back an empty pipe."""
        if len(self._free) < _MOST_FREE_PIPES:
            self._free.append(pipe)
        else:
            pipe.close()


# There while something moves.
_pools: dict[asyncio.AbstractEventLoop, PipePool] = {}


def join(loop: asyncio.AbstractEventLoop) -> PipePool:
    """Return the loop's pipes, for who will `leave` them."""
    pool = _pools.get(loop)
    if pool is None:
        pool = _pools[loop] = PipePool(loop)
    pool.users += 1
    return pool
