"""Listen, and tell of each connection twice: once in the listener that was given, once through the event.

Run it, then talk to it with `telnet localhost 8431` or `nc localhost 8431`.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial

import sockstream
from sockstream import net

say = partial(print, flush=True)


def main(options: argparse.Namespace) -> None:
    """Start the server."""

    def greet(socket: net.Socket) -> None:
        say(f"a connection, told to the listener: {socket.remote_address}:{socket.remote_port}")

    server = net.create_server(greet)

    @server.on("connection")
    def connected(socket: net.Socket) -> None:
        say(f"a connection, told through the event: {socket.remote_address}:{socket.remote_port}")

    server.listen(options.port, options.host, options.backlog, lambda: say(f"listening on {server.address()}"))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--backlog", type=int, default=511, help="connections that may wait to be accepted")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
