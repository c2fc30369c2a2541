"""Files written as streams: where, in what pieces, from what encoding; how flags and closing matter."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import fs
from sockstream.stream import PassThrough, Readable, finished, pipeline
from tests.node.files import content, file, write

if TYPE_CHECKING:
    from sockstream.fs import WriteStream
    from tests.node.lib import Role


def _tell(t: Role, stream: WriteStream, name: str = "copy") -> None:
    """Log what the file holds when it has closed."""
    stream.on("close", lambda: t.log("content", content(t, name)))


def _tell_with_count(t: Role, stream: WriteStream, name: str = "copy") -> None:
    stream.on("close", lambda: t.log("content", stream.bytes_written, content(t, name)))


# -- what goes in -----------------------------------------------------------------------------------------------------


def a_whole_file(t: Role) -> None:
    stream = write(t)

    def show(label: str) -> None:
        t.file_state(label, stream, "path", "writable_length")

    show("before")
    t.log("write", stream.write("ab你", t.callback("written")))
    show("after write")
    stream.on("open", lambda fd: t.log("its descriptor", fd == stream.fd))
    for name in ("open", "ready", "finish", "close"):
        stream.on(name, lambda *_, name=name: show(f"in {name}"))
    t.log("end returns it", stream.end(b"def", t.callback("ended")) is stream)
    show("after end")
    _tell(t, stream)


def nothing(t: Role) -> None:
    stream = write(t)
    stream.end()
    _tell(t, stream)


def _write_words(t: Role, stream: WriteStream) -> None:
    def note(word: str, _: object) -> None:
        t.log(f"wrote {word}", stream.bytes_written, stream.writable_length)

    for word in ("one ", "two ", "three"):
        stream.write(word, partial(note, word))
    stream.end()


def what_waits_for_open_is_written_together(t: Role) -> None:
    _write_words(t, write(t))


def what_waits_for_a_write_is_written_together(t: Role) -> None:
    stream = write(t)
    stream.on("ready", lambda: _write_words(t, stream))


def corked_writes(t: Role) -> None:
    stream = write(t)

    @stream.on("ready")
    def _() -> None:
        stream.cork()
        stream.write("a", t.callback("a"))
        stream.write("b", t.callback("b"))
        t.turns(3, uncork)

    def uncork() -> None:
        t.file_state("corked", stream, "writable_length", "writable_corked")
        stream.uncork()
        t.file_state("uncorked", stream, "writable_length", "writable_corked")
        stream.end(lambda _: t.file_state("ended", stream, "writable_length"))

    _tell(t, stream)


def end_uncorks(t: Role) -> None:
    stream = write(t)
    stream.cork()
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("b"))
    _tell(t, stream)


def empty_writes(t: Role) -> None:
    stream = write(t)
    stream.write("", t.callback("text"))
    stream.write(b"", t.callback("bytes"))
    stream.write("x", t.callback("x"))
    stream.end("")
    _tell_with_count(t, stream)


def empty_writes_only(t: Role) -> None:
    stream = write(t)

    def written(_: object) -> None:
        t.file_state("written", stream)
        stream.end()

    stream.on("ready", lambda: stream.write("", written))


def bad_chunks(t: Role) -> None:
    stream = write(t)
    t.attempt("nothing", lambda: stream.write(None))
    t.attempt("number", lambda: stream.write(5))
    t.attempt("object", lambda: stream.write({}))
    t.attempt("encoding", lambda: stream.write("a", "zz"))
    stream.end("ok")
    _tell(t, stream)


def huge_writes(t: Role) -> None:
    stream = write(t)
    data = t.fill(3_000_001)
    t.log("first", stream.write(data[:2_000_000]))

    @stream.once("drain")
    def _() -> None:
        t.file_state("drain", stream, "writable_length")
        stream.end(data[2_000_000:])

    _tell_with_count(t, stream)


def drain(t: Role) -> None:
    stream = t.file(fs.create_write_stream(f"{t.dir}/copy", high_water_mark=4), "copy", "drain")
    t.log("below", stream.write("abc"), stream.writable_need_drain)
    t.log("at", stream.write("d"), stream.writable_need_drain)
    t.log("over", stream.write("e"), stream.writable_need_drain)

    @stream.on("drain")
    def _() -> None:
        t.file_state("drained", stream, "writable_length", "writable_need_drain")
        stream.end()


def a_mark_of_zero(t: Role) -> None:
    stream = t.file(fs.create_write_stream(f"{t.dir}/copy", high_water_mark=0), "copy", "drain")
    t.log("write", stream.write("a"))
    stream.once("drain", lambda: stream.end())


# -- text -------------------------------------------------------------------------------------------------------------


def text_in_each_encoding(t: Role) -> None:
    stream = write(t)
    stream.write("é")
    stream.write("é", "latin1")
    stream.write("é", "utf16le")
    stream.write("4142", "hex")
    stream.write("Q0Q=", "base64")
    stream.end("é", "ascii")
    _tell_with_count(t, stream)


def a_default_encoding(t: Role) -> None:
    stream = write(t, encoding="hex")
    stream.write("4142")
    stream.write("c", "utf8")
    stream.set_default_encoding("latin1")
    stream.end("é")
    _tell(t, stream)


def unknown_encoding(t: Role) -> None:
    t.attempt("unknown", lambda: write(t, encoding="zz"))
    t.attempt("number", lambda: write(t, encoding=5))


# -- where ------------------------------------------------------------------------------------------------------------


def _change(t: Role, *chunks: str, **options: Any) -> None:
    stream = t.file(fs.create_write_stream(file(t), **options), "file")
    for chunk in chunks:
        stream.write(chunk)
    stream.end()
    _tell_with_count(t, stream, "file")


def an_existing_file_is_emptied(t: Role) -> None:
    _change(t, "Q", "R")


def start_in_an_emptied_file(t: Role) -> None:
    _change(t, "Q", "R", start=2)


def start_in_a_file(t: Role) -> None:
    _change(t, "Q", "R", flags="r+", start=3)


def start_zero(t: Role) -> None:
    _change(t, "Q", "R", flags="r+", start=0)


def start_past_the_end(t: Role) -> None:
    _change(t, "Q", "R", flags="r+", start=12)


def append(t: Role) -> None:
    _change(t, "Q", "R", flags="a")


def append_ignores_the_start(t: Role) -> None:
    _change(t, "Q", "R", flags="a", start=2)


def append_in_sync(t: Role) -> None:
    _change(t, "Q", flags="as")


def without_a_start_from_the_beginning(t: Role) -> None:
    _change(t, "Q", "R", flags="r+")


def flags_as_a_number(t: Role) -> None:
    _change(t, "Q", flags=os.O_WRONLY | os.O_APPEND)


def flags_that_read_too(t: Role) -> None:
    _change(t, "Q", flags="w+")


def start_in_pieces(t: Role) -> None:
    stream = t.file(fs.create_write_stream(file(t), flags="r+", start=3), "file")
    stream.write("Q", lambda _: stream.write("R", lambda _: stream.end("S")))
    _tell_with_count(t, stream, "file")


def only_new_files(t: Role) -> None:
    stream = write(t, flags="wx")
    stream.end("new")
    _tell(t, stream)


def append_to_a_new_file(t: Role) -> None:
    stream = write(t, flags="ax+")
    stream.end("new")
    _tell(t, stream)


def modes(t: Role) -> None:
    release = t.hold()

    def make(modes: list[int | str]) -> None:
        if not modes:
            release()
            return
        path = Path(t.dir, f"mode{modes[0]}")

        def closed() -> None:
            t.log("mode", path.stat().st_mode & 0o777)
            make(modes[1:])

        fs.create_write_stream(path, mode=modes[0]).end().on("close", closed)

    make([0o600, 0o444, "640", 0])


def bad_positions(t: Role) -> None:
    values: dict[str, Any] = {"text": "a", "fraction": 1.5, "bool": True, "negative": -1, "huge": 2**53}
    for name, value in values.items():
        for option, label in (("start", "start"), ("fd", "fd"), ("high_water_mark", "mark")):
            options: Any = {option: value}
            if (option, name) != ("high_water_mark", "huge"):
                t.attempt(f"{label} {name}", partial(fs.create_write_stream, "x", **options))


def bad_paths(t: Role) -> None:
    number: Any = 5
    flush: Any = 1
    t.attempt("number", lambda: fs.create_write_stream(number))
    t.attempt("nothing", lambda: fs.create_write_stream(None))
    t.attempt("null character", lambda: fs.create_write_stream("a\0b"))
    t.attempt("before the start", lambda: fs.create_write_stream(number, start=-1))
    t.attempt("before the flush", lambda: fs.create_write_stream(number, flush=flush))


# -- flush ------------------------------------------------------------------------------------------------------------


def flush(t: Role) -> None:
    stream = write(t, flush=True)
    stream.end("x")
    _tell(t, stream)


def flush_of_nothing(t: Role) -> None:
    write(t, flush=True).end()


def flush_before_destroy(t: Role) -> None:
    write(t, flush=True).destroy()


def flush_that_fails(t: Role) -> None:
    t.file(fs.create_write_stream("/dev/null", flush=True), "null").end("x", t.callback("ended"))


def flush_that_fails_after_destroy(t: Role) -> None:
    stream = t.file(fs.create_write_stream("/dev/null", flush=True), "null")
    stream.on("ready", lambda: stream.destroy(Exception("mine")))


def flush_of_a_file_that_is_missing(t: Role) -> None:
    t.file(fs.create_write_stream(f"{t.dir}/missing/copy", flush=True), "copy").end("x", t.callback("ended"))


def bad_flush(t: Role) -> None:
    bad: dict[str, Any] = {"number": 1, "text": "true"}
    for name, value in bad.items():
        t.attempt(name, partial(fs.create_write_stream, "x", flush=value))


# -- ends -------------------------------------------------------------------------------------------------------------


def end_twice(t: Role) -> None:
    stream = write(t)
    stream.end("a", t.callback("first"))
    stream.end(t.callback("second"))
    stream.on("close", lambda: stream.end(t.callback("third")))


def end_twice_with_data(t: Role) -> None:
    stream = write(t)
    stream.end("a", t.callback("first"))
    stream.end("b", t.callback("second"))
    _tell(t, stream)


def write_after_end(t: Role) -> None:
    stream = write(t)
    stream.end("a", t.callback("ended"))
    t.log("returns", stream.write("b", t.callback("written")))
    stream.on("close", lambda: t.file_state("state", stream))
    _tell(t, stream)


def write_after_finish(t: Role) -> None:
    stream = write(t)
    stream.end("a")
    stream.on("finish", lambda: t.log("returns", stream.write("b", t.callback("written"))))
    _tell(t, stream)


def write_after_close(t: Role) -> None:
    stream = write(t)
    stream.end("a")
    stream.on("close", lambda: t.log("returns", stream.write("b", t.callback("written"))))


def write_in_open(t: Role) -> None:
    stream = write(t)
    stream.write("a", t.callback("a"))
    stream.on("open", lambda _: stream.write("b", t.callback("b")))
    stream.on("ready", lambda: stream.end("c", t.callback("c")))
    _tell_with_count(t, stream)


def destroy_soon(t: Role) -> None:
    stream = write(t)
    stream.write("a")
    stream.destroy_soon()
    t.file_state("at once", stream, "writable_ended")
    _tell(t, stream)


# -- as a destination -------------------------------------------------------------------------------------------------


def pipe_into_a_file(t: Role) -> None:
    source = PassThrough()
    stream = t.file(fs.create_write_stream(f"{t.dir}/copy"), "copy", "pipe", "unpipe")
    source.pipe(stream)
    source.write("a")
    source.end("b")
    _tell(t, stream)


def _source(chunk: bytes) -> Readable:
    source = Readable(read=lambda _: None)
    source.push(chunk)
    source.push(None)
    return source


def pipe_two_sources_one_after_another(t: Role) -> None:
    stream = write(t)
    first = _source(b"one, ")
    first.pipe(stream, end=False)
    first.on("end", lambda: _source(b"two").pipe(stream))
    _tell(t, stream)


def pipeline_whose_source_fails(t: Role) -> None:
    stream = write(t)
    source = PassThrough()
    pipeline(source, stream, callback=t.callback("over"))
    source.write("abc")
    stream.on("ready", lambda: t.until(lambda: stream.bytes_written == 3, lambda: source.destroy(Exception("source"))))
    _tell(t, stream)


def finished_with_a_file(t: Role) -> None:
    stream = write(t)
    finished(stream, t.callback("finished"))
    stream.end("x")
