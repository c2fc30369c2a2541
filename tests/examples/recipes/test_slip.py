"""slip.py: packets on a serial line."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes.slip import SlipDecoder, SlipEncoder, SlipError
from tests.examples.recipes.helpers import cut, cuts, failed, passed
from tests.examples.recipes.test_lines import nc_says

packets = st.lists(
    st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0, 65]), min_size=1, max_size=12).map(bytes), max_size=6
)


@given(sent=packets, sizes=cuts)
async def test_the_pieces_make_no_difference(sent: list[bytes], sizes: list[int]) -> None:
    data = b"".join(await passed(sent, SlipEncoder(), object_mode=True))
    assert data.count(b"\xc0") == 2 * len(sent)
    assert await passed(cut(data, sizes), SlipDecoder()) == sent


async def test_what_the_standard_says() -> None:
    encoded = await passed([b"\xc0\xdb\x01", b""], SlipEncoder(), object_mode=True)
    assert b"".join(encoded) == b"\xc0\xdb\xdc\xdb\xdd\x01\xc0\xc0\xc0"
    # The first END may be left out, and there may be more of them.
    assert await passed([b"one\xc0two\xc0\xc0\xc0three\xc0"], SlipDecoder()) == [b"one", b"two", b"three"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a\xdb\xc0", "packet 2 has a bad escape, db"),
        (b"a\xdb\n\xc0", "packet 2 has a bad escape, db0a"),
        (b"12345\xc0", "packet 2 is larger than 4 bytes"),
        (b"1", "packet 2 is not complete"),
        (b"1\xdb", "packet 2 is not complete"),
    ],
)
@pytest.mark.parametrize("size", [1, 100])
async def test_a_packet_that_is_wrong_is_named(data: bytes, problem: str, size: int) -> None:
    data = b"\xc0ok\xc0\xc0" + data
    got, error = await failed(cut(data, [size] * len(data)), SlipDecoder(max_size=4))
    assert isinstance(error, SlipError)
    assert str(error) == problem
    assert got in ([], [b"ok"])


async def test_the_largest_packet_may_be_all_escapes() -> None:
    data = b"".join(await passed([b"\xc0" * 4], SlipEncoder(), object_mode=True))
    assert await passed(cut(data, [1] * len(data)), SlipDecoder(max_size=4)) == [b"\xc0" * 4]


async def test_a_packet_that_does_not_end_does_not_fill_the_memory() -> None:
    got, error = await failed([b"x" * 5] * 1000, SlipDecoder(max_size=4))
    assert (got, str(error)) == ([], "packet 1 is larger than 4 bytes")


async def test_nc_sends_packets(nc: str) -> None:
    sent = [bytes([number % 256]) * 100 for number in range(2000)]
    data = b"".join(await passed(sent, SlipEncoder(), object_mode=True))
    assert await asyncio.wait_for(nc_says(nc, data, SlipDecoder()), 20) == sent
