"""Download: trio's streams and its files, which are read in worker threads."""

from __future__ import annotations

import sys

import trio

FILE = sys.argv[1]


async def send_file(client: trio.SocketStream) -> None:
    """Send the file to a client."""
    async with await trio.open_file(FILE, "rb") as file:
        while chunk := await file.read(65536):
            await client.send_all(chunk)


async def main() -> None:
    """Serve until killed."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(send_file, listeners)


trio.run(main)
