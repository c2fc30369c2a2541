"""Echo: each socket piped into itself."""

from __future__ import annotations

from sockstream import net, run


def main() -> None:
    """Serve until killed."""
    server = net.create_server(lambda socket: socket.pipe(socket))

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
