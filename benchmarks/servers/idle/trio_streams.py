"""Echo with an idle timeout: trio's streams."""

from __future__ import annotations

import trio


async def echo(stream: trio.SocketStream) -> None:
    """Write back what comes, until the client ends or says nothing for a minute."""
    async with stream:
        while True:
            with trio.move_on_after(60) as scope:
                chunk = await stream.receive_some()
            if scope.cancelled_caught or not chunk:
                return
            await stream.send_all(chunk)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(echo, listeners)


trio.run(main)
