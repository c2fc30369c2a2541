"""Files read as streams: which part, in what pieces, as what text."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs
from tests.node.files import file, read, read_from

if TYPE_CHECKING:
    from tests.node.lib import Role

# -- which part -------------------------------------------------------------------------------------------------------


def a_whole_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t)), "file")

    def show(label: str) -> None:
        t.file_state(label, stream, "path")

    show("before")
    stream.on("open", lambda fd: t.log("its descriptor", fd == stream.fd))
    for name in ("open", "ready", "data", "end", "close"):
        stream.on(name, lambda *_, name=name: show(f"in {name}"))


def start_and_end(t: Role) -> None:
    stream = read(t, start=2, end=5)
    stream.on("close", lambda: t.file_state("state", stream))


def start_only(t: Role) -> None:
    read(t, start=7)


def start_zero(t: Role) -> None:
    read(t, start=0)


def start_is_end(t: Role) -> None:
    read(t, start=4, end=4)


def start_past_the_end(t: Role) -> None:
    read(t, start=50)


def start_at_the_end(t: Role) -> None:
    read(t, start=10)


def start_and_end_past_the_end(t: Role) -> None:
    read(t, start=50, end=60)


def end_only(t: Role) -> None:
    read(t, end=3)


def end_zero(t: Role) -> None:
    read(t, end=0)


def end_past_the_end(t: Role) -> None:
    read(t, start=8, end=100)


def a_mark_smaller_than_the_file(t: Role) -> None:
    read(t, high_water_mark=4)


def a_mark_smaller_than_the_range(t: Role) -> None:
    read(t, start=1, end=7, high_water_mark=3)


def a_mark_that_the_range_is_a_multiple_of(t: Role) -> None:
    read(t, start=1, end=6, high_water_mark=3)


def a_mark_of_zero(t: Role) -> None:
    read(t, high_water_mark=0)


def an_empty_file(t: Role) -> None:
    stream = read_from(t, file(t, b""))
    stream.on("end", lambda: t.file_state("state", stream))


def a_range_of_an_empty_file(t: Role) -> None:
    read_from(t, file(t, b""), start=0, end=5)


def a_huge_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t, t.fill(5_000_001))), "file", "data")
    stream.on("close", lambda: t.file_state("state", stream))


def a_range_of_a_huge_file(t: Role) -> None:
    path = file(t, t.fill(5_000_001))
    stream = fs.create_read_stream(path, start=1_000_001, end=3_999_998, high_water_mark=10_000)
    t.file(stream, "file", "data")


# -- what is refused --------------------------------------------------------------------------------------------------


def bad_positions(t: Role) -> None:
    values: dict[str, Any] = {"text": "a", "fraction": 1.5, "bool": True, "negative": -1, "huge": 2**53}
    for name, value in values.items():
        for option, label in (("start", "start"), ("end", "end"), ("fd", "fd"), ("high_water_mark", "mark")):
            options: Any = {option: value}
            if (option, name) != ("high_water_mark", "huge"):
                t.attempt(f"{label} {name}", partial(fs.create_read_stream, "x", **options))


def start_behind_end(t: Role) -> None:
    t.attempt("by one", lambda: fs.create_read_stream("x", start=5, end=4))
    t.attempt("the start is checked first", lambda: fs.create_read_stream("x", start=-1, end=-2))
    t.attempt("then the end", lambda: fs.create_read_stream("x", start=3, end=-1))


def bad_paths(t: Role) -> None:
    bad: dict[str, Any] = {"number": 5, "nothing": None, "null character": "a\0b", "null byte": b"a\0b"}
    for name, path in bad.items():
        t.attempt(name, partial(fs.create_read_stream, path))
    t.attempt("before the start", lambda: fs.create_read_stream(bad["number"], start=-1))
    stream = t.file(fs.create_read_stream(""), "empty", "chunk")
    t.log("path", stream.path)


def unknown_encoding(t: Role) -> None:
    t.attempt("unknown", lambda: fs.create_read_stream(file(t), encoding="zz"))


def a_path_of_bytes(t: Role) -> None:
    stream = read_from(t, os.fsencode(file(t)))
    t.log("bytes", isinstance(stream.path, bytes))


# -- flags ------------------------------------------------------------------------------------------------------------


def flags_that_read_too(t: Role) -> None:
    read(t, flags="r+")


def flags_that_empty_the_file(t: Role) -> None:
    read(t, flags="w+")


def flags_that_append_too(t: Role) -> None:
    read(t, flags="a+", start=6)


def flags_as_a_number(t: Role) -> None:
    read(t, flags=os.O_RDONLY)


def flags_that_create(t: Role) -> None:
    path = f"{t.dir}/new"
    stream = read_from(t, path, flags="wx+", mode=0o600)
    stream.on("close", lambda: t.log("mode", Path(path).stat().st_mode & 0o777))


# -- text -------------------------------------------------------------------------------------------------------------


def characters_split_between_reads(t: Role) -> None:
    read_from(t, file(t, "aé你😀z".encode()), encoding="utf8", high_water_mark=3)


def characters_split_at_each_byte(t: Role) -> None:
    read_from(t, file(t, "aé你😀z".encode()), encoding="utf8", high_water_mark=1)


def characters_cut_by_the_range(t: Role) -> None:
    read_from(t, file(t, "é你".encode()), encoding="utf8", start=1, end=3)


def a_character_cut_by_the_end_of_the_file(t: Role) -> None:
    read_from(t, file(t, "a你".encode()[:3]), encoding="utf8")


def utf16_split_between_reads(t: Role) -> None:
    read_from(t, file(t, "aé😀z".encode("utf-16-le")), encoding="utf16le", high_water_mark=5)


def base64_split_between_reads(t: Role) -> None:
    read(t, encoding="base64", high_water_mark=4)


def hex_in_pieces(t: Role) -> None:
    read(t, encoding="hex", high_water_mark=4, start=3)


def latin1_in_pieces(t: Role) -> None:
    read_from(t, file(t, b"\x61\xe9\xff"), encoding="latin1", high_water_mark=2)


def an_encoding_set_when_ready(t: Role) -> None:
    stream = read_from(t, file(t, "é你".encode()), high_water_mark=4)
    stream.on("ready", lambda: stream.set_encoding("utf8"))
    stream.on("end", lambda: t.file_state("state", stream))


def bytes_are_counted_not_characters(t: Role) -> None:
    stream = read_from(t, file(t, "é你".encode()), encoding="utf8", end=4)
    stream.on("end", lambda: t.file_state("state", stream, "readable_encoding"))
