"""Duplex, Transform and PassThrough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, PassThrough, Transform
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _echo(**options: Any) -> Duplex:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        stream.push(chunk)
        callback()

    def final(callback: Callback) -> None:
        stream.push(None)
        callback()

    stream = Duplex(**{"read": lambda size: None, "write": write, "final": final, **options})
    return stream


def _same(chunk: Any, encoding: str, callback: Callback) -> None:
    callback(None, chunk)


def _fail(*_: Any) -> None:
    raise Exception("from transform")


def duplex_echoes(t: Role) -> None:
    stream = t.watch(_echo(), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    t.log("sync")


def allow_half_open_off(t: Role) -> None:
    stream = t.watch(_echo(allow_half_open=False, final=None), "stream", "chunk")
    stream.push("last")
    stream.push(None)
    t.state("state", stream, "allow_half_open")


def allow_half_open_on(t: Role) -> None:
    stream = t.watch(_echo(final=None), "stream", "chunk")
    stream.push("last")
    stream.push(None)

    def later() -> None:
        t.state("later", stream, "destroyed", "writable", "readable", "allow_half_open")
        stream.end()

    t.turns(5, later)


def readable_side_ends_after_writable(t: Role) -> None:
    stream = t.watch(_echo(final=None), "stream", "chunk")
    stream.end("x")

    def later() -> None:
        t.state("later", stream, "destroyed", "writable_finished", "readable_ended")
        stream.push(None)

    t.turns(5, later)


def duplex_without_readable_side(t: Role) -> None:
    stream = t.watch(_echo(readable=False, final=None), "stream")
    t.state("state", stream, "readable", "writable")
    stream.end()


def duplex_without_writable_side(t: Role) -> None:
    stream = t.watch(_echo(writable=False), "stream", "chunk")
    t.state("state", stream, "readable", "writable")
    stream.push("x")
    stream.push(None)


def marks_of_both_sides(t: Role) -> None:
    stream = _echo(readable_high_water_mark=3, writable_high_water_mark=5, readable_object_mode=True)
    marks = ("readable_high_water_mark", "writable_high_water_mark")
    t.state("state", stream, *marks, "readable_object_mode", "writable_object_mode")
    t.state("both", _echo(high_water_mark=7, readable_high_water_mark=3), *marks)


def duplex_destroyed_in_the_middle(t: Role) -> None:
    stream = t.watch(_echo(), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.once("data", lambda chunk: stream.destroy(Exception("enough")))
    stream.end("b", t.callback("ended"))


def construct_of_a_duplex_runs_once(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.log("construct")
        set_immediate(callback)

    stream = t.watch(_echo(construct=construct), "stream", "chunk")
    stream.end("x")


def transform_upper_case(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("transform", chunk, encoding)
        callback(None, chunk.decode().upper())

    stream = t.watch(Transform(transform=transform), "stream", "chunk")
    stream.write("abc", t.callback("written"))
    stream.end("def", t.callback("ended"))
    t.log("sync")


def transform_pushes_many(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        for byte in chunk:
            stream.push(bytes([byte]))
        callback()

    stream = Transform(transform=transform)
    t.watch(stream, "stream", "chunk")
    stream.end("abc")


def transform_pushes_none(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("transform", chunk)
        callback()

    def flush(callback: Callback) -> None:
        t.log("flush")
        callback(None, "all of it")

    stream = t.watch(Transform(transform=transform, flush=flush), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))


def transform_pushes_late(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        def later() -> None:
            stream.push(b"<" + chunk + b">")
            callback()

        set_immediate(later)

    stream = Transform(transform=transform)
    t.watch(stream, "stream", "chunk", "drain")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))


def transform_without_a_reader(t: Role) -> None:
    # Nobody reads: it takes what its buffers hold, and no more.
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("transform", chunk)
        callback(None, chunk)

    stream = Transform(readable_high_water_mark=2, writable_high_water_mark=2, transform=transform)
    t.watch(stream, "stream", "drain")
    for text in ("a", "b", "c", "d", "e"):
        t.log("returned", stream.write(text, t.callback(text)))
    t.state("state", stream, "readable_length", "writable_length")

    def later() -> None:
        t.state("later", stream, "readable_length", "writable_length")
        stream.on("data", lambda chunk: t.log("data", chunk))
        stream.end()

    t.turns(5, later)


def transform_fails(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(Exception("from transform"))

    stream = t.watch(Transform(transform=transform), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


def transform_fails_later(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        set_immediate(lambda: callback(Exception("from transform")))

    stream = t.watch(Transform(transform=transform), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))


def transform_throws(t: Role) -> None:
    stream = t.watch(Transform(transform=_fail), "stream", "chunk")
    t.attempt("write", lambda: stream.write("a", t.callback("a")))
    t.turns(3, stream.destroy)


def transform_is_missing(t: Role) -> None:
    stream = t.watch(Transform(), "stream", "chunk")
    t.attempt("write", lambda: stream.write("a", t.callback("a")))


def flush_fails(t: Role) -> None:
    stream = Transform(transform=_same, flush=lambda callback: callback(Exception("from flush")))
    t.watch(stream, "stream", "chunk")
    stream.end("a", t.callback("ended"))


def flush_fails_later(t: Role) -> None:
    def flush(callback: Callback) -> None:
        set_immediate(lambda: callback(Exception("from flush")))

    stream = t.watch(Transform(transform=_same, flush=flush), "stream", "chunk")
    stream.end("a", t.callback("ended"))


def flush_pushes_several(t: Role) -> None:
    def flush(callback: Callback) -> None:
        stream.push("x")
        stream.push("y")
        set_immediate(lambda: callback(None, "z"))

    stream = Transform(transform=_same, flush=flush)
    t.watch(stream, "stream", "chunk")
    stream.end("a", t.callback("ended"))


def final_in_place_of_flush(t: Role) -> None:
    def final(callback: Callback) -> None:
        t.log("final")
        stream.push("from final")
        stream.push(None)
        callback()

    stream = Transform(transform=_same, final=final)
    t.watch(stream, "stream", "chunk")
    stream.end("a", t.callback("ended"))


def transform_in_object_mode(t: Role) -> None:
    def transform(chunk: Any, encoding: str, callback: Callback) -> None:
        callback(None, {"got": chunk})

    stream = t.watch(Transform(object_mode=True, transform=transform), "stream", "chunk")
    stream.write(1)
    stream.write([2])
    stream.end("three")


def transform_to_objects(t: Role) -> None:
    def transform(chunk: Any, encoding: str, callback: Callback) -> None:
        callback(None, {"length": len(chunk)})

    stream = t.watch(Transform(readable_object_mode=True, transform=transform), "stream", "chunk")
    stream.write("abc")
    stream.end("de")


def transform_ends_itself(t: Role) -> None:
    def transform(chunk: Any, encoding: str, callback: Callback) -> None:
        stream.push(chunk)
        stream.push(None)
        callback()

    def later() -> None:
        t.state("later", stream, "destroyed", "readable_ended", "writable_ended")
        stream.destroy()

    stream = Transform(transform=transform)
    t.watch(stream, "stream", "chunk")
    stream.write("a", t.callback("a"))
    t.turns(5, later)


def transform_gives_after_end(t: Role) -> None:
    def transform(chunk: Any, encoding: str, callback: Callback) -> None:
        stream.push(None)
        callback(None, chunk)

    stream = Transform(transform=transform)
    t.watch(stream, "stream", "chunk")
    stream.write("a", t.callback("a"))


def pass_through(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end("c", t.callback("ended"))


def pass_through_with_readable(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream", "readable")
    stream.on("readable", lambda: t.log("got", stream.read()))
    stream.write("a")
    stream.end("b")


def pass_through_destroyed_with_error(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream", "chunk")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    stream.destroy(Exception("enough"))


def pass_through_is_never_read(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    stream.end("a", t.callback("ended"))
    t.turns(
        5,
        lambda: t.state("later", stream, "writable_finished", "readable_length", "destroyed", "readable_ended"),
    )
