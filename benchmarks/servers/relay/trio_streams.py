"""Relay: trio's streams."""

from __future__ import annotations

import sys

import trio

TARGET = int(sys.argv[1])


async def forward(source: trio.SocketStream, destination: trio.SocketStream) -> None:
    """Send what one side sends to the other, and pass the end on."""
    async for chunk in source:
        await destination.send_all(chunk)
    await destination.send_eof()


async def relay(client: trio.SocketStream) -> None:
    """Connect to the target and forward both ways."""
    async with await trio.open_tcp_stream("127.0.0.1", TARGET) as upstream, trio.open_nursery() as nursery:
        nursery.start_soon(forward, client, upstream)
        nursery.start_soon(forward, upstream, client)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(relay, listeners)


trio.run(main)
