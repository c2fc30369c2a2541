"""What handles over a socket of the kernel's share, whoever moves the bytes."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, Any, TypeAlias

from sockstream.net.addresses import endpoint
from sockstream.net.handles.base import Handle

if TYPE_CHECKING:
    from sockstream.loop import Runtime
    from sockstream.net.addresses import Endpoint

__all__ = ["LINGER_ZERO", "KernelHandle", "PeerName"]

# A socket's family, and the address that the socket module has for a peer of that.
PeerName: TypeAlias = tuple[int, Any]

# What makes a close a reset.
LINGER_ZERO = struct.pack("ii", 1, 0)


class KernelHandle(Handle):
    """A TCP or Unix connection."""

    __slots__ = ("_local", "_peer_family", "_peer_name", "_runtime", "_socket")

    def __init__(self, runtime: Runtime, sock: socket.socket, peer_name: PeerName | None) -> None:
        """Take a connected socket, which the handle closes.

        Args:
            runtime: of the running loop.
            sock: the socket.
            peer_name: the peer's address as `accept` gave it: it may not be there to ask for later; or None.
        """
        self._runtime = runtime
        # None once it was let go of.
        self._socket: socket.socket | None = sock
        self._local: Endpoint = None
        # Made an endpoint of where it is asked for.
        family_and_name: tuple[int, Any] = peer_name if peer_name is not None else (0, None)
        self._peer_family, self._peer_name = family_and_name

    @property
    def is_tcp(self) -> bool:
        return self._socket is not None and self._socket.family in (socket.AF_INET, socket.AF_INET6)

    @property
    def local_address(self) -> Endpoint:
        if self._local is None and self._socket is not None:
            try:
                self._local = endpoint(self._socket.family, self._socket.getsockname())
            except OSError:
                return None
        return self._local

    @property
    def remote_address(self) -> Endpoint:
        if self._peer_name is None and self._socket is not None:
            try:
                self._peer_family, self._peer_name = self._socket.family, self._socket.getpeername()
            except OSError:
                return None
        return endpoint(self._peer_family, self._peer_name)

    def fileno(self) -> int:
        return -1 if self._socket is None else self._socket.fileno()

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise OSError(errno.EBADF, "the connection is closed")
        return self._socket

    def get_option(self, level: int, name: int) -> int:
        return self._open_socket().getsockopt(level, name)

    def set_option(self, level: int, name: int, value: int) -> None:
        self._open_socket().setsockopt(level, name, value)
