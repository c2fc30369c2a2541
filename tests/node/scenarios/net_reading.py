"""Pausing, decoding and timing out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate, set_timeout
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Socket
    from tests.node.lib import Role


class _Sender(Peers):
    """The server sends something and ends."""

    material: str | bytes = "hello"

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end(self.material)

        t.serve(connected)


class _TellingSender(Peers):
    """The server sends something, ends, and tells the client when it has."""

    material = "hello"

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end(self.material, lambda _: t.tell("sent"))

        t.serve(connected)


class _SenderOfTwo(Peers):
    """The server sends something, and something more when the client asks."""

    asked = ""

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.write("first")
            t.when(self.asked, lambda: socket.end("second", lambda _: t.tell("sent")))

        t.serve(connected)


class PauseInData(_SenderOfTwo):
    asked = "paused"

    def client(self, t: Role) -> None:
        socket = t.connect("data", "pause", "resume")

        @socket.once("data")
        def _(chunk: bytes) -> None:
            t.log("same", socket.pause() is socket)
            t.log("paused", socket.is_paused())
            t.state("paused", socket, "readable_flowing")
            t.tell("paused")

        def sent() -> None:
            t.log("same", socket.resume() is socket)
            t.log("paused", socket.is_paused())
            t.state("resumed", socket, "readable_flowing")

        t.when("sent", sent)


class PauseBeforeConnect(_TellingSender):
    def client(self, t: Role) -> None:
        socket = t.connect("data", "pause", "resume")
        socket.pause()
        t.when_ready(socket, "sent", lambda: socket.resume())


class ResumeWithoutListeners(_Sender):
    def client(self, t: Role) -> None:
        socket = t.connect("resume")
        socket.resume()
        t.state("resumed", socket, "readable_flowing")
        socket.on("close", lambda _: t.state("closed", socket, "bytes_read", "readable_flowing"))


class PauseTwiceResumeTwice(_Sender):
    def client(self, t: Role) -> None:
        socket = t.connect("data", "pause", "resume")
        socket.pause()
        socket.pause()
        socket.on("ready", lambda: socket.resume().resume())


class DataListenerRemovedAndAdded(_SenderOfTwo):
    asked = "next"

    def client(self, t: Role) -> None:
        socket = t.connect("pause", "resume")

        def listener(chunk: bytes) -> None:
            t.log("data", chunk)
            socket.off("data", listener)
            t.state("removed", socket, "readable_flowing")
            socket.pause()
            t.tell("next")

        def sent() -> None:
            socket.on("data", lambda chunk: t.log("data", chunk))
            t.state("added", socket, "readable_flowing")
            socket.resume()

        socket.on("data", listener)
        t.when("sent", sent)


class SetEncodingWithSplitCharacters(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            data = "a你好é😀z".encode()
            index = 0
            t.watch(socket, "peer")

            @socket.on("data")
            def _(asked: bytes) -> None:
                nonlocal index
                socket.write(data[index : index + 1])
                index += 1

        t.serve(connected)

    def client(self, t: Role) -> None:
        # Byte by byte: each is asked for when the one before has come.
        socket = t.connect()
        t.log("same", socket.set_encoding("utf8") is socket)
        t.state("encoding", socket, "readable_encoding")
        socket.on("data", lambda text: t.log("data", text))

        def ask(count: int) -> None:
            socket.write("x")
            wait(count)

        def wait(count: int) -> None:
            if socket.bytes_read < count:
                set_immediate(wait, count)
            elif count < 14:
                ask(count + 1)
            else:
                socket.end()

        socket.on("ready", lambda: ask(1))


class SetEncodingCutCharacterAtTheEnd(_Sender):
    material = b"\x61\xe4\xbd"

    def client(self, t: Role) -> None:
        t.connect("data").set_encoding("utf8")


class SetEncodingHex(_Sender):
    def client(self, t: Role) -> None:
        t.connect("data").set_encoding("hex")


class ReadInPieces(_TellingSender):
    material = "0123456789abcdef"

    def client(self, t: Role) -> None:
        socket = t.connect()

        def read() -> None:
            while (chunk := socket.read(5)) is not None:
                t.log("read", chunk)

        t.when_ready(socket, "sent", lambda: socket.on("readable", read))


class UnshiftInData(_Sender):
    def client(self, t: Role) -> None:
        socket = t.connect("chunk")

        @socket.once("data")
        def _(chunk: bytes) -> None:
            socket.pause()
            socket.unshift("again ")
            t.state("unshifted", socket, "readable_length")
            next_tick(lambda: socket.resume())


class TimeoutFires(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.log("same", socket.set_timeout(0.03, t.callback("callback")) is socket)
        t.log("timeout", t.seconds(socket.timeout))

        @socket.on("timeout")
        def _() -> None:
            t.state("timeout", socket, "destroyed", "ready_state")
            socket.set_timeout(0)
            t.log("timeout", t.seconds(socket.timeout))
            socket.end()


class TimeoutFiresAgain(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        count = 0
        socket.on("ready", lambda: socket.set_timeout(0.02))

        @socket.on("timeout")
        def _() -> None:
            nonlocal count
            count += 1
            # Once is all an idle socket says, until something happens or it is set again.
            if count == 1:
                socket.write("awake")
            else:
                socket.set_timeout(0).end()


class TimeoutIsSwitchedOff(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.set_timeout(0.02, t.callback("callback"))
        socket.set_timeout(0)
        t.log("timeout", t.seconds(socket.timeout))
        set_timeout(lambda: socket.end(), 0.06)


class TimeoutCallbackIsRemoved(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        callback = t.callback("callback")
        socket.set_timeout(0.02, callback)
        socket.set_timeout(0, callback)
        socket.set_timeout(0.02)
        socket.once("timeout", lambda: socket.end())


class TimeoutOption(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data", timeout=0.02)
        t.log("timeout", t.seconds(socket.timeout))
        socket.once("timeout", lambda: socket.end())


class TimeoutOfTheServersSocket(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            # Once: a slow peer would make it fire again.
            socket.set_timeout(0.02, lambda: socket.set_timeout(0).end("too slow"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data")


class TimeoutThenDestroy(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.set_timeout(0.02, lambda: socket.destroy(Exception("idle")))


class NoTimeoutAfterDestroy(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        release = t.hold()
        socket.set_timeout(0.02)
        socket.on("ready", lambda: socket.destroy())
        set_timeout(release, 0.06)


def timeout_arguments(t: Role) -> None:
    socket: Any = net.Socket()
    t.log("timeout", t.seconds(socket.timeout))
    t.attempt("negative", lambda: socket.set_timeout(-1))
    t.attempt("text", lambda: socket.set_timeout("1"))
    t.attempt("infinite", lambda: socket.set_timeout(float("inf")))
    t.attempt("not a number", lambda: socket.set_timeout(float("nan")))
    t.attempt("callback", lambda: socket.set_timeout(1, "callback"))
    t.log("same", socket.set_timeout(0) is socket)


class PipeIntoASlowWritable(_Sender):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end(t.fill(400_000))

        t.serve(connected)

    def client(self, t: Role) -> None:
        def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
            t.data("slow", chunk)
            set_immediate(callback)

        slow = Writable(high_water_mark=1024, write=write)
        slow.on("finish", lambda: t.log("slow finish"))
        slow.on("close", t.hold())
        socket = t.connect("-finish")
        socket.on("end", lambda: t.log("total", socket.bytes_read))
        socket.pipe(slow)
