"""An endless source: Twisted, a producer that is asked for each chunk."""
# ruff: noqa: N802 - the names are Twisted's

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer


@implementer(IPullProducer)
class Source(Protocol):
    """Writes a chunk, a new object, each time the transport asks."""

    def connectionMade(self) -> None:
        """Begin."""
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        """Write one more."""
        self.transport.write(bytes(65536))

    def stopProducing(self) -> None:
        """Nothing is held."""


port = reactor.listenTCP(0, Factory.forProtocol(Source), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
