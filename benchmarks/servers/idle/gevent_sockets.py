"""Echo with an idle timeout: gevent's stream server, a greenlet for each connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.server import StreamServer

if TYPE_CHECKING:
    from socket import socket


def echo(client: socket, _: object) -> None:
    """Write back what comes, until the client ends or says nothing for a minute."""
    client.settimeout(60)
    try:
        while chunk := client.recv(65536):
            client.sendall(chunk)
    except TimeoutError:
        pass


server = StreamServer(("127.0.0.1", 0), echo)
server.start()
print(server.server_port, flush=True)
server.serve_forever()
