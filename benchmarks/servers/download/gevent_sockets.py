"""Download: gevent, the file read chunk by chunk on the loop's thread."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gevent.server import StreamServer

if TYPE_CHECKING:
    from socket import socket

FILE = sys.argv[1]


def send_file(client: socket, _: object) -> None:
    """Send the file to a client."""
    with open(FILE, "rb") as file:
        while chunk := file.read(65536):
            client.sendall(chunk)


server = StreamServer(("127.0.0.1", 0), send_file)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
