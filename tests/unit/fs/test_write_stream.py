"""Writing files. The expected logs are what Node prints for the same."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sockstream.errors import (
    StreamDestroyedError,
)
from sockstream.fs import create_read_stream, create_write_stream
from tests.unit.fs.helpers import callback, descriptor, watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.events import EventLog


# -- writing ----------------------------------------------------------------------------------------------------------


async def test_write_a_file(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    log(stream.fd, stream.pending, stream.write("ab\u4f60", callback(log)), stream.bytes_written, stream.path)
    stream.end(b"def", callback(log, "end callback"))
    await log.until("close")
    assert log == [
        (None, True, True, 0, target),
        ("open",),
        ("ready",),
        ("callback", None),
        ("end callback", None),
        ("finish",),
        ("close",),
    ]
    assert (target.read_text("utf-8"), stream.bytes_written, stream.fd) == ("ab你def", 8, None)


async def test_what_waits_is_written_together(log: EventLog, target: Path) -> None:
    def write() -> None:
        for word in "xyz":
            stream.write(word, callback(log, word))
        stream.end()

    stream = watched(log, create_write_stream(target))
    stream.on("ready", write)
    await log.until("close")
    assert log.names == ["open", "ready", "x", "y", "z", "finish", "close"]
    assert target.read_bytes() == b"xyz"


async def test_drain(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target, high_water_mark=4))
    assert stream.write("12345") is False
    await log.until("drain")
    assert stream.bytes_written == 5
    stream.end()
    await log.until("close")


async def test_a_large_file_is_written_whole(target: Path, log: EventLog) -> None:
    content = os.urandom(3_000_001)
    stream = watched(log, create_write_stream(target))
    for start in range(0, len(content), 70_001):
        if not stream.write(content[start : start + 70_001]):
            await stream.drain()
    stream.end()
    await log.until("close")
    assert target.read_bytes() == content
    assert stream.bytes_written == len(content)


async def test_encoding_of_what_is_written(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target, encoding="hex"))
    stream.write("4142")
    stream.end("你", "utf16le")
    await log.until("close")
    assert target.read_bytes() == b"AB\x60\x4f"


async def test_write_to_a_given_descriptor(log: EventLog, digits: Path) -> None:
    fd = descriptor(digits, os.O_RDWR)
    os.lseek(fd, 5, os.SEEK_SET)
    watched(log, create_write_stream(None, fd=fd)).end("XY")
    await log.until("close")
    assert (log.names, digits.read_bytes()) == (["finish", "close"], b"01234XY789")


# -- errors of writing ------------------------------------------------------------------------------------------------


async def test_no_space_left(log: EventLog) -> None:
    stream = watched(log, create_write_stream("/dev/full"))
    stream.write("abc", callback(log))
    stream.end(callback(log, "end callback"))
    await log.until("close")
    text = "ENOSPC: no space left on device, write"
    assert log[2:] == [("callback", text), ("end callback", text), ("error", text), ("close",)]
    assert stream.bytes_written == 0


async def test_no_space_left_without_auto_close(log: EventLog) -> None:
    stream = watched(log, create_write_stream("/dev/full", auto_close=False))
    stream.write("abc", callback(log))
    await log.until("error")
    assert (stream.destroyed, stream.pending) == (False, False)
    stream.destroy()
    await log.until("close")


async def test_a_descriptor_that_cannot_be_written(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_write_stream(None, fd=descriptor(digits)))
    stream.cork()
    stream.write("abc", callback(log, "first"))
    stream.write("def", callback(log, "second"))
    stream.uncork()
    await log.until("close")
    text = "EBADF: bad file descriptor, write"
    assert log == [("first", text), ("second", text), ("error", text), ("close",)]


# -- closing and destroying a WriteStream -----------------------------------------------------------------------------


async def test_close_writes_what_waits(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    stream.write("abc")
    stream.close(callback(log))
    await log.until("callback")
    stream.close(callback(log, "again"))
    await log.until("again")
    assert log.names == ["open", "ready", "finish", "close", "callback", "again"]
    assert target.read_bytes() == b"abc"


async def test_close_without_a_callback_writes_what_waits(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    stream.write("abc")
    stream.close()
    await log.until("close")
    assert (log.names, target.read_bytes()) == (["open", "ready", "finish", "close"], b"abc")


async def test_destroy_soon_is_end(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    stream.write("abc")
    stream.destroy_soon()
    await log.until("close")
    assert log.names == ["open", "ready", "finish", "close"]


async def test_close_without_auto_close(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target, auto_close=False))
    stream.write("x")
    stream.close(callback(log))
    await log.until("callback")
    assert (log.names, stream.fd) == (["open", "ready", "finish", "close", "callback"], None)


async def test_close_after_the_finish_without_auto_close(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target, auto_close=False))
    stream.end("x")
    await log.until("finish")
    assert (stream.destroyed, stream.pending) == (False, False)
    stream.close(callback(log))
    await log.until("callback")
    assert (log.names, stream.fd) == (["open", "ready", "finish", "close", "callback"], None)


async def test_destroy_drops_what_waits(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    stream.write("abc", callback(log))
    stream.destroy()
    await log.until("close")
    assert log == [("callback", str(StreamDestroyedError("write"))), ("open",), ("ready",), ("close",)]
    assert target.read_bytes() == b""


# -- as a destination -------------------------------------------------------------------------------------------------


async def test_pipe_copies_a_file(log: EventLog, tmp_path: Path, target: Path) -> None:
    content = os.urandom(700_001)
    (tmp_path / "source").write_bytes(content)
    source = create_read_stream(tmp_path / "source")
    source.on("close", log.entry("close"))
    copy = watched(log, source.pipe(create_write_stream(target)))
    await log.until("close", count=2)
    assert target.read_bytes() == content
    assert (source.bytes_read, copy.bytes_written) == (len(content), len(content))
