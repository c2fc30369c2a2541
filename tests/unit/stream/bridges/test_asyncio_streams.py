"""`from_asyncio`: readers that are fed by hand, and writers over a transport that notes what it is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError, StreamDestroyedError, SystemConnectionResetError
from sockstream.events import once
from sockstream.stream import Duplex, Readable, Writable, finished, from_asyncio
from tests.support.net import closed, read_all, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


class Recorder(asyncio.Transport):
    """A transport that takes everything, or holds it back, and closes when it is told to."""

    def __init__(self, *, half_close: bool = True, breaks: bool = False, **extra: object) -> None:
        super().__init__(extra)
        self.calls: list[Any] = []
        self.breaks = breaks
        self.half_close = half_close
        self.protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        self.protocol.connection_made(self)
        self.closing = False

    def writer(self) -> asyncio.StreamWriter:
        return asyncio.StreamWriter(self, self.protocol, None, asyncio.get_running_loop())

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.calls.append(("limits", high))

    def get_write_buffer_size(self) -> int:
        return 0

    def writelines(self, list_of_data: Any) -> None:
        self.calls.append(("write", b"".join(list_of_data)))
        if self.breaks:
            self.lose(None)

    def can_write_eof(self) -> bool:
        return self.half_close

    def write_eof(self) -> None:
        self.calls.append("eof")

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self._close("close", None)

    def abort(self) -> None:
        self._close("abort", None)

    def lose(self, error: Exception | None) -> None:
        self._close("lost", error)

    def _close(self, name: str, error: Exception | None) -> None:
        if not self.closing:
            self.closing = True
            self.calls.append(name)
            self.protocol.connection_lost(error)


def fed(*chunks: bytes, end: bool = True) -> asyncio.StreamReader:
    """A reader that has these chunks."""
    reader = asyncio.StreamReader()
    for chunk in chunks:
        reader.feed_data(chunk)
    if end:
        reader.feed_eof()
    return reader


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_a_reader_is_read_to_its_end(event_log: EventLog) -> None:
    stream = from_asyncio(fed(b"one ", b"two"))
    event_log.watch(stream, "data", "end", "close")
    await event_log.until("close")
    assert isinstance(stream, Readable)
    assert not isinstance(stream, Writable)
    assert event_log == [("data", b"one two"), ("end",), ("close",)]


async def test_an_empty_reader_ends_at_once() -> None:
    assert await read_all(from_asyncio(fed())) == b""


async def test_what_was_read_before_does_not_come_again() -> None:
    reader = fed(b"first line\nrest")
    assert await reader.readline() == b"first line\n"
    assert await read_all(from_asyncio(reader)) == b"rest"


async def test_a_reader_is_asked_for_no_more_than_there_is_room_for() -> None:
    reader = fed(b"0123456789")
    stream = from_asyncio(reader, high_water_mark=4)
    stream.on("readable", lambda: None)
    await turns(20)
    assert stream.readable_length == 4
    assert await reader.read() == b"456789"
    stream.destroy()
    await once(stream, "close")


async def test_a_mark_of_zero_is_not_the_end() -> None:
    assert await read_all(from_asyncio(fed(b"all of it"), high_water_mark=0)) == b"all of it"


async def test_text_comes_decoded() -> None:
    stream = from_asyncio(fed("你好".encode()), encoding="utf8", high_water_mark=2)
    assert "".join([chunk async for chunk in stream]) == "你好"


async def test_the_readers_exception_is_the_streams_error(event_log: EventLog) -> None:
    reader = fed(end=False)
    failure = ValueError("no such thing")
    reader.set_exception(failure)
    stream = from_asyncio(reader)
    event_log.watch(stream, "data", "error", "end", "close").watch(stream, "readable")
    await event_log.until("close")
    assert event_log == [("error", failure), ("close",)]


async def test_a_system_error_gets_nodes_code() -> None:
    reader = fed(end=False)
    reader.set_exception(ConnectionResetError("Connection lost"))
    with pytest.raises(SystemConnectionResetError, match="read ECONNRESET") as caught:
        await read_all(from_asyncio(reader))
    assert (caught.value.code, caught.value.syscall) == ("ECONNRESET", "read")


async def test_destroying_leaves_no_task_and_the_reader_as_it_was() -> None:
    reader = fed(end=False)
    stream = from_asyncio(reader)
    stream.resume()
    await turns()
    stream.destroy()
    stream.destroy()
    await once(stream, "close")
    reader.feed_data(b"later")
    assert await reader.read(100) == b"later"


async def test_a_cancelled_iteration_destroys_the_stream() -> None:
    stream = from_asyncio(fed(b"some", end=False))
    task = asyncio.create_task(read_all(stream))
    await turns()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert stream.destroyed


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_a_writer_gets_the_chunks_the_end_and_its_close(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(transport.writer())
    event_log.watch(stream, "finish", "close")
    stream.write("one")
    stream.write("two")
    stream.end("three")
    await event_log.until("close")
    assert transport.calls == [("limits", 0), ("write", b"one"), ("write", b"twothree"), "eof", "close"]
    assert event_log == [("finish",), ("close",)]


async def test_a_write_is_over_when_the_transport_has_drained(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(transport.writer(), high_water_mark=4)
    transport.protocol.pause_writing()
    assert stream.write("12345", event_log.entry("written")) is False
    await turns()
    assert event_log == []
    transport.protocol.resume_writing()
    await event_log.until("written")
    stream.end()
    await finished(stream)


async def test_a_transport_without_a_half_close_is_closed_by_the_end() -> None:
    transport = Recorder(half_close=False)
    stream = from_asyncio(transport.writer())
    stream.end("last")
    await finished(stream)
    assert transport.calls == [("limits", 0), ("write", b"last"), "close"]


async def test_destroying_breaks_the_connection_off(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(transport.writer())
    transport.protocol.pause_writing()
    stream.write("never gets out", lambda error: event_log("written", type(error)))
    event_log.watch(stream, "error", "close")
    await turns()
    stream.destroy()
    await event_log.until("close")
    assert event_log == [("written", StreamDestroyedError), ("close",)]
    assert transport.calls == [("limits", 0), ("write", b"never gets out"), "abort"]


async def test_an_error_breaks_the_connection_off(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(transport.writer())
    event_log.watch(stream, "error", "close")
    failure = ValueError("enough")
    stream.destroy(failure)
    await event_log.until("close")
    assert event_log == [("error", failure), ("close",)]
    assert transport.calls[-1] == "abort"


async def test_a_write_to_a_closed_writer_is_a_broken_pipe(event_log: EventLog) -> None:
    transport = Recorder()
    writer = transport.writer()
    writer.close()
    stream = from_asyncio(writer)
    stream.on("error", lambda error: event_log("error", error.code, str(error)))
    stream.write("too late", lambda error: event_log("written", getattr(error, "code", None)))
    event_log.watch(stream, "close")
    await event_log.until("close")
    assert event_log == [("written", "EPIPE"), ("error", "EPIPE", "write EPIPE"), ("close",)]


async def test_ending_a_closed_writer_is_no_error() -> None:
    transport = Recorder()
    transport.close()
    stream = from_asyncio(transport.writer())
    stream.end()
    await finished(stream)


async def test_a_connection_lost_in_a_write_fails_it(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(transport.writer())
    transport.protocol.pause_writing()
    stream.write("on its way", lambda error: event_log("written", getattr(error, "code", None)))
    event_log.watch(stream, "close").watch(stream, "finish")
    stream.on("error", lambda error: event_log("error", error.code))
    await turns()
    transport.lose(ConnectionResetError(104, "reset"))
    await event_log.until("close")
    assert event_log == [("written", "ECONNRESET"), ("error", "ECONNRESET"), ("close",)]


@pytest.mark.parametrize(("extra", "code"), [({"pipe": "one"}, "EPIPE"), ({}, "ECONNRESET")])
async def test_a_connection_that_breaks_without_a_reason(extra: dict[str, Any], code: str) -> None:
    """Of all that is gone asyncio says ConnectionResetError; a pipe knows no reset."""
    stream = from_asyncio(Recorder(breaks=True, **extra).writer())
    stream.write("x")
    with pytest.raises(OSError, match=f"write {code}") as caught:
        await finished(stream)
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert isinstance(caught.value.__cause__, ConnectionResetError)
    await closed(stream)


# -- both -------------------------------------------------------------------------------------------------------------


async def test_both_ends_make_a_duplex(event_log: EventLog) -> None:
    transport = Recorder()
    stream = from_asyncio(fed(b"answer"), transport.writer(), readable_high_water_mark=7, writable_high_water_mark=9)
    assert isinstance(stream, Duplex)
    assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (7, 9)
    event_log.watch(stream, "data", "end", "finish", "close")
    await event_log.until("end")
    assert not stream.writable_ended
    stream.end("question")
    await event_log.until("close")
    assert event_log == [("data", b"answer"), ("end",), ("finish",), ("close",)]
    assert transport.calls[-2:] == ["eof", "close"]


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((None,), '"reader" argument must be an asyncio.StreamReader or an asyncio.StreamWriter'),
        (("reader",), '"reader" argument must be an asyncio.StreamReader or an asyncio.StreamWriter'),
        ((asyncio.StreamReader, None), '"reader" argument must be an asyncio.StreamReader'),
    ],
)
async def test_what_is_neither_is_refused(ends: tuple[Any, ...], text: str) -> None:
    with pytest.raises(InvalidArgTypeError, match=text):
        from_asyncio(*ends)


async def test_a_missing_pipe_of_a_subprocess_is_named() -> None:
    with pytest.raises(InvalidArgTypeError, match=r'"writer" .* started with "PIPE"\)\. Received None'):
        from_asyncio(fed(), None)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="0 arguments were given"):
        from_asyncio()  # type: ignore[call-overload]
