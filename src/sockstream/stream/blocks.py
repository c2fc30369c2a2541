"""Streams in `async with` blocks: what is noted while one is in there, and how it is closed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.loop import current
from sockstream.stream.destroy import any_state, readable_state, writable_state

if TYPE_CHECKING:
    import asyncio

    from sockstream.stream.base import Stream

__all__ = ["Block", "close"]


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
        await _next_moment(stream)
    if not stream.destroyed:
        stream.destroy()
        while not _is_over(stream):
            await _next_moment(stream)
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


async def _next_moment(stream: Stream) -> None:
    """Wait until something has happened that may be the end."""
    waiter: asyncio.Future[None] = current().loop.create_future()

    def wake(*_: object) -> None:
        if not waiter.done():
            waiter.set_result(None)

    names = ("end", "finish", "error", "close")
    for name in names:
        stream.on(name, wake)
    try:
        await waiter
    finally:
        for name in names:
            stream.off(name, wake)
