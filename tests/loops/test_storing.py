"""Sockets piped to files, whose bytes the kernel stores: that it does, when it does not, and how it fails."""

from __future__ import annotations

import errno
import os
import resource
import stat
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import fs
from sockstream.events import once
from sockstream.stream import pipeline
from tests.support.moving import moving
from tests.support.net import closed, connected_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.events import EventLog

pytestmark = pytest.mark.polled

CONTENTS = bytes(range(256)) * 40_000


@pytest.fixture(autouse=True)
def forced() -> Iterator[None]:
    """Have bytes move as soon as there is a pipe."""
    with moving("forced"):
        yield


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much the program has written to files itself."""
    sizes: list[int] = []
    for name in ("write", "pwrite"):
        real = getattr(os, name)

        def write(descriptor: int, data: bytes, *rest: Any, real: Any = real) -> int:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                sizes.append(len(data))
            return int(real(descriptor, data, *rest))

        monkeypatch.setattr(os, name, write)
    return sizes


async def store(path: Path, **options: Any) -> fs.WriteStream:
    """Pipe a socket to a file until both are closed, and return the file's stream."""
    async with connected_pair() as (socket, peer):
        file = fs.create_write_stream(path, **options)
        chain = pipeline(socket, file)
        peer.end(CONTENTS)
        await chain
        await closed(file)
        return file


async def test_no_byte_comes_into_the_program(tmp_path: Path, stored: list[int]) -> None:
    file = await store(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == CONTENTS
    assert file.bytes_written == len(CONTENTS)
    assert sum(stored) < len(CONTENTS) // 4


async def test_into_the_midst_of_a_file(tmp_path: Path, stored: list[int]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789" + bytes(len(CONTENTS)))
    await store(path, flags="r+", start=5)
    assert path.read_bytes() == b"01234" + CONTENTS + bytes(5)
    assert sum(stored) < len(CONTENTS) // 4


async def test_from_where_a_descriptor_stands(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, b"before")
    await store(tmp_path, fd=descriptor)
    assert (tmp_path / "file").read_bytes() == b"before" + CONTENTS


async def test_what_is_appended_to_is_written(tmp_path: Path) -> None:
    """The kernel does not splice there, and says so when the bytes are in its pipe already."""
    path = tmp_path / "file"
    path.write_bytes(b"before")
    file = await store(path, flags="a")
    assert path.read_bytes() == b"before" + CONTENTS
    assert file.bytes_written == len(CONTENTS)


async def test_what_is_no_file_is_written(stored: list[int]) -> None:
    file = await store("/dev/null")  # type: ignore[arg-type]
    assert file.bytes_written == sum(stored) == len(CONTENTS)


class Louder(fs.WriteStream):
    """A file with a `write` of its own."""

    def write(self, data: Any, *rest: Any, **options: Any) -> bool:
        return super().write(data.upper(), *rest, **options)


async def test_a_subclass_sees_what_it_writes(tmp_path: Path) -> None:
    async with connected_pair() as (socket, peer):
        file = Louder(tmp_path / "file")
        chain = pipeline(socket, file)
        peer.end("hello")
        await chain
        await closed(file)
    assert (tmp_path / "file").read_bytes() == b"HELLO"


@pytest.mark.parametrize("mode", ["off", "forced"])
async def test_a_full_disk_is_told_once(tmp_path: Path, event_log: EventLog, mode: str) -> None:
    """A limit of the process stands for it."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with moving(mode):
            async with connected_pair() as (socket, peer):
                peer.on("error", lambda error: None)
                file = fs.create_write_stream(tmp_path / "file")
                event_log.watch(file, "error", "unpipe", "finish", "close")
                socket.pipe(file)
                peer.write(CONTENTS)
                await event_log.until("close")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    unpipe, (_, error), end = event_log
    assert unpipe == ("unpipe", socket)
    assert (error.code, error.syscall, error.errno) == ("EFBIG", "write", errno.EFBIG)
    assert end == ("close",)
    assert file.bytes_written <= 1_000_000
    assert (tmp_path / "file").stat().st_size == 1_000_000


async def test_destroyed_in_the_midst(tmp_path: Path, event_log: EventLog) -> None:
    async with connected_pair() as (socket, peer):
        peer.on("error", lambda error: None)
        file = fs.create_write_stream(tmp_path / "file")
        event_log.watch(file, "error", "finish", "close", prefix=("file",))
        event_log.watch(socket, "pause")
        socket.pipe(file)
        peer.write(CONTENTS)
        await event_log.until("pause")
        file.destroy()
        await event_log.until("file", "close")
        assert CONTENTS.startswith((tmp_path / "file").read_bytes())
        assert event_log.count("file", "finish") == 0


async def test_the_socket_dies_in_the_midst(tmp_path: Path) -> None:
    async with connected_pair() as (socket, peer):
        peer.on("error", lambda error: None)
        file = fs.create_write_stream(tmp_path / "file")
        socket.pipe(file)
        peer.write(CONTENTS)
        await once(socket, "pause")
        socket.destroy()
        file.end("and an end")
        await closed(file)
        assert (tmp_path / "file").read_bytes().endswith(b"and an end")
