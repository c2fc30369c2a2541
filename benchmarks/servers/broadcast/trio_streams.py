"""Broadcast: trio's streams; each message is sent to all by a task for each client."""

from __future__ import annotations

import trio

clients: set[trio.SocketStream] = set()


async def join(client: trio.SocketStream) -> None:
    """Send what this client sends to all, as long as it is connected."""
    clients.add(client)
    async for chunk in client:
        async with trio.open_nursery() as nursery:
            for each in clients:
                nursery.start_soon(each.send_all, chunk)
    clients.discard(client)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(join, listeners)


trio.run(main)
