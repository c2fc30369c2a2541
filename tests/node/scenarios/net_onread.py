"""Reading into buffers of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import set_immediate
from tests.node.lib import Peers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Socket
    from tests.node.lib import Role

TEXT = "0123456789abcdefghijKLMNO"


class _Sender(Peers):
    """The server sends 25 bytes, and what it gets back as its last."""

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.write(TEXT)
            socket.on("data", lambda chunk: socket.end(chunk))

        t.serve(connected)


class _Reader:
    """A client that logs what it reads; `then` says what its callback returns."""

    def __init__(
        self, t: Role, *also: str, then: Callable[[], object] = lambda: None, gives: bool = False, **options: Any
    ) -> None:
        self.t = t
        self.then = then
        self.buffers: list[bytearray] = []
        onread = net.OnRead(self.give if gives else bytearray(10), self.callback)
        self.socket = t.connect(*also, onread=onread, **options)

    def give(self) -> bytearray:
        self.t.log("give", len(self.buffers))
        self.buffers.append(bytearray(10))
        return self.buffers[-1]

    def callback(self, size: int, buffer: bytearray) -> object:
        number = next((index for index, one in enumerate(self.buffers) if one is buffer), None)
        self.t.log("onread", size, buffer[:size], number)
        self.t.state("state", self.socket, "bytes_read", "readable_flowing", "readable_length")
        if self.socket.bytes_read == len(TEXT):
            self.socket.end("bye")
        return self.then()


class OneBuffer(_Sender):
    def client(self, t: Role) -> None:
        reader = _Reader(t, "data", "resume", "pause")
        t.log("paused", reader.socket.is_paused())


class BuffersOfAFunction(_Sender):
    def client(self, t: Role) -> None:
        _Reader(t, gives=True)
        t.log("connecting")


class FalsePauses(_Sender):
    def client(self, t: Role) -> None:
        def later() -> None:
            t.log("paused", reader.socket.is_paused())
            reader.socket.resume()

        def then() -> bool:
            set_immediate(later)
            return False

        reader = _Reader(t, "resume", "pause", then=then)


class ReadGoesOnAfterFalse(_Sender):
    def client(self, t: Role) -> None:
        def then() -> bool:
            set_immediate(lambda: t.log("read", reader.socket.read(0)))
            return False

        reader = _Reader(t, "resume", "pause", then=then)


class OnlyFalsePauses(_Sender):
    def client(self, t: Role) -> None:
        answers: list[object] = [0, None, "", 0, None, ""]
        _Reader(t, then=answers.pop)


class PauseInOnread(_Sender):
    def client(self, t: Role) -> None:
        def later() -> None:
            t.log("paused", reader.socket.is_paused())
            reader.socket.resume()

        def then() -> None:
            reader.socket.pause()
            set_immediate(later)

        reader = _Reader(t, "resume", "pause", then=then)


class PauseBeforeConnecting(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.write(TEXT, lambda _: t.tell("sent"))
            socket.on("data", lambda chunk: socket.end(chunk))

        t.serve(connected)

    def client(self, t: Role) -> None:
        reader = _Reader(t, "resume", "pause")
        reader.socket.pause()

        def sent() -> None:
            t.log("read so far", reader.socket.bytes_read)
            reader.socket.resume()

        t.when_ready(reader.socket, "sent", sent)


class ListenersAndEncodingGetNothing(_Sender):
    def client(self, t: Role) -> None:
        _Reader(t, "data", "readable", "resume").socket.set_encoding("utf8")


class _Careless(Peers):
    """The server sends something, and does not care what becomes of it."""

    unwatched: tuple[str, ...] = ("-error", "-close", "-end", "-finish")

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", *self.unwatched)
            socket.on("error", lambda _: None)
            socket.write(TEXT)

        t.serve(connected)


class DestroyInOnread(_Careless):
    def client(self, t: Role) -> None:
        count = 0

        def give() -> bytearray:
            nonlocal count
            t.log("give", count)
            count += 1
            return bytearray(10)

        def callback(size: int, _: bytearray) -> None:
            t.log("onread", size)
            socket.destroy()

        socket = t.connect(onread=net.OnRead(give, callback))


class ABufferWithoutRoom(_Careless):
    def client(self, t: Role) -> None:
        buffers = [bytearray(0), bytearray(10)]
        t.connect(onread=net.OnRead(buffers.pop, lambda size, _: t.log("onread", size)))


class ConnectAgain(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.write(TEXT)
            socket.on("data", lambda chunk: socket.end(chunk))
            socket.on("close", lambda _: t.tell("closed"))

        t.serve(connected, 2)

    def client(self, t: Role) -> None:
        hold = t.hold()
        socket = _Reader(t).socket

        def again() -> None:
            socket.connect(**t.where)
            socket.once("close", hold)

        socket.once("close", lambda _: t.when("closed", again))


class NothingButTheEnd(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end()

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("readable", onread=net.OnRead(bytearray(10), lambda size, _: t.log("onread", size)))


class MuchThroughASmallBuffer(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.end(t.fill(300_000))

        t.serve(connected)

    def client(self, t: Role) -> None:
        got = bytearray()
        too_long = 0

        def callback(size: int, buffer: bytearray) -> None:
            nonlocal too_long
            too_long += size > 1000
            got.extend(buffer[:size])

        socket = t.connect(onread=net.OnRead(bytearray(1000), callback))
        socket.on("end", lambda: t.log("got", bytes(got), too_long, socket.bytes_read))


class OnreadTimeout(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            t.watch(socket, "peer")
            socket.resume()
            socket.write("hello")

        t.serve(connected)

    def client(self, t: Role) -> None:
        onread = net.OnRead(bytearray(10), lambda size, _: t.log("onread", size))
        socket = t.connect(onread=onread, timeout=0.05)
        socket.once("timeout", lambda: socket.end())


def a_socket_made_first(t: Role) -> None:
    server = t.watch(net.create_server(lambda socket: socket.end("hello")), "server")

    def listening() -> None:
        socket = net.Socket(onread=net.OnRead(bytearray(3), lambda size, _: t.log("onread", size)))
        t.watch(socket, "client")
        socket.connect(server.address().port, "127.0.0.1")
        socket.on("close", lambda _: server.close())

    server.listen(0, "127.0.0.1", listening)
