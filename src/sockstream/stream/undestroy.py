"""Making a destroyed Duplex usable again, as a socket that connects a second time is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream.state import NOTHING

if TYPE_CHECKING:
    from sockstream.stream.duplex import Duplex

__all__ = ["undestroy"]


def undestroy(stream: Duplex) -> None:
    """Forget that the stream has ended; its listeners, mode, encoding and what is buffered to read stay."""
    reading, writing = stream._rs, stream._ws
    for state in (reading, writing):
        state.constructed = True
        state.closed = state.close_emitted = state.destroyed = state.error_emitted = False
        state.errored = None
    reading.reading = False
    reading.ended = reading.end_emitted = not reading.readable
    ended = not writing.writable
    writing.ending = writing.ended = writing.finished = ended
    writing.final_called = writing.prefinished = writing.writing = writing.need_drain = False
    writing.buffered = NOTHING
    writing.finish_callbacks = ()
    writing.pending_callbacks = writing.length = writing.write_length = 0
    writing.write_callback = None
