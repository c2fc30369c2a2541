"""What goes wrong on the way to a connection or a listening server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import next_tick
from tests.node.lib import Peers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL = "127.0.0.1"


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def _with_free_port(callback: Callable[[int], object]) -> None:
    """Call back with a port that nobody listens at."""

    def listening() -> None:
        port = _port(server)
        server.close(lambda *_: callback(port))

    server = net.create_server().listen(0, LOCAL, listening)


def connection_refused(t: Role) -> None:
    release = t.hold()

    def connect(port: int) -> None:
        socket = t.watch(net.connect(port, LOCAL), "socket", "data")

        @socket.on("error")
        def _(error: Any) -> None:
            t.state("error", error, "code", "syscall", "address", "port")
            t.log("port", error.port == port)
            t.state("socket", socket, "destroyed", "connecting", "pending", "ready_state")

        socket.on("close", release)

    _with_free_port(connect)


def connection_refused_with_writes_waiting(t: Role) -> None:
    release = t.hold()

    def connect(port: int) -> None:
        socket = t.watch(net.connect(port, LOCAL), "socket", "data")
        socket.write("first", t.callback("first written"))
        socket.write("second", t.callback("second written"))
        socket.end(t.callback("ended"))
        socket.on("close", release)

    _with_free_port(connect)


def connection_refused_unheard(t: Role) -> None:
    release = t.hold()
    _with_free_port(lambda port: t.watch(net.connect(port, LOCAL), "socket", "-error").on("close", release))


def connect_again_after_refusal(t: Role) -> None:
    release = t.hold()

    def connect(port: int) -> None:
        socket = t.watch(net.connect(port, LOCAL), "socket", "data")

        def accepted(peer: Socket) -> None:
            server.close()
            peer.end("hello")

        def reconnect() -> None:
            socket.connect(_port(server), LOCAL)
            socket.once("close", release)

        server = net.create_server(accepted)
        socket.once("close", lambda _: server.listen(0, LOCAL, reconnect))

    _with_free_port(connect)


def no_path(t: Role) -> None:
    where = f"{t.dir}/nobody"
    socket = t.watch(net.connect(where), "socket", "data")

    @socket.on("error")
    def _(error: Any) -> None:
        t.state("error", error, "code", "syscall", "port")
        t.log("address", error.address == where)


def path_is_a_file(t: Role) -> None:
    where = f"{t.dir}/file"
    Path(where).touch()
    t.watch(net.connect(where), "socket", "data")


def path_without_listener(t: Role) -> None:
    where = f"{t.dir}/left"
    release = t.hold()

    def closed(*_: Any) -> None:
        t.log("unlinked", not os.path.exists(where))
        t.watch(net.connect(f"{where}-behind"), "socket", "data").on("close", release)

    def listening() -> None:
        os.link(where, f"{where}-behind")
        server.close(closed)

    server = net.create_server().listen(where, listening)


def path_too_long_to_connect(t: Role) -> None:
    where = f"{t.dir}/{'x' * 200}"

    def connect() -> None:
        t.watch(net.connect(where), "socket", "data", "-close")

    t.log("socket", t.attempt("connect", connect))


def path_too_long_to_listen(t: Role) -> None:
    server = t.watch(net.create_server(), "server")
    t.attempt("listen", lambda: server.listen(f"{t.dir}/{'x' * 200}") is server)
    t.turns(8, t.done)


class _NotFoundError(Exception):
    code = "ENOTFOUND"
    syscall = "getaddrinfo"


def lookup_fails(t: Role) -> None:
    def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
        t.log("asked", host)
        next_tick(callback, _NotFoundError("no such name"))

    t.watch(net.connect(host="nowhere.test", port=1, lookup=lookup), "socket", "data", "lookup")


def lookup_gives_no_address(t: Role) -> None:
    def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
        next_tick(callback, None, "nonsense", 4)

    options: dict[str, Any] = {"host": "nowhere.test", "port": 1, "lookup": lookup, "auto_select_family": False}
    t.watch(net.connect(**options), "socket", "data")


def destroy_while_looking_up(t: Role) -> None:
    answers: list[Callable[..., None]] = []

    def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
        answers.append(callback)

    socket = t.watch(net.connect(host="slow.test", port=1, lookup=lookup), "socket", "lookup")

    def later() -> None:
        socket.destroy()
        socket.on("close", lambda _: answers[0](None, LOCAL, 4))

    t.turns(3, later)


class LookupFinds(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data"))

    def client(self, t: Role) -> None:
        def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
            t.log("asked", host, options["family"], options["all"])
            next_tick(callback, None, LOCAL, 4)

        socket = t.connect("data", "lookup", host="somewhere.test", lookup=lookup, auto_select_family=False)
        socket.on("connect", lambda: t.state("connected", socket, "remote_address", "remote_family"))
        socket.end("found")


def port_taken(t: Role) -> None:
    t.hold()

    def listening() -> None:
        second = t.watch(net.create_server(), "second", "-close")

        @second.on("error")
        def _(error: Any) -> None:
            t.state("error", error, "code", "syscall", "address", "port")
            t.state("second", second, "listening")
            t.log("address", second.address())
            first.close(t.callback("first closed"))
            t.done()

        second.listen(_port(first), LOCAL, lambda: t.log("never"))
        t.state("second", second, "listening")

    first = net.create_server().listen(0, LOCAL, listening)


def path_taken(t: Role) -> None:
    where = f"{t.dir}/taken"
    t.hold()

    def closed(*_: Any) -> None:
        t.log("unlinked", not os.path.exists(where))
        t.done()

    def listening() -> None:
        second = t.watch(net.create_server(), "second", "-close")

        @second.on("error")
        def _(error: Any) -> None:
            t.state("error", error, "code", "syscall", "port")
            t.log("address", error.address == where)
            first.close(closed)

        second.listen(where)

    first = net.create_server().listen(where, listening)


def path_taken_by_a_file(t: Role) -> None:
    where = Path(t.dir, "file")
    where.write_text("mine")
    server = t.watch(net.create_server(), "server", "-close").listen(str(where))

    @server.on("error")
    def _(error: Any) -> None:
        t.log("still there", where.read_text())
        t.done()


def listen_again_after_error(t: Role) -> None:
    def listening() -> None:
        second = t.watch(net.create_server(), "second")

        def at_last() -> None:
            t.log("listening at last", second.listening)
            second.close()
            first.close()

        second.once("error", lambda error: second.listen(0, LOCAL, at_last))
        second.listen(_port(first), LOCAL)

    first = net.create_server().listen(0, LOCAL, listening)


def listen_error_unheard(t: Role) -> None:
    t.hold()

    def listening() -> None:
        net.create_server().listen(_port(first), LOCAL)
        t.turns(8, lambda: first.close(lambda *_: t.done()))

    first = net.create_server().listen(0, LOCAL, listening)


def address_of_another(t: Role) -> None:
    server = t.watch(net.create_server(), "server", "-close")

    @server.on("error")
    def _(error: Any) -> None:
        t.state("error", error, "code", "syscall", "address", "port")
        t.done()

    server.listen(0, "192.0.2.1")


def local_address_of_another(t: Role) -> None:
    t.watch(net.connect(host=LOCAL, port=1, local_address="192.0.2.1"), "socket")


def directory_is_missing(t: Role) -> None:
    server = t.watch(net.create_server(), "server", "-close").listen(f"{t.dir}/missing/socket")
    server.on("error", lambda error: t.done())


def client_is_gone_before_it_is_accepted(t: Role) -> None:
    # The backlog holds a connection that was reset; the server must not stumble.
    def accepted(socket: Socket) -> None:
        socket.on("error", lambda error: None)
        socket.resume()

    def listening() -> None:
        hasty = net.connect(_port(server), LOCAL)
        hasty.on("connect", lambda: hasty.reset_and_destroy())

        @hasty.on("close")
        def _(had_error: bool) -> None:
            patient = t.watch(net.connect(_port(server), LOCAL), "patient", "data")

            @patient.on("connect")
            def _() -> None:
                patient.end()
                server.close()

    server = t.watch(net.create_server(accepted), "server", "-connection").listen(0, LOCAL, listening)
