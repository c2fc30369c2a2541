"""A hash of what passes: known when all is through, without reading it twice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import PassThrough, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable


class Hashing(PassThrough):
    """Lets all through; `hexdigest()` is the hash of it so far."""

    def __init__(self, name: str = "sha256") -> None:
        super().__init__()
        self._hash = hashlib.new(name)

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        self._hash.update(chunk)
        callback(None, chunk)

    def hexdigest(self) -> str:
        """Return the hash as text."""
        return self._hash.hexdigest()


async def main() -> None:
    """Upload something, and compare what either side has seen."""

    async def discard(source: AsyncIterable[bytes]) -> None:
        async for _ in source:
            pass

    async def serve(socket: net.Socket) -> None:
        received = Hashing()
        await pipeline(socket, received, discard)
        socket.end(received.hexdigest())

    async with await net.start_server(serve, host="localhost", allow_half_open=True) as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        async with await net.open_connection(address.port, "localhost") as client:
            sent = Hashing()
            await pipeline([b"hello\n" * 1000] * 100, sent, client)
            answer = b"".join([chunk async for chunk in client]).decode()
        print(answer[:16], answer == sent.hexdigest())


if __name__ == "__main__":
    run(main)
