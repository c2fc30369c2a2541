"""Files read as streams: which part, in what pieces, by what descriptor; taken by events, pipes and iteration."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs
from sockstream.stream import PassThrough, finished, pipeline

if TYPE_CHECKING:
    from sockstream.fs import ReadStream
    from tests.node.lib import Role

_DIGITS = b"0123456789"


def _file(t: Role, content: bytes = _DIGITS) -> str:
    """Return the path of a new file."""
    path = f"{t.dir}/file"
    Path(path).write_bytes(content)
    return path


def _read(t: Role, **options: Any) -> ReadStream:
    """Return a watched stream, whose 'data' is logged chunk by chunk, of a file with ten digits."""
    return _read_from(t, _file(t), **options)


def _read_from(t: Role, path: str | bytes | None, **options: Any) -> ReadStream:
    return t.file(fs.create_read_stream(path, **options), "file", "chunk")


def _fifo(t: Role) -> str:
    path = f"{t.dir}/fifo"
    os.mkfifo(path)
    return path


def _open(path: str, flags: int = os.O_RDONLY) -> int:
    return os.open(path, flags)


def _rest(t: Role, fd: int) -> None:
    """Log what is at a descriptor's own position."""
    t.log("rest", os.read(fd, 20))


# -- which part -------------------------------------------------------------------------------------------------------


def a_whole_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t)), "file")

    def show(label: str) -> None:
        t.file_state(label, stream, "path")

    show("before")
    stream.on("open", lambda fd: t.log("its descriptor", fd == stream.fd))
    for name in ("open", "ready", "data", "end", "close"):
        stream.on(name, lambda *_, name=name: show(f"in {name}"))


def start_and_end(t: Role) -> None:
    stream = _read(t, start=2, end=5)
    stream.on("close", lambda: t.file_state("state", stream))


def start_only(t: Role) -> None:
    _read(t, start=7)


def start_zero(t: Role) -> None:
    _read(t, start=0)


def start_is_end(t: Role) -> None:
    _read(t, start=4, end=4)


def start_past_the_end(t: Role) -> None:
    _read(t, start=50)


def start_at_the_end(t: Role) -> None:
    _read(t, start=10)


def start_and_end_past_the_end(t: Role) -> None:
    _read(t, start=50, end=60)


def end_only(t: Role) -> None:
    _read(t, end=3)


def end_zero(t: Role) -> None:
    _read(t, end=0)


def end_past_the_end(t: Role) -> None:
    _read(t, start=8, end=100)


def a_mark_smaller_than_the_file(t: Role) -> None:
    _read(t, high_water_mark=4)


def a_mark_smaller_than_the_range(t: Role) -> None:
    _read(t, start=1, end=7, high_water_mark=3)


def a_mark_that_the_range_is_a_multiple_of(t: Role) -> None:
    _read(t, start=1, end=6, high_water_mark=3)


def a_mark_of_zero(t: Role) -> None:
    _read(t, high_water_mark=0)


def an_empty_file(t: Role) -> None:
    stream = _read_from(t, _file(t, b""))
    stream.on("end", lambda: t.file_state("state", stream))


def a_range_of_an_empty_file(t: Role) -> None:
    _read_from(t, _file(t, b""), start=0, end=5)


def a_huge_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t, t.fill(5_000_001))), "file", "data")
    stream.on("close", lambda: t.file_state("state", stream))


def a_range_of_a_huge_file(t: Role) -> None:
    path = _file(t, t.fill(5_000_001))
    stream = fs.create_read_stream(path, start=1_000_001, end=3_999_998, high_water_mark=10_000)
    t.file(stream, "file", "data")


# -- what is refused --------------------------------------------------------------------------------------------------


def bad_positions(t: Role) -> None:
    values: dict[str, Any] = {"text": "a", "fraction": 1.5, "bool": True, "negative": -1}
    for name, value in values.items():
        for option, label in (("start", "start"), ("end", "end"), ("fd", "fd"), ("high_water_mark", "mark")):
            options: Any = {option: value}
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
    t.attempt("unknown", lambda: fs.create_read_stream(_file(t), encoding="zz"))


def a_path_of_bytes(t: Role) -> None:
    stream = _read_from(t, os.fsencode(_file(t)))
    t.log("bytes", isinstance(stream.path, bytes))


# -- flags ------------------------------------------------------------------------------------------------------------


def flags_that_read_too(t: Role) -> None:
    _read(t, flags="r+")


def flags_that_empty_the_file(t: Role) -> None:
    _read(t, flags="w+")


def flags_that_append_too(t: Role) -> None:
    _read(t, flags="a+", start=6)


def flags_as_a_number(t: Role) -> None:
    _read(t, flags=os.O_RDONLY)


def flags_that_create(t: Role) -> None:
    path = f"{t.dir}/new"
    stream = _read_from(t, path, flags="wx+", mode=0o600)
    stream.on("close", lambda: t.log("mode", Path(path).stat().st_mode & 0o777))


# -- text -------------------------------------------------------------------------------------------------------------


def characters_split_between_reads(t: Role) -> None:
    _read_from(t, _file(t, "aé你😀z".encode()), encoding="utf8", high_water_mark=3)


def characters_split_at_each_byte(t: Role) -> None:
    _read_from(t, _file(t, "aé你😀z".encode()), encoding="utf8", high_water_mark=1)


def characters_cut_by_the_range(t: Role) -> None:
    _read_from(t, _file(t, "é你".encode()), encoding="utf8", start=1, end=3)


def a_character_cut_by_the_end_of_the_file(t: Role) -> None:
    _read_from(t, _file(t, "a你".encode()[:3]), encoding="utf8")


def utf16_split_between_reads(t: Role) -> None:
    _read_from(t, _file(t, "aé😀z".encode("utf-16-le")), encoding="utf16le", high_water_mark=5)


def base64_split_between_reads(t: Role) -> None:
    _read(t, encoding="base64", high_water_mark=4)


def hex_in_pieces(t: Role) -> None:
    _read(t, encoding="hex", high_water_mark=4, start=3)


def latin1_in_pieces(t: Role) -> None:
    _read_from(t, _file(t, b"\x61\xe9\xff"), encoding="latin1", high_water_mark=2)


def an_encoding_set_when_ready(t: Role) -> None:
    stream = _read_from(t, _file(t, "é你".encode()), high_water_mark=4)
    stream.on("ready", lambda: stream.set_encoding("utf8"))
    stream.on("end", lambda: t.file_state("state", stream))


def bytes_are_counted_not_characters(t: Role) -> None:
    stream = _read_from(t, _file(t, "é你".encode()), encoding="utf8", end=4)
    stream.on("end", lambda: t.file_state("state", stream, "readable_encoding"))


# -- descriptors ------------------------------------------------------------------------------------------------------


def a_given_descriptor(t: Role) -> None:
    stream = _read_from(t, "ignored", fd=_open(_file(t)))
    t.file_state("before", stream, "path")
    stream.on("close", lambda: t.file_state("after", stream, "path"))


def a_given_descriptor_without_a_path(t: Role) -> None:
    stream = _read_from(t, None, fd=_open(_file(t)))
    t.log("path", stream.path)


def a_given_descriptor_is_read_from_where_it_stands(t: Role) -> None:
    fd = _open(_file(t))
    os.read(fd, 4)
    _read_from(t, None, fd=fd, high_water_mark=4)


def end_counts_from_where_a_descriptor_stands(t: Role) -> None:
    fd = _open(_file(t))
    os.read(fd, 4)
    _read_from(t, None, fd=fd, end=3)


def a_given_descriptor_with_a_start(t: Role) -> None:
    fd = _open(_file(t))
    os.read(fd, 4)
    _read_from(t, None, fd=fd, start=1, end=2)


def without_auto_close_a_descriptor_is_left(t: Role) -> None:
    fd = _open(_file(t))
    stream = _read_from(t, None, fd=fd, auto_close=False, end=3)

    def look() -> None:
        t.file_state("at the end", stream)
        _rest(t, fd)
        stream.close()

    stream.on("end", lambda: t.turns(3, look))


def a_start_moves_no_descriptor(t: Role) -> None:
    fd = _open(_file(t))
    stream = _read_from(t, None, fd=fd, auto_close=False, start=6)

    def ended() -> None:
        _rest(t, fd)
        stream.destroy()

    stream.on("end", ended)


def one_stream_after_another_on_a_descriptor(t: Role) -> None:
    fd = _open(_file(t))
    first = t.watch(fs.create_read_stream(None, fd=fd, auto_close=False, end=3), "first", "chunk")
    release = t.hold()

    def closed() -> None:
        t.file_state("first", first)
        release()

    first.on("end", lambda: t.file(fs.create_read_stream(None, fd=fd), "second", "chunk").on("close", closed))


def two_streams_on_a_descriptor(t: Role) -> None:
    fd = _open(_file(t))
    release = t.hold()
    chunks: dict[str, Any] = {}
    left = ["first", "second"]

    def ended(name: str) -> None:
        left.remove(name)
        if left:
            return
        t.log("chunks", chunks["first"], chunks["second"])
        _rest(t, fd)
        os.close(fd)
        release()

    for name, start, end in (("first", 0, 4), ("second", 3, 7)):
        stream = fs.create_read_stream(None, fd=fd, auto_close=False, start=start, end=end)
        stream.on("data", lambda chunk, name=name: chunks.__setitem__(name, chunk))
        stream.on("end", lambda name=name: ended(name))


def without_auto_close_a_file_stays_open(t: Role) -> None:
    stream = _read(t, auto_close=False)

    def look() -> None:
        t.file_state("at the end", stream)
        stream.destroy()

    stream.on("end", lambda: t.turns(3, look))
    stream.on("close", lambda: t.file_state("after", stream))


def without_emit_close(t: Role) -> None:
    stream = t.watch(fs.create_read_stream(_file(t), emit_close=False), "file", "open", "ready", "chunk")
    release = t.hold()

    def closed() -> None:
        t.file_state("closed", stream)
        t.turns(3, release)

    stream.on("end", lambda: t.until(lambda: stream.closed, closed))


def the_null_device(t: Role) -> None:
    _read_from(t, "/dev/null")


def the_zero_device(t: Role) -> None:
    stream = _read_from(t, "/dev/zero", end=99_999, high_water_mark=30_000)
    stream.on("end", lambda: t.file_state("state", stream))


def a_descriptor_of_the_zero_device(t: Role) -> None:
    _read_from(t, None, fd=_open("/dev/zero"), end=9)


# -- taking -----------------------------------------------------------------------------------------------------------


def paused_after_each_chunk(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=4), "file", "chunk", "pause")

    @stream.on("data")
    def _(_: Any) -> None:
        stream.pause()
        t.turns(2, stream.resume)


def _read_all(t: Role, stream: ReadStream, size: int | None = None) -> None:
    while (chunk := stream.read(size)) is not None:
        t.log("read", chunk)
    t.log("read so far", stream.bytes_read)


def read_in_readable(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=4), "file", "readable")
    stream.on("readable", lambda: _read_all(t, stream))


def read_more_than_the_mark(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=2), "file")
    stream.on("readable", lambda: _read_all(t, stream, 6))


def read_before_open(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t)), "file")
    t.log("at once", stream.read())
    stream.on("open", lambda _: t.log("in open", stream.read()))
    stream.on("ready", lambda: t.log("in ready", stream.read()))
    stream.on("end", lambda: t.file_state("state", stream))

    @stream.once("readable")
    def _() -> None:
        t.log("in readable", stream.read())
        stream.resume()


def put_back_what_was_read(t: Role) -> None:
    stream = _read(t, end=3)
    stream.once("data", lambda _: stream.unshift(b"ab"))
    stream.on("end", lambda: t.file_state("state", stream))


def a_file_that_grows(t: Role) -> None:
    path = _file(t)
    stream = _read_from(t, path, high_water_mark=16)

    @stream.once("data")
    def _(_: Any) -> None:
        with Path(path).open("ab") as file:
            file.write(b"more")


def nobody_reads(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t)), "file")

    def look() -> None:
        t.file_state("state", stream, "readable_flowing")
        stream.destroy()

    stream.on("ready", lambda: t.turns(5, look))


def pipe_a_file_to_a_file(t: Role) -> None:
    path = _file(t, t.fill(300_000))
    source = t.file(fs.create_read_stream(path), "source", "-open", "-ready", "-end", "-close")
    copy = fs.create_write_stream(f"{t.dir}/copy")
    t.log("returns the copy", source.pipe(copy) is copy)
    release = t.hold()

    @copy.on("close")
    def _() -> None:
        t.log("copied", source.bytes_read, copy.bytes_written, Path(t.dir, "copy").read_bytes())
        release()


def pipeline_by_way_of_a_pass_through(t: Role) -> None:
    release = t.hold()
    source = fs.create_read_stream(_file(t, t.fill(300_000)), start=1000)
    copy = fs.create_write_stream(f"{t.dir}/copy", high_water_mark=1000)

    def over(error: BaseException | None, *_: Any) -> None:
        t.log("over", error, source.bytes_read, copy.bytes_written, Path(t.dir, "copy").read_bytes())
        release()

    pipeline(source, PassThrough(), copy, callback=over)


def pipe_twice(t: Role) -> None:
    source = fs.create_read_stream(_file(t), high_water_mark=4)
    release = t.hold()
    first, second = PassThrough(), PassThrough()
    source.pipe(first)
    source.pipe(second)

    def over(error: BaseException | None) -> None:
        t.log("over", error, first.read(), second.read())
        release()

    finished(source, over)


async def iterate(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=4), "file")
    async for chunk in stream:
        t.log("got", chunk)
    t.file_state("over", stream)


async def iterate_text(t: Role) -> None:
    path = _file(t, "é你😀".encode())
    stream = t.file(fs.create_read_stream(path, encoding="utf8", high_water_mark=4), "file")
    async for chunk in stream:
        t.log("got", chunk)


async def iterate_and_leave_early(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=4), "file")
    chunks = aiter(stream)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    # Python leaves an iterator open at `break`.
    await chunks.aclose()
    t.file_state("over", stream)


async def iterate_and_leave_it_open(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t), high_water_mark=4), "file")
    chunks = stream.iterator(destroy_on_return=False)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    await chunks.aclose()
    t.log("between", stream.destroyed, stream.pending)
    async for chunk in stream:
        t.log("rest", chunk)


async def iterate_an_empty_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_file(t, b"")), "file")
    async for chunk in stream:
        t.log("got", chunk)
    t.log("over")


# -- named pipes ------------------------------------------------------------------------------------------------------


def a_pipe_that_is_written_later(t: Role) -> None:
    path = _fifo(t)
    stream = t.file(fs.create_read_stream(path), "reader", "data")

    def write() -> None:
        t.file_state("nobody writes", stream)
        writer = fs.create_write_stream(path)
        writer.write("first, ")
        writer.end("second")

    t.turns(3, write)


def a_pipe_that_is_read_later(t: Role) -> None:
    path = _fifo(t)
    stream = t.file(fs.create_write_stream(path), "writer")
    stream.end("waiting", t.callback("ended"))
    release = t.hold()

    def take(chunk: object) -> None:
        # Whether the reader or the writer hears of it first is up to the system.
        stream.on("close", lambda: t.log("data", chunk)) if not stream.closed else t.log("data", chunk)
        release()

    def read() -> None:
        t.file_state("nobody reads", stream)
        fs.create_read_stream(path).on("data", take)

    t.turns(3, read)


def a_pipe_has_no_start(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_fifo(t), flags="r+", start=1), "reader", "chunk")
    stream.on("close", lambda: t.file_state("state", stream))


def an_end_within_what_a_pipe_gives(t: Role) -> None:
    stream = t.file(fs.create_read_stream(_fifo(t), flags="r+", end=4), "reader", "chunk")
    stream.on("open", lambda fd: os.write(fd, _DIGITS))
