"""Sockets that are bound or listen: made for an address or a path, or adopted from somebody who made them."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

__all__ = ["PathSocket", "adopt", "bind_tcp", "bind_unix", "duplicate", "listen_on_bound", "listen_tcp", "listen_unix"]


# -- TCP --------------------------------------------------------------------------------------------------------------


def bind_tcp(address: str, port: int, *, ipv6_only: bool = False, reuse_port: bool = False) -> socket.socket:
    """Make a socket that is bound to a port.

    Args:
        address: an IP address.
        port: the port; 0 for any free one.
        ipv6_only: leave IPv4 out at `::`.
        reuse_port: let other sockets have the same port, and share its connections.

    Raises:
        OSError: what the system said; `filename` is the address that was tried.
    """
    return _bind(address, port, None, ipv6_only, reuse_port)


def listen_tcp(
    address: str | None, port: int, *, backlog: int, ipv6_only: bool = False, reuse_port: bool = False
) -> socket.socket:
    """Make a socket that listens on a port.

    Args:
        address: an IP address; None for every interface: both families where there is IPv6, else IPv4.
        port: as for `bind_tcp`.
        backlog: how many connections may wait to be accepted.
        ipv6_only: as for `bind_tcp`.
        reuse_port: as for `bind_tcp`.

    Raises:
        OSError: what the system said; `filename` is the address that was tried.
    """
    if address is not None:
        return _bind(address, port, backlog, ipv6_only, reuse_port)
    try:
        return _bind("::", port, backlog, ipv6_only, reuse_port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE or ipv6_only:
            raise
        return _bind("0.0.0.0", port, backlog, False, reuse_port)


def _bind(address: str, port: int, backlog: int | None, ipv6_only: bool, reuse_port: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock: socket.socket | None = None
    try:
        name = _numeric_name(address, port, family)
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(ipv6_only))
        sock.bind(name)
        if backlog is not None:
            sock.listen(backlog)
    except OSError as error:
        if sock is not None:
            sock.close()
        error.filename = address
        raise
    return sock


def _numeric_name(address: str, port: int, family: int) -> Any:
    try:
        found = socket.getaddrinfo(address, port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # libuv: a zone there is none of is no zone
        return (address.partition("%")[0], port)
    return found[0][4]


# -- Unix sockets -----------------------------------------------------------------------------------------------------


class PathSocket(socket.socket):
    """A Unix socket that unlinks the path it was bound to when it is closed."""

    # Where it is in the file system until it is closed, and which file that was.
    path: str | None = None
    _file: tuple[int, int] | None = None

    @classmethod
    def bound_to(cls, path: str) -> Self:
        """Make one and bind it.

        Args:
            path: where; a leading NUL is Linux's abstract namespace.

        Raises:
            OSError: what the system said. As in Node, a missing directory is `EACCES`.
        """
        sock = cls(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(os.fsencode(path))
        except OSError as error:
            sock.close()
            if error.errno == errno.ENOENT:  # Node: libuv says so since it exists
                raise OSError(errno.EACCES, os.strerror(errno.EACCES)) from error
            raise
        if not path.startswith("\0"):
            sock.path, sock._file = path, _file_at(path)
        return sock

    def close(self) -> None:
        """Unlink the path and close the socket."""
        self._unlink()
        super().close()

    def detach(self) -> int:
        """Unlink the path and give the descriptor away: uvloop's transports close it by themselves."""
        self._unlink()
        return super().detach()

    def _unlink(self) -> None:
        path, self.path = self.path, None
        # Differs: Node unlinks whatever is there now.
        if path is not None and _file_at(path) == self._file:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _file_at(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        found = os.lstat(path)
        return found.st_dev, found.st_ino
    return None


def bind_unix(path: str) -> socket.socket:
    """Make a socket that is bound to a path or an abstract name; a path is unlinked when the socket is closed.

    Args:
        path: where; a leading NUL is Linux's abstract namespace.

    Raises:
        OSError: what the system said. As in Node, a missing directory is `EACCES`.
    """
    return PathSocket.bound_to(path)


def listen_unix(path: str, *, backlog: int, readable_all: bool = False, writable_all: bool = False) -> socket.socket:
    """Make a socket that listens at a path or an abstract name; a path is unlinked when the socket is closed.

    Args:
        path: as for `bind_unix`.
        backlog: how many connections may wait to be accepted.
        readable_all: let every user read from the socket's file.
        writable_all: let every user write to it, which is what connecting takes.

    Raises:
        OSError: what the system said. As in Node, a missing directory is `EACCES`.
    """
    sock = bind_unix(path)
    listen_on_bound(sock, backlog, readable_all=readable_all, writable_all=writable_all)
    return sock


def listen_on_bound(
    sock: socket.socket, backlog: int, *, readable_all: bool = False, writable_all: bool = False
) -> None:
    """Let a socket that `bind_tcp` or `bind_unix` has made listen, or close it.

    Args:
        sock: the socket.
        backlog: how many connections may wait to be accepted.
        readable_all: as for `listen_unix`; of no effect without a path.
        writable_all: as for `listen_unix`; of no effect without a path.

    Raises:
        OSError: what the system said.
    """
    try:
        sock.listen(backlog)
        if isinstance(sock, PathSocket) and sock.path is not None:
            _widen_mode(sock.path, readable_all, writable_all)
    except OSError:
        sock.close()
        raise


def _widen_mode(path: str, readable_all: bool, writable_all: bool) -> None:
    bits = 0
    if readable_all:
        bits |= stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
    if writable_all:
        bits |= stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    if bits:
        path_mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, path_mode | bits)


# -- what somebody else has made --------------------------------------------------------------------------------------


def adopt(descriptor: int) -> socket.socket:
    """Make a socket of a descriptor, which it owns from now on.

    Raises:
        OSError: `EINVAL`: the descriptor is not open, or is no stream socket.
    """
    sock: socket.socket | None = None
    with contextlib.suppress(OSError):
        sock = socket.socket(fileno=descriptor)
    if sock is None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    if sock.type != socket.SOCK_STREAM:
        sock.detach()
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return sock


def duplicate(descriptor: int) -> socket.socket:
    """Make a socket of a copy of a descriptor that somebody keeps.

    Raises:
        OSError: the descriptor is not open, or is no stream socket.
    """
    copy = os.dup(descriptor)
    try:
        return adopt(copy)
    except OSError:
        os.close(copy)
        raise
