"""What a connection's kernel has not taken yet of bytes that come from the kernel: they wait where they are."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from sockstream.net.handles.splicing import is_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net.handles.splicing import KernelPipe, PipePool

__all__ = ["FiledOutflow", "PipedOutflow", "is_of_file"]

# What a file may answer where a connection cannot.
_OF_FILES: Final = frozenset({errno.EIO, errno.EOVERFLOW, errno.ESTALE})


def is_of_file(error: OSError) -> bool:
    """Return whether sending a part of a file failed because of the file, or because it cannot be sent so."""
    return is_refusal(error) or error.errno in _OF_FILES


class PipedOutflow:
    """Bytes in a kernel's pipe."""

    __slots__ = ("_descriptor", "_on_taken", "_pipe", "_pool", "unsent")

    def __init__(
        self, pool: PipePool, descriptor: int, pipe: KernelPipe, size: int, on_taken: Callable[[], object]
    ) -> None:
        """Take the pipe.

        Args:
            pool: whose it is.
            descriptor: the connection's.
            pipe: where the bytes are.
            size: how many.
            on_taken: called when the kernel has taken all, and the connection's owner knows.
        """
        self._pool = pool
        self._descriptor = descriptor
        self._pipe = pipe
        self._on_taken = on_taken
        self.unsent = size
        pool.users += 1

    def give(self) -> None:
        """Give the kernel what it takes."""
        self.unsent = self._pool.give_out(self._pipe, self._descriptor, self.unsent)
        if not self.unsent:
            self._pool.leave()

    def taken(self) -> None:
        """Tell that nothing is left."""
        self._on_taken()

    def rescue(self, error: OSError) -> bytes | None:
        """Return the bytes, if it is not the connection that has failed."""
        if not is_refusal(error):
            return None
        data = self._pool.read_out(self._pipe, self.unsent)
        self._pool.leave()
        return data

    def drop(self) -> None:
        """Forget the bytes."""
        self._pipe.close()
        self._pool.leave()


class FiledOutflow:
    """Bytes in a file."""

    __slots__ = ("_descriptor", "_file", "_on_short", "_position", "unsent")

    def __init__(self, descriptor: int, file: int, position: int, size: int, on_short: Callable[[int], object]) -> None:
        """Take another descriptor of the file: its stream may be through with it sooner.

        Args:
            descriptor: the connection's.
            file: the file's.
            position: where the bytes begin.
            size: how many.
            on_short: called with how many of them the file has no more.

        Raises:
            OSError: no descriptor is left.
        """
        self._descriptor = descriptor
        self._file = os.dup(file)
        self._position = position
        self._on_short = on_short
        self.unsent = size

    def give(self) -> None:
        """Give the kernel what it takes."""
        sent = os.sendfile(self._descriptor, self._file, self._position, self.unsent)
        if not sent:
            self._cut_short()
        self._position += sent
        self.unsent -= sent
        if not self.unsent:
            os.close(self._file)

    def _cut_short(self) -> None:
        self._on_short(self.unsent)
        self.unsent = 0

    def taken(self) -> None:
        """Tell that nothing is left: nobody asks."""

    def rescue(self, error: OSError) -> bytes | None:
        """Give up the bytes, if it is not the connection that has failed: who reads the file on will be told why."""
        if not is_of_file(error):
            return None
        self._cut_short()
        os.close(self._file)
        return b""

    def drop(self) -> None:
        """Forget the bytes."""
        os.close(self._file)
