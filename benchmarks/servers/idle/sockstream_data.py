"""Echo with an idle timeout on each connection."""

from __future__ import annotations

from sockstream import net, run


def main() -> None:
    """Serve until killed."""

    def connected(socket: net.Socket) -> None:
        socket.set_timeout(60, socket.destroy)
        socket.on("data", socket.write)

    server = net.create_server(connected)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
