"""File streams: files read and written at the pace of the other end of a pipe.

Every call on a file runs in the loop's executor, never on the loop's thread; its result comes back as an entry.  A
stream has one such call in flight at most, and destroying it waits for that call before the descriptor is closed.
"""

from __future__ import annotations

import errno
import os
import select
from typing import TYPE_CHECKING, Any, TypedDict, cast

from sockstream.encoding import normalise_encoding
from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    StreamDestroyedError,
    UnknownEncodingError,
    file_error,
)
from sockstream.loop import current
from sockstream.stream.base import Stream
from sockstream.stream.destroy import error_or_destroy
from sockstream.stream.finished import finished
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import TypeAlias, Unpack

    from sockstream.abort import AbortSignal
    from sockstream.stream.state import BufferedWrite

    Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
    _Callback: TypeAlias = Callable[[BaseException | None], object]

__all__ = [
    "ReadStream",
    "ReadStreamOptions",
    "WriteStream",
    "WriteStreamOptions",
    "create_read_stream",
    "create_write_stream",
]


class _CommonOptions(TypedDict, total=False):
    """What both kinds of file stream can be told."""

    flags: str | int
    encoding: str | None
    fd: int | None
    mode: int | str
    auto_close: bool
    emit_close: bool
    start: int | None
    high_water_mark: int
    signal: AbortSignal | None


class ReadStreamOptions(_CommonOptions, total=False):
    """The options of `ReadStream`."""

    end: int | None


class WriteStreamOptions(_CommonOptions, total=False):
    """The options of `WriteStream`."""

    flush: bool


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


# -- the options ------------------------------------------------------------------------------------------------------

_ACCESS = {"r": os.O_RDONLY, "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND}
# Letter by letter, the flags that may follow the first letter.
_FLAGS = {"r": ("", "s", "+", "s+"), "w": ("", "x", "+", "x+"), "a": ("", "x", "+", "x+", "s", "s+")}


def _open_flags(flags: object) -> int:
    """Return what open(2) takes for Node's `flags`, in which `x` and `s` may also come first."""
    if isinstance(flags, (int, float)) and not isinstance(flags, bool):
        return _whole("flags", flags, -(1 << 31), (1 << 31) - 1)
    if isinstance(flags, str):
        name = flags[1] + flags[0] + flags[2:] if flags[:1] in ("x", "s") and len(flags) > 1 else flags
        first, rest = name[:1], name[1:]
        if rest in _FLAGS.get(first, ()):
            number = _ACCESS[first]
            if "+" in rest:
                number = number & ~os.O_WRONLY | os.O_RDWR
            return number | (os.O_EXCL if "x" in rest else 0) | (os.O_SYNC if "s" in rest else 0)
    raise InvalidArgValueError("flags", flags, "is invalid: use one of Node's, such as 'r', 'w', 'a', 'r+' or 'wx'")


def _open_mode(mode: object) -> int:
    """Return the permissions of a file that is created: a number, or octal digits."""
    if isinstance(mode, str):
        if not mode or mode.strip("01234567"):
            raise InvalidArgValueError("mode", mode, "must be octal digits, or a number")
        mode = int(mode, 8)
    # The system looks at no more than these.
    return _whole("mode", mode, 0, (1 << 32) - 1) & 0o7777


def _whole(name: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number that is in its range."""
    if isinstance(value, float):
        raise OutOfRangeError(name, "an integer", value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgTypeError(name, "of type int", value)
    if not lowest <= value <= highest:
        raise OutOfRangeError(name, f">= {lowest} and <= {highest}", value)
    return value


def _check_path(path: object) -> None:
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InvalidArgTypeError("path", "of type str or bytes or path-like", path)
    plain = os.fspath(path)
    if "\0" in plain if isinstance(plain, str) else b"\0" in plain:
        raise InvalidArgValueError("path", path, "must be without null characters")


def _check_options(path: object, fd: object, encoding: object, start: object) -> None:
    try:
        if encoding is not None:
            normalise_encoding(cast("str", encoding))
    except UnknownEncodingError:
        # Node: a file has another code for that than other streams.
        raise InvalidArgValueError("encoding", encoding, "is no encoding") from None
    if fd is None:
        _check_path(path)
    else:
        _whole("fd", fd, 0, (1 << 31) - 1)
    _check_position("start", start)


def _check_position(name: str, value: object) -> None:
    if value is not None:
        # Node: the largest number that JavaScript counts to.
        _whole(name, value, 0, (1 << 53) - 1)


# -- the descriptor ---------------------------------------------------------------------------------------------------


class _File:
    """A stream's descriptor, and the one call on it that is in flight."""

    __slots__ = ("busy", "fd", "held", "on_idle", "runtime", "stream")

    def __init__(self, stream: _FileStream, fd: int | None, *, held: bool) -> None:
        self.stream = stream
        self.runtime = current()
        # None before the file is open and after it was closed.
        self.fd = fd
        # A call is in flight; what waits for its end gets the error it ended with.
        self.busy = False
        self.on_idle: _Callback | None = None
        # What the user closes himself is not ours to hold.
        self.held = held

    def hold(self) -> None:
        """Have the stream closed when `run` is interrupted."""
        if self.held and not self.stream.closed:
            self.runtime.resources.add(self.stream)

    def call(
        self,
        then: Callable[[BaseException | None, Any], BaseException | None],
        function: Callable[..., Any],
        *args: Any,
    ) -> None:
        """Call a function in the executor.

        Args:
            then: gets its error or its result, on the loop; returns the error that the call ended with.
            function: what may block.
            *args: its arguments.
        """
        future = self.runtime.loop.run_in_executor(None, function, *args)
        self.busy = True
        self.runtime.ref()
        future.add_done_callback(lambda future: self._arrived(then, future))

    def _arrived(
        self, then: Callable[[BaseException | None, Any], BaseException | None], future: asyncio.Future[Any]
    ) -> None:
        error = future.exception()
        result = None if error is not None else future.result()
        try:
            self.runtime.enter(self.stream, self._settle, then, error, result)
        finally:
            self.runtime.unref()

    def _settle(
        self,
        then: Callable[[BaseException | None, Any], BaseException | None],
        error: BaseException | None,
        result: Any,
    ) -> None:
        self.busy = False
        try:
            error = then(error, result)
        finally:  # a listener may raise: the descriptor is closed all the same
            on_idle, self.on_idle = self.on_idle, None
            if on_idle is not None:
                on_idle(error)

    def open(self, path: Path, flags: int, mode: int, callback: _Callback) -> None:
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

    def close(self, error: BaseException | None, callback: _Callback, *, flush: bool) -> None:
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

    def _closed(self, error: BaseException | None, callback: _Callback) -> None:
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


def _write_all(fd: int, data: bytes, position: int | None, is_over: Callable[[], bool]) -> tuple[int, OSError | None]:
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


# How many milliseconds a write waits for room before it asks whether it is still wanted.
_PATIENCE = 100


def _wait_for_room(fd: int) -> None:
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    # Not for ever: whoever wrote may have been destroyed.
    poll.poll(_PATIENCE)


# -- the streams ------------------------------------------------------------------------------------------------------


class _FileStream(Stream):
    """What both file streams have."""

    __slots__ = ()

    path: Path | None
    """The file, as it was given; None with a descriptor in its place."""

    _file: _File
    # How to open it.
    _flags: str | int
    _mode: int | str
    _auto_close: bool
    _flush = False
    # Where the next call reads or writes; None: wherever the descriptor stands.
    _position: int | None

    @property
    def fd(self) -> int | None:
        """The descriptor; None before `'open'` and after the close."""
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
        self._file.open(self.path, _open_flags(self._flags), _open_mode(self._mode), callback)

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        self._file.close(error, callback, flush=self._flush)

    def _close_now(self) -> None:
        self.destroy()
        if self._file.busy:
            # The call in flight may take for ever (a pipe nobody writes to): nobody waits for it, nor for the close.
            self._file.runtime.resources.discard(self)


class ReadStream(_FileStream, Readable):
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
        _check_options(path, fd, encoding, start)
        _check_position("end", end)
        if start is not None and end is not None and start > end:
            raise OutOfRangeError("start", f'<= "end" (here: {end})', start)
        self.path, self.bytes_read = path if fd is None else None, 0
        self._flags, self._mode, self._auto_close, self._position, self._end = flags, mode, auto_close, start, end
        self._file = _File(self, fd, held=auto_close)
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
        if self._end is not None:
            at = self.bytes_read if self._position is None else self._position
            size = min(size, self._end - at + 1)
        if size <= 0:
            self.push(None)
        elif self._position is None:
            self._file.call(self._on_read, os.read, self._file.fd, size)
        else:
            self._file.call(self._on_read, os.pread, self._file.fd, size, self._position)

    def _on_read(self, error: BaseException | None, data: Any) -> BaseException | None:
        if error is not None:
            error = file_error(error, "read") if isinstance(error, OSError) else error
            error_or_destroy(self, error)
            return error
        if not self.destroyed:
            self.bytes_read += len(data)
            if self._position is not None:
                self._position += len(data)
            self.push(data or None)
        return None

    def close(self, callback: _Callback | None = None) -> None:
        """Close the file now, read to its end or not.

        Args:
            callback: `callback(error)` when it is closed; the error is a StreamPrematureCloseError if the end had not
                been reached.

        Events: `'close'`. Node: `readStream.close`.
        """
        if callback is not None:
            finished(self, callback)
        self.destroy()


class WriteStream(_FileStream, Writable):
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
        _check_options(path, fd, encoding, start)
        self.path, self.bytes_written = path if fd is None else None, 0
        self._flags, self._mode, self._auto_close, self._position, self._flush = flags, mode, auto_close, start, flush
        self._file = _File(self, fd, held=auto_close)
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

        self._file.call(written, _write_all, self._file.fd, data, self._position, lambda: self.destroyed)

    def close(self, callback: _Callback | None = None) -> None:
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
