"""Pipes an endless source into each client."""

from __future__ import annotations

from sockstream import net, run
from sockstream.stream import Readable


class Endless(Readable):
    """A source that always has one more chunk, each a new object."""

    def _read(self, size: int) -> None:
        self.push(bytes(65536))


def main() -> None:
    """Serve until killed."""
    server = net.create_server(lambda socket: Endless().pipe(socket))

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
