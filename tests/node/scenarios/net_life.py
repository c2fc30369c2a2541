"""The order of connect, ready, data, end, finish and close in the lives of two peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.timers import next_tick
from tests.node.lib import Peers
from tests.node.servers import Sink

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role


class ClientEndsFirst(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.on("connect", lambda: socket.end("hi"))


class ClientEndsFirstAndIsAnswered(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.on("data", lambda chunk: socket.write("answer"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.write("question")
        socket.once("data", lambda chunk: socket.end())


class ServerEndsFirst(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("bye"))

    def client(self, t: Role) -> None:
        t.connect("data")


class ServerEndsAtOnce(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end())

    def client(self, t: Role) -> None:
        t.connect("data")


class BothEnd(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("from the server"))

    def client(self, t: Role) -> None:
        t.connect("data").end("from the client")


class EndBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("early", t.callback("ended"))
        t.state("state", socket, "writable", "writable_ended", "writable_finished", "ready_state")


class EndBeforeConnectWithoutData(Sink):
    def client(self, t: Role) -> None:
        t.connect("data").end()


class WriteBeforeConnect(Sink):
    def client(self, t: Role) -> None:
        names = ("pending", "connecting", "bytes_written")
        socket = t.connect("data")
        t.state("before", socket, *names)
        t.log("write", socket.write("你好", t.callback("first written")))
        t.state("after", socket, *names)
        t.log("write", socket.write("more", t.callback("second written")))
        socket.end("!", t.callback("ended"))
        t.state("ended", socket, *names)
        socket.on("connect", lambda: t.state("connected", socket, *names))
        socket.on("close", lambda _: t.state("closed", socket, *names))


class HalfOpenServerAnswersAfterFin(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def answer() -> None:
                t.state("half", socket, "ready_state", "writable", "readable")
                socket.end(t.fill(1 << 20))

            t.watch(socket, "peer", "data")
            socket.on("end", answer)

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("go")
        socket.on("finish", lambda: t.state("half", socket, "ready_state", "writable", "readable"))


class HalfOpenServerNeverEnds(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def leave() -> None:
                t.state("half", socket, "ready_state", "destroyed", "writable")
                socket.destroy()

            t.watch(socket, "peer", "data")
            socket.on("end", lambda: t.when("ended", leave))

        t.serve(connected, allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        socket.end("x", lambda _: t.tell("ended"))


class HalfOpenClient(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("done already"), allow_half_open=True)

    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)

        @socket.on("end")
        def _() -> None:
            t.state("half", socket, "ready_state", "writable", "readable", "allow_half_open")
            socket.write("still here", t.callback("written"))
            socket.end(t.callback("ended"))


class HalfOpenTurnedOnLate(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            socket.allow_half_open = True
            socket.on("end", lambda: socket.end("late"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data").end("x")


class ConnectListenersInOrder(Sink):
    def client(self, t: Role) -> None:
        socket = net.connect(lambda: t.log("listener"), **t.where)
        socket.on("connect", lambda: t.log("second"))
        socket.prepend_listener("connect", lambda: t.log("prepended"))
        t.watch(socket, "client", "data")
        socket.on("ready", lambda: socket.end())
        next_tick(lambda: t.log("next tick"))


class SocketThenConnect(Sink):
    def client(self, t: Role) -> None:
        names = ("pending", "connecting", "ready_state", "destroyed")
        socket = t.watch(net.Socket(), "client", "data")
        t.state("new", socket, *names)
        t.log("same", socket.connect(lambda: t.log("listener"), **t.where) is socket)
        t.state("connecting", socket, *names)
        socket.end("x")


class UnreadDataKeepsTheEndBack(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end("unread", lambda _: t.tell("sent"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect()

        def sent() -> None:
            t.state("unread", socket, "readable_flowing", "readable_ended", "destroyed")
            socket.on("data", lambda chunk: t.data("late.data", chunk))

        t.when_ready(socket, "sent", sent)


class PausedSocketLearnsOfTheEndLater(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("for later", lambda _: t.tell("sent")))

    def client(self, t: Role) -> None:
        socket = t.connect("data", "pause", "resume")
        socket.pause()

        def sent() -> None:
            t.log("paused", socket.is_paused())
            socket.resume()

        t.when_ready(socket, "sent", sent)


class ReadableEventsUpToTheEnd(Peers):
    def server(self, t: Role) -> None:
        t.serve(lambda socket: t.watch(socket, "peer", "data").end("0123456789"))

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("readable")
        def _() -> None:
            while (chunk := socket.read()) is not None:
                t.data("read", chunk)


class SecondConnectionOfOneSocket(Peers):
    def server(self, t: Role) -> None:
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            count += 1
            t.watch(socket, "peer", "data")
            if count == 1:
                socket.on("close", lambda _: t.tell("first closed"))

        t.serve(connected, 2)

    def client(self, t: Role) -> None:
        names = ("destroyed", "pending", "connecting", "ready_state", "bytes_written", "bytes_read")
        release = t.hold()
        socket = t.connect("data")
        socket.end("first")

        def again() -> None:
            t.state("again", socket, *names)
            socket.end("second")

        def reconnect() -> None:
            t.state("closed", socket, *names)
            socket.connect(again, **t.where)
            t.state("connecting", socket, *names)
            socket.once("close", release)

        socket.once("close", lambda _: t.when("first closed", reconnect))


class NothingIsSaid(Sink):
    def client(self, t: Role) -> None:
        names = ("writable_finished", "writable_ended", "readable_ended", "destroyed")
        socket = t.connect("data")
        socket.on("ready", lambda: socket.end())
        socket.on("finish", lambda: t.state("finish", socket, *names))
        socket.on("end", lambda: t.state("end", socket, *names))
        socket.on("close", lambda _: t.state("close", socket, *names, "closed"))


class SocketOfTheServerHasItsFields(Peers):
    def server(self, t: Role) -> None:
        names = ("connecting", "pending", "ready_state", "allow_half_open", "destroyed", "readable_flowing")

        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "data")
            t.log("server", socket.server is server)
            t.state("accepted", socket, *names)

        server = t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("data")
        t.log("server", socket.server)
        socket.end()


class PingPong(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.on("data", lambda chunk: socket.write(chunk))

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("chunk")
        count = 0
        socket.set_encoding("latin1")
        socket.write("0")

        @socket.on("data")
        def _(text: str) -> None:
            nonlocal count
            count += 1
            if count == 20:
                socket.end()
            else:
                socket.write(str(int(text) + 1))
