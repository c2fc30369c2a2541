"""Frames: messages of any bytes, each behind its length."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import Transform, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable

HEADER = struct.Struct("!I")  # four bytes, the highest first
MAX_SIZE = 1_048_576


class FrameError(ValueError):
    """A frame is too large, or the input ends within one."""


class FrameEncoder(Transform):
    """Messages in (each `write` is one), frames out."""

    def __init__(self, max_size: int = MAX_SIZE) -> None:
        super().__init__(writable_object_mode=True)
        self.max_size = max_size

    def _transform(self, message: bytes, encoding: str, callback: Callable[..., None]) -> None:
        if len(message) > self.max_size:
            callback(FrameError(f"the message has {len(message)} bytes, {self.max_size} are allowed"))
        else:
            callback(None, HEADER.pack(len(message)) + message)


class FrameDecoder(Transform):
    """Frames in, cut anywhere, messages out."""

    def __init__(self, max_size: int = MAX_SIZE) -> None:
        super().__init__(readable_object_mode=True)
        self.max_size = max_size
        self.count = 0
        self._buffer = bytearray()

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        self._buffer += chunk
        while len(self._buffer) >= HEADER.size:
            (size,) = HEADER.unpack_from(self._buffer)
            if size > self.max_size:
                # Found before a byte of it is kept.
                return callback(FrameError(f"frame {self.count + 1} has {size} bytes, {self.max_size} are allowed"))
            end = HEADER.size + size
            if len(self._buffer) < end:
                break
            self.push(bytes(self._buffer[HEADER.size : end]))
            del self._buffer[:end]
            self.count += 1
        return callback()

    def _flush(self, callback: Callable[..., None]) -> None:
        if self._buffer:
            callback(FrameError(f"the input ends within frame {self.count + 1}, after {len(self._buffer)} bytes of it"))
        else:
            callback()


async def main() -> None:
    """Ask a server for some words in capitals."""

    async def capitals(words: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for word in words:
            yield word.upper()

    async def serve(socket: net.Socket) -> None:
        try:
            await pipeline(socket, FrameDecoder(max_size=100), capitals, FrameEncoder(), socket)
        except FrameError as error:
            print("the server:", error)

    async with await net.start_server(serve, host="localhost", allow_half_open=True) as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        async with await net.open_connection(address.port, "localhost") as socket:
            await pipeline([b"hello", b"", b"two\nlines"], FrameEncoder(), socket)
            async for answer in socket.pipe(FrameDecoder()):
                print(answer)
        async with await net.open_connection(address.port, "localhost") as socket:
            socket.end(b"\0\0\0\x05hel")
        async with await net.open_connection(address.port, "localhost") as socket:
            socket.end(b"GET / HTTP/1.1\r\n\r\n")


if __name__ == "__main__":
    run(main)
