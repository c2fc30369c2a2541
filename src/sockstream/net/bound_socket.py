"""A socket that is bound, and neither listens nor is connected yet."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    SocketHandleAdoptedError,
    system_error,
)
from sockstream.net.addresses import AddressInfo, check_unix_path, endpoint, is_ip, to_unix_path
from sockstream.net.checks import check_flag, check_port
from sockstream.net.families import narrow
from sockstream.net.handles.binding import bind_tcp, bind_unix
from sockstream.net.handles.connecting import bound_version

if TYPE_CHECKING:
    import socket
    from types import TracebackType
    from typing import Self

    from sockstream.net.addresses import Endpoint
    from sockstream.net.options import Port, StrPath
    from sockstream.net.targets import ConnectTarget

__all__ = ["BoundSocket"]


class BoundSocket:
    """A socket bound to an address or a path, for a server or a client to take over. Node: `net.BoundSocket`.

    It is bound when this returns; no running loop is needed. `server.listen(bound)` makes it listen,
    `Socket(handle=bound)` connects from its address. Whoever takes it over owns it, and closes it even when that
    listening or connecting fails.

    As for each server, `SO_REUSEADDR` is set: the kernel lets several sockets be bound to one port, and only one of
    them listen.

    Args:
        host: an IP address, `'::'` for every interface and both families; None for every interface and IPv4, or IPv6
            with `ipv6_only`.
        port: the port; 0 for any free one.
        ipv6_only: leave IPv4 out at `::`.
        reuse_port: let other sockets have the same port, and share its connections.
        path: a path, or an abstract name after a NUL, instead of host and port. A path is unlinked when whoever owns
            it then closes it.

    Raises:
        SocketBadPortError: the port is not in 0 to 65535.
        InvalidArgTypeError: an argument of the wrong type.
        InvalidArgValueError: the host is no IP address; a path is empty, or comes with a host, a port or their flags.
        SystemCallError: what the system refused; its syscall is `'bind'`.

    Example:
        >>> with BoundSocket(host="127.0.0.1") as bound:
        ...     bound.address().address
        '127.0.0.1'
    """

    __slots__ = ("__weakref__", "_is_adopted", "_path", "_socket", "_where")

    def __init__(
        self,
        *,
        host: str | None = None,
        port: Port = 0,
        ipv6_only: bool = False,
        reuse_port: bool = False,
        path: StrPath | None = None,
    ) -> None:
        # None once it was given away or closed.
        self._socket: socket.socket | None = None
        self._is_adopted = False
        # Where it was bound when it was taken over, until it is let go.
        self._where: Endpoint = None
        self._path = _check_path(path)
        check_flag("ipv6_only", ipv6_only)
        check_flag("reuse_port", reuse_port)
        number = check_port("port", port)
        if self._path is None:
            self._socket = _bind_to_port(host, number, ipv6_only, reuse_port)
        elif self._path == "":
            raise InvalidArgValueError("path", path, "must not be empty")
        elif host is not None or number or ipv6_only or reuse_port:
            raise InvalidArgValueError("path", path, "cannot be combined with a host, a port or their flags")
        else:
            self._socket = _bind_to_path(self._path)

    def __repr__(self) -> str:
        if self._socket is None or self._is_adopted:
            return f"<{type(self).__name__} {'adopted' if self._is_adopted else 'closed'}>"
        where = self.address()
        return f"<{type(self).__name__} {f'{where[0]}:{where[1]}' if isinstance(where, AddressInfo) else repr(where)}>"

    @property
    def is_pipe(self) -> bool:
        """Whether it is bound to a path. Node: `boundSocket.isPipe`."""
        return self._path is not None

    def address(self) -> Endpoint:
        """Return where it is bound: an `AddressInfo`, or the path.

        Raises:
            SocketHandleAdoptedError: a server or a socket has taken it over, or it is closed.

        Node: `boundSocket.address`.
        """
        sock = self._check_adoptable()
        return self._path if self._path is not None else endpoint(sock.family, sock.getsockname())

    def fd(self) -> int:
        """Return the descriptor, which stays this object's.

        Raises:
            SocketHandleAdoptedError: a server or a socket has taken it over, or it is closed.

        Node: `boundSocket.fd`.
        """
        return self._check_adoptable().fileno()

    def close(self) -> None:
        """Close the descriptor, and unlink the path; again: does nothing.

        Raises:
            SocketHandleAdoptedError: a server or a socket has taken it over.

        Node: `boundSocket.close`.
        """
        if self._is_adopted:
            raise SocketHandleAdoptedError
        self._let_go()

    def __enter__(self) -> Self:
        """Return the socket; it is closed when the block is left, unless it was taken over."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the socket, unless it was taken over."""
        if not self._is_adopted:
            self.close()

    def __del__(self) -> None:
        """Warn if it was forgotten, and close it."""
        if getattr(self, "_socket", None) is not None:  # a call with unknown arguments has made nothing
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
            self._let_go()

    # -- for servers and sockets --------------------------------------------------------------------------------------

    def _check_adoptable(self) -> socket.socket:
        """Return the socket that can be taken over.

        Raises:
            SocketHandleAdoptedError: somebody has done so, or it is closed.
        """
        if self._is_adopted or self._socket is None:
            raise SocketHandleAdoptedError
        return self._socket

    def _adopt(self) -> Endpoint:
        """Note that it is taken over, and return where it is bound; raises as `_check_adoptable` does."""
        self._check_adoptable()
        self._where = self.address()
        self._is_adopted = True
        return self._where

    def _narrow(self, target: ConnectTarget) -> None:
        """Leave only those addresses of a target that the socket can be connected to; raises as `narrow` does."""
        if self._socket is not None and target.path is None:
            narrow(target, bound_version(self._socket))

    def _take(self) -> socket.socket | None:
        """Give what was taken over away; None if that was done before."""
        sock, self._socket = self._socket, None
        return sock

    def _let_go(self) -> None:
        """Close what was taken over, unless it was given away."""
        sock = self._take()
        if sock is not None:
            sock.close()


def _check_path(value: object) -> str | None:
    if value is not None and not isinstance(value, (str, bytes, os.PathLike)):
        raise InvalidArgTypeError("path", "a str, bytes or path-like", value)
    return None if value is None else to_unix_path(value)


def _bind_to_port(host: object, port: int, ipv6_only: bool, reuse_port: bool) -> socket.socket:
    if host is not None and not isinstance(host, str):
        raise InvalidArgTypeError("host", "a str", host)
    if host is not None and not is_ip(host):
        raise InvalidArgValueError("host", host, "must be an IP address: names are not looked up")
    try:
        # Node: unlike a server, a bound socket is of one family unless told otherwise.
        return bind_tcp(host or ("::" if ipv6_only else "0.0.0.0"), port, ipv6_only=ipv6_only, reuse_port=reuse_port)
    except OSError as error:
        raise system_error(error, "bind", address=error.filename, port=port or None) from error


def _bind_to_path(path: str) -> socket.socket:
    try:
        check_unix_path(path)
        return bind_unix(path)
    except OSError as error:
        raise system_error(error, "bind", address=path, port=-1) from error  # Node: a path has the port -1
