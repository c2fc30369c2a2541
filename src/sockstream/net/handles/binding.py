"""Sockets that listen: made for an address or a path, or adopted from somebody who made them."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat

__all__ = ["adopt", "duplicate", "listen_tcp", "listen_unix"]


def listen_tcp(
    address: str | None, port: int, *, backlog: int, ipv6_only: bool = False, reuse_port: bool = False
) -> socket.socket:
    """Make a socket that listens on a port.

    Args:
        address: an IP address; None for every interface: both families where there is IPv6, else IPv4.
        port: the port; 0 for any free one.
        backlog: how many connections may wait to be accepted.
        ipv6_only: leave IPv4 out at `::`.
        reuse_port: let other sockets listen at the same port, and share its connections.

    Raises:
        OSError: what the system said; `filename` is the address that was tried.
    """
    if address is not None:
        return _listen_at(address, port, backlog, ipv6_only, reuse_port)
    try:
        return _listen_at("::", port, backlog, ipv6_only, reuse_port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE or ipv6_only:
            raise
        return _listen_at("0.0.0.0", port, backlog, False, reuse_port)


def _listen_at(address: str, port: int, backlog: int, ipv6_only: bool, reuse_port: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    name = socket.getaddrinfo(address, port, family, socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4]
    sock: socket.socket | None = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(ipv6_only))
        sock.bind(name)
        sock.listen(backlog)
    except OSError as error:
        if sock is not None:
            sock.close()
        error.filename = address
        raise
    return sock


def listen_unix(path: str, *, backlog: int, readable_all: bool = False, writable_all: bool = False) -> socket.socket:
    """Make a socket that listens at a path or an abstract name.

    Args:
        path: where; a leading NUL is Linux's abstract namespace.
        backlog: how many connections may wait to be accepted.
        readable_all: let every user read from the socket's file.
        writable_all: let every user write to it, which is what connecting takes.

    Raises:
        OSError: what the system said. As in Node, a missing directory is `EACCES`.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(os.fsencode(path))
        sock.listen(backlog)
        if not path.startswith("\0"):
            _widen_mode(path, readable_all, writable_all)
    except OSError as error:
        sock.close()
        if error.errno == errno.ENOENT:  # Node: libuv says so since it exists
            raise OSError(errno.EACCES, os.strerror(errno.EACCES)) from error
        raise
    return sock


def _widen_mode(path: str, readable_all: bool, writable_all: bool) -> None:
    bits = 0
    if readable_all:
        bits |= stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
    if writable_all:
        bits |= stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    if bits:
        path_mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, path_mode | bits)


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
