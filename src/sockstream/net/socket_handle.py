"""From what the user has (a descriptor, a stdlib socket, a handle) to a handle."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgTypeError, InvalidFdTypeError, OutOfRangeError
from sockstream.net.handles.base import Handle
from sockstream.net.handles.binding import adopt, duplicate
from sockstream.net.handles.transport import TransportHandle

if TYPE_CHECKING:
    import socket

    from sockstream.loop import Runtime

__all__ = ["make_handle"]


def make_handle(runtime: Runtime, fd: int | None, given: Any, no_delay: bool) -> Handle | None:
    """Make the handle of a new socket, if it was given a connection.

    Args:
        runtime: of the running loop.
        fd: the `fd` option.
        given: the `handle` option.
        no_delay: whether Nagle's algorithm is to be off.

    Raises:
        InvalidFdTypeError: the descriptor is no stream socket.
        InvalidArgTypeError: there is no descriptor in it.
    """
    if isinstance(given, Handle):
        return given
    if given is not None:
        sock = _socket_of(given)
    elif fd is not None:
        if isinstance(fd, bool) or not isinstance(fd, int):
            raise InvalidArgTypeError("fd", "an int", fd)
        if fd < 0:
            raise OutOfRangeError("fd", "0 or more", fd)
        sock = _adopt(fd)
    else:
        return None
    handle = TransportHandle(runtime, sock, no_delay=no_delay)
    handle.open()
    return handle


def _socket_of(given: Any) -> socket.socket:
    if hasattr(given, "getsockname") and hasattr(given, "detach"):
        return given  # type: ignore[no-any-return]  # a socket.socket: ours from now on
    descriptor = getattr(given, "fd", None)
    if isinstance(descriptor, int) and not isinstance(descriptor, bool):
        return _adopt(descriptor)
    if hasattr(given, "fileno"):
        try:
            return duplicate(given.fileno())
        except OSError as error:
            raise InvalidFdTypeError(_kind(given.fileno())) from error
    raise InvalidArgTypeError("handle", "a socket or an object with a descriptor", given)


def _adopt(fd: int) -> socket.socket:
    try:
        return adopt(fd)
    except OSError as error:
        raise InvalidFdTypeError(_kind(fd)) from error


def _kind(fd: int) -> str:
    """Name what a descriptor is in Node's words."""
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        return "INVALID"
    if stat.S_ISREG(mode):
        return "FILE"
    if stat.S_ISFIFO(mode):
        return "PIPE"
    if stat.S_ISCHR(mode):
        return "TTY" if os.isatty(fd) else "FILE"
    return "UNKNOWN"
