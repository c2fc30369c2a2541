"""Relay: asyncio's streams on uvloop."""

from __future__ import annotations

import asyncio
import sys

import uvloop

TARGET = int(sys.argv[1])


async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write what one side sends to the other, with backpressure, and pass the end on."""
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Connect to the target and forward both ways."""
    from_target, to_target = await asyncio.open_connection("127.0.0.1", TARGET)
    await asyncio.gather(forward(reader, to_target), forward(from_target, writer))
    to_target.close()
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
