"""Run by test_start_up.py: an echo server that prints, three times, a line of JSON with the modules that are loaded.

That is at 'listening', when the loop is about to wait for connections, and when the first has sent something.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

# What every program on this loop has anyway.
GIVEN = {*sys.modules, asyncio.__name__, uvloop.__name__}

from sockstream import net, run  # noqa: E402


def show() -> None:
    """Print what was loaded since."""
    print(json.dumps(sorted(set(sys.modules) - GIVEN)), flush=True)


def main() -> None:
    """Serve until killed."""

    def echo(chunk: bytes | str, socket: net.Socket) -> None:
        socket.write(chunk)
        show()

    server = net.create_server(lambda socket: socket.on("data", lambda chunk: echo(chunk, socket)))

    def listening() -> None:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        print(address.port, flush=True)
        show()
        asyncio.get_running_loop().call_soon(show)

    server.listen(0, "127.0.0.1", listening)


run(main)
