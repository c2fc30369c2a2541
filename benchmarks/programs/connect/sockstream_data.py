"""Connects, sends one message, takes it back, ends.  Arguments: how many at a time, the message's size, port."""

from __future__ import annotations

import sys

from sockstream import net, run

CONNECTIONS, SIZE, PORT = map(int, sys.argv[1:])
MESSAGE = bytes(index % 256 for index in range(SIZE))


def begin(_: bool = False) -> None:
    """Open a connection, and the next when it is closed."""
    received = bytearray()

    def data(chunk: bytes) -> None:
        received.extend(chunk)
        if len(received) >= SIZE:
            assert received == MESSAGE
            socket.end()

    socket: net.Socket = net.connect(PORT, "127.0.0.1", lambda: socket.write(MESSAGE))
    socket.on("data", data)
    socket.on("close", begin)


def main() -> None:
    """Open connections until killed."""
    print(0, flush=True)
    for _ in range(CONNECTIONS):
        begin()


run(main)
