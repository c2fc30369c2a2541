"""hashing.py: the hash of what passes."""

from __future__ import annotations

import asyncio
import hashlib
import random
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from recipes.hashing import Hashing
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import collect, cut, cuts, failed, passed
from tests.support.net import LOCAL, port_of, serving

if TYPE_CHECKING:
    from pathlib import Path

    from sockstream import net


@given(data=st.binary(max_size=300), sizes=cuts)
async def test_the_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    stage = Hashing()
    assert b"".join(await passed(cut(data, sizes), stage)) == data
    assert stage.hexdigest() == hashlib.sha256(data).hexdigest()


async def test_other_algorithms() -> None:
    stage = Hashing("md5")
    await passed([b"hello\n"], stage)
    assert stage.hexdigest() == "b1946ac92492d2347c6235b4d2611184"


async def test_after_a_failure_it_is_the_hash_of_what_came() -> None:
    stage = Hashing()
    await failed([b"hello", ValueError("no")], stage)
    assert stage.hexdigest() == hashlib.sha256(b"hello").hexdigest()


async def test_sha256sum_says_the_same_of_what_nc_sends(nc: str, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(random.Random(1).randbytes(500_000))

    async def serve(socket: net.Socket) -> None:
        stage = Hashing()
        await pipeline(socket, stage, collect)
        socket.end(stage.hexdigest())

    async with serving(serve, allow_half_open=True) as server:
        command = f"{nc} -N {LOCAL} {port_of(server)} <{file}; sha256sum <{file}"
        peer = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
        out, _ = await peer.communicate()
    assert out.decode()[:64] == out.decode()[64:128]
    assert len(out) == 64 + 68
