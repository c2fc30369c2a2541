"""Upload: trio's streams and its files, which are written in worker threads."""

from __future__ import annotations

import sys

import trio

FILE = sys.argv[1]


async def store(client: trio.SocketStream) -> None:
    """Store what a client sends."""
    async with await trio.open_file(FILE, "wb") as file:
        async for chunk in client:
            await file.write(chunk)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(store, listeners)


trio.run(main)
