"""Files as Writables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgTypeError, StreamDestroyedError
from sockstream.fs.base import FileStream
from sockstream.fs.file import File, write_all
from sockstream.fs.options import check_options
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from sockstream.abort import AbortSignal
    from sockstream.fs.file import Callback
    from sockstream.fs.options import Path, WriteStreamOptions
    from sockstream.stream.state import BufferedWrite

__all__ = ["WriteStream", "create_write_stream"]


def create_write_stream(path: Path | None, **options: Unpack[WriteStreamOptions]) -> WriteStream:
    """Open a file to be written as a stream.

    Args:
        path: the file; with `fd=`, it is not used and may be None.
        **options: those of `WriteStream`.

    Returns:
        The stream; the file is opened later, and what is written meanwhile waits.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        OutOfRangeError: a negative `fd` or `start`.

    Node: `fs.createWriteStream`.
    """
    return WriteStream(path, **options)


class WriteStream(FileStream, Writable):
    """A file as a Writable. Node: `fs.WriteStream`.

    Args:
        path: the file; with `fd`, it is not used and may be None.
        flags: how to open it: one of Node's names (`'w'`, `'a'`, `'wx'`, `'r+'`, ...) or the number that `os.open`
            takes. `'w'` empties the file also when there is a `start`; `'r+'` changes a part of it.
        encoding: of a str that is written without naming one.
        fd: write to this descriptor in the file's place; `'open'` and `'ready'` are not emitted then.
        mode: the permissions of a file that is created.
        auto_close: close the descriptor after `'finish'` and on an error; if not, `close()` or `destroy()` does.
        emit_close: emit `'close'` at last.
        start: where to begin, in bytes; None: at the start, or wherever `fd` stands. Appending ignores it.
        high_water_mark: bytes that may wait before `write` returns False.
        signal: destroys the stream when it is aborted.
        flush: force the data onto the disk (fsync) before closing.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        InvalidArgValueError: no such encoding, or a path with a null character.
        OutOfRangeError: a negative `fd` or `start`.

    Events:
        open (fd): the file is open.
        ready: it can be written.
        error (error): it could not be opened or written, with Node's `code`, `syscall` and `path`.

    Its other events are those of `Writable`.
    """

    bytes_written: int
    """How many bytes the file has taken; what still waits does not count. Node: `writeStream.bytesWritten`."""

    def __init__(
        self,
        path: Path | None,
        *,
        flags: str | int = "w",
        encoding: str | None = None,
        fd: int | None = None,
        mode: int | str = 0o666,
        auto_close: bool = True,
        emit_close: bool = True,
        start: int | None = None,
        high_water_mark: int = 65_536,
        signal: AbortSignal | None = None,
        flush: bool = False,
    ) -> None:
        if not isinstance(flush, bool):
            raise InvalidArgTypeError("flush", "of type bool", flush)
        check_options(path, fd, encoding, start)
        self.path, self.bytes_written = path if fd is None else None, 0
        self._flags, self._mode, self._auto_close, self._position, self._flush = flags, mode, auto_close, start, flush
        self._file = File(self, fd, held=auto_close)
        super().__init__(
            construct=self._open,
            writev=self._write_together,
            high_water_mark=high_water_mark,
            default_encoding=encoding or "utf8",
            emit_close=emit_close,
            auto_destroy=auto_close,
            signal=signal,
        )
        self._file.hold()

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        self._put(chunk, callback)

    def _write_together(self, chunks: list[BufferedWrite], callback: Callable[..., None]) -> None:
        self._put(b"".join(request.chunk for request in chunks), callback)

    def _put(self, data: bytes, callback: Callable[..., None]) -> None:
        def written(error: BaseException | None, result: Any) -> BaseException | None:
            count = 0
            if error is None:
                count, error = result
            if self.destroyed:
                # Node: what was under way is of no account, and that is an error.
                error = error or StreamDestroyedError("write")
            elif count:
                self.bytes_written += count
                if self._position is not None:
                    self._position += count
            callback(error)
            return error

        self._file.call(written, write_all, self._file.fd, data, self._position, lambda: self.destroyed)

    def close(self, callback: Callback | None = None) -> None:
        """Write what waits, then close the file, also without `auto_close`.

        Args:
            callback: called without an error when it is closed; at once if it is already.

        Events: `'finish'`, `'close'`. Node: `writeStream.close`.
        """
        if callback is not None:
            if self.closed:
                self._tick(callback, None)
                return
            self.on("close", lambda: callback(None))
        if self._ws.finished:
            # Differs: Node's close() does nothing when the stream has finished without `autoClose`.
            self.destroy()
            return
        if not self._auto_close:
            self.on("finish", self.destroy)
        self.end()

    def destroy_soon(self) -> None:
        """Write what waits, then close; the same as `end()`. Node: `writeStream.destroySoon`."""
        self.end()
