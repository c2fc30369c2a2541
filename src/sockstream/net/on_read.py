"""Reading into buffers of the user's: `onread`.

With it, what the kernel has goes straight into a buffer that the user gave and to a callback: no bytes object is made,
and the stream's readable side carries nothing but its end.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, system_error

if TYPE_CHECKING:
    from sockstream.net.handle_stream import HandleStream

__all__ = ["BufferReader", "OnRead", "WritableBuffer"]

# Whatever exports a contiguous, writable buffer: a bytearray, a memoryview, an array, an mmap.
WritableBuffer: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class OnRead:
    """How a socket is to read into buffers instead of delivering chunks. Node: the `onread` option.

    `'data'` and `'readable'` do not come then; `'end'`, `'error'`, `'close'`, `pause` and `resume` are as ever.

    Args:
        buffer: a writable bytes-like object (a bytearray, a memoryview, …) that is used again for each read, or a
            function without arguments that gives one: called when the socket gets its connection, and after each read.
        callback: `callback(size, buffer)`, called with how many bytes were read into the buffer, from its start. What
            is there stays only until the callback returns, unless a function gives a fresh buffer each time. When it
            returns False, reading stops until `resume()` or `read()`.

    Raises:
        InvalidArgTypeError: `buffer` is neither writable and bytes-like nor a function, or `callback` not callable.
        InvalidArgValueError: the buffer has no room.

    Example:
        >>> buffer = bytearray(65_536)
        >>> connect(port=8431, onread=OnRead(buffer, lambda size, buffer: print(bytes(buffer[:size]))))
    """

    buffer: WritableBuffer | Callable[[], WritableBuffer]
    callback: Callable[..., object]

    def __post_init__(self) -> None:
        if not callable(self.buffer):
            room = _room(self.buffer)
            if room is None:
                wanted = "a writable bytes-like object or a function that gives one"
                raise InvalidArgTypeError("buffer", wanted, self.buffer)
            if not room:
                raise InvalidArgValueError("buffer", self.buffer, "must have room for a byte at least")
        if not callable(self.callback):
            raise InvalidArgTypeError("callback", "a callable", self.callback)


def _room(buffer: object) -> int | None:
    """Return how many bytes can be written to a buffer; None when that is not what it is."""
    try:
        view = memoryview(buffer)  # type: ignore[arg-type]
    except TypeError:
        return None
    with view:
        return None if view.readonly or not view.c_contiguous else view.nbytes


class BufferReader:
    """Stands between a handle and a socket with `onread`: the handle's owner in the socket's place."""

    __slots__ = ("_buffer", "_callback", "_give", "_socket")

    def __init__(self, socket: HandleStream, onread: OnRead) -> None:
        """Read for `socket` as `onread` says; nothing happens before `renew`."""
        self._socket = socket
        self._callback = onread.callback
        # The function that gives the buffers, if it is one.
        self._give: Callable[[], WritableBuffer] | None = onread.buffer if callable(onread.buffer) else None
        self._buffer: WritableBuffer = None if callable(onread.buffer) else onread.buffer

    def renew(self) -> None:
        """Ask for the next buffer, if a function gives them.

        Raises:
            InvalidArgTypeError: it gave something else.
            SystemCallError: `ENOBUFS`: the buffer has no room.
        """
        if self._give is None:
            return
        buffer = self._give()
        room = _room(buffer)
        if room is None:
            # Differs: Node goes on with the buffer it had, or reads nothing at all.
            raise InvalidArgTypeError("what the buffer function gives", "a writable bytes-like object", buffer)
        if not room:  # Node: so says libuv
            raise system_error(errno.ENOBUFS, "read")
        self._buffer = buffer

    # -- what the handle asks and tells -------------------------------------------------------------------------------

    def get_buffer(self, _size: int, /) -> WritableBuffer:
        """Return where the next bytes are to go."""
        buffer = self._buffer
        return buffer if type(buffer) is bytearray else memoryview(buffer).cast("B")

    def buffer_updated(self, size: int, /) -> None:
        """Take note that so many bytes are in the buffer: an entry of its own."""
        self._socket._runtime.enter(self._socket, self._filled, size)

    def handle_data(self, chunk: bytes, /) -> None:
        """Take a chunk that was read before there was a buffer: an entry of its own."""
        self._socket._runtime.enter(self._socket, self._copy, chunk)

    def handle_eof(self) -> None:
        """Take the peer's end."""
        self._socket.handle_eof()

    def handle_drained(self) -> None:
        """Take the end of a write."""
        self._socket.handle_drained()

    def handle_lost(self, error: OSError | None, call: str | None = None) -> None:
        """Take the death of the connection."""
        self._socket.handle_lost(error, call)

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        self._socket._listener_failed(error, event, args)

    # -- filling ------------------------------------------------------------------------------------------------------

    def _copy(self, chunk: bytes) -> None:
        start = 0
        while start < len(chunk):
            handle = self._socket._handle
            if handle is None:  # the callback has destroyed the socket
                return
            if not handle.reading:  # or stopped it
                handle.put_back(chunk[start:])
                return
            with memoryview(self._buffer).cast("B") as view:
                size = min(len(view), len(chunk) - start)
                view[:size] = chunk[start : start + size]
            start += size
            self._filled(size)

    def _filled(self, size: int) -> None:
        socket = self._socket
        socket._bytes_read += size
        socket._note_activity()
        result = self._callback(size, self._buffer)
        if result is False:
            socket._stop_reading()
        elif isinstance(result, Coroutine):
            socket._runtime.spawn(socket, "onread", (), result)
        self.renew()
