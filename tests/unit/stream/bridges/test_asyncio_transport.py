"""`to_asyncio` over streams in memory: asyncio's reader and writer must tell what the stream does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.events import once
from sockstream.stream import Duplex, PassThrough, Readable, to_asyncio
from sockstream.stream.bridges.asyncio_transport import StreamTransport
from tests.support.net import turns
from tests.unit.stream.helpers import Both, Endless, HeldSink, Sink, Source, ignore

if TYPE_CHECKING:
    from tests.support.events import EventLog


async def test_a_readable_becomes_a_reader() -> None:
    reader = to_asyncio(Source(b"one\ntwo\n", b"rest"))
    assert isinstance(reader, asyncio.StreamReader)
    assert [await reader.readline(), await reader.readline()] == [b"one\n", b"two\n"]
    assert await reader.read() == b"rest"
    assert reader.at_eof()


async def test_a_paused_readable_is_read_too() -> None:
    assert await to_asyncio(Source(b"data").pause()).read() == b"data"


async def test_a_writable_becomes_a_writer(event_log: EventLog) -> None:
    sink = Sink()
    event_log.watch(sink, "finish", "close")
    writer = to_asyncio(sink)
    writer.write(b"one")
    writer.writelines([b"two", bytearray(b"three"), b""])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert b"".join(sink.chunks) == b"onetwothree"
    assert event_log == [("finish",), ("close",)]


async def test_a_duplex_becomes_both() -> None:
    reader, writer = to_asyncio(PassThrough())
    writer.write(b"round and")
    writer.write(b" round")
    writer.write_eof()
    assert await reader.read() == b"round and round"
    writer.close()
    await writer.wait_closed()


async def test_drain_waits_for_the_streams_drain() -> None:
    sink = HeldSink(high_water_mark=4)
    writer = to_asyncio(sink)
    writer.write(b"12345")
    writer.write(b"6")
    draining = asyncio.ensure_future(writer.drain())
    await turns()
    assert not draining.done()
    assert writer.transport.get_write_buffer_size() == 6
    sink.release()
    await turns()
    assert not draining.done()
    sink.release()
    await draining
    await finish(writer, sink)


async def finish(writer: asyncio.StreamWriter, sink: HeldSink) -> None:
    """Close a writer whose sink holds nothing any more."""
    writer.close()
    await writer.wait_closed()
    assert sink.destroyed


async def test_drain_after_the_end_waits_for_finish() -> None:
    sink = HeldSink(high_water_mark=1, auto_destroy=False)
    writer = to_asyncio(sink)
    writer.write(b"12")
    writer.write_eof()
    draining = asyncio.ensure_future(writer.drain())
    await turns()
    assert not draining.done()
    sink.release()
    await draining
    assert sink.writable_finished
    writer.close()
    await writer.wait_closed()


async def test_a_full_reader_pauses_the_stream() -> None:
    source = Readable(read=ignore, high_water_mark=4)
    reader = to_asyncio(source, limit=4)
    source.push(b"0123456789")
    await turns()
    assert source.is_paused()
    source.push(b"abcd")
    await turns()
    assert source.readable_length == 4
    assert await reader.read(8) == b"01234567"
    assert not source.is_paused()
    source.push(None)
    assert await reader.read() == b"89abcd"


async def test_the_limit_is_the_readers() -> None:
    source = Source(b"a long line without an end")
    reader = to_asyncio(source, limit=8)
    with pytest.raises(asyncio.LimitOverrunError):
        await reader.readuntil(b"\n")
    await reader.read()


@pytest.mark.parametrize("is_late", [False, True])
async def test_the_streams_error_is_raised_everywhere(is_late: bool) -> None:
    stream = Both()
    failure = OSError("it broke")
    if is_late:
        stream.on("error", ignore).destroy(failure)
        await turns()
    reader, writer = to_asyncio(stream)
    stream.destroy(failure)
    for waiting in (reader.read(1), writer.wait_closed(), writer.drain()):
        with pytest.raises(OSError, match="it broke") as caught:
            await waiting
        assert caught.value is failure
    assert writer.is_closing()


async def test_an_error_without_a_destroy_is_raised_too() -> None:
    stream = Both(auto_destroy=False)
    reader, writer = to_asyncio(stream)
    stream.push(b"x")
    stream._rs.ended = True
    stream.push(b"y")
    with pytest.raises(RuntimeError, match="push"):
        await writer.wait_closed()
    with pytest.raises(RuntimeError, match="push"):
        await reader.read()
    stream.destroy()


async def test_a_waiting_drain_gets_the_error() -> None:
    sink = HeldSink(high_water_mark=1)
    writer = to_asyncio(sink)
    writer.write(b"12")
    draining = asyncio.ensure_future(writer.drain())
    await turns()
    sink.destroy(OSError("it broke"))
    with pytest.raises(OSError, match="it broke"):
        await draining


async def test_a_stream_that_is_destroyed_before_its_end_was_cut_off() -> None:
    source = Endless()
    reader = to_asyncio(source)
    source.push(b"half a")
    await turns()
    source.destroy()
    await once(source, "close")
    with pytest.raises(StreamPrematureCloseError):
        await reader.read()


async def test_a_stream_that_ended_before_is_at_its_end() -> None:
    source = Source(b"gone")
    source.resume()
    await once(source, "close")
    assert await to_asyncio(source).read() == b""


async def test_a_stream_that_finished_before_is_closed() -> None:
    sink = Sink()
    sink.end()
    await once(sink, "close")
    writer = to_asyncio(sink)
    writer.write(b"dropped")
    await writer.wait_closed()
    with pytest.raises(ConnectionResetError):
        await writer.drain()
    assert sink.chunks == []


async def test_writing_after_the_end_is_an_error_of_the_caller() -> None:
    sink = HeldSink()
    writer = to_asyncio(sink)
    writer.write(b"last")
    writer.write_eof()
    writer.write_eof()
    with pytest.raises(StreamWriteAfterEndError):
        writer.write(b"more")
    sink.release()
    await once(sink, "close")
    with pytest.raises(TypeError, match="bytes-like"):
        writer.write("text")  # type: ignore[arg-type]


async def test_close_ends_then_destroys_and_drops_what_comes(event_log: EventLog) -> None:
    stream = Both()
    event_log.watch(stream, "finish", "end", "close")
    reader, writer = to_asyncio(stream)
    writer.write(b"last")
    writer.close()
    writer.close()
    stream.push(b"nobody wants this")
    await writer.wait_closed()
    assert event_log == [("finish",), ("close",)]
    assert stream.chunks == [b"last"]
    assert await reader.read() == b""


async def test_a_peer_that_must_be_read_to_read_does_not_hold_a_close_up() -> None:
    held: list[Any] = []
    stream = Duplex(read=ignore, write=lambda chunk, encoding, callback: held.append(callback), high_water_mark=2)
    _, writer = to_asyncio(stream)
    writer.write(b"last")
    stream.pause()
    stream.push(b"more than there is room for")
    writer.close()
    await turns()
    assert stream.readable_length == 0
    held.pop()()
    await writer.wait_closed()


async def test_abort_destroys_at_once() -> None:
    sink = HeldSink()
    writer = to_asyncio(sink)
    writer.write(b"never mind")
    writer.transport.abort()
    await writer.wait_closed()
    assert sink.destroyed
    assert not sink.writable_finished


async def test_a_duplex_stays_writable_after_the_peers_end() -> None:
    stream = Both(allow_half_open=False)
    reader, writer = to_asyncio(stream)
    stream.push(None)
    assert await reader.read() == b""
    writer.write(b"an answer")
    await writer.drain()
    assert stream.chunks == [b"an answer"]
    writer.close()
    await writer.wait_closed()


async def test_a_cancelled_read_loses_nothing() -> None:
    source = Endless()
    reader = to_asyncio(source)
    waiting = asyncio.ensure_future(reader.readline())
    source.push(b"half ")
    await turns()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    source.push(b"a line\n")
    assert await reader.readline() == b"half a line\n"
    source.push(None)
    assert await reader.read() == b""


class Notes(asyncio.Protocol):
    """A protocol that notes what it is told, and does not keep the connection after its peer's end."""

    def __init__(self, log: EventLog) -> None:
        self.log = log

    def data_received(self, data: bytes) -> None:
        self.log("data", data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.log("lost", exc)


async def test_the_transport_serves_other_protocols(event_log: EventLog) -> None:
    stream = Both()
    transport = StreamTransport(stream, asyncio.Protocol())
    notes = Notes(event_log)
    transport.set_protocol(notes)
    assert transport.get_protocol() is notes
    stream.push(b"x")
    assert transport.is_reading()
    transport.pause_reading()
    assert not transport.is_reading()
    transport.resume_reading()
    stream.push(None)
    await event_log.until("lost")
    assert event_log == [("data", b"x"), ("lost", None)]
    assert stream.writable_finished


async def test_the_limits_are_the_streams_mark() -> None:
    sink = Sink(high_water_mark=9)
    writer = to_asyncio(sink)
    transport: Any = writer.transport
    assert transport.get_write_buffer_limits() == (0, 9)
    transport.set_write_buffer_limits(high=5)
    assert sink.writable_high_water_mark == 5
    transport.set_write_buffer_limits(low=2)
    assert sink.writable_high_water_mark == 8
    transport.set_write_buffer_limits()
    assert sink.writable_high_water_mark == 65_536
    with pytest.raises(ValueError, match="must be >= low"):
        transport.set_write_buffer_limits(high=1, low=2)
    assert transport.get_extra_info("stream") is sink
    assert transport.get_extra_info("peername", "nobody") == "nobody"
    assert "Sink" in repr(transport)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("options", [{"object_mode": True}, {"encoding": "utf8"}])
async def test_what_gives_no_bytes_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgValueError, match="must give bytes"):
        to_asyncio(Duplex(read=ignore, **options))


async def test_text_that_comes_later_destroys_the_stream() -> None:
    source = Endless()
    reader = to_asyncio(source)
    source.set_encoding("utf8").push(b"text")
    with pytest.raises(InvalidArgValueError, match="must give bytes"):
        await reader.read()


async def test_what_is_no_stream_is_refused() -> None:
    with pytest.raises(InvalidArgTypeError, match=r'"stream" argument must be a Readable, a Writable or a Duplex'):
        to_asyncio(asyncio.StreamReader())  # type: ignore[call-overload]
