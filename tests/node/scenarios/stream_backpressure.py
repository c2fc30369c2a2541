"""Writable: cork, the high-water mark and 'drain', and in which order all of it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate
from tests.node.sinks import hook, sink

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback

ROOM = ("writable_length", "writable_need_drain", "writable_corked")


def _fill(t: Role, stream: Writable, *texts: str) -> None:
    """Write each text, and log what write() returned and how much room is left."""
    for text in texts:
        t.log(text, stream.write(text, t.callback(f"{text} written")))
        t.state("room", stream, *ROOM)


def _batches(t: Role, when: str, **options: Any) -> Writable:
    return sink(t, when, writev=hook(t, "writev", when), **options)


# -- cork -------------------------------------------------------------------------------------------------------------


def cork_nesting_without_writev(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream", "drain")
    stream.cork()
    stream.cork()
    _fill(t, stream, "a")
    stream.uncork()
    _fill(t, stream, "b")
    stream.uncork()
    _fill(t, stream, "c")
    stream.end()


def uncork_too_often(t: Role) -> None:
    stream = t.watch(_batches(t, "sync"), "stream")
    stream.uncork()
    stream.cork()
    stream.uncork()
    stream.uncork()
    _fill(t, stream, "a")
    stream.cork()
    _fill(t, stream, "b")
    stream.uncork()
    t.state("room", stream, *ROOM)


def uncork_returns_nothing(t: Role) -> None:
    stream = sink(t, "sync")
    t.attempt("cork", stream.cork)
    t.attempt("uncork", stream.uncork)


def cork_with_nothing_to_write(t: Role) -> None:
    stream = t.watch(_batches(t, "sync"), "stream")
    stream.cork()
    stream.uncork()
    stream.cork()
    stream.end(t.callback("ended"))
    t.state("room", stream, *ROOM)


def cork_while_a_write_is_in_flight(t: Role) -> None:
    stream = t.watch(_batches(t, "turn"), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.cork()
    stream.write("c", t.callback("c"))

    def later() -> None:
        t.log("uncork")
        stream.uncork()
        stream.end("d", t.callback("ended"))

    t.turns(3, later)


def uncork_while_a_write_is_in_flight(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.write("a", t.callback("a"))
    stream.cork()
    stream.write("b", t.callback("b"))
    stream.uncork()
    t.state("room", stream, *ROOM)
    stream.end(t.callback("ended"))


def cork_in_a_write_callback(t: Role) -> None:
    def uncork() -> None:
        t.log("uncork")
        stream.uncork()

    def written(error: BaseException | None) -> None:
        t.log("a written")
        stream.cork()
        stream.write("b", t.callback("b"))
        stream.write("c", t.callback("c"))
        next_tick(uncork)

    stream = t.watch(_batches(t, "tick"), "stream")
    stream.write("a", written)


def _corks_at_a(t: Role) -> Writable:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        if chunk == b"a":
            stream.cork()
        callback()

    stream: Writable = t.watch(Writable(write=write), "stream")
    return stream


def cork_in_the_hook(t: Role) -> None:
    stream = _corks_at_a(t)
    _fill(t, stream, "a", "b")
    stream.uncork()
    t.state("uncorked", stream, *ROOM)


def cork_in_the_hook_while_uncorking(t: Role) -> None:
    stream = _corks_at_a(t)
    stream.cork()
    _fill(t, stream, "a", "b", "c")
    stream.uncork()
    t.state("uncorked", stream, *ROOM)
    stream.end(t.callback("ended"))


def uncork_in_the_hook(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk, stream.writable_corked)
        stream.uncork()
        callback()

    stream = t.watch(Writable(write=write), "stream")
    stream.write("a", t.callback("a"))
    stream.cork()
    stream.cork()
    stream.write("b", t.callback("b"))
    stream.end("c", t.callback("ended"))


def cork_in_drain(t: Role) -> None:
    def drained() -> None:
        stream.cork()
        _fill(t, stream, "b", "c")
        stream.uncork()
        t.state("uncorked", stream, *ROOM)

    stream = t.watch(sink(t, "sync", high_water_mark=1), "stream", "drain")
    stream.once("drain", drained)
    _fill(t, stream, "a")


def corked_above_the_mark(t: Role) -> None:
    stream = t.watch(_batches(t, "turn", high_water_mark=3), "stream", "drain")
    stream.cork()
    _fill(t, stream, "ab", "cd")

    def later() -> None:
        t.log("uncork")
        stream.uncork()
        t.state("uncorked", stream, *ROOM)

    t.turns(2, later)


def corked_while_drain_is_owed(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    _fill(t, stream, "a")
    stream.cork()

    def later() -> None:
        t.state("later", stream, *ROOM)
        _fill(t, stream, "b")
        stream.uncork()

    t.turns(3, later)


def destroyed_then_uncorked(t: Role) -> None:
    stream = t.watch(_batches(t, "sync"), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.destroy()
    stream.uncork()
    t.state("room", stream, *ROOM)


def destroyed_by_a_write_while_uncorking_then_ended(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.destroy()
        callback()

    stream = t.watch(Writable(write=write), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


# -- the mark and 'drain' ---------------------------------------------------------------------------------------------


def mark_reached_exactly(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=4), "stream", "drain")
    _fill(t, stream, "ab", "c", "d")


def mark_exceeded_by_one_chunk(t: Role) -> None:
    stream = t.watch(sink(t, "tick", high_water_mark=4), "stream", "drain")
    _fill(t, stream, "abcdefgh")
    next_tick(lambda: t.state("tick", stream, *ROOM))


def mark_reached_by_sync_sink(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=2), "stream", "drain")
    _fill(t, stream, "ab", "c", "d")
    next_tick(lambda: t.state("tick", stream, *ROOM))


def mark_zero_with_sync_sink(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=0), "stream", "drain")
    _fill(t, stream, "", "a")
    next_tick(lambda: t.state("tick", stream, *ROOM))


def mark_zero_and_empty_chunks(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=0), "stream", "drain")
    _fill(t, stream, "", "")
    t.turns(3, lambda: _fill(t, stream, "a", ""))


def mark_one_in_object_mode(t: Role) -> None:
    stream = t.watch(sink(t, "turn", object_mode=True, high_water_mark=1), "stream", "drain")
    _fill(t, stream, "a", "")


def mark_zero_in_object_mode(t: Role) -> None:
    stream = t.watch(sink(t, "sync", object_mode=True, high_water_mark=0), "stream", "drain")
    _fill(t, stream, "a")
    t.turns(2, lambda: stream.end("b"))


def empty_chunks_are_written(t: Role) -> None:
    stream = t.watch(sink(t, "tick"), "stream", "drain")
    _fill(t, stream, "", "")
    stream.end(b"", t.callback("ended"))


def huge_chunk(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream", "drain")
    t.log("returned", stream.write(t.fill(1 << 20), t.callback("written")))
    t.state("room", stream, *ROOM)
    stream.write(t.fill(10), t.callback("small"))


def drain_only_when_all_is_written(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=4), "stream", "drain")
    _fill(t, stream, "ab", "cd", "ef")
    stream.on("drain", lambda: t.state("drain", stream, *ROOM))


def drain_comes_before_the_callback(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    stream.write("a", lambda _: t.state("callback", stream, *ROOM))
    stream.on("drain", lambda: t.state("drain", stream, *ROOM))


def drain_is_lost_by_end(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    _fill(t, stream, "a")
    stream.end(t.callback("ended"))
    t.state("ended", stream, *ROOM)


def drain_is_lost_by_destroy(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    _fill(t, stream, "a")
    stream.destroy()
    t.state("destroyed", stream, *ROOM)


def drain_owed_by_some_sync_some_later(t: Role) -> None:
    count = 0

    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        nonlocal count
        t.log("write", chunk)
        count += 1
        if count % 2:
            callback()
        else:
            set_immediate(callback)

    stream = t.watch(Writable(high_water_mark=2, write=write), "stream", "drain")
    _fill(t, stream, "ab", "cd", "ef", "gh")


def drain_once_for_many_writes(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=1), "stream", "drain")
    for text in ("a", "b", "c"):
        t.log("returned", stream.write(text))
    t.turns(2, lambda: t.log("returned", stream.write("d")))


def write_above_the_mark_in_drain(t: Role) -> None:
    left = 2

    def drained() -> None:
        nonlocal left
        if left:
            left -= 1
            _fill(t, stream, f"x{left}")

    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    stream.on("drain", drained)
    _fill(t, stream, "a")


def end_in_drain(t: Role) -> None:
    stream = t.watch(sink(t, "sync", high_water_mark=1), "stream", "drain")
    stream.on("drain", lambda: stream.end("last", t.callback("ended")))
    _fill(t, stream, "a", "b")


def destroy_in_drain(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1), "stream", "drain")
    stream.on("drain", lambda: stream.destroy(Exception("from drain")))
    _fill(t, stream, "a", "b")
