"""Addresses, counters and states through a socket's life."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from sockstream.net import Server, Socket
    from tests.node.lib import Role

ADDRESSES = ("local_address", "local_port", "local_family", "remote_address", "remote_port", "remote_family")
FLAGS = ("pending", "connecting", "destroyed", "closed", "ready_state")
SIDES = ("readable", "writable", "readable_ended", "writable_ended", "writable_finished", "readable_flowing")


class AddressesThroughLife(Peers):
    def server(self, t: Role) -> None:
        port = None

        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.state("accepted", socket, *ADDRESSES)
            t.log("address", socket.address())
            t.log("local port", socket.local_port == port)

            @socket.on("close")
            def _(had_error: bool) -> None:
                t.state("closed", socket, *ADDRESSES)
                t.log("address", socket.address())

        server = t.serve(connected)

        @server.on("listening")
        def _() -> None:
            nonlocal port
            port = getattr(server.address(), "port", None)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.state("connecting", socket, *ADDRESSES)
        t.log("address", socket.address())

        @socket.on("connect")
        def _() -> None:
            t.state("connected", socket, *ADDRESSES)
            t.log("address", socket.address())
            t.log("remote port", socket.remote_port == t.where.get("port"))
            socket.end()

        @socket.on("close")
        def _(had_error: bool) -> None:
            t.state("closed", socket, *ADDRESSES)
            t.log("address", socket.address())


def _log_flags(t: Role, socket: Socket, name: str) -> None:
    socket.on(name, lambda *_: t.state(name, socket, *FLAGS, *SIDES))


class FlagsThroughLife(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            for name in ("end", "finish", "close"):
                _log_flags(t, socket, name)
            t.state("accepted", socket, *FLAGS, *SIDES)

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        for name in ("connect", "ready", "end", "finish", "close"):
            _log_flags(t, socket, name)
        t.state("connecting", socket, *FLAGS, *SIDES)

        @socket.on("ready")
        def _() -> None:
            socket.end()
            t.state("ended", socket, *FLAGS, *SIDES)


def flags_of_a_new_socket(t: Role) -> None:
    names = (*FLAGS, *SIDES, *ADDRESSES, "bytes_read", "bytes_written", "allow_half_open", "writable_length")
    socket = net.Socket()
    t.state("new", socket, *names)
    t.log("address", socket.address())
    t.log("timeout", socket.timeout)
    t.state("half-open", net.Socket(allow_half_open=True), "allow_half_open")


class FlagsAfterDestroy(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy()
            t.state("destroyed", socket, *FLAGS, *SIDES)

        socket.on("close", lambda _: t.state("closed", socket, *FLAGS, *SIDES))


class ReadyStateOfHalves(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def half() -> None:
                t.state("half", socket, "ready_state")
                socket.end()
                t.state("ended", socket, "ready_state")

            def ended() -> None:
                t.state("end", socket, "ready_state")
                t.turns(2, half)

            t.watch(socket, "peer", "data")
            t.state("accepted", socket, "ready_state")
            socket.on("end", ended)

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)
        t.state("connecting", socket, "ready_state")

        @socket.on("connect")
        def _() -> None:
            t.state("connected", socket, "ready_state")
            socket.end("x")
            t.state("ended", socket, "ready_state")

        socket.on("finish", lambda: t.state("finish", socket, "ready_state"))
        socket.on("end", lambda: t.state("end", socket, "ready_state"))


class BytesInBothDirections(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.write(t.fill(1000))
            socket.on("close", lambda _: t.state("closed", socket, "bytes_read", "bytes_written"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        names = ("bytes_read", "bytes_written")
        socket = t.connect("data")
        t.state("new", socket, *names)
        socket.write("é")
        t.state("one", socket, *names)
        socket.write(t.fill(100_000))
        t.state("two", socket, *names)
        seen = 0

        @socket.on("data")
        def _(chunk: bytes) -> None:
            nonlocal seen
            seen += len(chunk)
            if seen == 1000:
                socket.end("end")

        socket.on("end", lambda: t.state("end", socket, *names))
        socket.on("close", lambda _: t.state("closed", socket, *names))


class BytesWrittenOfWaitingText(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.set_default_encoding("latin1")
        socket.write("é")
        t.state("latin1", socket, "bytes_written")
        socket.write("é", "utf8")
        t.state("utf8", socket, "bytes_written")
        socket.write("abc", "utf16le")
        t.state("utf16le", socket, "bytes_written")
        socket.write(b"\1\2\3")
        t.state("bytes", socket, "bytes_written")
        socket.end("0011", "hex")
        t.state("hex", socket, "bytes_written")


class BufferSize(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        def log() -> None:
            t.log("size", socket.buffer_size, socket.writable_length)

        socket.write("waiting")
        log()
        socket.on("connect", log)
        socket.end()
        socket.on("finish", log)


class ListenersInTheirOrder(Sink):
    def client(self, t: Role) -> None:
        def never() -> None:
            t.log("never")

        socket = t.connect("data")
        socket.once("end", lambda: t.log("once"))
        socket.prepend_listener("end", lambda: t.log("prepended"))
        socket.prepend_once_listener("end", lambda: t.log("prepended once"))
        # What waits for the connection listens to 'connect' and 'close' as well, each side in its own way.
        socket.on("new_listener", lambda name, _: t.log("new listener", name) if name == "ready" else None)
        socket.on(
            "remove_listener",
            lambda name, _: t.log("listener removed", name) if name not in ("connect", "close") else None,
        )
        socket.on("ready", never)
        socket.off("ready", never)
        socket.end()


class ServerFieldsThroughLife(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.state("closing", server, "listening", "max_connections")
            socket.on("close", lambda _: t.state("peer closed", server, "listening"))

        server = t.serve(connected)
        t.state("called", server, "listening")
        server.on("close", lambda: t.state("closed", server, "listening"))

    def client(self, t: Role) -> None:
        t.connect("data").end()


def _greeter() -> Server:
    def greet(peer: Socket) -> None:
        peer.end("hi")
        server.close()

    server = net.create_server(greet)
    return server


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def connect_returns_what_create_connection_returns(t: Role) -> None:
    def listening() -> None:
        socket = net.create_connection(lambda: t.log("listener"), port=_port(server), host="127.0.0.1")
        t.log("socket", isinstance(socket, net.Socket))
        t.watch(socket, "socket", "data")

    server = _greeter()
    server.listen(0, "127.0.0.1", listening)
    server.on("close", t.hold())


def connect_by_text_port(t: Role) -> None:
    def listening() -> None:
        t.watch(net.connect(port=str(_port(server)), host="127.0.0.1"), "socket", "data")

    server = _greeter()
    server.listen(0, "127.0.0.1", listening)
    server.on("close", t.hold())


class EventsOfOneSocketInOneList(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.log("names", [socket.listener_count(name) > 0 for name in ("data", "end", "error")])

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data").end()
