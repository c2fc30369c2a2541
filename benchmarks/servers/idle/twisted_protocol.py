"""Echo with an idle timeout: a Twisted protocol, on its epoll reactor."""

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.policies import TimeoutMixin


class Echo(Protocol, TimeoutMixin):
    """Writes back what comes, and gives up after a minute without any."""

    def connectionMade(self) -> None:  # noqa: N802
        """Wind up the timer."""
        self.setTimeout(60)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Write back what came."""
        self.resetTimeout()
        self.transport.write(data)


port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
