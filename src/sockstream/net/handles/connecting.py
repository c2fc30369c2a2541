"""One attempt to connect: a socket, from its making to its connection."""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any

from sockstream.net.addresses import is_ip, socket_family
from sockstream.net.handles import poller

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.loop import Runtime
    from sockstream.net.handles.poller import Poller

__all__ = ["Attempt", "bound_attempt", "bound_version", "ip_attempt", "unix_attempt"]


class Attempt:
    """A non-blocking connect, watched by the poller, or by the loop where there is none.

    It reports exactly once, by one of two callbacks and from the loop, unless it is refused at once or cancelled.
    """

    __slots__ = ("_descriptor", "_name", "_on_connected", "_on_failed", "_poller", "_runtime", "_socket", "_watching")

    def __init__(self, runtime: Runtime, sock: socket.socket, name: tuple[Any, ...] | bytes | None) -> None:
        """Take a socket and the name of what to connect it to.

        Args:
            runtime: of the running loop.
            sock: not connected; the attempt closes it if it fails or is cancelled.
            name: as `socket.connect` takes it; None for an address that the socket cannot be connected to.
        """
        self._runtime = runtime
        # None once it was given away or closed.
        self._socket: socket.socket | None = sock
        self._descriptor = sock.fileno()
        self._name = name
        self._watching = False
        # There while it is what watches.
        self._poller: Poller | None = None
        self._on_connected: Callable[[socket.socket], object] | None = None
        self._on_failed: Callable[[OSError], object] | None = None

    def start(self, on_connected: Callable[[socket.socket], object], on_failed: Callable[[OSError], object]) -> int:
        """Begin; `on_connected` gets the socket, `on_failed` the system's error.

        Returns:
            0; or the number of what the system refuses at once, and then nothing is reported. A refused connection is
            reported, and so is whatever a Unix socket's fails with.
        """
        assert self._socket is not None
        self._on_connected, self._on_failed = on_connected, on_failed
        number = self._connect_now(self._socket)
        if number == errno.EINPROGRESS:
            self._watch()
        elif number in (0, errno.ECONNREFUSED) or self._socket.family == socket.AF_UNIX:
            # libuv: told on the loop's next turn.
            self._runtime.loop.call_soon(self._report, number)
        else:
            self.cancel()
            return number
        return 0

    def _connect_now(self, sock: socket.socket) -> int:
        if self._name is None:
            return errno.EINVAL
        try:
            sock.setblocking(False)
            return sock.connect_ex(self._name)
        except OSError as error:  # a name that is too long
            return error.errno or errno.EINVAL

    def _watch(self) -> None:
        self._watching = True
        if poller.is_available:
            try:
                self._poller = poller.acquire(self._runtime.loop)
            except OSError:  # no descriptor is left for one
                pass
            else:
                self._poller.watch(self._descriptor, self, poller.WRITABLE)
                return
        self._runtime.loop.add_writer(self._descriptor, self._decided)

    def ready(self, events: int, /) -> None:
        """Take the decision's edge from the poller."""
        self._decided()

    def _decided(self) -> None:
        assert self._socket is not None
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number != 0 or self._poller is None:
            self._stop_watching()
            self._report(number)
            return
        # The connection's handle takes over what is watched, in most cases.
        self._watching = False
        mine, self._poller = self._poller, None
        self._report(0)
        mine.forget(self._descriptor, self)
        mine.release()

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
            mine, self._poller = self._poller, None
            if mine is None:
                self._runtime.loop.remove_writer(self._descriptor)
            else:
                mine.forget(self._descriptor, self)
                mine.release()

    def cancel(self) -> None:
        """Give up: nothing will be reported."""
        self._stop_watching()
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()


def ip_attempt(
    runtime: Runtime, address: str, port: int, local_address: str | None, local_port: int | None, version: int = 0
) -> Attempt:
    """Prepare to connect to an IP address.

    Args:
        runtime: of the running loop.
        address: the address.
        port: the port.
        local_address: bind to this one first.
        local_port: bind to this one first.
        version: 4 or 6, which need not be the address's own: then the attempt is refused at once.

    Raises:
        OSError: the socket could not be made or bound.
    """
    family = socket_family(version or is_ip(address))
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if local_address is not None or local_port:
            # Node: libuv binds with it, so that a fixed local port can be used again soon.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            any_address = "::" if family == socket.AF_INET6 else "0.0.0.0"
            local = _name(local_address or any_address, local_port or 0, family)
            if local is None:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            sock.bind(local)
        return Attempt(runtime, sock, _name(address, port, family))
    except OSError:
        sock.close()
        raise


def _name(address: str, port: int, family: int) -> tuple[Any, ...] | None:
    """Return an IP address as the socket module takes it; None if it is of another family or in no zone there is."""
    if socket_family(is_ip(address)) != family:
        return None
    if "%" not in address:
        return (address, port)
    try:
        found = socket.getaddrinfo(address, port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return None
    return found[0][4]


def bound_attempt(runtime: Runtime, bound: socket.socket, address: str, port: int) -> Attempt:
    """Prepare to connect a socket that is bound already to an IP address.

    An IPv6 socket is connected to an IPv4 address by its mapped form, which is what a dual-stack one is for.  One of
    another family is refused at once, or reported if it is a Unix socket's.

    Args:
        runtime: of the running loop.
        bound: the socket; the attempt owns it.
        address: the address.
        port: the port.
    """
    if bound.family == socket.AF_INET6 and is_ip(address) == 4:
        address = f"::ffff:{address}"
    return Attempt(runtime, bound, _name(address, port, bound.family))


def bound_version(bound: socket.socket) -> int:
    """Return the only IP version whose addresses a bound socket can be connected to, 4 or 6; 0 if there is not one."""
    if bound.family != socket.AF_INET6:
        return 4 if bound.family == socket.AF_INET else 0
    if bound.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
        return 6
    address: str = bound.getsockname()[0]
    if address == "::":
        return 0
    return 4 if address.startswith("::ffff:") else 6


def unix_attempt(runtime: Runtime, path: str, bound: socket.socket | None = None) -> Attempt:
    """Prepare to connect to a Unix socket.

    Args:
        runtime: of the running loop.
        path: the path, or an abstract name after a NUL.
        bound: a socket to do it with, which is bound already; the attempt owns it.

    Raises:
        OSError: the socket could not be made, or the bound one is no Unix socket.
    """
    if bound is not None and bound.family != socket.AF_UNIX:
        bound.close()
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return Attempt(runtime, bound or socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), os.fsencode(path))
