"""An endless source: asyncio's streams on uvloop."""

from __future__ import annotations

import asyncio

import uvloop


async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write as long as the client is there, with backpressure, each chunk a new object."""
    try:
        while True:
            writer.write(bytes(65536))
            await writer.drain()
    except ConnectionError:
        writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(send, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
