"""Writable: how it ends. The `final` and `destroy` hooks, each answering well, badly, twice or never; 'prefinish'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.timers import set_immediate
from tests.node.sinks import STATE, hook, sink, stages

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback


def _final_twice(first: BaseException | None, second: BaseException | None) -> Callback:
    def final(callback: Callback) -> None:
        callback(first)
        callback(second)

    return final


# -- final ------------------------------------------------------------------------------------------------------------


def final_never_then_destroyed(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=hook(t, "final", "never")), "stream", "prefinish")
    stream.end("a", t.callback("ended"))

    def later() -> None:
        t.state("waiting", stream, *STATE)
        stream.destroy()

    t.turns(3, later)
    stream.on("close", lambda: t.state("closed", stream, *STATE))


def final_never_then_destroyed_with_error(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=hook(t, "final", "never")), "stream")
    stream.end("a", t.callback("ended"))
    t.turns(3, lambda: stream.destroy(Exception("enough")))


def final_twice_later(t: Role) -> None:
    def final(callback: Callback) -> None:
        def later() -> None:
            callback()
            callback()

        set_immediate(later)

    stream = t.watch(sink(t, "sync", final=final), "stream", "prefinish")
    stream.end("a", t.callback("ended"))


def final_fails_twice(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=_final_twice(Exception("first"), Exception("second"))), "stream")
    stream.end("a", t.callback("ended"))


def final_answers_then_fails(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=_final_twice(None, Exception("after all"))), "stream", "prefinish")
    stream.end(t.callback("ended"))


def final_answers_then_raises(t: Role) -> None:
    def final(callback: Callback) -> None:
        callback()
        raise Exception("after all")

    def end() -> None:
        stream.end(t.callback("ended"))

    stream = t.watch(sink(t, "sync", final=final), "stream", "prefinish")
    t.attempt("end", end)


def final_destroys_with_error_and_is_silent(t: Role) -> None:
    def final(callback: Callback) -> None:
        stream.destroy(Exception("from final"))

    stream = t.watch(sink(t, "sync", final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_destroys_later_then_answers(t: Role) -> None:
    def final(callback: Callback) -> None:
        def later() -> None:
            stream.destroy()
            callback()

        set_immediate(later)

    stream = t.watch(sink(t, "sync", final=final), "stream", "prefinish")
    stream.end(t.callback("ended"))


def final_writes_too_late(t: Role) -> None:
    def final(callback: Callback) -> None:
        t.log("returned", stream.write("late", t.callback("late")))
        callback()

    stream = t.watch(sink(t, "sync", final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_ends_again(t: Role) -> None:
    def final(callback: Callback) -> None:
        stream.end(t.callback("again"))
        set_immediate(callback)

    stream = t.watch(sink(t, "sync", final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_waits_for_the_last_write(t: Role) -> None:
    stream = t.watch(sink(t, "turn", final=hook(t, "final", "tick")), "stream", "prefinish")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    t.log("sync")


def final_fails_with_several_end_callbacks(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=hook(t, "final", "turn", Exception("from final"))), "stream")
    stream.end("a", t.callback("first"))
    stream.end(t.callback("second"))
    t.turns(3, lambda: stream.end(t.callback("third")))


def final_without_anything_written(t: Role) -> None:
    stream = t.watch(sink(t, "sync", final=hook(t, "final", "sync")), "stream", "prefinish")
    stream.end(t.callback("ended"))
    stages(t, stream, "prefinish", "finish")


def final_fails_with_auto_destroy_off(t: Role) -> None:
    final = hook(t, "final", "sync", Exception("from final"))
    stream = t.watch(sink(t, "sync", auto_destroy=False, final=final), "stream")
    stream.end("a", t.callback("ended"))
    stages(t, stream, "error")

    def later() -> None:
        stream.end(t.callback("again"))
        t.state("later", stream, *STATE)

    t.turns(3, later)


def final_fails_later_with_auto_destroy_off(t: Role) -> None:
    final = hook(t, "final", "turn", Exception("from final"))
    stream = t.watch(sink(t, "sync", auto_destroy=False, final=final), "stream")
    stream.end("a", t.callback("ended"))
    t.turns(4, lambda: t.state("later", stream, *STATE))


def final_fails_then_answers_with_auto_destroy_off(t: Role) -> None:
    final = _final_twice(Exception("from final"), None)
    stream = t.watch(sink(t, "sync", auto_destroy=False, final=final), "stream")
    stream.end("a", t.callback("ended"))


def final_writes_too_late_then_raises(t: Role) -> None:
    def final(callback: Callback) -> None:
        stream.write("late", t.callback("late"))
        callback()
        raise Exception("from final")

    stream = t.watch(sink(t, "turn", final=final), "stream")
    stream.end("a", t.callback("ended"))


# -- prefinish --------------------------------------------------------------------------------------------------------


def prefinish_without_final(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream", "prefinish")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))


def prefinish_listener_destroys(t: Role) -> None:
    stream = t.watch(sink(t, "sync"), "stream", "prefinish")
    stream.on("prefinish", lambda: stream.destroy(Exception("from prefinish")))
    stream.end("a", t.callback("ended"))


def prefinish_listener_writes(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream", "prefinish")
    stream.on("prefinish", lambda: t.log("returned", stream.write("late", t.callback("late"))))
    stream.end("a", t.callback("ended"))


# -- destroy ----------------------------------------------------------------------------------------------------------


def destroy_never(t: Role) -> None:
    stream = t.watch(sink(t, "turn", destroy=hook(t, "destroy", "never")), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.destroy(Exception("enough"))
    t.turns(4, lambda: t.state("later", stream, *STATE))


def destroy_later_while_writing(t: Role) -> None:
    stream = t.watch(sink(t, "tick", destroy=hook(t, "destroy", "turn", Exception("from destroy"))), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))
    stream.destroy()
    t.state("now", stream, *STATE)
    t.turns(1, lambda: t.state("a turn later", stream, *STATE))


def destroy_raises_while_writing(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        raise Exception("from destroy")

    stream = t.watch(sink(t, "turn", destroy=destroy), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.attempt("destroy", lambda: stream.destroy(Exception("enough")) is stream)
    stages(t, stream, "error", "close")


def destroy_twice_later(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        def later() -> None:
            callback(error)
            callback(Exception("again"))

        set_immediate(later)

    stream = t.watch(sink(t, "sync", destroy=destroy), "stream")
    stream.destroy(Exception("enough"))


def destroy_fails_after_finish(t: Role) -> None:
    stream = t.watch(sink(t, "sync", destroy=hook(t, "destroy", "sync", Exception("from destroy"))), "stream")
    stream.end("a", t.callback("ended"))
    stages(t, stream, "finish", "error", "close")


def destroy_answers_without_the_error_of_a_write(t: Role) -> None:
    options = {"write": hook(t, "write", "turn", Exception("from write")), "destroy": hook(t, "destroy", "turn")}
    stream = t.watch(sink(t, "sync", **options), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stages(t, stream, "close")


def destroy_is_told_the_error_of_a_write(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        t.state("state", stream, *STATE)
        callback(error)

    write = hook(t, "write", "sync", Exception("from write"))
    stream = t.watch(sink(t, "sync", write=write, destroy=destroy), "stream")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


def destroy_writes_and_ends(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("returned", stream.write("late", t.callback("late")))
        stream.end(t.callback("ended"))
        callback(error)

    stream = t.watch(sink(t, "sync", destroy=destroy), "stream")
    stream.destroy()
