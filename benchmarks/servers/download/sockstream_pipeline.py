"""Download: a pipeline from the file to each client."""

from __future__ import annotations

import sys

from sockstream import fs, net, run
from sockstream.stream import pipeline

FILE = sys.argv[1]


async def send_file(socket: net.Socket) -> None:
    """Send the file to a client."""
    await pipeline(fs.create_read_stream(FILE), socket)


def main() -> None:
    """Serve until killed."""
    server = net.create_server(send_file)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
