"""Broadcast: gevent, a greenlet for each client."""

from __future__ import annotations

from gevent import socket
from gevent.server import StreamServer

clients: set[socket.socket] = set()


def join(client: socket.socket, _: object) -> None:
    """Send what this client sends to all, as long as it is connected."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clients.add(client)
    while chunk := client.recv(65536):
        for each in list(clients):
            each.sendall(chunk)
    clients.discard(client)


server = StreamServer(("127.0.0.1", 0), join)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
