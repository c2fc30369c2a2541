"""Streams: data that comes and goes in chunks, at the pace of the slower end. Node: `stream`."""

from typing import TYPE_CHECKING

from sockstream.on_demand import on_demand

if TYPE_CHECKING:
    from sockstream.stream.abort import add_abort_signal
    from sockstream.stream.base import Stream
    from sockstream.stream.bridges import from_asyncio, from_file, to_asyncio, to_file
    from sockstream.stream.composing import compose
    from sockstream.stream.duplex import Duplex
    from sockstream.stream.finishing import Completion, finished
    from sockstream.stream.iterate import ReadableIterator
    from sockstream.stream.pair import duplex_pair
    from sockstream.stream.pipelines import pipeline
    from sockstream.stream.questions import is_disturbed, is_errored, is_readable
    from sockstream.stream.readable import Readable
    from sockstream.stream.state import get_default_high_water_mark, set_default_high_water_mark
    from sockstream.stream.transform import PassThrough, Transform
    from sockstream.stream.writable import Writable
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "abort": ("add_abort_signal",),
            "base": ("Stream",),
            "bridges": ("from_asyncio", "from_file", "to_asyncio", "to_file"),
            "composing": ("compose",),
            "duplex": ("Duplex",),
            "finishing": ("Completion", "finished"),
            "iterate": ("ReadableIterator",),
            "pair": ("duplex_pair",),
            "pipelines": ("pipeline",),
            "questions": ("is_disturbed", "is_errored", "is_readable"),
            "readable": ("Readable",),
            "state": ("get_default_high_water_mark", "set_default_high_water_mark"),
            "transform": ("PassThrough", "Transform"),
            "writable": ("Writable",),
        },
    )

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
