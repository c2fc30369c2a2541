"""Upload: anyio's streams on uvloop, and its file streams, which are written in worker threads."""

from __future__ import annotations

import sys

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.file import FileWriteStream

FILE = sys.argv[1]


async def store(client: SocketStream) -> None:
    """Store what a client sends."""
    async with client, await FileWriteStream.from_path(FILE) as file:
        async for chunk in client:
            await file.send(chunk)


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(store)


anyio.run(main, backend_options={"use_uvloop": True})
