"""The types of the options of servers, sockets, `listen` and `connect`: for annotations; nothing else needs them."""

from __future__ import annotations

import os  # noqa: TC003  # get_type_hints() looks for it here
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict, Union

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sockstream.abort import AbortSignal
    from sockstream.net.block_list import BlockList
    from sockstream.net.bound_socket import BoundSocket
    from sockstream.net.handles.base import Handle
    from sockstream.net.on_read import OnRead
    from sockstream.net.server import Server
    from sockstream.net.socket import Socket

__all__ = [
    "Adoptable",
    "ConnectOptions",
    "ConnectTcpOptions",
    "HasFd",
    "HasFileno",
    "ListenElsewhere",
    "ListenFlags",
    "ListenOptions",
    "Listener",
    "Lookup",
    "Port",
    "ServerOptions",
    "SocketOptions",
    "StartOptions",
    "StrPath",
    "TargetOptions",
    "TcpOptions",
]

Listener: TypeAlias = Callable[..., object]
StrPath: TypeAlias = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Port: TypeAlias = int | str
Lookup: TypeAlias = Callable[..., "Awaitable[Any] | None"]


class HasFd(Protocol):
    """An object with a descriptor that is given away with it, as Node's handles are."""

    fd: int


class HasFileno(Protocol):
    """An object that keeps a descriptor of its own."""

    def fileno(self) -> int:
        """Return the descriptor."""
        ...


Adoptable: TypeAlias = Union["BoundSocket", "Server", "Socket", "Handle", socket.socket, HasFd, HasFileno]


class ServerOptions(TypedDict, total=False):
    """What `Server` takes."""

    allow_half_open: bool
    pause_on_connect: bool
    high_water_mark: int | None
    no_delay: bool
    keep_alive: bool
    keep_alive_initial_delay: float
    block_list: BlockList | None


class ListenFlags(TypedDict, total=False):
    """What `Server.listen` takes besides where to listen."""

    exclusive: bool
    ipv6_only: bool
    reuse_port: bool
    readable_all: bool
    writable_all: bool
    signal: AbortSignal | None


class ListenElsewhere(ListenFlags, total=False):
    """What `Server.listen` takes besides a port."""

    path: StrPath | None
    fd: int | None
    handle: Adoptable | None


class ListenOptions(ListenElsewhere, total=False):
    """What `Server.listen` takes by keyword."""

    port: Port | None
    host: str | None
    backlog: int


class SocketOptions(TypedDict, total=False):
    """What `Socket` takes."""

    allow_half_open: bool
    block_list: BlockList | None
    fd: int | None
    handle: Adoptable | None
    keep_alive: bool
    keep_alive_initial_delay: float
    no_delay: bool
    onread: OnRead | None
    readable: bool
    writable: bool
    signal: AbortSignal | None
    type_of_service: int | None
    high_water_mark: int | None


class TcpOptions(TypedDict, total=False):
    """What `Socket.connect` takes besides a port and a host."""

    family: int | str | None
    hints: int | None
    local_address: str | None
    local_port: int | None
    lookup: Lookup | None
    auto_select_family: bool | str | None
    auto_select_family_attempt_timeout: float | None


class TargetOptions(TcpOptions, total=False):
    """What `Socket.connect` takes by keyword."""

    port: Port | None
    host: str | None
    path: StrPath | None


class ConnectTcpOptions(SocketOptions, TcpOptions, total=False):
    """What `connect` takes besides a port and a host."""

    timeout: float | None


class ConnectOptions(ConnectTcpOptions, TargetOptions, total=False):
    """What `connect` takes by keyword: the options of a socket and of its connecting."""


class StartOptions(ServerOptions, ListenOptions, total=False):
    """What `start_server` takes."""
