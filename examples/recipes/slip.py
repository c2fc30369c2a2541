"""SLIP (RFC 1055): packets on a byte stream that has no lengths, as serial devices send them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sockstream import net, run
from sockstream.stream import Transform, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable

END, ESCAPE = b"\xc0", b"\xdb"
ESCAPED = {END: b"\xdb\xdc", ESCAPE: b"\xdb\xdd"}
PLAIN = {code: byte for byte, code in ESCAPED.items()}


class SlipError(ValueError):
    """A packet is damaged, too large, or not complete."""


class SlipEncoder(Transform):
    """Packets in (each `write` is one), bytes for the line out."""

    def __init__(self) -> None:
        super().__init__(writable_object_mode=True)

    def _transform(self, packet: bytes, encoding: str, callback: Callable[..., None]) -> None:
        escaped = packet.replace(ESCAPE, ESCAPED[ESCAPE]).replace(END, ESCAPED[END])
        # The END in front finishes what noise may have left on the line.
        callback(None, END + escaped + END)


class SlipDecoder(Transform):
    """Bytes from the line in, packets out; what is empty between two ENDs is none."""

    def __init__(self, max_size: int = 65_536) -> None:
        super().__init__(readable_object_mode=True)
        self.max_size = max_size
        self.count = 0
        self._rest = b""

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        *packets, self._rest = (self._rest + chunk).split(END)
        try:
            for packet in filter(None, packets):
                self.push(self._decoded(packet))
                self.count += 1
        except SlipError as error:
            return callback(error)
        # Escaped, a packet is twice as long at most.
        if len(self._rest) > 2 * self.max_size:
            return callback(self._error(f"is larger than {self.max_size} bytes"))
        return callback()

    def _flush(self, callback: Callable[..., None]) -> None:
        callback(self._error("is not complete") if self._rest else None)

    def _decoded(self, packet: bytes) -> bytes:
        def plain(code: re.Match[bytes]) -> bytes:
            if code[0] not in PLAIN:
                raise self._error(f"has a bad escape, {code[0].hex()}")
            return PLAIN[code[0]]

        decoded = re.sub(rb"\xdb.?", plain, packet, flags=re.DOTALL)
        if len(decoded) > self.max_size:
            raise self._error(f"is larger than {self.max_size} bytes")
        return decoded

    def _error(self, problem: str) -> SlipError:
        return SlipError(f"packet {self.count + 1} {problem}")


async def main() -> None:
    """Show what a device sends."""

    async def show(packets: AsyncIterable[bytes]) -> None:
        async for packet in packets:
            print(packet.hex(" "))

    async def serve(socket: net.Socket) -> None:
        try:
            await pipeline(socket, SlipDecoder(), show)
        except SlipError as error:
            print(error)

    async with await net.start_server(serve, host="localhost") as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        async with await net.open_connection(address.port, "localhost") as device:
            await pipeline([b"\x01\x02\x03", b"\xc0 and \xdb"], SlipEncoder(), device, end=False)
            device.end(b"\xc0\xff")


if __name__ == "__main__":
    run(main)
