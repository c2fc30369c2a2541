"""Streams: data that comes and goes in chunks, at the pace of the slower end. Node: `stream`."""

from typing import TYPE_CHECKING

from sockstream.stream.abort import add_abort_signal
from sockstream.stream.base import Stream
from sockstream.stream.compose import compose
from sockstream.stream.duplex import Duplex
from sockstream.stream.finished import Completion, finished
from sockstream.stream.iterate import ReadableIterator
from sockstream.stream.pair import duplex_pair
from sockstream.stream.pipeline import pipeline
from sockstream.stream.questions import is_disturbed, is_errored, is_readable
from sockstream.stream.readable import Readable
from sockstream.stream.state import get_default_high_water_mark, set_default_high_water_mark
from sockstream.stream.transform import PassThrough, Transform
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from sockstream.stream.bridges import from_asyncio, from_file, to_asyncio, to_file
else:

    def __getattr__(name):
        """Import the bridges when one is asked for: a program without them starts sooner."""
        if name in ("from_asyncio", "from_file", "to_asyncio", "to_file"):
            from sockstream.stream import bridges

            return getattr(bridges, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Completion",
    "Duplex",
    "PassThrough",
    "Readable",
    "ReadableIterator",
    "Stream",
    "Transform",
    "Writable",
    "add_abort_signal",
    "compose",
    "duplex_pair",
    "finished",
    "from_asyncio",
    "from_file",
    "get_default_high_water_mark",
    "is_disturbed",
    "is_errored",
    "is_readable",
    "pipeline",
    "set_default_high_water_mark",
    "to_asyncio",
    "to_file",
]
