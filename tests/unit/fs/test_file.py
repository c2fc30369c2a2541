"""The descriptor: one call in flight, closing, writing all of it, threads. The logs are what Node prints."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    StreamDestroyedError,
)
from sockstream.fs import ReadStream, WriteStream, create_read_stream, create_write_stream
from sockstream.loop import current, run
from sockstream.timers import set_immediate, set_timeout
from tests.unit.fs.helpers import callback, content_of, descriptor, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.events import EventLog


# -- opening and closing ----------------------------------------------------------------------------------------------


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


async def test_destroy_waits_for_the_write_in_flight(log: EventLog) -> None:
    reader, writer = os.pipe()
    stream = watched(log, create_write_stream(None, fd=writer))
    stream.write(b"x" * 200_000, callback(log))  # more than a pipe holds
    set_timeout(log, 0.02, "later")
    await log.until("later")
    stream.destroy()
    os.fstat(writer)
    assert len(await content_of(create_read_stream(None, fd=reader))) == 200_000
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
    assert len(await content_of(create_read_stream(None, fd=reader))) == 200_000
    await log.until("close")
    assert [type(context["exception"]) for context in loop_errors] == [ZeroDivisionError]


async def test_close_now_closes_an_idle_file(log: EventLog, target: Path) -> None:
    stream = watched(log, create_write_stream(target))
    await log.until("ready")
    stream._close_now()
    assert current().resources == set()
    await log.until("close")
    assert stream.pending


async def test_a_bad_descriptor(log: EventLog) -> None:
    watched(log, create_read_stream(None, fd=999))
    await log.until("close")
    # Node: it is the close that failed last.
    assert log == [("error", "EBADF: bad file descriptor, close"), ("close",)]


@pytest.fixture
def standard_input(digits: Path) -> Iterator[None]:
    """Standard input is a file."""
    before, file = os.dup(0), descriptor(digits)
    os.dup2(file, 0)
    os.close(file)
    yield
    os.dup2(before, 0)
    os.close(before)


@pytest.mark.usefixtures("standard_input")
async def test_standard_input_stays_open(log: EventLog) -> None:
    stream = watched(log, create_read_stream(None, fd=0))
    await log.until("close")
    assert log == [("data", b"0123456789"), ("end",), ("close",)]
    assert (stream.fd, os.fstat(0).st_size) == (0, 10)


async def test_a_descriptor_that_is_closed_under_the_stream(log: EventLog, digits: Path) -> None:
    fd = descriptor(digits)
    watched(log, create_read_stream(None, fd=fd)).on("end", lambda: os.close(fd))
    await log.until("close")
    assert log.names == ["data", "end", "error", "close"]


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


async def test_flush_that_fails(log: EventLog) -> None:
    watched(log, create_write_stream("/dev/null", flush=True)).end("x")
    await log.until("close")
    assert log[2:] == [("finish",), ("error", "EINVAL: invalid argument, fsync"), ("close",)]


async def test_a_streams_own_error_is_told_before_that_of_its_flush(log: EventLog) -> None:
    stream = watched(log, create_write_stream("/dev/null", flush=True))
    stream.on("ready", lambda: stream.destroy(ValueError("mine")))
    await log.until("close")
    assert log[2:] == [("error", "mine"), ("close",)]


# -- writing all of it ------------------------------------------------------------------------------------------------


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
    assert await content_of(create_read_stream(None, fd=reader)) == content
    await log.until("close")


# -- threads and run --------------------------------------------------------------------------------------------------


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
