"""Upload: gevent, the file written on the loop's thread."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gevent.server import StreamServer

if TYPE_CHECKING:
    from socket import socket

FILE = sys.argv[1]


def store(client: socket, _: object) -> None:
    """Store what a client sends."""
    with open(FILE, "wb", buffering=0) as file:
        while chunk := client.recv(65536):
            file.write(chunk)


server = StreamServer(("127.0.0.1", 0), store)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
