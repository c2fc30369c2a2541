"""Broadcast: Twisted."""
# ruff: noqa: N802 - the names are Twisted's

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol

clients: set[Client] = set()


class Client(Protocol):
    """Writes what comes to all."""

    def connectionMade(self) -> None:
        """Take part."""
        self.transport.setTcpNoDelay(True)
        clients.add(self)

    def dataReceived(self, data: bytes) -> None:
        """Write what came to everybody."""
        for client in clients:
            client.transport.write(data)

    def connectionLost(self, reason: object) -> None:
        """Leave."""
        clients.discard(self)


port = reactor.listenTCP(0, Factory.forProtocol(Client), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
