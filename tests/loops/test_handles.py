"""Unix paths, abstract names, inherited descriptors, existing sockets, and another server's handle."""

from __future__ import annotations

import asyncio
import os
import socket as kernel
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import InvalidFdTypeError, SystemCallError
from sockstream.events import once
from tests.support.net import LOCAL, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


class Box:
    """An object with a descriptor, as Node's handles are."""

    def __init__(self, fd: Any) -> None:
        self.fd = fd


def echo(socket: net.Socket) -> None:
    socket.pipe(socket)


async def assert_echoes(*where: Any) -> None:
    async with asyncio.timeout(10):
        socket = await net.open_connection(*where)
        socket.end("hello")
        assert await read_all(socket) == b"hello"


# -- Unix sockets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
async def test_a_path_is_listened_at_and_unlinked(kind: Any, tmp_socket_path: str) -> None:
    path = kind(tmp_socket_path)
    server = net.create_server(echo).listen(path)
    assert server.listening
    assert server.address() == tmp_socket_path
    await assert_echoes(path)
    assert stat.S_ISSOCK(os.stat(path).st_mode)
    server.close()
    assert not os.path.exists(path)
    await server.wait_closed()


async def test_a_unix_connection_has_no_addresses(tmp_socket_path: str, event_log: EventLog) -> None:
    async with serving(path=tmp_socket_path) as server:
        accepted = asyncio.ensure_future(once(server, "connection"))
        client = net.connect(tmp_socket_path)
        event_log.watch(client, "connection_attempt", "connect", "ready")
        await event_log.until("ready")
        (peer,) = await accepted
        for socket in (client, peer):
            assert (socket.address(), socket.remote_address, socket.remote_port, socket.local_family) == (None,) * 4
        assert event_log == [("connect",), ("ready",)]
        client.destroy()


async def test_the_drop_of_a_unix_server_tells_nothing(tmp_socket_path: str, event_log: EventLog) -> None:
    async with serving(path=tmp_socket_path) as server:
        event_log.watch(server, "drop")
        server.max_connections = 0
        assert await read_all(await net.open_connection(tmp_socket_path)) == b""
    assert event_log == [("drop", None)]


async def test_an_abstract_name(event_log: EventLog) -> None:
    name = f"\0sockstream-test-{os.getpid()}"
    async with serving(echo, path=name) as server:
        assert server.address() == name
        await assert_echoes(name)
    with pytest.raises(ConnectionRefusedError):
        await net.open_connection(name)


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("/tmp/" + "x" * 200, "EINVAL", "invalid argument"),
        ("/tmp", "EADDRINUSE", "address already in use"),
        ("/nonexistent/directory/x", "EACCES", "permission denied"),
    ],
)
async def test_a_path_that_cannot_be_listened_at(path: str, code: str, text: str) -> None:
    with pytest.raises(SystemCallError) as caught:
        await net.start_server(path=path)
    error = caught.value
    assert (str(error), error.code) == (f"listen {code}: {text} {path}", code)
    assert (error.syscall, error.address, error.port) == ("listen", path, -1)


async def test_a_stale_path_is_in_use(tmp_socket_path: str) -> None:
    with kernel.socket(kernel.AF_UNIX) as stale:
        stale.bind(tmp_socket_path)
    with pytest.raises(OSError, match="EADDRINUSE"):
        await net.start_server(path=tmp_socket_path)
    with pytest.raises(ConnectionRefusedError, match=f"connect ECONNREFUSED {tmp_socket_path}"):
        await net.open_connection(tmp_socket_path)
    os.unlink(tmp_socket_path)
    with pytest.raises(FileNotFoundError, match=f"connect ENOENT {tmp_socket_path}"):
        await net.open_connection(tmp_socket_path)


async def test_a_path_too_long_to_connect_to() -> None:
    with pytest.raises(OSError, match="connect EINVAL"):
        await net.open_connection("/tmp/" + "x" * 200)


@pytest.mark.parametrize(
    ("options", "bits"),
    [({}, 0), ({"readable_all": True}, 0o444), ({"writable_all": True}, 0o222),
     ({"readable_all": True, "writable_all": True}, 0o666)],
)  # fmt: skip
async def test_who_may_use_a_path(options: dict[str, Any], bits: int, tmp_socket_path: str) -> None:
    before = os.umask(0o777)
    try:
        async with serving(path=tmp_socket_path, **options):
            assert stat.S_IMODE(os.stat(tmp_socket_path).st_mode) == bits
    finally:
        os.umask(before)


# -- what listens already, or is bound --------------------------------------------------------------------------------


def bound() -> kernel.socket:
    made = kernel.socket()
    made.bind((LOCAL, 0))
    return made


async def test_an_inherited_descriptor() -> None:
    made = bound()
    port = made.getsockname()[1]
    async with serving(echo, fd=made.detach()) as server:
        assert server.address() == (LOCAL, port, "IPv4")
        await assert_echoes(port, LOCAL)


async def test_an_inherited_descriptor_of_a_unix_socket(tmp_socket_path: str) -> None:
    made = kernel.socket(kernel.AF_UNIX)
    made.bind(tmp_socket_path)
    made.listen()
    async with serving(echo, fd=made.detach()) as server:
        assert server.address() == tmp_socket_path
        await assert_echoes(tmp_socket_path)
    # Whoever bound it unlinks it.
    os.unlink(tmp_socket_path)


@pytest.mark.parametrize("make", [lambda made: made, lambda made: Box(made.detach())])
async def test_an_existing_socket(make: Any) -> None:
    made = bound()
    port = made.getsockname()[1]
    server = net.create_server(echo).listen(make(made))
    assert server.listening
    await assert_echoes(port, LOCAL)
    server.close()
    await server.wait_closed()
    assert made.fileno() == -1


async def test_an_object_that_keeps_its_descriptor() -> None:
    class Keeper:
        def __init__(self, made: kernel.socket) -> None:
            self.made = made

        def fileno(self) -> int:
            return self.made.fileno()

    with bound() as made:
        async with serving(echo, handle=Keeper(made)):
            await assert_echoes(made.getsockname()[1], LOCAL)
        assert made.fileno() > 0


async def test_another_servers_handle(event_log: EventLog) -> None:
    async with serving(echo) as giver:
        giver.on("connection", lambda _: event_log("giver"))
        port = port_of(giver)
        async with serving(echo, handle=giver) as taker:
            taker.on("connection", lambda _: event_log("taker"))
            assert port_of(taker) == port
            for _ in range(3):
                await assert_echoes(port, LOCAL)
        await assert_echoes(port, LOCAL)
    assert event_log == [("taker",)] * 3 + [("giver",)]


async def test_another_servers_handle_outlives_it(event_log: EventLog) -> None:
    giver = await net.start_server(port=0, host=LOCAL)
    port = port_of(giver)
    async with serving(echo, handle=giver):
        giver.close()
        await giver.wait_closed()
        await assert_echoes(port, LOCAL)


async def test_a_server_that_does_not_listen_has_no_handle() -> None:
    with pytest.raises(ValueError, match="has no open descriptor"):
        net.create_server().listen(net.create_server())


async def test_a_descriptor_that_cannot_listen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    for descriptor in (os.open(path, os.O_RDONLY), 999):
        with pytest.raises(OSError, match="listen EINVAL: invalid argument"):
            await net.start_server(fd=descriptor)
        if descriptor != 999:
            os.close(descriptor)
    with kernel.socket(type=kernel.SOCK_DGRAM) as datagrams:
        with pytest.raises(OSError, match="EINVAL"):
            await net.start_server(fd=datagrams.fileno())
        assert datagrams.fileno() > 0


async def test_an_object_without_a_descriptor() -> None:
    with pytest.raises(ValueError, match="must be a BoundSocket, a Server, a Socket"):
        net.create_server().listen(object())  # type: ignore[call-overload]


# -- sockets of what is connected already -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [lambda it: {"fd": it.detach()}, lambda it: {"handle": it}, lambda it: {"handle": Box(it.detach())}]
)
async def test_a_socket_of_what_is_connected(make: Any, event_log: EventLog) -> None:
    ours, theirs = kernel.socketpair()
    with theirs:
        socket = net.Socket(**make(ours))
        event_log.watch(socket, "connect", "data", "end", "finish", "close")
        assert (socket.pending, socket.connecting, socket.ready_state) == (False, False, "open")
        # There is no transport yet: it waits.
        socket.write("early")
        socket.end("!")
        loop = asyncio.get_running_loop()
        theirs.setblocking(False)
        got = b""
        while len(got) < 6:
            got += await loop.sock_recv(theirs, 100)
        assert (got, await loop.sock_recv(theirs, 100)) == (b"early!", b"")
        await loop.sock_sendall(theirs, b"answer")
        theirs.shutdown(kernel.SHUT_WR)
        await event_log.until("close")
    assert event_log == [("finish",), ("data", b"answer"), ("end",), ("close", False)]


async def test_a_socket_of_a_tcp_connection_knows_its_addresses() -> None:
    async with serving(echo) as server:
        made = kernel.create_connection((LOCAL, port_of(server)))
        name = made.getsockname()
        socket = net.Socket(handle=made)
        assert (socket.local_address, socket.local_port) == name
        assert socket.remote_port == port_of(server)
        socket.end("x")
        assert await read_all(socket) == b"x"


async def test_destroyed_before_there_is_a_transport(event_log: EventLog) -> None:
    for waiting in (0, 1, 2, 3):
        ours, theirs = kernel.socketpair()
        with theirs:
            socket = net.Socket(handle=ours)
            event_log.watch(socket, "error", "close")
            socket.write("x", event_log.entry("written"))
            await turns(waiting)
            socket.destroy()
            await event_log.until("close")
        assert ("close", False) in event_log
        assert not event_log.count("error")
        event_log.clear()


async def test_a_descriptor_that_is_no_connection(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    with pytest.raises(InvalidFdTypeError, match="FILE"):
        net.Socket(fd=descriptor)
    os.close(descriptor)
    for wrong in (-1, True, "1"):
        with pytest.raises((TypeError, ValueError)):
            net.Socket(fd=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        net.Socket(handle=object())  # type: ignore[arg-type]
