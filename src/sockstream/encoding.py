"""Text to bytes and back, in Node's encodings and in every text codec of Python.

A `StringDecoder` is given bytes as they come and returns the characters that are complete, so that nothing is torn
where one chunk ends and the next begins.  What cannot be decoded becomes U+FFFD; decoding never fails.
"""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sockstream.errors import InvalidArgTypeError, UnknownEncodingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    BytesLike: TypeAlias = bytes | bytearray | memoryview
    # Decodes what came; True: nothing follows.
    _Decode: TypeAlias = Callable[[bytes, bool], str]

__all__ = ["StringDecoder", "encode", "normalise_encoding"]

# Node's names, and the names under which Python knows the same encodings.
_NAMES = {
    "utf8": "utf8",
    "utf-8": "utf8",
    "utf16le": "utf16le",
    "utf-16le": "utf16le",
    "ucs2": "utf16le",
    "ucs-2": "utf16le",
    "utf-16-le": "utf16le",
    "latin1": "latin1",
    "binary": "latin1",
    "iso8859-1": "latin1",
    "ascii": "ascii",
    "hex": "hex",
    "base64": "base64",
    "base64url": "base64url",
}


def normalise_encoding(name: str) -> str:
    """Return the one name that an encoding has here.

    Args:
        name: Node's name (`utf8`, `utf-8`, `utf16le`, `utf-16le`, `ucs2`, `ucs-2`, `latin1`, `binary`, `ascii`, `hex`,
            `base64`, `base64url`) or that of a Python codec for text; upper and lower case are the same.

    Returns:
        `utf8`, `utf16le`, `latin1`, `ascii`, `hex`, `base64`, `base64url`, or Python's name of the codec.

    Raises:
        UnknownEncodingError: neither knows the name.
    """
    try:
        known = _NAMES.get(name)
    except TypeError:  # what cannot be hashed is no name
        raise UnknownEncodingError(name) from None
    if known is None:
        if not isinstance(name, str):
            raise UnknownEncodingError(name)
        known = _NAMES.get(name.lower()) or _python_codec(name)
    return known


@lru_cache
def _python_codec(name: str) -> str:
    """Return Python's name of a codec between text and bytes that can decode anything, piece by piece."""
    try:
        "".encode(name)  # a LookupError for those that are not between text and bytes, such as zlib
        codecs.getincrementaldecoder(name)("replace").decode(b"\xff", True)  # idna knows no "replace"
    except (LookupError, ValueError):
        raise UnknownEncodingError(name) from None
    found = codecs.lookup(name).name
    return _NAMES.get(found, found)


# -- text to bytes ----------------------------------------------------------------------------------------------------


def encode(text: str, encoding: str) -> bytes:
    """Turn text into bytes. Node: `Buffer.from(text, encoding)`.

    With Node's encodings this never fails: `utf8` turns a lone surrogate into U+FFFD, `latin1` and `ascii` take the low
    byte of each UTF-16 unit, `base64` knows both alphabets, skips what is in neither, needs no padding and ends at the
    first `=`, `hex` ends at the first pair that is not hexadecimal.

    Args:
        text: what to encode.
        encoding: a name that `normalise_encoding` knows.

    Returns:
        The bytes.

    Raises:
        UnknownEncodingError: there is no such encoding.
        UnicodeEncodeError: a Python codec has no bytes for one of the characters.
    """
    name = normalise_encoding(encoding)
    encoder = _ENCODERS.get(name)
    return text.encode(name) if encoder is None else encoder(text)


def _units(text: str) -> bytes:
    """Return the text as UTF-16 units, little end first: what a string is in Node."""
    return text.encode("utf-16-le", "surrogatepass")


def _encode_utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Surrogates: two that make a pair become one character, a lone one U+FFFD (errors="replace" would give "?").
        return _units(text).decode("utf-16-le", "replace").encode()


def _encode_latin1(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return _units(text)[::2]


_HEX_PAIRS: Final = rb"(?:[0-9A-Fa-f]{2})*"


def _encode_hex(text: str) -> bytes:
    pairs = re.match(_HEX_PAIRS, _encode_latin1(text))
    assert pairs is not None  # it matches nothing, too
    return binascii.unhexlify(pairs[0])


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64 + b"-_")


def _encode_base64(text: str) -> bytes:
    quanta = _encode_latin1(text).partition(b"=")[0].translate(_FROM_URL, _NOT_BASE64)
    if len(quanta) % 4 == 1:  # six bits are no byte
        quanta = quanta[:-1]
    return binascii.a2b_base64(quanta + b"=" * (-len(quanta) % 4))


_ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf8": _encode_utf8,
    "utf16le": _units,
    "latin1": _encode_latin1,
    "ascii": _encode_latin1,
    "hex": _encode_hex,
    "base64": _encode_base64,
    "base64url": _encode_base64,
}

# -- bytes to text ----------------------------------------------------------------------------------------------------


class StringDecoder:
    r"""Decodes bytes that come in pieces, keeping back what is not a whole character yet. Node: `StringDecoder`.

    Args:
        encoding: a name that `normalise_encoding` knows.

    Raises:
        UnknownEncodingError: there is no such encoding.

    Attributes:
        encoding: the encoding, by the name that `normalise_encoding` gives it.

    Example:
        >>> decoder = StringDecoder("utf8")
        >>> decoder.write(b"\xe4\xbd"), decoder.write(b"\xa0"), decoder.end()
        ('', '你', '')
    """

    __slots__ = ("_decode", "encoding")

    def __init__(self, encoding: str = "utf8") -> None:
        self.encoding = normalise_encoding(encoding)
        self._decode = _decoder(self.encoding)

    def write(self, data: BytesLike) -> str:
        """Return the characters that the bytes complete.

        Args:
            data: the next bytes.

        Returns:
            The text so far complete and not returned yet; `''` if there is none.
        """
        return self._decode(data if isinstance(data, bytes) else _as_bytes(data), False)

    def end(self, data: BytesLike = b"") -> str:
        """Return what is left, incomplete or not; the decoder can then be used anew.

        Args:
            data: the last bytes.

        Returns:
            The rest of the text; characters that lack bytes become U+FFFD.
        """
        return self._decode(data if isinstance(data, bytes) else _as_bytes(data), True)


def _as_bytes(data: object) -> bytes:
    try:
        return bytes(memoryview(data))  # type: ignore[arg-type]
    except TypeError:
        raise InvalidArgTypeError("data", "a bytes-like object", data) from None


def _decoder(name: str) -> _Decode:
    """Make what decodes one stream in an encoding."""
    if name == "utf16le":
        return _Utf16Decoder().decode
    if name in ("base64", "base64url"):
        return _Base64Decoder(url=name == "base64url").decode
    stateless = _STATELESS.get(name)
    if stateless is not None:
        return stateless
    return codecs.getincrementaldecoder(name)("replace").decode


class _Utf16Decoder:
    """Keeps back half a unit, and the first unit of a surrogate pair.

    Python's own decoder fails at an odd byte left at the end, or, with `errors="replace"`, at lone surrogates.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = b""

    def decode(self, data: bytes, final: bool) -> str:
        data = self._kept + data
        whole = len(data) & ~1
        # Differs: Node lets go of the first half of a pair when half a unit follows it, which is harmless there: two
        # halves of a pair are a character again when strings are joined. Not so in Python.
        if not final and whole and 0xD8 <= data[whole - 1] <= 0xDB:
            whole -= 2
        self._kept = b"" if final else data[whole:]  # Node: half a unit at the end is dropped
        return data[:whole].decode("utf-16-le", "surrogatepass")


class _Base64Decoder:
    """Keeps back what does not fill a group of three bytes."""

    __slots__ = ("_kept", "_url")

    def __init__(self, *, url: bool) -> None:
        self._kept = b""
        self._url = url

    def decode(self, data: bytes, final: bool) -> str:
        data = self._kept + data
        whole = len(data) if final else len(data) - len(data) % 3
        self._kept = data[whole:]
        quanta = binascii.b2a_base64(data[:whole], newline=False)
        if self._url:
            quanta = quanta.translate(_TO_URL, b"=")
        return quanta.decode("ascii")


# Node: decoding ASCII drops the eighth bit.
_SEVEN_BITS = bytes(byte & 0x7F for byte in range(256))

_STATELESS: dict[str, _Decode] = {
    "latin1": lambda data, _: data.decode("latin-1"),
    "ascii": lambda data, _: data.translate(_SEVEN_BITS).decode("latin-1"),
    "hex": lambda data, _: data.hex(),
}
