"""File streams that are closed, destroyed or aborted: before they are open, while they open, read or write, later."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import AbortController, AbortSignal, fs
from sockstream.errors import file_error
from sockstream.timers import next_tick
from tests.node.files import closes, content, fifo, file, read, read_from, write

if TYPE_CHECKING:
    from sockstream.fs import ReadStream, WriteStream
    from tests.node.lib import Role


def _read_pipe(t: Role, **options: Any) -> ReadStream:
    """Return a watched stream on a named pipe: it opens at once, and what it reads comes when somebody writes it."""
    return read_from(t, fifo(t), flags="r+", **options)


def _descriptor(stream: ReadStream) -> int:
    assert stream.fd is not None
    return stream.fd


def _tell(t: Role, stream: WriteStream) -> None:
    """Log what the file holds when it has closed."""
    stream.on("close", lambda: t.log("content", content(t)))


# -- close() of what is read ------------------------------------------------------------------------------------------


def close_before_open(t: Role) -> None:
    stream = read(t)
    stream.close(t.callback("closed"))
    t.log("returns", True)
    t.file_state("at once", stream)
    stream.on("open", lambda _: t.file_state("in open", stream))
    stream.on("close", lambda: t.file_state("in close", stream))


def close_in_open(t: Role) -> None:
    stream = read(t)
    stream.on("open", lambda _: stream.close(t.callback("closed")))


def close_in_ready(t: Role) -> None:
    stream = read(t)
    stream.on("ready", lambda: stream.close())


def close_between_chunks(t: Role) -> None:
    stream = read(t, high_water_mark=2)

    @stream.once("data")
    def _(_: object) -> None:
        stream.close(t.callback("closed"))
        t.file_state("at once", stream)


def close_in_end(t: Role) -> None:
    stream = read(t)

    @stream.on("end")
    def _() -> None:
        stream.close(t.callback("first"))
        stream.close(t.callback("second"))


def close_in_close(t: Role) -> None:
    stream = read(t)
    stream.on("close", lambda: stream.close(t.callback("closed")))


def _close_later(t: Role, stream: ReadStream | WriteStream) -> None:
    """Close a stream two turns after its 'close'."""
    release = t.hold()

    def closed(error: BaseException | None) -> None:
        t.callback("closed")(error)
        release()

    stream.on("close", lambda: t.turns(2, lambda: stream.close(closed)))


def close_after_close(t: Role) -> None:
    _close_later(t, read(t))


def close_twice_at_once(t: Role) -> None:
    stream = read(t)
    stream.close(t.callback("first"))
    stream.close(t.callback("second"))


def close_without_auto_close(t: Role) -> None:
    stream = read(t, auto_close=False)
    stream.on("end", lambda: t.turns(3, lambda: stream.close(t.callback("closed"))))


def close_a_descriptor(t: Role) -> None:
    stream = read_from(t, None, fd=os.open(file(t), os.O_RDONLY))
    stream.close(t.callback("closed"))
    stream.on("close", lambda: t.file_state("in close", stream))


def close_while_a_read_is_in_flight(t: Role) -> None:
    stream = _read_pipe(t)

    def close() -> None:
        fd = _descriptor(stream)
        stream.close(t.callback("closed"))
        t.file_state("closing", stream)
        t.turns(3, lambda: write_late(fd))

    def write_late(fd: int) -> None:
        t.log("still there", stat.S_ISFIFO(os.fstat(fd).st_mode))
        os.write(fd, b"late")

    stream.on("ready", lambda: t.turns(3, close))
    stream.on("close", lambda: t.file_state("in close", stream))


# -- destroy() of what is read ----------------------------------------------------------------------------------------


def destroy_before_open(t: Role) -> None:
    stream = read(t)
    t.log("returns it", stream.destroy() is stream)


def destroy_before_open_with_an_error(t: Role) -> None:
    stream = read(t)
    stream.destroy(Exception("mine"))
    t.file_state("at once", stream, "errored")


def destroy_on_the_next_tick(t: Role) -> None:
    stream = read(t)
    next_tick(stream.destroy)


def destroy_while_it_opens(t: Role) -> None:
    path = fifo(t)
    stream = read_from(t, path)

    def destroy() -> None:
        stream.destroy()
        t.file_state("opening", stream)
        t.turns(3, write_now)

    def write_now() -> None:
        t.file_state("still opening", stream)
        closes(t, fs.create_write_stream(path)).end()

    t.turns(3, destroy)


def destroy_twice(t: Role) -> None:
    stream = read(t)

    @stream.on("ready")
    def _() -> None:
        stream.destroy(Exception("first"))
        stream.destroy(Exception("second"))


def destroy_in_data(t: Role) -> None:
    stream = read(t, high_water_mark=4)
    stream.on("data", lambda _: stream.destroy())
    stream.on("close", lambda: t.file_state("state", stream, "readable_aborted"))


def destroy_in_end(t: Role) -> None:
    stream = read(t)
    stream.on("end", lambda: stream.destroy(Exception("mine")))


def destroy_in_close(t: Role) -> None:
    stream = read(t)
    stream.on("close", lambda: stream.destroy(Exception("mine")))


def destroy_while_it_fails_to_open(t: Role) -> None:
    read_from(t, f"{t.dir}/missing").destroy()


def destroy_with_an_error_while_it_fails_to_open(t: Role) -> None:
    read_from(t, f"{t.dir}/missing").destroy(Exception("mine"))


def destroy_while_a_read_is_in_flight(t: Role) -> None:
    stream = _read_pipe(t)

    def destroy() -> None:
        fd = _descriptor(stream)
        stream.destroy(Exception("mine"))
        t.turns(3, lambda: os.write(fd, b"late"))

    stream.on("ready", lambda: t.turns(3, destroy))
    stream.on("close", lambda: t.file_state("in close", stream))


def destroy_while_a_read_fails(t: Role) -> None:
    stream = read_from(t, t.dir)
    stream.on("ready", lambda: next_tick(stream.destroy))


def destroy_without_auto_close(t: Role) -> None:
    stream = read(t, auto_close=False)
    stream.on("open", lambda _: stream.destroy())
    stream.on("close", lambda: t.file_state("state", stream))


def destroy_a_descriptor_without_auto_close(t: Role) -> None:
    fd = os.open(file(t), os.O_RDONLY)
    stream = read_from(t, None, fd=fd, auto_close=False)
    stream.destroy()

    @stream.on("close")
    def _() -> None:
        t.file_state("state", stream)
        t.attempt("is closed", lambda: _close(fd))


def _close(fd: int) -> None:
    try:
        os.close(fd)
    except OSError as error:
        raise file_error(error, "close") from None


# -- close() of what is written ---------------------------------------------------------------------------------------


def close_writes_what_waits(t: Role) -> None:
    stream = write(t)
    stream.write("abc", t.callback("written"))
    stream.close(t.callback("closed"))
    t.log("returns", True)
    t.file_state("at once", stream, "writable_ended")
    _tell(t, stream)


def close_a_new_one(t: Role) -> None:
    stream = write(t)
    stream.close(t.callback("closed"))
    _tell(t, stream)


def close_what_is_written_twice(t: Role) -> None:
    stream = write(t)
    stream.close(t.callback("first"))
    stream.close(t.callback("second"))


def close_after_end(t: Role) -> None:
    stream = write(t)
    stream.end("abc", t.callback("ended"))
    stream.close(t.callback("closed"))


def close_in_finish(t: Role) -> None:
    stream = write(t)
    stream.end("abc")
    stream.on("finish", lambda: stream.close(t.callback("closed")))


def close_in_the_close(t: Role) -> None:
    stream = write(t)
    stream.end("abc")
    stream.on("close", lambda: stream.close(t.callback("closed")))


def close_after_all(t: Role) -> None:
    stream = write(t)
    stream.end("abc")
    _close_later(t, stream)


def close_what_is_corked(t: Role) -> None:
    stream = write(t)
    stream.cork()
    stream.write("a")
    stream.close(t.callback("closed"))
    _tell(t, stream)


def write_after_close(t: Role) -> None:
    stream = write(t)
    stream.write("a")
    stream.close()
    t.log("returns", stream.write("b", t.callback("written")))


def close_what_is_written_without_auto_close(t: Role) -> None:
    stream = write(t, auto_close=False)
    stream.write("a")
    stream.close(t.callback("closed"))


def close_twice_without_auto_close(t: Role) -> None:
    stream = write(t, auto_close=False)
    stream.write("a")
    stream.close(t.callback("first"))
    stream.close(t.callback("second"))


def close_after_destroy(t: Role) -> None:
    stream = write(t)
    stream.write("a", t.callback("written"))
    stream.destroy()
    stream.close(t.callback("closed"))


# -- destroy() of what is written -------------------------------------------------------------------------------------


def destroy_drops_what_waits(t: Role) -> None:
    stream = write(t)
    stream.write("a", t.callback("first"))
    stream.write("b", t.callback("second"))
    stream.destroy()
    t.file_state("at once", stream, "writable_length")
    _tell(t, stream)


def destroy_after_end(t: Role) -> None:
    stream = write(t)
    stream.end("a", t.callback("ended"))
    stream.destroy(Exception("mine"))


def destroy_in_open(t: Role) -> None:
    stream = write(t)
    stream.write("a", t.callback("written"))
    stream.on("open", lambda _: stream.destroy())
    stream.on("close", lambda: t.log("content", stream.bytes_written, content(t)))


def _take_all(t: Role, fd: int, size: int) -> None:
    """Read so many bytes, then close the descriptor."""
    closes(t, fs.create_read_stream(None, fd=fd, end=size - 1)).resume()


def destroy_while_a_write_is_in_flight(t: Role) -> None:
    path = fifo(t)
    # More than a pipe holds: the write waits for a reader.
    reader = os.open(path, os.O_RDWR)
    stream = t.file(fs.create_write_stream(path), "pipe")
    stream.write(t.fill(200_000), t.callback("first"))
    stream.write("b", t.callback("second"))

    def destroy() -> None:
        stream.destroy()
        t.file_state("at once", stream, "writable_length")
        t.turns(3, read_all)

    def read_all() -> None:
        t.file_state("in flight", stream)
        _take_all(t, reader, 200_000)

    stream.on("ready", lambda: t.turns(3, destroy))
    stream.on("close", lambda: t.file_state("in close", stream))


def end_while_a_write_is_in_flight(t: Role) -> None:
    path = fifo(t)
    reader = os.open(path, os.O_RDWR)
    stream = t.file(fs.create_write_stream(path), "pipe")
    stream.write(t.fill(200_000), t.callback("first"))

    def end() -> None:
        stream.end("b", t.callback("ended"))
        t.file_state("at once", stream, "writable_length")
        _take_all(t, reader, 200_001)

    stream.on("ready", lambda: t.turns(3, end))
    stream.on("close", lambda: t.file_state("in close", stream))


def destroy_in_finish(t: Role) -> None:
    stream = write(t)
    stream.end("a")
    stream.on("finish", lambda: stream.destroy(Exception("mine")))


def destroy_in_a_writes_callback(t: Role) -> None:
    stream = write(t)
    stream.write("a", lambda _: stream.destroy(Exception("mine")))
    stream.write("b", t.callback("second"))


def destroy_what_cannot_be_opened(t: Role) -> None:
    stream = t.file(fs.create_write_stream(f"{t.dir}/missing/copy"), "copy")
    stream.write("a", t.callback("written"))
    stream.destroy()


def destroy_while_the_disk_is_full(t: Role) -> None:
    stream = t.file(fs.create_write_stream("/dev/full"), "copy")
    stream.write("a", t.callback("written"))
    stream.on("ready", lambda: next_tick(stream.destroy))


# -- signals ----------------------------------------------------------------------------------------------------------


def abort_before(t: Role) -> None:
    # Node opens the file when all is over, for nobody.
    t.file(fs.create_read_stream(file(t), signal=AbortSignal.abort()), "file", "-open", "-ready")


def abort_before_writing(t: Role) -> None:
    path = Path(t.dir, "copy")
    stream = t.file(fs.create_write_stream(path, signal=AbortSignal.abort()), "copy", "-open", "-ready")
    stream.write("a", t.callback("written"))
    stream.on("close", lambda: t.log("exists", path.exists()))


def abort_before_open(t: Role) -> None:
    controller = AbortController()
    read(t, signal=controller.signal)
    controller.abort()


def abort_in_open(t: Role) -> None:
    controller = AbortController()
    read(t, signal=controller.signal).on("open", lambda _: controller.abort())


def abort_between_chunks(t: Role) -> None:
    controller = AbortController()
    stream = read(t, signal=controller.signal, high_water_mark=4)
    stream.once("data", lambda _: controller.abort(Exception("reason")))
    stream.on("close", lambda: t.file_state("state", stream))


def abort_while_a_read_is_in_flight(t: Role) -> None:
    controller = AbortController()
    stream = _read_pipe(t, signal=controller.signal)

    def abort() -> None:
        fd = _descriptor(stream)
        controller.abort()
        t.turns(3, lambda: os.write(fd, b"late"))

    stream.on("ready", lambda: t.turns(3, abort))


def abort_after_the_end(t: Role) -> None:
    controller = AbortController()
    read(t, signal=controller.signal).on("close", lambda: controller.abort())


def abort_with_writes_waiting(t: Role) -> None:
    controller = AbortController()
    stream = write(t, signal=controller.signal)
    stream.write("a", t.callback("written"))
    stream.end(t.callback("ended"))
    controller.abort()
    _tell(t, stream)


def abort_after_finish(t: Role) -> None:
    controller = AbortController()
    stream = write(t, signal=controller.signal)
    stream.end("a")
    stream.on("finish", lambda: controller.abort())


def abort_a_missing_file(t: Role) -> None:
    controller = AbortController()
    read_from(t, f"{t.dir}/missing", signal=controller.signal)
    controller.abort()


def bad_signals(t: Role) -> None:
    text: Any = "x"
    number: Any = 5
    t.attempt("text", lambda: fs.create_read_stream("/dev/null", signal=text))
    t.attempt("number", lambda: fs.create_write_stream("/dev/null", signal=number))
