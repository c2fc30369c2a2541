"""compose: a chain of streams and functions as one stream."""

from __future__ import annotations

from typing import Any

from sockstream.errors import InvalidArgValueError, MissingArgsError
from sockstream.stream.base import Stream
from sockstream.stream.duplex import Duplex
from sockstream.stream.facade import Facade
from sockstream.stream.finishing import finished
from sockstream.stream.pipelines import pipeline
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

__all__ = ["compose"]


def compose(*streams: Any) -> Duplex:
    """Make one stream of several: what is written to it goes to the first, what is read from it comes from the last.

    Args:
        *streams: streams, async generator functions, and at the ends whatever `Duplex.from_` takes. All but the first
            must be writable, all but the last readable.

    Returns:
        A Duplex; it is only writable when the last one gives nothing to read, and only readable when the first cannot
        be written to. When one of them fails, all are destroyed, and so is the Duplex, with that error.

    Raises:
        MissingArgsError: no streams.
        InvalidArgValueError: one that cannot stand at its place.
        InvalidArgTypeError: what is no stream, and no stream can be made of.

    Example:
        >>> async def upper(source):
        ...     async for chunk in source:
        ...         yield chunk.upper()
        >>> async def main():
        ...     loud = compose(upper, PassThrough(object_mode=True))
        ...     loud.end("hello")
        ...     print(await loud.to_list())

    Node: `stream.compose`.
    """
    if not streams:
        raise MissingArgsError("streams")
    if len(streams) == 1:
        return Duplex.from_(streams[0])
    stages = list(streams)
    for index in (0, -1):
        if not isinstance(stages[index], Stream):
            stages[index] = Duplex.from_(stages[index])
    _check(stages)
    head, tail = stages[0], stages[-1]
    is_writable = isinstance(head, Writable) and head.writable
    is_readable = isinstance(tail, Readable) and tail.readable
    facade = Facade(head, tail, (tail,), readable=is_readable, writable=is_writable)
    pipeline(*stages, callback=facade.over)
    if is_writable:
        finished(tail, facade.finish)
    return facade


def _check(stages: list[Any]) -> None:
    for index, stage in enumerate(stages):
        if not isinstance(stage, Stream):
            continue
        if index < len(stages) - 1 and not (isinstance(stage, Readable) and stage.readable):
            raise InvalidArgValueError(f"streams[{index}]", stage, "must be readable")
        if index > 0 and not (isinstance(stage, Writable) and stage.writable):
            raise InvalidArgValueError(f"streams[{index}]", stage, "must be writable")
