"""Have the kernel probe silent clients, so that one that vanished without a word is noticed.

Run it, connect with `nc localhost 8431`, and look with `ss --tcp --options state established 'sport = 8431'`.
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

    def connected(socket: net.Socket) -> None:
        socket.set_keep_alive(True, options.delay)
        say(f"{socket.remote_address}:{socket.remote_port} is probed after {options.delay:g} s of silence")
        socket.on("error", lambda error: say(f"error: {error.code}"))
        socket.on("close", lambda had_error: say("closed after an error" if had_error else "closed"))
        socket.resume()

    server = net.create_server(connected)
    server.listen(options.port, options.host, lambda: say(f"listening on {server.address()}"))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--delay", type=float, default=600, help="seconds of silence before the first probe")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
