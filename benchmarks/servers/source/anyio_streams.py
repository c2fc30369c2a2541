"""An endless source: anyio's streams on uvloop."""

from __future__ import annotations

import anyio
from anyio.abc import SocketAttribute, SocketStream


async def send(client: SocketStream) -> None:
    """Send as long as the client is there, each chunk a new object."""
    async with client:
        try:
            while True:
                await client.send(bytes(65536))
        except anyio.BrokenResourceError:
            pass


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(send)


anyio.run(main, backend_options={"use_uvloop": True})
