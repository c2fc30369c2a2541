"""One attempt to connect: a socket, from its making to its connection."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.loop import Runtime

__all__ = ["Attempt", "ip_attempt", "unix_attempt"]


class Attempt:
    """A non-blocking connect, watched by the loop.

    It reports exactly once, by one of two callbacks and from the loop, unless it is cancelled.
    """

    __slots__ = ("_descriptor", "_name", "_on_connected", "_on_failed", "_runtime", "_socket", "_watching", "began")

    def __init__(self, runtime: Runtime, sock: socket.socket, name: tuple[Any, ...] | bytes) -> None:
        """Take a socket and the name of what to connect it to.

        Args:
            runtime: of the running loop.
            sock: not connected; the attempt closes it if it fails or is cancelled.
            name: as `socket.connect` takes it.
        """
        self._runtime = runtime
        # None once it was given away or closed.
        self._socket: socket.socket | None = sock
        self._descriptor = sock.fileno()
        self._name = name
        self._watching = False
        # The kernel took it on; what it refuses at once never began.
        self.began = False
        self._on_connected: Callable[[socket.socket], object] | None = None
        self._on_failed: Callable[[OSError], object] | None = None

    def start(self, on_connected: Callable[[socket.socket], object], on_failed: Callable[[OSError], object]) -> None:
        """Begin; `on_connected` gets the socket, `on_failed` the system's error."""
        assert self._socket is not None
        self._on_connected, self._on_failed = on_connected, on_failed
        number = self._connect_now(self._socket)
        self.began = number in (0, errno.EINPROGRESS, errno.ECONNREFUSED)
        if number == errno.EINPROGRESS:
            self._watching = True
            self._runtime.loop.add_writer(self._descriptor, self._decided)
        else:
            self._runtime.loop.call_soon(self._report, number)

    def _connect_now(self, sock: socket.socket) -> int:
        try:
            sock.setblocking(False)
            return sock.connect_ex(self._name)
        except OSError as error:  # a name that is too long, an address of another family
            return error.errno or errno.EINVAL

    def _decided(self) -> None:
        self._stop_watching()
        assert self._socket is not None
        self._report(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def _report(self, number: int) -> None:
        sock, self._socket = self._socket, None
        if sock is None:  # cancelled meanwhile
            return
        assert self._on_connected is not None
        assert self._on_failed is not None
        if number == 0:
            self._on_connected(sock)
        else:
            sock.close()
            self._on_failed(OSError(number, os.strerror(number)))

    def _stop_watching(self) -> None:
        if self._watching:
            self._watching = False
            self._runtime.loop.remove_writer(self._descriptor)

    def cancel(self) -> None:
        """Give up: nothing will be reported."""
        self._stop_watching()
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()


def ip_attempt(runtime: Runtime, address: str, port: int, local_address: str | None, local_port: int | None) -> Attempt:
    """Prepare to connect to an IP address.

    Args:
        runtime: of the running loop.
        address: the address.
        port: the port.
        local_address: bind to this one first.
        local_port: bind to this one first.

    Raises:
        OSError: the socket could not be made or bound.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if local_address is not None or local_port:
            # Node: libuv binds with it, so that a fixed local port can be used again soon.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            any_address = "::" if family == socket.AF_INET6 else "0.0.0.0"
            sock.bind(_name(local_address or any_address, local_port or 0, family))
        return Attempt(runtime, sock, _name(address, port, family))
    except OSError:
        sock.close()
        raise


def _name(address: str, port: int, family: int) -> tuple[Any, ...]:
    """Return an IP address as the socket module takes it, its zone resolved."""
    if "%" not in address:
        return (address, port)
    return socket.getaddrinfo(address, port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4]


def unix_attempt(runtime: Runtime, path: str) -> Attempt:
    """Prepare to connect to a Unix socket: a path, or an abstract name after a NUL."""
    return Attempt(runtime, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), os.fsencode(path))
