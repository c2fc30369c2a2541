"""File streams, on real files. The expected logs are what Node prints for the same."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    StreamDestroyedError,
    StreamPrematureCloseError,
)
from sockstream.fs import ReadStream, WriteStream, _File, create_read_stream, create_write_stream
from sockstream.loop import current, run
from sockstream.timers import set_immediate, set_timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.events import EventLog

_S = TypeVar("_S", ReadStream, WriteStream)

EVENTS = ("open", "ready", "data", "end", "finish", "drain", "error", "close")


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    path = tmp_path / "digits"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


@pytest.fixture
def log(event_log: EventLog) -> EventLog:
    return event_log


def watched(log: EventLog, stream: _S) -> _S:
    """Note the stream's events, an error as its text and a descriptor not at all."""
    for name in EVENTS:
        stream.on(name, partial(note, log, name))
    return stream


def note(log: EventLog, name: str, *args: Any) -> None:
    log(name, *(shown(arg) for arg in args if type(arg) is not int))


async def content_of(log: EventLog, stream: ReadStream) -> Any:
    """Read a stream to its end and wait for its close."""
    stream.on("close", log.entry("read close"))
    chunks = [chunk async for chunk in stream]
    await log.until("read close")
    log.remove(("read close",))
    return type(chunks[0])().join(chunks)


def shown(value: Any) -> Any:
    return str(value) if isinstance(value, BaseException) else value


def callback(log: EventLog, name: str = "callback") -> Callable[..., None]:
    return lambda error: log(name, shown(error))


def descriptor(path: Path, flags: int = os.O_RDONLY) -> int:
    return os.open(path, flags)


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
    assert await content_of(log, create_read_stream(target, encoding="utf8", high_water_mark=7)) == "é你😀" * 50


async def test_an_empty_file_ends(log: EventLog, target: Path) -> None:
    target.touch()
    watched(log, create_read_stream(target))
    await log.until("close")
    assert log.names == ["open", "ready", "end", "close"]


@pytest.mark.parametrize("form", [str, os.fsencode, Path])
async def test_every_form_of_a_path(log: EventLog, digits: Path, form: Callable[[Path], Any]) -> None:
    stream = watched(log, create_read_stream(form(digits)))
    await log.until("close")
    assert stream.path == form(digits)
    assert ("data", b"0123456789") in log


async def test_a_large_file_in_order(log: EventLog, tmp_path: Path) -> None:
    content = os.urandom(1_000_003)
    (tmp_path / "large").write_bytes(content)
    stream = create_read_stream(tmp_path / "large", high_water_mark=10_000)
    assert await content_of(log, stream) == content
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


async def test_a_bad_descriptor(log: EventLog) -> None:
    watched(log, create_read_stream(None, fd=999))
    await log.until("close")
    # Node: it is the close that failed last.
    assert log == [("error", "EBADF: bad file descriptor, close"), ("close",)]


async def test_a_descriptor_that_is_closed_under_the_stream(log: EventLog, digits: Path) -> None:
    fd = descriptor(digits)
    watched(log, create_read_stream(None, fd=fd)).on("end", lambda: os.close(fd))
    await log.until("close")
    assert log.names == ["data", "end", "error", "close"]


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


@pytest.mark.parametrize("flags", ["q", "", "x", "rx", "wr", "r++", "was", "asx", True])
async def test_unknown_flags(log: EventLog, digits: Path, flags: Any) -> None:
    watched(log, create_read_stream(digits, flags=flags))
    await log.until("close")
    assert log.names == ["error", "close"]
    assert log[0][1].startswith("The argument 'flags' is invalid")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"flags": 1.5}, 'The value of "flags" is out of range. It must be an integer.'),
        ({"flags": 1 << 31}, 'The value of "flags" is out of range.'),
        ({"mode": "zz"}, "The argument 'mode' must be octal digits"),
        ({"mode": ""}, "The argument 'mode' must be octal digits"),
        ({"mode": "0o7"}, "The argument 'mode' must be octal digits"),
        ({"mode": -1}, 'The value of "mode" is out of range. It must be >= 0 and <= 4294967295.'),
        ({"mode": 1.5}, 'The value of "mode" is out of range. It must be an integer.'),
        ({"mode": None}, 'The "mode" argument must be of type int.'),
    ],
)
async def test_numbers_that_open_does_not_take(log: EventLog, target: Path, options: dict[str, Any], text: str) -> None:
    watched(log, create_write_stream(target, **options))
    await log.until("close")
    assert log.names == ["error", "close"]
    assert log[0][1].startswith(text)
    assert not target.exists()


@pytest.mark.parametrize("create", [create_read_stream, create_write_stream])
@pytest.mark.parametrize(
    ("path", "options", "error"),
    [
        (5, {}, InvalidArgTypeError),
        (None, {}, InvalidArgTypeError),
        ("a\0b", {}, InvalidArgValueError),
        (b"a\0b", {}, InvalidArgValueError),
        ("x", {"start": "a"}, InvalidArgTypeError),
        ("x", {"start": 1.5}, OutOfRangeError),
        ("x", {"start": True}, InvalidArgTypeError),
        ("x", {"start": -1}, OutOfRangeError),
        (None, {"fd": -1}, OutOfRangeError),
        (None, {"fd": "a"}, InvalidArgTypeError),
        (None, {"fd": 1 << 31}, OutOfRangeError),
        ("x", {"start": 1 << 53}, OutOfRangeError),
        ("x", {"signal": "x"}, InvalidArgTypeError),
        ("x", {"encoding": "zz"}, InvalidArgValueError),
        ("x", {"encoding": 5}, InvalidArgValueError),
        ("x", {"high_water_mark": -1}, InvalidArgValueError),
        ("x", {"unknown": 1}, TypeError),
    ],
)
async def test_bad_options_are_refused_at_once(
    create: Callable[..., object], path: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(path, **options)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"end": 1.5}, OutOfRangeError),
        ({"end": -1}, OutOfRangeError),
        ({"start": 5, "end": 2}, OutOfRangeError),
    ],
)
async def test_bad_ends_are_refused_at_once(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        create_read_stream("x", **options)


async def test_flush_is_a_bool() -> None:
    with pytest.raises(InvalidArgTypeError, match='"flush" argument must be of type bool'):
        create_write_stream("x", flush=1)  # type: ignore[arg-type]


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


async def test_destroy_waits_for_the_open_in_flight(log: EventLog, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    stream = watched(log, create_read_stream(tmp_path / "fifo"))  # open(2) waits for a writer
    set_timeout(log, 0.02, "later")
    stream.destroy()
    await log.until("later")
    assert log == [("later",)]
    writer = os.open(tmp_path / "fifo", os.O_WRONLY)
    await log.until("close")
    os.close(writer)
    assert log.names == ["later", "open", "ready", "close"]


async def test_destroy_waits_for_the_read_in_flight(log: EventLog) -> None:
    reader, writer = os.pipe()
    stream = watched(log, create_read_stream(None, fd=reader))
    os.write(writer, b"first")
    await log.until("data")
    set_timeout(log, 0.02, "later")
    stream.destroy()
    await log.until("later")
    os.fstat(reader)
    os.write(writer, b"second")
    await log.until("close")
    os.close(writer)
    assert log == [("data", b"first"), ("later",), ("close",)]
    assert stream.bytes_read == 5


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

    monkeypatch.setattr(_File, "_closed", lambda _, *args: noted(*args))
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


@pytest.mark.parametrize(
    ("flags", "start", "result"),
    [
        ("w", None, b"QR"),
        ("w", 2, b"\0\0QR"),
        ("w+", None, b"QR"),
        ("r+", None, b"QR23456789"),
        ("rs+", 1, b"0QR3456789"),
        ("sr+", 9, b"012345678QR"),
        ("a", None, b"0123456789QR"),
        ("a", 0, b"0123456789QR"),
        ("a+", None, b"0123456789QR"),
        ("as", None, b"0123456789QR"),
        ("sa", None, b"0123456789QR"),
        ("as+", None, b"0123456789QR"),
        ("sa+", None, b"0123456789QR"),
        (os.O_WRONLY, 4, b"0123QR6789"),
    ],
)
async def test_flags_on_a_file_that_exists(
    log: EventLog, digits: Path, flags: str | int, start: int | None, result: bytes
) -> None:
    stream = watched(log, create_write_stream(digits, flags=flags, start=start))
    stream.write("Q")
    stream.end("R")
    await log.until("close")
    assert (log.names, digits.read_bytes()) == (["open", "ready", "finish", "close"], result)


@pytest.mark.parametrize("flags", ["wx", "xw", "wx+", "xw+", "ax", "xa", "ax+", "xa+"])
async def test_exclusive_flags(log: EventLog, digits: Path, target: Path, flags: str) -> None:
    watched(log, create_write_stream(digits, flags=flags))
    await log.until("close")
    assert log == [("error", f"EEXIST: file already exists, open '{digits}'"), ("close",)]
    created = watched(log, create_write_stream(target, flags=flags))
    created.end("new")
    await log.until("close", count=2)
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("flags", ["w", "w+", "a", "a+", "as", "as+"])
async def test_flags_that_create(log: EventLog, target: Path, flags: str) -> None:
    watched(log, create_write_stream(target, flags=flags)).end("new")
    await log.until("close")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("flags", ["r", "rs", "sr", "r+", "rs+", "sr+"])
async def test_flags_that_read(log: EventLog, digits: Path, flags: str) -> None:
    watched(log, create_read_stream(digits, flags=flags))
    await log.until("close")
    assert ("data", b"0123456789") in log


@pytest.mark.parametrize(("mode", "permissions"), [(0o640, 0o640), ("0604", 0o604), (0o666, 0o666)])
async def test_mode(log: EventLog, target: Path, mode: int | str, permissions: int) -> None:
    before = os.umask(0)
    try:
        watched(log, create_write_stream(target, mode=mode)).end()
        await log.until("close")
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == permissions


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


@pytest.mark.parametrize("flush", [True, False])
async def test_flush(log: EventLog, target: Path, monkeypatch: pytest.MonkeyPatch, flush: bool) -> None:
    fsync = os.fsync

    def noted(fd: int) -> None:
        calls.append(threading.current_thread() is threading.main_thread())
        fsync(fd)

    calls: list[bool] = []
    monkeypatch.setattr(os, "fsync", noted)
    watched(log, create_write_stream(target, flush=flush)).end("x")
    await log.until("close")
    assert calls == ([False] if flush else [])


async def test_a_streams_own_error_is_told_before_that_of_its_flush(log: EventLog) -> None:
    stream = watched(log, create_write_stream("/dev/null", flush=True))
    stream.on("ready", lambda: stream.destroy(ValueError("mine")))
    await log.until("close")
    assert log[2:] == [("error", "mine"), ("close",)]


async def test_flush_that_fails(log: EventLog) -> None:
    watched(log, create_write_stream("/dev/null", flush=True)).end("x")
    await log.until("close")
    assert log[2:] == [("finish",), ("error", "EINVAL: invalid argument, fsync"), ("close",)]


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


@pytest.fixture
def size_limit() -> Iterator[int]:
    """No file may grow over 100,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield 100_000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_write_that_is_cut_short_is_reported(log: EventLog, target: Path, size_limit: int) -> None:
    stream = watched(log, create_write_stream(target))
    stream.end(b"x" * (size_limit + 50_000), callback(log))
    await log.until("close")
    text = "EFBIG: file too large, write"
    assert log[2:] == [("callback", text), ("error", text), ("close",)]
    assert (stream.bytes_written, target.stat().st_size) == (size_limit, size_limit)


@pytest.mark.parametrize("start", [None, 3])
async def test_short_writes_are_continued(
    log: EventLog, target: Path, monkeypatch: pytest.MonkeyPatch, start: int | None
) -> None:
    write, pwrite = os.write, os.pwrite
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    monkeypatch.setattr(os, "pwrite", lambda fd, data, position: pwrite(fd, data[:7], position))
    stream = watched(log, create_write_stream(target, start=start))
    stream.write(b"0123456789" * 3)
    stream.end(b"end")
    await log.until("close")
    monkeypatch.undo()
    assert target.read_bytes() == b"\0" * (start or 0) + b"0123456789" * 3 + b"end"
    assert stream.bytes_written == 33


async def test_a_write_that_takes_nothing_is_an_error(
    log: EventLog, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: 0 if bytes(data) == b"abc" else write(fd, data))
    watched(log, create_write_stream(target)).write(b"abc")
    await log.until("close")
    assert log[2:] == [("error", "EIO: i/o error, write"), ("close",)]


async def test_a_non_blocking_pipe_is_waited_for(log: EventLog) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    content = os.urandom(1_000_000)
    watched(log, create_write_stream(None, fd=writer)).end(content)
    assert await content_of(log, create_read_stream(None, fd=reader)) == content
    await log.until("close")


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


async def test_close_now_closes_an_idle_file(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    await log.until("ready")
    stream._close_now()
    assert current().resources == set()
    await log.until("close")
    assert stream.pending


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


async def test_destroy_waits_for_the_write_in_flight(log: EventLog) -> None:
    reader, writer = os.pipe()
    stream = watched(log, create_write_stream(None, fd=writer))
    stream.write(b"x" * 200_000, callback(log))  # more than a pipe holds
    set_timeout(log, 0.02, "later")
    await log.until("later")
    stream.destroy()
    os.fstat(writer)
    assert len(await content_of(log, create_read_stream(None, fd=reader))) == 200_000
    await log.until("close")
    text = str(StreamDestroyedError("write"))
    assert log == [("later",), ("callback", text), ("error", text), ("close",)]
    assert stream.bytes_written == 0


async def test_destroy_does_not_wait_for_room_in_a_pipe(log: EventLog) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stream = watched(log, create_write_stream(None, fd=writer))
    stream.write(b"x" * 200_000)  # more than a pipe holds
    written = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, written.set)
    await written.wait()
    asyncio.get_running_loop().remove_reader(reader)
    stream.destroy(ValueError("mine"))
    await log.until("close")
    os.close(reader)
    assert log == [("error", "mine"), ("close",)]


async def test_a_callback_that_raises_does_not_keep_the_file_open(
    log: EventLog, loop_errors: list[dict[str, Any]]
) -> None:
    reader, writer = os.pipe()
    stream = watched(log, create_write_stream(None, fd=writer))
    stream.write(b"x" * 200_000, lambda _: 1 // 0)
    set_timeout(log, 0.02, "later")
    await log.until("later")
    stream.destroy()
    assert len(await content_of(log, create_read_stream(None, fd=reader))) == 200_000
    await log.until("close")
    assert [type(context["exception"]) for context in loop_errors] == [ZeroDivisionError]


# -- pipes, threads, run ----------------------------------------------------------------------------------------------


async def test_pipe_copies_a_file(log: EventLog, tmp_path: Path, target: Path) -> None:
    content = os.urandom(700_001)
    (tmp_path / "source").write_bytes(content)
    source = create_read_stream(tmp_path / "source")
    source.on("close", log.entry("close"))
    copy = watched(log, source.pipe(create_write_stream(target)))
    await log.until("close", count=2)
    assert target.read_bytes() == content
    assert (source.bytes_read, copy.bytes_written) == (len(content), len(content))


async def test_no_call_on_a_file_runs_on_the_loops_thread(
    log: EventLog, digits: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def noting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any) -> Any:
            # The loop writes to its own waker, too, and the interpreter opens what it imports.
            if threading.current_thread() is not threading.main_thread():
                calls.append(name)
            elif args[0] in (str(digits), str(target), *(stream.fd for stream in streams)):
                calls.append(f"{name} on the loop's thread")
            return call(*args)

        return noted

    streams: list[ReadStream | WriteStream] = []
    for name in ("open", "read", "pread", "write", "pwrite", "fsync", "close"):
        monkeypatch.setattr(os, name, noting(name, getattr(os, name)))
    for start in (None, 1):
        source = create_read_stream(str(digits), start=start)
        copy = create_write_stream(str(target), start=start, flush=True)
        streams[:] = [source, copy]
        watched(log, source).pipe(watched(log, copy))
        await log.until("close", count=2)
        log.clear()
    assert set(calls) == {"open", "read", "pread", "write", "pwrite", "fsync", "close"}


async def test_only_a_call_in_flight_is_a_reference(log: EventLog, digits: Path) -> None:
    runtime = current()
    stream = create_read_stream(digits)
    stream.on("ready", lambda: set_immediate(log, "ready"))
    stream.on("close", lambda: log("close"))
    assert runtime.resources == {stream}
    await asyncio.sleep(0)
    log(runtime.references)
    await log.until("ready")
    assert (runtime.references, runtime.resources) == (0, {stream})
    stream.destroy()
    log(runtime.references)
    await log.until("close")
    assert log == [(1,), ("ready",), (1,), ("close",)]
    assert runtime.resources == set()


def test_run_returns_when_the_files_are_closed(loop_factory: Callable[[], Any], tmp_path: Path, digits: Path) -> None:
    def main() -> WriteStream:
        return create_read_stream(digits).pipe(create_write_stream(tmp_path / "copy"))

    copy = run(main, loop_factory=loop_factory)
    assert copy is not None
    assert copy.closed
    assert (tmp_path / "copy").read_bytes() == b"0123456789"


def test_run_does_not_wait_for_a_file_nobody_reads(loop_factory: Callable[[], Any], digits: Path) -> None:
    stream = run(create_read_stream, digits, loop_factory=loop_factory)
    assert stream is not None
    assert stream.destroyed


def test_an_interrupted_run_closes_what_is_busy(loop_factory: Callable[[], Any], tmp_path: Path) -> None:
    reader, writer = os.pipe()

    def main() -> None:
        create_read_stream(None, fd=reader).resume()
        set_timeout(stop, 0.02)

    def stop() -> None:
        # The read ends some time after the interruption.
        threading.Timer(0.02, os.close, (writer,)).start()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(main, loop_factory=loop_factory)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reader)
