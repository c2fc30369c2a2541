"""Echo: trio's streams."""

from __future__ import annotations

import trio


async def echo(stream: trio.SocketStream) -> None:
    """Write back what comes, until the client ends."""
    async with stream:
        async for chunk in stream:
            await stream.send_all(chunk)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(echo, listeners)


trio.run(main)
