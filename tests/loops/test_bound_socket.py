"""Bound sockets that servers listen on and clients connect from."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import SocketHandleAdoptedError, SystemCallError
from sockstream.events import once
from sockstream.net.handles import transport
from tests.support.net import LOCAL, port_of, port_of_nobody, read_all, serving

if TYPE_CHECKING:
    from tests.support.events import EventLog

EVENTS = ("lookup", "connection_attempt", "connection_attempt_failed", "connect", "error", "close")


def address_of(bound: net.BoundSocket) -> net.AddressInfo:
    address = bound.address()
    assert isinstance(address, net.AddressInfo)
    return address


async def closed(socket: net.Socket) -> None:
    """Wait for the end of a socket, whatever it ended with."""
    waiter = asyncio.get_running_loop().create_future()
    socket.once("close", lambda _: waiter.set_result(None))
    await waiter


# -- servers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_position", [True, False])
async def test_a_server_listens_where_it_is_bound(by_position: bool) -> None:
    bound = net.BoundSocket(host=LOCAL)
    where = address_of(bound)
    server = net.create_server(lambda socket: socket.end("hello"))
    assert (server.listen(bound) if by_position else server.listen(handle=bound)) is server
    assert (server.listening, server.address()) == (True, where)
    async with server:
        assert await read_all(await net.open_connection(port_of(server), LOCAL)) == b"hello"
        for call in (bound.address, bound.fd, bound.close, lambda: net.create_server().listen(bound)):
            with pytest.raises(SocketHandleAdoptedError):
                call()
    with pytest.raises(ConnectionRefusedError):
        await net.open_connection(where.port, LOCAL)


async def test_nothing_listens_before() -> None:
    with net.BoundSocket(host=LOCAL) as bound, pytest.raises(ConnectionRefusedError):
        await net.open_connection(address_of(bound).port, LOCAL)


async def test_a_server_listens_at_a_bound_path(tmp_socket_path: str) -> None:
    before = os.umask(0o077)
    try:
        bound = net.BoundSocket(path=tmp_socket_path)
        async with serving(lambda socket: socket.end("hello"), handle=bound, readable_all=True) as server:
            assert server.address() == tmp_socket_path
            assert stat.S_IMODE(os.stat(tmp_socket_path).st_mode) == 0o744
            assert await read_all(await net.open_connection(tmp_socket_path)) == b"hello"
    finally:
        os.umask(before)
    assert not os.path.exists(tmp_socket_path)


async def test_the_callback_and_the_backlog_of_a_bound_socket(event_log: EventLog) -> None:
    server = net.create_server().listen(net.BoundSocket(host=LOCAL), 5, event_log.entry("callback"))
    assert event_log == []
    await event_log.until("callback")
    server.close()
    await server.wait_closed()


async def test_only_one_of_a_port_can_listen(event_log: EventLog) -> None:
    one = net.BoundSocket(host=LOCAL)
    port = address_of(one).port
    other = net.BoundSocket(host=LOCAL, port=port)
    async with serving(handle=one):
        server = net.create_server()
        event_log.watch(server, "listening", "error")
        server.listen(other, event_log.entry("callback"))
        assert event_log == []
        await event_log.until("error")
        ((_, error),) = event_log
        assert str(error) == f"listen EADDRINUSE: address already in use {LOCAL}:{port}"
        assert (error.address, error.port) == (LOCAL, port)
        # It was taken over all the same, and is closed.
        assert (repr(other), server.listening) == ("<BoundSocket adopted>", False)
        server.listen(0, LOCAL)
        await event_log.until("callback")
        server.close()
        await server.wait_closed()


async def test_two_that_share_a_port_both_listen() -> None:
    one = net.BoundSocket(port=0, reuse_port=True)
    other = net.BoundSocket(port=address_of(one).port, reuse_port=True)
    async with serving(handle=one) as first, serving(handle=other) as second:
        assert port_of(first) == port_of(second)


async def test_a_server_that_listens_leaves_it_alone() -> None:
    async with serving() as server:
        with net.BoundSocket(host=LOCAL) as bound:
            with pytest.raises(RuntimeError):
                server.listen(bound)
            assert bound.fd() > 0


async def test_one_that_was_taken_over_leaves_no_callback(event_log: EventLog) -> None:
    bound = net.BoundSocket(host=LOCAL)
    async with serving(handle=bound):
        server = net.create_server()
        with pytest.raises(SocketHandleAdoptedError):
            server.listen(bound, event_log.entry("never"))
        assert server.listener_count("listening") == 0


async def test_one_that_is_closed_is_refused() -> None:
    bound = net.BoundSocket(host=LOCAL)
    bound.close()
    for take in (net.create_server().listen, lambda it: net.Socket(handle=it)):
        with pytest.raises(SocketHandleAdoptedError):
            take(bound)


# -- clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "host", "local", "remote"),
    [
        ({"host": LOCAL}, LOCAL, LOCAL, LOCAL),
        ({"host": "127.0.0.9"}, LOCAL, "127.0.0.9", LOCAL),
        ({"host": "0.0.0.0"}, LOCAL, LOCAL, LOCAL),
        ({"host": "::1"}, "::1", "::1", "::1"),
        ({"host": "::"}, "::1", "::1", "::1"),
        # A dual-stack socket reaches IPv4 by mapped addresses.
        ({"host": "::"}, LOCAL, f"::ffff:{LOCAL}", f"::ffff:{LOCAL}"),
        ({"host": f"::ffff:{LOCAL}"}, LOCAL, f"::ffff:{LOCAL}", f"::ffff:{LOCAL}"),
        ({"ipv6_only": True}, "::1", "::1", "::1"),
    ],
)
async def test_a_client_connects_from_where_it_is_bound(
    options: dict[str, Any], host: str, local: str, remote: str, event_log: EventLog
) -> None:
    async with serving(host="::", port=0) as server:
        accepted = asyncio.ensure_future(once(server, "connection"))
        bound = net.BoundSocket(**options)
        where = address_of(bound)
        client = net.Socket(handle=bound)
        event_log.watch(client, *EVENTS)
        assert (client.pending, client.connecting, client.address()) == (True, False, where)
        assert client.connect(port_of(server), host) is client
        assert client.local_port == where.port
        await event_log.until("connect")
        (peer,) = await accepted
        assert event_log == [("connection_attempt", host, port_of(server), 6 if ":" in host else 4), ("connect",)]
        assert (client.local_address, client.local_port) == (local, where.port)
        assert (client.remote_address, client.remote_port) == (remote, port_of(server))
        assert peer.remote_port == where.port
        client.end("hello")
        assert await read_all(peer) == b"hello"
        with pytest.raises(SocketHandleAdoptedError):
            net.Socket(handle=bound)


@pytest.mark.parametrize(
    ("bound_to", "host", "family"), [(LOCAL, LOCAL, 4), ("::1", "::1", 6), (f"::ffff:{LOCAL}", LOCAL, 4)]
)
async def test_of_a_name_only_what_fits_is_tried(bound_to: str, host: str, family: int, event_log: EventLog) -> None:
    async def lookup(name: str, options: net.LookupOptions) -> net.LookupAddress:
        event_log("asked", options["family"], options["all"])
        return net.LookupAddress(LOCAL if options["family"] == 4 else "::1", options["family"])

    async with serving(host="::", port=0) as server:
        client = net.Socket(handle=net.BoundSocket(host=bound_to))
        event_log.watch(client, "lookup", "connection_attempt", "connect")
        client.connect(port=port_of(server), host="name", lookup=lookup)
        await event_log.until("connect")
        assert event_log == [
            ("asked", family, False),
            ("lookup", None, host, family, "name"),
            ("connection_attempt", host, port_of(server), family),
            ("connect",),
        ]
        assert client.local_address == bound_to
        client.destroy()


@pytest.mark.parametrize(
    ("options", "host", "code"),
    [
        ({"host": LOCAL}, "::1", "EINVAL"),
        ({"host": "::1"}, LOCAL, "ENETUNREACH"),
        ({"ipv6_only": True}, LOCAL, "ENETUNREACH"),
    ],
)
async def test_an_address_that_does_not_fit(options: dict[str, Any], host: str, code: str, event_log: EventLog) -> None:
    client = net.Socket(handle=net.BoundSocket(**options))
    event_log.watch(client, "connection_attempt_failed", "error", "close")
    client.connect(8431, host)
    await event_log.until("close")
    (_, error), close = event_log
    assert str(error) == f"connect {code} {host}:8431"
    assert close == ("close", True)
    assert client.address() is None


@pytest.mark.parametrize("with_aiofastnet", [True, False])
async def test_a_client_connects_from_a_path(
    with_aiofastnet: bool, tmp_socket_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_aiofastnet:
        monkeypatch.setattr(transport, "_make_fast_transport", None)
    own = f"{tmp_socket_path}.client"
    async with serving(path=tmp_socket_path) as server:
        server.on("connection", lambda socket: socket.end("hello"))
        client = net.Socket(handle=net.BoundSocket(path=own))
        client.connect(tmp_socket_path)
        await once(client, "connect")
        assert os.path.exists(own)
        assert await read_all(client) == b"hello"
        await client.wait_closed()
        assert not os.path.exists(own)


async def test_a_path_and_a_port_do_not_fit(tmp_socket_path: str, event_log: EventLog) -> None:
    async with serving(path=tmp_socket_path):
        there: list[tuple[net.BoundSocket, dict[str, Any]]] = [
            (net.BoundSocket(path=f"{tmp_socket_path}.client"), {"port": 8431, "host": LOCAL}),
            (net.BoundSocket(host=LOCAL), {"path": tmp_socket_path}),
        ]
        for bound, where in there:
            client = net.Socket(handle=bound)
            event_log.watch(client, "error")
            client.connect(**where)
            await closed(client)
    assert [entry[1].code for entry in event_log] == ["EINVAL", "EINVAL"]
    assert not os.path.exists(f"{tmp_socket_path}.client")


@pytest.mark.parametrize("options", [{"local_address": LOCAL}, {"local_port": 8431}])
async def test_a_local_address_cannot_be_chosen_besides(options: dict[str, Any]) -> None:
    socket = net.Socket(handle=net.BoundSocket(host=LOCAL))
    with pytest.raises(ValueError, match="the socket is bound already"):
        socket.connect(port=8431, host=LOCAL, **options)
    assert not socket.connecting
    socket.destroy()
    await closed(socket)


async def test_a_refused_client_is_bound_no_more(event_log: EventLog) -> None:
    client = net.Socket(handle=net.BoundSocket(host=LOCAL))
    port = client.local_port
    event_log.watch(client, "error", "close")
    client.connect(port_of_nobody(), LOCAL)
    await event_log.until("close")
    assert event_log[0][1].code == "ECONNREFUSED"
    async with serving() as server:
        client.connect(port_of(server), LOCAL)
        await once(client, "connect")
        assert client.local_port != port
        client.destroy()


@pytest.mark.parametrize("act", ["never", "name", "connecting"])
async def test_destroyed_it_closes_what_it_was_given(act: str, tmp_socket_path: str) -> None:
    client = net.Socket(handle=net.BoundSocket(path=tmp_socket_path))
    if act == "name":
        client.connect(8431, "localhost")
    elif act == "connecting":
        client.connect(tmp_socket_path + "x")
    client.destroy()
    assert client.address() is None
    await closed(client)
    assert not os.path.exists(tmp_socket_path)


async def test_a_connect_that_raises_leaves_it_bound() -> None:
    def lookup(*_: object) -> None:
        raise ValueError("mine")

    async with serving() as server:
        client = net.Socket(handle=net.BoundSocket(host=LOCAL))
        port = client.local_port
        with pytest.raises(ValueError, match="mine"):
            client.connect(port=port_of(server), host="name", lookup=lookup)
        client.connect(port_of(server), LOCAL)
        await once(client, "connect")
        assert client.local_port == port
        client.destroy()


async def test_the_functions_take_one_too(tmp_socket_path: str) -> None:
    async with await net.start_server(handle=net.BoundSocket(host=LOCAL)) as server:
        server.on("connection", lambda socket: socket.end("hello"))
        bound = net.BoundSocket(host="127.0.0.9")
        client = await net.open_connection(port_of(server), LOCAL, handle=bound)
        assert client.local_address == "127.0.0.9"
        assert await read_all(client) == b"hello"
    with pytest.raises(SystemCallError, match="listen EINVAL"):
        await net.start_server(fd=999)
