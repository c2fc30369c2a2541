"""A client that connects and sends a message over and over, with a fault.  Arguments: the fault, the size, the port."""

from __future__ import annotations

import socket
import sys


def message(fault: str, size: int) -> bytes:
    right = bytes(index % 256 for index in range(size))
    return {"none": right, "changes": b"!" + right[1:], "doubles": right + b"!", "ends": right[:-1]}[fault]


def main(fault: str, size: int, port: int) -> None:
    print(0, flush=True)
    data = message(fault, size)
    while True:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(data)
            client.recv(len(data))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
