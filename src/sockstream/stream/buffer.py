"""Taking from what a Readable has buffered.

The chunks stay as they came.  Of the first one a part may be taken already: `offset` says how much, so that reading a
large chunk in small pieces does not copy the rest of it each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sockstream.stream.state import ReadableState

__all__ = ["first_length", "join", "take", "trim"]


def first_length(state: ReadableState) -> int:
    """Return how much of the first chunk is left."""
    return len(state.buffer[0]) - state.offset


def trim(state: ReadableState) -> None:
    """Let the first chunk be what is left of it."""
    if state.offset:
        state.buffer[0] = state.buffer[0][state.offset :]
        state.offset = 0


def join(state: ReadableState) -> Any:
    """Return the buffer's one chunk, joined of all; what is left of it begins at `offset`. None for nothing."""
    buffer = state.buffer
    if len(buffer) > 1:
        trim(state)
        whole = type(buffer[0])().join(buffer)
        buffer.clear()
        buffer.append(whole)
    return buffer[0] if buffer else None


def take(state: ReadableState, count: int) -> Any:
    """Take so many bytes or characters, or one object; None when nothing is buffered."""
    buffer = state.buffer
    if not buffer:
        return None
    if state.object_mode:
        return buffer.popleft()
    first, offset = buffer[0], state.offset
    left = len(first) - offset
    if count < left:
        state.offset += count
        return first[offset : offset + count]
    if count == left:
        state.offset = 0
        buffer.popleft()
        return first[offset:]
    return _take_several(state, count)


def _take_several(state: ReadableState, count: int) -> Any:
    parts = []
    while count:
        part = take(state, min(count, first_length(state)))
        parts.append(part)
        count -= len(part)
    return type(parts[0])().join(parts)
