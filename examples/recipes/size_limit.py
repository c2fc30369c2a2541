"""Limits of size: an upload that must not be larger, and the first bytes of something long."""

from __future__ import annotations

from contextlib import suppress
from itertools import repeat
from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import Transform, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable


class TooLargeError(ValueError):
    """More came than is allowed."""


class SizeLimit(Transform):
    """Lets so many bytes through, and fails at the first one more."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.count = 0

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        self.count += len(chunk)
        if self.count > self.limit:
            callback(TooLargeError(f"more than {self.limit} bytes"))
        else:
            callback(None, chunk)


def first(count: int) -> Callable[[AsyncIterable[bytes]], AsyncIterator[bytes]]:
    """Return a stage that takes the first bytes; when it has them, the chain is over and its source destroyed."""
    if count < 1:
        raise ValueError("count must be 1 or more")

    async def stage(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        left = count
        async for chunk in source:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                return

    return stage


async def main() -> None:
    """Take uploads of 10 bytes; look at the beginning of what comes from a talkative server."""

    async def join(source: AsyncIterable[bytes]) -> bytes:
        return b"".join([chunk async for chunk in source])

    async def take(socket: net.Socket) -> None:
        try:
            # Not the socket itself: that would be destroyed, and could not answer.
            upload = await pipeline(socket.iterator(destroy_on_return=False), SizeLimit(10), join)
            socket.end(f"{len(upload)} bytes, thank you")
        except TooLargeError as error:
            socket.resume()  # what still comes is thrown away
            socket.end(str(error))

    async with await net.start_server(take, host="localhost", allow_half_open=True) as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        for upload in (bytes(10), bytes(11), bytes(1_000_000)):
            async with await net.open_connection(address.port, "localhost") as client:
                client.end(upload)
                print((await join(client)).decode())

    async def talk(socket: net.Socket) -> None:
        with suppress(OSError):  # the client has gone
            await pipeline(repeat(b"bla " * 1000), socket)

    async with await net.start_server(talk, host="localhost") as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print((await pipeline(net.connect(address.port, "localhost"), first(11), join)).decode())


if __name__ == "__main__":
    run(main)
