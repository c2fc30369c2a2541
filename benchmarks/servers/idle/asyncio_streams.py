"""Echo with an idle timeout: asyncio's streams, on the loop that the argument names: `asyncio` or `uvloop`."""

from __future__ import annotations

import asyncio
import importlib
import sys


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Write back what comes, until the client ends or says nothing for a minute."""
    try:
        while True:
            async with asyncio.timeout(60):
                chunk = await reader.read(65536)
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
    except TimeoutError:
        pass
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=importlib.import_module(sys.argv[1]).new_event_loop) as runner:
    runner.run(main())
