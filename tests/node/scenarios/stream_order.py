"""Writable: in which order callbacks and events come, and what may be called from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate
from tests.node.sinks import STATE, hook, sink

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback


def _marks(t: Role) -> None:
    """Log what comes next: a tick, a turn."""
    next_tick(lambda: t.log("tick"))
    set_immediate(lambda: t.log("turn"))


def callback_of_sync_writes_is_shared(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=1), "stream", "drain")
    written = t.callback("written")
    for text in ("a", "b", "c"):
        stream.write(text, written)
    _marks(t)


def callback_of_sync_writes_is_shared_by_some(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=1), "stream", "drain")
    shared = t.callback("shared")
    stream.write("a", shared)
    stream.write("b", t.callback("own"))
    stream.write("c", shared)
    stream.write("d", shared)
    stream.write("e")
    stream.end(shared)


def shared_callback_writes_again(t: Role) -> None:
    left = 2

    def written(error: BaseException | None) -> None:
        nonlocal left
        t.log("written", left)
        if left > 0:
            left -= 1
            stream.write("more", written)

    stream = t.watch(sink(t, "sync"), "stream")
    stream.write("a", written)
    stream.write("b", written)


def shared_callback_destroys(t: Role) -> None:
    def written(error: BaseException | None) -> None:
        t.log("written", error)
        stream.destroy()

    stream = t.watch(sink(t, "sync"), "stream")
    stream.write("a", written)
    stream.write("b", written)
    stream.end(t.callback("ended"))


def shared_callback_of_a_later_sink(t: Role) -> None:
    stream = t.watch(sink(t, "tick", high_water_mark=1), "stream", "drain")
    written = t.callback("written")
    for text in ("a", "b", "c"):
        stream.write(text, written)
    _marks(t)


def sync_writes_without_callbacks_then_one_with(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=2), "stream", "drain")
    stream.write("ab")
    stream.write("c", t.callback("c"))
    stream.write("de")
    _marks(t)


def end_of_a_sync_sink(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream", "prefinish")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    _marks(t)


def end_of_a_later_sink(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream", "prefinish")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    _marks(t)


def end_without_anything_written(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream", "prefinish")
    stream.end(t.callback("ended"))
    t.state("ended", stream, *STATE)
    _marks(t)


def failure_of_a_sync_sink(t: Role) -> None:
    stream = t.watch(sink(t, "sync", write=hook(t, "write", "sync", Exception("from write"))), "stream")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))
    _marks(t)


def failure_of_a_later_sink(t: Role) -> None:
    def failed(error: BaseException | None) -> None:
        t.log("a")
        _marks(t)

    stream = t.watch(sink(t, "sync", write=hook(t, "write", "turn", Exception("from write"))), "stream")
    stream.write("a", failed)
    stream.write("b", t.callback("b"))


def end_in_a_callback(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.write("a", lambda _: stream.end(t.callback("ended")))
    stream.write("b", t.callback("b"))


def end_in_the_hook(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        if not stream.writable_ended:
            stream.end("last", t.callback("ended"))
        callback()

    stream = t.watch(Writable(write=write), "stream", "prefinish")
    t.log("returned", stream.write("a", t.callback("a")))


def end_in_the_hook_after_it_has_answered(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback()
        if not stream.writable_ended:
            stream.end(t.callback("ended"))

    stream = t.watch(Writable(write=write), "stream", "prefinish")
    t.log("returned", stream.write("a", t.callback("a")))


def writes_in_the_hook_come_in_their_order(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        text = chunk.decode()
        t.log("write", text)
        if len(text) < 3:
            for more in ("x", "y"):
                stream.write(text + more, t.callback(text + more))
        callback()

    stream = t.watch(Writable(write=write), "stream")
    stream.write("a", t.callback("a"))


def write_in_the_callback_of_end(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a", lambda _: t.log("returned", stream.write("late", t.callback("late"))))


def write_in_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.on("finish", lambda: t.log("returned", stream.write("late", t.callback("late"))))
    stream.end("a", t.callback("ended"))


def end_in_finish(t: Role) -> None:
    def finished() -> None:
        stream.end(t.callback("again"))
        stream.end("late", t.callback("late"))

    stream = t.watch(sink(t, "sync"), "stream")
    stream.on("finish", finished)
    stream.end("a", t.callback("ended"))


def write_in_close(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.on("close", lambda: t.log("returned", stream.write("late", t.callback("late"))))
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.destroy()


def callbacks_of_a_destroyed_stream(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    for text in ("a", "b", "c"):
        stream.write(text, t.callback(text))
    stream.end("d", t.callback("ended"))
    stream.destroy(Exception("enough"))
    _marks(t)
