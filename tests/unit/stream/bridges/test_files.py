"""`from_file` over files in memory, and over files that note who calls them."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortSignal
from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, SystemCallError
from sockstream.events import once
from sockstream.stream import Duplex, Readable, Writable, finished, from_file, pipeline
from tests.support.net import closed, read_to_close, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


class Kept(io.BytesIO):
    """A file in memory whose contents outlive its close."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


class KeptText(io.StringIO):
    """The same for text."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()


class Watched(io.RawIOBase):
    """A raw file that notes its calls, takes 3 bytes at a time, and fails when it is told to."""

    def __init__(self, data: bytes = b"", *, failing: str = "") -> None:
        super().__init__()
        self.data = data
        self.failing = failing
        self.calls: list[Any] = []

    def _note(self, *call: Any) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.calls.append(call)
        if call[0] == self.failing:
            raise OSError(errno.EIO, "it broke")

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self._note("read", size)
        chunk, self.data = self.data[:size], self.data[size:]
        return chunk

    def write(self, data: Any, /) -> int:
        self._note("write", bytes(data))
        return min(3, len(data))

    def flush(self) -> None:
        if not self.closed:
            self._note("flush")

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._note("close")


class OnePosition(Watched):
    """A seekable file whose first read waits."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self.begun.set()
        assert self.go_on.wait(20)
        return super().read(size)


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000])
async def test_a_binary_file_is_read_to_its_end_and_closed(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    file = io.BytesIO(data)
    stream = from_file(file)
    assert isinstance(stream, Readable)
    assert not isinstance(stream, Writable)
    assert await read_to_close(stream) == data
    assert file.closed


async def test_reading_starts_where_the_file_stands() -> None:
    file = io.BytesIO(b"read already, the rest")
    file.seek(14)
    assert await read_to_close(from_file(file)) == b"the rest"


async def test_the_calls_are_off_the_loop() -> None:
    file = Watched(b"12345")
    assert await read_to_close(from_file(file, high_water_mark=2)) == b"12345"
    assert file.calls[:4] == [("read", 2), ("read", 2), ("read", 2), ("read", 2)]


async def test_a_file_is_asked_for_no_more_than_there_is_room_for(event_log: EventLog) -> None:
    file = Watched(b"0123456789")
    stream = from_file(file, high_water_mark=4)
    event_log.watch(stream, "readable", "close")
    await event_log.until("readable")
    assert (stream.readable_length, file.calls) == (4, [("read", 4)])
    stream.destroy()
    await event_log.until("close")
    assert file.calls == [("read", 4), ("flush",), ("close",)] or file.calls == [("read", 4), ("close",)]


async def test_a_mark_of_zero_is_not_the_end() -> None:
    assert await read_to_close(from_file(io.BytesIO(b"all"), high_water_mark=0)) == b"all"


async def test_a_text_file_gives_text() -> None:
    stream = from_file(io.StringIO("你好, wörld"), high_water_mark=3)
    assert stream.readable_encoding == "utf8"
    assert [chunk async for chunk in stream] == ["你好,", " wö", "rld"]
    await closed(stream)


async def test_a_text_file_gives_text_whatever_the_encoding_is() -> None:
    assert await read_to_close(from_file(io.StringIO("wörld"), encoding="latin1")) == "wörld"
    assert await read_to_close(from_file(io.StringIO("wörld"), encoding=None)) == "wörld".encode()


async def test_a_binary_file_can_be_decoded() -> None:
    stream = from_file(io.BytesIO("你好".encode()), encoding="utf8", high_water_mark=2)
    assert await read_to_close(stream) == "你好"


async def test_a_failing_read_is_the_streams_error(event_log: EventLog) -> None:
    file = Watched(failing="read")
    stream = from_file(file)
    stream.on("error", lambda error: event_log("error", error.code, error.syscall, str(error)))
    event_log.watch(stream, "data", "end", "close")
    await event_log.until("close")
    assert event_log == [("error", "EIO", "read", "EIO: i/o error, read"), ("close",)]
    assert file.closed


async def test_an_error_without_a_number_keeps_its_text() -> None:
    stream = from_file(gzip.GzipFile(fileobj=io.BytesIO(b"no such thing as gzip")))
    with pytest.raises(gzip.BadGzipFile, match="Not a gzipped file"):
        await read_to_close(stream)


async def test_a_file_that_would_block_and_cannot_be_waited_for() -> None:
    class Empty(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1, /) -> None:
            return None

    with pytest.raises(BlockingIOError, match="EAGAIN") as caught:
        await read_to_close(from_file(Empty()))
    assert isinstance(caught.value, SystemCallError)


async def test_destroying_waits_for_the_call_in_flight(event_log: EventLog) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Watched):
        def read(self, size: int = -1, /) -> bytes:
            begun.set()
            assert go_on.wait(20)
            return super().read(size)

    file = Slow(b"late")
    stream = from_file(file)
    event_log.watch(stream, "data", "end", "close")
    await asyncio.to_thread(begun.wait)
    stream.destroy()
    stream.destroy()
    assert not file.closed
    go_on.set()
    await event_log.until("close")
    assert event_log == [("close",)]
    assert file.closed


async def test_a_cancelled_iteration_closes_the_file() -> None:
    file = OnePosition(b"data")
    task = asyncio.create_task(read_to_close(from_file(file)))
    await asyncio.to_thread(file.begun.wait)
    task.cancel()
    file.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert file.closed


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_a_binary_file_takes_all_and_is_flushed_and_closed() -> None:
    file = Kept()
    stream = from_file(file, "w")
    assert isinstance(stream, Writable)
    assert not isinstance(stream, Readable)
    stream.write("one ")
    stream.write(b"two ")
    stream.end(bytearray(b"three"))
    await finished(stream)
    await closed(stream)
    assert file.kept == b"one two three"


async def test_what_takes_a_part_is_given_the_rest(event_log: EventLog) -> None:
    file = Watched()
    stream = from_file(file, "w")
    stream.end(b"12345678", event_log.entry("ended"))
    await closed(stream)
    assert [call for call in file.calls if call[0] == "write"] == [
        ("write", b"12345678"), ("write", b"45678"), ("write", b"78"),
    ]  # fmt: skip
    assert ("flush",) in file.calls
    assert event_log == [("ended", None)]


async def test_what_takes_nothing_is_an_error() -> None:
    class Full(Watched):
        def write(self, data: Any, /) -> int:
            return 0

    with pytest.raises(SystemCallError, match="EIO"):
        await pipeline([b"data"], from_file(Full(), "w"))


async def test_a_writer_without_an_answer_has_taken_all() -> None:
    class Simple:
        def __init__(self) -> None:
            self.chunks: list[bytes] = []

        def write(self, data: bytes, /) -> None:
            self.chunks.append(data)

    file = Simple()
    await pipeline([b"one", b"two"], from_file(file, "w"))
    assert b"".join(file.chunks) == b"onetwo"


async def test_a_text_file_takes_text_and_bytes() -> None:
    file = KeptText()
    stream = from_file(file, "w")
    first, second = "ö".encode()[:1], "ö".encode()[1:]
    for chunk in ("w", first, second, "rld ", first, "!", first):
        stream.write(chunk)
    stream.end()
    await closed(stream)
    assert file.kept == "wörld \ufffd!\ufffd"


@pytest.mark.parametrize("failing", ["write", "flush", "close"])
async def test_a_failing_call_is_the_streams_error(failing: str) -> None:
    file = Watched(failing=failing)
    stream = from_file(file, "w")
    stream.end(b"data")
    (error,) = await once(stream, "error")
    assert (error.code, error.syscall) == ("EIO", "close" if failing == "close" else "write")
    await closed(stream)
    assert file.closed


async def test_the_mark_holds_a_fast_writer_back() -> None:
    file = Kept()
    stream = from_file(file, "w", high_water_mark=8)
    assert [stream.write(b"1234"), stream.write(b"5678")] == [True, False]
    await stream.drain()
    assert stream.writable_length == 0
    stream.destroy()
    await closed(stream)
    assert file.kept == b"12345678"


async def test_a_file_of_the_callers_stays_open() -> None:
    file = io.BytesIO(b"old")
    assert await read_to_close(from_file(file, auto_close=False)) == b"old"
    await pipeline([b" and new"], from_file(file, "w", auto_close=False))
    assert file.getvalue() == b"old and new"


# -- both -------------------------------------------------------------------------------------------------------------


async def test_a_file_with_one_position_is_called_by_one_side_at_a_time() -> None:
    file = OnePosition(b"123")
    stream = from_file(file, "rw", high_water_mark=2)
    assert isinstance(stream, Duplex)
    stream.read(0)
    await asyncio.to_thread(file.begun.wait)
    stream.end(b"abc")
    await turns(50)
    assert file.calls == []
    file.go_on.set()
    assert await read_to_close(stream) == b"123"
    assert [call[0] for call in file.calls[:2]] == ["read", "write"]


async def test_destroying_drops_the_calls_that_wait() -> None:
    file = Kept(b"data")
    stream = from_file(file, "rw")
    stream.read(0)
    stream.write(b"never")
    stream.destroy()
    await closed(stream)
    assert file.kept == b"data"


async def test_an_aborted_signal_closes_the_file(event_log: EventLog) -> None:
    file = Kept()
    stream = from_file(file, "rw", signal=AbortSignal.abort())
    event_log.watch(stream, "close")
    stream.on("error", lambda error: event_log("error", error.code))
    await event_log.until("close")
    assert event_log == [("error", "ABORT_ERR"), ("close",)]
    assert file.closed


# -- what is refused --------------------------------------------------------------------------------------------------


async def _coroutine(size: int) -> bytes:
    return b""


class ReadsAsync:
    read = staticmethod(_coroutine)


@pytest.mark.parametrize(
    ("make", "mode", "text"),
    [
        (object, "r", r'"file" argument must be a file-like object with read\(\)'),
        (object, "w", r'"file" argument must be a file-like object with write\(\)'),
        (ReadsAsync, "r", "without coroutines"),
        (asyncio.StreamReader, "r", r"see from_asyncio\(\)"),
        (lambda: "path", "r", r"Received type str \('path'\)"),
    ],
)
async def test_what_is_no_file_is_refused(make: Callable[[], Any], mode: Any, text: str) -> None:
    with pytest.raises(InvalidArgTypeError, match=text):
        from_file(make(), mode)


async def test_a_file_that_is_not_open_for_it_is_refused() -> None:
    file = io.BytesIO()
    with pytest.raises(InvalidArgValueError, match="'mode' must be 'r', 'w' or 'rw'"):
        from_file(file, "rb")  # type: ignore[call-overload]
    with pytest.raises(InvalidArgValueError, match="must be open to write"):
        from_file(io.BufferedReader(io.BytesIO()), "w")
    file.close()
    with pytest.raises(InvalidArgValueError, match="must be open"):
        from_file(file)
