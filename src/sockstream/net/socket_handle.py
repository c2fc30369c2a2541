"""From what the user has (a descriptor, a stdlib socket, a handle) to a handle."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING, Any, Final

from sockstream.errors import InvalidArgTypeError, InvalidFdTypeError
from sockstream.net.checks import check_int
from sockstream.net.handles.base import Handle
from sockstream.net.handles.binding import adopt
from sockstream.net.handles.opening import open_handle
from sockstream.net.handles.pipe import PipeHandle, is_pipe

if TYPE_CHECKING:
    from sockstream.loop import Runtime

__all__ = ["cannot_be_read", "make_handle"]

_LARGEST_FD: Final = 2**31 - 1


def make_handle(runtime: Runtime, fd: int | None, given: Any, no_delay: bool) -> Handle | None:
    """Make the handle of a new socket, if it was given a connection.

    Args:
        runtime: of the running loop.
        fd: the `fd` option.
        given: the `handle` option.
        no_delay: whether Nagle's algorithm is to be off.

    Raises:
        InvalidFdTypeError: the descriptor is neither a stream socket's nor a pipe's; it stays the giver's.
        InvalidArgTypeError: there is no descriptor in it, or `fd` is no number.
        OutOfRangeError: `fd` is no number that a descriptor can have.
    """
    if isinstance(given, Handle):
        return given
    if given is None:
        return None if fd is None else _handle_of(runtime, check_int("fd", fd, 0, _LARGEST_FD), no_delay)
    if hasattr(given, "getsockname") and hasattr(given, "detach"):  # a socket.socket: ours from now on
        if given.fileno() < 0 or given.type != socket.SOCK_STREAM:
            raise InvalidFdTypeError(_kind(given.fileno()))
        return open_handle(runtime, given, no_delay=no_delay)
    descriptor = getattr(given, "fd", None)
    if isinstance(descriptor, int) and not isinstance(descriptor, bool):
        return _handle_of(runtime, descriptor, no_delay)
    if hasattr(given, "fileno"):
        return _handle_of_copy(runtime, given.fileno(), no_delay)
    raise InvalidArgTypeError("handle", "a socket or an object with a descriptor", given)


def cannot_be_read(handle: Handle) -> bool:
    """Return whether a handle that was just told to read has found that it never can."""
    return handle.is_lost() and isinstance(handle, PipeHandle)


def _handle_of(runtime: Runtime, fd: int, no_delay: bool) -> Handle:
    """Take a descriptor over."""
    if is_pipe(fd):
        return PipeHandle(runtime, fd)
    try:
        sock = adopt(fd)
    except OSError as error:
        raise InvalidFdTypeError(_kind(fd)) from error
    return open_handle(runtime, sock, no_delay=no_delay)


def _handle_of_copy(runtime: Runtime, fd: int, no_delay: bool) -> Handle:
    try:
        copy = os.dup(fd)
    except OSError as error:
        raise InvalidFdTypeError(_kind(fd)) from error
    try:
        return _handle_of(runtime, copy, no_delay)
    except InvalidFdTypeError:
        os.close(copy)
        raise


def _kind(fd: int) -> str:
    """Name what a descriptor is in Node's words."""
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        return "INVALID"
    if stat.S_ISREG(mode):
        return "FILE"
    if stat.S_ISCHR(mode):
        return "TTY" if os.isatty(fd) else "FILE"
    return "UNKNOWN"
