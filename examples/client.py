"""Connect, say hello and goodbye, and print what comes back.

Run it against `sockstream listen 8431 --echo`, or `nc -l 8431`.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial

import sockstream
from sockstream import net

say = partial(print, flush=True)


def main(options: argparse.Namespace) -> None:
    """Start the client."""
    socket = net.Socket()
    socket.set_encoding("utf8")

    @socket.on("data")
    def arrived(text: str) -> None:
        say(f"received: {text}")

    @socket.on("error")
    def failed(error: Exception) -> None:
        say(f"error: {getattr(error, 'code', error)}")
        socket.destroy()

    @socket.on("close")
    def closed(had_error: bool) -> None:
        say("closed after an error" if had_error else "closed")

    def connected() -> None:
        socket.write("你好")
        say(f"bytes written: {socket.bytes_written}")
        socket.end("再见")
        # What waits in the buffer counts: perhaps nothing has left yet.
        say(f"bytes written: {socket.bytes_written}")

    socket.connect(options.port, options.host, connected)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="port to connect to")
    parser.add_argument("--host", default="localhost", help="host to connect to")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
