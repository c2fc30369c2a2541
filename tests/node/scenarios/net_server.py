"""The life of a server: listening, dropping, counting, closing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.events import once
from sockstream.timers import next_tick
from tests.node.lib import EVENTS, Peers

if TYPE_CHECKING:
    from sockstream.net import Server, Socket
    from tests.node.lib import Role

# Listens to none of the events that a socket is watched for.
QUIET = tuple(f"-{name}" for name in EVENTS["socket"])
LOCAL: dict[str, Any] = {"port": 0, "host": "127.0.0.1"}


def _server(t: Role) -> Server:
    server: Server = t.watch(net.create_server(), "server")
    return server


def listen_and_close(t: Role) -> None:
    server = _server(t)
    t.state("new", server, "listening")
    t.log("address", server.address())
    t.log("same", server.listen(**LOCAL, callback=t.callback("callback")) is server)
    t.state("called", server, "listening")
    next_tick(lambda: t.log("next tick"))

    @server.on("listening")
    def _() -> None:
        address: Any = server.address()
        t.log("address", address.address, address.family, address.port > 0)
        t.log("same", server.close(t.callback("closed")) is server)
        t.state("closing", server, "listening")
        t.log("address", server.address())


def listen_on_every_address(t: Role) -> None:
    def listening() -> None:
        address: Any = server.address()
        t.log("address", address.address, address.family)
        server.close()

    server = _server(t).listen(listening)


def listen_at_path_and_close(t: Role) -> None:
    where = f"{t.dir}/socket"
    server = _server(t).listen(where)
    t.log("there", os.path.exists(where))

    @server.on("listening")
    def _() -> None:
        t.log("address", server.address() == where)
        server.close()
        t.log("there", os.path.exists(where))


def listen_at_abstract_name(t: Role) -> None:
    where = f"\0sockstream-test-{os.getpid()}"

    def listening() -> None:
        t.log("address", server.address() == where)
        net.connect(where).end("abstract")

    server = _server(t).listen(where, listening)

    @server.on("connection")
    def _(socket: Socket) -> None:
        socket.on("data", lambda chunk: t.data("data", chunk))
        server.close()


def listen_twice(t: Role) -> None:
    server = _server(t).listen(0)
    t.attempt("again", lambda: server.listen(0))

    @server.on("listening")
    def _() -> None:
        t.attempt("and again", lambda: server.listen(0))
        server.close()


def listen_again_after_close(t: Role) -> None:
    server = _server(t)
    server.listen(**LOCAL, callback=lambda: server.close())

    def again() -> None:
        t.log("again", server.listening)
        server.close(t.callback("closed again"))

    server.once("close", lambda: server.listen(**LOCAL, callback=again))


def close_without_listen(t: Role) -> None:
    server = _server(t)
    t.log("same", server.close(t.callback("closed")) is server)
    next_tick(lambda: t.log("next tick"))


def close_without_listen_or_callback(t: Role) -> None:
    _server(t).close()


def close_twice(t: Role) -> None:
    def listening() -> None:
        server.close(t.callback("first"))
        server.close(t.callback("second"))

    server = _server(t).listen(**LOCAL, callback=listening)


def close_after_close(t: Role) -> None:
    server = _server(t)
    server.listen(**LOCAL, callback=lambda: server.close())
    server.once("close", lambda: server.close(t.callback("closed again")))


def close_before_listening(t: Role) -> None:
    server = _server(t).listen(0, t.callback("callback"))
    server.close(t.callback("closed"))


def close_in_listening_callback(t: Role) -> None:
    server = _server(t)
    server.listen(**LOCAL, callback=lambda: server.close(t.callback("closed")))
    server.on("listening", lambda: t.state("after", server, "listening"))


class CloseWithClientsConnected(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")

            @socket.on("data")
            def _(chunk: bytes) -> None:
                t.state("open", server, "listening")
                socket.end("still served")

            server.close(t.callback("closed"))
            t.tell("closing")

        server = t.serve(connected, 0)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.when("closing", lambda: socket.write("are you there?"))


class CloseInsideTheConnectionListener(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            server.close(t.callback("closed"))
            t.watch(socket, "peer", "data").end("bye")
            t.state("closing", server, "listening")

        server = t.serve(connected, 0)

    def client(self, t: Role) -> None:
        t.connect("data")


def closed_server_refuses(t: Role) -> None:
    release = t.hold()

    def listening() -> None:
        address: Any = server.address()
        server.close(lambda *_: t.watch(net.connect(address.port, "127.0.0.1"), "socket").on("close", release))

    server = _server(t).listen(**LOCAL, callback=listening)


class CloseWaitsForTheLastClient(Peers):
    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            label = f"peer {count}"

            @socket.on("close")
            def _(had_error: bool) -> None:
                t.log(f"{label} closed")
                t.tell(f"{label} closed")

            socket.resume()
            socket.write(label)
            if count == 2:
                server.close(t.callback("closed"))

        server = t.serve(connected, 0)

    def client(self, t: Role) -> None:
        first = t.watch(t.connect(*QUIET), "first")

        @first.once("data")
        def _(chunk: bytes) -> None:
            second = t.watch(t.connect(*QUIET), "second")
            second.once("data", lambda chunk: second.end())
            second.on("close", lambda _: t.when("peer 2 closed", lambda: first.end()))


class MaxConnectionsDrops(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.write("welcome")

        server = t.serve(connected, 0)
        server.max_connections = 1

        @server.on("drop")
        def _(info: Any) -> None:
            t.log("drop", info)
            server.close()

    def client(self, t: Role) -> None:
        welcome = t.connect("data")

        @welcome.once("data")
        def _(chunk: bytes) -> None:
            dropped = t.watch(net.connect(**t.where), "dropped", "data", "-finish", "-end", "-error")
            dropped.on("error", lambda error: None)
            dropped.on("close", lambda _: welcome.end())


class MaxConnectionsMakesRoomAgain(Peers):
    def server(self, t: Role) -> None:
        count = 0

        def closed(had_error: bool) -> None:
            t.log("closed")
            if count == 2:
                server.close()
            else:
                t.tell("room")

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            socket.resume()
            socket.write(f"client {count}")
            socket.on("close", closed)

        server = t.serve(connected, 0)
        server.max_connections = 1
        server.on("drop", lambda info: t.log("never"))

    def client(self, t: Role) -> None:
        release = t.hold()
        first = t.connect("data")
        first.once("data", lambda chunk: first.end())

        def room() -> None:
            second = t.watch(net.connect(**t.where), "second", "data")
            second.once("data", lambda chunk: second.end())
            second.on("close", release)

        first.on("close", lambda _: t.when("room", room))


class GetConnections(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def counted(error: Any, count: int) -> None:
                t.log("connections", error, count)
                socket.write("x")

            def counted_again(error: Any, count: int) -> None:
                t.log("connections", error, count)
                server.close()

            socket.resume()
            server.get_connections(counted)
            t.log("asked")
            socket.on("close", lambda _: server.get_connections(counted_again))

        server = t.serve(connected, 0)
        server.on(
            "listening",
            lambda: server.get_connections(lambda error, count: t.log("connections", error, count)) and None,
        )

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("data", lambda chunk: socket.end())


def get_connections_of_a_closed_server(t: Role) -> None:
    server = _server(t)
    server.get_connections(lambda error, count=None: t.log("connections", error, count))
    t.turns(8, t.done)


class PauseOnConnect(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def resume() -> None:
                t.log("resuming")
                socket.resume()

            t.watch(socket, "peer", "data", "pause", "resume")
            t.state("accepted", socket, "readable_flowing")
            t.log("paused", socket.is_paused())
            t.when("sent", resume)

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        t.connect("data").end("waits", lambda _: t.tell("sent"))


class ConnectionListenerTwice(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.log("argument")
            t.watch(socket, "peer", "data")

        server = net.create_server(connected)

        @server.on("connection")
        def _(socket: Socket) -> None:
            t.log("listener")
            server.close()

        t.watch(server, "server").listen(**t.where, callback=lambda: t.ready(server))

    def client(self, t: Role) -> None:
        t.connect("data").end()


class ThreeClientsOneAfterAnother(Peers):
    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            t.watch(socket, f"peer {count}", "data")

        t.serve(connected, 3)

    def client(self, t: Role) -> None:
        def start(left: int) -> None:
            socket = t.connect("data")
            socket.end(f"client {left}")
            if left > 1:
                socket.on("close", lambda _: start(left - 1))

        start(3)


class ServerClosedWhileAClientConnects(Peers):
    def server(self, t: Role) -> None:
        server = t.serve(None, 0)
        t.when("never mind", lambda: server.close())

    def client(self, t: Role) -> None:
        t.tell("never mind")


class HalfOpenServerClosesAfterBothHalves(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def half() -> None:
                t.log("half")
                t.turns(4, lambda: socket.end())

            server.close(t.callback("closed"))
            t.watch(socket, "peer", "data")
            socket.on("end", half)

        server = t.serve(connected, 0, allow_half_open=True)

    def client(self, t: Role) -> None:
        t.connect("data").end("x")


async def async_dispose_closes(t: Role) -> None:
    server = _server(t)
    server.listen(**LOCAL)
    await once(server, "listening")
    async with server:
        pass
    t.state("disposed", server, "listening")
