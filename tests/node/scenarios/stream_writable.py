"""Writable: what write() and end() do, and when."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]

STATE = (
    "writable",
    "writable_ended",
    "writable_finished",
    "writable_length",
    "writable_aborted",
    "destroyed",
    "closed",
    "errored",
)


def _sink(t: Role, when: str, **options: Any) -> Writable:
    """Return a Writable that logs and calls back at once, on a tick or a turn later."""

    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk, encoding)
        if when == "sync":
            callback()
        elif when == "tick":
            next_tick(callback)
        else:
            set_immediate(callback)

    return Writable(**{"write": write, **options})


def _nothing(*_: Any) -> None:
    """Take a chunk and never say so."""


def _writes(t: Role, when: str) -> None:
    stream = t.watch(_sink(t, when, high_water_mark=3), "stream", "drain")
    t.log("first", stream.write("ab", t.callback("first written")))
    t.log("second", stream.write("cd", t.callback("second written")))
    t.log("third", stream.write("ef", t.callback("third written")))
    t.state("state", stream, "writable_length", "writable_need_drain")
    stream.end("last", t.callback("ended"))
    t.state("ended", stream, "writable_ended", "writable_finished", "writable")
    next_tick(lambda: t.log("next tick"))
    set_immediate(lambda: t.log("immediate"))


def writes_sync(t: Role) -> None:
    _writes(t, "sync")


def writes_tick(t: Role) -> None:
    _writes(t, "tick")


def writes_turn(t: Role) -> None:
    _writes(t, "turn")


def _drains(t: Role, when: str) -> None:
    stream = t.watch(_sink(t, when, high_water_mark=2), "stream", "drain")
    left = 3

    def more() -> None:
        nonlocal left
        if left == 0:
            stream.end()
            return
        left -= 1
        t.log("returned", stream.write("xy"), stream.writable_need_drain)
        next_tick(lambda: t.log("next tick", stream.writable_need_drain))

    stream.on("drain", more)
    more()


def drains_sync(t: Role) -> None:
    _drains(t, "sync")


def drains_tick(t: Role) -> None:
    _drains(t, "tick")


def drains_turn(t: Role) -> None:
    _drains(t, "turn")


def write_below_the_high_water_mark_does_not_drain(t: Role) -> None:
    stream = t.watch(_sink(t, "turn", high_water_mark=10), "stream", "drain")
    t.log("returned", stream.write("abc"), stream.writable_need_drain)
    t.turns(4, stream.end)


def callback_with_error(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback(Exception("disk full"))

    stream = t.watch(Writable(write=write), "stream", "drain")
    t.log("first", stream.write("a", t.callback("first written")))
    t.log("second", stream.write("b", t.callback("second written")))
    stream.end(t.callback("ended"))
    t.state("state", stream, "errored", "destroyed")


def callback_with_error_later(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(lambda: callback(Exception("disk full")))

    stream = t.watch(Writable(write=write), "stream", "drain")
    t.log("first", stream.write("a", t.callback("first written")))
    t.log("second", stream.write("b", t.callback("second written")))
    stream.end(t.callback("ended"))


def callback_twice(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback()
        t.attempt("again", lambda: callback())

    stream = t.watch(Writable(write=write), "stream")
    stream.write("a", t.callback("written"))


def callback_twice_later(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        def later() -> None:
            callback()
            t.attempt("again", lambda: callback())

        set_immediate(later)

    stream = t.watch(Writable(write=write), "stream")
    stream.write("a", t.callback("written"))


def write_throws(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        raise Exception("from write")

    stream = t.watch(Writable(write=write), "stream")
    t.attempt("write", lambda: stream.write("a", t.callback("written")))
    t.state("state", stream, "destroyed", "errored", "writable_length")
    t.turns(3, stream.destroy)


def write_is_missing(t: Role) -> None:
    stream = t.watch(Writable(), "stream")
    t.attempt("write", lambda: stream.write("a", t.callback("written")))


def write_after_end(t: Role) -> None:
    stream = t.watch(_sink(t, "sync"), "stream")
    stream.end("a", t.callback("ended"))
    t.log("returned", stream.write("too late", t.callback("written")))
    t.state("state", stream, "errored", "destroyed")


def write_after_finish(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", auto_destroy=False), "stream")
    stream.end("a")
    stream.on("finish", lambda: t.log("returned", stream.write("too late", t.callback("written"))))


def write_after_destroy(t: Role) -> None:
    stream = t.watch(_sink(t, "sync"), "stream")
    stream.destroy()
    t.attempt("write", lambda: stream.write("too late", t.callback("written")))
    t.attempt("end", lambda: stream.end(t.callback("ended")) is stream)


def write_wrong_types(t: Role) -> None:
    stream = t.watch(_sink(t, "sync"), "stream")
    values: list[Any] = [None, 5, {}, True, ["x"]]
    for value in values:
        t.attempt("write", partial(stream.write, value))
    t.attempt("encoding", lambda: stream.write("x", "nonsense"))
    t.state("state", stream, "destroyed", "writable_length")
    stream.end()


def write_null_in_object_mode(t: Role) -> None:
    # In object mode the encoding says nothing.
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback()

    stream = t.watch(Writable(object_mode=True, write=write), "stream")
    t.attempt("write", lambda: stream.write(None))
    for value in (0, "", False, {"a": 1}):
        stream.write(value)
    stream.end(5)


def end_twice(t: Role) -> None:
    stream = t.watch(_sink(t, "turn"), "stream")
    stream.end("a", t.callback("first"))
    stream.end(t.callback("second"))
    stream.on("finish", lambda: stream.end(t.callback("third")))
    stream.on("close", lambda: stream.end(t.callback("fourth")))


def end_with_data_twice(t: Role) -> None:
    stream = t.watch(_sink(t, "turn"), "stream")
    stream.end("a", t.callback("first"))
    t.attempt("second", lambda: stream.end("b", t.callback("second")) is stream)


def end_returns_the_stream(t: Role) -> None:
    stream = t.watch(_sink(t, "sync"), "stream")
    t.log("same", stream.end("0a", "hex", t.callback("ended")) is stream)


def encodings(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", default_encoding="latin1"), "stream")
    stream.write("é")
    stream.write("é", "utf8")
    stream.write(b"b")
    t.log("same", stream.set_default_encoding("hex") is stream)
    stream.write("0aff")
    stream.end("ÿ", "latin1")


def strings_as_they_are(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", decode_strings=False), "stream")
    stream.write("é")
    stream.write("é", "latin1")
    stream.write(b"b")
    t.state("state", stream, "writable_length")
    stream.end()


def length_of_strings_as_they_are(t: Role) -> None:
    stream = Writable(decode_strings=False, write=_nothing, high_water_mark=100)
    stream.write("é你")
    t.state("state", stream, "writable_length")
    stream.write("abc")
    t.state("state", stream, "writable_length")


def cork_buffers_until_uncork(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", high_water_mark=4), "stream", "drain")
    stream.cork()
    t.log("first", stream.write("ab", t.callback("first")))
    t.log("second", stream.write("cd", t.callback("second")))
    t.state("corked", stream, "writable_corked", "writable_length", "writable_need_drain")
    stream.uncork()
    t.state("uncorked", stream, "writable_corked", "writable_length", "writable_need_drain")
    stream.uncork()
    t.state("again", stream, "writable_corked")
    stream.end()


def _vectored(t: Role, **options: Any) -> Writable:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(callback)

    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", [each.chunk for each in chunks], [each.encoding for each in chunks])
        set_immediate(callback)

    return Writable(**{"write": write, "writev": writev, **options})


def cork_nesting_with_writev(t: Role) -> None:
    stream = t.watch(_vectored(t), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.cork()
    stream.write("b", t.callback("b"))
    stream.uncork()
    t.state("once", stream, "writable_corked")
    stream.write("c", t.callback("c"))
    stream.uncork()
    t.state("twice", stream, "writable_corked")
    t.log("uncorked")
    stream.end("d", t.callback("ended"))


def writev_takes_what_waits(t: Role) -> None:
    stream = t.watch(_vectored(t), "stream")
    for text in ("a", "b", "c"):
        stream.write(text, t.callback(text))
    stream.end("d", "latin1", t.callback("ended"))


def writev_with_one_chunk(t: Role) -> None:
    stream = t.watch(_vectored(t), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.uncork()
    stream.write("b")
    stream.end()


def writev_alone(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", [each.chunk for each in chunks])
        callback()

    stream = t.watch(Writable(writev=writev), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end()


def writev_fails(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", len(chunks))
        callback(Exception("from writev"))

    stream = t.watch(_vectored(t, writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()
    t.state("state", stream, "errored", "destroyed")


def end_uncorks(t: Role) -> None:
    stream = t.watch(_vectored(t), "stream")
    stream.cork()
    stream.cork()
    stream.write("a")
    stream.end("b", t.callback("ended"))
    t.state("state", stream, "writable_corked")


def cork_on_a_next_tick(t: Role) -> None:
    stream = t.watch(_vectored(t), "stream")
    stream.cork()
    stream.write("a")
    stream.write("b")

    def later() -> None:
        t.log("uncork")
        stream.uncork()
        stream.end()

    next_tick(later)


def write_in_drain(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", high_water_mark=1), "stream")
    left = 3

    @stream.on("drain")
    def _() -> None:
        nonlocal left
        t.log("drain", left)
        left -= 1
        if left > 0:
            t.log("returned", stream.write("x"))
        else:
            stream.end()

    t.log("returned", stream.write("x"))


def write_in_write_callback(t: Role) -> None:
    stream = t.watch(_sink(t, "sync"), "stream")

    def b_written(error: BaseException | None = None) -> None:
        t.log("b written")
        stream.end("c")

    def a_written(error: BaseException | None = None) -> None:
        t.log("a written")
        stream.write("b", b_written)
        t.log("after b")

    stream.write("a", a_written)
    t.log("after a")


def write_in_write(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        if chunk == b"a":
            stream.write("b", t.callback("b"))
        callback()

    stream = t.watch(Writable(write=write), "stream")
    stream.write("a", t.callback("a"))
    t.log("sync")
    stream.end()


def finish_listener_sees_state(t: Role) -> None:
    stream = t.watch(_sink(t, "turn"), "stream")
    t.state("new", stream, *STATE)
    stream.end("a")
    t.state("ended", stream, *STATE)
    stream.on("finish", lambda: t.state("finish", stream, *STATE))
    stream.on("close", lambda: t.state("close", stream, *STATE))


def high_water_mark_zero(t: Role) -> None:
    stream = t.watch(_sink(t, "turn", high_water_mark=0), "stream", "drain")
    t.log("returned", stream.write("a"), stream.writable_high_water_mark)
    stream.once("drain", stream.end)


def object_mode_counts(t: Role) -> None:
    stream = Writable(object_mode=True, high_water_mark=2, write=_nothing)
    t.log("returned", stream.write({"a": 1}), stream.writable_length)
    t.log("returned", stream.write("long text"), stream.writable_length)
    t.state("state", stream, "writable_object_mode", "writable_high_water_mark", "writable_need_drain")
