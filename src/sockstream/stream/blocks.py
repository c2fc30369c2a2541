"""Streams in `async with` blocks: what is noted while one is in there, and how it is closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream.destroy import any_state, readable_state, writable_state
from sockstream.stream.moments import next_of

if TYPE_CHECKING:
    from sockstream.stream.base import Stream

__all__ = ["Block", "close"]

# What may be the end of a stream.
_MOMENTS = ("end", "finish", "error", "close")


class Block:
    """The blocks that a stream is in."""

    __slots__ = ("depth", "error")

    def __init__(self) -> None:
        # How many there are, one in another.
        self.depth = 0
        # The error that came while nobody in there waited for one.
        self.error: BaseException | None = None


async def close(stream: Stream) -> None:
    """End a stream that can be written to, destroy one that can only be read, and wait until it is closed.

    Raises:
        BaseException: the stream's error, when it fails meanwhile.
    """
    each: Any = stream
    if writable_state(stream) is None:
        stream.destroy()
    else:
        each.end()
        # Nobody will read what still comes, and without that there is no end.
        if readable_state(stream) is not None:
            each.resume()
    while not _is_over(stream):
        await next_of(stream, *_MOMENTS)
    if not stream.destroyed:
        stream.destroy()
        while not _is_over(stream):
            await next_of(stream, *_MOMENTS)
    if stream.errored is not None:
        raise stream.errored


def _is_over(stream: Stream) -> bool:
    """Return whether the stream is closed or, where it does not close by itself, through with both sides."""
    state = any_state(stream)
    if state.destroyed:
        return state.close_emitted or not state.emit_close
    reading, writing = readable_state(stream), writable_state(stream)
    is_through = (reading is None or reading.end_emitted) and (writing is None or writing.finished)
    return is_through and not state.auto_destroy
