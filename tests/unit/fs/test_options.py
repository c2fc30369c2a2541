"""The options of file streams, the wrong ones, and how flags and modes open a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
)
from sockstream.fs import create_read_stream, create_write_stream
from tests.unit.fs.helpers import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


@pytest.mark.parametrize("form", [str, os.fsencode, Path])
async def test_every_form_of_a_path(log: EventLog, digits: Path, form: Callable[[Path], Any]) -> None:
    stream = watched(log, create_read_stream(form(digits)))
    await log.until("close")
    assert stream.path == form(digits)
    assert ("data", b"0123456789") in log


@pytest.mark.parametrize("flags", ["q", "", "x", "rx", "wr", "r++", "was", "asx", True])
async def test_unknown_flags(log: EventLog, digits: Path, flags: Any) -> None:
    watched(log, create_read_stream(digits, flags=flags))
    await log.until("close")
    assert log.names == ["error", "close"]
    assert log[0][1].startswith("The argument 'flags' is invalid")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"flags": 1.5}, 'The value of "flags" is out of range. It must be an integer.'),
        ({"flags": 1 << 31}, 'The value of "flags" is out of range.'),
        ({"mode": "zz"}, "The argument 'mode' must be octal digits"),
        ({"mode": ""}, "The argument 'mode' must be octal digits"),
        ({"mode": "0o7"}, "The argument 'mode' must be octal digits"),
        ({"mode": -1}, 'The value of "mode" is out of range. It must be >= 0 and <= 4294967295.'),
        ({"mode": 1.5}, 'The value of "mode" is out of range. It must be an integer.'),
        ({"mode": None}, 'The "mode" argument must be of type int.'),
    ],
)
async def test_numbers_that_open_does_not_take(log: EventLog, target: Path, options: dict[str, Any], text: str) -> None:
    watched(log, create_write_stream(target, **options))
    await log.until("close")
    assert log.names == ["error", "close"]
    assert log[0][1].startswith(text)
    assert not target.exists()


@pytest.mark.parametrize("create", [create_read_stream, create_write_stream])
@pytest.mark.parametrize(
    ("path", "options", "error"),
    [
        (5, {}, InvalidArgTypeError),
        (None, {}, InvalidArgTypeError),
        ("a\0b", {}, InvalidArgValueError),
        (b"a\0b", {}, InvalidArgValueError),
        ("x", {"start": "a"}, InvalidArgTypeError),
        ("x", {"start": 1.5}, OutOfRangeError),
        ("x", {"start": True}, InvalidArgTypeError),
        ("x", {"start": -1}, OutOfRangeError),
        (None, {"fd": -1}, OutOfRangeError),
        (None, {"fd": "a"}, InvalidArgTypeError),
        (None, {"fd": 1 << 31}, OutOfRangeError),
        ("x", {"start": 1 << 53}, OutOfRangeError),
        ("x", {"signal": "x"}, InvalidArgTypeError),
        ("x", {"encoding": "zz"}, InvalidArgValueError),
        ("x", {"encoding": 5}, InvalidArgValueError),
        ("x", {"high_water_mark": -1}, InvalidArgValueError),
        ("x", {"unknown": 1}, TypeError),
    ],
)
async def test_bad_options_are_refused_at_once(
    create: Callable[..., object], path: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(path, **options)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"end": 1.5}, OutOfRangeError),
        ({"end": -1}, OutOfRangeError),
        ({"start": 5, "end": 2}, OutOfRangeError),
    ],
)
async def test_bad_ends_are_refused_at_once(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        create_read_stream("x", **options)


async def test_flush_is_a_bool() -> None:
    with pytest.raises(InvalidArgTypeError, match='"flush" argument must be of type bool'):
        create_write_stream("x", flush=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "start", "result"),
    [
        ("w", None, b"QR"),
        ("w", 2, b"\0\0QR"),
        ("w+", None, b"QR"),
        ("r+", None, b"QR23456789"),
        ("rs+", 1, b"0QR3456789"),
        ("sr+", 9, b"012345678QR"),
        ("a", None, b"0123456789QR"),
        ("a", 0, b"0123456789QR"),
        ("a+", None, b"0123456789QR"),
        ("as", None, b"0123456789QR"),
        ("sa", None, b"0123456789QR"),
        ("as+", None, b"0123456789QR"),
        ("sa+", None, b"0123456789QR"),
        (os.O_WRONLY, 4, b"0123QR6789"),
    ],
)
async def test_flags_on_a_file_that_exists(
    log: EventLog, digits: Path, flags: str | int, start: int | None, result: bytes
) -> None:
    stream = watched(log, create_write_stream(digits, flags=flags, start=start))
    stream.write("Q")
    stream.end("R")
    await log.until("close")
    assert (log.names, digits.read_bytes()) == (["open", "ready", "finish", "close"], result)


@pytest.mark.parametrize("flags", ["wx", "xw", "wx+", "xw+", "ax", "xa", "ax+", "xa+"])
async def test_exclusive_flags(log: EventLog, digits: Path, target: Path, flags: str) -> None:
    watched(log, create_write_stream(digits, flags=flags))
    await log.until("close")
    assert log == [("error", f"EEXIST: file already exists, open '{digits}'"), ("close",)]
    created = watched(log, create_write_stream(target, flags=flags))
    created.end("new")
    await log.until("close", count=2)
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("flags", ["w", "w+", "a", "a+", "as", "as+"])
async def test_flags_that_create(log: EventLog, target: Path, flags: str) -> None:
    watched(log, create_write_stream(target, flags=flags)).end("new")
    await log.until("close")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("flags", ["r", "rs", "sr", "r+", "rs+", "sr+"])
async def test_flags_that_read(log: EventLog, digits: Path, flags: str) -> None:
    watched(log, create_read_stream(digits, flags=flags))
    await log.until("close")
    assert ("data", b"0123456789") in log


@pytest.mark.parametrize(("mode", "permissions"), [(0o640, 0o640), ("0604", 0o604), (0o666, 0o666)])
async def test_mode(log: EventLog, target: Path, mode: int | str, permissions: int) -> None:
    before = os.umask(0)
    try:
        watched(log, create_write_stream(target, mode=mode)).end()
        await log.until("close")
    finally:
        os.umask(before)
    assert target.stat().st_mode & 0o777 == permissions
