"""Writing to a Writable by `await`: to go on when it is sensible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.errors import StreamDestroyedError
from sockstream.loop import current

if TYPE_CHECKING:
    from sockstream.stream.writable import Writable

__all__ = ["wait_for_drain"]


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
