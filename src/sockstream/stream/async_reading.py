"""Reading from a Readable by `await`: a number of bytes, up to a separator, a line.

Data is only taken out of the stream's buffer when it is returned, so cancelling loses nothing.
"""

from __future__ import annotations

from asyncio import IncompleteReadError, LimitOverrunError
from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, StreamPrematureCloseError
from sockstream.stream.buffer import join
from sockstream.stream.moments import next_of

if TYPE_CHECKING:
    from sockstream.stream.readable import Readable

__all__ = ["read_exactly", "read_line", "read_until"]

# What may matter to who waits for data.
_MOMENTS = ("readable", "end", "error", "close")


async def read_exactly(stream: Readable, count: int) -> Any:
    """Read exactly `count` bytes, or characters where the stream has an encoding.

    Args:
        stream: what to read from.
        count: how many.

    Raises:
        IncompleteReadError: the stream ended before.
        BaseException: the stream's error.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise InvalidArgTypeError("count", "an int", count)
    if count < 0:
        raise InvalidArgValueError("count", count, "must be 0 or more")
    if count == 0:
        return _nothing(stream)
    while True:
        _raise_error(stream)
        # Asking for more than is there makes the stream buffer that much.
        if not stream._rs.ended or stream._rs.length >= count:
            chunk = stream.read(count)
            if chunk is not None:
                _tell_end(stream)
                return chunk
        if _is_at_end(stream):
            raise IncompleteReadError(_rest(stream), count)
        await next_of(stream, *_MOMENTS)


async def read_until(stream: Readable, separator: Any) -> Any:
    """Read up to and including a separator.

    Args:
        stream: what to read from.
        separator: bytes, or str where the stream has an encoding; not empty.

    Raises:
        IncompleteReadError: the stream ended before.
        LimitOverrunError: as much as the high-water mark is there without a separator; nothing was taken.
        BaseException: the stream's error.
    """
    if not separator:
        raise InvalidArgValueError("separator", separator, "must not be empty")
    if stream._rs.decoder is not None and isinstance(separator, bytes):
        separator = separator.decode()
    start = 0
    while True:
        _raise_error(stream)
        state = stream._rs
        buffered, offset = join(state) or _nothing(stream), state.offset
        found = buffered.find(separator, offset + start)
        if found >= 0:
            line = stream.read(found - offset + len(separator))
            _tell_end(stream)
            return line
        if _is_at_end(stream):
            raise IncompleteReadError(_rest(stream), None)
        if state.length >= max(1, state.high_water_mark):
            raise LimitOverrunError("separator not found, and the buffer is full", state.length)
        # What was searched needs no second look, but for a separator cut in two.
        start = max(0, state.length - len(separator) + 1)
        stream.read(0)
        await next_of(stream, *_MOMENTS)


async def read_line(stream: Readable) -> Any:
    r"""Read up to and including `\n`; at the end what is left, then an empty chunk.

    Raises:
        LimitOverrunError: as much as the high-water mark is there without a newline; nothing was taken.
        BaseException: the stream's error.
    """
    try:
        return await read_until(stream, b"\n")
    except IncompleteReadError as error:
        return error.partial


def _nothing(stream: Readable) -> Any:
    return b"" if stream._rs.decoder is None else ""


def _is_at_end(stream: Readable) -> bool:
    return stream._rs.ended


def _tell_end(stream: Readable) -> None:
    """Let the stream have its 'end' if the last of it was taken: who reads by twins waits for no other sign of it."""
    if stream._rs.ended and not stream._rs.length:
        stream.read(0)


def _rest(stream: Readable) -> Any:
    """Take what is left after the end of the source; the stream can have its 'end' then."""
    state = stream._rs
    rest = (join(state) or _nothing(stream))[state.offset :]
    if rest:
        stream.read(len(rest))
    stream.read(0)
    return rest


def _raise_error(stream: Readable) -> None:
    state = stream._rs
    if state.errored is not None:
        raise state.errored
    if state.destroyed and not state.end_emitted:
        raise StreamPrematureCloseError
