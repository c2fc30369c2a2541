"""Streams as binary file-like objects, for synchronous code in a worker thread.

Theory of operation.  The file is one of `io`'s buffered classes over a raw file of ours.  Each raw call is a request:
the worker's thread hands it to the loop (`call_soon_threadsafe`) and blocks; on the loop it is tried now and after each
event of the stream that may matter, until it has its answer.  Every end of the stream is such an event, so that no
thread is left behind; for what no event tells, a loop that is closed above all, the thread looks up now and then.

The buffered classes hold a lock during a raw call.  On the loop's own thread each method must therefore fail before
that lock: the thread which has it waits for the loop.
"""

from __future__ import annotations

import functools
import io
import threading
import warnings
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    StreamDestroyedError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.loop import current
from sockstream.stream.bridges.checks import check_gives_bytes
from sockstream.stream.destroy import any_state
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.duplex import Duplex

__all__ = ["to_file"]

_T = TypeVar("_T")

# How often a thread that waits looks up, for what no event tells.
_LOOK_UP_SECONDS = 1.0
# How much goes to a stream or comes from it in one call at most, however much the caller has.
_MOST = 1 << 20


@overload
def to_file(stream: Readable, mode: Literal["r"] = "r", *, buffer_size: int = 65_536) -> io.BufferedReader: ...
@overload
def to_file(stream: Writable, mode: Literal["w"], *, buffer_size: int = 65_536) -> io.BufferedWriter: ...
@overload
def to_file(stream: Duplex, mode: Literal["rw"], *, buffer_size: int = 65_536) -> io.BufferedRWPair: ...
def to_file(stream: Any, mode: str = "r", *, buffer_size: int = 65_536) -> Any:
    """Make a binary file-like object of a stream, for synchronous code that runs in a worker thread.

    It is made on the loop's thread and used in another: `asyncio.to_thread` runs a function there. Reading and writing
    block that thread, at the pace of the stream. The stream's error is raised from them and from `close()`; so is a
    StreamPrematureCloseError when it was destroyed without one. Nobody else should read from the stream or write to it.

    `close()` ends a Writable and waits for `'finish'`; it destroys a Readable that was not read to its end, a Duplex
    too: use `"rw"` for both sides. When the work is cancelled, destroy the stream: the thread goes on until then.

    For text, wrap it: `io.TextIOWrapper(stream.to_file(socket), encoding="utf8")`.

    Args:
        stream: what to read from or write to.
        mode: `"r"` to read from it, `"w"` to write to it, `"rw"` for both.
        buffer_size: how many bytes the file buffers in each direction; every trip to the loop takes that much.

    Returns:
        An `io.BufferedReader`, `io.BufferedWriter` or `io.BufferedRWPair`, which cannot seek. Its methods raise
        RuntimeError on the loop's own thread, and when the loop is closed.

    Raises:
        InvalidArgTypeError: `stream` lacks the side, or `buffer_size` is no int.
        InvalidArgValueError: another mode; what is read from it are objects or text, not bytes.
        OutOfRangeError: a `buffer_size` under 1.

    Example:
        An archive that comes over a socket::

            def unpack(file):
                with tarfile.open(fileobj=file, mode="r|gz") as archive:
                    archive.extractall("incoming", filter="data")

            await asyncio.to_thread(unpack, stream.to_file(socket))
    """
    if mode not in ("r", "w", "rw"):
        raise InvalidArgValueError("mode", mode, "must be 'r', 'w' or 'rw'")
    if isinstance(buffer_size, bool) or not isinstance(buffer_size, int):
        raise InvalidArgTypeError("buffer_size", "an int", buffer_size)
    if buffer_size < 1:
        raise OutOfRangeError("buffer_size", ">= 1", buffer_size)
    _check_sides(stream, mode)
    if mode == "rw":
        return _StreamPair(stream, buffer_size)
    return _StreamReader(stream, buffer_size) if mode == "r" else _StreamWriter(stream, buffer_size)


def _check_sides(stream: object, mode: str) -> None:
    if "r" in mode:
        if not isinstance(stream, Readable):
            raise InvalidArgTypeError("stream", "a Readable", stream)
        check_gives_bytes(stream, stream._rs)
    if "w" in mode and not isinstance(stream, Writable):
        raise InvalidArgTypeError("stream", "a Writable", stream)


# -- from the thread to the loop --------------------------------------------------------------------------------------


class _Request:
    """What a thread waits for."""

    __slots__ = ("_done", "attempt", "error", "result")

    def __init__(self, attempt: Callable[[], Any]) -> None:
        # Returns the result, or None if there is none yet; raises what the thread is to get.
        self.attempt = attempt
        self.result: Any = None
        self.error: BaseException | None = None
        self._done = threading.Event()

    def try_now(self) -> bool:
        """Try it, on the loop; return whether it is over."""
        try:
            self.result = self.attempt()
        except BaseException as error:  # whatever a stream was destroyed with
            self.error = error
        if self.result is None and self.error is None:
            return False
        self._done.set()
        return True

    def wait(self, seconds: float) -> bool:
        """Block until it is over, so long at most; return whether it is."""
        return self._done.wait(seconds)


class _Raw(io.RawIOBase):
    """A raw file over one side of a stream."""

    # What may bring a request its answer.
    _events: tuple[str, ...]

    def __init__(self, stream: Readable | Writable) -> None:
        super().__init__()
        self._stream = stream
        self._runtime = current()
        self._thread = threading.get_ident()
        # What waits, on the loop: one at most, as the buffered class sees to.
        self._request: _Request | None = None
        # The stream's error has been raised.
        self._is_told = False
        for name in (*self._events, "error", "close"):
            stream.on(name, self._on_event)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._stream!r}>"

    def __del__(self) -> None:
        """Leave the stream alone: the file was forgotten, not closed."""

    def check_thread(self, *, closing: bool = False) -> None:
        """Raise where waiting would be for ever; a file can be closed after its loop, which its stream never hears."""
        if self._runtime.loop.is_closed():
            if closing:
                return
            raise RuntimeError("the stream's loop is closed")
        if threading.get_ident() == self._thread:
            raise RuntimeError(
                "a file of to_file() blocks and must not be used on its loop's thread: use asyncio.to_thread"
            )

    def _ask(self, attempt: Callable[[], Any]) -> Any:
        """Have the loop try something until it has an answer; block for that."""
        self.check_thread()
        request = _Request(attempt)
        self._runtime.loop.call_soon_threadsafe(self._runtime.enter, self._stream, self._begin, request)
        while not request.wait(_LOOK_UP_SECONDS):
            if self._runtime.loop.is_closed():
                raise RuntimeError("the stream's loop was closed while the file waited")
            # No event tells of everything: a stream may have been made not to emit 'close'.
            self._runtime.loop.call_soon_threadsafe(self._runtime.enter, self._stream, self._on_event)
        if request.error is not None:
            self._is_told = True
            raise request.error
        return request.result

    # -- on the loop --------------------------------------------------------------------------------------------------

    def _begin(self, request: _Request) -> None:
        self._request = None if request.try_now() else request

    def _on_event(self, *_: object) -> None:
        if self._request is not None and self._request.try_now():
            self._request = None

    def _raise_error(self) -> None:
        """Raise the error that the stream has."""
        error = any_state(self._stream).errored
        if error is not None:
            raise error

    def _let_go(self) -> None:
        for name in (*self._events, "error", "close"):
            self._stream.off(name, self._on_event)

    # -- closing ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the stream's side, once."""
        if self.closed:
            return
        self.check_thread(closing=True)
        super().close()
        try:
            if not self._is_told:
                self._ask(self._close_stream)
        finally:
            if not self._runtime.loop.is_closed():
                self._runtime.loop.call_soon_threadsafe(self._let_go)

    if TYPE_CHECKING:
        # Ends or destroys the stream, on the loop; None while that is not over.
        def _close_stream(self) -> bool | None: ...


class _RawReader(_Raw):
    """The readable side."""

    _stream: Readable
    _events = ("readable", "end")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, at least one byte, and block until it is; 0 is the end."""
        room = memoryview(buffer).cast("B")
        if not room:
            return 0
        data: bytes = self._ask(lambda: self._take(min(len(room), _MOST)))
        room[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Read to the end."""
        chunks: list[bytes] = []
        while chunk := self._ask(lambda: self._take(_MOST)):
            chunks.append(chunk)
        return b"".join(chunks)

    def _take(self, size: int) -> bytes | None:
        state = self._stream._rs
        self._raise_error()
        if state.end_emitted:
            return b""
        if state.destroyed:
            raise StreamPrematureCloseError
        if state.length:
            # Asking for more than the mark would raise it.
            return self._stream.read(min(size, state.length, state.high_water_mark or 1))  # type: ignore[no-any-return]
        # The source is asked; at its end, 'end' is on its way.  What it pushes comes with 'readable'.
        self._stream.read(0)
        return b"" if state.ended and not state.length else None

    def _close_stream(self) -> bool:
        self._raise_error()
        state = self._stream._rs
        if state.ended and not state.length:
            self._stream.read(0)  # 'end' may be due yet
        else:
            self._stream.destroy()
        return True


class _RawWriter(_Raw):
    """The writable side."""

    _stream: Writable
    _events = ("drain", "finish")

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Write a part of the data at least, and block until the stream wants more."""
        with memoryview(data) as view:
            chunk = bytes(view.cast("B")[:_MOST])
        self._ask(_Writing(self, chunk))
        return len(chunk)

    def start_write(self, chunk: bytes) -> None:
        """Give the stream a chunk, on the loop."""
        self._raise_error()
        if self._stream.destroyed:
            raise StreamDestroyedError("write")
        if self._stream.writable_ended:
            raise StreamWriteAfterEndError
        self._stream.write(chunk)

    def is_drained(self) -> bool:
        """Return whether the stream wants more, on the loop."""
        self._raise_error()
        state = self._stream._ws
        if state.destroyed and not state.finished:
            raise StreamDestroyedError("write")
        return not state.need_drain or state.ending

    def _close_stream(self) -> bool | None:
        state = self._stream._ws
        self._raise_error()
        if state.finished:
            return True
        if state.destroyed:
            raise StreamPrematureCloseError
        if not state.ending:
            self._stream.end()
        return None


class _Writing:
    """The attempts at a write: the first hands the chunk over, the others look whether the stream wants more."""

    __slots__ = ("_chunk", "_raw")

    def __init__(self, raw: _RawWriter, chunk: bytes) -> None:
        self._raw = raw
        self._chunk: bytes | None = chunk

    def __call__(self) -> bool | None:
        chunk, self._chunk = self._chunk, None
        if chunk is not None:
            self._raw.start_write(chunk)
        return self._raw.is_drained() or None


# -- the buffered files -----------------------------------------------------------------------------------------------


def _off_the_loop(*names: str) -> Callable[[type[_T]], type[_T]]:
    """Have these methods of a buffered class look at the thread first."""

    def guard(method: Any) -> Any:
        @functools.wraps(method)
        def guarded(self: Any, *args: Any) -> Any:
            if not self.closed:
                self.raw_file.check_thread(closing=method.__name__ == "close")
            return method(self, *args)

        return guarded

    def decorate(cls: type[_T]) -> type[_T]:
        for name in names:
            setattr(cls, name, guard(getattr(cls, name)))
        return cls

    return decorate


def _warn_unless_closed(file: io.BufferedIOBase) -> None:
    """Tell of a file that was forgotten: what it buffers never reached its stream."""
    if not file.closed:
        warnings.warn(f"unclosed {file!r}", ResourceWarning, stacklevel=3, source=file)


@_off_the_loop(
    "read", "read1", "readinto", "readinto1", "readline", "readlines", "peek", "detach", "close", "__next__"
)  # fmt: skip
class _StreamReader(io.BufferedReader):
    """What `to_file(stream, "r")` makes."""

    def __init__(self, stream: Readable, buffer_size: int) -> None:
        self.raw_file = _RawReader(stream)
        super().__init__(self.raw_file, buffer_size)

    def __del__(self) -> None:
        """Leave the stream alone."""


@_off_the_loop("write", "writelines", "flush", "detach", "close")
class _StreamWriter(io.BufferedWriter):
    """What `to_file(stream, "w")` makes."""

    def __init__(self, stream: Writable, buffer_size: int) -> None:
        self.raw_file = _RawWriter(stream)
        super().__init__(self.raw_file, buffer_size)

    def __del__(self) -> None:
        """Tell of what never reached the stream."""
        _warn_unless_closed(self)


@_off_the_loop(
    "read", "read1", "readinto", "readinto1", "readline", "readlines", "peek", "write", "writelines", "flush", "close",
    "__next__",
)  # fmt: skip
class _StreamPair(io.BufferedRWPair):
    """What `to_file(stream, "rw")` makes."""

    def __init__(self, stream: Duplex, buffer_size: int) -> None:
        self.raw_file = _RawWriter(stream)
        super().__init__(_RawReader(stream), self.raw_file, buffer_size)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.raw_file!r}>"

    def __del__(self) -> None:
        """Tell of what never reached the stream."""
        _warn_unless_closed(self)
