"""What comes before what: looking up, attempts, halves, the last words of a socket, servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import next_tick, set_immediate, set_timeout
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL: dict[str, Any] = {"port": 0, "host": "127.0.0.1"}
FLAGS = ("pending", "connecting", "ready_state", "destroyed")
SIDES = ("ready_state", "readable", "writable", "readable_ended", "writable_ended", "writable_finished")


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


# -- connecting -------------------------------------------------------------------------------------------------------


def _log_state(t: Role, socket: Socket, *names: str) -> None:
    for name in names:
        socket.on(name, lambda *_: t.state("state", socket, *FLAGS))


class LookupAttemptConnectReady(Sink):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
            t.state("in lookup", socket, *FLAGS)
            set_immediate(callback, None, "127.0.0.1", 4)

        port = t.where["port"]
        socket = t.watch(net.Socket(), "client", "data")
        socket.on("lookup", lambda error, address, family, host: t.log("lookup", error, address, family, host))
        socket.on("connection_attempt", lambda ip, at, family: t.log("attempt", ip, at == port, family))
        _log_state(t, socket, "lookup", "connection_attempt", "connect", "ready")
        socket.connect(port=port, host="somewhere.test", lookup=lookup, auto_select_family=False)
        t.state("called", socket, *FLAGS)
        socket.end("found")


class AttemptAtAnAddress(Sink):
    def client(self, t: Role) -> None:
        socket = t.watch(net.Socket(), "client", "data")
        socket.on("lookup", lambda *_: t.log("lookup"))

        @socket.on("connection_attempt")
        def _(where: str, *_: Any) -> None:
            t.log("attempt", where == (t.where.get("path") or t.where["host"]))
            t.state("state", socket, *FLAGS)

        socket.connect(**t.where)
        t.log("called")
        next_tick(lambda: t.log("next tick"))
        socket.end()


def destroy_in_lookup(t: Role) -> None:
    def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
        next_tick(callback, None, "127.0.0.1", 4)

    options: dict[str, Any] = {"port": 1, "host": "here.test", "lookup": lookup, "auto_select_family": False}
    socket = t.watch(net.connect(**options), "socket")
    socket.on("connection_attempt", lambda *_: t.log("attempt"))
    socket.write("x", t.callback("written"))

    @socket.on("lookup")
    def _(*_: Any) -> None:
        socket.destroy()
        t.state("destroyed", socket, *FLAGS)


def attempt_that_fails(t: Role) -> None:
    release = t.hold()

    def closed(port: int) -> None:
        socket = t.watch(net.Socket(), "socket").on("close", release)
        socket.on("connection_attempt", lambda *_: t.log("attempt"))

        @socket.on("connection_attempt_failed")
        def _(ip: str, at: int, family: int, error: Any) -> None:
            t.log("failed", ip, at == port, family, error)
            t.state("state", socket, "connecting", "pending", "ready_state", "destroyed", "errored")

        socket.connect(port, "127.0.0.1")

    def listening() -> None:
        port = _port(server)
        server.close(lambda _: closed(port))

    server = net.create_server().listen(**LOCAL, callback=listening)


# -- halves -----------------------------------------------------------------------------------------------------------


def _log_sides(t: Role, socket: Socket, *names: str) -> None:
    def listen(name: str) -> None:
        socket.on(name, lambda *_: t.state(name, socket, *SIDES))

    for name in names:
        listen(name)


class HalfOpenOnBothSides(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def second(error: BaseException | None) -> None:
                t.log("two")
                socket.end("three", t.callback("ended"))

            t.watch(socket, "peer", "data")
            _log_sides(t, socket, "end", "finish", "close")

            @socket.on("end")
            def _() -> None:
                socket.write("one", t.callback("one"))
                socket.write("two", second)

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)
        _log_sides(t, socket, "end", "finish", "close")
        socket.end("go", t.callback("ended"))


class HalfOpenServerEndsFirst(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data").end("all I say")
            _log_sides(t, socket, "finish", "end")

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)

        @socket.on("end")
        def _() -> None:
            t.state("half", socket, *SIDES)
            t.turns(3, lambda: socket.write("and I", lambda _: socket.end(" too")))


class HalfOpenClientIsDestroyed(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("done"))

    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)
        socket.on("end", lambda: t.turns(3, lambda: socket.destroy()))
        socket.on("close", lambda _: t.state("closed", socket, *SIDES))


class EndInsideEnd(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)

        @socket.on("finish")
        def _() -> None:
            t.state("finish", socket, *SIDES)
            socket.end(t.callback("ended again"))

        @socket.on("end")
        def _() -> None:
            t.state("end", socket, *SIDES)
            socket.end(t.callback("ended in end"))

        socket.end("x")


# -- last words -------------------------------------------------------------------------------------------------------


class WriteInFinish(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x")
        socket.on("finish", lambda: t.attempt("write", lambda: socket.write("too late", t.callback("written"))))


class CallsInClose(Sink):
    def client(self, t: Role) -> None:
        socket: Any = t.connect("data", "pause", "resume")
        socket.end("x")

        @socket.on("close")
        def _(had_error: bool) -> None:
            t.state("closed", socket, *FLAGS, *SIDES)
            t.attempt("write", lambda: socket.write("x", lambda error: t.state("written", error, "code")))
            t.attempt("end", lambda: socket.end("x", t.callback("ended")) is socket)
            t.attempt("destroy", lambda: socket.destroy(Exception("again")) is socket)
            t.attempt("destroySoon", lambda: socket.destroy_soon())
            t.attempt("pause", lambda: socket.pause() is socket)
            t.attempt("resume", lambda: socket.resume() is socket)
            t.attempt("read", lambda: socket.read())
            t.attempt("push", lambda: socket.push("x"))
            t.attempt("timeout", lambda: socket.set_timeout(0.01) is socket)
            t.attempt("unref", lambda: socket.unref() is socket)
            t.log("timeout", t.seconds(socket.timeout))


class DestroyTwiceWithAndWithoutError(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.end("x", t.callback("ended"))
            t.log("same", socket.destroy() is socket, socket.destroy(Exception("second")) is socket)
            t.log("errored", socket.errored)

        socket.on("close", lambda _: t.log("errored", socket.errored))


class AddressesFirstAskedWhenItIsOver(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.on("close", lambda _: t.state("closed", socket, "local_address", "remote_address", "remote_family"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        names = ("local_address", "remote_address", "remote_family")
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy()
            t.state("destroyed", socket, *names)

        socket.on("close", lambda _: t.state("closed", socket, *names))


def error_in_a_listener(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close()
        peer.end("x")

    def listening() -> None:
        socket = t.watch(net.connect(_port(server), "127.0.0.1"), "socket")

        @socket.on("data")
        def _(chunk: bytes) -> None:
            raise Exception("mine")

    server = net.create_server(accepted).listen(**LOCAL, callback=listening)
    server.on("close", t.hold())


def error_in_a_timer(t: Role) -> None:
    release = t.hold()

    def fire() -> None:
        set_immediate(release)
        raise Exception("mine")

    set_timeout(fire, 0.001)


# -- servers ----------------------------------------------------------------------------------------------------------


def listen_at_one_place_after_another(t: Role) -> None:
    server: Server = t.watch(net.create_server(), "server")
    release = t.hold()
    places: list[dict[str, Any]] = [LOCAL, {"path": f"{t.dir}/one"}, LOCAL, {"path": f"{t.dir}/two"}]

    def start() -> None:
        if not places:
            release()
            return
        same = server.listen(**places.pop(0), callback=t.callback("callback")) is server
        t.log("same", same, server.listening)

    @server.on("listening")
    def _() -> None:
        kind = "string" if isinstance(server.address(), str) else "object"
        t.log("address", kind, server.listener_count("listening"))
        server.close(t.callback("closed"))

    server.on("close", start)
    start()


def listen_again_before_close(t: Role) -> None:
    server: Server = t.watch(net.create_server(), "server")
    release = t.hold()
    server.listen(**LOCAL)

    @server.once("listening")
    def _() -> None:
        server.close(t.callback("closed"))
        t.attempt("again", lambda: server.listen(**LOCAL) is server)
        server.once("listening", lambda: server.close(release))


class ErrorOnAListeningServer(Peers):
    def server(self, t: Role) -> None:
        server = t.serve(lambda socket: t.watch(socket, "peer", "data"))

        @server.on("listening")
        def _() -> None:
            server.emit("error", Exception("mine"))
            t.state("still", server, "listening")

    def client(self, t: Role) -> None:
        t.connect("data").end("x")


class DestroyedByTheFirstListener(Peers):
    def server(self, t: Role) -> None:
        def first(socket: Socket) -> None:
            t.watch(socket, "peer", "data").destroy()
            t.state("first", socket, *FLAGS)

        @t.serve(first).on("connection")
        def _(socket: Socket) -> None:
            t.state("second", socket, *FLAGS)
            t.attempt("write", lambda: socket.write("x", t.callback("written")))

    def client(self, t: Role) -> None:
        t.connect("data")


class ConnectionsCountedThroughLife(Peers):
    def server(self, t: Role) -> None:
        def count(label: str) -> None:
            server.get_connections(lambda error, found: t.log(label, error, found))

        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            count("in connection")

            @socket.on("end")
            def _() -> None:
                count("in end")
                socket.destroy()
                count("destroyed")

            socket.on("close", lambda _: count("in close"))

        server = t.serve(connected)
        server.on("listening", lambda: count("listening"))
        server.on("close", lambda: count("server closed"))

    def client(self, t: Role) -> None:
        t.connect("data", allow_half_open=True).end("x")


class LimitRaisedInDrop(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            socket.resume()
            socket.write("welcome")
            t.log("connections", server.max_connections)

        server = t.serve(connected, 2)
        server.max_connections = 1

        @server.on("drop")
        def _(info: Any) -> None:
            t.log("drop", server.max_connections)
            server.max_connections = 2

    def client(self, t: Role) -> None:
        quiet = ("-finish", "-end", "-error", "-connect", "-ready")
        first = t.watch(net.connect(**t.where), "first", *quiet)

        def make_second(had_error: bool) -> None:
            second = t.watch(net.connect(**t.where), "second", "data", *quiet)
            second.once("data", lambda chunk: second.end())
            second.on("close", lambda _: first.end())

        @first.once("data")
        def _(chunk: bytes) -> None:
            dropped = t.watch(net.connect(**t.where), "dropped", "data", *quiet)
            dropped.on("error", lambda error: None)
            dropped.on("close", make_second)


class PausedConnectionIsDestroyedUnread(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def leave() -> None:
                t.state("unread", socket, "bytes_read", "readable_length", "readable_flowing")
                socket.destroy()

            t.watch(socket, "peer")
            t.when("sent", leave)

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("unheard", lambda _: t.tell("sent"))
