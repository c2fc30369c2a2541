"""Download: asyncio's streams on uvloop, which has no `sendfile`; the file is read on the loop's thread."""

from __future__ import annotations

import asyncio
import sys

import uvloop

FILE = sys.argv[1]


async def send_file(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the file to a client, with backpressure."""
    with open(FILE, "rb") as file:  # noqa: ASYNC230 - as most programs do
        while chunk := file.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(send_file, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
