"""Writable: its hooks, each answering well, badly, twice or never, and the order of what is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate
from tests.node.sinks import STATE, hook, sink, stages

if TYPE_CHECKING:
    from tests.node.lib import Role
    from tests.node.sinks import Callback


def _write_twice(first: BaseException | None, second: BaseException | None) -> Callback:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(first)
        callback(second)

    return write


# -- construct --------------------------------------------------------------------------------------------------------


def construct_twice_with_a_write_waiting(t: Role) -> None:
    def construct(callback: Callback) -> None:
        callback()
        callback()

    stream = t.watch(sink(t, "sync", construct=construct), "stream")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


def construct_twice_later(t: Role) -> None:
    def construct(callback: Callback) -> None:
        def later() -> None:
            callback()
            callback(Exception("after all"))

        set_immediate(later)

    stream = t.watch(sink(t, "turn", construct=construct), "stream")
    stream.write("a", t.callback("a"))


def construct_never_then_destroyed(t: Role) -> None:
    options = {"construct": hook(t, "construct", "never"), "destroy": hook(t, "destroy", "sync")}
    stream = t.watch(sink(t, "sync", **options), "stream")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))
    stream.destroy()
    t.turns(4, lambda: t.state("later", stream, *STATE))


def construct_destroys_its_stream(t: Role) -> None:
    def construct(callback: Callback) -> None:
        stream.destroy(Exception("from construct"))
        t.log("destroyed")
        callback()

    stream = t.watch(sink(t, "sync", construct=construct, destroy=hook(t, "destroy", "sync")), "stream")
    stream.write("a", t.callback("a"))


def construct_fails_after_destroy(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback(error)

    construct = hook(t, "construct", "turn", Exception("from construct"))
    stream = t.watch(sink(t, "sync", construct=construct, destroy=destroy), "stream")
    t.turns(1, lambda: stream.destroy(Exception("first")))


def construct_fails_after_end(t: Role) -> None:
    construct = hook(t, "construct", "turn", Exception("from construct"))
    stream = t.watch(sink(t, "sync", construct=construct), "stream")
    stream.write("a", t.callback("a"))
    stream.end("b", t.callback("ended"))
    stages(t, stream, "error", "close")


def construct_then_nothing_but_end(t: Role) -> None:
    options = {"construct": hook(t, "construct", "turn"), "final": hook(t, "final", "sync")}
    stream = t.watch(sink(t, "sync", **options), "stream", "prefinish")
    stream.end(t.callback("ended"))


def construct_while_corked(t: Role) -> None:
    stream = t.watch(sink(t, "sync", construct=hook(t, "construct", "tick")), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))

    def later() -> None:
        t.log("uncork")
        stream.uncork()
        stream.end()

    t.turns(2, later)


def construct_then_the_waiting_as_a_batch(t: Role) -> None:
    options = {"construct": hook(t, "construct", "turn"), "writev": hook(t, "writev", "turn")}
    stream = t.watch(sink(t, "sync", high_water_mark=2, **options), "stream", "drain")
    for text in ("a", "b", "c"):
        t.log("returned", stream.write(text, t.callback(text)))
    t.state("state", stream, "writable_length", "writable_need_drain")


# -- write ------------------------------------------------------------------------------------------------------------


def write_never_then_destroyed(t: Role) -> None:
    stream = t.watch(sink(t, "never"), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))
    t.turns(1, stream.destroy)
    stages(t, stream, "close")


def write_answers_after_destroy(t: Role) -> None:
    stream = t.watch(sink(t, "turn"), "stream", "drain")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    next_tick(lambda: stream.destroy(Exception("enough")))
    t.turns(4, lambda: t.state("later", stream, *STATE))


def write_fails_after_destroy(t: Role) -> None:
    write = hook(t, "write", "turn", Exception("from write"))
    stream = t.watch(sink(t, "never", write=write), "stream")
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.destroy()
    t.turns(4, lambda: t.state("later", stream, *STATE))


def write_destroys_then_fails(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.destroy(Exception("destroyed"))
        callback(Exception("from write"))

    stream = t.watch(sink(t, "sync", write=write), "stream")
    t.log("returned", stream.write("a", t.callback("a")))
    stream.write("b", t.callback("b"))


def write_fails_then_destroys(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(Exception("from write"))
        stream.destroy(Exception("destroyed"))

    stream = t.watch(sink(t, "sync", write=write), "stream")
    t.log("returned", stream.write("a", t.callback("a")))
    stream.end(t.callback("ended"))
    t.state("state", stream, *STATE)


def write_fails_twice(t: Role) -> None:
    stream = t.watch(sink(t, "sync", write=_write_twice(Exception("first"), Exception("second"))), "stream")
    stream.write("a", t.callback("a"))


def write_answers_then_fails(t: Role) -> None:
    stream = t.watch(sink(t, "sync", write=_write_twice(None, Exception("after all"))), "stream")
    stream.write("a", t.callback("a"))
    stream.end(t.callback("ended"))


def second_write_fails(t: Role) -> None:
    count = 0

    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        nonlocal count
        count += 1
        error = Exception("from the second") if count == 2 else None
        set_immediate(lambda: callback(error))

    stream = t.watch(sink(t, "sync", write=write, high_water_mark=2), "stream", "drain")
    for text in ("a", "b", "c", "d"):
        stream.write(text, t.callback(text))
    stream.end(t.callback("ended"))


def second_of_those_that_waited_fails_at_once(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback(Exception("from b") if chunk == b"b" else None)

    stream = t.watch(sink(t, "sync", write=write), "stream", "drain")
    stream.cork()
    for text in ("a", "b", "c"):
        stream.write(text, t.callback(text))
    stream.uncork()
    t.state("state", stream, *STATE)


def write_raises_while_uncorking(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        raise Exception("from write")

    stream = t.watch(sink(t, "sync", write=write), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.attempt("uncork", stream.uncork)
    t.state("state", stream, *STATE, "writable_corked")
    t.turns(2, stream.destroy)


def write_raises_while_uncorking_then_answers(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(callback)
        if chunk == b"a":
            raise Exception("from write")

    stream = t.watch(sink(t, "sync", write=write), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.attempt("uncork", stream.uncork)
    stream.end(t.callback("ended"))


def write_answers_then_raises(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback()
        raise Exception("from write")

    stream = t.watch(sink(t, "sync", write=write), "stream")
    t.attempt("write", lambda: stream.write("a", t.callback("a")))
    t.state("state", stream, *STATE)
    t.turns(2, stream.destroy)


def write_of_text_called_buffer(t: Role) -> None:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk, encoding)
        callback()

    decoding = t.watch(Writable(write=write), "decoding")
    t.attempt("decoding", lambda: decoding.write("é", "buffer"))
    plain = t.watch(Writable(decode_strings=False, write=write), "plain")
    t.attempt("plain", lambda: plain.write("é", "buffer"))


# -- writev -----------------------------------------------------------------------------------------------------------


def writev_raises_while_uncorking(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", len(chunks))
        raise Exception("from writev")

    stream = t.watch(sink(t, "sync", writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    t.attempt("uncork", stream.uncork)
    t.state("state", stream, *STATE)
    t.turns(2, lambda: stream.destroy(Exception("enough")))


def writev_twice(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        callback()
        callback()

    stream = t.watch(sink(t, "sync", writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.end(t.callback("ended"))


def writev_fails_later(t: Role) -> None:
    writev = hook(t, "writev", "turn", Exception("from writev"))
    stream = t.watch(sink(t, "sync", writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()
    stream.write("c", t.callback("c"))
    stream.end("d", t.callback("ended"))
    t.state("state", stream, *STATE)


def writev_never_then_destroyed(t: Role) -> None:
    stream = t.watch(sink(t, "sync", writev=hook(t, "writev", "never")), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()
    stream.write("c", t.callback("c"))
    stream.destroy(Exception("enough"))
    t.turns(3, lambda: t.state("later", stream, *STATE))


def writev_destroys_its_stream(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        stream.destroy()
        callback()

    stream = t.watch(sink(t, "sync", writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()


def writev_without_callbacks(t: Role) -> None:
    stream = t.watch(sink(t, "turn", writev=hook(t, "writev", "sync"), high_water_mark=1), "stream", "drain")
    for text in ("a", "b", "c"):
        t.log("returned", stream.write(text))
    t.turns(3, lambda: stream.end("d"))


def writev_of_strings_as_they_are(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", [each.chunk for each in chunks], [each.encoding for each in chunks])
        callback()

    stream = t.watch(Writable(decode_strings=False, writev=writev), "stream")
    stream.cork()
    stream.write("é", "latin1")
    stream.write(b"b")
    stream.end("c")


def writev_batches_what_comes_while_it_writes(t: Role) -> None:
    stream = t.watch(sink(t, "turn", writev=hook(t, "writev", "turn")), "stream")
    for text in ("a", "b", "c"):
        stream.write(text, t.callback(text))

    def later() -> None:
        stream.write("d", t.callback("d"))
        stream.end("e", t.callback("ended"))

    t.turns(2, later)


def writev_writes_more(t: Role) -> None:
    def writev(chunks: list[Any], callback: Callback) -> None:
        t.log("writev", [each.chunk for each in chunks])
        stream.write("c", t.callback("c"))
        callback()

    stream = t.watch(sink(t, "turn", writev=writev), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.uncork()
    stream.end(t.callback("ended"))
