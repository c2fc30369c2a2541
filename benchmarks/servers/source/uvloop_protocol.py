"""An endless source: a bare `asyncio.Protocol` on uvloop's own transports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport


class Source(asyncio.Protocol):
    """Writes until the transport holds enough, each chunk a new object."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin."""
        self.transport = cast("Transport", transport)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Stop."""
        self.paused = True

    def resume_writing(self) -> None:
        """Go on, unless the client is gone."""
        self.paused = False
        while not self.paused and not self.transport.is_closing():
            self.transport.write(bytes(65536))


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Source, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
