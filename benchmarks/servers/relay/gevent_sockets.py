"""Relay: gevent, two greenlets for each client."""

from __future__ import annotations

import sys

import gevent
from gevent import socket
from gevent.server import StreamServer

TARGET = int(sys.argv[1])


def forward(source: socket.socket, destination: socket.socket) -> None:
    """Send what one side sends to the other, and pass the end on."""
    while chunk := source.recv(65536):
        destination.sendall(chunk)
    destination.shutdown(socket.SHUT_WR)


def relay(client: socket.socket, _: object) -> None:
    """Connect to the target and forward both ways."""
    with socket.create_connection(("127.0.0.1", TARGET)) as upstream:
        gevent.joinall([gevent.spawn(forward, client, upstream), gevent.spawn(forward, upstream, client)])


server = StreamServer(("127.0.0.1", 0), relay)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
