"""What a system's error says: its code, number, call, address and port, and its text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import net
from tests.node.lib import Peers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL = "127.0.0.1"


def _log(t: Role, name: str, error: Any, *, number: bool = True) -> None:
    message = re.sub(f":{error.port}$", ":<port>", str(error).replace(t.dir, "<dir>"))
    address = error.address.replace(t.dir, "<dir>") if isinstance(error.address, str) else error.address
    facts = {
        "code": error.code,
        "errno": error.errno if number else None,
        "syscall": error.syscall,
        "address": address,
        "port": error.port,
        "hostname": getattr(error, "hostname", None),
        "message": message,
    }
    t.log(name, facts)


def _connects(t: Role, rows: dict[str, dict[str, Any]]) -> None:
    """Connect, and log the error of each by its name."""
    rest = list(rows.items())

    def following(*_: object) -> None:
        if not rest:
            return
        name, options = rest.pop(0)
        socket: Socket = t.watch(net.connect(**options), name, "-error", "-close")
        socket.on("error", lambda error: _log(t, name, error))
        socket.on("close", following)

    following()


def _listens(t: Role, rows: dict[str, dict[str, Any]]) -> None:
    release = t.hold()
    rest = list(rows.items())

    def following() -> None:
        if not rest:
            release()
            return
        name, options = rest.pop(0)
        server = net.create_server()

        @server.on("error")
        def _(error: Any) -> None:
            _log(t, name, error)
            following()

        server.listen(**options)

    following()


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def connect_to_nobody(t: Role) -> None:
    _connects(
        t,
        {
            "tcp": {"port": 1, "host": LOCAL},
            "wide": {"port": 1, "host": "::1"},
            "port 0": {"port": 0, "host": LOCAL},
            "name": {"port": 1, "host": "localhost", "family": 4},
        },
    )


def connect_to_paths(t: Role) -> None:
    Path(t.dir, "file").touch()
    _connects(
        t,
        {
            "missing": {"path": f"{t.dir}/missing"},
            "missing directory": {"path": f"{t.dir}/missing/x"},
            "file": {"path": f"{t.dir}/file"},
            "in a file": {"path": f"{t.dir}/file/x"},
            "directory": {"path": f"{t.dir}/"},
        },
    )


def connect_to_what_cannot_be(t: Role) -> None:
    _connects(
        t,
        {
            "broadcast": {"port": 1, "host": "255.255.255.255"},
            "unknown zone": {"port": 1, "host": "fe80::1%nope"},
            "foreign local address": {"port": 1, "host": LOCAL, "local_address": "192.0.2.1"},
            "wide local address": {"port": 1, "host": LOCAL, "local_address": "::1"},
            "narrow local address": {"port": 1, "host": "::1", "local_address": LOCAL},
        },
    )


def connect_from_a_taken_port(t: Role) -> None:
    def listening() -> None:
        port = _port(server)
        _connects(
            t,
            {
                "address and port": {"port": 1, "host": LOCAL, "local_address": LOCAL, "local_port": port},
                "port": {"port": 1, "host": LOCAL, "local_port": port},
            },
        )
        t.turns(12, server.close)

    server = net.create_server().listen(0, LOCAL, listening)
    server.on("close", t.hold())


def look_up_fails(t: Role) -> None:
    release = t.hold()
    hosts = ["a b", "999.1.1.1", " "]

    def following(*_: object) -> None:
        if not hosts:
            release()
            return
        socket = net.connect(1, hosts.pop(0))
        socket.on("error", lambda error: _log(t, "connect", error, number=False))
        socket.on("close", following)

    server = net.create_server()

    @server.on("error")
    def _(error: Any) -> None:
        # The number of a failed look-up is the resolver's own, another one in each language.
        _log(t, "listen", error, number=False)
        following()

    server.listen(0, "a b")


def listen_on_what_is_taken(t: Role) -> None:
    release = t.hold()
    where = f"{t.dir}/taken"

    def close() -> None:
        first.close()
        second.close()
        release()

    def both_listening() -> None:
        _listens(t, {"port": {"port": _port(first), "host": LOCAL}, "path": {"path": where}})
        t.turns(12, close)

    first, second = net.create_server(), net.create_server()
    first.listen(0, LOCAL, lambda: second.listen(where, both_listening) and None)


def listen_where_it_cannot_be(t: Role) -> None:
    Path(t.dir, "file").touch()
    _listens(
        t,
        {
            "foreign address": {"port": 0, "host": "192.0.2.1"},
            "foreign address and port": {"port": 1, "host": "192.0.2.1"},
            "unknown zone": {"port": 0, "host": "fe80::1%nope"},
            "file": {"path": f"{t.dir}/file"},
            "in a file": {"path": f"{t.dir}/file/x"},
            "missing directory": {"path": f"{t.dir}/missing/x"},
            "forbidden": {"path": "/proc/x"},
        },
    )


def listen_on_a_descriptor(t: Role) -> None:
    fd = os.open(Path(t.dir, "file"), os.O_CREAT | os.O_WRONLY)
    _listens(t, {"file": {"fd": fd}, "not open": {"fd": 999999}})
    t.turns(8, lambda: os.close(fd))


def connect_twice(t: Role) -> None:
    def listening() -> None:
        port = _port(server)
        socket: Socket = t.watch(net.connect(port, LOCAL), "socket", "-error")
        socket.on("error", lambda error: _log(t, "connecting", error))
        socket.connect(port, LOCAL)
        socket.on("close", lambda _: server.close() and None)

    server = net.create_server(lambda peer: peer.end() and None).listen(0, LOCAL, listening)
    server.on("close", t.hold())


def _watch_errors(t: Role, socket: Socket) -> None:
    t.watch(socket, "peer", "-error")
    socket.on("error", lambda error: _log(t, "peer", error))


def _write_too_late(t: Role, socket: Socket, *, number: bool = True) -> bool:
    return socket.write("too late", lambda error: _log(t, "written", error, number=number))


def _leave(t: Role, leave: Callable[[Socket], object], name: str) -> None:
    """Connect, leave once the server has accepted, and tell it when the connection must be gone."""
    socket = t.connect()

    def accepted() -> None:
        leave(socket)
        socket.on("close", lambda _: t.turns(2, lambda: t.tell(name)))

    t.when_ready(socket, "accepted", accepted)


class ResetWhileReading(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def accepted(socket: Socket) -> None:
            _watch_errors(t, socket)
            t.tell("accepted")

        t.serve(accepted)

    def client(self, t: Role) -> None:
        _leave(t, lambda socket: socket.reset_and_destroy(), "reset")


class WriteAfterAReset(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def accepted(socket: Socket) -> None:
            _watch_errors(t, socket)
            t.when("reset", lambda: _write_too_late(t, socket))
            t.tell("accepted")

        t.serve(accepted, pause_on_connect=True)

    def client(self, t: Role) -> None:
        _leave(t, lambda socket: socket.reset_and_destroy(), "reset")


class WriteToAClosedPath(Peers):
    transports = ("unix",)

    def server(self, t: Role) -> None:
        def accepted(socket: Socket) -> None:
            _watch_errors(t, socket)
            t.when("closed", lambda: _write_too_late(t, socket))
            t.tell("accepted")

        t.serve(accepted, pause_on_connect=True)

    def client(self, t: Role) -> None:
        _leave(t, lambda socket: socket.destroy(), "closed")


class WriteAfterThePeersEnd(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: socket.end() and None)

    def client(self, t: Role) -> None:
        socket = t.connect("-error")
        # This one comes from no call: Node's has no number, a Python error of this class has.
        socket.on("error", lambda error: _log(t, "socket", error, number=False))
        socket.resume().on("finish", lambda: t.log("returns", _write_too_late(t, socket, number=False)))
