"""An echo server in the async style: a task for each client, a line at a time, with a limit on silence.

Run it, then talk to it with `telnet localhost 8431`, or run `async_client.py`.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from functools import partial

import sockstream
from sockstream import net

say = partial(print, flush=True)


async def main(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C, which cancels every task and so closes every socket."""
    async with await net.start_server(port=options.port, host=options.host) as server, asyncio.TaskGroup() as clients:
        say(f"listening on {server.address()}")
        async for socket in server:
            clients.create_task(serve(socket, options.idle))


async def serve(socket: net.Socket, idle: float) -> None:
    """Send each line back until the client ends, fails, or is silent for too long."""
    name = f"{socket.remote_address}:{socket.remote_port}"
    say(f"{name} connected")
    try:
        async with socket:
            await echo(socket, idle)
        say(f"{name} has ended")
    except TimeoutError:
        say(f"{name} was silent for {idle:g} s")
    except OSError as error:
        say(f"{name} failed: {error}")
    except asyncio.CancelledError:
        say(f"{name} was cut off")
        raise


async def echo(socket: net.Socket, idle: float) -> None:
    """Send each line back as it came."""
    while True:
        async with asyncio.timeout(idle):
            line = await socket.readline()
        if not line:
            return
        socket.write(line)
        await socket.drain()


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("--idle", type=float, default=30, help="seconds a client may be silent")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
