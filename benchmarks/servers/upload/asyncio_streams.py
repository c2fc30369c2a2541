"""Upload: asyncio's streams on uvloop, the file written on the loop's thread."""

from __future__ import annotations

import asyncio
import sys

import uvloop

FILE = sys.argv[1]


async def store(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Store what a client sends."""
    with open(FILE, "wb", buffering=0) as file:  # noqa: ASYNC230 - as most programs do
        while chunk := await reader.read(65536):
            file.write(chunk)
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(store, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
