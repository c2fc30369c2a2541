"""Send this very file to a client by hand, and confirm what it says.

By hand, each chunk that the file gives is written whatever `write` answers: False means that it waits in our memory.
With `--pipe` the file waits instead until the client has taken what is there (backpressure).

When a client has ended, the server no longer keeps the program alive; at the second connection it closes.
Run it, then talk to it with `telnet localhost 8431`.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import sockstream
from sockstream import fs, net

say = partial(print, flush=True)


def main(options: argparse.Namespace) -> None:
    """Start the server."""
    server = net.create_server()
    numbers = count(1)

    @server.on("connection")
    def connected(socket: net.Socket) -> None:
        number = next(numbers)
        say(f"connection {number}")
        send = send_piped if options.pipe else send_by_hand
        send(options.file, socket)
        answer(socket, server)
        if number == 2:
            server.close()

    server.on("close", lambda: say("the server has closed"))
    server.listen(options.port, options.host, lambda: say(f"listening on {server.address()}"))


def send_by_hand(path: Path, socket: net.Socket) -> None:
    """Write each chunk as it comes."""
    file = fs.create_read_stream(path)

    @file.on("data")
    def send(chunk: bytes) -> None:
        flag = socket.write(chunk)
        say(f"write returned {flag}, {socket.buffer_size} bytes are buffered")


def send_piped(path: Path, socket: net.Socket) -> None:
    """Write at the client's pace; the socket stays open for the confirmations."""
    file = fs.create_read_stream(path)
    file.on("end", lambda: say(f"piped {file.bytes_read} bytes, {socket.buffer_size} bytes are buffered"))
    file.pipe(socket, end=False)


def answer(socket: net.Socket, server: net.Server) -> None:
    """Confirm each message, and tell how the connection ends."""

    @socket.on("data")
    def confirm(message: bytes) -> None:
        say(f"message: {message.decode(errors='replace').strip()}")
        socket.write(f"{len(message)} bytes arrived\n")

    @socket.on("error")
    def failed(error: Exception) -> None:
        say(f"error: {getattr(error, 'code', error)}")

    @socket.on("end")
    def ended() -> None:
        say("the client has ended")
        server.unref()

    @socket.on("close")
    def closed(had_error: bool) -> None:
        say("closed after an error" if had_error else "closed cleanly")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--file", type=Path, default=__file__, help="what to send")
    parser.add_argument("--pipe", action="store_true", help="honour backpressure")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
