"""Writable: errors before, during and after its end, and what its properties say at each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, Writable
from sockstream.timers import next_tick, set_immediate
from tests.node.sinks import BOTH, STATE, hook, sink, stages

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback


def _picky(t: Role, when: str, **options: Any) -> Writable:
    """Return a sink that fails at 'bad'."""

    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        error = Exception("from write") if chunk == b"bad" else None
        if when == "sync":
            callback(error)
        else:
            set_immediate(lambda: callback(error))

    return Writable(write=write, **options)


def _state(t: Role, stream: Writable, label: str) -> Callback:
    """Return a callback that logs the state."""
    return lambda _: t.state(label, stream, *STATE)


# -- errors around the end --------------------------------------------------------------------------------------------


def stages_of_a_good_end(t: Role) -> None:
    stream = t.watch(sink(t, "turn", high_water_mark=1, final=hook(t, "final", "turn")), "stream", "prefinish")
    stages(t, stream, "prefinish", "finish", "close")
    stream.write("a", _state(t, stream, "a"))
    stream.end("b", _state(t, stream, "ended"))
    t.state("after end", stream, *STATE)


def stages_of_a_failed_write(t: Role) -> None:
    stream = t.watch(_picky(t, "turn", high_water_mark=1), "stream", "drain")
    stages(t, stream, "error", "close")
    stream.write("bad", _state(t, stream, "bad"))
    stream.write("b", _state(t, stream, "b"))


def stages_of_a_write_that_fails_at_once(t: Role) -> None:
    stream = t.watch(_picky(t, "sync", high_water_mark=1), "stream", "drain")
    stages(t, stream, "error", "close")
    t.log("returned", stream.write("bad", _state(t, stream, "bad")))
    t.state("failed", stream, *STATE)
    t.log("returned", stream.write("b", _state(t, stream, "b")))


def fails_before_end(t: Role) -> None:
    stream = t.watch(_picky(t, "sync"), "stream")
    stream.write("bad", t.callback("bad"))
    stream.end("last", t.callback("ended"))
    t.state("ended", stream, *STATE)


def fails_at_the_chunk_of_end(t: Role) -> None:
    stream = t.watch(_picky(t, "sync"), "stream")
    stream.end("bad", t.callback("ended"))
    t.state("ended", stream, *STATE)


def fails_later_at_the_chunk_of_end(t: Role) -> None:
    stream = t.watch(_picky(t, "turn"), "stream")
    stream.write("a", t.callback("a"))
    stream.end("bad", t.callback("ended"))
    stages(t, stream, "error")


def destroyed_with_error_between_end_and_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a", t.callback("ended"))
    stream.destroy(Exception("enough"))
    stages(t, stream, "error", "close")


def destroyed_between_end_and_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a", t.callback("ended"))
    next_tick(stream.destroy)
    stages(t, stream, "close")


def destroyed_with_error_after_close(t: Role) -> None:
    def later() -> None:
        stream.destroy(Exception("too late"))
        t.state("later", stream, *STATE)

    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a")
    stream.on("close", lambda: t.turns(2, later))


def destroyed_with_error_after_finish_with_auto_destroy_off(t: Role) -> None:
    stream = t.watch(sink(t, "sync", auto_destroy=False), "stream")
    stream.end("a", t.callback("ended"))
    t.turns(3, lambda: stream.destroy(Exception("after all")))
    stages(t, stream, "finish", "error", "close")


# -- too late to write ------------------------------------------------------------------------------------------------


def write_after_end_without_a_callback(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.end("a", t.callback("ended"))
    t.log("returned", stream.write("late"))
    t.state("state", stream, *STATE)


def write_after_end_with_auto_destroy_off(t: Role) -> None:
    stream = t.watch(sink(t, "turn", auto_destroy=False), "stream")
    stream.end("a", t.callback("ended"))
    t.log("returned", stream.write("late", t.callback("late")))
    t.turns(3, lambda: t.state("later", stream, *STATE))


def write_after_finish_and_close(t: Role) -> None:
    def closed() -> None:
        t.log("returned", stream.write("late", t.callback("late")))
        t.log("returned", stream.write("late"))

    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a")
    stream.on("close", closed)


def write_after_destroy_without_a_callback(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.destroy(Exception("enough"))
    t.log("returned", stream.write("late"))
    t.state("state", stream, *STATE)


def write_in_a_failed_state(t: Role) -> None:
    stream = t.watch(_picky(t, "sync", auto_destroy=False), "stream")
    stream.write("bad", t.callback("bad"))
    t.log("returned", stream.write("a", t.callback("a")))
    t.state("state", stream, *STATE)

    def later() -> None:
        t.log("returned", stream.write("b", t.callback("b")))
        stream.end(t.callback("ended"))
        t.state("later", stream, *STATE)
        stream.destroy()

    t.turns(3, later)


def end_twice_with_callbacks_then_fails(t: Role) -> None:
    stream = t.watch(_picky(t, "turn"), "stream")
    stream.end("bad", t.callback("first"))
    stream.end(t.callback("second"))


def end_after_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync", auto_destroy=False), "stream")
    stream.end("a", t.callback("first"))

    def later() -> None:
        stream.end(t.callback("second"))
        stream.end("b", t.callback("third"))
        t.state("later", stream, *STATE)

    t.turns(3, later)


def end_after_destroy_with_error(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.destroy(Exception("enough"))
    stream.end(t.callback("first"))
    stream.on("close", lambda: stream.end("b", t.callback("second")))
    t.state("state", stream, *STATE)


def end_after_end_and_destroy(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.end("a", t.callback("first"))
    stream.destroy()
    stream.end(t.callback("second"))


def _end(stream: Writable, *args: Any) -> None:
    stream.end(*args)


def end_with_bad_data_after_destroy(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.destroy()
    t.attempt("end", lambda: _end(stream, 5))
    t.attempt("encoding", lambda: _end(stream, "x", "nonsense"))


def end_with_bad_data_leaves_it_open(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream")
    stream.cork()
    t.attempt("end", lambda: _end(stream, True, t.callback("ended")))
    t.state("state", stream, *STATE, "writable_corked")
    stream.end("a")


# -- auto_destroy and emit_close --------------------------------------------------------------------------------------


def auto_destroy_off_then_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync", auto_destroy=False), "stream")
    stages(t, stream, "finish")
    stream.end("a")

    def later() -> None:
        t.state("later", stream, *STATE)
        stream.destroy()

    t.turns(4, later)


def auto_destroy_off_fails_later(t: Role) -> None:
    stream = t.watch(_picky(t, "turn", auto_destroy=False), "stream", "drain")
    stream.write("bad", t.callback("bad"))
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    t.turns(4, lambda: t.state("later", stream, *STATE))


def auto_destroy_off_fails_twice(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback()
        callback()
        callback()

    stream = t.watch(Writable(auto_destroy=False, write=write), "stream")
    stream.write("a", t.callback("a"))
    t.turns(3, lambda: t.state("later", stream, *STATE))


def emit_close_off_with_error(t: Role) -> None:
    stream = t.watch(_picky(t, "turn", emit_close=False), "stream")
    stream.write("bad", t.callback("bad"))
    t.turns(4, lambda: t.state("later", stream, *STATE))


def _duplex(t: Role, **options: Any) -> Duplex:
    """Return a Duplex whose both sides end."""
    stream: Duplex = t.watch(Duplex(read=lambda size: None, write=hook(t, "write", "sync"), **options), "stream")
    stream.resume()
    stream.push(None)
    stream.end("a", t.callback("ended"))
    return stream


def duplex_with_auto_destroy_off(t: Role) -> None:
    stream = _duplex(t, auto_destroy=False)

    def later() -> None:
        t.state("later", stream, *BOTH)
        stream.destroy(Exception("after all"))

    t.turns(4, later)


def duplex_with_emit_close_off(t: Role) -> None:
    stream = _duplex(t, emit_close=False)
    t.turns(4, lambda: t.state("later", stream, *BOTH))


# -- destroying in listeners and callbacks ----------------------------------------------------------------------------


def destroy_in_error_of_a_write(t: Role) -> None:
    def failed(error: BaseException | None) -> None:
        t.log("bad")
        stream.destroy(Exception("in the callback"))

    stream = t.watch(_picky(t, "turn"), "stream")
    stream.on("error", lambda _: stream.destroy(Exception("in error")))
    stream.write("bad", failed)


def destroy_in_error_with_auto_destroy_off(t: Role) -> None:
    stream = t.watch(_picky(t, "turn", auto_destroy=False), "stream")
    stream.on("error", lambda _: stream.destroy(Exception("in error")))
    stream.write("bad", t.callback("bad"))
    stream.write("a", t.callback("a"))
    stages(t, stream, "close")


def destroy_in_a_callback(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream")
    stream.write("a", lambda _: stream.destroy())
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))


def destroy_in_the_callback_of_end(t: Role) -> None:
    def ended(error: BaseException | None) -> None:
        t.log("ended")
        stream.destroy(Exception("in end"))

    stream = t.watch(sink(t, "sync"), "stream")
    stream.end("a", ended)
    stages(t, stream, "finish", "close")


def write_in_error(t: Role) -> None:
    stream = t.watch(_picky(t, "turn"), "stream")
    stream.on("error", lambda _: t.log("returned", stream.write("a", t.callback("a"))))
    stream.write("bad", t.callback("bad"))


def end_in_error(t: Role) -> None:
    stream = t.watch(_picky(t, "turn", auto_destroy=False), "stream")
    stream.on("error", lambda _: stream.end("a", t.callback("ended")))
    stream.write("bad", t.callback("bad"))


def uncork_in_the_callback_of_a_failure(t: Role) -> None:
    def failed(error: BaseException | None) -> None:
        t.log("a", error)
        stream.uncork()

    stream = t.watch(_picky(t, "sync"), "stream")
    stream.write("bad", t.callback("bad"))
    stream.cork()
    stream.write("a", failed)
