"""What both file streams have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.fs.options import open_flags, open_mode
from sockstream.stream.base import Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.fs.file import File
    from sockstream.fs.options import Path

__all__ = ["FileStream"]


class FileStream(Stream):
    """What both file streams have."""

    __slots__ = ()

    path: Path | None
    """The file, as it was given; None with a descriptor in its place."""

    _file: File
    # How to open it.
    _flags: str | int
    _mode: int | str
    _auto_close: bool
    _flush = False
    # Where the next call reads or writes; None: wherever the descriptor stands.
    _position: int | None

    @property
    def fd(self) -> int | None:
        """The descriptor; None before `'open'` and after the close, which leaves standard input, 0."""
        return self._file.fd

    @property
    def pending(self) -> bool:
        """Whether there is no descriptor: not yet, or no more. Node: `stream.pending`."""
        return self._file.fd is None

    def _open(self, callback: Callable[..., None]) -> None:
        """Make the stream ready: its `_construct`."""
        if self._file.fd is not None:  # Node: a descriptor that was given is not announced
            callback()
            return
        assert self.path is not None
        self._file.open(self.path, open_flags(self._flags), open_mode(self._mode), callback)

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        self._file.close(error, callback, flush=self._flush)

    def _close_now(self) -> None:
        self.destroy()
        if self._file.busy:
            # The call in flight may take for ever (a pipe nobody writes to): nobody waits for it, nor for the close.
            self._file.runtime.resources.discard(self)
