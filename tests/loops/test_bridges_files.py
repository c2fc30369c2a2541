"""`from_file` over real files, pipes, archives and sockets."""

# ruff: noqa: SIM115  # the stream closes the file

from __future__ import annotations

import gzip
import os
import socket as kernel
import subprocess
import sys
import tempfile
import threading
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import sockstream
from sockstream.errors import SystemBrokenPipeError, SystemCallError
from sockstream.events import once
from sockstream.stream import Writable, finished, from_file, pipeline
from tests.support.net import closed, connected_pair, read_to_close

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


async def test_a_file_goes_over_a_socket_into_a_file(tmp_path: Path) -> None:
    data = os.urandom(MIB) * 24
    (tmp_path / "in").write_bytes(data)
    async with connected_pair() as (client, peer):
        sending = pipeline(from_file(open(tmp_path / "in", "rb")), client)
        await pipeline(peer, from_file(open(tmp_path / "out", "wb"), "w"))
        await sending
    assert (tmp_path / "out").read_bytes() == data


async def test_a_text_file_has_its_own_encoding_and_newlines(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("zwölf\r\nBoxkämpfer".encode("utf-16"))
    stream = from_file(open(tmp_path / "text", encoding="utf-16"), high_water_mark=4)
    assert await read_to_close(stream) == "zwölf\nBoxkämpfer"


async def test_a_compressed_file_there_and_back(tmp_path: Path) -> None:
    data = bytes(32 * MIB)
    highest = 0

    async def look(chunk: bytes, encoding: str) -> None:
        nonlocal highest
        highest = max(highest, source.readable_length)

    await pipeline([data], from_file(gzip.open(tmp_path / "a.gz", "wb"), "w"))
    assert (tmp_path / "a.gz").stat().st_size < MIB
    source = from_file(gzip.open(tmp_path / "a.gz"))
    await pipeline(source, Writable(write=look))
    assert highest <= 2 * 65_536
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == data


async def test_members_of_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        await pipeline([b"one, ", b"two"], from_file(archive.open("member", "w"), "w"))
        assert archive.namelist() == ["member"]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert await read_to_close(from_file(archive.open("member"))) == b"one, two"


@pytest.mark.parametrize("mode", ["w+b", "w+"])
async def test_a_spooled_file(mode: Any) -> None:
    with tempfile.SpooledTemporaryFile(mode=mode) as file:
        await pipeline([b"data"], from_file(file, "w", auto_close=False))
        file.seek(0)
        assert await read_to_close(from_file(file, auto_close=False, encoding=None)) == b"data"


async def test_a_named_temporary_file() -> None:
    with tempfile.NamedTemporaryFile("w+", encoding="latin1") as file:
        await pipeline(["wörld"], from_file(file, "w", auto_close=False))
        file.seek(0)
        assert [chunk async for chunk in from_file(file, auto_close=False)] == ["wörld"]


# -- pipes ------------------------------------------------------------------------------------------------------------


async def test_the_pipes_of_a_process() -> None:
    with subprocess.Popen(["tr", "a-z", "A-Z"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sink, source = from_file(process.stdin, "w"), from_file(process.stdout)
        sink.end("hello")
        assert await read_to_close(source) == b"HELLO"


@pytest.mark.parametrize("bufsize", [-1, 0])
@pytest.mark.parametrize("text", [False, True])
async def test_a_pipe_gives_what_is_there(bufsize: int, text: bool) -> None:
    if text and not bufsize:
        return
    code = "import sys; sys.stdout.write('first\\n'); sys.stdout.flush(); sys.stdin.read(); sys.stdout.write('last\\n')"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=bufsize, text=text
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stream = from_file(process.stdout)
        (chunk,) = await once(stream, "data")
        assert chunk == ("first\n" if text else b"first\n")
        process.stdin.close()
        assert [rest async for rest in stream] == ["last\n" if text else b"last\n"]
        await closed(stream)


async def test_a_reader_that_has_gone_is_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = from_file(open(writing, "wb"), "w")
    stream.end(b"data")
    with pytest.raises(SystemBrokenPipeError, match="EPIPE: broken pipe, write") as caught:
        await finished(stream)
    assert caught.value.code == "EPIPE"
    await closed(stream)


@pytest.mark.parametrize("buffering", [-1, 0])
async def test_pipes_that_do_not_block(buffering: int) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    data = os.urandom(2 * MIB)
    source, sink = from_file(open(reading, "rb", buffering)), from_file(open(writing, "wb", buffering), "w")
    sink.write(data)
    received = [await anext(aiter(source.iterator(destroy_on_return=False)))]
    sink.end()
    received += [chunk async for chunk in source]
    assert b"".join(received) == data
    await closed(source)
    await closed(sink)


async def test_a_sockets_file_reads_and_writes_at_once() -> None:
    ours, theirs = kernel.socketpair()
    with ours, theirs:
        stream = from_file(ours.makefile("rwb"), "rw")
        answers: list[bytes] = []
        stream.on("data", answers.append)  # its read blocks in the executor from now on

        def answer() -> None:
            theirs.sendall(theirs.recv(100).upper())
            theirs.shutdown(kernel.SHUT_WR)

        peer = threading.Thread(target=answer)
        peer.start()
        await once(stream, "resume")
        stream.end("question")
        await once(stream, "close")
        peer.join()
        assert answers == [b"QUESTION"]


async def test_a_full_disk_is_the_streams_error() -> None:
    with pytest.raises(SystemCallError, match="ENOSPC: no space left on device, write"):
        await pipeline([bytes(MIB)], from_file(open("/dev/full", "wb"), "w"))


def test_run_waits_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"data")
    seen: list[bytes] = []

    def main() -> None:
        from_file(open(tmp_path / "in", "rb")).on("data", seen.append)

    sockstream.run(main)
    assert seen == [b"data"]


def test_an_interrupt_closes_a_file(tmp_path: Path) -> None:
    file = open(tmp_path / "out", "wb")

    def main() -> None:
        from_file(file, "w")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sockstream.run(main)
    assert file.closed
