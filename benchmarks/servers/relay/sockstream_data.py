"""Relay by hand: each chunk of 'data' is written to the other side, which holds it up until 'drain'."""

from __future__ import annotations

import sys

from sockstream import net, run

TARGET = int(sys.argv[1])


def forward(source: net.Socket, destination: net.Socket) -> None:
    """Write what one side sends to the other."""

    def on_data(chunk: bytes | str) -> None:
        if not destination.write(chunk):
            source.pause()

    source.on("data", on_data)
    destination.on("drain", source.resume)
    source.on("end", destination.end)


def relay(client: net.Socket) -> None:
    """Connect to the target and forward both ways."""
    upstream = net.connect(TARGET, "127.0.0.1", allow_half_open=True)
    forward(client, upstream)
    forward(upstream, client)


def main() -> None:
    """Serve until killed."""
    server = net.create_server(relay, allow_half_open=True)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
