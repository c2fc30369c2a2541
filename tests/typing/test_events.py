"""What an editor knows of listeners: pyright reads this file, and `assert_type` fails there."""

from __future__ import annotations

from typing import TypeAlias, assert_type

import pytest

from sockstream.events import EventEmitter
from sockstream.fs import ReadStream, WriteStream
from sockstream.net import DropInfo, Server, Socket
from sockstream.stream import Duplex, Readable, Transform, Writable

LookedUp: TypeAlias = tuple[Exception | None, str | None, int | None, str]
Attempt: TypeAlias = tuple[str, int, int]
Failed: TypeAlias = tuple[str, int, int, Exception]


def check_socket(socket: Socket) -> None:
    socket.on("lookup", lambda err, address, family, host: assert_type((err, address, family, host), LookedUp))
    socket.on("connection_attempt", lambda ip, port, family: assert_type((ip, port, family), Attempt))
    socket.on("connection_attempt_timeout", lambda ip, port, family: assert_type((ip, port, family), Attempt))
    socket.on("connection_attempt_failed", lambda ip, port, family, err: assert_type((ip, port, family, err), Failed))
    assert_type(socket.on("connect", lambda: None).on("ready", lambda: None), Socket)
    socket.on("data", lambda chunk: assert_type(chunk, bytes | str))
    assert_type(socket.on("end", lambda: None).on("timeout", lambda: None), Socket)
    socket.on("pipe", lambda source: assert_type(source, Readable))
    socket.on("unpipe", lambda source: assert_type(source, Readable))
    socket.on("error", lambda error: assert_type(error, Exception))
    socket.on("close", lambda had_error: assert_type(had_error, bool))


def check_every_way_to_listen(socket: Socket) -> None:
    socket.add_listener("close", lambda had_error: assert_type(had_error, bool))
    socket.once("close", lambda had_error: assert_type(had_error, bool))
    socket.prepend_listener("close", lambda had_error: assert_type(had_error, bool))
    assert_type(socket.prepend_once_listener("close", lambda had_error: assert_type(had_error, bool)), Socket)


def check_server(server: Server) -> None:
    assert_type(server.on("listening", lambda: None), Server)
    server.on("connection", lambda socket: assert_type(socket, Socket))
    server.once("drop", lambda info: assert_type(info, DropInfo | None))
    server.prepend_listener("error", lambda error: assert_type(error, Exception))
    assert_type(server.on("close", lambda: None), Server)


def check_streams(readable: Readable, writable: Writable, duplex: Duplex) -> None:
    readable.on("error", lambda error: assert_type(error, Exception))
    assert_type(readable.once("end", lambda: None).on("close", lambda: None), Readable)
    writable.on("pipe", lambda source: assert_type(source, Readable))
    assert_type(writable.once("drain", lambda: None).on("finish", lambda: None), Writable)
    duplex.once("unpipe", lambda source: assert_type(source, Readable))
    assert_type(duplex.on("readable", lambda: None).on("drain", lambda: None), Duplex)


def check_files(reading: ReadStream, writing: WriteStream) -> None:
    reading.on("open", lambda fd: assert_type(fd, int))
    writing.once("open", lambda fd: assert_type(fd, int))
    assert_type(writing.on("ready", lambda: None), WriteStream)


def check_what_a_program_knows_better(socket: Socket) -> None:
    @socket.on("data")
    def known_to_be_bytes(chunk: bytes) -> int:
        return len(chunk)

    @socket.prepend_listener("data")
    async def known_to_be_text(chunk: str) -> int:
        return len(chunk)

    assert_type(known_to_be_bytes(b""), int)
    assert_type(socket.on("error", lambda error: assert_type(error, Exception)).off("data", known_to_be_bytes), Socket)
    assert_type(socket.off("data", known_to_be_text), Socket)
    assert_type(socket.on("an event of its own", lambda one, two: None), Socket)


def check_emitting(socket: Socket, server: Server) -> None:
    assert_type(socket.emit("data", b"x"), bool)
    assert_type(socket.emit("an event of its own", 1, 2), bool)
    assert_type(server.emit("connection", socket), bool)


class Loud(Socket):
    """A subclass may have methods of its own, in the emitter's own form."""

    def emit(self, name: str, *args: object) -> bool:
        return super().emit(name, *args)


async def test_the_listeners_of_an_event_are_typed() -> None:
    socket, server, duplex = Loud(), Server(), Duplex(read=lambda size: None)
    check_socket(socket)
    check_server(server)
    check_streams(duplex, duplex, duplex)
    assert [socket.listener_count(name) for name in ("lookup", "data", "close")] == [1, 1, 1]
    check_every_way_to_listen(socket)
    check_what_a_program_knows_better(socket)
    assert [socket.listener_count(name) for name in ("lookup", "data", "close")] == [1, 1, 5]
    assert server.event_names() == ["listening", "connection", "drop", "error", "close"]
    server.remove_all_listeners()
    check_emitting(socket.remove_all_listeners(), server)
    socket.destroy()
    duplex.remove_all_listeners().destroy()


@pytest.mark.parametrize("cls", [Socket, Server, Readable, Writable, Duplex, Transform, ReadStream, WriteStream])
@pytest.mark.parametrize(
    "name", ["on", "add_listener", "once", "prepend_listener", "prepend_once_listener", "off", "emit"]
)
def test_at_run_time_there_is_nothing_of_it(cls: type[EventEmitter], name: str) -> None:
    assert getattr(cls, name) is getattr(EventEmitter, name)
