"""Encodings, for any text, any bytes and any way to cut them in pieces."""

from __future__ import annotations

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockstream.encoding import StringDecoder, encode

NODES = ["utf8", "utf16le", "latin1", "ascii", "hex", "base64", "base64url"]
UNICODE = ["utf8", "utf16le", "utf-16-be", "utf-32", "utf-7", "gb18030"]

pieces = st.lists(st.binary(max_size=9), max_size=9)
# Bytes that are often text, often nearly so.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def decode(encoding: str, pieces: list[bytes]) -> str:
    decoder = StringDecoder(encoding)
    return "".join([*map(decoder.write, pieces), decoder.end()])


def cut(data: bytes, points: list[int]) -> list[bytes]:
    bounds = [0, *sorted(point % (len(data) + 1) for point in points), len(data)]
    return [data[start:stop] for start, stop in itertools.pairwise(bounds)]


@pytest.mark.parametrize("encoding", UNICODE)
@given(text=texts, points=st.lists(st.integers(0, 100), max_size=8))
def test_text_comes_back_whole(encoding: str, text: str, points: list[int]) -> None:
    assert decode(encoding, cut(encode(text, encoding), points)) == text


@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url", "latin1"])
@given(pieces=pieces)
def test_bytes_come_back_whole(encoding: str, pieces: list[bytes]) -> None:
    assert encode(decode(encoding, pieces), encoding) == b"".join(pieces)


@pytest.mark.parametrize("encoding", [*NODES, "shift_jis", "gb18030"])
@given(pieces=pieces)
def test_cuts_make_no_difference(encoding: str, pieces: list[bytes]) -> None:
    assert decode(encoding, pieces) == decode(encoding, [b"".join(pieces)])


@given(pieces=pieces)
def test_base64_is_the_standard_librarys(pieces: list[bytes]) -> None:
    assert decode("base64", pieces).encode() == base64.b64encode(b"".join(pieces))


@given(pieces=pieces)
def test_utf8_is_pythons_own_with_replacement(pieces: list[bytes]) -> None:
    assert decode("utf8", pieces) == b"".join(pieces).decode("utf-8", "replace")


@pytest.mark.parametrize("encoding", NODES)
@given(text=st.text(max_size=20))
def test_nodes_encodings_take_any_text(encoding: str, text: str) -> None:
    assert isinstance(encode(text, encoding), bytes)
