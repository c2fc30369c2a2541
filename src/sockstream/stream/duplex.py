"""Both sides in one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sockstream.stream.base import Stream
from sockstream.stream.destroy import construct_soon
from sockstream.stream.hooks import set_hooks
from sockstream.stream.readable import Readable
from sockstream.stream.state import ReadableState, WritableState
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.abort import AbortSignal

__all__ = ["Duplex", "DuplexOptions"]


class DuplexOptions(TypedDict, total=False):
    """The keyword arguments of `Duplex`, with Node's names in snake_case."""

    allow_half_open: bool
    readable: bool
    writable: bool
    high_water_mark: int | None
    readable_high_water_mark: int | None
    writable_high_water_mark: int | None
    object_mode: bool
    readable_object_mode: bool
    writable_object_mode: bool
    encoding: str | None
    default_encoding: str
    decode_strings: bool
    emit_close: bool
    auto_destroy: bool
    signal: AbortSignal | None
    construct: Callable[..., object] | None
    read: Callable[..., object] | None
    write: Callable[..., object] | None
    writev: Callable[..., object] | None
    final: Callable[..., object] | None
    destroy: Callable[..., object] | None


class Duplex(Readable, Writable):
    """A stream with two independent sides, one to read from and one to write to. Node: `stream.Duplex`.

    Args:
        allow_half_open: keep the writable side open when the readable side ends; else it is ended too.
        readable: False for a stream without its readable side.
        writable: False for a stream without its writable side.
        high_water_mark: of both sides; `readable_high_water_mark` and `writable_high_water_mark` of one.
        readable_high_water_mark: of the readable side.
        writable_high_water_mark: of the writable side.
        object_mode: of both sides; `readable_object_mode` and `writable_object_mode` of one.
        readable_object_mode: of the readable side.
        writable_object_mode: of the writable side.
        encoding: as for Readable.
        default_encoding: of both sides.
        decode_strings: as for Writable.
        emit_close: emit `'close'` when destroyed.
        auto_destroy: destroy the stream when both sides are through, and on errors.
        signal: destroys the stream when it is aborted.
        construct: hooks: those of Readable and Writable.
        read: see Readable.
        write: see Writable.
        writev: see Writable.
        final: see Writable.
        destroy: `destroy(error, callback)`.

    Attributes:
        allow_half_open: whether the writable side stays open when the readable side ends. Node: `duplex.allowHalfOpen`.

    Events: those of Readable and of Writable.
    """

    __slots__ = ("allow_half_open",)

    def __init__(
        self,
        *,
        allow_half_open: bool = True,
        readable: bool = True,
        writable: bool = True,
        high_water_mark: int | None = None,
        readable_high_water_mark: int | None = None,
        writable_high_water_mark: int | None = None,
        object_mode: bool = False,
        readable_object_mode: bool = False,
        writable_object_mode: bool = False,
        encoding: str | None = None,
        default_encoding: str = "utf8",
        decode_strings: bool = True,
        emit_close: bool = True,
        auto_destroy: bool = True,
        signal: AbortSignal | None = None,
        construct: Callable[..., object] | None = None,
        read: Callable[..., object] | None = None,
        write: Callable[..., object] | None = None,
        writev: Callable[..., object] | None = None,
        final: Callable[..., object] | None = None,
        destroy: Callable[..., object] | None = None,
    ) -> None:
        Stream.__init__(self)
        if not (construct is read is write is writev is final is destroy is None):
            set_hooks(self, construct=construct, read=read, write=write, writev=writev, final=final, destroy=destroy)
        # Whether the writable side outlives the readable one.
        self.allow_half_open = allow_half_open
        self._init_readable(
            ReadableState(
                readable_high_water_mark if high_water_mark is None else high_water_mark,
                object_mode or readable_object_mode,
                emit_close,
                auto_destroy,
                default_encoding,
            ),
            encoding,
        )
        self._init_writable(
            WritableState(
                writable_high_water_mark if high_water_mark is None else high_water_mark,
                object_mode or writable_object_mode,
                emit_close,
                auto_destroy,
                default_encoding,
                decode_strings,
            )
        )
        if not readable:
            self._go_without_reading()
        if not writable:
            self._go_without_writing()
        if signal is not None:
            self._obey(signal)
        if self._construct is not None:
            construct_soon(self, self._start_reading)
            construct_soon(self, self._start_writing)

    @staticmethod
    def from_(source: Any = None, *, readable: Any = None, writable: Any = None) -> Duplex:  # type: ignore[override]
        """Make a Duplex of something else.

        Args:
            source: what to make it of. A Duplex is returned as it is; a Readable or a Writable becomes a Duplex with
                that side. An iterable, an async iterable, str or bytes is read from. A function is called with an
                async iterable of what is written: what an (async) generator function yields can be read, and a
                coroutine function, which must return None, is only written to. An awaitable is one chunk, or none if
                its result is None.
            readable: in the place of `source`: the stream, or whatever else `source` may be, to read from.
            writable: likewise the stream or the coroutine function to write to.

        Returns:
            The Duplex. When what is behind it fails or is destroyed, so is it, and the other way round.

        Raises:
            InvalidArgTypeError: no Duplex can be made of it.
            InvalidReturnValueError: the function returned what is neither iterable nor awaitable.

        Events: those of Duplex; `'error'` (InvalidReturnValueError) when a coroutine function returns something,
        (AbortError) when it returns before the end was written.

        Example:
            >>> async def upper(source):
            ...     async for chunk in source:
            ...         yield chunk.upper()
            >>> loud = Duplex.from_(upper)
            >>> loud.end("hello")
            >>> await loud.to_list()
            ['HELLO']

        Node: `stream.Duplex.from`.
        """
        from sockstream.stream.duplex_from import duplex_from  # it stands on this class

        return duplex_from(source, readable, writable)

    def _go_without_reading(self) -> None:
        state = self._rs
        state.readable = False
        state.ended = state.end_emitted = True

    def _go_without_writing(self) -> None:
        state = self._ws
        state.writable = False
        state.ending = state.ended = state.finished = True

    def _after_end(self) -> None:
        writing = self._ws
        if self.writable and not self.allow_half_open:
            self._tick(self._end_writing)
        elif self._rs.auto_destroy and writing.auto_destroy and (writing.finished or not writing.writable):
            self.destroy()

    def _end_writing(self) -> None:
        if self.writable:
            self.end()
