"""Servers and pairs of sockets for tests over real connections."""

from __future__ import annotations

import asyncio
import socket as kernel
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.events import once

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sockstream.stream import Readable, Stream

__all__ = [
    "LOCAL",
    "closed",
    "connected_pair",
    "port_of",
    "port_of_nobody",
    "read_all",
    "read_to_close",
    "serving",
    "turns",
]

LOCAL = "127.0.0.1"


def port_of(server: net.Server) -> int:
    """Return the port a server listens on."""
    address = server.address()
    assert isinstance(address, net.AddressInfo)
    return address.port


def port_of_nobody() -> int:
    """Return a port that nobody listens on."""
    with kernel.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(listener: Callable[..., object] | None = None, **options: Any) -> AsyncIterator[net.Server]:
    """Run a server at a free port of this machine; at the end destroy its connections and wait until it is closed."""
    where = {} if {"path", "fd", "handle", "port"} & set(options) else {"port": 0, "host": LOCAL}
    server = await net.start_server(listener, **where, **options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()
        for socket in tuple(server._sockets):
            socket.destroy()
        await server.wait_closed()


@asynccontextmanager
async def connected_pair(
    *, server_options: dict[str, Any] | None = None, **client_options: Any
) -> AsyncIterator[tuple[net.Socket, net.Socket]]:
    """Yield a client's socket and the server's; destroy both at the end."""
    async with serving(**(server_options or {})) as server:
        accepted = asyncio.ensure_future(once(server, "connection"))
        client = await net.open_connection(port_of(server), LOCAL, **client_options)
        (peer,) = await accepted
        try:
            yield client, peer
        finally:
            client.destroy()
            peer.destroy()
            await asyncio.gather(client.wait_closed(), peer.wait_closed(), return_exceptions=True)


async def read_all(stream: Readable) -> bytes:
    """Return all that a stream brings until its end."""
    return b"".join([chunk async for chunk in stream])


async def closed(stream: Stream) -> None:
    """Wait until a stream is closed, well or badly."""
    if not stream.closed:
        event = asyncio.get_running_loop().create_future()
        stream.once("close", lambda *_: event.set_result(None))
        await event


async def read_to_close(stream: Readable) -> Any:
    """Return all that a stream brings, once it is closed."""
    try:
        chunks = [chunk async for chunk in stream]
        return chunks[0][:0].join(chunks) if chunks else b""
    finally:
        await closed(stream)


async def turns(count: int = 5) -> None:
    """Let the loop turn a few times: for asserting that nothing more happens."""
    for _ in range(count):
        await asyncio.sleep(0)
