"""Servers that many scenarios talk to; servers.js is the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from tests.node.lib import EVENTS, Peers

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role

__all__ = ["Blind", "Sink", "Stalled"]


class Sink(Peers):
    """The server reads and says nothing."""

    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data"))


class Blind(Peers):
    """The server looks at nothing: what it sees of a hasty client is a matter of luck."""

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", *(f"-{name}" for name in EVENTS["socket"]))
            socket.on("error", lambda error: None)
            socket.resume()

        server = net.create_server(connected)
        server.listen(**t.where, callback=lambda: t.ready(server))
        t.watch(server, "server", "-connection", "-close")
        t.when("over", lambda: server.close())


class Stalled(Peers):
    """The server takes no data before the client is through; what it sees of the end is a matter of luck."""

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def over() -> None:
                socket.destroy()
                server.close()

            t.watch(socket, "peer", "-end", "-finish", "-error", "-close")
            socket.on("error", lambda error: None)
            t.when("over", over)

        server = net.create_server(connected, pause_on_connect=True)
        t.watch(server, "server", "-close").listen(**t.where, callback=lambda: t.ready(server))
