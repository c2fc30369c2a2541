"""gzipping.py: packing and unpacking, against gzip and Node's zlib."""

from __future__ import annotations

import asyncio
import gzip
import random
import subprocess
import threading
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.gzipping import GZIP, PIECE, THREAD_FROM, Gzip, gunzip
from sockstream import fs, net
from sockstream.events import once
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import collect, cut, cuts, failed, passed
from tests.support.net import port_of, serving
from tests.unit.stream.helpers import Sink

if TYPE_CHECKING:
    from pathlib import Path

datas = st.binary(max_size=300) | st.integers(0, 2000).map(lambda size: b"again " * size)
TEXT = b"a line of text\n" * 30_000
NOISE = random.Random(1).randbytes(200_000)

# Sends what it packs, and tells whether what comes back, packed, is the same.
NODE = """
const { pipeline } = require('stream'), zlib = require('zlib')
const socket = require('net').connect(process.argv[1], '127.0.0.1')
const data = Buffer.from('a line of text\\n'.repeat(30000))
const pack = zlib.createGzip()
pack.end(data)
pipeline(pack, socket, error => error && console.log(error))
const chunks = []
const unpack = socket.pipe(zlib.createGunzip())
unpack.on('data', chunk => chunks.push(chunk))
unpack.on('end', () => console.log(Buffer.concat(chunks).equals(data)))
"""


@given(data=datas, sizes=cuts)
async def test_what_is_packed_is_what_gzip_unpacks(data: bytes, sizes: list[int]) -> None:
    assert gzip.decompress(b"".join(await passed(cut(data, sizes), Gzip()))) == data


@given(members=st.lists(st.tuples(datas, st.integers(0, 9)), min_size=1, max_size=4), sizes=cuts)
async def test_members_and_the_zeros_behind_them(members: list[tuple[bytes, int]], sizes: list[int]) -> None:
    packed = b"".join(gzip.compress(data) + bytes(zeros) for data, zeros in members)
    assert b"".join(await passed(cut(packed, sizes), gunzip)) == b"".join(data for data, _ in members)


@given(data=datas, sizes=cuts, share=st.floats(0, 1, exclude_max=True))
async def test_an_input_that_ends_early_is_an_error(data: bytes, sizes: list[int], share: float) -> None:
    packed = gzip.compress(data)
    _, error = await failed(cut(packed[: int(len(packed) * share)], sizes), gunzip)
    assert isinstance(error, EOFError)
    assert str(error) == "the input ends within a gzip member"


async def test_a_second_member_that_ends_early_is_an_error() -> None:
    packed = gzip.compress(b"one")
    given_, error = await failed([packed + packed[:-1]], gunzip)
    assert (b"".join(given_), type(error)) == (b"oneone", EOFError)


ONE = gzip.compress(b"one")


@pytest.mark.parametrize("damaged", [b"no gzip", ONE + b"garbage", ONE[:-8] + bytes(8)], ids=["none", "behind", "sum"])
async def test_what_is_no_gzip_or_damaged_is_an_error(damaged: bytes) -> None:
    _, error = await failed([damaged], gunzip)
    assert isinstance(error, zlib.error)


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 10_000_000])
async def test_what_unpacks_to_much_comes_in_pieces(size: int) -> None:
    packed = gzip.compress(bytes(size))
    # The last bytes of the data without those of the member: nothing is held back for these.
    for sizes in ([], [len(packed) - 8], [1] * len(packed)):
        pieces = await passed(cut(packed, sizes), gunzip)
        assert b"".join(pieces) == bytes(size)
        assert max(map(len, pieces)) <= PIECE


async def test_all_that_can_be_unpacked_comes_at_once() -> None:
    packed = gzip.compress(bytes(3 * PIECE))
    for end in range(40, len(packed)):
        expected = zlib.decompressobj(GZIP).decompress(packed[:end])
        sink = Sink()
        with pytest.raises(EOFError):
            await pipeline([packed[:end]], gunzip, sink)
        assert b"".join(sink.chunks) == expected


async def test_large_chunks_are_packed_by_another_thread() -> None:
    class Noting(Gzip):
        def __init__(self) -> None:
            super().__init__()
            self.packer, self._packer = self._packer, self  # type: ignore[assignment]
            self.is_main: list[bool] = []

        def compress(self, chunk: bytes) -> bytes:
            self.is_main.append(threading.current_thread() is threading.main_thread())
            return self.packer.compress(chunk)

        async def _flush(self) -> bytes:
            return self.packer.flush()

    stage = Noting()
    chunks = [NOISE[: THREAD_FROM - 1], NOISE[:THREAD_FROM], NOISE[:60_000]]
    assert gzip.decompress(b"".join(await passed(chunks, stage))) == b"".join(chunks)
    assert stage.is_main == [True, False, False]


async def test_destroyed_while_a_thread_packs() -> None:
    stage = Gzip()
    stage.write(NOISE)
    stage.destroy(ValueError("enough"))
    with pytest.raises(ValueError, match="enough"):
        await pipeline(stage, collect)


async def test_gunzip_the_command_unpacks_a_file(tmp_path: Path) -> None:
    for data in (b"", TEXT, NOISE):
        file = tmp_path / "packed.gz"
        await pipeline([data], Gzip(), fs.create_write_stream(file))
        done = subprocess.run(["gunzip", "-c", str(file)], capture_output=True, check=True, timeout=20)
        assert done.stdout == data


async def test_what_gzip_the_command_packs_is_unpacked(tmp_path: Path) -> None:
    for data in (b"", TEXT, NOISE):
        done = subprocess.run(["gzip", "-9"], input=data, capture_output=True, check=True, timeout=20)
        file = tmp_path / "packed.gz"
        file.write_bytes(done.stdout * 2)
        for mark in (100, 65_536):
            source = fs.create_read_stream(file, high_water_mark=mark)
            got = await pipeline(source, gunzip, collect)
            if not source.closed:
                await once(source, "close")
            assert b"".join(got) == data * 2


async def test_nodes_zlib_over_a_socket(node: str) -> None:
    async def serve(socket: net.Socket) -> None:
        await pipeline(socket, gunzip, Gzip(), socket)

    async with serving(serve, allow_half_open=True) as server:
        peer = await asyncio.create_subprocess_exec(
            node, "-e", NODE, str(port_of(server)), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await peer.communicate()
    assert out == b"true\n"
