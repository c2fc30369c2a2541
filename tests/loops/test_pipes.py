"""Sockets over the ends of a pipe; the scenarios `net_descriptors` compare what they do with Node."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import InvalidFdTypeError
from sockstream.events import once
from sockstream.loop import current
from tests.support.net import read_all, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


class Box:
    """An object with a descriptor, as Node's handles are."""

    def __init__(self, fd: int) -> None:
        self.fd = fd


@pytest.mark.parametrize("make", [lambda fd: {"fd": fd}, lambda fd: {"handle": Box(fd)}])
async def test_from_end_to_end(make: Any) -> None:
    reading, writing = os.pipe()
    source = net.Socket(**make(reading), writable=False)
    sink = net.Socket(**make(writing), readable=False)
    assert (source.fileno(), sink.fileno()) == (reading, writing)
    data = bytes(range(256)) * 2000
    sink.end(data)
    assert await read_all(source) == data
    await source.wait_closed()
    await sink.wait_closed()
    assert (source.fileno(), sink.fileno()) == (-1, -1)


async def test_a_file_object_keeps_its_descriptor() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file:
        source = net.Socket(handle=file, writable=False)
        os.write(writing, b"hello")
        os.close(writing)
        assert await read_all(source) == b"hello"
        assert not file.closed


async def test_a_file_object_of_no_pipe_is_refused() -> None:
    with open(__file__, "rb") as file, pytest.raises(InvalidFdTypeError, match="FILE"):
        net.Socket(handle=file)


async def test_what_is_written_while_it_is_full_waits_in_order(event_log: EventLog) -> None:
    reading, writing = os.pipe()
    sink = net.Socket(fd=writing, readable=False)
    event_log.watch(sink, "drain", "finish", "close")
    big = b"x" * 100_000
    assert not sink.write(big)
    sink.write("y")
    sink.end("z")
    await turns(3)
    assert event_log == []
    assert sink.writable_length > 0
    source = net.Socket(fd=reading, writable=False)
    assert await read_all(source) == big + b"yz"
    await event_log.until("close")
    assert event_log == [("drain",), ("finish",), ("close", False)] or event_log == [("finish",), ("close", False)]


async def test_buffers_of_ones_own_are_filled_from_a_pipe() -> None:
    got: list[bytes] = []
    reading, writing = os.pipe()
    os.write(writing, b"hello there")
    os.close(writing)

    def take(size: int, buffer: Any) -> None:
        got.append(bytes(buffer[:size]))

    source = net.Socket(fd=reading, writable=False, onread=net.OnRead(bytearray(4), take))
    await once(source, "close")
    assert b"".join(got) == b"hello there"


async def test_buffers_pause_a_pipe() -> None:
    got: list[bytes] = []
    reading, writing = os.pipe()
    os.write(writing, b"hello there")

    def take(size: int, buffer: Any) -> bool:
        got.append(bytes(buffer[:size]))
        return False

    source = net.Socket(fd=reading, writable=False, onread=net.OnRead(bytearray(4), take))
    await turns(10)
    assert got == [b"hell"]
    source.resume()
    await turns(10)
    assert got == [b"hell", b"o th"]
    os.close(writing)
    source.destroy()
    await once(source, "close")


async def test_a_pipe_has_no_socket_options() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    source = net.Socket(fd=reading)
    assert source._handle is not None
    with pytest.raises(OSError, match="Socket operation on non-socket"):
        source._handle.get_option(1, 2)
    with pytest.raises(OSError, match="Socket operation on non-socket"):
        source._handle.set_option(1, 2, 3)
    assert source.get_type_of_service() == 0
    source.destroy()
    await once(source, "close")


async def test_it_holds_a_reference_while_it_reads_or_writes() -> None:
    runtime = current()
    reading, writing = os.pipe()
    source = net.Socket(fd=reading, writable=False)
    sink = net.Socket(fd=writing, readable=False)
    assert runtime.references == 1  # the one that reads
    sink.write(b"x" * 100_000)
    assert runtime.references == 2
    sink.destroy()
    source.destroy()
    await once(source, "close")
    await turns(3)
    assert runtime.references == 0
