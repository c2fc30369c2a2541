"""`to_file` over streams in memory, used in a thread."""

from __future__ import annotations

import asyncio
import gc
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    StreamDestroyedError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.stream import PassThrough, Readable, Writable, to_file
from tests.support.net import closed, turns
from tests.unit.stream.helpers import Both, Endless, HeldSink, Sink, Source, ignore

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

in_thread = asyncio.to_thread


async def blocked(call: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
    """Begin a call in a thread that has nothing to return yet; return once it waits for the loop."""
    working = asyncio.ensure_future(in_thread(call, *args))
    file: Any = call.__self__  # type: ignore[attr-defined]
    while file.raw._request is None:
        await turns(1)
    return working


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_a_readable_becomes_a_file() -> None:
    file = to_file(Source(b"one\ntwo\n", b"thr", b"ee\n", b"rest"))
    assert isinstance(file, io.BufferedReader)
    assert (file.readable(), file.writable(), file.seekable()) == (True, False, False)
    assert await in_thread(file.readline) == b"one\n"
    assert await in_thread(file.read, 3) == b"two"
    assert await in_thread(list, file) == [b"\n", b"three\n", b"rest"]
    assert [await in_thread(file.read), await in_thread(file.read1)] == [b"", b""]
    await in_thread(file.close)


async def test_all_at_once() -> None:
    file = to_file(Source(*[bytes(70_000)] * 50))
    assert len(await in_thread(file.read)) == 3_500_000
    await in_thread(file.close)


async def test_an_empty_readable_is_an_empty_file() -> None:
    source = Source()
    with to_file(source) as file:
        assert await in_thread(file.read) == b""
        await in_thread(file.close)
    await closed(source)


async def test_read1_gives_what_is_there() -> None:
    source = Endless()
    file = to_file(source)
    source.push(b"some")
    assert await in_thread(file.read1, 100) == b"some"
    working = await blocked(file.read1, 100)
    source.push(b"more")
    assert await working == b"more"
    source.push(None)
    assert await in_thread(file.read) == b""
    await in_thread(file.close)


async def test_the_source_is_asked_for_what_there_is_room_for() -> None:
    source = Source(*[b"1234"] * 100, high_water_mark=8)
    file = to_file(source, buffer_size=4)
    assert await in_thread(file.read, 2) == b"12"
    await turns()
    assert source.readable_length <= 8
    assert source.readable_high_water_mark == 8
    await in_thread(file.close)
    assert source.destroyed


async def test_taking_all_there_is_leaves_the_mark_alone() -> None:
    source = Endless(high_water_mark=4)
    file = to_file(source)
    source.push(b"more than the mark")
    assert await in_thread(file.read, 18) == b"more than the mark"
    assert source.readable_high_water_mark == 4
    await in_thread(file.close)


async def test_a_closed_file_listens_no_more() -> None:
    sink = Sink(auto_destroy=False)
    await in_thread(to_file(sink, "w").close)
    await turns()
    assert sink.event_names() == []
    sink.destroy()


async def test_closing_before_the_end_destroys_the_stream(event_log: EventLog) -> None:
    source = Endless()
    event_log.watch(source, "error", "end", "close")
    file = to_file(source)
    source.push(b"unread")
    await in_thread(file.close)
    await in_thread(file.close)
    await event_log.until("close")
    assert event_log == [("close",)]
    with pytest.raises(ValueError, match="closed file"):
        await in_thread(file.read)


async def test_closing_after_the_end_lets_the_stream_end(event_log: EventLog) -> None:
    stream = Both()
    event_log.watch(stream, "end", "close")
    file = to_file(stream)
    stream.push(b"all")
    stream.push(None)
    assert await in_thread(file.read, 3) == b"all"
    await in_thread(file.close)
    await event_log.until("end")
    assert not stream.destroyed
    stream.destroy()


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_a_writable_becomes_a_file() -> None:
    sink = Sink()
    file = to_file(sink, "w")
    assert isinstance(file, io.BufferedWriter)
    assert (file.readable(), file.writable(), file.seekable()) == (False, True, False)
    await in_thread(file.write, b"one ")
    await in_thread(file.writelines, [b"two ", bytearray(b"three")])
    assert sink.chunks == []
    await in_thread(file.flush)
    assert sink.chunks == [b"one two three"]
    await in_thread(file.close)
    await in_thread(file.close)
    assert sink.writable_finished


async def test_a_write_blocks_until_the_stream_has_drained() -> None:
    sink = HeldSink(high_water_mark=4)
    file = to_file(sink, "w", buffer_size=4)
    working = await blocked(file.write, b"12345678")
    assert b"".join(sink.chunks) == b"12345678"
    await turns()
    assert not working.done()
    sink.release()
    assert await working == 8
    await in_thread(file.close)


async def test_much_is_written_bit_by_bit() -> None:
    sizes: list[int] = []

    async def take(chunk: bytes, encoding: str) -> None:
        sizes.append(len(chunk))

    file = to_file(Writable(write=take), "w")
    await in_thread(file.write, bytes(20 << 20))
    await in_thread(file.close)
    assert sum(sizes) == 20 << 20
    assert max(sizes) <= 1 << 20


async def test_closing_waits_for_finish() -> None:
    sink = HeldSink()
    file = to_file(sink, "w")
    await in_thread(file.write, b"last")
    working = asyncio.ensure_future(in_thread(file.close))
    while not sink.writable_ended:
        await turns(1)
    await turns()
    assert not working.done()
    sink.release()
    await working
    assert sink.writable_finished


async def test_a_stream_that_was_ended_takes_no_more() -> None:
    sink = HeldSink()
    file = to_file(sink, "w")
    sink.end(b"the last")
    await in_thread(file.write, b"more")
    with pytest.raises(StreamWriteAfterEndError):
        await in_thread(file.flush)
    assert sink.errored is None
    sink.release()
    await closed(sink)
    with pytest.raises(StreamDestroyedError):
        await in_thread(file.close)


async def test_a_stream_that_had_finished_is_closed_without_a_word() -> None:
    sink = Sink()
    sink.end()
    await closed(sink)
    await in_thread(to_file(sink, "w").close)


# -- both -------------------------------------------------------------------------------------------------------------


async def test_a_duplex_becomes_both() -> None:
    stream = PassThrough()
    file = to_file(stream, "rw")
    assert isinstance(file, io.BufferedRWPair)
    await in_thread(file.write, b"line\nrest")
    await in_thread(file.flush)
    assert await in_thread(file.readline) == b"line\n"
    assert await in_thread(file.read, 4) == b"rest"
    await in_thread(file.close)
    await closed(stream)


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_late", [False, True])
async def test_the_streams_error_is_raised_from_a_read(is_late: bool) -> None:
    source = Endless()
    file = to_file(source)
    if is_late:
        working = await blocked(file.read)
    source.destroy(OSError("it broke"))
    if not is_late:
        await closed(source)
        working = asyncio.ensure_future(in_thread(file.read))
    with pytest.raises(OSError, match="it broke"):
        await working
    await in_thread(file.close)


@pytest.mark.parametrize("make", [Endless, HeldSink])
async def test_the_streams_error_is_raised_from_close(make: Callable[[], Readable | Writable]) -> None:
    stream = make()
    file: Any = to_file(stream, "r" if isinstance(stream, Readable) else "w")  # type: ignore[call-overload]
    stream.destroy(OSError("it broke"))
    with pytest.raises(OSError, match="it broke"):
        await in_thread(file.close)
    assert file.closed


async def test_the_streams_error_is_raised_from_a_write_and_again_from_its_close() -> None:
    sink = HeldSink(high_water_mark=1)
    file = to_file(sink, "w")
    await in_thread(file.write, b"12")
    working = await blocked(file.flush)
    sink.release(OSError("it broke"))
    with pytest.raises(OSError, match="it broke"):
        await working
    with pytest.raises(OSError, match="it broke"):
        await in_thread(file.close)
    assert file.closed


async def test_a_stream_destroyed_meanwhile_leaves_no_thread_behind() -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    reader, writer = to_file(source), to_file(sink, "w", buffer_size=1)
    reading, writing = await blocked(reader.read), await blocked(writer.write, b"12")
    source.destroy()
    sink.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await reading
    with pytest.raises(StreamDestroyedError):
        await writing
    await in_thread(reader.close)
    await in_thread(writer.close)


async def test_a_stream_that_does_not_tell_of_its_end_leaves_no_thread_behind() -> None:
    source = Endless(emit_close=False)
    file = to_file(source)
    working = await blocked(file.read)
    source.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await working
    await in_thread(file.close)


async def test_closing_what_was_destroyed_before_it_finished() -> None:
    sink = Sink()
    file = to_file(sink, "w")
    sink.destroy()
    with pytest.raises(StreamPrematureCloseError):
        await in_thread(file.close)


async def test_a_cancelled_task_leaves_a_thread_that_the_stream_ends() -> None:
    source = Endless()
    file = to_file(source)
    done: list[BaseException] = []

    def work() -> None:
        try:
            file.read()
        except StreamPrematureCloseError as error:
            done.append(error)

    task = asyncio.ensure_future(in_thread(work))
    while file.raw._request is None:  # type: ignore[attr-defined]
        await turns(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    source.destroy()
    while not done:
        await turns(1)
    await in_thread(file.close)


# -- the wrong thread, the wrong time ---------------------------------------------------------------------------------


async def test_every_call_on_the_loops_thread_says_what_to_do() -> None:
    files: list[tuple[Any, list[tuple[Any, ...]]]] = [
        (
            to_file(Endless()),
            [("read",), ("read1",), ("readinto", bytearray(1)), ("readline",), ("peek",), ("__next__",), ("close",)],
        ),
        (to_file(HeldSink(), "w"), [("write", b""), ("writelines", []), ("flush",), ("close",)]),
        (to_file(PassThrough(), "rw"), [("read",), ("readline",), ("write", b""), ("flush",), ("close",)]),
    ]
    for file, calls in files:
        for name, *args in calls:
            with pytest.raises(RuntimeError, match=r"use asyncio\.to_thread"):
                getattr(file, name)(*args)
        await in_thread(file.close)


async def test_a_call_on_the_loops_thread_does_not_wait_for_a_blocked_one() -> None:
    """The buffered class has a lock that the thread holds while it waits for the loop."""
    source = Endless()
    file = to_file(source)
    working = await blocked(file.read)
    with pytest.raises(RuntimeError, match=r"use asyncio\.to_thread"):
        file.close()
    source.push(None)
    assert await working == b""
    await in_thread(file.close)


def test_a_file_whose_loop_is_closed_says_so() -> None:
    async def make() -> tuple[Any, Any]:
        return to_file(Endless()), to_file(HeldSink(), "w")

    for file, call in zip(asyncio.run(make()), ("read", "flush"), strict=True):
        for name in (call, "close"):
            with pytest.raises(RuntimeError, match="the stream's loop is closed"):
                getattr(file, name)()
        assert file.closed


def test_a_thread_that_waits_for_a_loop_that_closes_is_told() -> None:
    loop = asyncio.new_event_loop()

    async def make() -> Any:
        return to_file(Endless())

    file = loop.run_until_complete(make())
    raised: list[str] = []

    def work() -> None:
        try:
            file.read()
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    while file.raw._request is None:
        loop.run_until_complete(turns(1))
    loop.close()
    thread.join()
    assert raised == ["the stream's loop was closed while the file waited"]


async def test_a_forgotten_writer_is_told_of() -> None:
    sink = Sink()
    file = to_file(sink, "w")
    await in_thread(file.write, b"never flushed")
    sink.remove_all_listeners()
    files = [file]
    del file
    with pytest.warns(ResourceWarning, match="unclosed <.*_StreamWriter"):
        files.clear()
    assert not sink.writable_ended
    sink.destroy()


async def test_a_forgotten_reader_leaves_its_stream_alone() -> None:
    source = Endless()
    file = to_file(source)
    source.push(b"data")
    del file
    gc.collect()
    await turns()
    assert not source.destroyed
    assert source.read() == b"data"


@pytest.mark.parametrize(
    ("make", "mode", "error", "text"),
    [
        (Sink, "r", InvalidArgTypeError, "must be a Readable"),
        (Endless, "w", InvalidArgTypeError, "must be a Writable"),
        (Endless, "rw", InvalidArgTypeError, "must be a Writable"),
        (io.BytesIO, "r", InvalidArgTypeError, "must be a Readable"),
        (Endless, "rb", InvalidArgValueError, "must be 'r', 'w' or 'rw'"),
        (lambda: Readable(object_mode=True, read=ignore), "r", InvalidArgValueError, "must give bytes"),
        (lambda: Readable(encoding="utf8", read=ignore), "r", InvalidArgValueError, "must give bytes"),
    ],
)
async def test_what_cannot_be_a_file_is_refused(
    make: Callable[[], Any], mode: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        to_file(make(), mode)


async def test_a_buffer_needs_a_size() -> None:
    with pytest.raises(OutOfRangeError, match="buffer_size"):
        to_file(Endless(), buffer_size=0)
    with pytest.raises(InvalidArgTypeError, match="buffer_size"):
        to_file(Endless(), buffer_size=1.5)  # type: ignore[call-overload]


def test_it_is_made_on_a_loop() -> None:
    async def make() -> Readable:
        return Endless()

    with pytest.raises(RuntimeError, match="no running event loop"):
        to_file(asyncio.run(make()))
