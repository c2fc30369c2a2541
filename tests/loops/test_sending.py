"""Files that are piped to sockets and sent by the kernel: that they are, when they are not, and how it ends."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import stat
import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import fs, net
from sockstream.events import once
from sockstream.stream import Writable, pipeline
from tests.support.moving import moving
from tests.support.net import closed, connected_pair, read_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.support.events import EventLog

pytestmark = pytest.mark.polled

LENGTH = 24 << 20
CONTENTS = random.Random(7).randbytes(1 << 20) * 24


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that no socket takes at once, and that is in the kernel's cache."""
    path = tmp_path / "file"
    path.write_bytes(CONTENTS)
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How large the parts of files are that are read into the program."""
    sizes: list[int] = []
    for name in ("read", "pread"):
        real = getattr(os, name)

        def read(descriptor: int, size: int, *rest: Any, real: Callable[..., bytes] = real) -> bytes:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                sizes.append(size)
            return real(descriptor, size, *rest)

        monkeypatch.setattr(os, name, read)
    return sizes


@asynccontextmanager
async def stuck(path: Path, **options: Any) -> AsyncIterator[tuple[fs.ReadStream, net.Socket, net.Socket]]:
    """Yield a file that is being sent to a socket whose peer reads nothing, with bytes in flight."""
    async with connected_pair(allow_half_open=True, server_options={"allow_half_open": True}) as (socket, peer):
        file = fs.create_read_stream(path, **options)
        file.pipe(socket)
        await once(file, "pause")
        assert socket.writable_need_drain
        yield file, socket, peer
        peer.on("error", lambda error: None)
        file.destroy()
        await closed(file)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no /dev/shm to write to")
async def test_a_file_in_memory_needs_not_be_in_the_cache(reads: list[int]) -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as there:
        there.write(CONTENTS)
        there.flush()
        async with connected_pair() as (socket, peer):
            fs.create_read_stream(there.name).pipe(socket)
            assert await read_all(peer) == CONTENTS
    assert sum(reads) < LENGTH // 4


async def test_no_byte_comes_into_the_program(path: Path, reads: list[int], event_log: EventLog) -> None:
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream(path)
        event_log.watch(file, "ready", "end", "close", prefix=("file",))
        event_log.watch(socket, "pipe", "unpipe", "finish", prefix=("socket",))
        file.pipe(socket)
        got = hashlib.sha256(await read_all(peer)).digest()
        assert got == hashlib.sha256(CONTENTS).digest()
        assert sum(reads) < LENGTH // 4  # the system may not tell at once what it has
        assert file.bytes_read == socket.bytes_written == LENGTH
        await event_log.until("file", "close")
        assert [name for who, name, *_ in event_log if who == "file"] == ["ready", "end", "close"]
        assert [name for who, name, *_ in event_log if who == "socket"] == ["pipe", "finish", "unpipe"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"start": 5}, slice(5, None)),
        ({"end": 5}, slice(0, 6)),
        ({"start": 5, "end": 3_000_000}, slice(5, 3_000_001)),
        ({"start": LENGTH - 1}, slice(LENGTH - 1, None)),
        ({"start": LENGTH + 1}, slice(0, 0)),
    ],
)
async def test_a_part_of_it(path: Path, reads: list[int], options: dict[str, int], part: slice) -> None:
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream(path, **options)  # type: ignore[arg-type]
        chain = pipeline(file, socket)
        assert await read_all(peer) == CONTENTS[part]
        assert sum(reads) < LENGTH // 4
        assert file.bytes_read == len(CONTENTS[part])
        peer.end()
        await chain
        await closed(file)


async def test_from_where_a_descriptor_stands(path: Path, reads: list[int]) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.lseek(descriptor, LENGTH - 5_000_000, os.SEEK_SET)
    async with connected_pair() as (socket, peer):
        fs.create_read_stream(None, fd=descriptor, auto_close=False).pipe(socket)
        assert await read_all(peer) == CONTENTS[-5_000_000:]
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == LENGTH
        assert sum(reads) < LENGTH // 4
    os.close(descriptor)


def listen(file: fs.ReadStream, socket: net.Socket) -> None:
    file.on("data", lambda chunk: None)


def branch(file: fs.ReadStream, socket: net.Socket) -> None:
    file.pipe(Writable(write=lambda chunk, encoding, callback: callback()))


def override(file: fs.ReadStream, socket: net.Socket) -> None:
    file.push = lambda *args: fs.ReadStream.push(file, *args)  # type: ignore[method-assign]


def override_write(file: fs.ReadStream, socket: net.Socket) -> None:
    socket.write = lambda *args: net.Socket.write(socket, *args)  # type: ignore[method-assign]


@pytest.mark.parametrize("disturb", [listen, branch, override, override_write])
async def test_who_wants_to_see_the_bytes_sees_them(
    path: Path, reads: list[int], disturb: Callable[[fs.ReadStream, net.Socket], None]
) -> None:
    async with stuck(path) as (file, socket, peer):
        assert sum(reads) < LENGTH // 4
        disturb(file, socket)
        assert await read_all(peer) == CONTENTS
        assert sum(reads) > LENGTH // 2


async def test_off_it_is_read(path: Path, reads: list[int]) -> None:
    with moving("off"):
        async with connected_pair() as (socket, peer):
            file = fs.create_read_stream(path)
            file.pipe(socket)
            assert await read_all(peer) == CONTENTS
            assert sum(reads) >= LENGTH
            await closed(file)


async def test_what_has_no_size_is_read(reads: list[int]) -> None:
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream("/proc/self/status")
        file.pipe(socket)
        assert b"VmRSS" in await read_all(peer)
        assert reads
        await closed(file)


async def test_a_fifo_is_read(tmp_path: Path, reads: list[int]) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hello")
    os.close(writing)
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream(None, fd=reading)
        file.pipe(socket)
        assert await read_all(peer) == b"hello"
        assert reads
        await closed(file)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EOPNOTSUPP])
async def test_what_the_disk_has_yet_to_bring_is_read(
    path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The system says that it is not in its cache, or that it cannot say."""

    def preadv(*args: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "preadv", preadv)
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream(path)
        file.pipe(socket)
        assert await read_all(peer) == CONTENTS
        assert sum(reads) >= LENGTH
        await closed(file)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
async def test_what_cannot_be_sent_is_read(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    calls = 0
    real = os.sendfile

    def sendfile(*args: Any) -> int:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise OSError(number, os.strerror(number))
        return real(*args)

    monkeypatch.setattr(os, "sendfile", sendfile)
    async with connected_pair() as (socket, peer):
        file = fs.create_read_stream(path)
        file.pipe(socket)
        sent = await read_all(peer)
        assert CONTENTS.startswith(sent[: 1 << 20])
        assert calls >= 3
        await closed(file)


async def test_it_grows_while_it_is_sent(path: Path) -> None:
    async with stuck(path) as (_, _, peer):
        with path.open("ab") as more:
            more.write(b"and more")
        assert await read_all(peer) == CONTENTS + b"and more"


async def test_it_shrinks_while_it_is_sent(path: Path) -> None:
    async with stuck(path) as (file, socket, peer):
        os.truncate(path, 1000)
        got = await read_all(peer)
        # What the kernel had taken is the file's own pages, and those are gone but for their place.
        assert len(got) == file.bytes_read == socket.bytes_written
        assert got[:1000] == CONTENTS[:1000]


async def test_a_file_that_changes_in_place_may_arrive_changed(path: Path) -> None:
    async with stuck(path) as (_, _, peer):
        with path.open("r+b") as file:
            file.write(bytes(LENGTH))
        got = await read_all(peer)
        assert len(got) == LENGTH
        # What the peer's transport had read before is what the file was.
        assert not any(got[1 << 19 :])


async def test_what_is_in_flight_outlives_the_file_stream(path: Path) -> None:
    async with stuck(path) as (file, socket, peer):
        written = socket.bytes_written
        file.destroy()
        socket.end()
        assert await read_all(peer) == CONTENTS[:written]


async def test_what_is_written_meanwhile_comes_after_it(path: Path, event_log: EventLog) -> None:
    async with stuck(path) as (_, socket, peer):
        written = socket.bytes_written
        socket.write("more", callback=event_log.entry("written"))
        got = await read_all(peer)
        assert got == CONTENTS[:written] + b"more" + CONTENTS[written:]
        assert event_log == [("written", None)]


async def test_a_reset_is_told_once(path: Path, event_log: EventLog) -> None:
    async with stuck(path) as (file, socket, peer):
        event_log.watch(socket, "error", "close")
        event_log.watch(file, "error", "close", prefix=("file",))
        peer.reset_and_destroy()
        await event_log.until("close")
        (_, error), end = event_log
        assert error.code in ("ECONNRESET", "EPIPE")
        assert end == ("close", True)
        assert not file.destroyed
