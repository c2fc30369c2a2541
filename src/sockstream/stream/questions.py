"""What can be asked of any object: whether it is a stream that can be read, has failed, was touched."""

from __future__ import annotations

from sockstream.stream.destroy import readable_state, writable_state

__all__ = ["is_disturbed", "is_errored", "is_readable"]


def is_readable(stream: object) -> bool | None:
    """Tell whether a stream can still be read.

    Args:
        stream: any object.

    Returns:
        None for what is no Readable; False for one that has ended, failed, or was destroyed.

    Example:
        >>> is_readable(Readable.from_(["one"])), is_readable("text")
        (True, None)

    Node: `stream.isReadable`.
    """
    state = readable_state(stream)
    if state is None:
        return None
    return state.readable and not state.destroyed and state.errored is None and not state.end_emitted


def is_errored(stream: object) -> bool:
    """Tell whether a stream has failed.

    Args:
        stream: any object; what is no stream has not failed.

    Returns:
        True from `'error'` on; `stream.errored` is there earlier, from `destroy(error)` on.

    Node: `stream.isErrored`.
    """
    return any(state is not None and state.error_emitted for state in (readable_state(stream), writable_state(stream)))


def is_disturbed(stream: object) -> bool:
    """Tell whether a stream was read from, or destroyed before its end.

    Args:
        stream: any object; what is no Readable was not.

    Node: `stream.isDisturbed`.
    """
    state = readable_state(stream)
    if state is None:
        return False
    was_cut_off = state.readable and (state.destroyed or state.errored is not None) and not state.end_emitted
    return state.data_emitted or was_cut_off
