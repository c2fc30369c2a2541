"""json_lines.py: a value a line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes import json_lines
from recipes.json_lines import BadLineError, decode, encode
from sockstream.errors import StreamNullValuesError
from sockstream.stream import pipeline
from tests.examples.recipes.helpers import Feed, collect, cut, cuts, failed, passed
from tests.unit.stream.helpers import Sink

values = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(sent=st.lists(values, max_size=6), sizes=cuts)
async def test_the_pieces_make_no_difference(sent: list[Any], sizes: list[int]) -> None:
    data = b"".join(await passed(sent, encode, object_mode=True))
    assert data.count(b"\n") == len(sent)
    assert await passed(cut(data, sizes), decode) == sent
    assert await passed(cut(data[:-1], sizes), decode) == sent


@given(sizes=cuts, before=st.integers(0, 3))
async def test_a_bad_line_is_named_whatever_the_pieces(sizes: list[int], before: int) -> None:
    _, error = await failed(cut(b"\n[1]\r\n" * before + b'{"a": }\n[2]\n', sizes), decode)
    assert isinstance(error, BadLineError)
    assert error.number == 2 * before + 1
    assert str(error) == f"line {2 * before + 1}: Expecting value, column 7"


@pytest.mark.parametrize("line", [b"\xff\xfe", b"[" * 100_000, b"{'a': 1}", b'"open', b"1 2"])
async def test_what_is_no_json(line: bytes) -> None:
    _, error = await failed([b"1\n" + line], decode)
    assert isinstance(error, BadLineError)
    assert error.number == 2


async def test_the_values_before_a_bad_line_are_given_first() -> None:
    given_, error = await failed([b"1\n2\nno\n3\n"], decode)
    assert (given_, str(error)) == ([1, 2], "line 3: Expecting value, column 1")


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("end", [b"\n", b""])
async def test_a_long_line_is_refused(pieces: int, end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LENGTH", 20)
    assert await passed([b'"' + b"x" * 18 + b'"' + end], decode) == ["x" * 18]
    data = b'1\n"' + b"x" * 19 + b'"' + end
    _, error = await failed(cut(data, [pieces] * (len(data) // pieces)), decode)
    assert str(error) == "line 2: more than 20 bytes"


async def test_a_line_that_does_not_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LENGTH", 20)
    feed = Feed(b"xxxxxxx")
    with pytest.raises(BadLineError, match="line 1: more than 20 bytes"):
        await pipeline(feed, decode, collect)


async def test_null_passes_functions_and_no_stream() -> None:
    assert await passed([b"null\n1\n"], decode) == [None, 1]
    assert await passed([b"null\n1\n"], decode, encode) == [b"null\n", b"1\n"]
    with pytest.raises(StreamNullValuesError):
        await pipeline([b"null\n"], decode, Sink(object_mode=True))


@pytest.mark.parametrize("value", [float("nan"), {1, 2}])
async def test_what_cannot_be_said_in_json_fails_the_chain(value: Any) -> None:
    given_, error = await failed([{"a": 1}, value], encode, object_mode=True)
    assert given_ == [b'{"a":1}\n']
    assert isinstance(error, (ValueError, TypeError))


async def test_json_tool_reads_what_is_written_and_is_read() -> None:
    sent = [{"text": "é\n\u2028", "list": [1, 2.5, None]}, [], "x" * 1000]
    data = b"".join(await pipeline(sent, encode, collect))
    command = [sys.executable, "-m", "json.tool", "--json-lines", "--compact"]
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=20)
    assert [json.loads(line) for line in done.stdout.splitlines()] == sent
    assert await passed(cut(done.stdout, [7] * 50), decode) == sent
