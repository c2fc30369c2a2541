"""Addresses of this machine that do not answer, refuse, or answer: what a selection of addresses has to cope with.

All are at one port.  A listener whose backlog is full drops whoever wants in, so an attempt there hangs until it is
given up; the kernel would send it again after a second.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sockstream import net

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.events import EventLog

__all__ = [
    "GOOD",
    "HANG",
    "HANG6",
    "HANG_TOO",
    "NONSENSE",
    "REFUSED",
    "REFUSED6",
    "REFUSED_TOO",
    "SHORT",
    "answering",
    "closed",
    "silence",
    "start",
]

_PHASES = ("connection_attempt", "connection_attempt_failed", "connection_attempt_timeout", "connect", "error", "close")
# The attempt timeout, where nothing else is said.
SHORT = 0.01

# Nobody answers at these.
HANG = "127.0.0.1"
HANG6 = "::ffff:127.0.0.1"
HANG_TOO = "127.0.0.5"
# For who listens there.
GOOD = "127.0.0.3"
# Nobody listens at these. (127.0.0.1 would not do: an attempt from the very port it goes to connects to itself.)
REFUSED = "127.0.0.2"
REFUSED_TOO = "127.0.0.4"
REFUSED6 = "::ffff:127.0.0.2"
# An address of the other family: it is refused without being tried.
NONSENSE = {"address": REFUSED, "family": 6}


def _listen_full(stack: ExitStack, host: str, port: int) -> int:
    """Listen with a backlog that is full, and return the port."""
    listening = stack.enter_context(socket.socket())
    listening.bind((host, port))
    listening.listen(0)
    where = listening.getsockname()
    for _ in range(3):
        filler = stack.enter_context(socket.socket())
        filler.setblocking(False)
        filler.connect_ex(where)
    number: int = where[1]
    return number


@contextmanager
def silence() -> Iterator[int]:
    """Yield a port at which the addresses above behave as they say."""
    with ExitStack() as stack:
        port = _listen_full(stack, HANG, 0)
        _listen_full(stack, HANG_TOO, port)
        yield port


def answering(*addresses: object) -> Callable[..., None]:
    """Return a `lookup` that gives these addresses."""
    return lambda host, options, callback: callback(None, list(addresses))


def start(port: int, *addresses: object, log: EventLog, socket: net.Socket | None = None, **options: Any) -> net.Socket:
    """Connect to one of several addresses; log the attempts and what comes of them, without ports and families."""
    socket = net.Socket() if socket is None else socket
    for name in _PHASES:
        socket.on(name, _brief(log, name))
    where = {"port": port, "host": "many.test", "lookup": answering(*addresses)}
    return socket.connect(**{**where, "auto_select_family_attempt_timeout": SHORT, **options})


def _brief(log: EventLog, name: str) -> Callable[..., None]:
    short = name.removeprefix("connection_attempt_").replace("connection_", "")
    if name == "connection_attempt_failed":
        return lambda ip, port, family, error: log(short, ip, error.code)
    return log.entry(short) if name in ("connect", "close", "error") else lambda ip, *_: log(short, ip)


async def closed(socket: net.Socket) -> None:
    """Destroy the socket and wait until it is closed."""
    await socket.destroy().wait_closed()
