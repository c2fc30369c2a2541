"""Bridges: asyncio's readers and writers and Python's files as streams, and streams as those."""

from typing import TYPE_CHECKING

from sockstream.on_demand import on_demand

if TYPE_CHECKING:
    from sockstream.stream.bridges.asyncio_streams import from_asyncio
    from sockstream.stream.bridges.asyncio_transport import to_asyncio
    from sockstream.stream.bridges.file_objects import to_file
    from sockstream.stream.bridges.files import from_file
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "asyncio_streams": ("from_asyncio",),
            "asyncio_transport": ("to_asyncio",),
            "file_objects": ("to_file",),
            "files": ("from_file",),
        },
    )

__all__ = ["from_asyncio", "from_file", "to_asyncio", "to_file"]
