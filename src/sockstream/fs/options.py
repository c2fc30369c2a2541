"""What file streams can be told, and what open(2) makes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypedDict, cast

from sockstream.encoding import normalise_encoding
from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, OutOfRangeError, UnknownEncodingError

if TYPE_CHECKING:
    from typing import TypeAlias

    from sockstream.abort import AbortSignal

    Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]

__all__ = [
    "ReadStreamOptions",
    "WriteStreamOptions",
    "check_options",
    "check_position",
    "open_flags",
    "open_mode",
]


class _CommonOptions(TypedDict, total=False):
    """What both kinds of file stream can be told."""

    flags: str | int
    encoding: str | None
    fd: int | None
    mode: int | str
    auto_close: bool
    emit_close: bool
    start: int | None
    high_water_mark: int
    signal: AbortSignal | None


class ReadStreamOptions(_CommonOptions, total=False):
    """The options of `ReadStream`."""

    end: int | None


class WriteStreamOptions(_CommonOptions, total=False):
    """The options of `WriteStream`."""

    flush: bool


_ACCESS = {"r": os.O_RDONLY, "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC, "a": os.O_WRONLY | os.O_CREAT | os.O_APPEND}
# Letter by letter, the flags that may follow the first letter.
_FLAGS = {"r": ("", "s", "+", "s+"), "w": ("", "x", "+", "x+"), "a": ("", "x", "+", "x+", "s", "s+")}


def open_flags(flags: object) -> int:
    """Return what open(2) takes for Node's `flags`, in which `x` and `s` may also come first."""
    if isinstance(flags, (int, float)) and not isinstance(flags, bool):
        return _whole("flags", flags, -(1 << 31), (1 << 31) - 1)
    if isinstance(flags, str):
        name = flags[1] + flags[0] + flags[2:] if flags[:1] in ("x", "s") and len(flags) > 1 else flags
        first, rest = name[:1], name[1:]
        if rest in _FLAGS.get(first, ()):
            number = _ACCESS[first]
            if "+" in rest:
                number = number & ~os.O_WRONLY | os.O_RDWR
            return number | (os.O_EXCL if "x" in rest else 0) | (os.O_SYNC if "s" in rest else 0)
    raise InvalidArgValueError("flags", flags, "is invalid: use one of Node's, such as 'r', 'w', 'a', 'r+' or 'wx'")


def open_mode(mode: object) -> int:
    """Return the permissions of a file that is created: a number, or octal digits."""
    if isinstance(mode, str):
        if not mode or mode.strip("01234567"):
            raise InvalidArgValueError("mode", mode, "must be octal digits, or a number")
        mode = int(mode, 8)
    # The system looks at no more than these.
    return _whole("mode", mode, 0, (1 << 32) - 1) & 0o7777


def _whole(name: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number that is in its range."""
    if isinstance(value, float):
        raise OutOfRangeError(name, "an integer", value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgTypeError(name, "of type int", value)
    if not lowest <= value <= highest:
        raise OutOfRangeError(name, f">= {lowest} and <= {highest}", value)
    return value


def _check_path(path: object) -> None:
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise InvalidArgTypeError("path", "of type str or bytes or path-like", path)
    plain = os.fspath(path)
    if "\0" in plain if isinstance(plain, str) else b"\0" in plain:
        raise InvalidArgValueError("path", path, "must be without null characters")


def check_options(path: object, fd: object, encoding: object, start: object) -> None:
    """Raise unless what both kinds are told is right."""
    try:
        if encoding is not None:
            normalise_encoding(cast("str", encoding))
    except UnknownEncodingError:
        # Node: a file has another code for that than other streams.
        raise InvalidArgValueError("encoding", encoding, "is no encoding") from None
    if fd is None:
        _check_path(path)
    else:
        _whole("fd", fd, 0, (1 << 31) - 1)
    check_position("start", start)


def check_position(name: str, value: object) -> None:
    """Raise unless the option `value` is None or a place in a file."""
    if value is not None:
        # Node: the largest number that JavaScript counts to.
        _whole(name, value, 0, (1 << 53) - 1)
