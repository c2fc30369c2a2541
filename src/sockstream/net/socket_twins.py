"""The awaitable side of a socket: what one can `await` instead of listening."""

from __future__ import annotations

from typing import Any

from sockstream.net.socket_settings import SocketSettings
from sockstream.stream.async_reading import read_exactly, read_line, read_until

__all__ = ["SocketTwins"]


def _ignore(_: BaseException) -> None:
    """Listen to 'error' without doing anything about it."""


class SocketTwins(SocketSettings):
    """The methods of `Socket` that are coroutines; an error that comes while one waits is raised there."""

    __slots__ = ()

    async def readexactly(self, n: int) -> Any:
        """Read exactly `n` bytes (characters with an encoding).

        Raises:
            asyncio.IncompleteReadError: the peer ended before; `.partial` is what came.
            BaseException: the socket's error.
        """
        return await read_exactly(self, n)

    async def readuntil(self, separator: bytes = b"\n") -> Any:
        """Read up to and including a separator.

        Raises:
            asyncio.IncompleteReadError: the peer ended before; `.partial` is what came.
            asyncio.LimitOverrunError: as much as the high-water mark came without one; it stays to be read.
            BaseException: the socket's error.
        """
        return await read_until(self, separator)

    async def readline(self) -> Any:
        r"""Read up to and including a newline; at the end what is left, and then an empty chunk.

        Raises:
            asyncio.LimitOverrunError: as for `readuntil`.
            BaseException: the socket's error.
        """
        return await read_line(self)

    async def wait_closed(self) -> None:
        """Wait until the socket is closed.

        Raises:
            BaseException: the error it closes with, or has closed with.
        """
        if not self._has_closed:
            waiter = self._runtime.loop.create_future()

            def closed(_: bool) -> None:
                if not waiter.done():
                    waiter.set_result(None)

            # An error has somebody to hear of it: whoever waits here.
            self.on("error", _ignore)
            self.on("close", closed)
            try:
                await waiter
            finally:
                self.off("error", _ignore)
                self.off("close", closed)
        if self.errored is not None:
            raise self.errored

    async def _close_after_block(self) -> None:
        self.end()
        # Nobody will read what still comes, and without that there is no end.
        self.resume()
        await self.wait_closed()
