"""Streams as asyncio's readers and writers: an asyncio transport over a stream feeds asyncio's own protocol.

What a program awaits is asyncio's code: `drain` waits as the transport has told the protocol to pause, which it does
when the stream's `write` returns False, until `'drain'`; a reader that is full has the transport pause the stream.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast, overload

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.loop import current
from sockstream.stream.bridges.checks import MUST_GIVE_BYTES, check_gives_bytes
from sockstream.stream.destroy import any_state, readable_state, writable_state
from sockstream.stream.duplex import Duplex
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StreamTransport", "to_asyncio"]


@overload
def to_asyncio(  # type: ignore[overload-overlap]  # a Duplex is both of the others, and first
    stream: Duplex, *, limit: int = 65_536
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...
@overload
def to_asyncio(stream: Readable, *, limit: int = 65_536) -> asyncio.StreamReader: ...
@overload
def to_asyncio(stream: Writable, *, limit: int = 65_536) -> asyncio.StreamWriter: ...
def to_asyncio(stream: Readable | Writable, *, limit: int = 65_536) -> Any:
    """Make a reader or a writer of asyncio's streams of a stream, or both, for a library that takes such.

    They are asyncio's own classes. `drain` waits for the stream's `'drain'`, `wait_closed` for its `'close'`; both, and
    whatever reads, raise the stream's error, and a StreamPrematureCloseError when it was destroyed without one before
    its end. From now on nobody else should read from the stream, or write to it.

    As with asyncio's own connections, a Duplex stays writable after the peer's end: close the writer.

    Args:
        stream: what to read from or to write to; a `net.Socket` may still be connecting.
        limit: as for `asyncio.StreamReader`: how long a line may be, and half of what is buffered at most.

    Returns:
        A reader of a Readable, a writer of a Writable, `(reader, writer)` of a Duplex.

    Raises:
        InvalidArgTypeError: `stream` is no stream.
        InvalidArgValueError: what is read from it are objects or text, not bytes.
        ValueError: a `limit` of 0 or less.

    Example:
        A socket for a library that speaks its protocol over a reader and a writer::

            reader, writer = stream.to_asyncio(socket)
            await some_library.serve(reader, writer)
    """
    given: object = stream
    if not isinstance(given, (Readable, Writable)):
        raise InvalidArgTypeError("stream", "a Readable, a Writable or a Duplex", given)
    reading = readable_state(stream)
    if reading is not None and reading.readable:
        check_gives_bytes(stream, reading)
    loop = current().loop
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport = StreamTransport(stream, protocol)
    if writable_state(stream) is None:
        return reader
    # The reader is the writer's too: `drain` asks it for the error.
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    return writer if reading is None else (reader, writer)


class StreamTransport(asyncio.Transport):
    """An asyncio transport over a stream.

    Args:
        stream: its connection.
        protocol: what it reports to, from within this call on.
    """

    def __init__(self, stream: Readable | Writable, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._stream = stream
        self._protocol = protocol
        self._reading = readable_state(stream)
        self._writing = writable_state(stream)
        # The protocol was told to pause, and to resume is owed.
        self._is_protocol_paused = False
        # close() was called; abort() was called; the protocol knows that the connection is lost.
        self._is_closing = self._is_aborted = self._is_lost = False
        # What the stream knows of its connection is gone when that is closed.
        self._known: dict[str, Any] = {"stream": stream}
        for name in ("peername", "sockname", "socket"):
            self.get_extra_info(name)
        if isinstance(stream, Duplex):
            stream.allow_half_open = True  # the protocol decides what the peer's end means
        protocol.connection_made(self)
        self._listeners: list[tuple[str, Callable[..., None]]] = []
        self._listen()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._stream!r}>"

    # -- what the stream tells ----------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Listen to the stream, or tell what has happened already."""
        state = any_state(self._stream)
        self._listeners += [("error", self._on_error), ("close", self._on_close)]
        if self._writing is not None:
            self._listeners += [("drain", self._on_drain), ("finish", self._on_drain)]
        if self._reading is not None:
            self._listeners += [("end", self._on_end), ("data", self._on_data)]
        for name, listener in self._listeners:
            self._stream.on(name, listener)
        if self._reading is not None and self._reading.end_emitted:
            self._on_end()
        elif isinstance(self._stream, Readable) and not state.destroyed:
            self._stream.resume()  # it may have been paused
        if state.close_emitted or (state.errored is not None and not state.destroyed) or state.closed:
            # Not now: the writer is not made yet.
            self._stream._tick(self._on_close)

    def _on_data(self, chunk: Any) -> None:
        if isinstance(chunk, str):
            raise InvalidArgValueError("stream", self._stream, MUST_GIVE_BYTES)
        if not self._is_closing:
            self._protocol.data_received(chunk)

    def _on_end(self) -> None:
        if not self._protocol.eof_received() and self._writing is not None:
            self.close()

    def _on_drain(self) -> None:
        if self._is_protocol_paused:
            self._is_protocol_paused = False
            self._protocol.resume_writing()

    def _on_error(self, _: BaseException) -> None:
        # 'close' comes first, where the stream has it right behind.
        self._stream._tick(self._on_close)

    def _on_close(self, *_: object) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        for name, listener in self._listeners:
            self._stream.off(name, listener)
        self._protocol.connection_lost(self._reason())

    def _reason(self) -> Exception | None:
        error = any_state(self._stream).errored
        if error is not None or self._is_aborted:
            return cast("Exception | None", error)
        is_cut_off = (self._writing is not None and not self._writing.finished) or (
            self._reading is not None and not self._reading.end_emitted and not self._is_closing
        )
        return StreamPrematureCloseError() if is_cut_off else None

    # -- reading ------------------------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Pause the stream."""
        if isinstance(self._stream, Readable):
            self._stream.pause()

    def resume_reading(self) -> None:
        """Let the stream flow again."""
        if isinstance(self._stream, Readable):
            self._stream.resume()

    def is_reading(self) -> bool:
        """Return whether data comes."""
        return self._reading is not None and bool(self._reading.flowing) and not self.is_closing()

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(self, data: Any) -> None:
        """Write to the stream."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        if self.is_closing() or not len(data):
            return
        if not isinstance(self._stream, Writable) or self._stream._ws.ending:
            raise StreamWriteAfterEndError
        if not self._stream.write(data) and not self._is_protocol_paused and not self._stream.destroyed:
            self._is_protocol_paused = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        """Write chunks to the stream as one batch."""
        if not isinstance(self._stream, Writable):
            raise StreamWriteAfterEndError
        self._stream.cork()
        try:
            for data in list_of_data:
                self.write(data)
        finally:
            self._stream.uncork()

    def write_eof(self) -> None:
        """End the stream."""
        if isinstance(self._stream, Writable) and self._stream.writable:
            self._stream.end()

    def can_write_eof(self) -> bool:
        """Return whether there is a writable side."""
        return self._writing is not None

    def get_write_buffer_size(self) -> int:
        """Return the stream's `writable_length`."""
        return 0 if self._writing is None else self._writing.length

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return 0, where writing resumes, and the stream's high-water mark."""
        return 0, 0 if self._writing is None else self._writing.high_water_mark

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the stream's high-water mark; a stream resumes at 0, whatever `low` is."""
        if high is None:
            high = 65_536 if low is None else 4 * low
        if high < 0 or (low is not None and not 0 <= low <= high):
            raise ValueError(f"high ({high!r}) must be >= low ({low!r}) must be >= 0")
        if self._writing is not None:
            self._writing.high_water_mark = high

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the stream, and destroy it when all is written; nothing is read any more."""
        if self._is_closing:
            return
        self._is_closing = True
        stream = self._stream
        if not isinstance(stream, Writable) or stream.writable_finished or not stream._ws.writable:
            stream.destroy()
            return
        stream.once("finish", stream.destroy)
        if stream.writable:
            stream.end()
        if isinstance(stream, Readable):
            stream.resume()  # what still comes is dropped

    def abort(self) -> None:
        """Destroy the stream."""
        self._is_closing = self._is_aborted = True
        self._stream.destroy()

    def is_closing(self) -> bool:
        """Return whether the transport was closed or is lost."""
        return self._is_closing or self._is_lost or self._stream.destroyed

    # -- what can be asked --------------------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection: `'stream'`; of a socket, `'peername'`, `'sockname'`, `'socket'`."""
        if name not in self._known:
            # A stream that has a connection beneath it answers for that.
            ask = getattr(self._stream, "_extra_info", None)
            found = None if ask is None else ask(name)
            if found is None:
                return default
            self._known[name] = found
        return self._known[name]

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Report to another protocol from now on."""
        self._protocol = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return what the transport reports to."""
        return self._protocol
