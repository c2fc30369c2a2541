"""The socket over a memory handle: what it asks of its handle, and what it makes of what it is told."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.loop import current
from sockstream.net.handles.memory import MemoryHandle, memory_pair
from sockstream.timers import set_timeout
from tests.support.net import turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.events import EventLog

pytestmark = pytest.mark.only_loop("asyncio")

EVENTS = ("data", "end", "finish", "drain", "timeout", "error", "close")


def over_memory(
    buffer_size: int = 65_536, *, silent_peer: bool = False, **options: Any
) -> tuple[net.Socket, MemoryHandle, net.Socket]:
    """Return a socket, its handle, and the socket at the other end, which reads nothing if it is silent."""
    one, other = memory_pair(current(), buffer_size)
    return net.Socket(handle=one, **options), one, net.Socket(handle=other, pause_on_create=silent_peer)


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_it_reads_from_the_start_up_to_its_mark(event_log: EventLog) -> None:
    socket, handle, peer = over_memory(high_water_mark=4)
    assert handle.reading
    peer.write("abcd")
    await turns()
    assert (handle.reading, socket.readable_length, socket.readable_flowing) == (False, 4, None)
    peer.write("efgh")
    await turns()
    assert socket.readable_length == 4
    event_log.watch(socket, "data")
    await event_log.until("data", count=2)
    assert (event_log, handle.reading) == ([("data", b"abcd"), ("data", b"efgh")], True)
    socket.destroy(), peer.destroy()


async def test_pausing_lets_the_buffer_fill_and_resuming_empties_it(event_log: EventLog) -> None:
    socket, handle, peer = over_memory(high_water_mark=4)
    event_log.watch(socket, "data")
    await turns()
    socket.pause()
    for _ in range(3):
        peer.write("abcd")
        await turns()
    assert (event_log, handle.reading, socket.readable_length) == ([], False, 4)
    socket.resume()
    await event_log.until("data", count=3)
    assert handle.reading
    socket.destroy(), peer.destroy()


async def test_paused_on_create_it_does_not_read() -> None:
    socket, handle, peer = over_memory(pause_on_create=True)
    peer.write("x")
    await turns()
    assert (handle.reading, socket.is_paused(), socket.bytes_read) == (False, True, 0)
    socket.resume()
    await turns()
    assert (handle.reading, socket.bytes_read) == (True, 1)
    socket.destroy(), peer.destroy()


async def test_the_end_comes_after_all_data_was_read(event_log: EventLog) -> None:
    socket, _, peer = over_memory(allow_half_open=True)
    event_log.watch(socket, "end")
    peer.end("last")
    await turns(10)
    assert event_log == []
    assert socket.read() == b"last"
    assert socket.read() is None
    await event_log.until("end")
    assert socket.writable
    socket.destroy(), peer.destroy()


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_one_write_is_in_flight_and_the_rest_goes_as_a_batch(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket, _, peer = over_memory(4, silent_peer=True)
    batches: list[Any] = []

    writelines = MemoryHandle.writelines

    def noted(self: MemoryHandle, chunks: Sequence[bytes]) -> None:
        batches.append(chunks)
        writelines(self, chunks)

    monkeypatch.setattr(MemoryHandle, "writelines", noted)
    for name in ("abcdef", "gh", "ij"):
        socket.write(name, event_log.entry(name))
    await turns()
    assert (event_log, batches, socket.writable_length, socket.bytes_written) == ([], [], 10, 10)
    peer.resume()
    await event_log.until("ij")
    assert batches == [[b"gh", b"ij"]]
    assert event_log == [("abcdef", None), ("gh", None), ("ij", None)]
    socket.destroy(), peer.destroy()


async def test_drain_comes_when_the_kernel_has_all(event_log: EventLog) -> None:
    socket, _, peer = over_memory(4, silent_peer=True, high_water_mark=8)
    event_log.watch(socket, "drain")
    assert not socket.write(b"123456789")
    await turns(10)
    assert event_log == []
    peer.resume()
    await event_log.until("drain")
    assert socket.write(b"1")
    socket.destroy(), peer.destroy()


async def test_the_end_waits_for_the_write_in_flight(event_log: EventLog) -> None:
    socket, _, peer = over_memory(4, silent_peer=True)
    event_log.watch(socket, "finish", "close")
    event_log.watch(peer, "data", "end", prefix=("peer",))
    socket.end(b"123456789", callback=event_log.entry("callback"))
    await turns(10)
    assert event_log == []
    peer.resume()
    await event_log.until("close")
    assert [entry for entry in event_log if entry[0] != "peer"] == [("callback", None), ("finish",), ("close", False)]
    assert ("peer", "data", b"123456789") in event_log
    await peer.wait_closed()


# -- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "reading", "busy", "text"),
    [
        (errno.ECONNRESET, True, False, "read ECONNRESET"),
        (errno.ECONNRESET, True, True, "read ECONNRESET"),
        (errno.ECONNRESET, False, True, "write ECONNRESET"),
        (errno.EPIPE, True, True, "write EPIPE"),
        (errno.ETIMEDOUT, True, False, "read ETIMEDOUT"),
    ],
)
async def test_what_a_connection_died_of(
    number: int, reading: bool, busy: bool, text: str, event_log: EventLog
) -> None:
    socket, handle, peer = over_memory(4, silent_peer=True)
    event_log.watch(socket, "error", "close")
    if not reading:
        handle.read_stop()
    if busy:
        socket.write(b"123456789", event_log.entry("written"))
    handle.fail(OSError(number, "gone"))
    await event_log.until("close")
    error = next(entry[1] for entry in event_log if entry[0] == "error")
    assert str(error) == text
    assert event_log[-1] == ("close", True)
    if busy:
        written = error if text.startswith("write") else None
        assert ("written", written) in event_log
    peer.destroy()


async def test_a_write_that_kills_the_connection_fails_with_its_error(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket, _, peer = over_memory()
    event_log.watch(socket, "error", "close")

    def write(self: MemoryHandle, chunk: bytes) -> None:
        self.fail(OSError(errno.ECONNRESET, "gone"))

    monkeypatch.setattr(MemoryHandle, "write", write)
    socket.write("x", event_log.entry("written"))
    assert event_log == []
    await event_log.until("close")
    error = event_log[0][1]
    assert (str(error), event_log) == ("write ECONNRESET", [("written", error), ("error", error), ("close", True)])
    peer.destroy()


async def test_a_connection_lost_without_a_reason_is_closed(event_log: EventLog) -> None:
    socket, handle, peer = over_memory()
    event_log.watch(socket, "error", "close")
    socket.handle_lost(None)
    await event_log.until("close")
    assert (event_log, handle.is_lost()) == ([("close", False)], True)
    peer.destroy()


async def test_a_reset_of_a_memory_connection(event_log: EventLog) -> None:
    socket, handle, peer = over_memory()
    event_log.watch(peer, "error", "close")
    socket._reset()
    await event_log.until("close")
    assert str(event_log[0][1]) == "read ECONNRESET"
    assert handle.was_reset


# -- time, on a clock that jumps --------------------------------------------------------------------------------------


@pytest.mark.fake_clock
async def test_timeouts_count_from_the_last_activity(event_log: EventLog) -> None:
    socket, _, peer = over_memory()
    loop = current().loop
    socket.on("timeout", lambda: event_log("timeout", round(loop.time())))
    socket.on("data", lambda _: None)
    socket.set_timeout(10)
    set_timeout(socket.write, 7, "x")
    set_timeout(peer.write, 12, "y")
    await event_log.until("timeout")
    set_timeout(peer.write, 28, "z")
    await event_log.until("timeout", count=2)
    assert event_log == [("timeout", 22), ("timeout", 60)]
    socket.destroy(), peer.destroy()


@pytest.mark.fake_clock
async def test_a_destroyed_socket_has_no_timer(event_log: EventLog) -> None:
    socket, _, peer = over_memory()
    event_log.watch(socket, "timeout")
    socket.set_timeout(10)
    socket.destroy(), peer.destroy()
    set_timeout(event_log, 100, "later")
    await event_log.until("later")
    assert event_log == [("later",)]


# -- references -------------------------------------------------------------------------------------------------------


async def test_what_is_active_holds_a_reference() -> None:
    runtime = current()
    seen = [runtime.references]
    socket, _, peer = over_memory(4, silent_peer=True, pause_on_create=True)
    peer.unref()
    seen.append(runtime.references)
    socket.write(b"123456789")
    seen.append(runtime.references)
    socket.unref()
    seen.append(runtime.references)
    socket.ref()
    peer.resume()
    await turns()
    seen.append(runtime.references)
    socket.end()
    await turns(0)
    seen.append(runtime.references)
    socket.destroy()
    peer.destroy()
    await turns()
    seen.append(runtime.references)
    # libuv: a write that is under way counts, whatever was said.
    assert seen == [0, 0, 1, 1, 0, 1, 0]
