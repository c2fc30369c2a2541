"""From what `listen` was told to a socket that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import InvalidArgTypeError, SockstreamError, system_error
from sockstream.net.addresses import check_unix_path
from sockstream.net.handles.binding import adopt, duplicate, listen_tcp, listen_unix

if TYPE_CHECKING:
    import socket

    from sockstream.net.options import ListenTarget

__all__ = ["make_listening_socket"]


def make_listening_socket(target: ListenTarget, address: str | None) -> socket.socket:
    """Bind and listen, or take over what is bound already.

    Args:
        target: where; a server in `handle` has been replaced by its descriptor's owner.
        address: the IP address that the target's host stands for, if it has one.

    Raises:
        SystemCallError: what the system refused; its syscall is `'listen'`.
        InvalidArgTypeError: there is no descriptor in `handle`.
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
        return _listen_on_handle(target.handle, target.backlog)
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


def _listen_on_handle(handle: Any, backlog: int) -> socket.socket:
    if hasattr(handle, "getsockname") and hasattr(handle, "accept"):  # a socket.socket: ours once it listens
        handle.listen(backlog)
        return handle  # type: ignore[no-any-return]
    descriptor = getattr(handle, "fd", None)
    if isinstance(descriptor, int) and not isinstance(descriptor, bool):
        return _listen_or_give_back(adopt(descriptor), backlog)
    if not hasattr(handle, "fileno"):
        wanted = "a Server, a Socket, a socket.socket or an object with a descriptor"
        raise InvalidArgTypeError("handle", wanted, handle)
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
