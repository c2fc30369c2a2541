"""Reading into buffers of the user's; how it compares to Node is in tests/node/scenarios/net_onread."""

from __future__ import annotations

import array
import asyncio
import socket as kernel
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import InvalidArgTypeError, InvalidArgValueError
from sockstream.loop import current
from sockstream.net.handle_stream import HandleStream
from sockstream.net.handles.memory import memory_pair
from sockstream.net.handles.transport import TransportHandle
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog

MUCH = bytes(range(256)) * 4096


class Reading:
    """Keeps what is read; `answers` are what the callback returns first, and `stopped` is set at a False."""

    def __init__(self, buffer: Any, *answers: object) -> None:
        self.data = bytearray()
        self.sizes: list[int] = []
        self.answers = list(answers)
        self.stopped = asyncio.Event()
        self.onread = net.OnRead(buffer, self.callback)

    def callback(self, size: int, buffer: Any) -> object:
        self.data += memoryview(buffer).cast("B")[:size]
        self.sizes.append(size)
        answer = self.answers.pop(0) if self.answers else None
        if answer is False:
            self.stopped.set()
        return answer


@pytest.mark.parametrize(
    "make", [bytearray, lambda size: memoryview(bytearray(size)), lambda size: array.array("i", [0] * (size // 4))]
)
async def test_any_writable_buffer_is_filled(make: Any) -> None:
    reading = Reading(make(8))
    async with connected_pair(onread=reading.onread) as (client, peer):
        peer.end("hello, this is a test")
        await client.wait_closed()
    assert reading.data == b"hello, this is a test"
    assert max(reading.sizes) == 8


async def early_socket(sock: kernel.socket, early: bytes, reading: Reading) -> net.Socket:
    """Return a socket over a transport that has read `early` before there was anybody to give it to."""
    made = asyncio.get_running_loop().create_future()

    def ready(handle: TransportHandle) -> None:
        handle.put_back(early)  # on uvloop some of what follows may be here already
        made.set_result(net.Socket(handle=handle, onread=reading.onread))

    TransportHandle(current(), sock).open(ready)
    socket: net.Socket = await made
    return socket


async def test_what_was_read_before_the_socket_was_there_comes_first() -> None:
    ours, theirs = kernel.socketpair()
    reading = Reading(bytearray(4))
    with theirs:
        theirs.sendall(b"KLMNO")
        theirs.shutdown(kernel.SHUT_WR)
        socket = await early_socket(ours, b"0123456789", reading)
        await socket.wait_closed()
    assert reading.data == b"0123456789KLMNO"


async def test_false_in_the_middle_of_what_was_read_before_keeps_the_rest() -> None:
    ours, theirs = kernel.socketpair()
    reading = Reading(bytearray(4), False)
    with theirs:
        theirs.sendall(b"KLMNO")
        theirs.shutdown(kernel.SHUT_WR)
        socket = await early_socket(ours, b"0123456789", reading)
        await reading.stopped.wait()
        await turns()
        assert (bytes(reading.data), socket._holds_reference) == (b"0123", False)
        socket.resume()
        await socket.wait_closed()
    assert reading.data == b"0123456789KLMNO"


async def test_chunks_of_a_handle_without_buffers_are_copied_into_them() -> None:
    one, other = memory_pair(current())
    reading = Reading(bytearray(4), None, False)
    socket = net.Socket(handle=one, onread=reading.onread)
    peer = net.Socket(handle=other)
    peer.resume()
    peer.end("0123456789")
    await reading.stopped.wait()
    assert reading.sizes == [4, 4]
    socket.resume()
    await asyncio.gather(socket.wait_closed(), peer.wait_closed())
    assert reading.data == b"0123456789"


async def test_a_slow_reader_holds_the_sender_back() -> None:
    reading = Reading(bytearray(1000), False)
    async with connected_pair(onread=reading.onread) as (client, peer):
        for _ in range(64):
            peer.write(MUCH)
        await reading.stopped.wait()
        assert peer.writable_need_drain
        assert client.bytes_read == 1000
        peer.destroy()
        client.resume()
        client.on("error", lambda _: None)


async def test_writing_is_as_ever() -> None:
    reading = Reading(bytearray(5))
    async with serving(lambda socket: socket.pipe(socket)) as server:
        client = await net.open_connection(port_of(server), LOCAL, onread=reading.onread)
        client.end(MUCH)
        await client.wait_closed()
    assert reading.data == MUCH


async def test_an_accepted_handle_reads_into_buffers_as_well() -> None:
    ours, theirs = kernel.socketpair()
    reading = Reading(bytearray(3))
    with theirs:
        socket = net.Socket(fd=ours.detach(), onread=reading.onread)
        theirs.sendall(b"hello")
        theirs.shutdown(kernel.SHUT_WR)
        await socket.wait_closed()
    assert reading.data == b"hello"


async def test_a_coroutine_callback_is_run() -> None:
    seen: list[bytes] = []

    async def callback(size: int, buffer: bytearray) -> None:
        seen.append(bytes(buffer[:size]))

    async with connected_pair(onread=net.OnRead(bytearray(10), callback)) as (client, peer):
        peer.end("hello")
        await client.wait_closed()
    assert seen == [b"hello"]


async def test_what_the_callback_raises_destroys_the_socket(event_log: EventLog) -> None:
    error = ValueError("boom")

    def callback(_: int, __: bytearray) -> None:
        raise error

    async with connected_pair(onread=net.OnRead(bytearray(10), callback)) as (client, peer):
        event_log.watch(client, "error", "close")
        peer.write("hello")
        await event_log.until("close")
        assert event_log == [("error", error), ("close", True)]


async def test_a_function_that_gives_no_buffer_destroys_the_socket(event_log: EventLog) -> None:
    buffers: list[Any] = [b"read-only", bytearray(10)]
    async with connected_pair(onread=net.OnRead(buffers.pop, lambda *_: None)) as (client, peer):
        event_log.watch(client, "error", "close")
        peer.write("hello")
        await event_log.until("close")
    assert [entry[0] for entry in event_log] == ["error", "close"]
    assert event_log[0][1].code == "ERR_INVALID_ARG_TYPE"


async def test_a_function_that_gives_no_buffer_at_first_is_an_error_of_connect() -> None:
    socket = net.Socket(onread=net.OnRead(lambda: None, lambda *_: None))
    with pytest.raises(InvalidArgTypeError):
        socket.connect(1, LOCAL)
    assert not socket.connecting
    socket.destroy()


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InvalidArgTypeError, match="buffer"):
        net.OnRead(b"read-only", print)
    with pytest.raises(InvalidArgTypeError, match="buffer"):
        net.OnRead(5, print)
    with pytest.raises(InvalidArgTypeError, match="buffer"):
        net.OnRead(memoryview(bytearray(9))[::2], print)
    with pytest.raises(InvalidArgValueError, match="buffer"):
        net.OnRead(bytearray(), print)
    with pytest.raises(InvalidArgTypeError, match="callback"):
        net.OnRead(bytearray(1), None)  # type: ignore[arg-type]


async def test_the_option_takes_an_on_read_only() -> None:
    with pytest.raises(InvalidArgTypeError, match="onread"):
        net.Socket(onread={"buffer": bytearray(1)})  # type: ignore[arg-type]


async def test_nothing_is_kept_of_a_buffer_after_the_close() -> None:
    reading = Reading(bytearray(10))
    async with connected_pair(onread=reading.onread) as (client, peer):
        peer.end("hello")
        await client.wait_closed()
    assert isinstance(reading.onread.buffer, bytearray)
    reading.onread.buffer.extend(b"it can grow: no view of it is left")
    assert client._handle is None


async def test_a_subclass_may_use_it_too() -> None:
    class Quiet(net.Socket):
        def push(self, chunk: Any, encoding: str | None = None) -> bool:
            assert chunk is None
            return super().push(chunk, encoding)

    reading = Reading(bytearray(10))
    async with serving(lambda socket: socket.end("hello")) as server:
        socket = Quiet(onread=reading.onread)
        socket.connect(port_of(server), LOCAL)
        assert await read_all(socket) == b""
    assert reading.data == b"hello"
    assert isinstance(socket, HandleStream)
