"""Broadcast: what one client sends is written to all."""

from __future__ import annotations

from sockstream import net, run

clients: set[net.Socket] = set()


def send_to_all(chunk: bytes | str) -> None:
    """Write a chunk to every client."""
    for client in clients:
        client.write(chunk)


def join(socket: net.Socket) -> None:
    """Let a client take part as long as it is connected."""
    clients.add(socket)
    socket.on("data", send_to_all)
    socket.on("close", lambda _: clients.discard(socket))


def main() -> None:
    """Serve until killed."""
    server = net.create_server(join, no_delay=True)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
