"""Broadcast: asyncio's streams on uvloop."""

from __future__ import annotations

import asyncio

import uvloop

writers: set[asyncio.StreamWriter] = set()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write what this client sends to all, as long as it is connected."""
    writers.add(writer)
    while chunk := await reader.read(65536):
        for each in writers:
            each.write(chunk)
    writers.discard(writer)
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(join, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
