"""Duplex and Transform: what one side is to the other. Marks and modes of each, one that is missing, one that fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, PassThrough, Transform
from tests.node.sinks import BOTH, hook

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback

MODES = ("readable_object_mode", "writable_object_mode")
MARKS = ("readable_high_water_mark", "writable_high_water_mark")
ROOM = ("readable_length", "writable_length", "writable_need_drain")


def _duplex(t: Role, *also: str, **options: Any) -> Duplex:
    hooks = {"read": lambda size: None, "write": hook(t, "write", "sync")}
    stream: Duplex = t.watch(Duplex(**{**hooks, **options}), "stream", *also)
    return stream


def _write(t: Role, stream: Duplex, *values: Any) -> None:
    for value in values:
        t.log("returned", stream.write(value, t.callback("written")))
    t.state("room", stream, *ROOM)


# -- marks ------------------------------------------------------------------------------------------------------------


def _marks(t: Role, **options: Any) -> None:
    stream = t.watch(PassThrough(**options), "stream", "drain")
    _write(t, stream, "a", "b")

    def later() -> None:
        t.log("read", stream.read())
        t.state("later", stream, *ROOM)
        stream.on("data", lambda chunk: t.log("data", chunk))
        stream.end("c", t.callback("ended"))

    t.turns(3, later)


def marks_of_zero(t: Role) -> None:
    _marks(t, high_water_mark=0)


def readable_mark_of_zero(t: Role) -> None:
    _marks(t, readable_high_water_mark=0)


def writable_mark_of_zero(t: Role) -> None:
    _marks(t, writable_high_water_mark=0)


def marks_of_one(t: Role) -> None:
    _marks(t, high_water_mark=1)


def readable_mark_of_one(t: Role) -> None:
    _marks(t, readable_high_water_mark=1)


def writable_mark_of_one(t: Role) -> None:
    _marks(t, writable_high_water_mark=1)


def readable_mark_of_zero_beside_a_writable_one(t: Role) -> None:
    t.state("marks", Transform(readable_high_water_mark=0, writable_high_water_mark=7), *MARKS)


def mark_of_zero_leaves_the_writable_one(t: Role) -> None:
    stream = Transform(high_water_mark=0, readable_high_water_mark=3, writable_high_water_mark=7)
    t.state("marks", stream, *MARKS)


def mark_of_zero_in_object_mode(t: Role) -> None:
    stream = t.watch(PassThrough(object_mode=True, high_water_mark=0), "stream", "drain")
    _write(t, stream, "a", "b")

    def later() -> None:
        stream.on("data", lambda chunk: t.log("data", chunk))
        stream.end(t.callback("ended"))

    t.turns(3, later)


# -- object mode on one side ------------------------------------------------------------------------------------------


def objects_in(t: Role) -> None:
    def transform(chunk: Any, encoding: str, callback: Callback) -> None:
        callback(None, json.dumps(chunk))

    stream = t.watch(Transform(writable_object_mode=True, transform=transform), "stream", "chunk")
    t.state("modes", stream, *MODES)
    _write(t, stream, 1, [2])
    stream.end(t.callback("ended"))


def objects_in_that_are_no_bytes_out(t: Role) -> None:
    stream = t.watch(PassThrough(writable_object_mode=True), "stream", "chunk")
    t.attempt("write", lambda: stream.write(5, t.callback("written")))


def objects_out(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        for byte in chunk:
            t.log("push", stream.push(byte))
        callback(None, [len(chunk)])

    def later() -> None:
        stream.on("data", lambda chunk: t.log("data", chunk))
        stream.end(t.callback("ended"))

    options: dict[str, Any] = {"readable_object_mode": True, "readable_high_water_mark": 2}
    stream = t.watch(Transform(transform=transform, **options), "stream")
    t.state("modes", stream, *MODES)
    _write(t, stream, "abc", "d")
    t.turns(3, later)


def objects_out_of_a_duplex(t: Role) -> None:
    stream = _duplex(t, "chunk", readable_object_mode=True)
    stream.push(0)
    stream.push("")
    stream.push(["x"])
    t.attempt("write", lambda: stream.write(0))
    stream.end("a")
    stream.push(None)


# -- a side that is missing -------------------------------------------------------------------------------------------


def write_without_a_writable_side(t: Role) -> None:
    stream = _duplex(t, writable=False)
    t.state("new", stream, *BOTH)
    t.log("returned", stream.write("a", t.callback("a")))
    stream.on("error", lambda _: t.state("failed", stream, *BOTH))


def end_without_a_writable_side(t: Role) -> None:
    stream = _duplex(t, writable=False)
    stream.end(t.callback("ended"))
    t.state("ended", stream, *BOTH)


def read_without_a_readable_side(t: Role) -> None:
    stream = _duplex(t, "chunk", "readable", readable=False)
    t.state("new", stream, *BOTH)
    t.log("read", stream.read())
    t.turns(3, lambda: stream.end("a", t.callback("ended")))


def push_without_a_readable_side(t: Role) -> None:
    stream = _duplex(t, readable=False)
    t.log("push", stream.push("x"))
    t.turns(3, stream.destroy)


def push_the_end_without_a_readable_side(t: Role) -> None:
    stream = _duplex(t, readable=False)
    t.log("push", stream.push(None))
    t.turns(3, lambda: stream.end(t.callback("ended")))


def neither_side(t: Role) -> None:
    stream = _duplex(t, readable=False, writable=False)
    t.state("new", stream, *BOTH)
    stream.resume()

    def later() -> None:
        t.state("later", stream, *BOTH)
        stream.destroy()

    t.turns(3, later)


def only_readable_then_ends(t: Role) -> None:
    stream = _duplex(t, "chunk", writable=False, final=hook(t, "final", "sync"))
    stream.push("x")
    stream.push(None)
    stream.on("end", lambda: t.state("end", stream, *BOTH))


def only_readable_with_allow_half_open_off(t: Role) -> None:
    stream = _duplex(t, "chunk", writable=False, allow_half_open=False)
    stream.push(None)


def transform_without_a_writable_side(t: Role) -> None:
    stream = t.watch(PassThrough(writable=False), "stream", "chunk")
    t.state("new", stream, *BOTH)
    stream.push("x")
    stream.push(None)


def transform_without_a_readable_side(t: Role) -> None:
    stream = t.watch(PassThrough(readable=False), "stream", "chunk")
    t.state("new", stream, *BOTH)
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


# -- half open --------------------------------------------------------------------------------------------------------


def allow_half_open_off_with_writes_waiting(t: Role) -> None:
    stream = _duplex(t, "chunk", allow_half_open=False, write=hook(t, "write", "turn"))
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.push(None)
    stream.on("end", lambda: t.state("end", stream, *BOTH))


def allow_half_open_off_then_write_in_end(t: Role) -> None:
    stream = _duplex(t, "chunk", allow_half_open=False)
    stream.push(None)
    stream.on("end", lambda: t.log("returned", stream.write("last", t.callback("last"))))


def allow_half_open_off_after_the_fact(t: Role) -> None:
    stream = _duplex(t, "chunk")
    stream.allow_half_open = False
    stream.push(None)


def allow_half_open_off_in_a_transform(t: Role) -> None:
    stream = t.watch(PassThrough(allow_half_open=False), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.push(None)
    t.turns(4, lambda: t.state("later", stream, *BOTH))


def allow_half_open_off_while_corked(t: Role) -> None:
    stream = _duplex(t, "chunk", allow_half_open=False)
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.push(None)


# -- a side that fails ------------------------------------------------------------------------------------------------


def writing_fails_while_reading(t: Role) -> None:
    stream = _duplex(t, "chunk", write=hook(t, "write", "turn", Exception("from write")))
    stream.push("x")
    stream.write("a", t.callback("a"))
    t.turns(3, lambda: t.log("push", stream.push("y")))


def writing_fails_after_end_of_reading(t: Role) -> None:
    stream = _duplex(t, "chunk", write=hook(t, "write", "turn", Exception("from write")))
    stream.push(None)

    def later() -> None:
        stream.end("a", t.callback("ended"))
        t.state("ended", stream, *BOTH)

    t.turns(3, later)
    stream.on("error", lambda _: t.state("failed", stream, *BOTH))


def reading_fails_while_writing(t: Role) -> None:
    def read(size: int) -> None:
        stream.destroy(Exception("from read"))

    def later() -> None:
        stream.resume()
        stream.end(t.callback("ended"))

    stream = _duplex(t, write=hook(t, "write", "turn"), read=read)
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.turns(2, later)


def read_raises_while_writing(t: Role) -> None:
    def read(size: int) -> None:
        raise Exception("from read")

    stream = _duplex(t, write=hook(t, "write", "turn"), read=read)
    stream.write("a", t.callback("a"))
    t.log("read", stream.read())
    stream.end(t.callback("ended"))


def push_after_end_while_writing(t: Role) -> None:
    stream = _duplex(t, "chunk", write=hook(t, "write", "turn"))
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.push(None)
    t.log("push", stream.push("x"))


def finishes_first(t: Role) -> None:
    def finished() -> None:
        t.state("finish", stream, *BOTH)
        stream.push(None)

    stream = _duplex(t, "chunk")
    stream.end("a", t.callback("ended"))
    stream.on("finish", finished)
    stream.on("end", lambda: t.state("end", stream, *BOTH))


def ends_first(t: Role) -> None:
    def ended() -> None:
        t.state("end", stream, *BOTH)
        stream.end("a", t.callback("ended"))

    stream = _duplex(t, "chunk")
    stream.push(None)
    stream.on("end", ended)
    stream.on("finish", lambda: t.state("finish", stream, *BOTH))
