"""What waits to be written, and what becomes of it: connected, destroyed, reset, by either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.timers import next_tick
from tests.node.lib import Peers
from tests.node.servers import Blind, Sink, Stalled

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role

FLAGS = ("pending", "connecting", "ready_state", "destroyed")
COUNTS = ("bytes_written", "writable_length", "writable_need_drain")


# -- before the connection --------------------------------------------------------------------------------------------


class DestroyInConnectBeforeTheWaitingWrite(Blind):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("connect")
        def _() -> None:
            socket.destroy()
            t.state("destroyed", socket, *FLAGS, *COUNTS)

        socket.write("one", t.callback("one"))
        socket.write("two", t.callback("two"))
        socket.end(t.callback("ended"))
        socket.on("close", lambda _: t.tell("over"))


class DestroyInConnectAfterTheWaitingWrite(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("one", t.callback("one"))

        @socket.on("connect")
        def _() -> None:
            socket.destroy()
            t.state("destroyed", socket, *FLAGS, *COUNTS)


class CorkedAndDestroyedBeforeConnect(Blind):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.cork()
        socket.write("one", t.callback("one"))
        socket.write("two", t.callback("two"))
        t.state("corked", socket, *COUNTS, "writable_corked")
        socket.destroy()
        socket.uncork()
        t.state("destroyed", socket, *COUNTS, "writable_corked")
        socket.on("close", lambda _: t.tell("over"))


class CorkedAndEndedBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.cork()
        for name in ("one", "two", "three"):
            socket.write(name, t.callback(name))
        socket.end("four", t.callback("ended"))
        t.state("ended", socket, *COUNTS, "writable_corked", "writable_ended")
        socket.on("connect", lambda: t.state("connected", socket, *COUNTS))


class UncorkedInConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("first", t.callback("first"))
        socket.cork()
        socket.write("second", t.callback("second"))

        @socket.on("connect")
        def _() -> None:
            t.state("connected", socket, *COUNTS)
            socket.uncork()
            t.state("uncorked", socket, *COUNTS)
            socket.end("third", t.callback("ended"))


class WritesBeforeInAndAfterConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        def write(name: str) -> None:
            t.log(name, socket.write(f"{name} ", t.callback(f"{name} written")))

        write("before")

        @socket.on("connect")
        def _() -> None:
            write("in connect")
            next_tick(write, "next tick")

        socket.on("ready", lambda: write("in ready"))
        t.turns(20, lambda: socket.end("last", t.callback("ended")))


class MuchBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("drain")
        socket.resume()
        t.log("write", socket.write(t.fill(70_000), t.callback("first")))
        t.log("write", socket.write("and more", t.callback("second")))
        t.state("waiting", socket, *COUNTS)

        @socket.on("drain")
        def _() -> None:
            t.state("drained", socket, *COUNTS)
            socket.end()


class LengthOfWaitingText(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        for text, encoding in (("é", "utf8"), ("é", "latin1"), ("你", "utf8"), ("😀", "utf8"), ("0011", "hex")):
            socket.write(text, encoding)
            t.state(f"{text} {encoding}", socket, "bytes_written")
        socket.write(b"bytes")
        t.state("bytes", socket, "bytes_written")
        socket.on("connect", lambda: t.state("connected", socket, "bytes_written"))
        socket.end(lambda _: t.state("ended", socket, "bytes_written", "writable_length"))


def text_that_waits_is_counted(t: Role) -> None:
    socket = t.watch(net.connect(**t.silent), "socket")
    t.log("write", socket.write("你"), socket.writable_length, socket.buffer_size, socket.bytes_written)
    t.log("write", socket.write("你" * 30_000))
    socket.destroy()


class ResetWhileConnectingWithWritesWaiting(Blind):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("one", t.callback("one"))
        socket.write("two", t.callback("two"))
        socket.reset_and_destroy()
        t.state("reset", socket, *FLAGS)
        socket.on("close", lambda _: t.tell("over"))


class DestroySoonTwiceBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("early", t.callback("written"))
        socket.destroy_soon()
        socket.destroy_soon()
        t.state("soon", socket, *FLAGS, "writable_ended")
        socket.end(t.callback("ended"))


# -- an open connection -----------------------------------------------------------------------------------------------


class ResetWithWritesWaiting(Stalled):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect()

        def reset() -> None:
            socket.reset_and_destroy()
            t.state("reset", socket, *FLAGS, *COUNTS)

        @socket.on("ready")
        def _() -> None:
            socket.write(t.fill(32 << 20), t.callback("big"))
            socket.write("small", t.callback("small"))
            socket.end("last", t.callback("ended"))
            t.turns(3, reset)

        socket.on("close", lambda _: t.tell("over"))


class ResetInConnect(Sink):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("connect")
        def _() -> None:
            socket.reset_and_destroy()
            t.state("reset", socket, *FLAGS)


class ResetTwice(Sink):
    transports = ("tcp",)

    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            t.attempt("reset", lambda: socket.reset_and_destroy() is socket)
            t.attempt("again", lambda: socket.reset_and_destroy() is socket)
            t.log("errored", socket.errored)


class ResetAfterDestroy(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy()
            t.attempt("reset", lambda: socket.reset_and_destroy() is socket)


class ResetAfterBothEnded(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def reset() -> None:
                t.state("half", socket, "ready_state")
                t.attempt("reset", lambda: socket.reset_and_destroy() is socket)

            t.watch(socket, "peer", "data")
            socket.on("end", lambda: t.turns(2, reset))

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        t.connect("data").end("x", t.callback("ended"))


class ResetAfterTheEndIsLearntByAWrite(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def answer() -> None:
                t.state("unaware", socket, *FLAGS)
                socket.write("answer", t.callback("written"))
                socket.end(t.callback("ended"))

            t.watch(socket, "peer", "data")
            socket.on("end", lambda: t.tell("ended"))
            t.when("reset", answer)

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x")
        t.when("ended", lambda: socket.reset_and_destroy())
        socket.on("close", lambda _: t.turns(2, lambda: t.tell("reset")))


class ServerResetsInData(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")

            @socket.on("data")
            def _(chunk: bytes) -> None:
                socket.reset_and_destroy()
                t.attempt("write", lambda: socket.write("too late", t.callback("written")))

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect()
        socket.resume()
        socket.write("x", t.callback("written"))


class DestroySoonToAStalledPeer(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.when("soon", lambda: socket.resume())

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("ready")
        def _() -> None:
            socket.write(t.fill(8 << 20), t.callback("written"))
            socket.destroy_soon()
            socket.destroy_soon()
            t.state("soon", socket, *FLAGS, *COUNTS, "writable_ended")
            t.tell("soon")

        socket.on("finish", lambda: t.state("finish", socket, *FLAGS, *COUNTS))


class DestroySoonInConnection(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.write("bye", t.callback("written"))
            socket.destroy_soon()
            t.state("soon", socket, *FLAGS, "writable_ended")

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data")


class CountsToAStalledPeer(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            t.when("counted", lambda: socket.resume())

        t.serve(connected, pause_on_connect=True)

    def client(self, t: Role) -> None:
        socket = t.connect("drain")
        socket.resume()

        @socket.on("ready")
        def _() -> None:
            t.state("ready", socket, *COUNTS)
            t.log("write", socket.write(t.fill(32 << 20)))
            t.state("first", socket, "bytes_written", "writable_need_drain")
            t.log("write", socket.write("é"))
            t.log("write", socket.write("é", "latin1"))
            t.state("all", socket, "bytes_written", "writable_need_drain")
            t.tell("counted")

        @socket.on("drain")
        def _() -> None:
            t.state("drain", socket, *COUNTS)
            socket.end("!")
            t.state("ended", socket, "bytes_written", "writable_need_drain")

        socket.on("finish", lambda: t.state("finish", socket, *COUNTS))
        socket.on("close", lambda _: t.state("close", socket, *COUNTS))


class BigBothWays(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data", "-end", "-finish").end(t.fill(2 << 20))
            socket.on("close", lambda _: t.state("closed", socket, "bytes_read", "bytes_written"))

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", "-end", "-finish", allow_half_open=True)
        socket.end(t.fill(3 << 20))
        socket.on("close", lambda _: t.state("closed", socket, "bytes_read", "bytes_written"))


class WriteInEachCallback(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        names = ["one", "two", "three", "four"]

        def again(error: BaseException | None) -> None:
            name = names.pop(0) if names else None
            t.log("next", error, name)
            if name is not None:
                socket.write(name, again)
            else:
                socket.end(t.callback("ended"))

        socket.write("zero", again)
