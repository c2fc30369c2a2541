"""File streams that go wrong: missing files, full disks, descriptors of another kind, files that change meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs
from sockstream.stream import PassThrough, finished, pipeline
from tests.node.files import closes, content, fifo, file, read, read_from, write

if TYPE_CHECKING:
    from sockstream.fs import ReadStream, WriteStream
    from tests.node.lib import Role


def _write_to(t: Role, path: str | None, **options: Any) -> WriteStream:
    return t.file(fs.create_write_stream(path, **options), "copy")


# -- that cannot be opened --------------------------------------------------------------------------------------------


def read_a_missing_file(t: Role) -> None:
    stream = read_from(t, f"{t.dir}/missing")
    stream.on("error", lambda error: t.log("path", error.path, stream.destroyed, stream.closed))
    stream.on("close", lambda: t.file_state("state", stream, "errored", "readable_aborted"))


def read_a_missing_file_unheard(t: Role) -> None:
    # Node's would never close: its process ends.
    stream = t.watch(fs.create_read_stream(f"{t.dir}/missing"), "file", "-error", "-close")
    closes(t, stream)


def read_a_missing_file_without_auto_close(t: Role) -> None:
    stream = read_from(t, f"{t.dir}/missing", auto_close=False)

    def look() -> None:
        t.file_state("state", stream)
        stream.destroy()

    stream.on("error", lambda _: t.turns(3, look))


def close_of_a_missing_file_without_auto_close(t: Role) -> None:
    stream = read_from(t, f"{t.dir}/missing", auto_close=False)
    stream.on("error", lambda _: t.turns(3, lambda: stream.close(t.callback("closed"))))


def write_a_missing_file_without_auto_close(t: Role) -> None:
    stream = _write_to(t, f"{t.dir}/missing/copy", auto_close=False)
    stream.write("a", t.callback("written"))

    def look() -> None:
        t.file_state("state", stream, "writable_length")
        stream.destroy()

    stream.on("error", lambda _: t.turns(3, look))


def write_where_no_directory_is(t: Role) -> None:
    stream = _write_to(t, f"{t.dir}/missing/copy")
    stream.write("a", t.callback("written"))
    stream.end("b", t.callback("ended"))
    stream.on("close", lambda: t.file_state("state", stream, "writable_length"))


def close_where_no_directory_is(t: Role) -> None:
    stream = _write_to(t, f"{t.dir}/missing/copy")
    stream.write("a", t.callback("written"))
    stream.close(t.callback("closed"))


def write_to_a_missing_file_that_is_not_created(t: Role) -> None:
    _write_to(t, f"{t.dir}/missing", flags="r+").end("a", t.callback("ended"))


def read_below_a_file(t: Role) -> None:
    read_from(t, f"{file(t)}/below")


def write_below_a_file(t: Role) -> None:
    _write_to(t, f"{file(t)}/below").end("a", t.callback("ended"))


def read_a_too_long_name(t: Role) -> None:
    read_from(t, f"{t.dir}/{'x' * 300}")


def read_a_link_to_itself(t: Role) -> None:
    Path(t.dir, "loop").symlink_to("loop")
    read_from(t, f"{t.dir}/loop")


def write_a_directory(t: Role) -> None:
    _write_to(t, t.dir).end("a", t.callback("ended"))


def write_an_existing_file_as_new(t: Role) -> None:
    stream = t.file(fs.create_write_stream(file(t), flags="wx"), "file")
    stream.end("a", t.callback("ended"))
    stream.on("close", lambda: t.log("content", content(t, "file")))


def unknown_flags(t: Role) -> None:
    def try_next(flags: list[Any]) -> None:
        if flags:
            t.log("flags", flags[0])
            read_from(t, file(t), flags=flags[0]).on("close", lambda: try_next(flags[1:]))

    try_next(["q", "", "rx", "r++", "wxs", True, 1.5, 2**40])


def bad_modes(t: Role) -> None:
    def try_next(modes: list[Any]) -> None:
        if not modes:
            return
        t.log("mode", modes[0])
        path = f"{t.dir}/mode{len(modes)}"

        def closed() -> None:
            t.log("exists", Path(path).exists())
            try_next(modes[1:])

        stream = _write_to(t, path, mode=modes[0])
        stream.end("a", t.callback("ended"))
        stream.on("close", closed)

    try_next(["zz", -1, 1.5, "", "8", "0o7", " 7", "-7", 2**32, True])


# -- that cannot be read or written -----------------------------------------------------------------------------------


def read_a_directory(t: Role) -> None:
    stream = read_from(t, t.dir)
    stream.on("close", lambda: t.file_state("state", stream))


def read_a_directory_without_auto_close(t: Role) -> None:
    stream = read_from(t, t.dir, auto_close=False)

    def look() -> None:
        t.file_state("state", stream)
        stream.close(t.callback("closed"))

    stream.on("error", lambda _: t.turns(3, look))


def read_a_file_that_is_open_for_writing(t: Role) -> None:
    read(t, flags="a")


def write_a_file_that_is_open_for_reading(t: Role) -> None:
    stream = t.file(fs.create_write_stream(file(t), flags="r"), "file")
    stream.write("a", t.callback("written"))
    stream.on("close", lambda: t.file_state("state", stream))


def read_a_bad_descriptor(t: Role) -> None:
    stream = read_from(t, None, fd=999_999)
    stream.on("close", lambda: t.file_state("state", stream))


def read_a_bad_descriptor_without_auto_close(t: Role) -> None:
    stream = read_from(t, None, fd=999_999, auto_close=False)
    stream.on("error", lambda _: t.turns(3, lambda: stream.close(t.callback("closed"))))


def write_a_bad_descriptor(t: Role) -> None:
    _write_to(t, None, fd=999_999).end("a", t.callback("ended"))


def never_write_a_bad_descriptor(t: Role) -> None:
    _write_to(t, None, fd=999_999).end(t.callback("ended"))


def a_descriptor_closed_at_the_end(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    stream = read_from(t, None, fd=fd)
    stream.on("end", lambda: os.close(fd))


async def iterate_over_what_cannot_be_closed(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    stream = t.file(fs.create_read_stream(None, fd=fd), "file")
    stream.on("end", lambda: os.close(fd))
    await _iterate(t, stream)


def a_pipe_has_no_start_to_write_at(t: Role) -> None:
    stream = _write_to(t, fifo(t), flags="r+", start=1)
    stream.end("a", t.callback("ended"))


# -- a full disk ------------------------------------------------------------------------------------------------------


def a_full_disk(t: Role) -> None:
    stream = _write_to(t, "/dev/full")
    t.log("first", stream.write("abc", t.callback("first")))
    stream.write("def", t.callback("second"))
    stream.end("ghi", t.callback("ended"))
    stream.on("error", lambda _: t.file_state("in error", stream, "writable_length", "errored"))
    names = ("writable_length", "writable_finished", "writable_aborted")
    stream.on("close", lambda: t.file_state("state", stream, *names))


def a_full_disk_in_the_middle(t: Role) -> None:
    stream = _write_to(t, "/dev/full")

    @stream.on("ready")
    def _() -> None:
        stream.write("abc", t.callback("first"))
        stream.write("def", t.callback("second"))
        stream.write("ghi", t.callback("third"))

    stream.on("close", lambda: t.log("returns", stream.write("late", t.callback("late"))))


def a_full_disk_while_corked(t: Role) -> None:
    stream = _write_to(t, "/dev/full")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()


def a_full_disk_without_auto_close(t: Role) -> None:
    stream = _write_to(t, "/dev/full", auto_close=False)
    stream.write("abc", t.callback("first"))

    def again() -> None:
        t.file_state("state", stream, "writable")
        t.log("returns", stream.write("def", t.callback("second")))
        t.turns(3, lambda: stream.destroy())

    stream.on("error", lambda _: t.turns(3, again))


def a_full_disk_without_auto_close_then_close(t: Role) -> None:
    stream = _write_to(t, "/dev/full", auto_close=False)
    stream.write("abc", t.callback("first"))

    def close() -> None:
        stream.close(t.callback("closed"))
        t.turns(20, look)

    def look() -> None:
        t.file_state("after close", stream)
        stream.destroy()

    stream.on("error", lambda _: t.turns(3, close))


def a_full_disk_and_close(t: Role) -> None:
    stream = _write_to(t, "/dev/full")
    stream.write("abc", t.callback("written"))
    stream.close(t.callback("closed"))


def a_full_disk_unheard(t: Role) -> None:
    stream = t.watch(fs.create_write_stream("/dev/full"), "copy", "-error", "-close")
    stream.end("abc", t.callback("ended"))
    closes(t, stream)


def a_full_disk_and_nothing_to_write(t: Role) -> None:
    _write_to(t, "/dev/full").end(t.callback("ended"))


def pipe_to_a_full_disk(t: Role) -> None:
    path = file(t, t.fill(200_000))
    source = t.file(fs.create_read_stream(path), "source", "-open", "-ready")
    copy = t.watch(fs.create_write_stream("/dev/full"), "copy", "unpipe")
    source.pipe(copy)

    def look() -> None:
        t.log("source", source.destroyed, source.readable_flowing)
        source.destroy()

    copy.on("close", lambda: t.turns(3, look))


def pipeline_to_a_full_disk(t: Role) -> None:
    release = t.hold()
    source = fs.create_read_stream(file(t, t.fill(200_000)))
    copy = fs.create_write_stream("/dev/full")

    def over(error: BaseException | None, *_: object) -> None:
        t.log("over", error, source.destroyed, copy.destroyed)
        t.until(lambda: source.closed and copy.closed, release)

    pipeline(source, PassThrough(), copy, callback=over)


def finished_on_a_full_disk(t: Role) -> None:
    stream = _write_to(t, "/dev/full")
    finished(stream, t.callback("finished"))
    stream.end("x")


# -- chains that fail -------------------------------------------------------------------------------------------------


def _unopened(t: Role) -> WriteStream:
    """Return a watched file whose opening is not logged: which of two files is open first is up to the system."""
    return t.file(fs.create_write_stream(f"{t.dir}/copy"), "copy", "-open", "-ready")


def pipeline_from_a_missing_file(t: Role) -> None:
    copy = _unopened(t)
    source = closes(t, fs.create_read_stream(f"{t.dir}/missing"))
    pipeline(source, copy, callback=t.callback("over"))
    copy.on("close", lambda: t.log("exists", Path(t.dir, "copy").exists()))


def pipeline_to_a_missing_directory(t: Role) -> None:
    source = t.file(fs.create_read_stream(file(t)), "source", "-open", "-ready", "-error")
    copy = closes(t, fs.create_write_stream(f"{t.dir}/missing/copy"))
    pipeline(source, copy, callback=lambda error, *_: t.log("over", error, source.destroyed))


def pipe_from_a_missing_file(t: Role) -> None:
    copy = _unopened(t)
    source = t.watch(closes(t, fs.create_read_stream(f"{t.dir}/missing")), "source", "-error", "-close")
    source.pipe(copy)

    def look() -> None:
        t.file_state("copy", copy, "writable")
        copy.end()

    source.on("error", lambda _: t.until(lambda: not copy.pending, look))


async def _iterate(t: Role, stream: ReadStream) -> None:
    try:
        async for chunk in stream:
            t.log("got", chunk)
        t.log("over")
    except OSError as error:
        t.log("caught", error)


async def iterate_a_missing_file(t: Role) -> None:
    await _iterate(t, t.file(fs.create_read_stream(f"{t.dir}/missing"), "file"))


async def iterate_a_directory(t: Role) -> None:
    await _iterate(t, t.file(fs.create_read_stream(t.dir), "file"))


def finished_with_a_missing_file(t: Role) -> None:
    finished(read_from(t, f"{t.dir}/missing"), t.callback("finished"))


# -- files that change meanwhile --------------------------------------------------------------------------------------


def a_file_that_is_deleted_while_it_is_read(t: Role) -> None:
    path = Path(file(t))
    stream = read_from(t, str(path), high_water_mark=4)
    stream.on("open", lambda _: path.unlink())
    stream.on("close", lambda: t.log("exists", path.exists()))


def a_file_that_is_truncated_while_it_is_read(t: Role) -> None:
    path = file(t)
    stream = read_from(t, path, high_water_mark=4)
    stream.on("open", lambda _: os.truncate(path, 6))
    stream.on("end", lambda: t.file_state("state", stream))


def a_range_that_is_truncated_while_it_is_read(t: Role) -> None:
    path = file(t)
    stream = read_from(t, path, start=2, end=8, high_water_mark=3)
    stream.on("open", lambda _: os.truncate(path, 4))


def a_file_that_is_replaced_while_it_is_read(t: Role) -> None:
    path = Path(file(t))
    stream = read_from(t, str(path))

    @stream.on("open")
    def _(_: int) -> None:
        path.unlink()
        path.write_text("another", "utf-8")


def a_file_that_is_deleted_while_it_is_written(t: Role) -> None:
    stream = write(t)
    path = Path(t.dir, "copy")

    @stream.on("open")
    def _(_: int) -> None:
        path.unlink()
        stream.end("abc", t.callback("ended"))

    stream.on("close", lambda: t.log("exists", stream.bytes_written, path.exists()))


def a_file_that_is_truncated_while_it_is_written(t: Role) -> None:
    stream = write(t)

    def written(_: object) -> None:
        os.truncate(f"{t.dir}/copy", 0)
        stream.end("def")

    stream.write("abc", written)
    stream.on("close", lambda: t.log("content", content(t)))


def a_file_that_is_moved_while_it_is_written(t: Role) -> None:
    stream = write(t)

    @stream.on("open")
    def _(_: int) -> None:
        Path(t.dir, "copy").rename(Path(t.dir, "moved"))
        stream.end("abc")

    stream.on("close", lambda: t.log("content", stream.path, content(t, "moved")))
