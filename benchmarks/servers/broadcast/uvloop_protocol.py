"""Broadcast: a bare `asyncio.Protocol` on uvloop's own transports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport

transports: set[Transport] = set()


class Client(asyncio.Protocol):
    """Writes what comes to all."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Take part."""
        self.transport = cast("Transport", transport)
        transports.add(self.transport)

    def data_received(self, data: bytes) -> None:
        """Write what came to everybody."""
        for transport in transports:
            transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Leave."""
        transports.discard(self.transport)


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Client, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
