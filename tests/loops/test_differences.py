"""Each deliberate difference from Node (`docs/differences.md`) that needs a socket to be seen."""

from __future__ import annotations

import asyncio
import logging
import socket as kernel
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import ConnectionGroupError, SockstreamError
from tests.support.net import LOCAL, port_of, port_of_nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


async def serve(listener: Callable[..., object], **options: Any) -> net.Server:
    """Return a server that listens on a free port."""
    return await net.start_server(listener, port=0, host=LOCAL, **options)


async def close(server: net.Server) -> None:
    server.close()
    await server.wait_closed()


def raising(error: BaseException) -> Callable[..., None]:
    def listener(*_: object) -> None:
        raise error

    return listener


# -- spelling ---------------------------------------------------------------------------------------------------------


async def test_names_are_snake_case(event_log: EventLog) -> None:
    server = await serve(lambda socket: socket.end(), allow_half_open=True)
    socket = net.create_connection(port_of(server), LOCAL)
    event_log.watch(socket, "close")
    socket.on("connect", lambda: event_log("connect", socket.ready_state)).end()
    event_log("now", socket.ready_state)
    socket.resume()
    await event_log.until("close")
    event_log("after", socket.ready_state)
    await close(server)
    assert event_log == [("now", "opening"), ("connect", "read_only"), ("close", False), ("after", "closed")]


def test_an_unknown_option_is_a_type_error() -> None:
    async def main() -> None:
        makers: list[Callable[..., object]] = [net.create_server, net.Server, net.Socket, net.connect]
        for make in makers:
            with pytest.raises(TypeError, match="allowHalfOpen"):
                make(allowHalfOpen=True)

    asyncio.run(main())


@pytest.mark.fake_clock
async def test_times_are_in_seconds(event_log: EventLog) -> None:
    """A quarter of an hour passes on the clock that jumps before the idle timeout does."""
    loop = asyncio.get_running_loop()
    accepted: list[net.Socket] = []
    server = await serve(accepted.append)
    async with await net.open_connection(port_of(server), LOCAL) as socket:
        began = loop.time()
        socket.set_timeout(900, lambda: event_log("timeout", round(loop.time() - began)))
        await event_log.until("timeout")
        assert socket.timeout == 900
        accepted[0].end()
        socket.set_timeout(0)
        accepted[0].resume()
        socket.resume()
    await accepted[0].wait_closed()
    await close(server)
    assert event_log == [("timeout", 900)]


async def test_bytes_come_out_as_bytes() -> None:
    server = await serve(lambda socket: socket.end("é"))
    async with await net.open_connection(port_of(server), LOCAL) as socket:
        chunks = [chunk async for chunk in socket]
    await close(server)
    assert chunks == [b"\xc3\xa9"]
    assert type(chunks[0]) is bytes


async def test_a_callback_that_can_fail_always_gets_one_argument(event_log: EventLog) -> None:
    server = await serve(lambda socket: socket.resume())
    socket = net.connect(port_of(server), LOCAL)
    socket.write("x", event_log.entry("written"))
    socket.end(event_log.entry("ended"))
    await socket.resume().wait_closed()
    server.close(event_log.entry("closed"))
    await server.wait_closed()
    server.close(lambda *errors: event_log("closed", *[error and error.code for error in errors]))
    await event_log.until("closed", count=2)
    assert event_log == [("written", None), ("ended", None), ("closed", None), ("closed", "ERR_SERVER_NOT_RUNNING")]


async def test_there_is_no_address_without_a_connection() -> None:
    assert net.Socket().address() is None
    assert net.create_server().address() is None


# -- errors -----------------------------------------------------------------------------------------------------------


async def test_a_write_that_finds_the_pipe_broken_returns_true(event_log: EventLog) -> None:
    ours, theirs = kernel.socketpair()
    socket = net.Socket(handle=ours, readable=False)
    event_log.watch(socket, "error", "close")
    await asyncio.sleep(0)
    theirs.close()
    event_log("returned", socket.write("x", event_log.entry("written")))
    await event_log.until("close")
    assert event_log[0] == ("returned", True)
    assert {entry[0]: getattr(entry[1], "code", entry[1]) for entry in event_log[1:]} == {
        "written": "EPIPE",
        "error": "EPIPE",
        "close": True,
    }


async def test_an_error_has_pythons_class_and_nodes_code() -> None:
    with pytest.raises(ConnectionRefusedError) as refused:
        await net.open_connection(port_of_nobody(), LOCAL)
    assert isinstance(refused.value, SockstreamError)
    assert refused.value.code == "ECONNREFUSED"
    with pytest.raises(ValueError, match="65536") as bad:
        net.connect(65536)
    assert isinstance(bad.value, SockstreamError)
    assert bad.value.code == "ERR_SOCKET_BAD_PORT"


async def test_several_failed_attempts_are_an_exception_group() -> None:
    def lookup(host: str, options: object, callback: Callable[..., object]) -> None:
        callback(None, [(LOCAL, 4), ("127.0.0.2", 4)])

    with pytest.raises(ConnectionGroupError) as failed:
        await net.open_connection(port_of_nobody(), "two.test", lookup=lookup)
    assert isinstance(failed.value, ExceptionGroup)
    assert failed.value.code == "ECONNREFUSED"
    assert [isinstance(error, ConnectionRefusedError) for error in failed.value.exceptions] == [True, True]


async def test_an_accepted_sockets_error_nobody_listens_to_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    peers: list[str] = []

    def accepted(socket: net.Socket) -> None:
        peers.append(f"{socket.remote_address}:{socket.remote_port}")
        socket.destroy(ValueError("nobody listens"))

    server = await serve(accepted)
    with caplog.at_level(logging.ERROR, "sockstream"):
        for _ in range(2):
            async with await net.open_connection(port_of(server), LOCAL) as socket:
                assert [chunk async for chunk in socket] == []
    await close(server)
    assert len(caplog.records) == 2
    for record, peer in zip(caplog.records, peers, strict=True):
        assert peer in record.getMessage()
        assert "nobody listens" in record.getMessage() + str(record.exc_info)


async def test_what_a_data_listener_raises_destroys_the_socket(event_log: EventLog) -> None:
    error = ValueError("in the listener")
    server = await serve(lambda socket: socket.end("data"))
    socket = net.connect(port_of(server), LOCAL)
    event_log.watch(socket, "error", "close")
    socket.on("data", raising(error))
    await event_log.until("close")
    await close(server)
    assert event_log == [("error", error), ("close", True)]


async def test_what_a_coroutine_listener_raises_destroys_the_socket(event_log: EventLog) -> None:
    error = ValueError("in the listener")

    async def listener(chunk: bytes) -> None:
        raise error

    server = await serve(lambda socket: socket.write("data"))
    socket = net.connect(port_of(server), LOCAL)
    event_log.watch(socket, "error", "close")
    socket.on("data", listener)
    await event_log.until("close")
    await close(server)
    assert event_log == [("error", error), ("close", True)]


async def test_what_a_connection_listener_raises_destroys_that_connection_only(
    event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(socket: net.Socket) -> None:
        event_log("connection")
        if event_log.count("connection") == 1:
            raise ValueError("the first one's")
        socket.end("served")

    server = await serve(listener)
    for expected in ([], [b"served"]):
        async with await net.open_connection(port_of(server), LOCAL) as socket:
            assert [chunk async for chunk in socket] == expected
    await close(server)
    assert "the first one's" in caplog.text


# -- behaviour --------------------------------------------------------------------------------------------------------


async def test_an_iteration_to_the_end_leaves_the_writable_side(event_log: EventLog) -> None:
    server = await serve(lambda socket: socket.end("question"), allow_half_open=True)
    server.on("connection", lambda socket: socket.on("data", event_log.entry("answer")))
    socket = await net.open_connection(port_of(server), LOCAL, allow_half_open=True)
    assert [chunk async for chunk in socket] == [b"question"]
    assert (socket.destroyed, socket.writable) == (False, True)
    socket.end("answered")
    await socket.wait_closed()
    await close(server)
    assert event_log == [("answer", b"answered")]


async def test_a_slow_address_wins_though_its_attempt_timeout_has_passed(event_log: EventLog) -> None:
    """The backlog of the first address is full: its SYN is dropped, and the kernel sends it again a second later."""

    def lookup(host: str, options: object, callback: Callable[..., object]) -> None:
        callback(None, [(LOCAL, 4), ("127.0.0.2", 4)])

    with closing(kernel.socket()) as slow:
        slow.bind((LOCAL, 0))
        slow.listen(0)
        waiting = fill_backlog(slow)
        socket = net.connect(slow.getsockname()[1], "two.test", lookup=lookup, auto_select_family_attempt_timeout=0.01)
        event_log.watch(socket, "connection_attempt_timeout", "connection_attempt_failed", "connect", "error", "close")
        await event_log.until("connection_attempt_failed")
        for each in waiting:
            slow.accept()[0].close()
            each.close()
        await event_log.until("connect")
        assert socket.remote_address == LOCAL
        socket.destroy()
        await event_log.until("close")
    failed, *rest = event_log
    assert failed[:2] == ("connection_attempt_failed", "127.0.0.2")
    assert rest == [("connect",), ("close", False)]


def fill_backlog(listener: kernel.socket) -> list[kernel.socket]:
    """Connect until the kernel takes no more for this listener; return what it took."""
    taken: list[kernel.socket] = []
    while True:
        client = kernel.socket()
        client.settimeout(0.2)
        try:
            client.connect(listener.getsockname())
        except TimeoutError:
            client.close()
            return taken
        taken.append(client)


async def test_what_waits_in_a_socket_is_counted_in_bytes() -> None:
    server = await serve(lambda socket: socket.resume())
    socket = net.connect(port_of(server), LOCAL)
    assert socket.write("你" * 20_000) is True
    assert (socket.writable_length, socket.buffer_size) == (60_000, 60_000)
    assert socket.write("你" * 2_000) is False
    socket.resume().end()
    await socket.wait_closed()
    await close(server)
