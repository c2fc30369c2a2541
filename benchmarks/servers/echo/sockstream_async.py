"""Echo: the async style."""

from __future__ import annotations

from sockstream import net, run


async def echo(socket: net.Socket) -> None:
    """Write back what comes, with backpressure, until the client ends."""
    async for chunk in socket:
        socket.write(chunk)
        await socket.drain()


async def main() -> None:
    """Serve until killed."""
    server = await net.start_server(echo, port=0, host="127.0.0.1")
    address = server.address()
    assert isinstance(address, net.AddressInfo)
    print(address.port, flush=True)


run(main)
