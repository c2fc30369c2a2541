"""Writing to a Writable by `await`: to go on when it is sensible."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from sockstream.errors import StreamDestroyedError
from sockstream.loop import current

if TYPE_CHECKING:
    from collections.abc import Generator

    from sockstream.stream.writable import Writable

__all__ = ["NOTHING_TO_WAIT_FOR", "drain", "wait_for_drain"]


class _Nothing(Coroutine[Any, Any, None]):
    """A coroutine that is over at once, and can be awaited again and again: it has no state."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, Any, None]: ...

    else:
        # An iterator that is exhausted, and gives itself: to await it calls no Python function.
        __await__ = iter(()).__iter__

    def send(self, value: object, /) -> Any:
        raise StopIteration

    def throw(self, kind: Any, value: Any = None, traceback: Any = None, /) -> Any:
        raise kind if value is None else value

    def close(self) -> None:
        pass


NOTHING_TO_WAIT_FOR = _Nothing()


async def drain(stream: Writable) -> None:
    """Wait until it is sensible to write on: at once, unless a `'drain'` is owed.

    Raises:
        BaseException: the stream's error.
        StreamDestroyedError: it was destroyed without one.
    """
    state = stream._ws
    if state.errored is not None:
        raise state.errored
    if state.destroyed:
        raise StreamDestroyedError("drain")
    if state.need_drain:
        await wait_for_drain(stream)


async def wait_for_drain(stream: Writable) -> None:
    """Wait for the `'drain'` that is owed, or for the end that comes in its place.

    Raises:
        BaseException: the stream's error.
        StreamDestroyedError: it was destroyed without one.
    """
    waiter = current().loop.create_future()

    def drained() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def failed(error: BaseException) -> None:
        if not waiter.done():
            waiter.set_exception(error)

    def closed(*_: object) -> None:
        failed(stream.errored or StreamDestroyedError("drain"))

    # 'finish' as well: after end() no 'drain' comes.
    listeners = (("drain", drained), ("finish", drained), ("error", failed), ("close", closed))
    for name, listener in listeners:
        stream.on(name, listener)
    try:
        await waiter
    finally:
        for name, listener in listeners:
            stream.off(name, listener)
