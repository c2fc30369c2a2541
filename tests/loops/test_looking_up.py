"""Looking names up on the way to a connection: who answers, how often, too late or never.

What a look-up is asked and may answer is compared with Node in `tests/node/scenarios/net_lookup.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import sockstream
from sockstream import net, timers
from sockstream.loop import current
from tests.support.net import serving, turns
from tests.support.selection import GOOD, REFUSED, REFUSED_TOO, closed, silence, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.events import EventLog


@pytest.fixture
def port() -> Iterator[int]:
    """The port at which the addresses behave as `tests.support.selection` says."""
    with silence() as number:
        yield number


async def test_a_lookup_that_raises(event_log: EventLog) -> None:
    mine = ValueError("mine")

    def lookup(host: str, options: net.LookupOptions, callback: Callable[..., None]) -> None:
        asyncio.get_running_loop().call_soon(callback, None, REFUSED)
        raise mine

    socket = net.Socket()
    event_log.watch(socket, "lookup", "error", "close")
    with pytest.raises(ValueError, match="mine"):
        socket.connect(port=9, host="x", lookup=lookup)
    await turns()
    # As if connect() had not been called: it may be called again.
    assert (event_log, socket.connecting, current().references, current().resources) == ([], False, 0, set())
    async with serving(lambda peer: peer.end(), port=0, host=GOOD) as server:
        address: Any = server.address()
        socket.connect(address.port, GOOD).resume()
        await event_log.until("close", False)


async def test_of_a_lookups_answers_the_first_counts(port: int, event_log: EventLog) -> None:
    def lookup(host: str, options: net.LookupOptions, callback: Callable[..., None]) -> None:
        callback(None, [REFUSED])
        callback(ValueError("too late"))
        callback(None, [REFUSED_TOO])

    start(port, log=event_log, lookup=lookup)
    await event_log.until("close")
    assert event_log.names == ["attempt", "failed", "error", "close"]
    assert event_log[1] == ("failed", REFUSED, "ECONNREFUSED")


@pytest.mark.parametrize("answer", [(None, REFUSED, 4), (ValueError("late"),)])
@pytest.mark.parametrize("way", [True, False])
async def test_an_answer_after_the_destruction(answer: tuple[Any, ...], way: bool, event_log: EventLog) -> None:
    answers: list[Callable[..., None]] = []
    socket = net.Socket()
    event_log.watch(socket, "lookup", "connection_attempt", "error", "close")
    socket.connect(
        port=9, host="x", auto_select_family=way, lookup=lambda host, options, callback: answers.append(callback)
    )
    await turns()
    await closed(socket)
    answers[0](*answer)
    await turns()
    assert event_log == [("close", False)]


async def test_a_coroutine_lookup_is_cancelled_with_its_socket(event_log: EventLog) -> None:
    async def lookup(host: str, options: net.LookupOptions) -> str:
        try:
            return await asyncio.Future()
        finally:
            event_log("cancelled")
            # Nobody is left to whom this would matter.
            raise ValueError("too late")

    socket = net.connect(port=9, host="x", lookup=lookup)
    event_log.watch(socket, "lookup", "error", "close")
    await turns()
    await closed(socket)
    await event_log.until("cancelled")
    await turns()
    assert sorted(event_log.names) == ["cancelled", "close"]


async def test_a_coroutine_lookup_that_others_cancel(event_log: EventLog) -> None:
    async def lookup(host: str, options: net.LookupOptions) -> str:
        raise asyncio.CancelledError

    socket = net.connect(port=9, host="x", lookup=lookup)
    event_log.watch(socket, "lookup", "error", "close")
    await event_log.until("close")
    assert event_log == [("close", False)]


@pytest.mark.parametrize("given", [[], {}.values(), iter(())])
async def test_a_lookup_that_finds_nothing(given: Any, event_log: EventLog) -> None:
    socket = net.connect(port=9, host="none.test", lookup=lambda host, options, callback: callback(None, given))
    event_log.watch(socket, "error", "close")
    await event_log.until("close")
    error = event_log[0][1]
    assert (error.code, error.syscall, error.hostname) == ("ENOTFOUND", "getaddrinfo", "none.test")


# -- what keeps run() alive -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["answers", "raises", "never answers", "coroutine"])
def test_run_waits_for_what_a_lookup_waits_for(way: str, port: int) -> None:
    seen: list[Any] = []

    def function(host: str, options: net.LookupOptions, callback: Callable[..., None]) -> None:
        if way == "raises":
            raise ValueError("mine")
        if way == "answers":
            timers.set_timeout(callback, 0.01, None, REFUSED, 4)

    async def coroutine(host: str, options: net.LookupOptions) -> str:
        await asyncio.get_running_loop().run_in_executor(None, str)
        return REFUSED

    def main() -> None:
        socket = net.Socket()
        socket.on("error", lambda error: seen.append(getattr(error, "code", None)))
        try:
            socket.connect(port=port, host="x", lookup=coroutine if way == "coroutine" else function)
        except ValueError as error:
            seen.append(str(error))

    sockstream.run(main)
    assert seen == {"raises": ["mine"], "never answers": []}.get(way, ["ECONNREFUSED"])
