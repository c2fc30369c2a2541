"""Files as Readables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from sockstream.errors import OutOfRangeError, file_error
from sockstream.fs.base import FileStream
from sockstream.fs.file import File
from sockstream.fs.options import check_options, check_position
from sockstream.fs.sending import FileSender
from sockstream.stream.destroy import error_or_destroy
from sockstream.stream.finishing import finished
from sockstream.stream.readable import Readable

if TYPE_CHECKING:
    from typing import Unpack

    from sockstream.abort import AbortSignal
    from sockstream.fs.file import Callback
    from sockstream.fs.options import Path, ReadStreamOptions

__all__ = ["ReadStream", "create_read_stream"]

# How far ahead of a read the system is to fetch a file that is sent.
_AHEAD: Final = 8 << 20


def create_read_stream(path: Path | None, **options: Unpack[ReadStreamOptions]) -> ReadStream:
    """Open a file to be read as a stream.

    Args:
        path: the file; with `fd=`, it is not used and may be None.
        **options: those of `ReadStream`.

    Returns:
        The stream; the file is opened later.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        OutOfRangeError: a negative `fd`, `start` or `end`, or a `start` behind `end`.

    Node: `fs.createReadStream`.
    """
    return ReadStream(path, **options)


class ReadStream(FileStream, Readable):
    """A file as a Readable. Node: `fs.ReadStream`.

    Args:
        path: the file; with `fd`, it is not used and may be None.
        flags: how to open it: one of Node's names (`'r'`, `'r+'`, `'rs'`, ...) or the number that `os.open` takes.
        encoding: decode the bytes to str with this encoding.
        fd: read this descriptor in the file's place; `'open'` and `'ready'` are not emitted then, and 0, standard
            input, is never closed.
        mode: the permissions, should the flags create the file.
        auto_close: close the descriptor at the end and on an error; if not, `close()` or `destroy()` does.
        emit_close: emit `'close'` at last.
        start: where to begin, in bytes; None: at the start, or wherever `fd` stands.
        end: the last byte to read, counted as `start` is; None: to the end of the file.
        high_water_mark: bytes to read at a time, and to buffer.
        signal: destroys the stream when it is aborted.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        InvalidArgValueError: no such encoding, or a path with a null character.
        OutOfRangeError: a negative `fd`, `start` or `end`, or a `start` behind `end`.

    Events:
        open (fd): the file is open.
        ready: it can be read.
        error (error): it could not be opened or read, with Node's `code`, `syscall` and `path`.

    Its other events are those of `Readable`.
    """

    bytes_read: int
    """How many bytes were read from the file. Node: `readStream.bytesRead`."""

    def __init__(
        self,
        path: Path | None,
        *,
        flags: str | int = "r",
        encoding: str | None = None,
        fd: int | None = None,
        mode: int | str = 0o666,
        auto_close: bool = True,
        emit_close: bool = True,
        start: int | None = None,
        end: int | None = None,
        high_water_mark: int = 65_536,
        signal: AbortSignal | None = None,
    ) -> None:
        check_options(path, fd, encoding, start)
        check_position("end", end)
        if start is not None and end is not None and start > end:
            raise OutOfRangeError("start", f'<= "end" (here: {end})', start)
        self.path, self.bytes_read = path if fd is None else None, 0
        self._flags, self._mode, self._auto_close, self._position, self._end = flags, mode, auto_close, start, end
        self._file = File(self, fd, held=auto_close)
        self._sender = FileSender(self)
        super().__init__(
            construct=self._open,
            high_water_mark=high_water_mark,
            encoding=encoding,
            emit_close=emit_close,
            auto_destroy=auto_close,
            signal=signal,
        )
        self._file.hold()

    def _read(self, size: int) -> None:
        size = self._left(size)
        if size <= 0:
            self.push(None)
        elif self._sender.can_send():
            self._sender.send_soon(size)
        else:
            self._read_chunk(size)

    def _left(self, size: int) -> int:
        """Return how many of so many bytes there are before the last that is wanted."""
        if self._end is None:
            return size
        at = self.bytes_read if self._position is None else self._position
        return min(size, self._end - at + 1)

    def _read_chunk(self, size: int, *, fetch: bool = False) -> None:
        """Read so many bytes; perhaps have the system fetch what comes after them, too."""
        self._file.call(self._on_read, _fetch if fetch else _read, self._file.fd, size, self._position)

    def _on_read(self, error: BaseException | None, data: Any) -> BaseException | None:
        if error is not None:
            error = file_error(error, "read") if isinstance(error, OSError) else error
            error_or_destroy(self, error)
            return error
        if not self.destroyed:
            self._count(len(data))
            self.push(data or None)
        return None

    def _count(self, size: int) -> None:
        self.bytes_read += size
        if self._position is not None:
            self._position += size

    def close(self, callback: Callback | None = None) -> None:
        """Close the file now, read to its end or not.

        Args:
            callback: `callback(error)` when it is closed; the error is a StreamPrematureCloseError if the end had not
                been reached.

        Events: `'close'`. Node: `readStream.close`.
        """
        if callback is not None:
            finished(self, callback)
        self.destroy()


def _read(fd: int, size: int, position: int | None) -> bytes:
    return os.read(fd, size) if position is None else os.pread(fd, size, position)


def _fetch(fd: int, size: int, position: int | None) -> bytes:
    """Read, and have the system fetch what comes after that."""
    place = os.lseek(fd, 0, os.SEEK_CUR) if position is None else position
    os.posix_fadvise(fd, place, _AHEAD, os.POSIX_FADV_WILLNEED)
    return _read(fd, size, position)
