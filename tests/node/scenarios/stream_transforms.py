"""Transform and PassThrough: pushing many, none, late or after answering; flushing; marks, modes and destroying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Transform
from sockstream.timers import next_tick, set_immediate
from tests.node.sinks import BOTH, hook

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback


def _same(chunk: Any, encoding: str, callback: Callback) -> None:
    callback(None, chunk)


def _read(t: Role, *also: str, **options: Any) -> Transform:
    """Return a watched Transform whose 'data' is logged chunk by chunk."""
    stream: Transform = t.watch(Transform(**{"transform": _same, **options}), "stream", "chunk", *also)
    return stream


# -- what a transform pushes ------------------------------------------------------------------------------------------


def pushes_after_answering(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback()
        stream.push(f"after {chunk.decode()}")

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.turns(3, lambda: stream.end(t.callback("ended")))


def pushes_after_the_last_answer(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(None, chunk)
        set_immediate(lambda: t.attempt("push", lambda: stream.push("late")))

    stream = _read(t, transform=transform)
    stream.end("a", t.callback("ended"))


def pushes_many_over_the_mark(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        for text in ("x", "y", "z"):
            t.log("push", stream.push(text))
        callback()

    stream = t.watch(Transform(readable_high_water_mark=2, transform=transform), "stream", "drain")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.state("full", stream, *BOTH)

    def later() -> None:
        t.log("read", stream.read())
        t.state("read", stream, *BOTH)

    t.turns(3, later)


def pushes_some_and_gives_one(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.push("pushed")
        callback(None, chunk)

    stream = _read(t, transform=transform)
    stream.end("a", t.callback("ended"))


def pushes_late_and_many(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        def second() -> None:
            stream.push(chunk)
            callback(None, chunk)

        def first() -> None:
            stream.push(chunk)
            set_immediate(second)

        set_immediate(first)

    stream = _read(t, readable_high_water_mark=1, transform=transform)
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))


def pushes_empty_chunks(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.push("")
        callback(None, b"")

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))


def pushes_text_in_an_encoding(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.push("6162", "hex")
        callback(None, "é")

    stream = _read(t, transform=transform)
    stream.end("a")


def reads_as_text(t: Role) -> None:
    stream = _read(t, encoding="utf8")
    stream.set_encoding("utf8")
    stream.write(b"\xc3")
    stream.write(b"\xa9\xe2")
    stream.end(t.callback("ended"))


# -- answering badly --------------------------------------------------------------------------------------------------


def answers_twice(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(None, "once")
        callback(None, "twice")

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))


def answers_twice_later(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        def later() -> None:
            callback(None, "once")
            callback(None, "twice")

        set_immediate(later)

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))


def answers_then_fails(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(None, chunk)
        callback(Exception("after all"))

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))


def fails_after_pushing(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.push("pushed")
        callback(Exception("from transform"), "not pushed")

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    t.state("failed", stream, *BOTH)


def fails_at_the_second(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        if chunk == b"b":
            callback(Exception("from b"))
        else:
            callback(None, chunk)

    stream = _read(t, transform=transform)
    for text in ("a", "b", "c"):
        t.log("returned", stream.write(text, t.callback(text)))


def fails_with_auto_destroy_off(t: Role) -> None:
    stream = _read(t, auto_destroy=False, transform=hook(t, "transform", "turn", Exception("from transform")))
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))

    def later() -> None:
        t.state("later", stream, *BOTH)
        stream.destroy()

    t.turns(4, later)


def never_answers(t: Role) -> None:
    stream = _read(t, transform=hook(t, "transform", "never"))
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))

    def later() -> None:
        t.state("waiting", stream, *BOTH)
        stream.destroy()

    t.turns(3, later)


def destroys_itself(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.destroy()
        callback(None, chunk)

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))


def destroyed_while_transforming(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        def later() -> None:
            t.log("push", stream.push("late"))
            callback(None, chunk)

        set_immediate(later)

    stream = _read(t, transform=transform)
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    next_tick(lambda: stream.destroy(Exception("enough")))


def destroyed_while_a_write_is_held(t: Role) -> None:
    stream = t.watch(Transform(readable_high_water_mark=1, transform=_same), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))

    def later() -> None:
        t.state("held", stream, *BOTH)
        stream.destroy()
        t.log("read", stream.read())

    t.turns(2, later)


# -- flush ------------------------------------------------------------------------------------------------------------


def flush_raises(t: Role) -> None:
    def flush(callback: Callback) -> None:
        raise Exception("from flush")

    def end() -> None:
        stream.end("a", t.callback("ended"))

    stream = _read(t, flush=flush)
    t.attempt("end", end)


def flush_twice(t: Role) -> None:
    def flush(callback: Callback) -> None:
        callback(None, "x")
        callback(None, "y")

    stream = _read(t, flush=flush)
    stream.end("a", t.callback("ended"))


def flush_never_then_destroyed(t: Role) -> None:
    stream = _read(t, flush=hook(t, "flush", "never"))
    stream.end("a", t.callback("ended"))

    def later() -> None:
        t.state("waiting", stream, *BOTH)
        stream.destroy()

    t.turns(3, later)


def flush_destroys(t: Role) -> None:
    def flush(callback: Callback) -> None:
        stream.destroy(Exception("from flush"))
        callback(None, "x")

    stream = _read(t, flush=flush)
    stream.end("a", t.callback("ended"))


def flush_pushes_many_over_the_mark(t: Role) -> None:
    def flush(callback: Callback) -> None:
        for text in ("x", "y"):
            t.log("push", stream.push(text))
        callback(None, "z")

    def later() -> None:
        t.state("waiting", stream, *BOTH)
        stream.on("data", lambda chunk: t.log("data", chunk))

    stream = t.watch(Transform(readable_high_water_mark=1, transform=_same, flush=flush), "stream")
    stream.end("a", t.callback("ended"))
    t.turns(3, later)


def flush_after_end_of_reading(t: Role) -> None:
    stream = _read(t, flush=hook(t, "flush", "sync", None, "too late"))
    stream.push(None)
    stream.end(t.callback("ended"))


def flush_without_any_write(t: Role) -> None:
    stream = _read(t, "prefinish", flush=hook(t, "flush", "turn", None, "all"))
    stream.end(t.callback("ended"))
    t.log("sync")


def flush_together_with_final(t: Role) -> None:
    flush = hook(t, "flush", "turn", None, "from flush")
    stream = _read(t, "prefinish", final=hook(t, "final", "turn"), flush=flush)
    stream.end("a", t.callback("ended"))


def flush_fails_together_with_final(t: Role) -> None:
    flush = hook(t, "flush", "sync", Exception("from flush"))
    stream = _read(t, "prefinish", final=hook(t, "final", "sync"), flush=flush)
    stream.end("a", t.callback("ended"))


def final_fails_together_with_flush(t: Role) -> None:
    final = hook(t, "final", "sync", Exception("from final"))
    stream = _read(t, final=final, flush=hook(t, "flush", "sync"))
    stream.end("a", t.callback("ended"))


# -- PassThrough ------------------------------------------------------------------------------------------------------


def pass_through_of_empty_chunks(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream", "chunk")
    stream.write("", t.callback("first"))
    stream.write(b"", t.callback("second"))
    stream.end("", t.callback("ended"))


def pass_through_of_empty_objects(t: Role) -> None:
    stream = t.watch(PassThrough(object_mode=True), "stream", "chunk")
    for value in ("", 0, False):
        stream.write(value)
    stream.end(t.callback("ended"))


def pass_through_without_any_write(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream", "chunk", "prefinish")
    stream.end(t.callback("ended"))
    t.state("ended", stream, *BOTH)
