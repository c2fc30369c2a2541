"""What a file stream reads, taken by events, by read(), by pipes and by iteration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs
from sockstream.stream import PassThrough, finished, pipeline
from tests.node.files import closes, file, read, read_from

if TYPE_CHECKING:
    from sockstream.fs import ReadStream
    from tests.node.lib import Role


def paused_after_each_chunk(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=4), "file", "chunk", "pause")

    @stream.on("data")
    def _(_: Any) -> None:
        stream.pause()
        t.turns(2, stream.resume)


def _read_all(t: Role, stream: ReadStream, size: int | None = None) -> None:
    while (chunk := stream.read(size)) is not None:
        t.log("read", chunk)
    t.log("read so far", stream.bytes_read)


def read_in_readable(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=4), "file", "readable")
    stream.on("readable", lambda: _read_all(t, stream))


def read_more_than_the_mark(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=2), "file")
    stream.on("readable", lambda: _read_all(t, stream, 6))


def read_before_open(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t)), "file")
    t.log("at once", stream.read())
    stream.on("open", lambda _: t.log("in open", stream.read()))
    stream.on("ready", lambda: t.log("in ready", stream.read()))
    stream.on("end", lambda: t.file_state("state", stream))

    @stream.once("readable")
    def _() -> None:
        t.log("in readable", stream.read())
        stream.resume()


def put_back_what_was_read(t: Role) -> None:
    stream = read(t, end=3)
    stream.once("data", lambda _: stream.unshift(b"ab"))
    stream.on("end", lambda: t.file_state("state", stream))


def a_file_that_grows(t: Role) -> None:
    path = file(t)
    stream = read_from(t, path, high_water_mark=16)

    @stream.once("data")
    def _(_: Any) -> None:
        with Path(path).open("ab") as file:
            file.write(b"more")


def nobody_reads(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t)), "file")

    def look() -> None:
        t.file_state("state", stream, "readable_flowing")
        stream.destroy()

    stream.on("ready", lambda: t.turns(5, look))


def pipe_a_file_to_a_file(t: Role) -> None:
    path = file(t, t.fill(300_000))
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
    source = closes(t, fs.create_read_stream(file(t, t.fill(300_000)), start=1000))
    copy = closes(t, fs.create_write_stream(f"{t.dir}/copy", high_water_mark=1000))

    def over(error: BaseException | None, *_: Any) -> None:
        t.log("over", error, source.bytes_read, copy.bytes_written, Path(t.dir, "copy").read_bytes())
        release()

    pipeline(source, PassThrough(), copy, callback=over)


def pipe_twice(t: Role) -> None:
    source = closes(t, fs.create_read_stream(file(t), high_water_mark=4))
    release = t.hold()
    first, second = PassThrough(), PassThrough()
    source.pipe(first)
    source.pipe(second)

    def over(error: BaseException | None) -> None:
        t.log("over", error, first.read(), second.read())
        release()

    finished(source, over)


async def iterate(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=4), "file")
    async for chunk in stream:
        t.log("got", chunk)
    t.file_state("over", stream)


async def iterate_text(t: Role) -> None:
    path = file(t, "é你😀".encode())
    stream = t.file(fs.create_read_stream(path, encoding="utf8", high_water_mark=4), "file")
    async for chunk in stream:
        t.log("got", chunk)


async def iterate_and_leave_early(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=4), "file")
    chunks = aiter(stream)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    # Python leaves an iterator open at `break`.
    await chunks.aclose()
    t.file_state("over", stream)


async def iterate_and_leave_it_open(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t), high_water_mark=4), "file")
    chunks = stream.iterator(destroy_on_return=False)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    await chunks.aclose()
    t.log("between", stream.destroyed, stream.pending)
    async for chunk in stream:
        t.log("rest", chunk)


async def iterate_an_empty_file(t: Role) -> None:
    stream = t.file(fs.create_read_stream(file(t, b"")), "file")
    async for chunk in stream:
        t.log("got", chunk)
    t.log("over")
