"""Download: Twisted's `FileSender`."""
# ruff: noqa: N802 - the names are Twisted's

from __future__ import annotations

import sys

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.basic import FileSender

FILE = sys.argv[1]


class Download(Protocol):
    """Sends the file."""

    def connectionMade(self) -> None:
        """Begin."""
        self.file = open(FILE, "rb")  # noqa: SIM115 - closed with the connection
        FileSender().beginFileTransfer(self.file, self.transport).addBoth(lambda _: self.transport.loseConnection())

    def connectionLost(self, reason: object) -> None:
        """Close the file."""
        self.file.close()


port = reactor.listenTCP(0, Factory.forProtocol(Download), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
