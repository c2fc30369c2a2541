"""An endless source: gevent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.server import StreamServer

if TYPE_CHECKING:
    from socket import socket


def send(client: socket, _: object) -> None:
    """Send as long as the client is there, each chunk a new object."""
    try:
        while True:
            client.sendall(bytes(65536))
    except ConnectionError:
        pass


server = StreamServer(("127.0.0.1", 0), send)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
