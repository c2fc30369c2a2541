"""Relay: two pipelines, awaited."""

from __future__ import annotations

import asyncio
import sys

from sockstream import net, run
from sockstream.stream import pipeline

TARGET = int(sys.argv[1])


async def relay(client: net.Socket) -> None:
    """Connect to the target and pipe both ways."""
    upstream = net.connect(TARGET, "127.0.0.1", allow_half_open=True)
    await asyncio.gather(pipeline(client, upstream), pipeline(upstream, client))


def main() -> None:
    """Serve until killed."""
    server = net.create_server(relay, allow_half_open=True)

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)

    server.listen(0, "127.0.0.1", listening)


run(main)
