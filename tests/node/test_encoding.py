"""The same bytes and texts through Node's Buffer and StringDecoder and through ours.

One Node process answers all cases, one line of JSON each.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sockstream.encoding import StringDecoder, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ask = Callable[..., Any]

ENCODINGS = ["utf8", "utf16le", "latin1", "ascii", "hex", "base64", "base64url"]

# A string crosses the pipe as its UTF-16 units: JSON and Python disagree about lone surrogates.
SCRIPT = """
const { StringDecoder } = require('string_decoder');
const units = (text) => Buffer.from(text, 'utf16le').toString('hex');
const decode = (encoding, pieces) => {
  const decoder = new StringDecoder(encoding);
  const texts = pieces.map((piece) => decoder.write(Buffer.from(piece, 'hex')));
  return [...texts, decoder.end()].map(units);
};
const encode = (encoding, text) => Buffer.from(Buffer.from(text, 'hex').toString('utf16le'), encoding).toString('hex');
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [what, ...args] = JSON.parse(line);
  console.log(JSON.stringify({ decode, encode }[what](...args)));
});
"""

# The fixture is one process for all examples, which is the point of it.
each_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
texts = st.text(max_size=12)
pieces = st.lists(st.binary(max_size=7), max_size=6)
# Looks like hexadecimal or base64, and is not always.
codes = st.text("AQYZabcdef0189+/-_= \nŁ你😀", max_size=14)

# Bytes at the borders of what UTF-8 allows.
broken = st.lists(
    st.sampled_from(b"A\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe4\xed\xef\xf0\xf4\xf5\xff"), max_size=4
).map(bytes)


@pytest.fixture
def ask(node: str) -> Iterator[Ask]:
    """Ask a Node process: `ask("decode", encoding, pieces)`, `ask("encode", encoding, text)`."""
    with subprocess.Popen([node, "-e", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def ask(*question: Any) -> Any:
            stdin.write(json.dumps(question) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield ask


def units(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").hex()


def node_decodes(ask: Ask, encoding: str, pieces: list[bytes]) -> list[str]:
    answer: list[str] = ask("decode", encoding, [piece.hex() for piece in pieces])
    return answer


def we_decode(encoding: str, pieces: list[bytes]) -> list[str]:
    decoder = StringDecoder(encoding)
    return [units(text) for text in [*map(decoder.write, pieces), decoder.end()]]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_split_of_text(ask: Ask, encoding: str) -> None:
    data = encode("aé你😀\ud83d", "utf8" if encoding == "utf8" else "utf16le")
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            pieces = [data[:first], data[first:second], data[second:]]
            ours, theirs = we_decode(encoding, pieces), node_decodes(ask, encoding, pieces)
            assert "".join(ours) == "".join(theirs)
            # Differs: half a unit after the first half of a pair lets Node tear the pair (see `_Utf16Decoder`).
            if encoding != "utf16le":
                assert ours == theirs


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(pieces=pieces)
@each_example
def test_any_bytes(ask: Ask, encoding: str, pieces: list[bytes]) -> None:
    assert "".join(we_decode(encoding, pieces)) == "".join(node_decodes(ask, encoding, pieces))


@given(pieces=st.lists(broken, max_size=6))
@each_example
def test_broken_utf8(ask: Ask, pieces: list[bytes]) -> None:
    assert "".join(we_decode("utf8", pieces)) == "".join(node_decodes(ask, "utf8", pieces))


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=texts)
@each_example
def test_any_text(ask: Ask, encoding: str, text: str) -> None:
    assert encode(text, encoding).hex() == ask("encode", encoding, units(text))


@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url"])
@given(text=codes)
@each_example
def test_text_that_is_nearly_code(ask: Ask, encoding: str, text: str) -> None:
    assert encode(text, encoding).hex() == ask("encode", encoding, units(text))
