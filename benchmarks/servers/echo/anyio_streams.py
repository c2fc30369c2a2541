"""Echo: anyio's streams, on uvloop."""

from __future__ import annotations

import anyio
from anyio.abc import SocketAttribute, SocketStream


async def echo(stream: SocketStream) -> None:
    """Write back what comes, until the client ends."""
    async with stream:
        async for chunk in stream:
            await stream.send(chunk)


async def main() -> None:
    """Serve until killed."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print(listener.extra(SocketAttribute.local_port), flush=True)
    await listener.serve(echo)


anyio.run(main, backend_options={"use_uvloop": True})
