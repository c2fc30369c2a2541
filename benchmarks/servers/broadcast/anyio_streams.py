"""Broadcast: anyio's streams on uvloop; each message is sent to all by a task for each client."""

from __future__ import annotations

import anyio
from anyio.abc import SocketAttribute, SocketStream

clients: set[SocketStream] = set()


async def join(client: SocketStream) -> None:
    """Send what this client sends to all, as long as it is connected."""
    clients.add(client)
    async with client:
        async for chunk in client:
            async with anyio.create_task_group() as group:
                for each in clients:
                    group.start_soon(each.send, chunk)
    clients.discard(client)


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(join)


anyio.run(main, backend_options={"use_uvloop": True})
