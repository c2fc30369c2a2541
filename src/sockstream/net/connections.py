"""Making connections in one call, in both styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, overload

from sockstream.loop import current
from sockstream.net.checks import check_seconds
from sockstream.net.socket import Socket

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from sockstream.net.options import ConnectOptions, ConnectTcpOptions, Port, SocketOptions, StrPath

__all__ = ["connect", "create_connection", "open_connection"]

# Those of `connect` that are the constructor's: the keys of SocketOptions, which is for type checkers.
_SOCKET_OPTIONS: Final = frozenset(
    {
        "allow_half_open",
        "block_list",
        "fd",
        "handle",
        "high_water_mark",
        "keep_alive",
        "keep_alive_initial_delay",
        "no_delay",
        "onread",
        "readable",
        "signal",
        "type_of_service",
        "writable",
    }
)


@overload
def connect(
    port: Port,
    host: str | Callable[..., object] | None = None,
    listener: Callable[..., object] | None = None,
    **options: Unpack[ConnectTcpOptions],
) -> Socket: ...
@overload
def connect(
    path: StrPath, listener: Callable[..., object] | None = None, **options: Unpack[SocketOptions]
) -> Socket: ...
@overload
def connect(listener: Callable[..., object] | None = None, **options: Unpack[ConnectOptions]) -> Socket: ...
def connect(*args: Any, listener: Callable[..., object] | None = None, **options: Any) -> Socket:
    """Make a socket and connect it.

    The forms are `(port, host, listener)` and `(path, listener)`, where what follows the first may be left out, and
    keyword arguments alone.

    Args:
        *args: one of the forms above.
        listener: a listener of `'connect'`.
        **options: those of `Socket` and of `Socket.connect`, and `timeout` in seconds.

    Returns:
        The socket.

    Raises:
        SockstreamError: what `Socket` and `Socket.connect` raise.

    Node: `net.connect`, `net.createConnection`.
    """
    made = {name: options.pop(name) for name in tuple(options) if name in _SOCKET_OPTIONS}
    timeout = options.pop("timeout", None)
    if timeout is not None:
        check_seconds("timeout", timeout)
    socket = Socket(**made)
    if timeout:
        socket.set_timeout(timeout)
    begin: Callable[..., Socket] = socket.connect
    return begin(*args, listener=listener, **options)


create_connection = connect


@overload
async def open_connection(port: Port, host: str | None = None, **options: Unpack[ConnectTcpOptions]) -> Socket: ...
@overload
async def open_connection(path: StrPath, **options: Unpack[SocketOptions]) -> Socket: ...
@overload
async def open_connection(**options: Unpack[ConnectOptions]) -> Socket: ...
async def open_connection(*args: Any, **options: Any) -> Socket:
    """Connect, and wait until that is done. Cancelling destroys the socket.

    Args:
        *args: those of `connect`.
        **options: those of `connect`.

    Returns:
        The connected socket.

    Raises:
        OSError: why it could not be connected; the socket is destroyed.

    Example:
        >>> async with await open_connection(8431) as socket:
        ...     socket.write("hi")

    Node: `net.promises.connect`.
    """
    socket = connect(*args, **options)
    waiter = current().loop.create_future()

    def connected() -> None:
        # The peer may end the connection before the caller's task runs: from now on its address stays known.
        socket._peer()
        if not waiter.done():
            waiter.set_result(None)

    def failed(error: BaseException) -> None:
        if not waiter.done():
            waiter.set_exception(error)

    def closed(_: bool) -> None:
        failed(socket.errored or ConnectionAbortedError("the socket was destroyed before it was connected"))

    socket.on("connect", connected).on("error", failed).on("close", closed)
    try:
        await waiter
    except BaseException:
        socket.destroy()
        raise
    finally:
        socket.off("connect", connected).off("error", failed).off("close", closed)
    return socket
