"""What the scenarios about misuse share: tables of calls, and what comes before and after the next tick.

misuse.js is its twin.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream import net
from sockstream.timers import next_tick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sockstream.net import Server, Socket
    from tests.node.lib import Role

__all__ = [
    "LOCAL",
    "NUMBERS",
    "ODD",
    "attempt",
    "moments",
    "nothing",
    "port_of",
    "quiet",
    "steps",
    "table",
    "watched",
    "with_connections",
]

LOCAL = "127.0.0.1"
# What is of the wrong type in nearly every place.
ODD: dict[str, Any] = {"text": "odd", "true": True, "list": [], "object": {}}
NUMBERS: dict[str, Any] = {"negative": -1, "fraction": 1.5, "nan": math.nan, "infinite": math.inf}


def nothing(*_: object) -> None:
    """Listen, and do nothing."""


def table(t: Role, values: Mapping[str, Any], call: Callable[[Any], object]) -> None:
    """Log a row for each value: what the call raises, or 'fine'."""
    for name, value in values.items():
        attempt(t, name, partial(call, value))


def attempt(t: Role, name: str, call: Callable[[], object]) -> None:
    outcome: object = "fine"
    try:
        call()
    except Exception as error:
        outcome = error
    t.log(name, outcome)


def watched(t: Role, name: str, socket: Socket | None = None) -> Socket:
    """Return a socket whose errors and end are logged."""
    socket = net.Socket() if socket is None else socket
    socket.on("error", lambda error: t.log(f"{name} emits", error))
    socket.on("close", lambda _: t.log(f"{name} closed"))
    return socket


def quiet(socket: Socket | None = None) -> Socket:
    socket = net.Socket() if socket is None else socket
    return socket.on("error", nothing)


def moments(t: Role, name: str, call: Callable[[], object]) -> None:
    """Call, and log the next tick: what the call emits or calls back comes before it or after it."""
    attempt(t, name, call)
    next_tick(lambda: t.log(f"{name}: tick"))


def steps(t: Role, *steps: Callable[[], object]) -> None:
    """Run one step after another; each has a few turns of the loop to itself."""
    rest = list(steps)
    release = t.hold()

    def following() -> None:
        if not rest:
            release()
            return
        rest.pop(0)()
        t.turns(4, following)

    following()


def port_of(server: Server) -> int:
    address: Any = server.address()
    port: int = address.port
    return port


def with_connections(t: Role, *steps: tuple[str, Callable[[Socket, str], object]]) -> None:
    """Run steps with a connection: each gets a new connected socket, and ends when it has closed."""
    rest = list(steps)
    release = t.hold()

    def following() -> None:
        if not rest:
            server.close()
            release()
            return
        name, step = rest.pop(0)
        socket = watched(t, name, net.connect(port_of(server), LOCAL))
        socket.on("close", lambda _: t.turns(4, following))
        socket.resume().on("ready", lambda: step(socket, name) and None)

    server = net.create_server(lambda peer: quiet(peer).resume() and None).listen(0, LOCAL, following)
