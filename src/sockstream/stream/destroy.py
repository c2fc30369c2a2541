"""How a stream starts and how it ends: `_construct`, destroy(), and the delivery of the one error.

Destroying always runs, never in the caller's tick for what it reports: `'error'` first, `'close'` last, each once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgTypeError, MultipleCallbackError
from sockstream.events import ERROR_MONITOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.base import Stream
    from sockstream.stream.state import ReadableState, SideState, WritableState

__all__ = [
    "any_state",
    "construct_soon",
    "destroy",
    "emit_error",
    "error_or_destroy",
    "readable_state",
    "record_error",
    "writable_state",
]


def readable_state(stream: object) -> ReadableState | None:
    """Return the state of the readable side, if there is one."""
    return getattr(stream, "_rs", None)


def writable_state(stream: object) -> WritableState | None:
    """Return the state of the writable side, if there is one."""
    return getattr(stream, "_ws", None)


def _states(stream: Stream) -> tuple[SideState, ...]:
    writing: WritableState | None = getattr(stream, "_ws", None)
    reading: ReadableState | None = getattr(stream, "_rs", None)
    if writing is not None:
        return (writing,) if reading is None else (writing, reading)
    return () if reading is None else (reading,)


def any_state(stream: Stream) -> SideState:
    """Return one side's state, for what both sides have in common."""
    state: SideState = writable_state(stream) or stream._rs  # type: ignore[attr-defined]  # it has one of them
    return state


def record_error(stream: Stream, error: BaseException) -> None:
    """Note a side's first error."""
    for state in _states(stream):
        if state.errored is None:
            state.errored = error


# -- starting ---------------------------------------------------------------------------------------------------------


def construct_soon(stream: Stream, ready: Callable[[], None]) -> None:
    """Run the `_construct` hook on the next tick; `ready` starts a side after it.

    Both sides of a Duplex ask; the hook runs once.
    """
    # Differs: Node runs the hook of a stream whose signal was aborted before it, after 'close': what it takes is lost.
    if any_state(stream).destroyed:
        return
    for state in _states(stream):
        state.constructed = False
    if stream._construct_callbacks is not None:
        stream._construct_callbacks.append(ready)
        return
    stream._construct_callbacks = [ready]
    stream._tick(_run_construct, stream)


def _run_construct(stream: Stream) -> None:
    called = False

    def constructed(error: BaseException | None = None) -> None:
        nonlocal called
        if called:
            error_or_destroy(stream, error or MultipleCallbackError())
            return
        called = True
        for state in _states(stream):
            state.constructed = True
        if stream._destroy_later is not None:
            stream._destroy_later(error)
        elif error is not None:
            error_or_destroy(stream, error, sync=True)
        else:
            _start_sides(stream)

    assert stream._construct is not None
    try:
        # Node: the callback counts on the next tick even when the hook calls it at once.
        stream._construct(lambda error=None: stream._tick(constructed, error))
    except Exception as error:
        stream._tick(constructed, error)


def _start_sides(stream: Stream) -> None:
    callbacks, stream._construct_callbacks = stream._construct_callbacks or [], None
    for ready in callbacks:
        ready()


# -- ending -----------------------------------------------------------------------------------------------------------


def destroy(stream: Stream, error: BaseException | None = None) -> None:
    """Destroy a stream, once."""
    if error is not None and not isinstance(error, BaseException):
        raise InvalidArgTypeError("error", "an exception or None", error)
    states = _states(stream)
    for state in states:
        if state.destroyed:
            return
    if error is not None:
        record_error(stream, error)
    for state in states:
        state.destroyed = True
    if stream._hook_tasks:
        _cancel_hooks(stream, stream._hook_tasks)
    if states[0].constructed:
        _run_destroy(stream, error)
    else:
        # What `_construct` takes must be there before `_destroy` can give it back.
        stream._destroy_later = lambda failure: _run_destroy(stream, error or failure)


def _cancel_hooks(stream: Stream, tasks: dict[asyncio.Task[Any], str]) -> None:
    """Cancel the hooks that run, all but the one that is destroying its stream."""
    this = asyncio.current_task()
    reading = readable_state(stream)
    for task, name in tuple(tasks.items()):
        # A `_read` that has pushed its end may be tidying up.
        if task is not this and not (name == "_read" and reading is not None and reading.ended):
            task.cancel()


def _run_destroy(stream: Stream, error: BaseException | None) -> None:
    called = False

    def destroyed(failure: BaseException | None = None) -> None:
        nonlocal called
        if called:
            return
        called = True
        if failure is not None:
            record_error(stream, failure)
        for state in _states(stream):
            state.closed = True
        if failure is not None:
            stream._tick(_emit_error_and_close, stream, failure)
        else:
            stream._tick(_emit_close, stream)

    try:
        stream._destroy(error, destroyed)
    except Exception as failure:
        destroyed(failure)


def _emit_error_and_close(stream: Stream, error: BaseException) -> None:
    try:
        emit_error(stream, error)
    finally:
        _emit_close(stream)


def _emit_close(stream: Stream) -> None:
    states = _states(stream)
    for state in states:
        state.close_emitted = True
    if any(state.emit_close for state in states):
        stream.emit("close")


def emit_error(stream: Stream, error: BaseException) -> None:
    """Deliver the stream's error, once: to its listeners, else to whom it concerns when there are none."""
    states = _states(stream)
    if any(state.error_emitted for state in states):
        return
    for state in states:
        state.error_emitted = True
    if stream.listener_count("error"):
        stream.emit("error", error)
        return
    if stream.listener_count(ERROR_MONITOR):
        stream.emit(ERROR_MONITOR, error)
    stream._error_unheard(error)


def error_or_destroy(stream: Any, error: BaseException, *, sync: bool = False) -> None:
    """Fail a stream: destroy it, or only emit the error where it does not destroy itself.

    Args:
        stream: the stream.
        error: why.
        sync: the caller is on the user's stack: the event waits for the next tick.
    """
    states = _states(stream)
    if any(state.destroyed for state in states):
        return
    if any(state.auto_destroy for state in states):
        stream.destroy(error)
        return
    record_error(stream, error)
    if sync:
        stream._tick(emit_error, stream, error)
    else:
        emit_error(stream, error)
