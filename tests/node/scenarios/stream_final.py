"""Writable: its beginning and its end: construct, final, destroying, and the options that switch that off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


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


def final_sync(t: Role) -> None:
    def final(callback: Callback) -> None:
        t.log("final")
        callback()

    stream = t.watch(_sink(t, "sync", final=final), "stream")
    stream.on("prefinish", lambda: t.log("prefinish"))
    stream.write("a")
    stream.end(t.callback("ended"))
    t.log("sync")


def final_later(t: Role) -> None:
    def final(callback: Callback) -> None:
        t.log("final", stream.writable_finished, stream.writable_ended)
        set_immediate(callback)

    stream = t.watch(_sink(t, "turn", final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_fails(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", final=lambda callback: callback(Exception("from final"))), "stream")
    stream.end("a", t.callback("ended"))


def final_fails_later(t: Role) -> None:
    def final(callback: Callback) -> None:
        set_immediate(lambda: callback(Exception("from final")))

    stream = t.watch(_sink(t, "sync", final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_throws(t: Role) -> None:
    def final(callback: Callback) -> None:
        raise Exception("from final")

    stream = t.watch(_sink(t, "sync", final=final), "stream")
    t.attempt("end", lambda: stream.end("a", t.callback("ended")) is stream)


def final_calls_twice(t: Role) -> None:
    def final(callback: Callback) -> None:
        callback()
        callback()

    stream = t.watch(_sink(t, "sync", final=final), "stream")
    stream.end(t.callback("ended"))


def construct_then_write(t: Role) -> None:
    def construct(callback: Callback) -> None:
        def later() -> None:
            t.log("constructed")
            callback()

        t.log("construct")
        set_immediate(later)

    stream = t.watch(_sink(t, "sync", construct=construct), "stream")
    t.log("returned", stream.write("a", t.callback("written")))
    t.state("state", stream, "writable_length")
    stream.end(t.callback("ended"))


def construct_fails(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", construct=lambda callback: callback(Exception("from construct"))), "stream")
    stream.write("a", t.callback("written"))
    stream.end(t.callback("ended"))


def construct_throws(t: Role) -> None:
    def construct(callback: Callback) -> None:
        raise Exception("from construct")

    stream = t.watch(_sink(t, "sync", construct=construct), "stream")
    stream.write("a", t.callback("written"))


def auto_destroy_off(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", auto_destroy=False), "stream")
    stream.end("a")
    t.turns(5, lambda: t.state("later", stream, "destroyed", "writable_finished", "closed"))


def emit_close_off(t: Role) -> None:
    stream = t.watch(_sink(t, "sync", emit_close=False), "stream")
    stream.end("a")
    t.turns(5, lambda: t.state("later", stream, "destroyed", "writable_finished", "closed"))


def error_with_auto_destroy_off(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback(Exception("from write") if chunk == b"bad" else None)

    def later() -> None:
        t.state("later", stream, "destroyed", "errored", "writable")
        t.attempt("write", lambda: stream.write("good", t.callback("good")))

    stream = t.watch(Writable(auto_destroy=False, write=write), "stream")
    stream.write("bad", t.callback("bad"))
    t.turns(3, later)


def destroy_while_writing(t: Role) -> None:
    stream = t.watch(_sink(t, "turn"), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))
    stream.destroy()


def destroy_with_error_while_writing(t: Role) -> None:
    stream = t.watch(_sink(t, "turn"), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))
    stream.destroy(Exception("enough"))
