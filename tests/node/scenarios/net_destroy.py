"""Destroying, resetting, and what the peer sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.timers import next_tick
from tests.node.lib import Peers
from tests.node.servers import Blind, Sink

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role


def destroy_before_connect(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    t.log("same", socket.destroy() is socket)
    t.state("destroyed", socket, "destroyed", "closed", "ready_state", "pending", "readable", "writable")
    next_tick(lambda: t.log("next tick"))


def destroy_before_connect_with_error(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    socket.destroy(Exception("early"))
    t.log("errored", socket.errored)


def write_without_connect(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    t.attempt("write", lambda: socket.write("x", t.callback("written")))


def end_without_connect(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    socket.end(t.callback("ended"))

    def later() -> None:
        t.state("state", socket, "destroyed", "writable_finished", "writable_ended")
        t.done()

    t.turns(10, later)


class DestroyWhileConnecting(Blind):
    def client(self, t: Role) -> None:
        names = ("destroyed", "connecting", "pending", "ready_state")
        socket = t.connect("data")
        socket.destroy()
        t.state("destroyed", socket, *names)

        @socket.on("close")
        def _(had_error: bool) -> None:
            t.state("closed", socket, *names)
            t.tell("over")


class DestroyWhileConnectingWithError(Blind):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("never sent", t.callback("written"))
        socket.destroy(Exception("changed my mind"))
        socket.on("close", lambda _: t.tell("over"))


class DestroyWhileConnectingAfterWriteAndEnd(Blind):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("first", t.callback("first written"))
        socket.write("second", t.callback("second written"))
        socket.end("third", t.callback("ended"))
        socket.destroy()
        socket.on("close", lambda _: t.tell("over"))


class DestroyInConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("connect", lambda: socket.destroy())


class ClientDestroysWithError(Sink):
    def client(self, t: Role) -> None:
        names = ("destroyed", "errored", "closed")
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy(Exception("enough"))
            t.state("destroyed", socket, *names)

        socket.on("error", lambda error: t.state("error", socket, *names))
        socket.on("close", lambda _: t.state("close", socket, *names))


class ServerDestroysWithError(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").destroy(Exception("enough")))

    def client(self, t: Role) -> None:
        t.connect("data")


class ServerDestroys(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").destroy())

    def client(self, t: Role) -> None:
        t.connect("data")


class DestroyTwice(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy(Exception("first"))
            socket.destroy(Exception("second"))

        @socket.on("close")
        def _(had_error: bool) -> None:
            socket.destroy(Exception("third"))
            t.log("errored", socket.errored)


class DestroyThenDestroyWithError(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("ready", lambda: socket.destroy().destroy(Exception("too late")))


class DestroyInData(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data", "-finish")
            socket.write("x")

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("data", lambda chunk: socket.destroy())


class DestroyInEnd(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("x"))

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("end", lambda: socket.destroy())


class DestroyInFinish(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x")
        socket.on("finish", lambda: socket.destroy())


class DestroySoonAfterWrite(Sink):
    def client(self, t: Role) -> None:
        names = ("destroyed", "writable_ended", "writable_finished")
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.write(t.fill(300_000), t.callback("written"))
            socket.destroy_soon()
            t.state("soon", socket, *names)

        socket.on("finish", lambda: t.state("finish", socket, *names))


class DestroySoonWithNothingToSend(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy_soon()
            t.state("soon", socket, "destroyed", "writable_ended", "writable_finished")


class DestroySoonBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("early")
        socket.destroy_soon()


class ClientResets(Sink):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            t.log("same", socket.reset_and_destroy() is socket)
            t.state("reset", socket, "destroyed", "ready_state")


class ServerResets(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.when("ready", lambda: socket.reset_and_destroy())

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("ready", lambda: t.tell("ready"))
        socket.on("error", lambda error: t.state("error", error, "code", "syscall", "address", "port"))


class ResetWhileConnecting(Blind):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.reset_and_destroy()
        t.state("reset", socket, "destroyed", "connecting", "ready_state")
        socket.on("close", lambda _: t.tell("over"))


def reset_without_connect(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket")
    t.attempt("reset", lambda: socket.reset_and_destroy() is socket)
    t.state("reset", socket, "destroyed", "ready_state")


class ResetAfterClose(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end()
        socket.on("close", lambda _: t.attempt("reset", lambda: socket.reset_and_destroy() is socket))


class ResetOfAUnixSocket(Sink):
    transports = ("unix",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            t.attempt("reset", lambda: socket.reset_and_destroy() is socket)
            t.state("reset", socket, "destroyed", "ready_state")
            socket.end()


class PeerResetsWhilePaused(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            # Paused is not deaf: until its buffer is full a socket goes on reading.
            t.watch(socket, "peer", "data").pause()
            t.tell("paused")

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect()
        t.when_ready(socket, "paused", lambda: socket.reset_and_destroy())


class _Gone(Peers):
    """The client leaves when it was accepted, and says so when it has closed."""

    def client(self, t: Role) -> None:
        socket = t.connect()
        t.when_ready(socket, "accepted", lambda: socket.reset_and_destroy())
        socket.on("close", lambda _: t.turns(2, lambda: t.tell("reset")))


class PeerResetsBeforeWeRead(_Gone):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def read() -> None:
                t.state("unread", socket, "destroyed")
                socket.resume()

            t.watch(socket, "peer", "data")
            t.tell("accepted")
            t.when("reset", read)

        t.serve(connected, pause_on_connect=True)


class PeerResetsWhileWeWrite(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            # It does not read: the write in flight is what learns of it.
            t.watch(socket, "peer")
            socket.write(t.fill(32 << 20), t.callback("written"))
            socket.write("more", t.callback("more written"))
            socket.end(t.callback("ended"))

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect()
        socket.once("data", lambda chunk: socket.reset_and_destroy())


class WriteToAPeerThatReset(_Gone):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def write() -> None:
                socket.write("x", t.callback("written"))
                socket.write("y", t.callback("second written"))
                socket.end(t.callback("ended"))

            t.watch(socket, "peer")
            t.tell("accepted")
            t.when("reset", write)

        t.serve(connected, pause_on_connect=True)


class WriteToAPeerThatIsGone(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def write() -> None:
                # The first one is answered with a reset; over a Unix socket it fails at once.
                socket.write("x")
                t.turns(5, lambda: socket.write("y", t.callback("second written")))

            t.watch(socket, "peer")
            t.tell("accepted")
            t.when("gone", write)

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect()
        t.when_ready(socket, "accepted", lambda: socket.destroy())
        socket.on("close", lambda _: t.turns(2, lambda: t.tell("gone")))


def error_thrown_in_errorless_socket(t: Role) -> None:
    socket = t.watch(net.Socket(), "socket", "-error")
    socket.destroy(Exception("nobody listens"))
