"""Echo with an idle timeout on each connection: a bare `asyncio.Protocol` on uvloop's own transports."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from asyncio import BaseTransport, TimerHandle, Transport

TIMEOUT = 60


class Echo(asyncio.Protocol):
    """Writes back what comes, and gives up after a minute without any."""

    __slots__ = ("last", "loop", "timer", "transport")

    transport: Transport
    loop: asyncio.AbstractEventLoop
    timer: TimerHandle
    last: float

    def connection_made(self, transport: BaseTransport) -> None:
        """Remember the transport, and wind up the timer."""
        self.transport = cast("Transport", transport)
        self.loop = asyncio.get_running_loop()
        self.last = self.loop.time()
        self.timer = self.loop.call_later(TIMEOUT, self.look)

    def data_received(self, data: bytes) -> None:
        """Write back what came."""
        self.last = self.loop.time()
        self.transport.write(data)

    def look(self) -> None:
        """Give up, or look again when a minute will have passed."""
        rest = self.last + TIMEOUT - self.loop.time()
        if rest <= 0:
            self.transport.abort()
        else:
            self.timer = self.loop.call_later(rest, self.look)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the timer."""
        self.timer.cancel()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
