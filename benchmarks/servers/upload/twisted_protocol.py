"""Upload: Twisted, the file written on the reactor's thread."""
# ruff: noqa: N802 - the names are Twisted's

from __future__ import annotations

import sys

from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

FILE = sys.argv[1]


@implementer(IHalfCloseableProtocol)
class Upload(Protocol):
    """Stores what comes."""

    def connectionMade(self) -> None:
        """Open the file."""
        self.file = open(FILE, "wb", buffering=0)  # noqa: SIM115 - closed at the end

    def dataReceived(self, data: bytes) -> None:
        """Write what came."""
        self.file.write(data)

    def readConnectionLost(self) -> None:
        """Complete the file, then end the connection."""
        self.file.close()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Nothing is left to do."""


port = reactor.listenTCP(0, Factory.forProtocol(Upload), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
