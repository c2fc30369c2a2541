"""Upload: a bare `asyncio.Protocol` on uvloop's own transports, the file written on the loop's thread."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport

FILE = sys.argv[1]


class Upload(asyncio.Protocol):
    """Stores what comes."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Open the file."""
        self.file = open(FILE, "wb", buffering=0)  # noqa: SIM115 - closed at the end

    def data_received(self, data: bytes) -> None:
        """Write what came."""
        self.file.write(data)

    def eof_received(self) -> None:
        """Complete the file; the transport then closes itself."""
        self.file.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Upload, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
