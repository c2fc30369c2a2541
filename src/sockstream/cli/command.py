"""The command line: arguments, options, exit codes."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sockstream import __version__, run
from sockstream.cli.connect import connect
from sockstream.cli.endpoint import parse_endpoint
from sockstream.cli.listen import Settings, listen
from sockstream.cli.report import Report, describe
from sockstream.cli.stdio import OutputClosed, occupy_closed
from sockstream.errors import SockstreamError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sockstream.cli.endpoint import Endpoint

__all__ = ["sockstream"]


def to_endpoint(context: click.Context, parameter: click.Parameter, value: str) -> Endpoint:
    """Parse an argument that says where, or fail as wrong usage does."""
    try:
        return parse_endpoint(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


SECONDS = click.FloatRange(min=0, min_open=True)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
OLD_FILE = click.Path(dir_okay=False, path_type=Path, exists=True, readable=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def sockstream() -> None:
    """TCP and Unix sockets on the command line.

    Who connected, how much went each way and how fast is told on stderr. The exit code is 0, 1 after a network error,
    2 for wrong usage.
    """


@sockstream.command("listen")
@click.argument("endpoint", callback=to_endpoint, metavar="[HOST:]PORT | PATH")
@click.option("--echo", is_flag=True, help="Send back what comes.")
@click.option("--discard", is_flag=True, help="Read and forget what comes.")
@click.option("--save", type=NEW_FILE, metavar="FILE", help="Append what all clients send to FILE.")
@click.option(
    "--send",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="Send FILE to each client.",
)
@click.option("--max-connections", type=click.IntRange(min=1), metavar="N", help="Drop clients beyond N.")
@click.option("--timeout", type=SECONDS, metavar="SECONDS", help="Close a connection that is silent for so long.")
@click.option("--half-open", is_flag=True, help="Keep sending what is typed to a client that has ended its side.")
@click.option("--keep-alive", type=SECONDS, metavar="SECONDS", help="Probe a peer that is silent for so long.")
@click.option("--hex", "as_hex", is_flag=True, help="Show what comes as a hex dump.")
@click.option("--once", is_flag=True, help="Serve one connection, then end.")
def listen_command(endpoint: Endpoint, **options: Any) -> None:
    """Listen and serve every client, until Ctrl-C.

    Without --echo, --discard, --save or --send: what is typed goes to every client, and what comes is shown with
    the address of its sender.

    A PATH is a Unix socket's; @NAME is one in Linux's abstract namespace. Port 0 is a free port.
    """
    modes = [name for name in ("echo", "discard", "save", "send") if options[name]]
    if len(modes) > 1:
        raise click.UsageError(" and ".join(f"--{name}" for name in modes) + " exclude each other")
    if options["save"] is not None:
        _check_appendable(options["save"])
    perform(listen, endpoint, Settings(**options))


@sockstream.command("connect")
@click.argument("endpoint", callback=to_endpoint, metavar="HOST:PORT | PATH")
@click.option("--timeout", type=SECONDS, metavar="SECONDS", help="Give up when there is no traffic for so long.")
@click.option("--hex", "as_hex", is_flag=True, help="Write a hex dump of what comes.")
def connect_command(endpoint: Endpoint, *, timeout: float | None, as_hex: bool) -> None:
    """Connect, send standard input and write what comes to standard output.

    The end of the input ends our side only: what the peer still sends is waited for.
    """
    perform(connect, endpoint, timeout=timeout, as_hex=as_hex)


def _check_appendable(path: Path) -> None:
    try:
        path.open("ab").close()
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--save") from None


def perform(program: Callable[..., Awaitable[object]], endpoint: Endpoint, *args: Any, **kwargs: Any) -> NoReturn:
    """Run one of the programs in a loop, and end the process with its exit code."""
    occupy_closed()
    report = Report()

    async def main() -> object:
        # Both end it cleanly: sockets are closed, a Unix server's path is unlinked. As Node does, SIGINT is taken even
        # where it came ignored, as to the background jobs of a shell script.
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await program(endpoint, report, *args, **kwargs)

    try:
        ended_well = run(main)
    except (KeyboardInterrupt, asyncio.CancelledError, OutputClosed):
        sys.exit(0)
    except (OSError, SockstreamError) as error:
        report.say(f"sockstream: {describe(error)}")
        sys.exit(1)
    finally:
        report.close()
    sys.exit(1 if ended_well is False else 0)
