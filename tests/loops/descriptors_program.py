"""Run by test_descriptors.py: an echo server that runs out of descriptors while clients connect.

Prints a line of JSON: how many clients were served in the end, and what was logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import resource
import socket as kernel
import sys
from typing import Any

from sockstream import net

LOCAL = "127.0.0.1"


class Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record's text."""
        self.messages.append(record.getMessage())


async def main(free_by: str) -> dict[str, Any]:
    """Fill the descriptor table, let clients come, free descriptors, and count who was served."""
    kept = Kept()
    logging.getLogger("sockstream").addHandler(kept)
    server = await net.start_server(lambda socket: socket.pipe(socket), port=0, host=LOCAL)
    address = server.address()
    assert isinstance(address, net.AddressInfo)
    first = await net.open_connection(address.port, LOCAL)
    first.write("x")
    await first.readexactly(1)
    # Four clients that have their descriptor; the server has none left for its ends.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    clients = [kernel.socket() for _ in range(4)]
    used = max(int(name) for name in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, hard))
    fillers = []
    with contextlib.suppress(OSError):
        while True:
            fillers.append(os.dup(0))
    loop = asyncio.get_running_loop()
    for client in clients:
        client.setblocking(False)
        await loop.sock_connect(client, address[:2])
        await loop.sock_sendall(client, b"hi")
    listener = server._listener
    assert listener is not None
    while not listener.is_starved:  # noqa: ASYNC110  # there is no event for it
        await asyncio.sleep(0)
    cpu = os.times().user
    await asyncio.sleep(0.3)
    spent = os.times().user - cpu
    connections = await server.get_connections()
    if free_by == "socket":
        first.destroy()
    else:
        os.close(fillers.pop())
    # One descriptor is free: one client after the other is served as the one before goes.
    served = 0
    waiting = {asyncio.ensure_future(loop.sock_recv(client, 2)): client for client in clients}
    while waiting:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            served += task.result() == b"hi"
            waiting.pop(task).close()
    still_listening = server.listening
    server.close()
    first.destroy()
    await server.wait_closed()
    return {
        "served": served,
        "connections": connections,
        "messages": kept.messages,
        "spent": spent,
        "listening": still_listening,
        "starved": listener.is_starved,
    }


if __name__ == "__main__":
    factory = asyncio.new_event_loop
    if sys.argv[1] == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        result = runner.run(main(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    print(json.dumps(result))
