"""Options as types, for programs that pass them on: pyright and mypy read this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.events import once

if TYPE_CHECKING:
    from typing import Unpack

    from sockstream.net import ConnectOptions, ListenOptions, ServerOptions, SocketOptions


def make_server(**options: Unpack[ServerOptions]) -> net.Server:
    return net.create_server(**options)


def listen(server: net.Server, **options: Unpack[ListenOptions]) -> net.Server:
    return server.listen(lambda: None, **options)


def make_socket(**options: Unpack[SocketOptions]) -> net.Socket:
    return net.Socket(**options)


def connect(**options: Unpack[ConnectOptions]) -> net.Socket:
    return net.connect(**options)


async def test_options_are_passed_on() -> None:
    server_options: ServerOptions = {"allow_half_open": True, "no_delay": True}
    listen_options: ListenOptions = {"port": 0, "host": "127.0.0.1", "exclusive": True}
    async with listen(make_server(**server_options), **listen_options) as server:
        await once(server, "listening")
        socket_options: SocketOptions = {"keep_alive": True}
        assert make_socket(**socket_options).ready_state == "open"
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        connect_options: ConnectOptions = {"port": address.port, "host": address.address, "timeout": 9.5}
        socket = connect(**connect_options)
        assert socket.timeout == 9.5
        socket.destroy()
        await socket.wait_closed()
