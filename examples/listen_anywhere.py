"""One server, listening wherever a server can: on a port, a Unix path, a descriptor, a socket, another server.

    python examples/listen_anywhere.py port path fd socket server

The descriptor is one that we were started with; systemd gives the first as 3:

    systemd-socket-activate -l 8432 python examples/listen_anywhere.py fd
"""

from __future__ import annotations

import argparse
import socket as stdlib
from contextlib import suppress
from functools import partial

import sockstream
from sockstream import net

say = partial(print, flush=True)


def main(options: argparse.Namespace) -> None:
    """Start a server for each place that was named."""
    for place in options.places:
        listen(place, options)


def listen(place: str, options: argparse.Namespace) -> None:
    """Start the server at one of the places."""
    server = net.create_server(lambda socket: socket.end(f"hello from {place}\n").resume())
    server.on("listening", lambda: say(f"{place}: listening on {server.address()}"))
    server.on("error", lambda error: say(f"{place}: {error}"))
    match place:
        case "port":
            server.listen(options.port, options.host)
        case "path":
            server.listen(options.path)
        case "fd":
            server.listen(fd=options.fd)
        case "socket":
            server.listen(bound_socket(options.host))
        case "server":
            first = net.create_server()
            first.listen(0, options.host, lambda: server.listen(first))


def bound_socket(host: str) -> stdlib.socket:
    """Make a socket as the standard library does; the server takes it over."""
    bound = stdlib.socket()
    bound.bind((host, 0))
    return bound


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    places = ["port", "path", "fd", "socket", "server"]
    parser.add_argument("places", nargs="*", default=["port", "path", "socket", "server"], help=" ".join(places))
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one (default: %(default)s)")
    parser.add_argument("--host", default="localhost", help="address to listen on (default: %(default)s)")
    parser.add_argument("--path", default="hello.sock", help="Unix path to listen on (default: %(default)s)")
    parser.add_argument("--fd", type=int, default=3, help="descriptor to listen on (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
