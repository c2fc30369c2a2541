"""Echo: a Twisted protocol, on its epoll reactor."""

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol


class Echo(Protocol):
    """Writes back what comes."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Write back what came."""
        self.transport.write(data)


port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
