"""Many addresses of one name: the race of RFC 8305, Node's own way, and what is left of either when it is over.

The events of Node's way are compared with Node's own in `tests/node/scenarios/net_families.py`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import socket as kernel
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortController, AbortSignal, net, timers
from sockstream.errors import AbortError, ConnectionGroupError
from sockstream.loop import current
from tests.support.net import serving, turns
from tests.support.selection import (
    GOOD,
    HANG,
    HANG6,
    HANG_TOO,
    NONSENSE,
    REFUSED,
    REFUSED6,
    REFUSED_TOO,
    SHORT,
    answering,
    closed,
    silence,
    start,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.events import EventLog

LONG = 5.0


@pytest.fixture
def port() -> Iterator[int]:
    """The port at which the addresses behave as `tests.support.selection` says."""
    with silence() as number:
        yield number


def next_attempt_now(socket: net.Socket) -> None:
    """Let the attempt timeout be over: what was begun before has had no turn of the loop yet."""
    connecting = socket._connecting
    assert connecting is not None
    current().enter(socket, connecting._try_next)


# -- the race: when attempts start ------------------------------------------------------------------------------------


async def started_at(port: int, *addresses: object, log: EventLog, **options: Any) -> list[tuple[str, float]]:
    """Return when each attempt of a race started, by the clock that jumps."""
    loop = asyncio.get_running_loop()
    began, times = loop.time(), []
    socket = net.Socket()
    socket.on("connection_attempt", lambda ip, *_: times.append((ip, round(loop.time() - began, 3))))
    start(port, *addresses, log=log, socket=socket, **options)
    await log.until("attempt", count=len(addresses))
    await closed(socket)
    return times


@pytest.mark.fake_clock
async def test_an_attempt_starts_each_time_the_timeout_has_passed(port: int, event_log: EventLog) -> None:
    times = await started_at(port, HANG, HANG_TOO, HANG6, log=event_log, auto_select_family_attempt_timeout=0.25)
    assert times == [(HANG, 0), (HANG6, 0.25), (HANG_TOO, 0.5)]


@pytest.mark.fake_clock
@pytest.mark.parametrize(("given", "used"), [(None, 0.5), (0.001, 0.01), (0.01, 0.01), (2, 2)])
async def test_the_timeout_of_an_attempt(given: float | None, used: float, port: int, event_log: EventLog) -> None:
    times = await started_at(port, HANG, HANG6, log=event_log, auto_select_family_attempt_timeout=given)
    assert times == [(HANG, 0), (HANG6, used)]


@pytest.mark.fake_clock
async def test_the_default_timeout_is_a_setting(port: int, event_log: EventLog) -> None:
    before = net.get_default_auto_select_family_attempt_timeout()
    net.set_default_auto_select_family_attempt_timeout(0.07)
    try:
        times = await started_at(port, HANG, HANG6, log=event_log, auto_select_family_attempt_timeout=None)
    finally:
        net.set_default_auto_select_family_attempt_timeout(before)
    assert times == [(HANG, 0), (HANG6, 0.07)]


@pytest.mark.fake_clock
async def test_a_failure_starts_the_next_at_once(port: int, event_log: EventLog) -> None:
    times = await started_at(port, HANG, REFUSED6, HANG_TOO, log=event_log, auto_select_family_attempt_timeout=0.25)
    assert times == [(HANG, 0), (REFUSED6, 0.25), (HANG_TOO, 0.25)]


@pytest.mark.fake_clock
@pytest.mark.parametrize("way", [True, "sequential"])
async def test_the_last_attempt_has_all_the_time(way: bool | str, port: int, event_log: EventLog) -> None:
    loop = asyncio.get_running_loop()
    socket = start(port, HANG, HANG6, log=event_log, auto_select_family=way)
    loop.call_later(1000, event_log, "later")
    await event_log.until("later")
    await closed(socket)
    given_up = [("timeout", HANG)] if way == "sequential" else []
    assert event_log[: len(given_up) + 3] == [("attempt", HANG), *given_up, ("attempt", HANG6), ("later",)]


async def test_families_take_turns_and_each_address_is_told_as_it_came(port: int, event_log: EventLog) -> None:
    socket = net.Socket()
    socket.on("lookup", lambda error, address, family, host: event_log("lookup", address))
    given = [REFUSED, REFUSED_TOO, REFUSED, REFUSED6]
    start(port, *given, log=event_log, socket=socket, auto_select_family_attempt_timeout=LONG)
    await event_log.until("close")
    assert [entry[1] for entry in event_log if entry[0] == "lookup"] == given
    assert [entry[1] for entry in event_log if entry[0] == "attempt"] == [REFUSED, REFUSED6, REFUSED_TOO]


# -- the race: who wins -----------------------------------------------------------------------------------------------


def open_sockets() -> int:
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the listing's own descriptor
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return count


@contextmanager
def counting_sockets() -> Iterator[Callable[[], int]]:
    before = open_sockets()
    yield lambda: open_sockets() - before


async def test_the_winner_cancels_the_rest(port: int, event_log: EventLog) -> None:
    async with serving(port=port, host=GOOD):
        with counting_sockets() as more:
            socket = start(port, HANG, HANG6, HANG_TOO, GOOD, log=event_log)
            await event_log.until("connect")
            # Ours, and the server's.
            assert more() <= 2
        assert (socket.remote_address, socket.connecting) == (GOOD, False)
        await closed(socket)
    assert event_log == [
        ("attempt", HANG),
        ("attempt", HANG6),
        ("attempt", HANG_TOO),
        ("attempt", GOOD),
        ("connect",),
        ("close", False),
    ]


async def test_of_two_winners_in_one_turn_the_first_is_all(port: int, event_log: EventLog) -> None:
    async with serving(lambda peer: peer.resume(), port=port, host=GOOD) as server, serving(port=port, host="::1"):
        server.on("connection", lambda peer: event_log.watch(peer, "end", prefix=("peer",)))
        socket = start(port, "::1", GOOD, log=event_log, auto_select_family_attempt_timeout=LONG)
        next_attempt_now(socket)
        # The one that lost had its connection, too.
        await event_log.until("peer", "end")
        await event_log.until("connect")
        await turns()
        assert socket.remote_address == "::1"
        await closed(socket)
    assert event_log.count("connect") == 1
    assert event_log.count("failed") == 0


async def test_a_failure_in_the_turn_of_the_winner(port: int, event_log: EventLog) -> None:
    async with serving(port=port, host=GOOD):
        for addresses in ([REFUSED, GOOD], [GOOD, REFUSED]):
            socket = start(port, *addresses, log=event_log, auto_select_family_attempt_timeout=LONG)
            next_attempt_now(socket)
            await event_log.until("connect")
            await turns()
            assert socket.remote_address == GOOD
            await closed(socket)
            assert event_log.names[:2] == ["attempt", "attempt"]
            assert event_log.names[-2:] == ["connect", "close"]
            assert event_log[2:-2] in ([], [("failed", REFUSED, "ECONNREFUSED")])
            event_log.clear()


async def test_one_that_had_its_time_may_fail_last(port: int, event_log: EventLog) -> None:
    socket = start(port, REFUSED, NONSENSE, log=event_log, auto_select_family_attempt_timeout=LONG)
    next_attempt_now(socket)
    await event_log.until("close")
    # The errors are in the order of the attempts all the same.
    error = event_log[-2][1]
    assert [name for name, *_ in event_log] == ["attempt", "attempt", "failed", "failed", "error", "close"]
    assert [(each.address, each.code) for each in error.exceptions] == [(REFUSED, "ECONNREFUSED"), (REFUSED, "EINVAL")]
    assert error.code == "ECONNREFUSED"


async def test_a_winner_that_comes_after_the_destruction(port: int, event_log: EventLog) -> None:
    async with serving(port=port, host=GOOD) as server:
        event_log.watch(server, "connection")
        socket = start(port, GOOD, REFUSED, log=event_log, auto_select_family_attempt_timeout=LONG).destroy()
        await event_log.until("connection")
        await socket.wait_closed()
        await turns()
    assert "connect" not in event_log.names
    assert socket.destroyed


@pytest.mark.only_loop("asyncio")  # uvloop looks for I/O before it resumes who sleeps
async def test_destroyed_by_a_tick_in_the_turn_of_the_winner(port: int, event_log: EventLog) -> None:
    with kernel.create_server((GOOD, port)):
        socket = start(port, GOOD, HANG, log=event_log, auto_select_family_attempt_timeout=LONG)
        await asyncio.sleep(0)
        # Asked for outside any entry: it runs in the next one, which is to tell of the winner.
        timers.next_tick(socket.destroy)
        await event_log.until("close")
        await turns()
    assert "connect" not in event_log.names


@pytest.mark.fake_clock
async def test_destroyed_by_a_tick_in_the_turn_of_the_timeout(port: int, event_log: EventLog) -> None:
    socket = net.Socket()
    asyncio.get_running_loop().call_later(SHORT - 1e-10, timers.next_tick, socket.destroy)
    start(port, HANG, GOOD, log=event_log, socket=socket, auto_select_family="sequential")
    await event_log.until("close")
    await turns()
    assert event_log == [("attempt", HANG), ("failed", HANG, "ECANCELED"), ("close", False)]


@pytest.mark.parametrize("turn", range(8))
async def test_destroyed_while_the_winner_becomes_a_connection(turn: int, port: int, event_log: EventLog) -> None:
    async with serving(port=port, host=GOOD):
        socket = start(port, GOOD, HANG, log=event_log, auto_select_family_attempt_timeout=LONG)
        await turns(turn)
        was_connected = event_log.count("connect")
        await closed(socket)
        await turns()
        assert event_log.count("connect") == was_connected
        assert event_log.names[-1] == "close"
        # Its descriptor is nobody's in the loop, either: the next socket to get it connects.
        for _ in range(3):
            socket.connect(port, GOOD)
            await event_log.until("connect", count=event_log.count("connect") + 1)
            await closed(socket)


# -- when all fail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [True, "sequential"])
async def test_the_error_of_all_lists_each_address_and_why(way: bool | str, port: int, event_log: EventLog) -> None:
    start(port, REFUSED, NONSENSE, REFUSED_TOO, log=event_log, auto_select_family=way)
    await event_log.until("close")
    error = event_log[-2][1]
    assert type(error) is ConnectionGroupError
    assert str(error) == (
        f"all 3 connection attempts failed: connect ECONNREFUSED {REFUSED}:{port}; "
        f"connect EINVAL {REFUSED}:{port}; connect ECONNREFUSED {REFUSED_TOO}:{port}"
    )
    assert error.code == "ECONNREFUSED"
    attempts: list[Any] = list(error.exceptions)
    assert {(each.syscall, each.port) for each in attempts} == {("connect", port)}


async def test_an_attempt_given_up_is_an_error_of_its_own(port: int, event_log: EventLog) -> None:
    start(port, HANG, REFUSED, log=event_log, auto_select_family="sequential")
    await event_log.until("close")
    error = event_log[-2][1]
    assert isinstance(error.exceptions[0], TimeoutError)
    assert str(error.exceptions[0]) == f"connect ETIMEDOUT {HANG}:{port}"
    assert error.code == "ETIMEDOUT"


async def test_open_connection_raises_the_error_of_all(port: int) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await net.open_connection(port=port, host="x", lookup=answering(REFUSED, REFUSED_TOO))
    assert isinstance(caught.value, ConnectionGroupError)
    assert [isinstance(each, ConnectionRefusedError) for each in caught.value.exceptions] == [True, True]


async def test_one_usable_address_fails_with_an_error_of_its_own(port: int, event_log: EventLog) -> None:
    socket = start(port, "nonsense", REFUSED, ("127.0.0.1", 7), REFUSED, log=event_log)
    await event_log.until("close")
    assert isinstance(event_log[-2][1], ConnectionRefusedError)
    assert socket.auto_select_family_attempted_addresses is None


async def test_a_local_port_that_is_taken_fails_all_at_once(port: int, event_log: EventLog) -> None:
    async with serving(port=0, host=GOOD) as server:
        taken: Any = server.address()
        socket = start(port, GOOD, REFUSED6, log=event_log, local_port=taken.port)
        assert (socket.connecting, socket.auto_select_family_attempted_addresses) == (False, [])
        await event_log.until("close")
    ((name, error), last) = event_log
    assert (name, last) == ("error", ("close", True))
    assert [str(each) for each in error.exceptions] == [
        f"bind EADDRINUSE 0.0.0.0:{taken.port}",
        f"bind EADDRINUSE :::{taken.port}",
    ]


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let the process open nothing more."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, limits[1]))
    try:
        try:
            while True:
                held.append(os.dup(0))
        except OSError:
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for descriptor in held:
            os.close(descriptor)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "connect EMFILE 127.0.0.2:9"),
        ({"local_port": 9}, "bind EMFILE 0.0.0.0:9"),
        ({"path": "/nowhere"}, "connect EMFILE /nowhere"),
    ],
)
async def test_no_descriptor_is_left_for_an_attempt(options: dict[str, Any], text: str, event_log: EventLog) -> None:
    socket = net.Socket()
    event_log.watch(socket, "error", "close")
    with no_descriptors():
        socket.connect(**({"port": 9, "host": REFUSED} | options if "path" not in options else options))
        await event_log.until("close")
    assert str(event_log[0][1]) == text
    assert event_log[0][1].errno == errno.EMFILE


async def test_a_thousand_addresses_that_are_refused_at_once(event_log: EventLog) -> None:
    many = [{"address": f"127.0.{high}.{low}", "family": 6} for high in range(4) for low in range(1, 251)]
    start(9, *many, log=event_log)
    await event_log.until("close")
    assert len(event_log[-2][1].exceptions) == 1000


# -- given up by the user ---------------------------------------------------------------------------------------------


async def test_destroyed_with_several_under_way_each_is_told(port: int, event_log: EventLog) -> None:
    socket = start(port, HANG, HANG6, HANG_TOO, log=event_log, auto_select_family_attempt_timeout=LONG)
    next_attempt_now(socket)
    socket.destroy()
    await event_log.until("close")
    assert event_log == [
        ("attempt", HANG),
        ("attempt", HANG6),
        ("failed", HANG, "ECANCELED"),
        ("failed", HANG6, "ECANCELED"),
        ("close", False),
    ]


async def test_aborted_with_several_under_way(port: int, event_log: EventLog) -> None:
    controller = AbortController()
    socket = start(port, HANG, HANG6, log=event_log, socket=net.Socket(signal=controller.signal))
    await event_log.until("attempt", HANG6)
    controller.abort("enough")
    await event_log.until("close")
    (error,) = [entry[1] for entry in event_log if entry[0] == "error"]
    assert isinstance(error, AbortError)
    assert event_log.names == ["attempt", "attempt", "error", "failed", "failed", "close"]
    assert socket.errored is error


async def test_aborted_before_nothing_is_left(port: int) -> None:
    with pytest.raises(AbortError):
        await net.open_connection(port=port, host="x", lookup=answering(HANG, HANG6), signal=AbortSignal.abort())


async def test_cancelled_with_several_under_way(port: int, event_log: EventLog) -> None:
    asked = asyncio.Event()

    async def lookup(host: str, options: net.LookupOptions) -> list[str]:
        asked.set()
        return [HANG, HANG6]

    task = asyncio.ensure_future(
        net.open_connection(port=port, host="x", lookup=lookup, auto_select_family_attempt_timeout=SHORT)
    )
    await asked.wait()
    (socket,) = current().resources
    assert isinstance(socket, net.Socket)
    event_log.watch(socket, "connection_attempt", "close")
    await event_log.until("connection_attempt", count=2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await event_log.until("close", False)


@pytest.mark.parametrize("way", [True, "sequential"])
@pytest.mark.parametrize("failing", [REFUSED, NONSENSE])
@pytest.mark.parametrize(
    "event", ["lookup", "connection_attempt", "connection_attempt_failed", "connection_attempt_timeout", "connect"]
)
async def test_destroyed_by_a_listener(
    event: str, failing: object, way: bool | str, port: int, event_log: EventLog
) -> None:
    async with serving(lambda peer: peer.resume(), port=port, host=GOOD):
        socket = net.Socket()
        socket.on(event, lambda *_: socket.destroy())
        socket.on(event, event_log.entry("now"))
        start(port, failing, HANG, GOOD, log=event_log, socket=socket, auto_select_family=way)
        if event == "connection_attempt_timeout" and way is True:
            await event_log.until("connect")
            socket.destroy()
        await event_log.until("close")
        await turns()
        names = event_log.names
    assert names[-1] == "close"
    assert names.count("close") == 1
    assert "error" not in names
    if event == "lookup":
        assert names == ["now", "close"]
    # What was under way then is told; nothing new begins.
    assert all(name in ("now", "failed", "timeout", "attempt", "connect", "close") for name in names)
    if "now" in names:
        assert "attempt" not in names[names.index("now") + 2 :]


# -- listeners that raise ---------------------------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[..., None]:
    def listener(*_: object) -> None:
        raise error

    return listener


@pytest.mark.parametrize("event", ["lookup", "connection_attempt", "connection_attempt_failed"])
async def test_what_a_listener_raises_while_connect_runs_leaves_connect(event: str, event_log: EventLog) -> None:
    mine = ValueError("mine")
    socket = net.Socket()
    socket.once(event, raising(mine))
    with pytest.raises(ValueError, match="mine") as caught:
        start(9, NONSENSE, NONSENSE | {"address": GOOD}, log=event_log, socket=socket)
    assert caught.value is mine
    assert (socket.connecting, current().references, socket.destroyed) == (False, 0, False)


@pytest.mark.parametrize("way", ["coroutine", "function"])
@pytest.mark.parametrize(
    "event", ["lookup", "connection_attempt", "connection_attempt_failed", "connection_attempt_timeout"]
)
async def test_what_a_listener_raises_later_destroys_the_socket(
    event: str, way: str, port: int, event_log: EventLog
) -> None:
    async def coroutine(host: str, options: net.LookupOptions) -> list[str]:
        return [REFUSED, HANG, REFUSED_TOO]

    def function(host: str, options: net.LookupOptions, callback: Callable[..., None]) -> None:
        asyncio.get_running_loop().call_soon(callback, None, [REFUSED, HANG, REFUSED_TOO])

    mine = ValueError("mine")
    socket = net.Socket()
    socket.once(event, raising(mine))
    lookup = coroutine if way == "coroutine" else function
    start(port, log=event_log, socket=socket, lookup=lookup, auto_select_family="sequential")
    await event_log.until("close")
    assert event_log[-1] == ("close", True)
    assert [entry[1] for entry in event_log if entry[0] == "error"] == [mine]


# -- what was attempted, and what waits -------------------------------------------------------------------------------


async def test_what_was_attempted_is_of_this_connect_only(port: int, event_log: EventLog) -> None:
    socket = start(port, REFUSED, REFUSED6, log=event_log)
    await event_log.until("close")
    assert socket.auto_select_family_attempted_addresses == [f"{REFUSED}:{port}", f"{REFUSED6}:{port}"]
    event_log.clear()
    socket.connect(port, REFUSED)
    assert socket.auto_select_family_attempted_addresses is None
    await event_log.until("close")
    assert socket.auto_select_family_attempted_addresses is None


@pytest.mark.parametrize("way", [True, "sequential"])
async def test_the_end_asked_for_before_comes_after_a_failed_attempt(
    way: bool | str, port: int, event_log: EventLog
) -> None:
    async with serving(lambda peer: peer.pipe(peer), port=port, host=GOOD):
        socket = start(port, REFUSED, GOOD, log=event_log, auto_select_family=way)
        socket.write("hello ")
        socket.end("there")
        assert b"".join([chunk async for chunk in socket]) == b"hello there"
        await event_log.until("close", False)
