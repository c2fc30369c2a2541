"""Download: `loop.sendfile` on asyncio's own loop."""

from __future__ import annotations

import asyncio
import sys

FILE = sys.argv[1]


async def send_file(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the file to a client, inside the kernel."""
    with open(FILE, "rb") as file:  # noqa: ASYNC230 - as most programs do
        await asyncio.get_running_loop().sendfile(writer.transport, file)
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(send_file, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
