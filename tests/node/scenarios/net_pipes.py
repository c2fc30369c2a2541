"""Sockets and files piped into one another, one end dying; chunks read, put back and decoded by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs, net
from sockstream.timers import next_tick
from tests.node.lib import EVENTS, Peers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.net import Socket
    from tests.node.lib import Role


def _when_closed(t: Role, *emitters: Any, then: Callable[[], object] = lambda: None) -> None:
    """Call back when the emitters have all closed."""
    release = t.hold()
    left = len(emitters)

    def closed(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            then()
            release()

    for emitter in emitters:
        emitter.on("close", closed)


def _file_at(t: Role, size: int) -> fs.ReadStream:
    Path(t.dir, "file").write_bytes(t.fill(size))
    return fs.create_read_stream(f"{t.dir}/file")


# -- socket to socket -------------------------------------------------------------------------------------------------


class _Joiner(Peers):
    """The server joins its first connection to its second, and says so."""

    def join(self, t: Role, source: Socket, sink: Socket) -> None:
        raise NotImplementedError

    def server(self, t: Role) -> None:
        sockets: list[Socket] = []

        def connected(socket: Socket) -> None:
            sockets.append(socket)
            socket.on("error", lambda error: None)
            if len(sockets) == 2:
                self.join(t, *sockets)
                t.tell("joined")
            else:
                t.tell("first")

        t.serve(connected, 2, allow_half_open=True)


def _two_clients(t: Role, ready: Callable[[Socket, Socket], object]) -> None:
    """Make a source, then a sink, of the same client; how the ends of the two are mixed is a matter of luck."""
    quiet = tuple(f"-{name}" for name in EVENTS["socket"])
    source = t.watch(net.connect(**t.where), "source", *quiet)
    source.on("error", lambda error: None)

    def second() -> None:
        sink = t.watch(net.connect(**t.where), "sink", "data", *quiet)
        sink.on("error", lambda error: None)
        t.when("joined", lambda: ready(source, sink))

    t.when("first", second)


class SocketToSocketUntilTheEnd(_Joiner):
    def join(self, t: Role, source: Socket, sink: Socket) -> None:
        def finished() -> None:
            t.log("to.finish", source.writable_ended, source.destroyed)
            source.end()

        t.watch(sink, "to", "pipe", "unpipe", "-close", "-end", "-finish")
        source.on("end", lambda: t.log("from.end", sink.writable_ended))
        source.pipe(sink)
        sink.on("finish", finished)

    def client(self, t: Role) -> None:
        def ready(source: Socket, sink: Socket) -> None:
            source.end(t.fill(400_000))
            sink.on("end", lambda: sink.end() and None)
            source.resume()

        _two_clients(t, ready)


class SocketToSocketThatDies(_Joiner):
    def join(self, t: Role, source: Socket, sink: Socket) -> None:
        def closed(had_error: bool) -> None:
            # The source hears nothing of it: it is off the pipe, and paused.
            t.state("from", source, "destroyed", "readable_flowing", "writable_ended")
            t.log("paused", source.is_paused())
            source.end("gone")
            source.resume()

        t.watch(sink, "to", "unpipe", "-end", "-finish")
        source.pipe(sink)
        sink.on("close", closed)
        t.when("read", lambda: sink.destroy())

    def client(self, t: Role) -> None:
        def ready(source: Socket, sink: Socket) -> None:
            def answered(chunk: bytes) -> None:
                t.data("answer", chunk)
                source.end()

            source.write("some")
            sink.once("data", lambda chunk: t.tell("read"))
            source.on("data", answered)

        _two_clients(t, ready)


class SocketThatDiesToSocket(_Joiner):
    def join(self, t: Role, source: Socket, sink: Socket) -> None:
        def closed(had_error: bool) -> None:
            # Only the end of a source ends what it is piped to.
            t.state("to", sink, "destroyed", "writable_ended")
            sink.end(" and nothing more")

        t.watch(source, "from", "-end", "-finish")
        t.watch(sink, "to", "unpipe", "-end", "-close")
        source.pipe(sink)
        source.on("close", closed)
        t.when("read", lambda: source.destroy())

    def client(self, t: Role) -> None:
        def ready(source: Socket, sink: Socket) -> None:
            source.write("some")
            source.resume()
            sink.once("data", lambda chunk: t.tell("read"))

        _two_clients(t, ready)


# -- files ------------------------------------------------------------------------------------------------------------


class FileToSocket(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            file = t.watch(_file_at(t, 500_000), "file", "open", "-open", "-close", "-end")
            t.watch(socket, "peer", "pipe", "unpipe")
            file.pipe(socket)
            _when_closed(t, file, socket, then=lambda: t.state("sent", socket, "bytes_written", "destroyed"))

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data")


class FileToSocketWithoutEnd(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def ended() -> None:
                t.state("ended", socket, "writable_ended", "bytes_written")
                socket.end("and more")

            file = _file_at(t, 1000)
            t.watch(socket, "peer", "unpipe")
            file.pipe(socket, end=False)
            _when_closed(t, file)
            file.on("end", ended)

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data")


class FileToSocketThatIsDestroyed(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def closed(had_error: bool) -> None:
                t.tell("gone")
                # Nobody closes the file.
                t.state("file", file, "destroyed", "readable_flowing", "readable_ended")
                t.log("paused", file.is_paused())
                _when_closed(t, file, then=lambda: t.log("file closed"))
                file.destroy()

            file = _file_at(t, 8 << 20)
            t.watch(socket, "peer", "unpipe", "-end", "-finish")
            file.pipe(socket)
            socket.on("close", closed)
            t.when("connected", lambda: t.turns(5, lambda: socket.destroy()))

        t.serve(connected)

    def client(self, t: Role) -> None:
        # It reads nothing before the other has gone.
        socket = t.watch(net.connect(**t.where), "client", "-end", "-finish", "-error", "-close")
        socket.on("error", lambda error: None)
        socket.once("connect", lambda: t.tell("connected"))
        t.when("gone", lambda: socket.destroy())


class FileThatIsMissingToSocket(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def closed() -> None:
                t.state("peer", socket, "destroyed", "writable_ended")
                socket.end("sorry")

            file = t.watch(fs.create_read_stream(f"{t.dir}/missing"), "file")
            t.watch(socket, "peer", "unpipe")
            file.pipe(socket)
            file.on("close", closed)

        t.serve(connected)

    def client(self, t: Role) -> None:
        t.connect("data")


class SocketToFile(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def closed() -> None:
                t.log("copy", Path(t.dir, "copy").read_bytes())
                t.log("count", file.bytes_written, socket.bytes_read)
                server.close()

            file = t.watch(fs.create_write_stream(f"{t.dir}/copy"), "file", "pipe", "unpipe")
            t.watch(socket, "peer", "-end", "-finish", "-close")
            socket.pipe(file)
            _when_closed(t, socket, file, then=closed)

        server = t.serve(connected, 0)

    def client(self, t: Role) -> None:
        t.connect("data").end(t.fill(300_000))


class SocketThatIsResetToFile(Peers):
    transports = ("tcp",)

    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def closed(had_error: bool) -> None:
                # Nobody ends the file.
                t.state("file", file, "destroyed", "writable_ended")
                _when_closed(t, file, then=lambda: t.log("copy", Path(t.dir, "copy").read_bytes()))
                file.end(" to the end")

            file = fs.create_write_stream(f"{t.dir}/copy")
            t.watch(socket, "peer", "-finish")
            socket.pipe(file)
            socket.once("data", lambda chunk: t.tell("read"))
            socket.on("close", closed)

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect()
        socket.write("some")
        t.when("read", lambda: socket.reset_and_destroy())


class SocketToFileThatFails(Peers):
    def server(self, t: Role) -> None:
        def connected(socket: Socket) -> None:
            def closed() -> None:
                t.log("paused", socket.is_paused())
                t.state("peer", socket, "destroyed")
                socket.destroy()

            file = t.watch(fs.create_write_stream(f"{t.dir}/missing/copy"), "file", "unpipe")
            t.watch(socket, "peer")
            socket.pipe(file)
            file.on("close", closed)

        t.serve(connected)

    def client(self, t: Role) -> None:
        socket = t.connect("-error", "-end", "-finish", "-close")
        socket.on("error", lambda error: None)
        socket.resume()


# -- chunks -----------------------------------------------------------------------------------------------------------


class _Sender(Peers):
    """The server sends each of its chunks when it is asked for the next one by a byte, then ends."""

    chunks: Sequence[str | bytes] = ()

    def server(self, t: Role) -> None:
        left = list(self.chunks)

        def connected(socket: Socket) -> None:
            t.watch(socket, "peer", "-end", "-finish")

            @socket.on("data")
            def _(chunk: bytes) -> None:
                if left:
                    socket.write(left.pop(0))
                else:
                    socket.end()

        t.serve(connected, allow_half_open=True)


def _ask_and_end(socket: Socket) -> None:
    socket.on("ready", lambda: socket.write("?") and None)
    socket.on("end", lambda: socket.end() and None)


class ReadInReadable(_Sender):
    chunks = ("0123456789", "abc")

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("readable")
        def _() -> None:
            t.state("readable", socket, "readable_length", "readable_flowing")
            for size in (0, 4, 4, 4, None, None):
                t.log("read", size, socket.read(size))
            if socket.writable:
                socket.write("?")

        _ask_and_end(socket)


class DataAfterReadable(_Sender):
    chunks = ("first", "second", "third")

    def client(self, t: Role) -> None:
        socket = t.connect()

        def on_data(chunk: bytes) -> None:
            t.log("data", chunk)
            socket.write("?")

        def on_tick() -> None:
            t.state("next tick", socket, "readable_flowing")
            socket.write("?")

        def on_readable() -> None:
            t.log("read", socket.read())
            socket.off("readable", on_readable)
            t.state("off", socket, "readable_flowing")
            socket.on("data", on_data)
            t.state("on", socket, "readable_flowing")
            next_tick(on_tick)

        socket.on("readable", on_readable)
        _ask_and_end(socket)


class ReadableAfterData(_Sender):
    chunks = ("first", "second")

    def client(self, t: Role) -> None:
        socket = t.connect()

        def on_readable() -> None:
            t.log("readable", socket.read())
            if not socket.writable_ended:
                socket.write("?")

        @socket.once("data")
        def _(chunk: bytes) -> None:
            t.log("data", chunk)
            socket.on("readable", on_readable)
            t.state("on", socket, "readable_flowing")
            socket.write("?")

        _ask_and_end(socket)


class UnshiftInReadable(_Sender):
    chunks = ("0123456789",)

    def client(self, t: Role) -> None:
        socket = t.connect()
        again = True

        @socket.on("readable")
        def _() -> None:
            nonlocal again
            chunk = socket.read()
            t.log("read", chunk)
            if chunk is None:
                return
            if again:
                socket.unshift(chunk[6:])
            again = False
            t.state("unshifted", socket, "readable_length", "bytes_read")
            t.log("rest", socket.read())
            socket.write("?")

        _ask_and_end(socket)


class UnshiftInEnd(_Sender):
    def client(self, t: Role) -> None:
        socket = t.connect("data", allow_half_open=True)
        socket.on("ready", lambda: socket.write("?") and None)
        socket.on("end", lambda: t.attempt("unshift", lambda: socket.unshift("too late")))


class EncodingSetInData(_Sender):
    chunks = (b"a\xe4", b"\xbd\xa0b\xe4\xbd", b"\xa0c")

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.on("data")
        def _(chunk: str | bytes) -> None:
            t.log("data", chunk)
            socket.set_encoding("utf8")
            socket.write("?")

        _ask_and_end(socket)


class EncodingSetWithBytesWaiting(_Sender):
    chunks = ("héé",)

    def client(self, t: Role) -> None:
        socket = t.connect()

        @socket.once("readable")
        def _() -> None:
            t.state("bytes", socket, "readable_length", "readable_encoding")
            socket.set_encoding("utf8")
            t.state("text", socket, "readable_length", "readable_encoding")
            t.log("read", socket.read(1), socket.read())
            socket.resume()
            socket.write("?")

        _ask_and_end(socket)


class PauseAndResumeAroundConnect(_Sender):
    chunks = ("first", "second")

    def client(self, t: Role) -> None:
        socket = t.connect("pause", "resume")
        socket.pause()
        socket.resume()
        socket.pause()

        @socket.on("connect")
        def _() -> None:
            t.log("paused", socket.is_paused())
            socket.resume()
            socket.pause()

        def on_data(chunk: bytes) -> None:
            t.log("data", chunk)
            socket.write("?")

        @socket.on("ready")
        def _() -> None:
            socket.on("data", on_data)
            t.log("still paused", socket.is_paused())
            socket.resume()
            socket.write("?")

        socket.on("end", lambda: socket.end() and None)
