"""What scenarios ask operators with: asking.js is its twin."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.node.lib import Role

__all__ = ["endless", "later", "numbers", "outcome"]


def numbers(*values: Any) -> Readable:
    """Return a source of these."""
    return Readable.from_(values)


def endless() -> Readable:
    """Return a source of 1, 2, ..."""
    count = itertools.count(1)
    stream = Readable(object_mode=True, high_water_mark=1, read=lambda size: stream.push(next(count)))
    return stream


def later(value: object = None) -> Awaitable[Any]:
    """Return what is there a turn of the loop later."""
    future = asyncio.get_running_loop().create_future()
    set_immediate(future.set_result, value)
    return future


async def outcome(t: Role, name: str, awaitable: Awaitable[Any]) -> None:
    """Log what an awaitable gives."""
    try:
        t.log(name, "gives", await awaitable)
    except Exception as error:
        t.log(name, "fails", error)
