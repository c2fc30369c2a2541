"""Programs of their own: what keeps one running, and what does not any more.

An unref'ed timer that has its say shows that something else kept the program; `t.mute` is a server that never accepts,
so nothing ever comes from there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs, net
from sockstream.timers import set_immediate, set_timeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

LOCAL: dict[str, Any] = {"port": 0, "host": "127.0.0.1"}


def _port(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def _later(t: Role, name: str, callback: Callable[[], object], delay: float = 0.02) -> None:
    """Log and call back after a moment, if the program is still there."""

    def fire() -> None:
        t.log(name)
        callback()

    set_timeout(fire, delay).unref()


def _never(t: Role) -> None:
    """Log what should not be, long after the program should have exited."""
    _later(t, "never", lambda: sys.exit(99), 5)


# -- servers ----------------------------------------------------------------------------------------------------------


def server_unref_between_listen_and_listening(t: Role) -> None:
    server = net.create_server()
    server.listen(**LOCAL, callback=lambda: t.log("listening"))
    server.unref()
    _never(t)


def server_refed_again(t: Role) -> None:
    def listening() -> None:
        server.ref()
        _later(t, "kept", lambda: server.close(lambda _: t.log("closed")))

    server = net.create_server().unref()
    server.listen(**LOCAL, callback=listening)


def server_unref_twice_ref_once(t: Role) -> None:
    def listening() -> None:
        server.unref()
        server.unref()
        server.ref()
        _later(t, "kept", lambda: server.unref())

    server = net.create_server()
    server.listen(**LOCAL, callback=listening)


def server_listens_again_after_unref(t: Role) -> None:
    server = net.create_server().unref()
    server.listen(**LOCAL, callback=lambda: server.close())

    @server.once("close")
    def _() -> None:
        server.listen(**LOCAL, callback=lambda: t.log("listening again"))
        _never(t)


def server_closed_with_a_connection_open(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close(lambda _: t.log("server closed"))
        _later(t, "kept", lambda: peer.destroy())

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=lambda: net.connect(_port(server), "127.0.0.1").resume().unref())


def server_closed_with_an_unref_connection_open(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        peer.unref()
        server.close(lambda _: t.log("never"))
        _never(t)

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=lambda: net.connect(_port(server), "127.0.0.1").resume().unref())


def server_at_a_path(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        peer.end("hello")
        server.unref()

    def listening() -> None:
        socket = net.connect(f"{t.dir}/s")
        socket.on("data", lambda chunk: t.log("data", chunk)).on("close", lambda _: t.log("close"))

    server = net.create_server(accepted)
    server.listen(f"{t.dir}/s", listening)


def accepted_paused_connections_keep_nothing(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        t.log("accepted")
        server.close()
        _never(t)

    server = net.create_server(accepted, pause_on_connect=True)
    server.listen(**LOCAL, callback=lambda: net.connect(_port(server), "127.0.0.1").unref().end("waits"))


# -- connecting -------------------------------------------------------------------------------------------------------


def pending_connect_keeps(t: Role) -> None:
    socket = net.connect(**t.silent)
    socket.on("close", lambda _: t.log("close"))
    _later(t, "kept", lambda: socket.destroy())


def pending_connect_keeps_though_unref(t: Role) -> None:
    # What keeps the program is the request that is under way.
    socket = net.connect(**t.silent)
    socket.unref()
    socket.on("close", lambda _: t.log("close"))
    _later(t, "kept", lambda: socket.destroy())


def destroyed_pending_connect(t: Role) -> None:
    socket = net.connect(**t.silent)
    socket.on("connect", lambda: t.log("never"))
    socket.on("close", lambda _: t.log("close"))
    set_immediate(lambda: socket.destroy())


def destroyed_unref_pending_connect(t: Role) -> None:
    socket = net.connect(**t.silent).unref()
    socket.on("close", lambda _: t.log("close"))
    set_immediate(lambda: socket.destroy())


def timeout_of_a_pending_connect(t: Role) -> None:
    socket = net.connect(**t.silent, timeout=0.02)

    @socket.on("timeout")
    def _() -> None:
        t.log("timeout")
        socket.destroy()

    socket.on("close", lambda _: t.log("close"))


def lookup_that_never_answers_keeps_nothing(t: Role) -> None:
    def lookup(host: str, options: Any, callback: Callable[..., None]) -> None:
        t.log("asked")

    socket = net.connect(host="somewhere.test", port=1, lookup=lookup)
    socket.on("close", lambda _: t.log("never"))
    socket.write("x", t.callback("written"))
    _never(t)


# -- sockets ----------------------------------------------------------------------------------------------------------


def socket_keeps_while_it_reads(t: Role) -> None:
    def connected() -> None:
        t.log("connected")
        _later(t, "kept", lambda: socket.destroy())

    socket = net.connect(connected, **t.mute)


def socket_unref_in_connect(t: Role) -> None:
    def connected() -> None:
        t.log("connected")
        socket.unref()

    socket = net.connect(connected, **t.mute)
    _never(t)


def socket_unref_before_connect(t: Role) -> None:
    socket = net.Socket().unref()
    socket.connect(lambda: t.log("connected"), **t.mute)
    _never(t)


def socket_unref_while_connecting(t: Role) -> None:
    socket = net.connect(lambda: t.log("connected"), **t.mute)
    socket.unref()
    _never(t)


def socket_refed_again(t: Role) -> None:
    def connected() -> None:
        socket.unref()
        socket.unref()
        socket.ref()
        _later(t, "kept", lambda: socket.unref())

    socket = net.connect(connected, **t.mute)


def socket_unref_is_for_one_connection(t: Role) -> None:
    def connected() -> None:
        socket.unref()
        socket.destroy()

    def connected_again() -> None:
        t.log("connected again")
        _later(t, "kept", lambda: socket.destroy())

    socket = net.connect(connected, **t.mute)

    @socket.once("close")
    def _(had_error: bool) -> None:
        t.log("close")
        socket.connect(connected_again, **t.mute)


def stalled_write_keeps_though_unref(t: Role) -> None:
    def connected() -> None:
        socket.unref()
        t.log("write", socket.write(t.fill(32 << 20), t.callback("written")))
        _later(t, "kept", lambda: socket.destroy())

    socket = net.connect(connected, **t.mute)
    socket.on("close", lambda _: t.log("close"))


def stalled_end_keeps_though_unref(t: Role) -> None:
    def connected() -> None:
        socket.unref()
        socket.end("fits", lambda _: t.log("ended"))
        _never(t)

    socket = net.connect(connected, **t.mute, allow_half_open=True)


def destroyed_unref_socket_still_closes(t: Role) -> None:
    def connected() -> None:
        socket.unref()
        socket.destroy()

    socket = net.connect(connected, **t.mute)
    socket.on("close", lambda _: t.log("close"))


def ended_socket_keeps_while_the_peer_is_open(t: Role) -> None:
    socket = net.connect(**t.mute)
    socket.end("x")
    socket.on("finish", lambda: _later(t, "kept", lambda: socket.destroy()))
    socket.on("close", lambda _: t.log("close"))


def half_open_socket_that_nobody_ends(t: Role) -> None:
    # Read to its end, with nothing to write: the loop waits for nothing.
    def accepted(peer: Socket) -> None:
        def ended() -> None:
            t.log("end")
            _never(t)

        server.close()
        peer.resume()
        peer.on("end", ended)

    server = net.create_server(accepted, allow_half_open=True)
    server.listen(**LOCAL, callback=lambda: net.connect(_port(server), "127.0.0.1").unref().end())


def idle_timeout_of_a_connected_socket(t: Role) -> None:
    socket = net.connect(**t.mute, timeout=0.02)

    @socket.on("timeout")
    def _() -> None:
        t.log("timeout")
        socket.end()
        socket.destroy()

    socket.on("close", lambda _: t.log("close"))


def idle_timeout_of_an_unref_socket(t: Role) -> None:
    socket: Socket = net.connect(lambda: socket.unref(), **t.mute, timeout=5)
    socket.on("timeout", lambda: t.log("never"))


def paused_socket_that_is_destroyed(t: Role) -> None:
    def connected() -> None:
        socket.pause()
        set_immediate(lambda: socket.destroy())

    socket = net.connect(connected, **t.mute)
    socket.on("close", lambda _: t.log("close"))


# -- files ------------------------------------------------------------------------------------------------------------


def file_to_a_socket(t: Role) -> None:
    Path(t.dir, "file").write_bytes(t.fill(300_000))
    # Which of the three is first is a matter of luck.
    names: list[str] = []

    def closed(name: str) -> None:
        names.append(name)
        if len(names) == 3:
            t.log("closed", sorted(names))

    def accepted(peer: Socket) -> None:
        server.close()
        peer.resume()
        peer.on("close", lambda _: closed("peer"))

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        socket.on("close", lambda _: closed("socket"))
        fs.create_read_stream(f"{t.dir}/file").on("close", lambda: closed("file")).pipe(socket)

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=listening)


def file_to_a_stalled_socket(t: Role) -> None:
    Path(t.dir, "file").write_bytes(t.fill(16 << 20))
    socket = net.connect(lambda: _later(t, "kept", lambda: socket.destroy()), **t.mute)
    file = fs.create_read_stream(f"{t.dir}/file")
    file.on("close", lambda: t.log("never")).pipe(socket)
    socket.on("close", lambda _: t.log("close", file.destroyed))


def socket_to_a_file(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close()
        peer.end(t.fill(300_000))
        peer.resume()

    def listening() -> None:
        socket = net.connect(_port(server), "127.0.0.1")
        file = fs.create_write_stream(f"{t.dir}/file")
        socket.pipe(file)
        file.on("close", lambda: t.log("file close", file.bytes_written))

    server = net.create_server(accepted)
    server.listen(**LOCAL, callback=listening)


def open_files_keep_nothing(t: Role) -> None:
    Path(t.dir, "file").write_text("x")

    def writer_ready() -> None:
        t.log("writer ready")
        _never(t)

    def reader_ready() -> None:
        t.log("reader ready")
        fs.create_write_stream(f"{t.dir}/other").on("ready", writer_ready)

    fs.create_read_stream(f"{t.dir}/file").on("ready", reader_ready)
