"""Download: a bare `asyncio.Protocol` on uvloop's own transports, the file read chunk by chunk on the loop's thread."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport

FILE = sys.argv[1]


class Download(asyncio.Protocol):
    """Sends the file."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Open the file and begin."""
        self.transport = cast("Transport", transport)
        self.file = open(FILE, "rb")  # noqa: SIM115 - closed with the connection
        self.paused = False
        self.send()

    def send(self) -> None:
        """Write until the transport holds enough."""
        while not self.paused:
            chunk = self.file.read(65536)
            if not chunk:
                self.transport.close()
                return
            self.transport.write(chunk)

    def pause_writing(self) -> None:
        """Stop."""
        self.paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self.paused = False
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the file."""
        self.file.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Download, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
