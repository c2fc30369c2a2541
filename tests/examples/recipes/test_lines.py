"""lines.py: whole lines, whatever the pieces."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.lines import Lines
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import collect, cut, cuts, failed, passed
from tests.support.net import LOCAL, port_of, serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sockstream import net

texts = st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"bc", "é".encode(), b"\0"]), max_size=30).map(b"".join)


def lines_of(data: bytes) -> list[bytes]:
    """Return what must come out."""
    *whole, rest = data.split(b"\n")
    return [line.removesuffix(b"\r") for line in whole] + ([rest] if rest else [])


@given(data=texts, sizes=cuts)
async def test_the_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    assert await passed(cut(data, sizes), Lines()) == lines_of(data)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"\r\n\n", [b"", b""]),
        (b"one\ntwo", [b"one", b"two"]),
        (b"one\r", [b"one\r"]),
        (b"a\rb\n", [b"a\rb"]),
        (b"x" * 65_536 + b"\ny", [b"x" * 65_536, b"y"]),
    ],
)
async def test_edges(data: bytes, lines: list[bytes]) -> None:
    assert await passed([data], Lines()) == lines


@given(sizes=cuts, before=st.integers(0, 3))
async def test_a_long_line_is_named_whatever_the_pieces(sizes: list[int], before: int) -> None:
    lines, error = await failed(cut(b"ok\n" * before + b"x" * 9 + b"\nok\n", sizes), Lines(max_length=8))
    assert str(error) == f"line {before + 1} is longer than 8 bytes"
    assert lines == [b"ok"] * len(lines)
    assert len(lines) <= before


async def test_a_line_that_does_not_end_does_not_fill_the_memory() -> None:
    class Counting(Lines):
        seen = 0

        def _transform(self, chunk: bytes, *args: object) -> None:
            self.seen += len(chunk)
            super()._transform(chunk, *args)  # type: ignore[arg-type]

    stage = Counting(max_length=100)
    _, error = await failed([b"x" * 10] * 1000, stage)
    assert str(error) == "line 1 is longer than 100 bytes"
    assert stage.seen == 110


async def nc_says(nc: str, data: bytes, *stages: object) -> Sequence[object]:
    """Return what a server's stages make of what nc sends it."""
    got: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()

    async def serve(socket: net.Socket) -> None:
        got.set_result(await pipeline(socket, *stages, collect))

    async with serving(serve) as server:
        peer = await asyncio.create_subprocess_exec(
            nc, "-N", LOCAL, str(port_of(server)), stdin=asyncio.subprocess.PIPE
        )
        await peer.communicate(data)
        return await got


async def test_nc_sends_lines(nc: str) -> None:
    many = b"".join(b"line %d\r\n" % number for number in range(20_000))
    assert await nc_says(nc, many + b"rest", Lines()) == [*lines_of(many), b"rest"]
