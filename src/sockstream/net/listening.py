"""From what `listen` was told to a socket that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgValueError, SockstreamError, system_error
from sockstream.net.addresses import AddressInfo, check_unix_path
from sockstream.net.handles.binding import adopt, duplicate, listen_on_bound, listen_tcp, listen_unix

if TYPE_CHECKING:
    import socket

    from sockstream.net.bound_socket import BoundSocket
    from sockstream.net.targets import ListenTarget

__all__ = ["check_handle", "make_listening_socket", "taken_descriptor"]


def check_handle(handle: Any) -> None:
    """Raise unless there is something in a handle that could listen.

    Raises:
        SocketHandleAdoptedError: a bound socket that was taken over before.
        InvalidArgValueError: it is closed, not connected, or has no descriptor at all.
    """
    from sockstream.net.bound_socket import BoundSocket  # most servers are given a port

    if isinstance(handle, BoundSocket):
        handle._check_adoptable()
    elif not hasattr(handle, "fileno"):
        wanted = "must be a BoundSocket, a Server, a Socket, a socket.socket or an object with a descriptor"
        raise InvalidArgValueError("handle", handle, wanted)
    elif handle.fileno() < 0:
        raise InvalidArgValueError("handle", handle, "has no open descriptor")


def taken_descriptor(target: ListenTarget) -> int | None:
    """Return the descriptor that listening takes over from somebody, None if it takes over none."""
    if target.fd is not None or not _is_kernel_socket(target.handle):
        return target.fd
    number: int = target.handle.fileno()
    return number


def make_listening_socket(target: ListenTarget, address: str | None) -> socket.socket:
    """Bind and listen, or take over what is bound already.

    Args:
        target: where; a server in `handle` has been replaced by its descriptor's owner.
        address: the IP address that the target's host stands for, if it has one.

    Raises:
        SystemCallError: what the system refused; its syscall is `'listen'`. What was given stays the giver's then, but
            for a bound socket, which is closed.
        SocketHandleAdoptedError: a bound socket that was taken over before.
    """
    try:
        return _make(target, address)
    except SockstreamError:
        raise
    except OSError as error:
        if target.path is not None:  # Node: a path has the port -1
            raise system_error(error, "listen", address=target.path, port=-1) from error
        raise system_error(error, "listen", address=error.filename, port=target.port or None) from error


def _make(target: ListenTarget, address: str | None) -> socket.socket:
    if target.handle is not None:
        return _listen_on_handle(target.handle, target)
    if target.fd is not None:
        return _listen_or_give_back(adopt(target.fd), target.backlog)
    if target.path is not None:
        check_unix_path(target.path)
        return listen_unix(
            target.path, backlog=target.backlog, readable_all=target.readable_all, writable_all=target.writable_all
        )
    return listen_tcp(
        address,
        target.port or 0,
        backlog=target.backlog,
        ipv6_only=target.ipv6_only,
        reuse_port=target.reuse_port,
    )


def _listen_on_bound(bound: BoundSocket, target: ListenTarget) -> socket.socket:
    where = bound._adopt()
    sock = bound._take()
    assert sock is not None
    try:
        listen_on_bound(sock, target.backlog, readable_all=target.readable_all, writable_all=target.writable_all)
    except OSError as error:
        if isinstance(where, AddressInfo):
            raise system_error(error, "listen", address=where.address, port=where.port) from error
        raise system_error(error, "listen", address=where, port=-1) from error
    return sock


def _is_kernel_socket(handle: object) -> bool:
    """Tell a `socket.socket`, whoever made its class."""
    return hasattr(handle, "getsockname") and hasattr(handle, "accept")


def _listen_on_handle(handle: Any, target: ListenTarget) -> socket.socket:
    from sockstream.net.bound_socket import BoundSocket

    backlog = target.backlog
    if isinstance(handle, BoundSocket):
        return _listen_on_bound(handle, target)
    if _is_kernel_socket(handle):  # ours once it listens
        handle.listen(backlog)
        return handle  # type: ignore[no-any-return]
    copy = duplicate(handle.fileno())
    try:
        copy.listen(backlog)
    except OSError:
        copy.close()
        raise
    return copy


def _listen_or_give_back(sock: socket.socket, backlog: int) -> socket.socket:
    """Listen, or leave the descriptor to who gave it."""
    try:
        sock.listen(backlog)
    except OSError:
        sock.detach()
        raise
    return sock
