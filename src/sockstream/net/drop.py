"""What a server tells of a connection that it did not take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sockstream.net.addresses import AddressInfo, endpoint

if TYPE_CHECKING:
    import socket

__all__ = ["DropInfo", "drop_info"]


class DropInfo(NamedTuple):
    """A connection that was dropped because the server has as many as it may have.

    Attributes:
        local_address: this end's IP address.
        local_port: this end's port.
        local_family: `'IPv4'` or `'IPv6'`.
        remote_address: the peer's IP address.
        remote_port: the peer's port.
        remote_family: `'IPv4'` or `'IPv6'`.
    """

    local_address: str | None
    local_port: int | None
    local_family: str | None
    remote_address: str | None
    remote_port: int | None
    remote_family: str | None


def drop_info(sock: socket.socket, peer: Any) -> DropInfo | None:
    """Describe an accepted socket that is about to be dropped; None for a Unix socket.

    Args:
        sock: the socket.
        peer: the peer's address as `accept` gave it.
    """
    local, remote = endpoint(sock.family, sock.getsockname()), endpoint(sock.family, peer)
    if not isinstance(local, AddressInfo):
        return None
    there = remote if isinstance(remote, AddressInfo) else (None, None, None)
    return DropInfo(*local, *there)
