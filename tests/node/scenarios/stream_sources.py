"""Readable: what a source does in its hooks, when it is asked, and how its failing is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from tests.node.lib import Role

    _Step = Callable[[Readable], object]
    _Callback = Callable[..., None]


def _quiet(**options: Any) -> Readable:
    return Readable(read=lambda size: None, **options)


def _fail(text: str) -> NoReturn:
    raise Exception(text)


def _source(t: Role, *steps: _Step, high_water_mark: int = 4, **options: Any) -> Readable:
    """Return a Readable whose `_read` is logged and does one of the steps for each call, then nothing."""
    count = 0

    def read(size: int) -> None:
        nonlocal count
        count += 1
        t.log(f"_read {count}", size, stream.readable_length)
        if count <= len(steps):
            steps[count - 1](stream)

    stream = Readable(high_water_mark=high_water_mark, read=read, **options)
    return stream


def _push(*chunks: Any) -> _Step:
    return lambda stream: [stream.push(chunk) for chunk in chunks]


def _late(step: _Step) -> _Step:
    return lambda stream: set_immediate(step, stream)


def _tick(step: _Step) -> _Step:
    return lambda stream: next_tick(step, stream)


def count_of_reads_of_a_sync_source(t: Role) -> None:
    t.watch(_source(t, _push("a"), _push("b"), _push("cdefg"), _push(None)), "stream", "chunk")


def count_of_reads_of_a_late_source(t: Role) -> None:
    t.watch(_source(t, _late(_push("a")), _late(_push("bcdef")), _late(_push(None))), "stream", "chunk")


def count_of_reads_of_a_mixed_source(t: Role) -> None:
    steps = _push("a"), _late(_push("b")), _tick(_push("c")), _push("d"), _late(_push(None))
    t.watch(_source(t, *steps), "stream", "chunk")


def count_of_reads_before_anybody_listens(t: Role) -> None:
    stream = t.watch(_source(t, *map(_push, "abcde")), "stream")
    t.turns(3, lambda: t.log("read", stream.read(0), stream.readable_length))
    t.turns(6, lambda: t.log("read", stream.read(3), stream.readable_length))
    t.turns(9, lambda: t.log("read", stream.read(1), stream.readable_length))


def count_of_reads_with_a_readable_listener(t: Role) -> None:
    stream = t.watch(_source(t, _push("a"), _late(_push("b")), _push("cdef"), _late(_push(None))), "stream")
    stream.on("readable", lambda: t.log("readable", stream.readable_length, stream.read()))


def count_of_reads_with_partial_reads(t: Role) -> None:
    steps = _push("abc"), _late(_push("def")), _late(_push("ghi")), _late(_push(None))
    stream = t.watch(_source(t, *steps), "stream")
    stream.on("readable", lambda: t.log("readable", stream.readable_length, stream.read(2), stream.readable_length))


def count_of_reads_while_paused(t: Role) -> None:
    stream = t.watch(_source(t, _push("ab"), _push("cd"), _push("ef"), _push(None)), "stream", "chunk")

    @stream.on("data")
    def _(chunk: bytes) -> None:
        stream.pause()
        t.turns(3, lambda: stream.resume())


def count_of_reads_of_objects(t: Role) -> None:
    steps = _push(1), _push(0), _late(_push("")), _push(False), _late(_push(None))
    t.watch(_source(t, *steps, object_mode=True, high_water_mark=2), "stream", "chunk")


def several_chunks_in_a_read(t: Role) -> None:
    t.watch(_source(t, _push("a", "b", "c"), _push("d", "e", None)), "stream", "chunk")


def several_chunks_later(t: Role) -> None:
    t.watch(_source(t, _late(_push("a", "b", "c")), _late(_push("d", "e", None))), "stream", "chunk")


def several_chunks_later_with_a_readable_listener(t: Role) -> None:
    stream = t.watch(_source(t, _late(_push("a", "b", "cde")), _late(_push("f", None))), "stream")
    stream.on("readable", lambda: t.log("readable", stream.readable_length, stream.read()))


def some_now_and_some_later(t: Role) -> None:
    def both(stream: Readable) -> None:
        stream.push("a")
        set_immediate(lambda: stream.push("b"))

    t.watch(_source(t, both, both, _late(_push(None))), "stream", "chunk")


def nothing_is_pushed(t: Role) -> None:
    stream = t.watch(_source(t), "stream", "chunk")
    t.turns(2, lambda: t.log("read", stream.read(), stream.read(0)))
    t.turns(4, lambda: stream.push("a"))
    t.turns(6, lambda: stream.push("b"))


def an_empty_chunk_asks_again(t: Role) -> None:
    steps = _push(""), _late(_push("")), _tick(_push("")), _push("a"), _push(None)
    stream = t.watch(_source(t, *steps), "stream", "chunk")
    t.state("state", stream, "readable_length")


def a_chunk_after_the_end_in_a_read(t: Role) -> None:
    t.watch(_source(t, _push("a", None, "b")), "stream", "chunk")


def a_chunk_after_the_end_later(t: Role) -> None:
    def step(stream: Readable) -> None:
        _push("a", None)(stream)
        _tick(_push("b"))(stream)

    t.watch(_source(t, step), "stream", "chunk")


def the_end_twice(t: Role) -> None:
    t.watch(_source(t, _push("a"), _late(_push(None, None))), "stream", "chunk")


def destroy_in_a_later_read(t: Role) -> None:
    t.watch(_source(t, _push("a"), lambda stream: stream.destroy(Exception("second"))), "stream", "chunk")


def push_then_destroy_in_a_read(t: Role) -> None:
    def step(stream: Readable) -> None:
        t.log("push", stream.push("a"), stream.destroy(Exception("at once")) is stream)

    t.watch(_source(t, step), "stream", "chunk")


def destroy_then_push_in_a_read(t: Role) -> None:
    def step(stream: Readable) -> None:
        t.log("push", stream.destroy(Exception("at once")) is stream, stream.push("a"))

    t.watch(_source(t, step), "stream", "chunk")


def throw_after_a_push(t: Role) -> None:
    def step(stream: Readable) -> None:
        stream.push("a")
        raise Exception("after a push")

    t.watch(_source(t, step), "stream", "chunk")


def throw_in_read_called_by_read(t: Role) -> None:
    stream = t.watch(_source(t, lambda stream: _fail("from _read")), "stream")
    t.attempt("read", lambda: stream.read())
    t.state("state", stream, "destroyed", "errored")


def throw_without_auto_destroy(t: Role) -> None:
    steps = _push("a"), lambda stream: _fail("second"), _push("c")
    stream = t.watch(_source(t, *steps, auto_destroy=False), "stream", "chunk")

    def later() -> None:
        t.state("later", stream, "destroyed", "errored", "readable")
        t.log("read", stream.read())
        t.log("push", stream.push("more"))

    t.turns(5, later)


def error_emitted_in_a_read(t: Role) -> None:
    steps = _push("a"), lambda stream: stream.emit("error", Exception("by hand")), _push("c")
    stream = t.watch(_source(t, *steps), "stream", "chunk")
    t.turns(5, lambda: t.state("later", stream, "destroyed", "errored", "readable"))


def destroy_with_error_between_the_end_and_its_event(t: Role) -> None:
    stream = t.watch(_quiet(), "stream", "chunk")
    stream.push("a")
    stream.push(None)
    t.log("read", stream.read())
    stream.destroy(Exception("before the event"))


def destroy_with_error_after_the_end(t: Role) -> None:
    stream = t.watch(_quiet(auto_destroy=False), "stream", "chunk")
    stream.push(None)

    def later() -> None:
        t.state("ended", stream, "readable_ended", "destroyed")
        stream.destroy(Exception("after all"))
        t.state("destroyed", stream, "readable_aborted", "errored", "readable")

    t.turns(4, later)


def _destroy_in(t: Role, name: str) -> None:
    stream = t.watch(_quiet(), name, "pause", "resume")
    if name != "readable":
        stream.on("data", lambda chunk: t.log(f"{name}.data", chunk))
    stream.on(name, lambda *_: stream.destroy(Exception(f"in {name}")))
    stream.push("a")
    stream.push("b")
    set_immediate(lambda: stream.pause().resume().push(None))


def destroy_with_error_in_each(t: Role) -> None:
    for name in ("resume", "data", "pause", "readable", "end", "close"):
        _destroy_in(t, name)


def throw_in_construct(t: Role) -> None:
    stream = t.watch(_quiet(construct=lambda callback: _fail("from construct")), "stream", "chunk")
    t.state("state", stream, "destroyed", "errored")


def construct_fails_at_once(t: Role) -> None:
    def destroy(error: BaseException | None, callback: _Callback) -> None:
        t.log("destroy", error)
        callback(error)

    construct: _Step = lambda callback: callback(Exception("from construct"))  # type: ignore[operator] # noqa: E731
    t.watch(_quiet(construct=construct, destroy=destroy), "stream", "chunk")


def construct_calls_back_twice_later(t: Role) -> None:
    def construct(callback: _Callback) -> None:
        def later() -> None:
            callback()
            set_immediate(callback)

        set_immediate(later)

    t.watch(_quiet(construct=construct), "stream", "chunk")


def construct_succeeds_then_fails(t: Role) -> None:
    def construct(callback: _Callback) -> None:
        callback()
        callback(Exception("second thought"))

    t.watch(_quiet(construct=construct), "stream", "chunk")


def construct_fails_without_auto_destroy(t: Role) -> None:
    def construct(callback: _Callback) -> None:
        set_immediate(callback, Exception("from construct"))

    stream = t.watch(_source(t, _push("a"), construct=construct, auto_destroy=False), "stream", "chunk")
    t.turns(5, lambda: t.state("later", stream, "destroyed", "errored", "readable_length"))


def construct_is_awaited_by_reads(t: Role) -> None:
    def construct(callback: _Callback) -> None:
        def constructed() -> None:
            t.log("constructed")
            callback()

        t.log("construct")
        t.turns(2, constructed)

    stream = t.watch(_source(t, _push("a"), _push(None), construct=construct), "stream")
    t.log("read", stream.read(), stream.readable_length)
    stream.on("readable", lambda: t.log("readable", stream.read()))


def push_while_constructing(t: Role) -> None:
    stream = t.watch(
        _source(t, _push("c"), _push(None), construct=lambda callback: t.turns(2, callback)), "stream", "chunk"
    )
    t.log("push", stream.push("a"), stream.readable_length)
    set_immediate(lambda: t.log("push", stream.push("b"), stream.readable_length))


def construct_without_a_reader(t: Role) -> None:
    stream = t.watch(_source(t, _push("a"), _push(None), construct=set_immediate), "stream")
    t.turns(4, lambda: t.state("later", stream, "readable_length", "readable_flowing"))


def destroy_hook_calls_back_twice_later(t: Role) -> None:
    def destroy(error: BaseException | None, callback: _Callback) -> None:
        def later() -> None:
            callback(Exception("first"))
            set_immediate(callback, Exception("second"))

        set_immediate(later)

    stream = t.watch(_quiet(destroy=destroy), "stream")
    stream.destroy()
    stream.on("close", lambda: t.state("closed", stream, "closed", "errored"))


def destroy_hook_never_calls_back(t: Role) -> None:
    stream = t.watch(_quiet(destroy=lambda error, callback: t.log("destroy")), "stream", "chunk")
    stream.push("a")
    stream.push(None)
    t.turns(5, lambda: t.state("later", stream, "destroyed", "closed", "readable_ended"))


def destroy_hook_pushes(t: Role) -> None:
    def destroy(error: BaseException | None, callback: _Callback) -> None:
        t.log("destroy", stream.push("b"), stream.read(), stream.readable_length)
        callback(error)

    stream = t.watch(_quiet(destroy=destroy), "stream", "chunk")
    stream.push("a")
    stream.destroy()


def destroy_hook_is_not_asked_without_auto_destroy(t: Role) -> None:
    def destroy(error: BaseException | None, callback: _Callback) -> None:
        t.log("destroy", error)
        callback(error)

    stream = t.watch(_quiet(destroy=destroy, auto_destroy=False), "stream", "chunk")
    stream.push("a")
    stream.push(None)
    t.turns(5, lambda: t.log("push", stream.push("b")))


def emit_close_off_and_the_hook_fails(t: Role) -> None:
    def destroy(error: BaseException | None, callback: _Callback) -> None:
        set_immediate(callback, Exception("from destroy"))

    stream = t.watch(_quiet(destroy=destroy, emit_close=False), "stream", "chunk")
    stream.push(None)
    t.turns(5, lambda: t.state("later", stream, "destroyed", "closed", "errored", "readable_ended"))
