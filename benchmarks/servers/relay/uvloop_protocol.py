"""Relay: bare `asyncio.Protocol`s on uvloop's own transports; each side holds up the other one's reading."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, Task, Transport

TARGET = int(sys.argv[1])

connecting: set[Task[None]] = set()


class Side(asyncio.Protocol):
    """Writes what comes to the other side."""

    transport: Transport

    def __init__(self, other: Side | None = None) -> None:
        self.other = other
        self.early: list[bytes] = []
        self.ended = False

    def connection_made(self, transport: BaseTransport) -> None:
        """Remember the transport; a client's needs another side first."""
        self.transport = cast("Transport", transport)
        if self.other is None:
            self.transport.pause_reading()
            task = asyncio.get_running_loop().create_task(self.connect())
            connecting.add(task)
            task.add_done_callback(connecting.discard)

    async def connect(self) -> None:
        """Connect to the target."""
        _, self.other = await asyncio.get_running_loop().create_connection(lambda: Side(self), "127.0.0.1", TARGET)
        self.other.transport.writelines(self.early)
        if self.ended:
            self.other.transport.write_eof()
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Write what came; uvloop may deliver a first chunk though reading was paused at once."""
        if self.other is None:
            self.early.append(data)
        else:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """Pass the end on, and keep the way back open."""
        self.ended = True
        if self.other is not None:
            self.other.transport.write_eof()
            if self.other.ended:
                self.transport.close()
                self.other.transport.close()
        return True

    def pause_writing(self) -> None:
        """Take no more from the other side: what it sent waits here."""
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        if self.other is not None:
            self.other.transport.resume_reading()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Side, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
