"""Reading files. The expected logs are what Node prints for the same."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import (
    StreamPrematureCloseError,
)
from sockstream.fs import ReadStream, create_read_stream, create_write_stream
from sockstream.fs.file import File
from sockstream.loop import current
from sockstream.timers import set_immediate
from tests.unit.fs.helpers import callback, content_of, descriptor, watched

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.events import EventLog


# -- reading ----------------------------------------------------------------------------------------------------------


async def test_read_a_file(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits))
    log(stream.fd, stream.pending, stream.bytes_read, stream.path)
    await log.until("close")
    log(stream.fd, stream.pending, stream.bytes_read, stream.destroyed)
    assert log == [
        (None, True, 0, digits),
        ("open",),
        ("ready",),
        ("data", b"0123456789"),
        ("end",),
        ("close",),
        (None, True, 10, True),
    ]


async def test_open_has_the_descriptor(log: EventLog, digits: Path) -> None:
    stream = create_read_stream(digits)
    stream.on("open", lambda fd: log("open", fd == stream.fd, stream.pending, os.fstat(fd).st_size))
    stream.on("close", lambda: log("close"))
    stream.resume()
    await log.until("close")
    assert log == [("open", True, False, 10), ("close",)]


@pytest.mark.parametrize(
    ("options", "chunks"),
    [
        ({"start": 2, "end": 5, "high_water_mark": 3}, [b"234", b"5"]),
        ({"end": 0}, [b"0"]),
        ({"end": 3}, [b"0123"]),
        ({"start": 9}, [b"9"]),
        ({"start": 50}, []),
        ({"start": 4, "end": 4}, [b"4"]),
        ({"start": 8, "end": 100}, [b"89"]),
        ({"high_water_mark": 4}, [b"0123", b"4567", b"89"]),
        ({"encoding": "hex", "high_water_mark": 3, "start": 6}, ["363738", "39"]),
    ],
)
async def test_parts_of_a_file(log: EventLog, digits: Path, options: dict[str, Any], chunks: list[Any]) -> None:
    watched(log, create_read_stream(digits, **options))
    await log.until("close")
    assert log == [("open",), ("ready",), *(("data", chunk) for chunk in chunks), ("end",), ("close",)]


async def test_text_is_decoded_across_chunks(log: EventLog, target: Path) -> None:
    target.write_text("é你😀" * 50, "utf-8")
    assert await content_of(create_read_stream(target, encoding="utf8", high_water_mark=7)) == "é你😀" * 50


async def test_an_empty_file_ends(log: EventLog, target: Path) -> None:
    target.touch()
    watched(log, create_read_stream(target))
    await log.until("close")
    assert log.names == ["open", "ready", "end", "close"]


async def test_a_large_file_in_order(log: EventLog, tmp_path: Path) -> None:
    content = os.urandom(1_000_003)
    (tmp_path / "large").write_bytes(content)
    stream = create_read_stream(tmp_path / "large", high_water_mark=10_000)
    assert await content_of(stream) == content
    assert stream.bytes_read == len(content)


async def test_a_paused_stream_reads_no_further_than_its_mark(
    log: EventLog, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = watched(log, create_read_stream(digits, high_water_mark=2))
    on_read = stream._on_read

    def noted(error: BaseException | None, data: Any) -> BaseException | None:
        set_immediate(log, "read", data)
        return on_read(error, data)

    monkeypatch.setattr(ReadStream, "_on_read", lambda _, *args: noted(*args))
    stream.once("data", lambda _: stream.pause())
    await log.until("read", b"23")
    assert log[2:] == [("data", b"01"), ("read", b"01"), ("read", b"23")]
    assert (stream.bytes_read, current().references) == (4, 0)
    stream.destroy()
    await log.until("close")


async def test_leaving_the_loop_early_closes(log: EventLog, digits: Path) -> None:
    stream = create_read_stream(digits, high_water_mark=2)
    stream.on("close", log.entry("close"))
    async for chunk in stream:
        log(chunk)
        break
    await log.until("close")
    assert log == [(b"01",), ("close",)]
    assert stream.fd is None


# -- descriptors that are given ---------------------------------------------------------------------------------------


async def test_a_given_descriptor_is_not_announced(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream("ignored", fd=descriptor(digits), start=3))
    log(stream.path, stream.pending)
    await log.until("close")
    assert log == [(None, False), ("data", b"3456789"), ("end",), ("close",)]


async def test_a_given_descriptor_is_read_from_where_it_stands(log: EventLog, digits: Path) -> None:
    fd = descriptor(digits)
    os.read(fd, 4)
    watched(log, create_read_stream(None, fd=fd, end=3))
    await log.until("close")
    assert log == [("data", b"4567"), ("end",), ("close",)]


async def test_without_auto_close_the_descriptor_stays_open(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits, auto_close=False))
    await log.until("end")
    await asyncio.sleep(0)
    assert (stream.destroyed, current().resources) == (False, set())
    assert stream.fd is not None
    os.fstat(stream.fd)
    stream.destroy()
    await log.until("close")
    assert log.names == ["open", "ready", "data", "end", "close"]
    assert stream.pending


async def test_without_auto_close_an_error_does_not_close(log: EventLog, tmp_path: Path) -> None:
    stream = watched(log, create_read_stream(tmp_path, auto_close=False))
    await log.until("error")
    assert (stream.destroyed, stream.pending) == (False, False)
    stream.destroy()
    await log.until("close")


# -- errors of reading ------------------------------------------------------------------------------------------------


async def test_no_such_file(log: EventLog, tmp_path: Path) -> None:
    stream = watched(log, create_read_stream(tmp_path / "none"))
    stream.on("error", lambda error: log(type(error).__bases__[1], error.code, error.errno, error.syscall, error.path))
    await log.until("close")
    assert log == [
        ("error", f"ENOENT: no such file or directory, open '{tmp_path}/none'"),
        (FileNotFoundError, "ENOENT", errno.ENOENT, "open", f"{tmp_path}/none"),
        ("close",),
    ]


async def test_no_such_file_without_auto_close(log: EventLog, tmp_path: Path) -> None:
    stream = watched(log, create_read_stream(tmp_path / "none", auto_close=False))
    await log.until("error")
    await asyncio.sleep(0)
    assert (log.names, stream.destroyed, stream.pending) == (["error"], False, True)


async def test_a_directory(log: EventLog, tmp_path: Path) -> None:
    watched(log, create_read_stream(tmp_path))
    await log.until("close")
    assert log == [
        ("open",),
        ("ready",),
        ("error", "EISDIR: illegal operation on a directory, read"),
        ("close",),
    ]


async def test_a_pipe_has_no_positions(log: EventLog) -> None:
    reader, writer = os.pipe()
    watched(log, create_read_stream(None, fd=reader, start=1))
    await log.until("close")
    os.close(writer)
    assert log == [("error", "ESPIPE: invalid seek, read"), ("close",)]


# -- closing and destroying a ReadStream ------------------------------------------------------------------------------


async def test_close_before_the_end(log: EventLog, digits: Path) -> None:
    watched(log, create_read_stream(digits)).close(callback(log))
    await log.until("callback")
    assert log == [("open",), ("ready",), ("close",), ("callback", str(StreamPrematureCloseError()))]


async def test_close_between_chunks(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits, high_water_mark=2))
    stream.once("data", lambda _: stream.close(callback(log)))
    await log.until("callback")
    assert log.names == ["open", "ready", "data", "close", "callback"]


async def test_close_after_the_end(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits))
    stream.on("end", lambda: stream.close(callback(log, "first")))
    stream.on("end", lambda: stream.close(callback(log, "second")))
    await log.until("second")
    stream.close(callback(log, "third"))
    await log.until("third")
    assert log[3:] == [("end",), ("close",), ("first", None), ("second", None), ("third", None)]


async def test_close_without_a_callback(log: EventLog, digits: Path) -> None:
    watched(log, create_read_stream(digits)).close()
    await log.until("close")
    assert log.names == ["open", "ready", "close"]


async def test_destroy_before_the_open(log: EventLog, digits: Path) -> None:
    watched(log, create_read_stream(digits)).destroy()
    await log.until("close")
    assert log.names == ["open", "ready", "close"]


async def test_destroy_with_an_error(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits))
    stream.on("ready", lambda: set_immediate(stream.destroy, ValueError("mine")))
    await log.until("close")
    assert [entry for entry in log if entry[0] in ("error", "close")] == [("error", "mine"), ("close",)]


@pytest.mark.parametrize(("own", "text"), [(None, "ENOENT"), (ValueError("mine"), "mine")])
async def test_destroy_while_the_open_fails(log: EventLog, tmp_path: Path, own: Any, text: str) -> None:
    watched(log, create_read_stream(tmp_path / "none")).destroy(own)
    await log.until("close")
    assert log.names == ["error", "close"]
    assert log[0][1].startswith(text)


async def test_a_signal_destroys(log: EventLog, digits: Path) -> None:
    controller = AbortController()
    watched(log, create_read_stream(digits, signal=controller.signal))
    controller.abort()
    await log.until("close")
    assert log == [("open",), ("ready",), ("error", "The operation was aborted"), ("close",)]


async def test_a_signal_that_is_aborted_already(log: EventLog, target: Path) -> None:
    watched(log, create_write_stream(target, signal=AbortSignal.abort()))
    await log.until("close")
    assert log == [("error", "The operation was aborted"), ("close",)]
    assert not target.exists()


async def test_a_signal_that_is_aborted_already_closes_a_given_descriptor(log: EventLog, digits: Path) -> None:
    fd = descriptor(digits)
    watched(log, create_read_stream(None, fd=fd, signal=AbortSignal.abort()))
    await log.until("close")
    assert log == [("error", "The operation was aborted"), ("close",)]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


async def test_emit_close_can_be_switched_off(log: EventLog, digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = watched(log, create_read_stream(digits, emit_close=False))
    closed = stream._file._closed

    def noted(*args: Any) -> None:
        closed(*args)
        set_immediate(log, "closed")

    monkeypatch.setattr(File, "_closed", lambda _, *args: noted(*args))
    await log.until("closed")
    assert (log.names, stream.closed) == (["open", "ready", "data", "end", "closed"], True)


async def test_a_listener_that_raises_destroys_the_stream(log: EventLog, digits: Path) -> None:
    stream = watched(log, create_read_stream(digits))
    stream.on("data", lambda _: 1 // 0)
    await log.until("close")
    assert log == [
        ("open",),
        ("ready",),
        ("data", b"0123456789"),
        ("error", "integer division or modulo by zero"),
        ("close",),
    ]
