"""hex_dump.py: rows as xxd prints them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from recipes.hex_dump import hex_dump
from tests.examples.recipes.helpers import cut, cuts, passed
from tests.examples.recipes.test_lines import nc_says

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# As `xxd` prints bytes(range(20)) + b" ~\x7f\xffabc".
ROWS = """\
00000000: 0001 0203 0405 0607 0809 0a0b 0c0d 0e0f  ................
00000010: 1011 1213 207e 7fff 6162 63              .... ~..abc
"""


async def dump(chunks: list[bytes]) -> str:
    """Return the chunks' dump."""
    return "".join(await passed(chunks, hex_dump))


async def test_what_xxd_prints() -> None:
    assert await dump([bytes(range(20)) + b" ~\x7f\xffabc"]) == ROWS
    assert (await dump([b"x" * 32])).count("\n") == 2


@given(data=st.binary(max_size=100), sizes=cuts)
async def test_the_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    text = await dump(cut(data, sizes))
    assert text == await dump([data])
    rows = [(row[:8], row[10:49], row[51:]) for row in text.splitlines()]
    assert [int(offset, 16) for offset, _, _ in rows] == list(range(0, len(data), 16))
    assert b"".join(bytes.fromhex(digits) for _, digits, _ in rows) == data
    assert sum(len(shown) for _, _, shown in rows) == len(data)


async def test_od_finds_the_same_bytes_in_what_nc_sends(nc: str) -> None:
    data = bytes(range(256)) * 300
    rows = "".join(map(str, await nc_says(nc, data, hex_dump))).splitlines()
    done = subprocess.run(["od", "-An", "-v", "-tx1"], input=data, capture_output=True, check=True, timeout=20)
    assert [row[10:49].replace(" ", "") for row in rows] == [
        row.replace(" ", "") for row in done.stdout.decode().splitlines()
    ]


async def test_a_full_row_does_not_wait_for_the_next() -> None:
    seen: list[object] = []

    async def speak() -> AsyncIterator[bytes]:
        for chunk in (b"x" * 16, b"y", b"z" * 15):
            seen.append(chunk)
            yield chunk

    async for row in hex_dump(speak()):
        text = row[51:-1]
        seen.append(text)
    assert seen == [b"x" * 16, "x" * 16, b"y", b"z" * 15, "y" + "z" * 15]
