"""What a stream knows about each of its sides: plain slotted attributes, with Node's field names.

The questions that several places ask of the facts together are methods here, written once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, OutOfRangeError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from sockstream.encoding import StringDecoder

__all__ = [
    "NOTHING",
    "BufferedWrite",
    "FinishedWrites",
    "ReadableState",
    "SideState",
    "WritableState",
    "check_high_water_mark",
    "get_default_high_water_mark",
    "set_default_high_water_mark",
]

# What most streams have for a buffer: a deque of their own would take as much memory as all the rest of them.
# It takes nothing in.
NOTHING: Final[deque[Any]] = deque(maxlen=0)

_default_bytes = 65_536
_default_objects = 16


def get_default_high_water_mark(object_mode: bool) -> int:
    """Return the high-water mark of streams that name none: bytes, or objects in object mode.

    Node: `stream.getDefaultHighWaterMark`.
    """
    return _default_objects if object_mode else _default_bytes


def set_default_high_water_mark(object_mode: bool, value: int) -> None:
    """Set the high-water mark of streams made from now on.

    Args:
        object_mode: whether of object streams or of byte streams.
        value: 0 or more.

    Raises:
        InvalidArgTypeError: `value` is no number.
        OutOfRangeError: `value` is negative, or not whole.

    Node: `stream.setDefaultHighWaterMark`.
    """
    global _default_bytes, _default_objects  # the setting is the module's, as in Node
    given: object = value
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise InvalidArgTypeError("value", "an int", given)
    if not isinstance(given, int) or given < 0:
        raise OutOfRangeError("value", "an int of 0 or more", given)
    if object_mode:
        _default_objects = value
    else:
        _default_bytes = value


def check_high_water_mark(name: str, value: object) -> None:
    """Raise unless the option `value` is an int of 0 or more."""
    # Node: of a stream's options this one has a single code for all that it may not be.
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidArgValueError(name, value, "must be an int of 0 or more")


class SideState:
    """What both sides have."""

    __slots__ = (
        "auto_destroy",
        "close_emitted",
        "closed",
        "constructed",
        "destroyed",
        "emit_close",
        "error_emitted",
        "errored",
        "high_water_mark",
        "object_mode",
    )

    def __init__(self, high_water_mark: int | None, object_mode: bool, emit_close: bool, auto_destroy: bool) -> None:
        # Chunks are any objects and count one each.
        self.object_mode = object_mode
        # Where backpressure begins.
        self.high_water_mark = get_default_high_water_mark(object_mode) if high_water_mark is None else high_water_mark
        # 'close' is emitted by the stream (a socket emits its own, with an argument).
        self.emit_close = emit_close
        # The stream destroys itself when both sides are through, and on an error.
        self.auto_destroy = auto_destroy
        # False between the start and the end of `_construct`.
        self.constructed = True
        # destroy() was called.
        self.destroyed = False
        # The first error, once there is one.
        self.errored: BaseException | None = None
        # 'error' is out: it comes once.
        self.error_emitted = False
        # `_destroy` has called back.
        self.closed = False
        # 'close' is out, or would be.
        self.close_emitted = False


class ReadableState(SideState):
    """The readable side."""

    __slots__ = (
        "await_drain_writers",
        "buffer",
        "data_emitted",
        "data_listening",
        "decoder",
        "default_encoding",
        "emitted_readable",
        "encoding",
        "end_emitted",
        "ended",
        "flowing",
        "length",
        "multi_await_drain",
        "need_readable",
        "offset",
        "paused",
        "pipes",
        "readable",
        "readable_listening",
        "reading",
        "reading_more",
        "resume_scheduled",
        "sync",
        "taker",
    )

    def __init__(
        self,
        high_water_mark: int | None = None,
        object_mode: bool = False,
        emit_close: bool = True,
        auto_destroy: bool = True,
        default_encoding: str = "utf8",
    ) -> None:
        super().__init__(high_water_mark, object_mode, emit_close, auto_destroy)
        # False for the side of a Duplex that was made without it.
        self.readable = True
        # What was pushed and not yet read, and how much that is (bytes, characters or objects).
        self.buffer = NOTHING
        self.length = 0
        # How much of the first chunk in there was read.
        self.offset = 0
        # None: nobody has asked for data yet; False: paused; True: chunks are pushed at 'data' listeners.
        self.flowing: bool | None = None
        # None: pause() and resume() were never called; else what was called last.
        self.paused: bool | None = None
        # The source has said that there is no more; 'end' may not be out yet.
        self.ended = False
        self.end_emitted = False
        # `_read` was called and has not pushed yet.
        self.reading = False
        # `_read` is on the stack: what it pushes now must not be emitted now.
        self.sync = True
        # Somebody found the buffer short: the next chunk is worth a 'readable'.
        self.need_readable = False
        # A 'readable' is on its way.
        self.emitted_readable = False
        # There are 'readable' listeners: they rule out flowing mode.
        self.readable_listening = False
        self.resume_scheduled = False
        # A tick that fills the buffer up to the high-water mark is on its way.
        self.reading_more = False
        # The destinations, and those of them that wait for 'drain'.
        self.pipes: tuple[Any, ...] = ()
        self.await_drain_writers: frozenset[Any] = frozenset()
        # Node: with several destinations, one that goes lets the source flow again even if none is waited for.
        self.multi_await_drain = False
        # Some 'data' was emitted or read.
        self.data_emitted = False
        # A 'data' listener has asked for data: chunks may go to the listeners without passing the buffer.
        self.data_listening = False
        # What the async iterator awaits that takes the next chunk with `take_only`.
        self.taker: asyncio.Future[None] | None = None
        # What turns bytes into text, and into whose; None: chunks are bytes.
        self.decoder: StringDecoder | None = None
        self.encoding: str | None = None
        self.default_encoding = default_encoding

    def append(self, chunk: Any) -> None:
        """Put a chunk at the end of the buffer; the length is the caller's to count."""
        if self.buffer is NOTHING:
            self.buffer = deque((chunk,))
        else:
            self.buffer.append(chunk)

    def prepend(self, chunk: Any) -> None:
        """Put a chunk at the front of the buffer; the length is the caller's to count."""
        if self.buffer is NOTHING:
            self.buffer = deque((chunk,))
        else:
            self.buffer.appendleft(chunk)

    def is_below_mark(self) -> bool:
        """Return whether the source should go on pushing."""
        return not self.ended and (self.length < self.high_water_mark or self.length == 0)

    def is_waiting(self) -> bool:
        """Return whether nothing is buffered and the source was asked: read() would only note that one waits."""
        return not self.length and self.reading and not self.ended and not self.destroyed and self.errored is None

    def take_only(self) -> Any:
        """Take the one whole chunk there is as read() would of a source that was asked already."""
        self.length = 0
        self.need_readable = True
        self.emitted_readable = False
        self.data_emitted = True
        if self.await_drain_writers:
            self.await_drain_writers = frozenset()
        return self.buffer.popleft()

    def can_push(self) -> bool:
        """Return whether a chunk can be taken from the source."""
        return not (self.ended or self.destroyed or self.errored is not None)

    def can_call_read(self) -> bool:
        """Return whether `_read` may be called now."""
        return not (self.ended or self.reading or self.destroyed or self.errored is not None or not self.constructed)

    def measure(self, chunk: Any) -> int:
        """Return what a chunk counts for."""
        return 1 if self.object_mode else len(chunk)


class BufferedWrite:
    """A chunk that waits in a Writable: what `_writev` gets a list of."""

    __slots__ = ("callback", "chunk", "encoding")

    def __init__(self, chunk: Any, encoding: str, callback: Callable[[BaseException | None], object] | None) -> None:
        self.chunk = chunk
        self.encoding = encoding
        self.callback = callback

    def __repr__(self) -> str:
        return f"BufferedWrite(chunk={self.chunk!r}, encoding={self.encoding!r})"


class FinishedWrites:
    """Writes in a row that share a callback."""

    __slots__ = ("callback", "count")

    def __init__(self, callback: Callable[[BaseException | None], object] | None) -> None:
        self.callback = callback
        self.count = 1


class WritableState(SideState):
    """The writable side."""

    __slots__ = (
        "after_write",
        "after_write_pending",
        "buffer_processing",
        "buffered",
        "corked",
        "decode_strings",
        "default_encoding",
        "ended",
        "ending",
        "final_called",
        "finish_callbacks",
        "finished",
        "length",
        "need_drain",
        "pending_callbacks",
        "prefinished",
        "sync",
        "writable",
        "write_callback",
        "write_length",
        "writing",
    )

    def __init__(
        self,
        high_water_mark: int | None = None,
        object_mode: bool = False,
        emit_close: bool = True,
        auto_destroy: bool = True,
        default_encoding: str = "utf8",
        decode_strings: bool = True,
    ) -> None:
        super().__init__(high_water_mark, object_mode, emit_close, auto_destroy)
        # False for the side of a Duplex that was made without it.
        self.writable = True
        # What waits behind the write in flight, and how much that is, the one in flight included.
        self.buffered: deque[BufferedWrite] = NOTHING
        self.length = 0
        # A `_write` has not called back yet: its size, its callback, and whether it is still on the stack.
        self.writing = False
        self.write_length = 0
        self.write_callback: Callable[[BaseException | None], object] | None = None
        self.sync = False
        # cork() calls that no uncork() has met.
        self.corked = 0
        # The buffer is being written out: what finishes meanwhile must not start that again.
        self.buffer_processing = False
        # A write() returned False; 'drain' is owed.
        self.need_drain = False
        # end() was called; `ended` once its own work is done.
        self.ending = False
        self.ended = False
        # `_final` was called; it has called back; 'finish' is out.
        self.final_called = False
        self.prefinished = False
        self.finished = False
        # Callbacks the user is still owed; 'finish' waits for them.
        self.pending_callbacks = 0
        self.finish_callbacks: tuple[Callable[[BaseException | None], object], ...] = ()
        # The last writes that finished while on the stack and whose callback waits for a tick.
        self.after_write: FinishedWrites | None = None
        # A tick for finished writes is on its way.
        self.after_write_pending = False
        # str is encoded before `_write` sees it.
        self.decode_strings = decode_strings
        self.default_encoding = default_encoding

    def append(self, write: BufferedWrite) -> None:
        """Let a write wait; the length is the caller's to count."""
        if self.buffered is NOTHING:
            self.buffered = deque((write,))
        else:
            self.buffered.append(write)

    def needs_finish(self) -> bool:
        """Return whether all was written after end(), so that the stream can finish."""
        return (
            self.ending
            and not self.destroyed
            and self.constructed
            and self.length == 0
            and self.errored is None
            and not self.buffered
            and not self.buffer_processing
            and not self.finished
            and not self.writing
            and not self.error_emitted
            and not self.close_emitted
        )

    def needs_tick(self) -> bool:
        """Return whether a write that has finished on the stack, without a callback, asks for a tick."""
        # Node: objects always do.
        return not self.after_write_pending and (self.object_mode or (self.need_drain and self.length == 0))

    def is_drain_due(self) -> bool:
        """Return whether 'drain' is owed and nothing stands in its way any more."""
        return self.need_drain and self.length == 0 and not self.ending and not self.destroyed

    def must_buffer(self) -> bool:
        """Return whether a new chunk has to wait."""
        return self.writing or self.corked > 0 or self.errored is not None or not self.constructed

    def measure(self, chunk: Any) -> int:
        """Return what a chunk counts for."""
        return 1 if self.object_mode else len(chunk)
