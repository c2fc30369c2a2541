"""A merge: several sources into one stream, each chunk as it comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import PassThrough, Readable, finished, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable


def merge(*sources: Readable, object_mode: bool = False) -> PassThrough:
    """Return a stream of what the sources give; it ends when the last of them has ended.

    If one fails, it fails with that error; when it is destroyed, so are they.
    """
    merged = PassThrough(object_mode=object_mode)
    # Each pipe adds a listener to some events.
    merged.set_max_listeners(len(sources) + 10)
    running = set(sources)

    def is_over(source: Readable, error: BaseException | None) -> None:
        running.discard(source)
        if error is not None:
            merged.destroy(error)
        elif not running:
            merged.end()

    def destroy_sources() -> None:
        for source in running:
            source.destroy()

    merged.on("close", destroy_sources)
    for source in sources:
        source.pipe(merged, end=False)
        finished(source, partial(is_over, source), writable=False)
    if not sources:
        merged.end()
    return merged


async def main() -> None:
    """Collect what three feeds say."""

    async def serve(socket: net.Socket) -> None:
        socket.end("here is a feed\n")

    async def join(source: AsyncIterable[bytes]) -> bytes:
        return b"".join([chunk async for chunk in source])

    async with await net.start_server(serve, host="localhost") as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        feeds = [await net.open_connection(address.port, "localhost") for _ in range(3)]
        print((await pipeline(merge(*feeds), join)).decode(), end="")


if __name__ == "__main__":
    run(main)
