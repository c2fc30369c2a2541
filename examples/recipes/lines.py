"""Lines: whatever pieces come in, whole lines go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import Transform, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable


class Lines(Transform):
    r"""Bytes in, one `bytes` object for each line out, without its line end (`\n` or `\r\n`)."""

    def __init__(self, max_length: int = 65_536) -> None:
        super().__init__(readable_object_mode=True)
        self.max_length = max_length
        self.count = 0
        self._rest = b""

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self.count += 1
            if len(line) > self.max_length:
                return callback(self._too_long(self.count))
            self.push(line.removesuffix(b"\r"))
        # A line that does not end must not fill the memory.
        if len(self._rest) > self.max_length:
            return callback(self._too_long(self.count + 1))
        return callback()

    def _flush(self, callback: Callable[..., None]) -> None:
        callback(None, self._rest or None)

    def _too_long(self, number: int) -> ValueError:
        return ValueError(f"line {number} is longer than {self.max_length} bytes")


async def main() -> None:
    """Number the lines that a client sends."""

    async def number(lines: AsyncIterable[bytes]) -> None:
        count = 0
        async for line in lines:
            count += 1
            print(count, line.decode())
        print("no more lines")

    async def serve(socket: net.Socket) -> None:
        await pipeline(socket, Lines(), number)

    async with await net.start_server(serve, host="localhost") as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        async with await net.open_connection(address.port, "localhost") as client:
            client.write("one\ntw")
            client.write("o\r\n\nfo")
            client.end("ur")


if __name__ == "__main__":
    run(main)
