"""When a socket has been idle for too long: connecting, stalled, half-open, or never connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.timers import set_timeout
from tests.node.lib import Peers
from tests.node.servers import Sink, Stalled

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role

FLAGS = ("pending", "connecting", "ready_state", "destroyed")
SIDES = ("ready_state", "readable", "writable", "readable_ended", "writable_ended", "writable_finished")


def timeout_of_a_socket_that_never_connects(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    t.log("same", socket.set_timeout(0.02, t.callback("callback")) is socket)

    @socket.on("timeout")
    def _() -> None:
        t.state("timeout", socket, *FLAGS)
        socket.destroy()


def timeout_while_connecting(t: Role) -> None:
    socket = t.watch(net.connect(**t.silent, timeout=0.02), "socket")
    socket.write("x", t.callback("written"))

    @socket.on("timeout")
    def _() -> None:
        t.state("timeout", socket, *FLAGS)
        socket.destroy(Exception("too slow"))
        t.state("destroyed", socket, *FLAGS)


def timeout_while_connecting_comes_once(t: Role) -> None:
    socket = t.watch(net.connect(**t.silent, timeout=0.02), "socket")
    set_timeout(lambda: socket.destroy(), 0.07)


class TimeoutWhileWritingToAStalledPeer(Stalled):
    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("ready")
        def _() -> None:
            socket.write(t.fill(32 << 20), t.callback("written"))
            socket.end("more", t.callback("ended"))
            socket.set_timeout(0.04)

        @socket.on("timeout")
        def _() -> None:
            t.state("timeout", socket, "writable_length", "bytes_written", *SIDES)
            socket.destroy()

        socket.on("close", lambda _: t.tell("over"))


class TimeoutChangedInTimeout(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        delays = [0.015, 0.01, 0]
        socket.on("ready", lambda: socket.set_timeout(0.02))

        @socket.on("timeout")
        def _() -> None:
            socket.set_timeout(delays.pop(0))
            t.log("now", t.seconds(socket.timeout))
            if not delays:
                set_timeout(lambda: socket.end(), 0.03)


class TwoCallbacksOfOneTimeout(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.set_timeout(0.5, t.callback("first"))
        socket.set_timeout(0.015, t.callback("second"))

        @socket.once("timeout")
        def _() -> None:
            t.log("listeners", socket.listener_count("timeout"))
            socket.end()


class TimeoutAfterTheEndOfAHalf(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.on("end", lambda: t.tell("half"))
            t.when("timed out", lambda: socket.end("at last"))

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x")
        socket.on("finish", lambda: t.when("half", lambda: socket.set_timeout(0.02)))
        socket.on("timeout", lambda: t.tell("timed out"))
