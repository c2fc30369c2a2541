"""File streams on descriptors, devices and named pipes; those that do not close by themselves or do not say so."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream import fs
from tests.node.files import DIGITS, closes, content, fifo, file, read, read_from, rest, write

if TYPE_CHECKING:
    from tests.node.lib import Role

# -- what is read -----------------------------------------------------------------------------------------------------


def a_given_descriptor(t: Role) -> None:
    stream = read_from(t, "ignored", fd=os.open(file(t), os.O_RDONLY))
    t.file_state("before", stream, "path")
    stream.on("close", lambda: t.file_state("after", stream, "path"))


def a_given_descriptor_without_a_path(t: Role) -> None:
    stream = read_from(t, None, fd=os.open(file(t), os.O_RDONLY))
    t.log("path", stream.path)


def a_given_descriptor_is_read_from_where_it_stands(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    os.read(fd, 4)
    read_from(t, None, fd=fd, high_water_mark=4)


def end_counts_from_where_a_descriptor_stands(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    os.read(fd, 4)
    read_from(t, None, fd=fd, end=3)


def a_given_descriptor_with_a_start(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    os.read(fd, 4)
    read_from(t, None, fd=fd, start=1, end=2)


def without_auto_close_a_descriptor_is_left(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    stream = read_from(t, None, fd=fd, auto_close=False, end=3)

    def look() -> None:
        t.file_state("at the end", stream)
        rest(t, fd)
        stream.close()

    stream.on("end", lambda: t.turns(3, look))


def a_start_moves_no_descriptor(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    stream = read_from(t, None, fd=fd, auto_close=False, start=6)

    def ended() -> None:
        rest(t, fd)
        stream.destroy()

    stream.on("end", ended)


def one_stream_after_another_on_a_descriptor(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    first = t.watch(fs.create_read_stream(None, fd=fd, auto_close=False, end=3), "first", "chunk")
    release = t.hold()

    def closed() -> None:
        t.file_state("first", first)
        release()

    first.on("end", lambda: t.file(fs.create_read_stream(None, fd=fd), "second", "chunk").on("close", closed))


def two_streams_on_a_descriptor(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    release = t.hold()
    chunks: dict[str, Any] = {}
    left = ["first", "second"]

    def ended(name: str) -> None:
        left.remove(name)
        if left:
            return
        t.log("chunks", chunks["first"], chunks["second"])
        rest(t, fd)
        os.close(fd)
        release()

    for name, start, end in (("first", 0, 4), ("second", 3, 7)):
        stream = fs.create_read_stream(None, fd=fd, auto_close=False, start=start, end=end)
        stream.on("data", lambda chunk, name=name: chunks.__setitem__(name, chunk))
        stream.on("end", lambda name=name: ended(name))


def without_auto_close_a_file_stays_open(t: Role) -> None:
    stream = read(t, auto_close=False)

    def look() -> None:
        t.file_state("at the end", stream)
        stream.destroy()

    stream.on("end", lambda: t.turns(3, look))
    stream.on("close", lambda: t.file_state("after", stream))


def without_emit_close(t: Role) -> None:
    stream = t.watch(fs.create_read_stream(file(t), emit_close=False), "file", "open", "ready", "chunk")
    release = t.hold()

    def closed() -> None:
        t.file_state("closed", stream)
        t.turns(3, release)

    stream.on("end", lambda: t.until(lambda: stream.closed, closed))


def the_null_device(t: Role) -> None:
    read_from(t, "/dev/null")


def the_zero_device(t: Role) -> None:
    stream = read_from(t, "/dev/zero", end=99_999, high_water_mark=30_000)
    stream.on("end", lambda: t.file_state("state", stream))


def a_descriptor_of_the_zero_device(t: Role) -> None:
    read_from(t, None, fd=os.open("/dev/zero", os.O_RDONLY), end=9)


# -- what is written --------------------------------------------------------------------------------------------------


def write_a_given_descriptor(t: Role) -> None:
    fd = os.open(file(t), os.O_RDWR)
    os.read(fd, 5)
    stream = t.file(fs.create_write_stream("ignored", fd=fd), "file")
    t.file_state("before", stream, "path")
    stream.end("XY")
    stream.on("close", lambda: t.file_state("after", stream))
    stream.on("close", lambda: t.log("content", content(t, "file")))


def write_a_given_descriptor_with_a_start(t: Role) -> None:
    fd = os.open(file(t), os.O_RDWR)
    stream = t.file(fs.create_write_stream(None, fd=fd, start=4, auto_close=False), "file")

    def ended(_: object) -> None:
        t.log("content", content(t, "file"))
        rest(t, fd)
        stream.destroy()

    stream.end("XY", ended)


def write_one_stream_after_another(t: Role) -> None:
    fd = os.open(file(t), os.O_RDWR)
    release = t.hold()
    first = t.watch(fs.create_write_stream(None, fd=fd, auto_close=False), "first")
    first.end("ab")

    def closed() -> None:
        t.file_state("first", first)
        t.log("content", content(t, "file"))
        release()

    first.on("finish", lambda: t.file(fs.create_write_stream(None, fd=fd), "second").end("cd").on("close", closed))


def write_by_two_streams(t: Role) -> None:
    fd = os.open(file(t), os.O_RDWR)
    release = t.hold()
    left = [0, 5]

    def ended(start: int, _: object) -> None:
        left.remove(start)
        if left:
            return
        t.log("content", content(t, "file"))
        os.close(fd)
        release()

    for start in (0, 5):
        fs.create_write_stream(None, fd=fd, auto_close=False, start=start).end("ABC", partial(ended, start))


def what_is_written_stays_open_without_auto_close(t: Role) -> None:
    stream = write(t, auto_close=False)
    stream.end("x")

    def look() -> None:
        t.file_state("finished", stream)
        stream.destroy()

    stream.on("finish", lambda: t.turns(3, look))
    stream.on("close", lambda: t.file_state("after", stream))


def what_is_written_closes_in_silence(t: Role) -> None:
    stream = t.watch(fs.create_write_stream(f"{t.dir}/copy", emit_close=False), "copy", "open", "ready")
    release = t.hold()
    stream.end("x")

    def closed() -> None:
        t.file_state("closed", stream)
        t.turns(3, release)

    stream.on("finish", lambda: t.until(lambda: stream.closed, closed))


def write_the_null_device(t: Role) -> None:
    stream = t.file(fs.create_write_stream("/dev/null"), "null")
    stream.end("gone")
    stream.on("close", lambda: t.file_state("state", stream))


# -- named pipes ------------------------------------------------------------------------------------------------------


def a_pipe_that_is_written_later(t: Role) -> None:
    path = fifo(t)
    stream = t.file(fs.create_read_stream(path), "reader", "data")

    def write() -> None:
        t.file_state("nobody writes", stream)
        writer = closes(t, fs.create_write_stream(path))
        writer.write("first, ")
        writer.end("second")

    t.turns(3, write)


def a_pipe_that_is_read_later(t: Role) -> None:
    path = fifo(t)
    stream = t.file(fs.create_write_stream(path), "writer")
    stream.end("waiting", t.callback("ended"))

    def take(chunk: object) -> None:
        # Whether the reader or the writer hears of it first is up to the system.
        stream.on("close", lambda: t.log("data", chunk)) if not stream.closed else t.log("data", chunk)

    def read() -> None:
        t.file_state("nobody reads", stream)
        closes(t, fs.create_read_stream(path)).on("data", take)

    t.turns(3, read)


def a_pipe_has_no_start(t: Role) -> None:
    stream = t.file(fs.create_read_stream(fifo(t), flags="r+", start=1), "reader", "chunk")
    stream.on("close", lambda: t.file_state("state", stream))


def an_end_within_what_a_pipe_gives(t: Role) -> None:
    stream = t.file(fs.create_read_stream(fifo(t), flags="r+", end=4), "reader", "chunk")
    stream.on("open", lambda fd: os.write(fd, DIGITS))
