"""Options whose effect no other group shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Socket
    from tests.node.lib import Role

SIDES = ("readable", "writable", "readable_ended", "writable_ended", "ready_state")


def sides_of_a_new_socket(t: Role) -> None:
    for readable in (True, False):
        for writable in (True, False):
            label = f"{readable} {writable}".lower()
            t.state(label, net.Socket(readable=readable, writable=writable), *SIDES)


class WithoutReading(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data", readable=False)
        socket.on("connect", lambda: t.state("connected", socket, *SIDES))
        socket.end("told")


class WithoutReadingAnAnswerIsLeft(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data", "-error", "-close")
            socket.on("error", lambda error: None)
            socket.write("unread")
            t.tell("written")

        t.serve(connected)

    def client(self, t: Role) -> None:
        def written() -> None:
            t.state("written", socket, "bytes_read", *SIDES)
            socket.destroy()

        socket = t.connect("data", readable=False)
        t.when_ready(socket, "written", written)


class WithoutWriting(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("told"))

    def client(self, t: Role) -> None:
        socket = t.connect("data", writable=False)
        socket.on("connect", lambda: t.state("connected", socket, *SIDES))
        socket.on("end", lambda: t.state("ended", socket, *SIDES))


class WithoutWritingAWriteFails(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data", writable=False)
        socket.on("connect", lambda: t.log("write", socket.write("x", t.callback("written"))))


class DropMaxConnectionChangesNothing(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.write("welcome")

        server = t.serve(connected, 0)
        server.max_connections = 1

        @server.on("drop")
        def _(info: Any) -> None:
            t.log("drop", server.drop_max_connection)
            if server.drop_max_connection:
                server.close()
            server.drop_max_connection = True

    def client(self, t: Role) -> None:
        def drop(then: Callable[[], object]) -> None:
            dropped = t.watch(net.connect(**t.where), "dropped", "data", "-finish", "-end", "-error")
            dropped.on("error", lambda error: None)
            dropped.on("close", lambda _: then())

        welcome = t.connect("data")
        welcome.once("data", lambda chunk: drop(lambda: drop(welcome.end)))
