"""One socket, several connections: what stays, what starts afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import set_timeout
from tests.node.lib import Peers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL: dict[str, Any] = {"port": 0, "host": "127.0.0.1"}
FLAGS = ("pending", "connecting", "ready_state", "destroyed", "closed")
COUNTS = ("bytes_read", "bytes_written", "writable_length", "readable_length")
ENDS = ("readable_ended", "writable_ended", "writable_finished", "errored")


class _Greeter(Peers):
    """The server greets each of so many connections; its sockets are peer 1, peer 2, ..."""

    connections = 2

    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            number = count
            t.watch(socket, f"peer {count}", "data")
            socket.write(f"hello {count}")
            socket.on("close", lambda _: t.tell(f"closed {number}"))

        t.serve(connected, self.connections)


def _reconnecting(t: Role, socket: Socket, times: int, again: Callable[[int], object]) -> None:
    """Connect once more each time that both ends have closed; call back with the number of the connection to come."""
    release = t.hold()
    count = 1

    def both_closed() -> None:
        nonlocal count
        count += 1
        if count > times:
            release()
        else:
            again(count)

    socket.on("close", lambda _: t.when(f"closed {count}", both_closed))


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


class ThreeTimesInARow(_Greeter):
    connections = 3

    def client(self, t: Role) -> None:
        socket = t.connect("data")

        def listen(name: str) -> None:
            socket.on(name, lambda *_: t.state(name, socket, *COUNTS))

        for name in ("connect", "end", "finish", "close"):
            listen(name)
        socket.on("data", lambda chunk: socket.end("bye", t.callback("ended")) and None)

        def again(count: int) -> None:
            t.state("closed", socket, *FLAGS, *COUNTS, *ENDS)
            t.log("same", socket.connect(t.callback(f"callback {count}"), **t.where) is socket)
            t.state("connecting", socket, *FLAGS, *COUNTS, *ENDS)

        _reconnecting(t, socket, 3, again)


class EncodingStays(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.set_encoding("utf8")
        socket.on("data", lambda chunk: socket.end() and None)

        def again(count: int) -> None:
            t.state("closed", socket, "readable_encoding")
            socket.connect(**t.where)
            t.state("connecting", socket, "readable_encoding", "readable_flowing")

        _reconnecting(t, socket, 2, again)


class TimeoutIsNotStartedAgain(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.once("data", lambda chunk: socket.set_timeout(0.02) and None)
        socket.on("timeout", lambda: socket.end() and None)

        def again(count: int) -> None:
            t.log("closed", t.seconds(socket.timeout))
            socket.connect(**t.where)
            t.log("connecting", t.seconds(socket.timeout))
            socket.once("data", lambda chunk: set_timeout(lambda: socket.end(), 0.05) and None)

        _reconnecting(t, socket, 2, again)


class TimeoutIsSetAgain(_Greeter):
    connections = 1

    def client(self, t: Role) -> None:
        release = t.hold()
        socket = t.connect("data")
        socket.once("data", lambda chunk: socket.set_timeout(0.015) and None)
        socket.on("timeout", lambda: socket.destroy_soon())

        @socket.once("close")
        def _(had_error: bool) -> None:
            socket.set_timeout(0.5)
            socket.connect(**t.silent)
            socket.set_timeout(0.015)
            t.log("connecting", t.seconds(socket.timeout))
            socket.once("timeout", lambda: socket.destroy() and None)
            socket.once("close", release)


class WriteAndEndWhileConnectingAgain(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("first", t.callback("first"))

        def again(count: int) -> None:
            socket.connect(**t.where)
            t.log("write", socket.write("second", t.callback("written")))
            socket.end("!", t.callback("ended"))
            t.state("ended", socket, *FLAGS, *COUNTS)

        _reconnecting(t, socket, 2, again)


class WriteBeforeConnectingAgain(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.once("data", lambda chunk: socket.destroy_soon())

        def again(count: int) -> None:
            t.attempt("write", lambda: socket.write("too early", t.callback("written")))
            socket.connect(**t.where)
            socket.end("in time", t.callback("ended"))

        _reconnecting(t, socket, 2, again)


class AfterADestroyWithError(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.once("data", lambda chunk: socket.destroy(Exception("mine")) and None)

        def again(count: int) -> None:
            t.state("closed", socket, *FLAGS, *ENDS)
            socket.connect(**t.where)
            t.state("connecting", socket, *FLAGS, *COUNTS, *ENDS)
            socket.once("data", lambda chunk: socket.end() and None)

        _reconnecting(t, socket, 2, again)


class AfterAReset(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            t.watch(socket, f"peer {count}", "data")
            if count == 1:
                t.when("ready", lambda: socket.reset_and_destroy())
            else:
                socket.end("hello again")

        t.serve(connected, 2)

    def client(self, t: Role) -> None:
        release = t.hold()
        socket = t.connect("data")
        socket.once("ready", lambda: t.tell("ready"))

        @socket.once("close")
        def _(had_error: bool) -> None:
            socket.connect(**t.where)
            socket.once("close", release)


class PauseStays(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data", "pause", "resume")

        @socket.once("data")
        def _(chunk: bytes) -> None:
            socket.pause()
            socket.destroy()

        def read() -> None:
            t.state("unread", socket, "bytes_read", "readable_length")
            socket.resume()
            socket.once("data", lambda chunk: socket.end() and None)

        def ready() -> None:
            t.log("still paused", socket.is_paused())
            t.turns(5, read)

        def again(count: int) -> None:
            t.log("paused", socket.is_paused())
            socket.connect(**t.where)
            socket.on("ready", ready)

        _reconnecting(t, socket, 2, again)


class AddressesAreThoseOfTheConnection(_Greeter):
    def client(self, t: Role) -> None:
        names = ("local_address", "remote_address", "remote_family", "remote_port")
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            t.state("ready", socket, *names)
            socket.end()

        def again(count: int) -> None:
            t.state("closed", socket, *names)
            socket.connect(**t.where)
            t.state("connecting", socket, *names)

        _reconnecting(t, socket, 2, again)


class UnreadDataOfTheFirstLife(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect()

        # 'readable' has it read, and leaves it in the buffer.
        @socket.once("readable")
        def _() -> None:
            t.state("unread", socket, *COUNTS)
            socket.destroy()

        def take(chunk: bytes) -> None:
            t.data("data", chunk)
            socket.end()

        def ready() -> None:
            t.data("read", socket.read())
            socket.on("data", take)
            socket.resume()

        def again(count: int) -> None:
            t.state("closed", socket, *COUNTS)
            socket.connect(**t.where)
            t.state("connecting", socket, *COUNTS)
            socket.on("ready", ready)

        _reconnecting(t, socket, 2, again)


class WaitingWritesOfTheFirstLife(Peers):
    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            number = count
            if count == 2:
                t.watch(socket, "peer 2", "data").resume()
            else:
                t.when("destroyed", lambda: socket.destroy())
            socket.on("error", lambda error: None)
            socket.on("close", lambda _: t.tell(f"closed {number}"))

        t.serve(connected, 2, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect()
        socket.resume()

        def leave() -> None:
            socket.destroy()
            t.tell("destroyed")

        @socket.once("ready")
        def _() -> None:
            socket.write(t.fill(32 << 20), t.callback("big"))
            socket.write("small", t.callback("small"))
            t.turns(3, leave)

        def again(count: int) -> None:
            t.state("closed", socket, *COUNTS)
            socket.connect(**t.where)
            t.state("connecting", socket, *COUNTS)
            socket.end("new", t.callback("new"))

        _reconnecting(t, socket, 2, again)


class CorkStays(_Greeter):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.once("data")
        def _(chunk: bytes) -> None:
            socket.cork()
            socket.write("corked", t.callback("corked"))
            socket.destroy()

        def again(count: int) -> None:
            t.state("closed", socket, "writable_corked")
            socket.connect(**t.where)
            t.state("connecting", socket, "writable_corked", *COUNTS)
            socket.write("new", t.callback("new"))
            socket.once("data", lambda chunk: socket.end() and None)

        _reconnecting(t, socket, 2, again)


def connect_while_connected(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close()
        peer.on("error", lambda error: None)
        peer.resume()

    def listening() -> None:
        port = _port(server)
        socket = t.watch(net.connect(port, "127.0.0.1"), "socket", "data")

        @socket.once("ready")
        def _() -> None:
            t.attempt("connect", lambda: socket.connect(port, "127.0.0.1") is socket)
            t.state("called", socket, "destroyed")
            socket.once("ready", lambda: socket.end() and None)

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=listening)


def connect_while_connecting(t: Role) -> None:
    socket = t.watch(net.connect(**t.silent), "socket", "data")
    t.attempt("connect", lambda: socket.connect(**t.silent) is socket)
    t.state("called", socket, *FLAGS)


class ConnectAfterDestroyBeforeClose(Peers):
    def server(self, t: Role) -> None:
        # How the two connections' ends are mixed is a matter of luck.
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            number = count
            socket.resume()
            socket.write(f"hello {count}")
            socket.on("close", lambda _: t.tell(f"closed {number}"))

        t.serve(connected, 2)

    def client(self, t: Role) -> None:
        release = t.hold()
        socket = t.connect("data")

        def listen(name: str) -> None:
            socket.on(name, lambda *_: t.state(name, socket, *FLAGS, *COUNTS))

        for name in ("connect", "close"):
            listen(name)

        @socket.once("data")
        def _(chunk: bytes) -> None:
            socket.destroy()
            socket.connect(**t.where)
            t.state("connecting", socket, *FLAGS, *COUNTS)
            socket.once("data", lambda chunk: socket.destroy() and None)
            t.when("closed 2", release)


def drain_owed_to_the_first_connection(t: Role) -> None:
    release = t.hold()

    def accepted(peer: Socket) -> None:
        peer.on("error", lambda error: None)
        t.turns(3, lambda: peer.destroy())

    def listening() -> None:
        socket = t.watch(net.connect(_port(server), "127.0.0.1"), "socket", "-error", "-close", "-end")
        socket.on("error", lambda error: None)
        socket.write(t.fill(32 << 20), lambda _: t.log("written"))

        @socket.once("close")
        def _(had_error: bool) -> None:
            socket.connect(_port(server), "127.0.0.1")
            t.state("again", socket, "writable_need_drain", "writable_length")
            socket.once("close", lambda _: server.close(release))
            socket.resume()

    server = net.create_server(accepted, pause_on_connect=True)
    server.listen(**LOCAL, callback=listening)


def connect_to_another_kind_of_place(t: Role) -> None:
    release = t.hold()
    where = f"{t.dir}/socket"
    tcp = net.create_server(lambda peer: peer.end("tcp") and None)
    unix = net.create_server(lambda peer: peer.end("unix") and None)

    def both_listen() -> None:
        places: list[Any] = [_port(tcp), where, _port(tcp)]
        socket = t.watch(net.Socket(), "socket", "data")
        socket.on("ready", lambda: t.state("ready", socket, "remote_family", "remote_address"))

        def start(*_: Any) -> None:
            if places:
                socket.connect(places.pop(0))
            else:
                tcp.close()
                unix.close(release)

        socket.on("close", start)
        start()

    tcp.listen(**LOCAL, callback=lambda: unix.listen(where, both_listen))


def connect_after_a_destroy_without_connection(t: Role) -> None:
    release = t.hold()

    def accepted(peer: Socket) -> None:
        peer.end("hello")
        server.close()

    def listening() -> None:
        socket = t.watch(net.Socket(), "socket", "data")
        socket.destroy()

        @socket.once("close")
        def _(had_error: bool) -> None:
            socket.connect(_port(server), "127.0.0.1")
            socket.once("close", release)

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=listening)


def refused_twice_then_connected(t: Role) -> None:
    release = t.hold()

    def accepted(peer: Socket) -> None:
        peer.end("at last")
        server.close()

    def connect(port: int) -> None:
        socket = t.watch(net.connect(port, "127.0.0.1"), "socket", "data")
        count = 0

        @socket.on("close")
        def _(had_error: bool) -> None:
            nonlocal count
            count += 1
            t.state(f"closed {count}", socket, *FLAGS, "errored")
            if count == 1:
                socket.connect(port, "127.0.0.1")
            elif count == 2:
                server.listen(**LOCAL, callback=lambda: socket.connect(_port(server), "127.0.0.1"))
            else:
                release()
            t.state("then", socket, "errored", "connecting")

        socket.write("first", t.callback("written"))

    def listening() -> None:
        port = _port(probe)
        probe.close(lambda _: connect(port))

    server = net.create_server(accepted)
    probe = net.create_server().listen(**LOCAL, callback=listening)
