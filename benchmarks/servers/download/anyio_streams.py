"""Download: anyio's streams on uvloop, and its file streams, which are read in worker threads."""

from __future__ import annotations

import sys

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.file import FileReadStream

FILE = sys.argv[1]


async def send_file(client: SocketStream) -> None:
    """Send the file to a client."""
    async with client, await FileReadStream.from_path(FILE) as file:
        async for chunk in file:
            await client.send(chunk)


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(send_file)


anyio.run(main, backend_options={"use_uvloop": True})
