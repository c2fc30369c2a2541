"""An endless source: trio's streams."""

from __future__ import annotations

import trio


async def send(client: trio.SocketStream) -> None:
    """Send as long as the client is there, each chunk a new object."""
    try:
        while True:
            await client.send_all(bytes(65536))
    except trio.BrokenResourceError:
        pass


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(send, listeners)


trio.run(main)
