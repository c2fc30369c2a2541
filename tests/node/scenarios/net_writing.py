"""What write() and end() return, count, call back and refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.timers import next_tick
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role


class WriteAfterEnd(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.end("last")
            t.attempt("write", lambda: socket.write("too late", t.callback("written")))
            t.state("state", socket, "destroyed", "writable", "writable_ended")


class WriteAfterEndBeforeConnect(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            socket.on("error", lambda error: None)
            socket.resume()

        server = t.serve(connected)
        t.watch(server, "server", "-listening", "-connection", "-close", "-error")
        t.when("over", t.done)

    def client(self, t: Role) -> None:
        socket = t.connect("data", "-connect", "-ready")
        socket.end("last")
        t.attempt("write", lambda: socket.write("too late", t.callback("written")))
        socket.on("close", lambda _: t.tell("over"))


class WriteAfterDestroy(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.destroy()
            t.attempt("write", lambda: socket.write("too late", t.callback("written")))
            t.attempt("end", lambda: socket.end("too late", t.callback("ended")) is socket)

        @socket.on("close")
        def _(had_error: bool) -> None:
            t.attempt("write", lambda: socket.write("far too late", t.callback("written after close")))


class WriteAfterThePeerEnded(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.on("end", lambda: t.attempt("write", lambda: socket.write("too late", t.callback("written"))))

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data").end()


class WriteLongAfterThePeerEnded(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def write() -> bool:
                return socket.write("too late", lambda error: t.state("written", error, "code"))

            t.watch(socket, "peer", "data", "-error")
            socket.on("error", lambda error: t.state("peer.error", error, "code"))
            socket.on("finish", lambda: t.attempt("write", write))

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data").end()


class WriteCallbacksInOrder(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            for name in ("one", "two", "three"):
                socket.write(name, t.callback(name))
            t.log("sync")
            next_tick(lambda: t.log("next tick"))
            socket.end(t.callback("ended"))


class WriteCallbacksBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        for name in ("one", "two", "three"):
            socket.write(name, t.callback(name))

        @socket.on("connect")
        def _() -> None:
            socket.write("four", t.callback("four"))
            socket.end("five", t.callback("ended"))


class WriteCallbacksOnDestroy(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "-error", "-end", "-finish", "-close")
            socket.on("error", lambda error: None)
            socket.pause()
            t.when("over", lambda: socket.destroy())

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("ready")
        def _() -> None:
            # More than the kernel takes while nobody reads.
            socket.write(t.fill(32 << 20), t.callback("big"))
            socket.write("small", t.callback("small"))
            socket.end("last", t.callback("ended"))
            t.state("writing", socket, "bytes_written", "writable_length", "writable_need_drain")
            t.turns(3, lambda: socket.destroy(Exception("enough")))

        socket.on("close", lambda _: t.tell("over"))


class CorkAndUncork(Sink):
    def client(self, t: Role) -> None:
        names = ("writable_corked", "writable_length", "bytes_written")
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.cork()
            socket.write("a", t.callback("a"))
            socket.cork()
            socket.write("b", t.callback("b"))
            t.state("corked", socket, *names)
            socket.uncork()
            t.state("once", socket, *names)
            socket.uncork()
            t.state("twice", socket, "writable_corked")
            next_tick(lambda: socket.end("c", t.callback("ended")))


class EndUncorks(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.cork()
            socket.cork()
            socket.write("a", t.callback("a"))
            socket.end("b", t.callback("ended"))
            t.state("ended", socket, "writable_corked", "writable_ended")


class CorkBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.cork()
        socket.write("a", t.callback("a"))
        socket.write("b", t.callback("b"))
        socket.on("connect", lambda: t.state("connected", socket, "bytes_written", "writable_length", "pending"))

        @socket.on("ready")
        def _() -> None:
            socket.uncork()
            socket.end()


class LargePayloadWithBackpressure(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect()
        chunk = t.fill(1 << 20)
        left = 24
        waited = False

        def ended(error: BaseException | None = None) -> None:
            t.log("waited", waited)
            t.state("ended", socket, "bytes_written", "writable_length", "writable_need_drain")

        def more() -> None:
            nonlocal left, waited
            while left > 0:
                left -= 1
                if not socket.write(chunk):
                    waited = True
                    socket.once("drain", more)
                    return
            socket.end(ended)

        socket.resume()
        more()


class DrainAfterAWriteThatReturnedFalse(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            t.when("blocked", lambda: socket.on("data", lambda chunk: t.data("read", chunk)))

        t.serve(connected)

    def client(self, t: Role) -> None:
        names = ("writable_need_drain", "writable_length")
        socket = t.connect("drain")
        socket.resume()

        @socket.on("ready")
        def _() -> None:
            t.log("write", socket.write(t.fill(32 << 20), t.callback("written")))
            t.state("blocked", socket, *names)
            t.tell("blocked")

        @socket.on("drain")
        def _() -> None:
            t.state("drained", socket, *names)
            socket.end()


class EmptyWrites(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.log("write", socket.write("", t.callback("empty before")))

        @socket.on("ready")
        def _() -> None:
            t.log("write", socket.write("", t.callback("empty")))
            t.log("write", socket.write(b"", t.callback("empty bytes")))
            t.state("state", socket, "bytes_written", "writable_length")
            socket.end("", t.callback("ended"))


class EncodingsInWrite(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("é", "utf8")
        socket.write("é", "latin1")
        socket.write("hi", "utf16le")
        socket.write("00ff7f", "hex")
        socket.write("aGk=", "base64")
        socket.write("_-8", "base64url")
        socket.write("é", "ascii")
        socket.write("é", "binary")
        socket.write("x", "ucs2")
        socket.write(bytearray([1, 2, 3]))
        socket.write(b"bytes", "hex")
        t.state("state", socket, "bytes_written")
        socket.end("ff", "hex")
        t.state("state", socket, "bytes_written")


class DefaultEncoding(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.log("same", socket.set_default_encoding("hex") is socket)
        t.attempt("wrong", lambda: socket.set_default_encoding("nonsense"))
        socket.write("0001")
        socket.end("ff")


class EndTwice(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            socket.end("x", t.callback("first"))
            socket.end(t.callback("second"))
            t.attempt("third", lambda: socket.end("data", t.callback("third")) is socket)


class EndTwiceWithoutData(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x", t.callback("first"))
        socket.end(t.callback("second"))
        socket.on("finish", lambda: socket.end(t.callback("third")))
        socket.on("close", lambda _: socket.end(t.callback("fourth")))


class PipeEcho(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.log("same", t.watch(socket, "peer").pipe(socket) is socket))

    def client(self, t: Role) -> None:
        t.connect("data", "-finish").end(t.fill(500_000))


class PipeEchoOfMuch(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer").pipe(socket), allow_half_open=True)

    def client(self, t: Role) -> None:
        t.connect("data", "-finish").end(t.fill(16 << 20))


class PipeWithoutEnd(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def more() -> None:
                t.state("ended", socket, "writable_ended")
                socket.end(" and more")

            t.watch(socket, "peer")
            socket.pipe(socket, end=False)
            socket.on("end", more)

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        t.connect("data").end("piped")


class PipeAndUnpipe(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "pipe", "unpipe", "pause", "resume")
            socket.pipe(socket)

            @socket.once("data")
            def _(chunk: bytes) -> None:
                t.log("same", socket.unpipe(socket) is socket)
                socket.write(" unpiped")
                socket.resume()
                socket.on("end", lambda: socket.end())

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", "-finish")
        socket.write("x")
        socket.once("data", lambda chunk: t.turns(1, socket.end))


class EchoOfManyWrites(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.on("data", lambda chunk: socket.write(chunk))

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        seen = 0
        for index in range(200):
            socket.write(t.fill(index))

        @socket.on("data")
        def _(chunk: bytes) -> None:
            nonlocal seen
            seen += len(chunk)
            if seen == (199 * 200) // 2:
                socket.end()


class SetNoDelayAndKeepAliveReturnTheSocket(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data", no_delay=True, keep_alive=True)
        t.log("same", socket.set_no_delay() is socket)
        t.log("same", socket.set_keep_alive(True, 1) is socket)
        t.log("same", socket.ref() is socket)
        t.log("same", socket.unref() is socket)
        t.log("same", socket.ref() is socket)

        @socket.on("ready")
        def _() -> None:
            t.log("same", socket.set_no_delay(False) is socket)
            socket.end()

        @socket.on("close")
        def _(had_error: bool) -> None:
            t.log("same", socket.set_no_delay() is socket)
            t.log("same", socket.set_keep_alive(True) is socket)


class FinalChunkOfMany(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")

        @socket.on("ready")
        def _() -> None:
            for index in range(5):
                socket.write(str(index))
            t.state("written", socket, "bytes_written", "writable_ended")
            socket.end("end", "latin1", t.callback("ended"))
            t.state("ended", socket, "bytes_written", "writable_ended", "writable")
