"""Python's file-like objects as streams: open files, pipes, compressed files, members of archives, files in memory.

Every call on the file runs in the loop's executor, never on the loop's thread.  One is in flight at a time; a file that
is read and written without one position for both (a pair of pipes, a socket's) has one in each direction.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import inspect
import io
import os
import select
from typing import TYPE_CHECKING, Any, Literal, overload

from sockstream.encoding import StringDecoder
from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, file_error
from sockstream.stream.base import Stream
from sockstream.stream.blocking import BlockingCalls
from sockstream.stream.destroy import error_or_destroy
from sockstream.stream.duplex import Duplex
from sockstream.stream.readable import Readable
from sockstream.stream.state import get_default_high_water_mark
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, Unpack

    from sockstream.stream.bridges.options import BothOptions, ReadOptions, WriteOptions
    from sockstream.stream.state import BufferedWrite

    class ReadableFile(Protocol):
        """What can be read."""

        def read(self, size: int, /) -> Any: ...

    class WritableFile(Protocol):
        """What can be written."""

        def write(self, data: Any, /) -> Any: ...

    class ReadableWritableFile(ReadableFile, WritableFile, Protocol):
        """What can be both."""


__all__ = ["from_file"]


@overload
def from_file(
    file: ReadableFile, mode: Literal["r"] = "r", *, auto_close: bool = True, **options: Unpack[ReadOptions]
) -> Readable: ...
@overload
def from_file(
    file: WritableFile, mode: Literal["w"], *, auto_close: bool = True, **options: Unpack[WriteOptions]
) -> Writable: ...
@overload
def from_file(
    file: ReadableWritableFile, mode: Literal["rw"], *, auto_close: bool = True, **options: Unpack[BothOptions]
) -> Duplex: ...
def from_file(file: Any, mode: str = "r", *, auto_close: bool = True, **options: Any) -> Any:
    """Make a stream of a file-like object of Python: anything with `read()` or `write()`.

    Its methods are called in the loop's executor, never on the loop's thread. What may block there for ever (a pipe
    that nobody writes to) cannot be broken off: a destroyed stream closes when the call has returned.

    A binary file is read by `read1` where it has one, so that a pipe gives what is there. A text file gives `str` and
    takes it; bytes that are written to it are decoded as UTF-8. A text file that cannot seek (a pipe in text mode) is
    read line by line: its `.buffer` with `encoding="utf8"` is quicker. The two sides of a file that can seek share its
    one position.

    Args:
        file: an open file, `sys.stdin.buffer`, an `io.BytesIO`, what `gzip.open` returns, a member of a zip file, a
            pipe of a `subprocess.Popen`, ...; from now on it is the stream's.
        mode: `"r"` to read it, `"w"` to write it, `"rw"` for both.
        auto_close: close the file with the stream. If not, it stays open; after `'finish'` it is flushed.
        **options: those of the class: `high_water_mark`, `encoding`, `default_encoding`, `emit_close`, `signal`; of a
            Duplex also `allow_half_open`, `readable_high_water_mark` and `writable_high_water_mark`.

    Returns:
        A Readable, a Writable or a Duplex, as `mode` says.

    Raises:
        InvalidArgTypeError: `file` lacks the methods, or they are coroutine functions.
        InvalidArgValueError: another mode, a file that is closed, or one that is not open for it.

    Events:
        error (error): a call on the file failed, with Node's `code` where the system said so.

    Example:
        A compressed file to a socket, and what a socket sends into memory::

            stream.from_file(gzip.open("log.gz")).pipe(socket)

            memory = io.BytesIO()
            await stream.pipeline(socket, stream.from_file(memory, "w", auto_close=False))
    """
    if mode not in ("r", "w", "rw"):
        raise InvalidArgValueError("mode", mode, "must be 'r', 'w' or 'rw'")
    _check(file, mode)
    is_text = isinstance(file, io.TextIOBase) or hasattr(file, "encoding")
    if is_text and "r" in mode:
        options.setdefault("encoding", "utf8")
    kind = {"r": _FileReadable, "w": _FileWritable, "rw": _FileDuplex}[mode]
    return kind(file, auto_close, is_text, **options)


def _check(file: Any, mode: str) -> None:
    for letter, name, question in (("r", "read", "readable"), ("w", "write", "writable")):
        if letter not in mode:
            continue
        method = getattr(file, name, None)
        if isinstance(file, (asyncio.StreamReader, asyncio.StreamWriter)) or inspect.iscoroutinefunction(method):
            raise InvalidArgTypeError("file", "a file-like object without coroutines: see from_asyncio()", file)
        if not callable(method):
            raise InvalidArgTypeError("file", f"a file-like object with {name}()", file)
        if getattr(file, "closed", False) is True:
            raise InvalidArgValueError("file", file, "must be open")
        ask = getattr(file, question, None)
        if callable(ask) and ask() is False:
            raise InvalidArgValueError("file", file, f"must be open to {name}")


# -- in the executor --------------------------------------------------------------------------------------------------


def _is_seekable(file: Any) -> bool:
    ask = getattr(file, "seekable", None)
    return bool(callable(ask) and ask())


def _is_non_blocking(file: Any) -> bool:
    try:
        return not os.get_blocking(file.fileno())
    except (AttributeError, OSError, ValueError, TypeError):  # there is no descriptor
        return False


def _how_to_read(file: Any, is_text: bool) -> Callable[[int], Any]:
    """Return the method that gives what is there, where there is one that does not wait for all it is asked for."""
    read: Callable[[int], Any] = file.read
    if is_text:
        return read if _is_seekable(file) else getattr(file, "readline", read)
    if _is_non_blocking(file):
        # Of a buffered file only this one tells "nothing yet" (None) from the end.
        return read
    return getattr(file, "read1", read)


def _read_some(file: Any, read: Callable[[int], Any], size: int) -> Any:
    while (data := read(size)) is None:
        _wait(file, select.POLLIN)
    return data


def _write_all(file: Any, data: bytes | str) -> None:
    """Write all of the data, however often the file takes a part only."""
    rest: Any = data
    while True:
        try:
            count = file.write(rest)
        except BlockingIOError as error:
            count = getattr(error, "characters_written", 0)
            _wait(file, select.POLLOUT)
        else:
            if count is None and isinstance(file, io.RawIOBase):
                _wait(file, select.POLLOUT)
                continue
            if count == 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            if isinstance(data, str) or not isinstance(count, int):
                return  # it cannot have been a part
        if count >= len(rest):
            return
        rest = memoryview(rest)[count:]


def _flush(file: Any) -> None:
    flush = getattr(file, "flush", None)
    while callable(flush):
        try:
            flush()
        except BlockingIOError:
            _wait(file, select.POLLOUT)
        else:
            return


def _close(file: Any) -> None:
    close = getattr(file, "close", None)
    if callable(close):
        close()


def _wait(file: Any, event: int) -> None:
    """Wait for a file whose descriptor somebody has made non-blocking."""
    try:
        fd = file.fileno()
    except (AttributeError, OSError):  # it must be asked again and again, which would burn a core
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None
    poll = select.poll()
    poll.register(fd, event)
    poll.poll()


# -- the file ---------------------------------------------------------------------------------------------------------


class _File:
    """A stream's file, the calls on it that are in flight, and its close."""

    __slots__ = ("auto_close", "decoder", "file", "is_text", "owner", "read", "reading", "writing")

    def __init__(self, owner: _FileStream, file: Any, auto_close: bool, is_text: bool, *, both: bool = False) -> None:
        self.owner = owner
        self.file = file
        self.auto_close = auto_close
        self.is_text = is_text
        # Found out in the executor, by the first read.
        self.read: Callable[[int], Any] | None = None
        # Of a text file: what is written to it as bytes.
        self.decoder = StringDecoder("utf8")
        self.reading = BlockingCalls(owner)
        self.writing = BlockingCalls(owner) if both and not _is_seekable(file) else self.reading

    def hold(self) -> None:
        """Be what `run` closes when it is interrupted."""
        if not self.owner.destroyed:
            self.reading.runtime.resources.add(self.owner)

    def read_some(self, size: int) -> Any:
        """Read what is there, in the executor."""
        if self.read is None:
            self.read = _how_to_read(self.file, self.is_text)
        return _read_some(self.file, self.read, size or get_default_high_water_mark(False))

    def to_write(self, chunks: list[Any]) -> bytes | str:
        """Return the chunks as the file takes them."""
        if not self.is_text:
            return b"".join(chunks)
        return "".join(
            self.decoder.end() + each if isinstance(each, str) else self.decoder.write(each) for each in chunks
        )

    def finish(self) -> None:
        """Write what is left and flush, in the executor."""
        if self.is_text and (rest := self.decoder.end()):
            _write_all(self.file, rest)
        _flush(self.file)

    @property
    def busy(self) -> bool:
        """Whether a call is in flight."""
        return self.reading.busy or self.writing.busy

    def close(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        """Close the file once no call is in flight; call back with what failed last."""
        for calls in (self.reading, self.writing):
            calls.drop_waiting()
            if calls.busy:
                calls.on_idle = lambda failure: self.close(error or failure, callback)
                return
        if not self.auto_close:
            self._closed(error, callback)
            return

        def closed(failure: BaseException | None, _: Any) -> None:
            # A close flushes once more, and fails as the flush before it did.
            self._closed(error or _as_file_error(failure, "close"), callback)

        try:
            self.reading.call(closed, _close, self.file)
        except RuntimeError:  # the executor is gone: the program ends
            with contextlib.suppress(Exception):
                _close(self.file)
            self._closed(error, callback)

    def _closed(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        self.reading.runtime.resources.discard(self.owner)
        callback(error)


def _as_file_error(error: BaseException | None, syscall: str) -> BaseException | None:
    """Give an error of the system Node's code and text; what a codec says (it has no number) stays as it is."""
    return file_error(error, syscall) if isinstance(error, OSError) and error.errno is not None else error


# -- the streams ------------------------------------------------------------------------------------------------------


class _FileStream(Stream):
    """What the streams of files have in common."""

    __slots__ = ()

    _file: _File

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        self._file.close(error, callback)

    def _close_now(self) -> None:
        self.destroy()
        if self._file.busy:
            # The call in flight may take for ever: nobody waits for it, nor for the close.
            self._file.reading.runtime.resources.discard(self)


class _Reading(_FileStream, Readable):
    """The readable side."""

    __slots__ = ()

    def _read(self, size: int) -> None:
        self._file.reading.call(self._on_read, self._file.read_some, size)

    def _on_read(self, error: BaseException | None, data: Any) -> BaseException | None:
        error = _as_file_error(error, "read")
        if error is not None:
            error_or_destroy(self, error)
        elif not self.destroyed:
            # Text is what decoding would give, whatever it would be decoded from.
            self.push(data or None, self._rs.encoding if isinstance(data, str) else None)
        return error


class _Writing(_FileStream, Writable):
    """The writable side."""

    __slots__ = ()

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        self._put([chunk], callback)

    def _write_together(self, chunks: list[BufferedWrite], callback: Callable[..., None]) -> None:
        self._put([each.chunk for each in chunks], callback)

    def _put(self, chunks: list[Any], callback: Callable[..., None]) -> None:
        data = self._file.to_write(chunks)
        if data:
            self._call(callback, _write_all, self._file.file, data)
        else:
            callback()

    def _finish_file(self, callback: Callable[..., None]) -> None:
        self._call(callback, self._file.finish)

    def _call(self, callback: Callable[..., None], function: Callable[..., Any], *args: Any) -> None:
        def written(error: BaseException | None, _: Any) -> BaseException | None:
            error = _as_file_error(error, "write")
            callback(error)
            return error

        self._file.writing.call(written, function, *args)


class _FileReadable(_Reading):
    """What `from_file(file, "r")` makes."""

    def __init__(self, file: Any, auto_close: bool, is_text: bool, **options: Any) -> None:
        self._file = _File(self, file, auto_close, is_text)
        super().__init__(**options)
        self._file.hold()


class _FileWritable(_Writing):
    """What `from_file(file, "w")` makes."""

    def __init__(self, file: Any, auto_close: bool, is_text: bool, **options: Any) -> None:
        self._file = _File(self, file, auto_close, is_text)
        super().__init__(writev=self._write_together, final=self._finish_file, decode_strings=not is_text, **options)
        self._file.hold()


class _FileDuplex(_Reading, _Writing, Duplex):
    """What `from_file(file, "rw")` makes."""

    def __init__(self, file: Any, auto_close: bool, is_text: bool, **options: Any) -> None:
        self._file = _File(self, file, auto_close, is_text, both=True)
        Duplex.__init__(
            self, writev=self._write_together, final=self._finish_file, decode_strings=not is_text, **options
        )
        self._file.hold()
