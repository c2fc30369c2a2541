"""Relay: anyio's streams on uvloop."""

from __future__ import annotations

import sys

import anyio
from anyio.abc import SocketAttribute, SocketStream

TARGET = int(sys.argv[1])


async def forward(source: SocketStream, destination: SocketStream) -> None:
    """Send what one side sends to the other, and pass the end on."""
    async for chunk in source:
        await destination.send(chunk)
    await destination.send_eof()


async def relay(client: SocketStream) -> None:
    """Connect to the target and forward both ways."""
    async with client, await anyio.connect_tcp("127.0.0.1", TARGET) as upstream, anyio.create_task_group() as group:
        group.start_soon(forward, client, upstream)
        group.start_soon(forward, upstream, client)


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(relay)


anyio.run(main, backend_options={"use_uvloop": True})
