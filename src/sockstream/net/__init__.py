"""TCP and Unix-socket servers and clients. Node: `net`."""

from __future__ import annotations

from sockstream.net.addresses import AddressInfo, is_ip, is_ipv4, is_ipv6
from sockstream.net.connect import (
    get_default_auto_select_family,
    get_default_auto_select_family_attempt_timeout,
    set_default_auto_select_family,
    set_default_auto_select_family_attempt_timeout,
)
from sockstream.net.drop import DropInfo
from sockstream.net.functions import connect, create_connection, create_server, open_connection, start_server
from sockstream.net.lookup import LookupAddress, LookupOptions
from sockstream.net.options import ConnectOptions, ListenOptions, ServerOptions, SocketOptions
from sockstream.net.server import Server
from sockstream.net.socket import Socket

__all__ = [
    "AddressInfo",
    "ConnectOptions",
    "DropInfo",
    "ListenOptions",
    "LookupAddress",
    "LookupOptions",
    "Server",
    "ServerOptions",
    "Socket",
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
