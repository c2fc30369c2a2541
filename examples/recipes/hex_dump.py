"""A hex dump, as `xxd` prints it, for looking at traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import PassThrough, finished, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

ROW = 16


async def hex_dump(source: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """Yield whole rows as soon as they are full, and what is left at the end."""
    offset, rest = 0, b""
    async for chunk in source:
        data = rest + chunk
        end = len(data) - len(data) % ROW
        if end:
            yield "".join(_row(offset + start, data[start : start + ROW]) for start in range(0, end, ROW))
        offset, rest = offset + end, data[end:]
    if rest:
        yield _row(offset, rest)


def _row(offset: int, data: bytes) -> str:
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f"{offset:08x}: {data.hex(' ', -2):<39}  {text}\n"


async def main() -> None:
    """Echo what a client sends, and look at it as it goes by."""

    async def show(rows: AsyncIterable[str]) -> None:
        async for row in rows:
            print(row, end="")

    async def serve(socket: net.Socket) -> None:
        copy = socket.pipe(PassThrough())
        # A pipe passes no errors on.
        finished(socket, lambda error: error and copy.destroy(error), writable=False)
        socket.pipe(socket)
        await pipeline(copy, hex_dump, show)

    async with await net.start_server(serve, host="localhost", allow_half_open=True) as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        async with await net.open_connection(address.port, "localhost") as client:
            client.end(b"GET /caf\xc3\xa9 HTTP/1.1\r\n\r\n")
            answer = [chunk async for chunk in client]
        print(b"".join(answer))


if __name__ == "__main__":
    run(main)
