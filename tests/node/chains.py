"""The stages that scenarios of chains are made of: chains.js is its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Writable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.node.lib import Role

    Callback = Callable[..., None]

__all__ = ["middle", "open_source", "sink", "source"]


def source(t: Role, chunks: Iterable[Any], *also: str, **options: Any) -> Readable:
    """Return a watched source that gives these chunks."""
    left = iter(chunks)
    stream: Readable = t.watch(
        Readable(**{"read": lambda size: stream.push(next(left, None)), **options}), "from", *also
    )
    return stream


def open_source(t: Role, *also: str, **options: Any) -> Readable:
    """Return a watched source that gives nothing by itself."""
    stream: Readable = t.watch(Readable(**{"read": lambda size: None, **options}), "from", *also)
    return stream


def middle(t: Role, *also: str, **options: Any) -> PassThrough:
    """Return a watched PassThrough."""
    stream: PassThrough = t.watch(PassThrough(**options), "through", *also)
    return stream


def sink(t: Role, *also: str, **options: Any) -> Writable:
    """Return a watched sink that takes each chunk a turn later."""

    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(callback)

    stream: Writable = t.watch(Writable(**{"write": write, **options}), "to", *also)
    return stream
