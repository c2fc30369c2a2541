"""Relay: each client piped to a connection of its own to the target, and back."""

from __future__ import annotations

import sys

from sockstream import net, run

TARGET = int(sys.argv[1])


def relay(client: net.Socket) -> None:
    """Connect to the target and pipe both ways."""
    upstream = net.connect(TARGET, "127.0.0.1", allow_half_open=True)
    client.pipe(upstream)
    upstream.pipe(client)


def main() -> None:
    """Serve until killed."""
    server = net.create_server(relay, allow_half_open=True)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
