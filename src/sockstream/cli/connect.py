"""`sockstream connect`: standard input to the socket, the socket to standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream import net
from sockstream.cli.endpoint import peer_name
from sockstream.cli.hexdump import HexDump
from sockstream.cli.report import regular_size
from sockstream.cli.stdio import Stdin, Stdout
from sockstream.events import once
from sockstream.stream import Transform, finished, pipeline

if TYPE_CHECKING:
    from sockstream.cli.endpoint import Endpoint
    from sockstream.cli.report import Report

__all__ = ["connect"]


async def connect(endpoint: Endpoint, report: Report, *, timeout: float | None, as_hex: bool) -> None:
    """Connect, and return when both directions have ended.

    Args:
        endpoint: where to.
        report: tells the user.
        timeout: seconds without traffic, the connecting included, after which the connection is given up.
        as_hex: write a hex dump of what comes instead of the bytes.

    Raises:
        OSError: the network failed, or was silent for too long.
        OutputClosed: nobody reads standard output.
    """
    socket = net.connect(**endpoint.options())
    if timeout is not None:
        socket.set_timeout(timeout, lambda: socket.destroy(TimeoutError(f"no traffic for {timeout:g} s")))
    await once(socket, "connect")
    name = peer_name(socket, str(endpoint))
    report.say(f"{name} connected")
    report.watch(socket, name)
    stdin = Stdin()
    try:
        _send(stdin, socket, name, report)
        await pipeline(socket, *([_dump()] if as_hex else []), Stdout())
        await finished(socket)
    finally:
        stdin.destroy()


def _send(stdin: Stdin, socket: net.Socket, name: str, report: Report) -> None:
    """Send standard input until it ends, which ends our side, or until the peer has ended the connection."""
    stdin.pipe(socket)
    socket.once("end", lambda: stdin.unpipe(socket))
    report.follow(stdin, name, regular_size(0))


def _dump() -> Transform:
    dump = HexDump()
    return Transform(transform=lambda chunk, encoding, callback: callback(None, dump(chunk).encode()))
