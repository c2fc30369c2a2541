"""What the tests of file streams share."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sockstream.fs import ReadStream, WriteStream

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.events import EventLog

_S = TypeVar("_S", ReadStream, WriteStream)

EVENTS = ("open", "ready", "data", "end", "finish", "drain", "error", "close")


def watched(log: EventLog, stream: _S) -> _S:
    """Note the stream's events, an error as its text and a descriptor not at all."""
    for name in EVENTS:
        stream.on(name, partial(note, log, name))
    return stream


def note(log: EventLog, name: str, *args: Any) -> None:
    log(name, *(shown(arg) for arg in args if type(arg) is not int))


async def content_of(stream: ReadStream) -> Any:
    """Read a stream to its end."""
    chunks = [chunk async for chunk in stream]
    return type(chunks[0])().join(chunks)


def shown(value: Any) -> Any:
    return str(value) if isinstance(value, BaseException) else value


def callback(log: EventLog, name: str = "callback") -> Callable[..., None]:
    return lambda error: log(name, shown(error))


def descriptor(path: Path, flags: int = os.O_RDONLY) -> int:
    return os.open(path, flags)
