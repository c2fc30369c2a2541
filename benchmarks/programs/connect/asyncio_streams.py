"""The same with asyncio's streams.  Arguments: the loop (`asyncio` or `uvloop`), how many, the message's size, port."""

from __future__ import annotations

import asyncio
import importlib
import sys

CONNECTIONS, SIZE, PORT = map(int, sys.argv[2:])
MESSAGE = bytes(index % 256 for index in range(SIZE))


async def dial() -> None:
    """Open one connection after the other."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(MESSAGE)
        assert await reader.readexactly(SIZE) == MESSAGE
        writer.close()
        await writer.wait_closed()


async def main() -> None:
    """Open connections until killed."""
    print(0, flush=True)
    await asyncio.gather(*(dial() for _ in range(CONNECTIONS)))


with asyncio.Runner(loop_factory=importlib.import_module(sys.argv[1]).new_event_loop) as runner:
    runner.run(main())
