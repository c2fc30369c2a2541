"""Making servers in one call, in both styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sockstream.loop import current
from sockstream.net.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from sockstream.net.options import ServerOptions, StartOptions

__all__ = ["create_server", "start_server"]

# Those of `start_server` that are the constructor's: the keys of ServerOptions, which is for type checkers.
_SERVER_OPTIONS: Final = frozenset(
    {
        "allow_half_open",
        "block_list",
        "high_water_mark",
        "keep_alive",
        "keep_alive_initial_delay",
        "no_delay",
        "pause_on_connect",
    }
)


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
    made = {name: given.pop(name) for name in tuple(given) if name in _SERVER_OPTIONS}
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
