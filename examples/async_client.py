"""A client in the async style: it sends lines, and waits for each answer only so long.

Run it against `async_echo.py`, or `sockstream listen 8431 --echo`.
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
    """Ask, then listen to what else comes."""
    try:
        async with asyncio.timeout(options.patience):
            socket = await net.open_connection(options.port, options.host)
        async with socket:
            await ask(socket, options.lines, options.patience)
            socket.end()
            async for chunk in socket:
                say(f"then: {chunk!r}")
        say("closed")
    except TimeoutError:
        say(f"no answer within {options.patience:g} s")
    except OSError as error:
        say(f"error: {getattr(error, 'code', error)}")


async def ask(socket: net.Socket, lines: list[str], patience: float) -> None:
    """Send each line and print the one that answers it."""
    for line in lines:
        socket.write(f"{line}\n")
        async with asyncio.timeout(patience):
            answer = await socket.readline()
        say(f"{line} -> {answer.decode().strip()}")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("lines", nargs="*", default=["你好", "再见"], help="what to send")
    parser.add_argument("--port", type=int, default=8431, help="port to connect to")
    parser.add_argument("--host", default="localhost", help="host to connect to")
    parser.add_argument("--patience", type=float, default=5, help="seconds to wait for an answer")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
