"""Programs of their own: file streams at the limits of a process, and on its standard input."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from sockstream import fs
from sockstream.errors import file_error
from sockstream.stream import pipeline
from tests.node.files import file, write

if TYPE_CHECKING:
    from tests.node.lib import Role


def _limit(name: int, value: int) -> None:
    """Set a soft limit of this process."""
    resource.setrlimit(name, (value, resource.getrlimit(name)[1]))


def _size(t: Role) -> int:
    return Path(t.dir, "copy").stat().st_size


def a_write_over_the_limit_of_a_file(t: Role) -> None:
    _limit(resource.RLIMIT_FSIZE, 100_000)
    stream = write(t)
    stream.write(t.fill(150_000), t.callback("written"))
    stream.end(t.callback("ended"))
    stream.on("close", lambda: t.file_state("state", stream))
    stream.on("close", lambda: t.log("size", _size(t)))


def a_write_at_the_limit_of_a_file(t: Role) -> None:
    _limit(resource.RLIMIT_FSIZE, 100_000)
    stream = write(t)

    def written(error: BaseException | None) -> None:
        t.callback("first")(error)
        stream.write("x", t.callback("second"))

    stream.write(t.fill(100_000), written)
    stream.on("close", lambda: t.log("size", stream.bytes_written, _size(t)))


def a_start_behind_the_limit_of_a_file(t: Role) -> None:
    _limit(resource.RLIMIT_FSIZE, 100_000)
    stream = write(t, start=200_000)
    stream.end("x", t.callback("ended"))
    stream.on("close", lambda: t.log("size", stream.bytes_written, _size(t)))


def the_limit_of_a_file_without_auto_close(t: Role) -> None:
    _limit(resource.RLIMIT_FSIZE, 100_000)
    stream = write(t, auto_close=False)
    stream.write(t.fill(150_000), t.callback("written"))

    def look() -> None:
        t.file_state("state", stream)
        stream.destroy()

    stream.on("error", lambda _: t.turns(3, look))


def a_pipeline_over_the_limit_of_a_file(t: Role) -> None:
    source = fs.create_read_stream(file(t, t.fill(300_000)))
    _limit(resource.RLIMIT_FSIZE, 100_000)
    copy = write(t)
    pipeline(source, copy, callback=t.callback("over"))
    copy.on("close", lambda: t.log("size", copy.bytes_written, _size(t), source.destroyed))


def no_descriptor_is_left(t: Role) -> None:
    t.log("limit", "64 descriptors")
    _limit(resource.RLIMIT_NOFILE, 64)
    taken: list[int] = []

    def take() -> None:
        try:
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as error:
            raise file_error(error, "open") from None

    def again() -> None:
        for fd in taken:
            os.close(fd)
        t.file(fs.create_read_stream("/dev/null"), "again", "chunk")

    t.attempt("all are taken", take)
    t.file(fs.create_read_stream("/dev/null"), "file", "chunk").on("close", again)


def standard_input_stays_open(t: Role) -> None:
    stream = t.file(fs.create_read_stream(None, fd=0), "input", "chunk")
    stream.on("close", lambda: t.file_state("state", stream))
    stream.on("close", lambda: t.log("open", stat.S_ISCHR(os.fstat(0).st_mode)))
