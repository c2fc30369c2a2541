"""When the bytes that come to a socket and go through a pipe move inside the kernel, and do not come into the program.

Where they may, `movers` has what moves them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from sockstream.net.handles.diverting import DivertibleHandle
from sockstream.net.handles.splicing import CAN_SPLICE

if TYPE_CHECKING:
    from sockstream.net.handle_stream import HandleStream
    from sockstream.net.movers import Mover

__all__ = [
    "DESTINATION_HOOKS",
    "REFUSED",
    "SMALL",
    "SOURCE_HOOKS",
    "consider",
    "large_read",
    "many_small",
    "mode",
    "moment",
    "use",
]

# How many seconds a source stands still before it is looked at.
moment = 0.01
# A chunk under so many bytes is small; many in a row are a conversation, which a handle is better at.
SMALL: Final = 4096
# Where the system has refused once, it is asked again after so many large chunks.
REFUSED: Final = -1000

# What a chunk goes through: a subclass or a user may have put something of their own in there.
SOURCE_HOOKS: Final = frozenset({"_read", "emit", "handle_data", "push", "read"})
DESTINATION_HOOKS: Final = frozenset({"_write", "_write_checked", "_writev", "write"})

# A chunk of so many bytes may be the beginning of many; so many of them are, and so many small ones are the end of it.
mode: str
large_read: int
_enough_large: int
many_small: int


def use(new_mode: str) -> None:
    """Say when bytes move in the kernel: for tests, which go through both paths.

    Args:
        new_mode: `"normal"`, `"off"`, or `"forced"`: as soon as there is a pipe.
    """
    global mode, large_read, _enough_large, many_small
    mode = new_mode
    if mode == "off" or not CAN_SPLICE:
        large_read = sys.maxsize
    elif mode == "forced":
        large_read, _enough_large, many_small = 0, 1, sys.maxsize
    else:
        large_read, _enough_large, many_small = 1 << 15, 4, 32


use(os.environ.get("SOCKSTREAM_MOVING", "normal"))


def consider(source: HandleStream) -> None:
    """Count a large chunk that came to a source with pipes; after some of them, have the kernel move what comes."""
    pipe = source._rs.pipes[0]
    pipe.large_chunks += 1
    if pipe.large_chunks < _enough_large:
        return
    pipe.large_chunks = 0
    handle = source._handle
    if (
        isinstance(handle, DivertibleHandle)
        and source._is_plain_source
        and source._events.get("data") == (pipe.on_data,)
        and handle.can_divert()
    ):
        mover = _mover_for(pipe, handle)
        if mover is not None and mover.goes_unseen():
            mover.begin()


def _mover_for(pipe: Any, handle: DivertibleHandle) -> Mover | None:
    from sockstream.net.movers import FileMover, SocketMover  # they stand on this module

    destination = pipe.destination
    target = getattr(destination, "_handle", None)
    if isinstance(target, DivertibleHandle) and destination._is_plain_destination:
        return SocketMover(pipe, handle, target)
    return FileMover(pipe, handle) if hasattr(destination, "_write_pipe") else None
