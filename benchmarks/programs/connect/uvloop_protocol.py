"""The same with a bare `asyncio.Protocol` on uvloop.  Arguments: how many, the message's size, port."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport

CONNECTIONS, SIZE, PORT = map(int, sys.argv[1:])
MESSAGE = bytes(index % 256 for index in range(SIZE))


class Dial(asyncio.Protocol):
    """Sends the message, takes it back, closes, and tells that it is closed."""

    transport: Transport

    def __init__(self) -> None:
        self.closed = asyncio.get_running_loop().create_future()
        self.received = bytearray()

    def connection_made(self, transport: BaseTransport) -> None:
        """Send the message."""
        self.transport = cast("Transport", transport)
        self.transport.write(MESSAGE)

    def data_received(self, data: bytes) -> None:
        """Take it back."""
        self.received += data
        if len(self.received) >= SIZE:
            assert self.received == MESSAGE
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell it."""
        self.closed.set_result(None)


async def dial() -> None:
    """Open one connection after the other."""
    loop = asyncio.get_running_loop()
    while True:
        _, protocol = await loop.create_connection(Dial, "127.0.0.1", PORT)
        await protocol.closed


async def main() -> None:
    """Open connections until killed."""
    print(0, flush=True)
    await asyncio.gather(*(dial() for _ in range(CONNECTIONS)))


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
