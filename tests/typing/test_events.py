"""What an editor knows of listeners: pyright reads this file, and `assert_type` fails there."""

from __future__ import annotations

from typing import assert_type

from sockstream.net import Server, Socket
from sockstream.net.drop import DropInfo


def check_socket(socket: Socket) -> None:
    socket.on("data", lambda chunk: assert_type(chunk, bytes | str))
    socket.on("error", lambda error: assert_type(error, Exception))
    socket.on("close", lambda had_error: assert_type(had_error, bool))
    socket.on("connection_attempt", lambda ip, port, family: assert_type((ip, port, family), tuple[str, int, int]))
    assert_type(socket.on("end", lambda: None), Socket)

    @socket.on("data")
    def known_to_be_bytes(chunk: bytes) -> int:
        return len(chunk)

    assert_type(known_to_be_bytes(b""), int)


def check_server(server: Server) -> None:
    server.on("connection", lambda socket: assert_type(socket, Socket))
    server.on("drop", lambda info: assert_type(info, DropInfo | None))


async def test_the_listeners_of_an_event_are_typed() -> None:
    socket, server = Socket(), Server()
    check_socket(socket)
    check_server(server)
    assert socket.event_names() == ["data", "error", "close", "connection_attempt", "end"]
    assert server.event_names() == ["connection", "drop"]
    socket.destroy()
