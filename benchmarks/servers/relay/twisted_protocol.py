"""Relay: Twisted; each transport is the producer of the other one's."""
# ruff: noqa: N802 - the names are Twisted's

from __future__ import annotations

import sys

from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from zope.interface import implementer

TARGET = int(sys.argv[1])


@implementer(IHalfCloseableProtocol)
class Side(Protocol):
    """Writes what comes to the other side."""

    other: Side
    ended = False

    def pair(self, other: Side) -> None:
        """Let each side's reading depend on what the other has still to write."""
        self.other, other.other = other, self
        self.transport.registerProducer(other.transport, True)
        other.transport.registerProducer(self.transport, True)

    def dataReceived(self, data: bytes) -> None:
        """Write what came."""
        self.other.transport.write(data)

    def readConnectionLost(self) -> None:
        """Pass the end on, and keep the way back open."""
        self.ended = True
        self.other.transport.unregisterProducer()
        self.other.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        """Close once both ways have ended."""
        if self.ended:
            self.transport.loseConnection()


class Upstream(Side):
    """The connection to the target."""

    def connectionMade(self) -> None:
        """Begin."""
        self.pair(self.factory.client)
        self.other.transport.resumeProducing()


class Client(Side):
    """A client's connection."""

    def connectionMade(self) -> None:
        """Connect to the target; until then nothing is read."""
        self.transport.pauseProducing()
        factory = ClientFactory.forProtocol(Upstream)
        factory.client = self
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", TARGET, factory)


port = reactor.listenTCP(0, Factory.forProtocol(Client), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
