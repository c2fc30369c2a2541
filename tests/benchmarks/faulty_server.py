"""An echo server with one fault, which the argument names; it shows in every message."""

from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "changes": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "swaps": lambda data: data[1:] + data[:1],
    "doubles": lambda data: data + data,
    "closes": lambda data: data[:-1],
    "complains": lambda data: data,
}


def serve(client: socket.socket, fault: str) -> None:
    with client:
        while data := client.recv(65536):
            if fault == "complains":
                print("something is wrong", file=sys.stderr, flush=True)
            client.sendall(FAULTS[fault](data))
            if fault == "closes":
                return


def main(fault: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0], fault), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
