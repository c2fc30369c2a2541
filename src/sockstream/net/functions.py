"""Making servers and sockets in one call, in both styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from sockstream.loop import current
from sockstream.net.checks import check_seconds
from sockstream.net.options import ServerOptions, SocketOptions
from sockstream.net.server import Server
from sockstream.net.socket import Socket

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from sockstream.net.options import (
        ConnectOptions,
        ConnectTcpOptions,
        ListenOptions,
        Port,
        StrPath,
    )

    class StartOptions(ServerOptions, ListenOptions, total=False):
        """What `start_server` takes."""


__all__ = ["connect", "create_connection", "create_server", "open_connection", "start_server"]

_SOCKET_NAMES = frozenset(SocketOptions.__annotations__)
_SERVER_NAMES = frozenset(ServerOptions.__annotations__)


def create_server(listener: Callable[..., object] | None = None, **options: Unpack[ServerOptions]) -> Server:
    """Make a server; `listen()` starts it.

    Args:
        listener: a listener of `'connection'`.
        **options: those of `Server`.

    Returns:
        The server.

    Example:
        >>> server = create_server(lambda socket: socket.pipe(socket))
        >>> server.listen(8431)

    Node: `net.createServer`.
    """
    return Server(listener, **options)


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
    made = {name: options.pop(name) for name in tuple(options) if name in _SOCKET_NAMES}
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


async def start_server(listener: Callable[..., object] | None = None, **options: Unpack[StartOptions]) -> Server:
    """Make a server, and wait until it listens. Cancelling closes it.

    Args:
        listener: a listener of `'connection'`.
        **options: those of `Server` and of `Server.listen`.

    Returns:
        The listening server.

    Raises:
        OSError: why it could not listen.

    Example:
        >>> async with await start_server(port=8431) as server:
        ...     async for socket in server:
        ...         socket.pipe(socket)

    Node: `net.promises.listen`.
    """
    given: dict[str, Any] = dict(options)
    made = {name: given.pop(name) for name in tuple(given) if name in _SERVER_NAMES}
    server = Server(listener, **made)
    waiter = current().loop.create_future()

    def listening() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def failed(error: BaseException) -> None:
        if not waiter.done():
            waiter.set_exception(error)

    server.on("listening", listening).on("error", failed)
    try:
        server.listen(**given)
        await waiter
    except BaseException:
        server.close()
        raise
    finally:
        server.off("listening", listening).off("error", failed)
    return server
