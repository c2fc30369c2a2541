"""Echo: a bare `asyncio.Protocol` on aiofastnet's transports, in uvloop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import aiofastnet
import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport


class Echo(asyncio.Protocol):
    """Writes back what comes."""

    transport: Transport

    def connection_made(self, transport: BaseTransport) -> None:
        """Remember the transport."""
        self.transport = cast("Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Write back what came."""
        self.transport.write(data)


async def main() -> None:
    """Serve until killed."""
    server = await aiofastnet.create_server(asyncio.get_running_loop(), Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
