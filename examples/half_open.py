"""Show who sends its FIN when.

Without `--allow-half-open`, the client's FIN makes our side end as well: both are closed at once.  With it, our side
stays open until we end it: here, after the client's FIN, a megabyte is delivered first.

Run it both ways, each time with this client:

    node -e "
    const socket = require('net').connect({ port: 8431, allowHalfOpen: true }, () => socket.end('that is all'))
    let received = 0
    socket.on('finish', () => console.log('client: sent my FIN'))
    socket.on('data', chunk => received += chunk.length)
    socket.on('end', () => console.log('client: the server has sent its FIN, after', received, 'bytes'))
    socket.on('close', () => console.log('client: closed'))"
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
        socket.on("end", lambda: answer(socket))
        socket.on("finish", lambda: say(f"server: sent its FIN, after {socket.bytes_written} bytes"))
        socket.on("close", lambda had_error: say("server: closed"))
        socket.resume()

    def answer(socket: net.Socket) -> None:
        say(f"server: the client has sent its FIN, ours is {'up to us' if options.allow_half_open else 'sent too'}")
        if options.allow_half_open:
            socket.end(b"x" * options.size)

    server = net.create_server(connected, allow_half_open=options.allow_half_open)
    server.listen(options.port, options.host, lambda: say(f"listening on {server.address()}"))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one (default: %(default)s)")
    parser.add_argument("--host", default="localhost", help="address to listen on (default: %(default)s)")
    parser.add_argument("--allow-half-open", action="store_true", help="keep our side open after the client's FIN")
    parser.add_argument("--size", type=int, default=1_000_000, help="bytes to send then (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
