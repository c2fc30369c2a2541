"""A server that runs a command for each client, as inetd does: the socket is its input, its output goes to the socket.

Run it with a command, such as `run_command.py tr a-z A-Z`, then talk to it with `nc -N localhost 8431`.
"""

from __future__ import annotations

import argparse
import asyncio
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from functools import partial

import sockstream
from sockstream import net, stream

say = partial(print, flush=True)


async def main(options: argparse.Namespace) -> None:
    """Serve until Ctrl-C, which cancels every task and so ends every command."""
    # Half-open: a client that has sent all it had still waits for the output.
    server = await net.start_server(port=options.port, host=options.host, allow_half_open=True)
    async with server, asyncio.TaskGroup() as clients:
        say(f"listening on {server.address()}")
        async for socket in server:
            clients.create_task(serve(socket, options.command))


async def serve(socket: net.Socket, command: list[str]) -> None:
    """Run the command for one client, until it ends or the client is gone."""
    name = f"{socket.remote_address}:{socket.remote_port}"
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    except OSError as error:
        say(f"{name} gets nothing: {command[0]}: {error.strerror}")
        socket.destroy()
        return
    try:
        await connect(socket, process)
    except BaseException as error:
        with suppress(ProcessLookupError):
            process.terminate()
        if isinstance(error, asyncio.CancelledError):
            raise
        say(f"{name} failed: {error}")
    finally:
        socket.destroy_soon()
        # asyncio waits for the pipes as well: what nobody wanted to read must be read.
        await process.communicate()
    say(f"{name} is done, the command returned {process.returncode}")


async def connect(socket: net.Socket, process: Process) -> None:
    """Pipe the socket into the command, and its output back; the connection lasts as long as the output."""
    assert process.stdin is not None
    assert process.stdout is not None
    commands_input = stream.from_asyncio(process.stdin)
    # A command that wants no more (EPIPE) may have more to say.
    commands_input.on("error", lambda error: say(f"the command's input: {error}"))
    socket.pipe(commands_input)
    try:
        await stream.pipeline(stream.from_asyncio(process.stdout), socket)
    finally:
        commands_input.destroy()


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--port", type=int, default=8431, help="0 is a free one")
    parser.add_argument("--host", default="localhost", help="address to listen on")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run, with its arguments")
    options = parser.parse_args()
    options.command = options.command or ["cat"]
    return options


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sockstream.run(main, parse())
