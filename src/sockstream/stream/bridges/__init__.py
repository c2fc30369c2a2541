"""Bridges: asyncio's readers and writers and Python's files as streams, and streams as those."""

from sockstream.stream.bridges.asyncio_streams import from_asyncio
from sockstream.stream.bridges.asyncio_transport import to_asyncio
from sockstream.stream.bridges.file_objects import to_file
from sockstream.stream.bridges.files import from_file

__all__ = ["from_asyncio", "from_file", "to_asyncio", "to_file"]
