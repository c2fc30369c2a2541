"""The readable side: a source pushes, a consumer reads, and the buffer between them knows when to ask for more.

Theory of operation.  `push` puts a chunk into the buffer or, in flowing mode with nothing before it, gives it
straight to the `'data'` listeners.  `read` takes from the buffer and is the one place that decides whether the source
is asked (`_read`).  Everything a consumer is told (`'readable'`, `'end'`, the start of flowing) waits for a tick, so
that who has just got the stream can still add listeners.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from sockstream.encoding import StringDecoder, encode, normalise_encoding
from sockstream.errors import (
    InvalidArgTypeError,
    MethodNotImplementedError,
    OutOfRangeError,
    StreamPushAfterEofError,
    StreamUnshiftAfterEndEventError,
)
from sockstream.stream import pipe as piping
from sockstream.stream.buffer import take, trim
from sockstream.stream.destroy import construct_soon, error_or_destroy
from sockstream.stream.hooks import set_hooks
from sockstream.stream.iterate import ReadableIterator
from sockstream.stream.operators import Operators
from sockstream.stream.reading_modes import ReadingModes
from sockstream.stream.state import NOTHING, ReadableState, check_high_water_mark

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
    from typing import Self

    from sockstream.abort import AbortSignal
    from sockstream.stream.duplex import Duplex
    from sockstream.stream.writable import Writable

    _WritableT = TypeVar("_WritableT", bound=Writable)

__all__ = ["Readable"]

# Node: read(n) over the high-water mark raises the mark to the next power of two, up to here.
_MAX_HIGH_WATER_MARK = 1 << 30


class Readable(ReadingModes, Operators):
    """A stream one reads from. Node: `stream.Readable`.

    Subclass it and write `_read`, or give `read=`.

    Args:
        high_water_mark: bytes (objects in object mode) buffered before `push` returns False; 65,536 (16).
        object_mode: chunks are any objects but None.
        encoding: decode bytes to str with this encoding.
        default_encoding: what a str that is pushed is encoded with.
        emit_close: emit `'close'` when destroyed.
        auto_destroy: destroy the stream after `'end'` and on errors.
        signal: destroys the stream when it is aborted.
        construct: `construct(callback)`, before anything else.
        read: `read(size)`: push what there is, now or later.
        destroy: `destroy(error, callback)`.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        UnknownEncodingError: no such encoding.

    Events:
        data (chunk): a chunk, in flowing mode.
        readable: there is something to `read()`, or the end was reached.
        end: all was read.
        pause, resume: flowing mode was left, was entered.
        error (error): the stream failed.
        close: the stream is destroyed.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        high_water_mark: int | None = None,
        object_mode: bool = False,
        encoding: str | None = None,
        default_encoding: str = "utf8",
        emit_close: bool = True,
        auto_destroy: bool = True,
        signal: AbortSignal | None = None,
        construct: Callable[..., object] | None = None,
        read: Callable[..., object] | None = None,
        destroy: Callable[..., object] | None = None,
    ) -> None:
        super().__init__()
        set_hooks(self, construct=construct, read=read, destroy=destroy)
        self._init_readable(
            ReadableState(high_water_mark, object_mode, emit_close, auto_destroy, default_encoding), encoding
        )
        if signal is not None:
            self._obey(signal)
        if self._construct is not None:
            construct_soon(self, self._start_reading)

    @staticmethod
    def from_(
        iterable: Iterable[Any] | AsyncIterable[Any],
        *,
        high_water_mark: int | None = None,
        object_mode: bool = True,
        encoding: str | None = None,
        emit_close: bool = True,
        auto_destroy: bool = True,
        signal: AbortSignal | None = None,
    ) -> Readable:
        """Make a stream of what an iterable gives, which is asked for more when the stream is.

        Args:
            iterable: an iterable, an async iterable, or a generator of either kind; str and bytes-like are one chunk.
                What a plain iterable gives is awaited where that can be. None is no chunk, and fails the stream.
            high_water_mark: how much is taken before the stream is read; one chunk, unless this says more.
            object_mode: chunks are any objects; else bytes-like or str.
            encoding: as for Readable.
            emit_close: as for Readable.
            auto_destroy: as for Readable.
            signal: destroys the stream when it is aborted.

        Returns:
            The stream. Destroying it closes the iterator, with `close()` or `aclose()` if it has that: a generator gets
            the error where it yields, or its `finally` runs; an async generator that awaits something is cancelled.
            What the iterator raises fails the stream.

        Raises:
            InvalidArgTypeError: `iterable` is none, or an option of the wrong type.

        Example:
            >>> async for chunk in Readable.from_(["one", "two"]):
            ...     print(chunk)
            one
            two

        Node: `stream.Readable.from`.
        """
        from sockstream.stream.from_iterable import feed_of

        feed = feed_of(iterable)
        if feed is None:
            raise InvalidArgTypeError("iterable", "an iterable or an async iterable", iterable)
        if high_water_mark is None and not isinstance(iterable, (str, bytes, bytearray, memoryview)):
            high_water_mark = 1
        stream = feed.stream = Readable(
            high_water_mark=high_water_mark,
            object_mode=object_mode,
            encoding=encoding,
            emit_close=emit_close,
            auto_destroy=auto_destroy,
            read=feed.read,
            destroy=feed.destroy,
        )
        if signal is not None:
            stream._obey(signal)
        return stream

    def _init_readable(self, state: ReadableState, encoding: str | None) -> None:
        if type(state.high_water_mark) is not int or state.high_water_mark < 0:
            check_high_water_mark("high_water_mark", state.high_water_mark)
        if state.default_encoding != "utf8":
            state.default_encoding = normalise_encoding(state.default_encoding)
        self._rs = state
        if encoding is not None:
            state.decoder = StringDecoder(encoding)
            state.encoding = state.decoder.encoding

    def _start_reading(self) -> None:
        if self._rs.need_readable:
            self._maybe_read_more()

    # -- the source's side --------------------------------------------------------------------------------------------

    def _read(self, size: int) -> object:
        """Push what there is, now or later; the hook that is called when the buffer has room."""
        raise MethodNotImplementedError("_read()")

    def push(self, chunk: Any, encoding: str | None = None) -> bool:
        """Give the stream a chunk of what `_read` was asked for.

        Args:
            chunk: bytes-like or str, any object in object mode; None says that there is no more.
            encoding: of a str.

        Returns:
            Whether more is wanted now. If not, push nothing until `_read` is called again.

        Events: `'data'` or `'readable'`; `'error'` (StreamPushAfterEofError, InvalidArgTypeError) for a chunk that
        cannot be taken. Node: `readable.push`.
        """
        state = self._rs
        if (
            (type(chunk) is not bytes or not chunk or state.decoder is not None)
            if not state.object_mode
            else (chunk is None or state.decoder is not None)
        ) or not state.can_push():
            return self._accept(chunk, encoding, front=False)
        state.reading = False
        self._add_chunk(chunk, front=False)
        return not state.ended and (state.length < state.high_water_mark or not state.length)

    def unshift(self, chunk: Any, encoding: str | None = None) -> bool:
        """Put a chunk back at the front of the buffer: what was read too far.

        Args and returns are those of `push`. Node: `readable.unshift`.
        """
        return self._accept(chunk, encoding, front=True)

    def _accept(self, chunk: Any, encoding: str | None, *, front: bool) -> bool:
        state = self._rs
        if not state.object_mode and chunk is not None:
            if isinstance(chunk, str):
                chunk = self._from_text(chunk, encoding)
            elif type(chunk) is not bytes:
                if not isinstance(chunk, (bytes, bytearray, memoryview)):
                    error_or_destroy(self, InvalidArgTypeError("chunk", "bytes-like, a str or None", chunk))
                    return False
                chunk = bytes(chunk)
            if front and state.encoding is not None and not isinstance(chunk, str):
                # Differs: Node leaves bytes among the text.
                chunk = StringDecoder(state.encoding).end(chunk)
        if chunk is None:
            state.reading = False
            self._on_end_of_source()
        elif not state.object_mode and not len(chunk):
            if not front:
                state.reading = False
                self._maybe_read_more()
        elif front:
            return self._add_to_front(chunk)
        else:
            return self._add_to_back(chunk)
        return state.is_below_mark()

    def _from_text(self, text: str, encoding: str | None) -> str | bytes:
        """Turn pushed text into bytes, unless it is what decoding them would give."""
        name = normalise_encoding(encoding) if encoding is not None else self._rs.default_encoding
        return text if self._rs.encoding == name else encode(text, name)

    def _add_to_front(self, chunk: Any) -> bool:
        state = self._rs
        if state.end_emitted:
            error_or_destroy(self, StreamUnshiftAfterEndEventError())
        elif state.destroyed or state.errored is not None:
            return False
        else:
            self._add_chunk(chunk, front=True)
        return state.is_below_mark()

    def _add_to_back(self, chunk: Any) -> bool:
        state = self._rs
        if state.ended:
            error_or_destroy(self, StreamPushAfterEofError())
            return False
        if state.destroyed or state.errored is not None:
            return False
        state.reading = False
        if state.decoder is not None and not isinstance(chunk, str):
            chunk = state.decoder.write(chunk)
            if not chunk and not state.object_mode:
                self._maybe_read_more()
                return state.is_below_mark()
        self._add_chunk(chunk, front=False)
        return state.is_below_mark()

    def _add_chunk(self, chunk: Any, *, front: bool) -> None:
        state = self._rs
        if state.flowing and state.length == 0 and not state.sync and state.data_listening:
            state.await_drain_writers = frozenset()
            state.data_emitted = True
            self.emit("data", chunk)
        else:
            state.length += state.measure(chunk)
            if front:
                trim(state)
                state.prepend(chunk)
            else:
                state.append(chunk)
            if state.need_readable:
                self._emit_readable_soon()
        if not state.reading_more:
            self._maybe_read_more()

    def _on_end_of_source(self) -> None:
        state = self._rs
        if state.ended:
            return
        if state.decoder is not None and (rest := state.decoder.end()):
            state.append(rest)
            state.length += state.measure(rest)
        state.ended = True
        if state.sync:
            # Who called read() gets the data first.
            self._emit_readable_soon()
        else:
            state.need_readable = False
            state.emitted_readable = True
            self._emit_readable()

    def _maybe_read_more(self) -> None:
        """Fill the buffer up to the mark, a tick later."""
        state = self._rs
        if not state.reading_more and state.constructed:
            state.reading_more = True
            self._tick(self._read_more)

    def _read_more(self) -> None:
        state = self._rs
        while (
            not state.reading
            and not state.ended
            and (state.length < state.high_water_mark or (state.flowing and state.length == 0))
        ):
            before = state.length
            self.read(0)
            if state.length == before:
                break  # the source is asynchronous, or has nothing
        state.reading_more = False

    # -- the consumer's side ------------------------------------------------------------------------------------------

    def read(self, size: int | None = None) -> Any:
        """Take data out of the buffer.

        Args:
            size: how many bytes (characters with an encoding); None for all there is. In object mode, one object.

        Returns:
            The data, or None if there is not that much yet. After the end of the source, what is left.

        Raises:
            InvalidArgTypeError: `size` is no int.
            OutOfRangeError: `size` is over 1 GiB.

        Events: `'data'` with what is returned; `'end'` after the last. Node: `readable.read`.
        """
        state = self._rs
        if size is not None:
            self._check_size(size)
        if size != 0:
            state.emitted_readable = False
        elif self._is_enough_buffered():
            self._announce()
            return None
        count = self._how_much(size)
        if count == 0 and state.ended:
            if state.length == 0:
                self._end_soon()
            return None
        length = state.length
        if (state.need_readable or not length or length - count < state.high_water_mark) and state.can_call_read():
            self._ask_source()
            # A source that pushed at once may have changed what can be returned, and so may a read() within.
            if not state.reading or count > state.length:
                count = self._how_much(size)
        return self._take(count, size)

    def _check_size(self, size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, int):
            raise InvalidArgTypeError("size", "an int or None", size)
        if size > _MAX_HIGH_WATER_MARK:
            raise OutOfRangeError("size", "at most 1 GiB", size)
        if size > self._rs.high_water_mark:
            self._rs.high_water_mark = 1 << (size - 1).bit_length()

    def _is_enough_buffered(self) -> bool:
        """Return whether read(0) has nothing to ask of the source, only something to say to the consumer."""
        state = self._rs
        mark = state.high_water_mark
        return state.need_readable and ((state.length >= mark if mark != 0 else state.length > 0) or state.ended)

    def _announce(self) -> None:
        if self._rs.length == 0 and self._rs.ended:
            self._end_soon()
        else:
            self._emit_readable_soon()

    def _how_much(self, size: int | None) -> int:
        """Return how much a read of `size` takes now."""
        state = self._rs
        length = state.length
        if (size is not None and size <= 0) or (state.ended and not length):
            return 0
        if state.object_mode:
            return 1
        if size is None:
            # In flowing mode, chunk by chunk as they came.
            return len(state.buffer[0]) - state.offset if length and state.flowing else length
        if size <= state.length:
            return size
        return state.length if state.ended else 0

    def _ask_source(self) -> None:
        state = self._rs
        state.reading = True
        state.sync = True
        if state.length == 0:
            state.need_readable = True
        try:
            self._read(state.high_water_mark)
        except Exception as error:
            error_or_destroy(self, error)
        state.sync = False

    def _take(self, count: int, size: int | None) -> Any:
        state = self._rs
        chunk = take(state, count) if count > 0 else None
        if chunk is None:
            state.need_readable = state.length <= state.high_water_mark
            count = 0
        else:
            state.length -= count
            state.await_drain_writers = frozenset()
        if state.length == 0:
            if not state.ended:
                state.need_readable = True
            if size != count and state.ended:
                self._end_soon()
        # Node: what is buffered still comes after destroy(), until that is told.
        if chunk is not None and not state.error_emitted and not state.close_emitted:
            state.data_emitted = True
            self.emit("data", chunk)
        return chunk

    # -- what the consumer is told ------------------------------------------------------------------------------------

    def _end_soon(self) -> None:
        state = self._rs
        if not state.end_emitted:
            state.ended = True
            self._tick(self._emit_end)

    def _emit_end(self) -> None:
        state = self._rs
        if state.errored is not None or state.close_emitted or state.end_emitted or state.length:
            return
        state.end_emitted = True
        self.emit("end")
        self._after_end()

    def _after_end(self) -> None:
        """Decide what the end of reading means for the whole stream."""
        if self._rs.auto_destroy:
            self.destroy()

    # -- text ----------------------------------------------------------------------------------------------------------

    def set_encoding(self, encoding: str | None = None) -> Self:
        """Deliver str from now on, decoded incrementally; what is buffered is decoded at once.

        Args:
            encoding: Node's name of an encoding or any Python codec's; None for utf8.

        Returns:
            The stream.

        Raises:
            UnknownEncodingError: no such encoding.

        Node: `readable.setEncoding`.
        """
        state = self._rs
        state.decoder = StringDecoder("utf8" if encoding is None else encoding)
        state.encoding = state.decoder.encoding
        decode = state.decoder.write
        trim(state)
        chunks = [chunk if isinstance(chunk, str) else decode(chunk) for chunk in state.buffer]
        if not state.object_mode:
            text = "".join(chunks)
            chunks = [text] if text else []
        state.buffer = deque(chunks) if chunks else NOTHING
        state.length = sum(map(state.measure, chunks))
        return self

    # -- pipes and iteration ------------------------------------------------------------------------------------------

    def pipe(self, dest: _WritableT, *, end: bool = True) -> _WritableT:
        """Write all that comes to a Writable, at its pace.

        Args:
            dest: where to.
            end: end the destination when this stream ends.

        Returns:
            The destination, so that pipes chain.

        Events: `'pipe'` on the destination. Node: `readable.pipe`.
        """
        return piping.pipe(self, dest, end=end)

    def _pipe_added(self) -> None:
        """Notice a new pipe: a source may do more for it than to emit chunks."""

    def unpipe(self, dest: Writable | None = None) -> Self:
        """Stop writing to one destination, or to all.

        Args:
            dest: which; None for all.

        Returns:
            The stream.

        Events: `'unpipe'` on the destination. Node: `readable.unpipe`.
        """
        piping.unpipe(self, dest)
        return self

    def iterator(self, *, destroy_on_return: bool = True) -> ReadableIterator:
        """Return an async iterator over the chunks.

        Args:
            destroy_on_return: destroy the stream when the loop is left early.

        Node: `readable.iterator`.
        """
        return ReadableIterator(self, destroy_on_return=destroy_on_return)

    def __aiter__(self) -> ReadableIterator:
        """Iterate over the chunks; leaving the loop early destroys the stream with an AbortError."""
        return self.iterator()

    def _readable(self) -> Readable:
        return self

    def _made_from(self, chunks: AsyncIterator[Any]) -> Readable:
        return Readable.from_(chunks)

    def compose(self, stream: Any, *, signal: AbortSignal | None = None) -> Duplex:
        """Return the stream that this one is when another stands behind it.

        Args:
            stream: a Duplex, an async generator function, or whatever else `compose` takes.
            signal: destroys the stream when it is aborted.

        Returns:
            A Duplex to read from.

        Raises:
            InvalidArgValueError: `stream` is not writable.
            InvalidArgTypeError: it is no stream, and none can be made of it; or `signal` is no AbortSignal.

        Example:
            >>> async def doubled(source):
            ...     async for number in source:
            ...         yield number * 2
            >>> await Readable.from_([1, 2]).compose(doubled).to_list()
            [2, 4]

        Node: `readable.compose`.
        """
        from sockstream.stream.composing import compose  # it stands on this class
        from sockstream.stream.signals import check_signal

        if signal is not None:
            check_signal(signal)
        composed = compose(self, stream)
        if signal is not None:
            composed._obey(signal)
        return composed
