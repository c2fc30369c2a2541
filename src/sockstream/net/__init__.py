"""TCP and Unix-socket servers and clients. Node: `net`."""

from typing import TYPE_CHECKING

from sockstream.on_demand import on_demand

if TYPE_CHECKING:
    from sockstream.net.addresses import AddressInfo, is_ip, is_ipv4, is_ipv6
    from sockstream.net.block_list import BlockList
    from sockstream.net.bound_socket import BoundSocket
    from sockstream.net.connections import connect, create_connection, open_connection
    from sockstream.net.drop import DropInfo
    from sockstream.net.families import (
        get_default_auto_select_family,
        get_default_auto_select_family_attempt_timeout,
        set_default_auto_select_family,
        set_default_auto_select_family_attempt_timeout,
    )
    from sockstream.net.lookup import LookupAddress, LookupOptions
    from sockstream.net.on_read import OnRead
    from sockstream.net.options import ConnectOptions, ListenOptions, ServerOptions, SocketOptions
    from sockstream.net.server import Server
    from sockstream.net.servers import create_server, start_server
    from sockstream.net.socket import Socket
    from sockstream.net.socket_address import SocketAddress
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "addresses": ("AddressInfo", "is_ip", "is_ipv4", "is_ipv6"),
            "block_list": ("BlockList",),
            "bound_socket": ("BoundSocket",),
            "connections": ("connect", "create_connection", "open_connection"),
            "drop": ("DropInfo",),
            "families": (
                "get_default_auto_select_family",
                "get_default_auto_select_family_attempt_timeout",
                "set_default_auto_select_family",
                "set_default_auto_select_family_attempt_timeout",
            ),
            "lookup": ("LookupAddress", "LookupOptions"),
            "on_read": ("OnRead",),
            "options": ("ConnectOptions", "ListenOptions", "ServerOptions", "SocketOptions"),
            "server": ("Server",),
            "servers": ("create_server", "start_server"),
            "socket": ("Socket",),
            "socket_address": ("SocketAddress",),
        },
    )

__all__ = [
    "AddressInfo",
    "BlockList",
    "BoundSocket",
    "ConnectOptions",
    "DropInfo",
    "ListenOptions",
    "LookupAddress",
    "LookupOptions",
    "OnRead",
    "Server",
    "ServerOptions",
    "Socket",
    "SocketAddress",
    "SocketOptions",
    "connect",
    "create_connection",
    "create_server",
    "get_default_auto_select_family",
    "get_default_auto_select_family_attempt_timeout",
    "is_ip",
    "is_ipv4",
    "is_ipv6",
    "open_connection",
    "set_default_auto_select_family",
    "set_default_auto_select_family_attempt_timeout",
    "start_server",
]
