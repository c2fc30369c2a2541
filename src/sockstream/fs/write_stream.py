"""Files as Writables."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Final

from sockstream.errors import InvalidArgTypeError, StreamDestroyedError
from sockstream.fs.base import FileStream
from sockstream.fs.file import File, write_all, write_pipe
from sockstream.fs.options import check_options
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias, Unpack

    from sockstream.abort import AbortSignal
    from sockstream.fs.file import Callback
    from sockstream.fs.options import Path, WriteStreamOptions
    from sockstream.stream.state import BufferedWrite

    # How much was written, and why not all.
    _Written: TypeAlias = tuple[int, OSError | None]

__all__ = ["WriteStream", "create_write_stream"]

# What a chunk goes through: a subclass or a user may have put something of their own in there.
_HOOKS: Final = frozenset({"_write", "_write_checked", "write"})


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
        # Whether it is a file on a disk, and the class writes as this one does; None: nobody has looked.
        self._is_file: bool | None = None
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
        self._call(callback, write_all, data)

    def _call(self, callback: Callable[..., None], write: Callable[..., _Written], *what: Any) -> None:
        """Have a function write, then call back."""

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

        self._file.call(written, write, self._file.fd, *what, self._position, lambda: self.destroyed)

    def _can_take_pipe(self) -> bool:
        """Return whether `_write_pipe` would do what `write` does, and nobody could see it."""
        state = self._ws
        return (
            state.constructed
            and not (state.corked or state.ending or state.destroyed)
            and state.errored is None
            and _HOOKS.isdisjoint(self.__dict__)
            and (self._is_file or (self._is_file is None and self._look()))
        )

    def _look(self) -> bool:
        """See what kind of file it is."""
        assert self._file.fd is not None
        is_file = stat.S_ISREG(os.fstat(self._file.fd).st_mode)
        self._is_file = is_file and all(getattr(type(self), name) is getattr(WriteStream, name) for name in _HOOKS)
        return self._is_file

    def _write_pipe(self, pipe: int, size: int, callback: Callable[[int], object]) -> bool:
        """Write what is in a kernel's pipe, when nothing is being written; call back with how much of it was.

        Returns:
            What `write` does.
        """
        state = self._ws
        state.length = size
        state.pending_callbacks += 1
        self._hand_over(size, None)
        state.sync = False
        state.need_drain = size >= state.high_water_mark
        count = 0

        def write(*args: Any) -> _Written:
            nonlocal count
            result = write_pipe(*args)
            count = result[0]
            return result

        def written(error: BaseException | None = None) -> None:
            callback(count)
            self._on_write(error)

        self._call(written, write, pipe, size)
        return not state.need_drain

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
