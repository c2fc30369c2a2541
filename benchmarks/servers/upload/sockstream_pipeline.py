"""Upload: a pipeline from each client to a file; the connection ends once the file is complete."""

from __future__ import annotations

import sys

from sockstream import fs, net, run
from sockstream.stream import pipeline

FILE = sys.argv[1]


async def store(socket: net.Socket) -> None:
    """Store what a client sends in the file."""
    await pipeline(socket, fs.create_write_stream(FILE))
    socket.end()


def main() -> None:
    """Serve until killed."""
    server = net.create_server(store, allow_half_open=True)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
