"""The same in tasks that connect, send, receive, close.  Arguments: how many, the message's size, port."""

from __future__ import annotations

import asyncio
import sys

from sockstream import net, run

CONNECTIONS, SIZE, PORT = map(int, sys.argv[1:])
MESSAGE = bytes(index % 256 for index in range(SIZE))


async def dial() -> None:
    """Open one connection after the other."""
    while True:
        async with await net.open_connection(PORT, "127.0.0.1") as socket:
            socket.write(MESSAGE)
            assert await socket.readexactly(SIZE) == MESSAGE


async def main() -> None:
    """Open connections until killed."""
    print(0, flush=True)
    await asyncio.gather(*(dial() for _ in range(CONNECTIONS)))


run(main)
