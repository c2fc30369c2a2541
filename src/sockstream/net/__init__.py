"""TCP and Unix-socket servers and clients. Node: `net`."""

from __future__ import annotations

from sockstream.net.addresses import AddressInfo, is_ip, is_ipv4, is_ipv6
from sockstream.net.block_list import BlockList
from sockstream.net.bound_socket import BoundSocket
from sockstream.net.drop import DropInfo
from sockstream.net.families import (
    get_default_auto_select_family,
    get_default_auto_select_family_attempt_timeout,
    set_default_auto_select_family,
    set_default_auto_select_family_attempt_timeout,
)
from sockstream.net.functions import connect, create_connection, create_server, open_connection, start_server
from sockstream.net.lookup import LookupAddress, LookupOptions
from sockstream.net.on_read import OnRead
from sockstream.net.options import ConnectOptions, ListenOptions, ServerOptions, SocketOptions
from sockstream.net.server import Server
from sockstream.net.socket import Socket
from sockstream.net.socket_address import SocketAddress

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
