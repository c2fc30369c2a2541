"""Connecting over real sockets: look-up, attempts, races, failures, and giving up."""

from __future__ import annotations

import asyncio
import os
import socket as kernel
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortController, AbortSignal, net, timers
from sockstream.errors import ConnectionGroupError, SystemCallError
from sockstream.loop import current
from tests.support.net import LOCAL, connected_pair, port_of, port_of_nobody, serving, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.events import EventLog

EVENTS = (
    "lookup",
    "connection_attempt",
    "connection_attempt_failed",
    "connection_attempt_timeout",
    "connect",
    "ready",
    "error",
    "close",
)


def answering(*addresses: str) -> Callable[..., None]:
    """Return a `lookup` that gives these addresses."""
    return lambda host, options, callback: callback(None, list(addresses))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at 127.0.0.1 where a connection attempt gets no answer: its backlog is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(kernel.socket())
        listening.bind((LOCAL, 0))
        listening.listen(0)
        port: int = listening.getsockname()[1]
        for _ in range(8):
            filler = stack.enter_context(kernel.socket())
            filler.setblocking(False)
            filler.connect_ex((LOCAL, port))
        yield port


def listen_at(address: str, port: int) -> kernel.socket:
    family = kernel.AF_INET6 if ":" in address else kernel.AF_INET
    listening = kernel.socket(family)
    listening.setsockopt(kernel.SOL_SOCKET, kernel.SO_REUSEADDR, 1)
    listening.bind((address, port))
    listening.listen()
    return listening


# -- one address ------------------------------------------------------------------------------------------------------


async def test_the_events_of_connecting_to_an_address(event_log: EventLog) -> None:
    async with serving(lambda socket: socket.resume()) as server:
        port = port_of(server)
        socket = net.connect(port, LOCAL, event_log.entry("listener"))
        event_log.watch(socket, *EVENTS)
        assert (socket.connecting, socket.pending, socket.ready_state) == (True, True, "opening")
        assert event_log == []
        await event_log.until("ready")
        assert (socket.connecting, socket.pending, socket.ready_state) == (False, False, "open")
        socket.resume().end()
        await event_log.until("close")
    assert event_log == [
        ("connection_attempt", LOCAL, port, 4),
        ("listener",),
        ("connect",),
        ("ready",),
        ("close", False),
    ]


async def test_the_events_of_connecting_to_a_name(event_log: EventLog) -> None:
    async with serving(lambda socket: socket.end()) as server:
        port = port_of(server)
        socket = net.connect(port=port, host="here", lookup=answering(LOCAL))
        event_log.watch(socket, *EVENTS)
        socket.resume()
        await event_log.until("close")
    # Node: a look-up that answers at once is over before connect() returns, and so is the start of the attempt.
    assert event_log == [("connect",), ("ready",), ("close", False)]


async def test_a_coroutine_lookup(event_log: EventLog) -> None:
    async def lookup(host: str, options: net.LookupOptions) -> str:
        event_log("asked", host, options["family"], options["all"])
        await turns()
        return LOCAL

    async with serving(lambda socket: socket.end()) as server:
        socket = net.connect(port=port_of(server), host="here", family=4, lookup=lookup)
        event_log.watch(socket, "lookup", "connect")
        socket.resume()
        await event_log.until("connect")
    assert event_log == [("asked", "here", 4, False), ("lookup", None, LOCAL, 4, "here"), ("connect",)]


async def test_refused(event_log: EventLog) -> None:
    port = port_of_nobody()
    socket = net.connect(port, LOCAL)
    event_log.watch(socket, *EVENTS)
    await event_log.until("close")
    error = event_log[1][4]
    assert event_log == [
        ("connection_attempt", LOCAL, port, 4),
        ("connection_attempt_failed", LOCAL, port, 4, error),
        ("error", error),
        ("close", True),
    ]
    assert isinstance(error, ConnectionRefusedError)
    assert (str(error), error.code, error.port) == (  # type: ignore[attr-defined]
        f"connect ECONNREFUSED {LOCAL}:{port}",
        "ECONNREFUSED",
        port,
    )
    assert (socket.destroyed, socket.ready_state, socket.errored) == (True, "closed", error)


async def test_unreachable(event_log: EventLog) -> None:
    socket = net.connect(9, "255.255.255.255")
    event_log.watch(socket, *EVENTS)
    await event_log.until("close")
    error = event_log[1][1]
    # Node: what the system refuses at once is told by 'error' alone.
    assert event_log == [("connection_attempt", "255.255.255.255", 9, 4), ("error", error), ("close", True)]
    assert str(error) == "connect ENETUNREACH 255.255.255.255:9"


async def test_a_name_there_is_none_of(event_log: EventLog) -> None:
    socket = net.connect(9, "nohost.invalid")
    event_log.watch(socket, *EVENTS)
    await event_log.until("close")
    error = event_log[0][1]
    assert event_log == [("lookup", error, None, None, "nohost.invalid"), ("error", error), ("close", True)]
    assert isinstance(error, SystemCallError)
    assert (error.code, error.syscall) == ("ENOTFOUND", "getaddrinfo")


async def test_what_a_lookup_fails_with(event_log: EventLog) -> None:
    mine = ValueError("mine")

    async def raising(host: str, options: net.LookupOptions) -> Any:
        raise mine

    for lookup in (lambda host, options, callback: callback(mine), raising):
        socket = net.connect(port=9, host="x", lookup=lookup)
        event_log.watch(socket, "error", "close")
        await event_log.until("close")
        assert event_log == [("error", mine), ("close", True)]
        event_log.clear()


@pytest.mark.parametrize("given", ["nope", "127.0.0.1 ", ""])
async def test_a_lookup_that_gives_no_address(given: str) -> None:
    with pytest.raises(ValueError, match="Invalid IP address"):
        await net.open_connection(port=9, host="x", lookup=lambda host, options, callback: callback(None, given, 4))


async def test_a_local_address_and_port() -> None:
    async with serving() as server:
        local_port = port_of_nobody()
        socket = await net.open_connection(port_of(server), LOCAL, local_address="127.0.0.2", local_port=local_port)
        assert (socket.local_address, socket.local_port) == ("127.0.0.2", local_port)
        socket.destroy()


async def test_a_local_address_that_is_not_ours(event_log: EventLog) -> None:
    socket = net.connect(port=9, host=LOCAL, local_address="192.0.2.1")
    event_log.watch(socket, *EVENTS)
    await event_log.until("close")
    assert event_log.names == ["error", "close"]
    assert str(event_log[0][1]) == "bind EADDRNOTAVAIL 192.0.2.1"


# -- many addresses ---------------------------------------------------------------------------------------------------


async def test_the_next_address_is_tried_when_one_fails(event_log: EventLog) -> None:
    async with serving() as server:
        port = port_of(server)
        socket = net.Socket()
        event_log.watch(socket, *EVENTS)
        socket.connect(port=port, host="many", lookup=answering("127.0.0.2", "::1", LOCAL, "127.0.0.3"))
        await event_log.until("ready")
        socket.destroy()
        await event_log.until("close")
        looked_up = [entry[2] for entry in event_log if entry[0] == "lookup"]
        attempts = [entry[:2] for entry in event_log if entry[0].startswith("connection_attempt")]
    assert looked_up == ["127.0.0.2", "::1", LOCAL, "127.0.0.3"]
    assert attempts == [
        ("connection_attempt", "127.0.0.2"),
        ("connection_attempt_failed", "127.0.0.2"),
        ("connection_attempt", "::1"),
        ("connection_attempt_failed", "::1"),
        ("connection_attempt", LOCAL),
    ]
    assert socket.auto_select_family_attempted_addresses == [f"127.0.0.2:{port}", f"::1:{port}", f"{LOCAL}:{port}"]


async def test_when_all_fail_the_error_is_a_group_of_theirs(event_log: EventLog) -> None:
    port = port_of_nobody()
    socket = net.connect(port=port, host="many", lookup=answering("127.0.0.1", "::1"))
    event_log.watch(socket, "error", "close")
    await event_log.until("close")
    error = event_log[0][1]
    assert isinstance(error, ConnectionGroupError)
    assert error.code == "ECONNREFUSED"
    assert [str(each) for each in error.exceptions] == [
        f"connect ECONNREFUSED 127.0.0.1:{port}",
        f"connect ECONNREFUSED ::1:{port}",
    ]
    assert event_log[1] == ("close", True)


@pytest.mark.parametrize("options", [{"auto_select_family": False}, {"family": 4}, {"local_address": LOCAL}])
async def test_where_there_is_no_choice_the_first_is_all(options: dict[str, Any], event_log: EventLog) -> None:
    port = port_of_nobody()
    socket = net.connect(port=port, host="many", lookup=answering("127.0.0.1", "127.0.0.2"), **options)
    event_log.watch(socket, "error", "close")
    await event_log.until("close")
    assert str(event_log[0][1]) == f"connect ECONNREFUSED 127.0.0.1:{port}"
    assert socket.auto_select_family_attempted_addresses is None


async def test_the_default_is_a_setting() -> None:
    port = port_of_nobody()
    assert net.get_default_auto_select_family()
    net.set_default_auto_select_family(False)
    try:
        with pytest.raises(ConnectionRefusedError):
            await net.open_connection(port=port, host="many", lookup=answering("127.0.0.1", "127.0.0.2"))
    finally:
        net.set_default_auto_select_family(True)
    with pytest.raises(ConnectionGroupError):
        await net.open_connection(port=port, host="many", lookup=answering("127.0.0.1", "127.0.0.2"))


async def test_the_default_attempt_timeout_has_a_floor() -> None:
    before = net.get_default_auto_select_family_attempt_timeout()
    net.set_default_auto_select_family_attempt_timeout(0.001)
    try:
        assert (before, net.get_default_auto_select_family_attempt_timeout()) == (0.5, 0.01)
    finally:
        net.set_default_auto_select_family_attempt_timeout(before)


async def test_a_silent_address_does_not_hold_up_the_next(silent_port: int, event_log: EventLog) -> None:
    with listen_at("::1", silent_port):
        socket = net.Socket()
        event_log.watch(socket, "connection_attempt", "connection_attempt_failed", "connect", "close")
        socket.connect(
            port=silent_port, host="x", lookup=answering(LOCAL, "::1"), auto_select_family_attempt_timeout=0.01
        )
        await event_log.until("connect")
        assert socket.remote_address == "::1"
        socket.destroy()
        await event_log.until("close")
    assert event_log.names == ["connection_attempt", "connection_attempt", "connect", "close"]


async def test_sequential_gives_each_its_time_only(silent_port: int, event_log: EventLog) -> None:
    socket = net.Socket()
    event_log.watch(socket, *EVENTS)
    socket.connect(
        port=silent_port,
        host="x",
        lookup=answering(LOCAL, "::1"),
        auto_select_family="sequential",
        auto_select_family_attempt_timeout=0.01,
    )
    await event_log.until("close")
    assert [entry[:2] for entry in event_log if entry[0].startswith("connection")] == [
        ("connection_attempt", LOCAL),
        ("connection_attempt_timeout", LOCAL),
        ("connection_attempt", "::1"),
        ("connection_attempt_failed", "::1"),
    ]
    error = event_log[-2][1]
    assert [each.code for each in error.exceptions] == ["ETIMEDOUT", "ECONNREFUSED"]


# -- before there is a connection -------------------------------------------------------------------------------------


async def test_what_is_written_before_is_sent_when_connected() -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        socket = net.connect(port_of(server), LOCAL)
        socket.write("a")
        socket.write("b")
        assert (socket.bytes_written, socket.buffer_size, socket.bytes_read) == (2, 2, 0)
        socket.end("c")
        assert [b"".join([chunk async for chunk in socket])] == [b"abc"]
        assert (socket.bytes_written, socket.bytes_read) == (3, 3)
        await socket.wait_closed()


async def test_destroyed_while_connecting_nothing_is_connected(event_log: EventLog) -> None:
    async with serving(event_log.entry("connection")) as server:
        for where in (LOCAL, "localhost"):
            socket = net.connect(port_of(server), where)
            event_log.watch(socket, "connect", "error", "finish", "close")
            socket.write("x", event_log.entry("written"))
            socket.end()
            socket.destroy()
            assert (socket.connecting, socket.destroyed) == (False, True)
            await event_log.until("close")
            await turns()
            assert [entry[0] for entry in event_log] == ["close", "written"]
            assert event_log[0] == ("close", False)
            assert event_log[1][1].code == "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"
            event_log.clear()


@pytest.mark.parametrize("event", ["lookup", "connection_attempt", "connection_attempt_failed", "connect", "ready"])
async def test_destroyed_by_a_listener_of_its_connecting(event: str, event_log: EventLog) -> None:
    async with serving(lambda socket: socket.resume()) as server:
        socket = net.Socket()
        socket.on(event, lambda *_: socket.destroy())
        event_log.watch(socket, "error", "close")
        socket.connect(port=port_of(server), host="many", lookup=answering("127.0.0.2", LOCAL))
        await event_log.until("close")
        await turns(10)
        assert event_log == [("close", False)]


async def test_cancelled_while_connecting_it_is_destroyed(silent_port: int) -> None:
    task = asyncio.ensure_future(net.open_connection(silent_port, LOCAL))
    await turns()
    (socket,) = current().resources
    assert isinstance(socket, net.Socket)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await socket.wait_closed()
    assert socket.destroyed


async def test_a_signal_gives_up(silent_port: int) -> None:
    controller = AbortController()
    task = asyncio.ensure_future(net.open_connection(silent_port, LOCAL, signal=controller.signal))
    await turns()
    controller.abort()
    with pytest.raises(RuntimeError) as caught:
        await task
    assert caught.value.code == "ABORT_ERR"  # type: ignore[attr-defined]


async def test_a_timeout_tells_of_a_silent_address(silent_port: int, event_log: EventLog) -> None:
    socket = net.connect(port=silent_port, host=LOCAL, timeout=0.01)
    event_log.watch(socket, "timeout", "close")
    await event_log.until("timeout")
    assert socket.connecting
    socket.destroy()
    await event_log.until("close")


async def test_a_second_connect_while_the_first_is_under_way(silent_port: int, event_log: EventLog) -> None:
    socket = net.connect(silent_port, LOCAL)
    event_log.watch(socket, "error", "close")
    socket.connect(silent_port, LOCAL)
    await event_log.until("close")
    assert [getattr(event_log[0][1], "code", None), event_log[1][1]] == ["EALREADY", True]


async def test_connecting_again_after_close(event_log: EventLog) -> None:
    async with serving(lambda socket: socket.end("hello")) as server:
        socket = net.Socket()
        event_log.watch(socket, "connect", "data", "end", "finish", "close")
        for _ in range(3):
            socket.connect(port_of(server), LOCAL)
            await event_log.until("close")
            assert event_log == [("connect",), ("data", b"hello"), ("end",), ("finish",), ("close", False)]
            assert (socket.bytes_read, socket.destroyed) == (5, True)
            event_log.clear()


@pytest.mark.fake_clock
async def test_connecting_again_does_not_start_the_timeout_again(event_log: EventLog) -> None:
    async with serving() as server:
        socket = net.connect(port_of(server), LOCAL, timeout=5)
        event_log.watch(socket, "connect", "timeout", "close")
        await event_log.until("connect")
        socket.destroy()
        await event_log.until("close")
        socket.connect(port_of(server), LOCAL)
        await event_log.until("connect", count=2)
        timers.set_timeout(event_log, 100, "later")
        await event_log.until("later")
        assert socket.timeout == 5
        socket.destroy()
        await event_log.until("close", count=2)
    assert event_log.names == ["connect", "close", "connect", "later", "close"]


async def test_connecting_again_after_a_failure(event_log: EventLog) -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        socket = net.connect(port_of_nobody(), LOCAL)
        event_log.watch(socket, "error", "close")
        await event_log.until("close")
        socket.connect(port_of(server), LOCAL)
        socket.end("again")
        assert await socket.readexactly(5) == b"again"
        socket.resume()
        await event_log.until("close", False)
        assert socket.errored is None


# -- references -------------------------------------------------------------------------------------------------------


async def test_a_socket_holds_a_reference_while_it_is_active() -> None:
    runtime = current()
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        assert peer.server is not None
        peer.server.unref()
        seen = [runtime.references]
        client.pause()
        client.unref()
        seen.append(runtime.references)
        client.ref()
        seen.append(runtime.references)
        peer.resume()
        await turns()
        seen.append(runtime.references)
    assert seen == [1, 0, 1, 2]


async def test_an_idle_socket_of_a_name_holds_one_while_connecting(silent_port: int) -> None:
    runtime = current()
    socket = net.connect(silent_port, LOCAL)
    seen = [runtime.references]
    # libuv: a connect that is under way counts, whatever was said, and so does what is being closed.
    socket.unref()
    seen.append(runtime.references)
    socket.destroy()
    seen.append(runtime.references)
    await socket.wait_closed()
    seen.append(runtime.references)
    assert seen == [1, 1, 1, 0]


def test_the_descriptors_of_lost_attempts_are_closed(silent_port: int) -> None:
    async def race() -> None:
        for _ in range(20):
            with pytest.raises(ConnectionRefusedError):
                await net.open_connection(port_of_nobody(), LOCAL)
            socket = net.connect(silent_port, LOCAL)
            await turns()
            socket.destroy()
            await socket.wait_closed()

    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(race())
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("made_first", [False, True])
async def test_a_signal_that_was_aborted_before_keeps_it_from_connecting(made_first: bool, event_log: EventLog) -> None:
    async with serving(lambda _: event_log("accepted")) as server:
        signal = AbortSignal.abort()
        if made_first:
            socket = net.Socket(signal=signal)
            event_log.watch(socket, "connect", "error", "close")
            assert socket.connect(port_of(server), LOCAL) is socket
        else:
            socket = net.connect(port_of(server), LOCAL, signal=signal)
            event_log.watch(socket, "connect", "error", "close")
        assert not socket.connecting
        await event_log.until("close")
        assert [entry[0] for entry in event_log] == ["error", "close"]
        assert event_log[0][1].code == "ABORT_ERR"
        # After 'close' it may connect again, as in Node.
        socket.connect(port_of(server), LOCAL)
        await event_log.until("connect")
        socket.destroy()
        await socket.wait_closed()
