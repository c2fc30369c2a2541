"""The memory handle keeps the contract of handles/base.py."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.loop import current
from sockstream.net.handles.memory import MemoryHandle, memory_pair

if TYPE_CHECKING:
    from tests.support.events import EventLog

pytestmark = pytest.mark.only_loop("asyncio")


class Owner:
    """Notes what a handle reports."""

    def __init__(self, log: EventLog, name: str, handle: MemoryHandle) -> None:
        self.log = log
        self.name = name
        handle.attach(self)

    def handle_data(self, chunk: bytes) -> None:
        self.log(self.name, "data", chunk)

    def handle_eof(self) -> None:
        self.log(self.name, "eof")

    def handle_drained(self) -> None:
        self.log(self.name, "drained")

    def handle_lost(self, error: OSError | None, call: str | None = None) -> None:
        self.log(self.name, "lost", error and error.errno)

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        raise error


def pair(log: EventLog, buffer_size: int = 8) -> tuple[MemoryHandle, MemoryHandle]:
    one, other = memory_pair(current(), buffer_size)
    Owner(log, "one", one), Owner(log, "other", other)
    return one, other


async def test_what_one_writes_the_other_gets_once_it_reads(event_log: EventLog) -> None:
    one, other = pair(event_log)
    one.write(b"a")
    one.writelines([b"b", b"c"])
    assert event_log == []
    other.read_start()
    assert event_log == []
    await event_log.until("other", "data", count=2)
    assert event_log == [("other", "data", b"a"), ("other", "data", b"bc")]


async def test_a_full_buffer_is_busy_until_it_was_read(event_log: EventLog) -> None:
    one, other = pair(event_log, buffer_size=3)
    one.write(b"abc")
    assert (one.busy, one.unsent) == (False, 0)
    one.write(b"d")
    assert (one.busy, one.unsent) == (True, 4)
    other.read_start()
    await event_log.until("one", "drained")
    assert event_log == [("other", "data", b"abc"), ("other", "data", b"d"), ("one", "drained")]
    assert (one.busy, one.unsent) == (False, 0)


async def test_the_end_comes_after_the_data_and_once(event_log: EventLog) -> None:
    one, other = pair(event_log)
    one.write(b"a")
    one.shutdown(lambda error: event_log("shut", error))
    other.read_start()
    await event_log.until("other", "eof")
    other.read_start()
    assert not other.reading
    assert sorted(event_log) == [("other", "data", b"a"), ("other", "eof"), ("shut", None)]


async def test_closing_calls_back_and_ends_the_peer(event_log: EventLog) -> None:
    one, other = pair(event_log)
    other.read_start()
    one.close(lambda: event_log("closed"))
    assert one.is_lost()
    await event_log.until("other", "eof")
    assert sorted(event_log) == [("closed",), ("other", "eof")]


async def test_a_reset_drops_what_was_written(event_log: EventLog) -> None:
    one, other = pair(event_log)
    one.write(b"a")
    one.reset(lambda: event_log("closed"))
    other.read_start()
    await event_log.until("other", "lost")
    assert sorted(event_log) == [("closed",), ("other", "lost", errno.ECONNRESET)]


async def test_writing_to_a_closed_peer_breaks_the_pipe(event_log: EventLog) -> None:
    one, other = pair(event_log)
    other.close(lambda: event_log("closed"))
    one.write(b"a")
    assert one.is_lost()
    await event_log.until("one", "lost")
    assert event_log == [("closed",), ("one", "lost", errno.EPIPE)]


async def test_options_are_kept(event_log: EventLog) -> None:
    one, _ = pair(event_log)
    one.set_option(1, 2, 3)
    assert (one.get_option(1, 2), one.fileno(), one.is_tcp) == (3, -1, False)
    one.set_no_delay(True)
    one.set_keep_alive(True, 1, 1, 1)
    assert one.options == {(1, 2): 3}
