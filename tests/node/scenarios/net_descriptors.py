"""Sockets of descriptors that are no sockets: the ends of pipes, and what is refused."""

from __future__ import annotations

import os
import socket as kernel
from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from sockstream.net import Socket
    from tests.node.lib import Role


def _ends(t: Role) -> tuple[int, int, int]:
    """Make a FIFO; return descriptors of it that are open both ways, for reading and for writing."""
    fifo = f"{t.dir}/fifo"
    os.mkfifo(fifo)
    both = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    return both, os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)


def _reader_and_writer(t: Role) -> tuple[int, int]:
    both, reader, writer = _ends(t)
    os.close(both)
    return reader, writer


def _both_ways(t: Role) -> int:
    both, reader, writer = _ends(t)
    os.close(reader)
    os.close(writer)
    return both


def _made(t: Role, *also: str, **options: Any) -> Socket:
    socket: Socket = t.watch(net.Socket(**options), "socket", "data", *also)
    t.state("made", socket, "readable", "writable", "ready_state", "pending", "connecting", "destroyed")
    t.log("address", socket.remote_address, socket.local_port, socket.address())
    return socket


def refused(t: Role) -> None:
    def attempt(name: str, fd: Any) -> None:
        t.attempt(name, lambda: net.Socket(fd=fd) and None)

    descriptors = {
        "file": os.open(__file__, os.O_RDONLY),
        "directory": os.open(os.path.dirname(__file__), os.O_RDONLY),
        "device": os.open(os.devnull, os.O_RDWR),
        "terminal": os.open("/dev/ptmx", os.O_RDWR),
        "closed": 999,
    }
    for name, fd in descriptors.items():
        attempt(name, fd)
    for name, fd in descriptors.items():
        if name != "closed":
            os.close(fd)
    attempt("negative", -1)
    attempt("huge", 2**40)
    attempt("fraction", 1.5)
    attempt("text", "0")
    with kernel.socket(type=kernel.SOCK_DGRAM) as datagrams:
        attempt("datagrams", datagrams.fileno())


def reading_end(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=reader)
    os.write(writer, b"hello")
    socket.once("data", lambda chunk: os.close(writer))


def reading_end_that_never_writes(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=reader, writable=False)
    os.write(writer, b"hello")
    socket.once("data", lambda chunk: os.close(writer))


def reading_end_is_at_its_end(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    os.write(writer, b"left behind")
    os.close(writer)
    _made(t, fd=reader)


def reading_end_is_written_to(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=reader)
    socket.write("x", callback=t.callback("written"))
    socket.on("close", lambda _: os.close(writer))


def reading_end_is_ended(t: Role) -> None:
    def more() -> None:
        os.write(writer, b"more")
        os.close(writer)

    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=reader)
    socket.end(callback=t.callback("ended"))
    socket.on("finish", lambda: t.turns(4, more))


def reading_end_pauses_and_resumes(t: Role) -> None:
    def resume() -> None:
        t.log("resuming", socket.bytes_read)
        socket.resume()

    reader, writer = _reader_and_writer(t)
    socket = _made(t, "pause", "resume", fd=reader).pause()
    os.write(writer, b"waits")
    os.close(writer)
    t.turns(6, resume)


def writing_end(t: Role) -> None:
    def closed(had_error: bool) -> None:
        t.log("read", os.read(reader, 64), len(os.read(reader, 64)))
        os.close(reader)

    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=writer, readable=False)
    t.log("write", socket.write("hello", callback=t.callback("written")), socket.write(" there"))
    socket.end(callback=t.callback("ended"))
    socket.on("close", closed)


def writing_end_that_is_to_read(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=writer)
    t.log("write", socket.write("x", callback=t.callback("written")))
    socket.end(callback=t.callback("ended"))
    socket.on("close", lambda _: os.close(reader))


def writing_end_without_reader(t: Role) -> None:
    def write() -> None:
        t.state("still there", socket, "writable", "destroyed")
        socket.write("x", callback=t.callback("written"))

    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=writer, readable=False)
    os.close(reader)
    t.turns(4, write)


def writing_end_is_full(t: Role) -> None:
    count = 0

    def read() -> None:
        nonlocal count
        try:
            count += len(os.read(reader, 100_000))
        except BlockingIOError:
            pass
        if count < 200_001:
            set_immediate(read)
        else:
            # The last write's callback may come before or after this.
            t.turns(4, read_all)

    def read_all() -> None:
        t.log("count", count)
        release()
        os.close(reader)
        socket.destroy()

    reader, writer = _reader_and_writer(t)
    socket = _made(t, "drain", fd=writer, readable=False)
    t.log("write", socket.write(t.fill(200_000), callback=t.callback("written")), socket.writable_length)
    t.log("more", socket.write("!", callback=t.callback("more written")))
    release = t.hold()
    set_immediate(read)


def writing_end_is_destroyed_while_full(t: Role) -> None:
    reader, writer = _reader_and_writer(t)
    socket = _made(t, fd=writer, readable=False)
    socket.write(t.fill(200_000), callback=t.callback("written"))
    t.turns(4, lambda: socket.destroy() and None)
    socket.on("close", lambda _: os.close(reader))


def open_both_ways(t: Role) -> None:
    socket = _made(t, fd=_both_ways(t))
    socket.write("hello")
    socket.once("data", lambda chunk: socket.destroy() and None)


def settings_of_a_pipe(t: Role) -> None:
    socket = _made(t, fd=_both_ways(t))
    same = [socket.set_no_delay(), socket.set_keep_alive(True, 1), socket.set_timeout(5)]
    t.log("same", *(it is socket for it in same))
    t.attempt("reset", lambda: socket.reset_and_destroy())
    socket.destroy()


def from_pipe_to_socket(t: Role) -> None:
    def listening() -> None:
        source.pipe(net.connect(server.address().port, "127.0.0.1").resume())

    def connected(socket: Socket) -> None:
        t.watch(socket, "peer", "data")
        server.close()

    reader, writer = _reader_and_writer(t)
    source = t.watch(net.Socket(fd=reader, writable=False), "source")
    server = t.watch(net.create_server(), "server", "-connection").listen(0, "127.0.0.1", listening)
    server.on("connection", connected)
    os.write(writer, b"through")
    os.close(writer)
