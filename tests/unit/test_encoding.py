"""Encodings: their names, text to bytes, and bytes to text piece by piece."""

from __future__ import annotations

from typing import Any

import pytest

from sockstream.encoding import StringDecoder, encode, normalise_encoding
from sockstream.errors import InvalidArgTypeError, UnknownEncodingError

# What encodes each text so that it decodes to the same again.
SAMPLES = {
    "utf8": ("é你😀z\ufeff", "c3a9e4bda0f09f98807aefbbbf"),
    "utf16le": ("é你😀z", "e900604f3dd800de7a00"),
    "latin1": ("é\x80\xffz", "e980ff7a"),
    "ascii": ("plain", "706c61696e"),
    "hex": ("00ff10", "00ff10"),
    "base64": ("+/8AYQ==", "fbff0061"),
    "base64url": ("-_8AYQ", "fbff0061"),
    "shift_jis": ("日本語z", "93fa967b8cea7a"),
    "utf-16-be": ("é😀", "00e9d83dde00"),
}


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("utf8", "utf8"),
        ("UTF-8", "utf8"),
        ("utf16le", "utf16le"),
        ("utf-16le", "utf16le"),
        ("ucs2", "utf16le"),
        ("UCS-2", "utf16le"),
        ("latin1", "latin1"),
        ("Binary", "latin1"),
        ("ascii", "ascii"),
        ("HEX", "hex"),
        ("base64", "base64"),
        ("Base64URL", "base64url"),
        # Python's names of the same, and codecs of its own.
        ("utf_8", "utf8"),
        ("utf-16-le", "utf16le"),
        ("iso-8859-1", "latin1"),
        ("us-ascii", "ascii"),
        ("Shift_JIS", "shift_jis"),
        ("windows-1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_names(name: str, normalised: str) -> None:
    assert normalise_encoding(name) == normalised
    assert normalise_encoding(normalised) == normalised
    assert StringDecoder(name).encoding == normalised


@pytest.mark.parametrize("name", ["", "utf9", "a\0b", "zlib", "rot13", "hex_codec", "idna", "undefined", None, 8])
def test_unknown_names(name: Any) -> None:
    for use in (normalise_encoding, StringDecoder, lambda name: encode("x", name)):
        with pytest.raises(UnknownEncodingError, match=f"^Unknown encoding: {name}"):
            use(name)


@pytest.mark.parametrize(
    ("text", "encoding", "encoded"),
    [
        ("é你😀", "utf8", "c3a9e4bda0f09f9880"),
        ("\ud800", "utf8", "efbfbd"),
        ("a\udc00b", "utf8", "61efbfbd62"),
        ("\ud83d\ude00\ud83d", "utf8", "f09f9880efbfbd"),
        ("é\ud800😀", "utf16le", "e90000d83dd800de"),
        ("é你😀", "latin1", "e9603d00"),
        ("é你😀", "ascii", "e9603d00"),
        ("00fF", "hex", "00ff"),
        ("6", "hex", ""),
        ("616", "hex", "61"),
        ("616g62", "hex", "61"),
        ("61 62", "hex", "61"),
        ("YQ==", "base64", "61"),
        ("YQ", "base64", "61"),
        ("Y Q\n=", "base64", "61"),
        ("-_8", "base64", "fbff"),
        ("+/8", "base64url", "fbff"),
        ("YWJjZ", "base64", "616263"),
        ("YW=J", "base64", "61"),
        ("=YQ", "base64", ""),
        ("!!!!", "base64", ""),
        ("日", "shift_jis", "93fa"),
    ],
)
def test_encode(text: str, encoding: str, encoded: str) -> None:
    assert encode(text, encoding).hex() == encoded


def test_a_python_codec_says_what_it_cannot_encode() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode("你", "cp1252")


@pytest.mark.parametrize("encoding", SAMPLES)
def test_decode_at_every_split_point(encoding: str) -> None:
    text, encoded = SAMPLES[encoding]
    data = bytes.fromhex(encoded)
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            decoder = StringDecoder(encoding)
            parts = [decoder.write(data[:first]), decoder.write(data[first:second]), decoder.end(data[second:])]
            assert "".join(parts) == text
            assert not any(_is_torn(part) for part in parts)


def _is_torn(part: str) -> bool:
    """Tell whether a surrogate or a replacement character shows that something was not kept whole."""
    return "\ufffd" in part or any(0xD800 <= ord(character) <= 0xDFFF for character in part)


@pytest.mark.parametrize("encoding", SAMPLES)
def test_encode_gives_back_what_was_decoded(encoding: str) -> None:
    text, encoded = SAMPLES[encoding]
    assert encode(text, encoding).hex() == encoded


@pytest.mark.parametrize(
    ("encoding", "pieces", "texts"),
    [
        ("utf8", ["e4bd", "a0"], ["", "你", ""]),
        ("utf8", ["e4bd"], ["", "\ufffd"]),
        ("utf8", ["e4bd", "41"], ["", "\ufffdA", ""]),
        ("utf8", ["f09f98", "80f0"], ["", "😀", "\ufffd"]),
        ("utf8", ["ff41"], ["\ufffdA", ""]),
        ("utf8", ["eda080"], ["\ufffd\ufffd\ufffd", ""]),
        ("utf8", ["efbbbf41"], ["\ufeffA", ""]),
        ("utf16le", ["3d", "d8", "00de"], ["", "", "😀", ""]),
        ("utf16le", ["3dd800", "de"], ["", "😀", ""]),
        ("utf16le", ["3dd8"], ["", "\ud83d"]),
        ("utf16le", ["3dd84100"], ["\ud83dA", ""]),
        ("utf16le", ["410042"], ["A", ""]),
        ("ascii", ["e4bd41"], ["d=A", ""]),
        ("hex", ["e4", "bd"], ["e4", "bd", ""]),
        ("base64", ["61", "62", "63"], ["", "", "YWJj", ""]),
        ("base64", ["61626364"], ["YWJj", "ZA=="]),
        ("base64url", ["fbff", "fe"], ["", "-__-", ""]),
        ("base64url", ["61626364"], ["YWJj", "ZA"]),
        ("shift_jis", ["93", "fa96"], ["", "日", "\ufffd"]),
    ],
)
def test_decode_piece_by_piece(encoding: str, pieces: list[str], texts: list[str]) -> None:
    decoder = StringDecoder(encoding)
    assert [*(decoder.write(bytes.fromhex(piece)) for piece in pieces), decoder.end()] == texts


@pytest.mark.parametrize(("encoding", "torn"), [("utf8", "e4bd"), ("utf16le", "3dd800"), ("base64", "6162")])
def test_a_decoder_starts_anew_after_its_end(encoding: str, torn: str) -> None:
    decoder = StringDecoder(encoding)
    decoder.write(bytes.fromhex(torn))
    decoder.end()
    assert decoder.end() == ""
    text, encoded = SAMPLES[encoding]
    assert decoder.end(bytes.fromhex(encoded)) == text


@pytest.mark.parametrize("encoding", SAMPLES)
@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_any_bytes_like_object_is_decoded(encoding: str, kind: type[bytearray | memoryview]) -> None:
    text, encoded = SAMPLES[encoding]
    decoder = StringDecoder(encoding)
    data = bytes.fromhex(encoded)
    assert decoder.write(kind(data[:3])) + decoder.end(kind(data[3:])) == text


@pytest.mark.parametrize("value", ["text", 5, None, [1]])
def test_what_is_not_bytes_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArgTypeError, match='The "data" argument must be a bytes-like object'):
        StringDecoder("utf8").write(value)


def test_the_default_is_utf8() -> None:
    assert StringDecoder().encoding == "utf8"
