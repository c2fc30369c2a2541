"""Readable: what read, push and unshift take, give and return, and what stays buffered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from tests.node.lib import Role


def _open(high_water_mark: int = 100, **options: Any) -> Readable:
    return Readable(read=lambda size: None, high_water_mark=high_water_mark, **options)


def _take(t: Role, stream: Readable, *sizes: int | None) -> None:
    """Log what each call returns, and what is buffered then."""
    for size in sizes:
        t.log(f"read {'all' if size is None else size}", stream.read(size), stream.readable_length)


def read_across_chunks(t: Role) -> None:
    stream = _open()
    for chunk in ("abc", "d", "efgh", "ij"):
        stream.push(chunk)
    _take(t, stream, 2, 3, 1, 4, 1, None)


def read_negative(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push("abc")
    _take(t, stream, -1, -100, 2)
    stream.push(None)
    _take(t, stream, -1)


def read_wrong_types(t: Role) -> None:
    stream = _open()
    stream.push("abc")
    t.attempt("over 1 GiB", lambda: stream.read(2**30 + 1))
    t.attempt("1 GiB", lambda: stream.read(2**30))
    t.state("state", stream, "readable_length", "readable_high_water_mark")


def read_raises_the_mark_to_a_power_of_two(t: Role) -> None:
    for size in (5, 6, 8, 9, 17, 1000):
        stream = _open(high_water_mark=5)
        _take(t, stream, size)
        t.log("mark", stream.readable_high_water_mark, stream.push("12345"), stream.push("6789"))


def read_of_objects_raises_the_mark_as_well(t: Role) -> None:
    stream = _open(object_mode=True, high_water_mark=2)
    stream.push("a")
    _take(t, stream, 5)
    t.log("mark", stream.readable_high_water_mark)


def read_at_the_end(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push("abcdef")
    stream.push(None)
    _take(t, stream, 0, 2, 0, 10, 0, 1, None)
    t.turns(3, lambda: _take(t, stream, 0, 1, None))


def read_exactly_the_last_bytes(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push("abc")
    stream.push(None)
    _take(t, stream, 3)

    def later() -> None:
        t.state("unended?", stream, "readable_ended")
        _take(t, stream, None)

    t.turns(3, later)


def read_of_an_ended_one_before_and_after_its_event(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push(None)
    _take(t, stream, None, 0, 5)
    t.state("before", stream, "readable_ended")
    stream.on("end", lambda: _take(t, stream, None, 0, 5))


def read_some_in_readable(t: Role) -> None:
    stream = t.watch(_open(), "stream")

    @stream.on("readable")
    def _() -> None:
        t.log("readable", stream.readable_length)
        _take(t, stream, 3)

    stream.push("abcd")
    t.turns(2, lambda: stream.push("ef"))
    t.turns(4, lambda: stream.push("ghi"))
    t.turns(6, lambda: stream.push(None))


def read_until_nothing_is_left_in_readable(t: Role) -> None:
    stream = t.watch(_open(), "stream")

    @stream.on("readable")
    def _() -> None:
        t.log("readable", stream.readable_length)
        while (chunk := stream.read(3)) is not None:
            t.log("got", chunk, stream.readable_length)

    stream.push("abcd")
    t.turns(2, lambda: stream.push("ef"))
    t.turns(4, lambda: stream.push("g"))
    t.turns(6, lambda: stream.push(None))


def read_in_data(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    for chunk in ("ab", "cd", "ef", "gh"):
        stream.push(chunk)
    is_first = True

    @stream.on("data")
    def _(chunk: bytes) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            _take(t, stream, 1, 0, 3)

    t.turns(4, lambda: stream.push(None))


def read_while_flowing_gives_a_chunk_at_a_time(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    for chunk in ("ab", "cd", "ef"):
        stream.push(chunk)
    _take(t, stream, None, 3)


def read_emits_data_to_listeners_that_paused(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.pause()
    stream.push("ab")
    stream.push("cd")
    _take(t, stream, 1, None, None)


def read_of_a_push_in_read(t: Role) -> None:
    count = 0

    def read(size: int) -> None:
        nonlocal count
        count += 1
        t.log("_read", size, stream.readable_length)
        if count < 6:
            t.log("push", stream.push("xy"), stream.readable_length)

    stream = Readable(high_water_mark=4, read=read)
    _take(t, stream, 3, 3, 1, 8, None)


def push_returns_around_the_mark(t: Role) -> None:
    for mark in (0, 1, 2, 3):
        stream = _open(high_water_mark=mark)
        returned = [stream.push(chunk) for chunk in ("a", "b", "c")]
        t.log(f"mark {mark}", returned, stream.readable_length, stream.push(b""), stream.read())
        t.log("after", stream.push(""), stream.push("d"), stream.push(None))


def push_of_objects_around_the_mark(t: Role) -> None:
    for mark in (0, 1, 2, 3):
        stream = _open(high_water_mark=mark, object_mode=True)
        returned = [stream.push(chunk) for chunk in ("a", "", 0)]
        t.log(f"mark {mark}", returned, stream.readable_length, stream.read(), stream.push(False), stream.push(None))


def push_after_destroy(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push("a")
    stream.destroy()
    t.log("push", stream.push("b"), stream.push(""), stream.push(None), stream.push("c"), stream.readable_length)
    stream.on("close", lambda: t.log("push", stream.push("d"), stream.push(None), stream.readable_length))


def push_after_destroy_with_an_error(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "readable")
    stream.destroy(Exception("enough"))
    t.log("push", stream.push("b"), stream.push(None), stream.push("c"), stream.readable_length)
    stream.on("error", lambda error: t.log("push", stream.push("d"), stream.readable_length))


def push_after_end_in_object_mode(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "chunk")
    stream.push(None)
    t.log("push", stream.push(0))
    t.state("state", stream, "destroyed", "errored", "readable_length")


def push_of_an_empty_chunk_after_end(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push("a")
    stream.push(None)
    t.log("push", stream.push(""), stream.push(b""), stream.readable_length)


def push_after_end_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_open(auto_destroy=False), "stream", "chunk")
    stream.push("a")
    stream.push(None)
    t.log("push", stream.push("b"), stream.push("c"))
    t.state("state", stream, "destroyed", "errored", "readable_length")
    t.turns(4, lambda: t.state("later", stream, "destroyed", "errored", "readable_ended"))


def push_wrong_types_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_open(auto_destroy=False), "stream", "readable")
    t.log("push", stream.push(5), stream.push({}), stream.push("a"))
    t.turns(3, lambda: t.state("later", stream, "destroyed", "errored", "readable_length"))


def unshift_returns_around_the_mark(t: Role) -> None:
    for mark in (0, 1, 2, 3):
        stream = _open(high_water_mark=mark)
        returned = [stream.unshift(chunk) for chunk in ("a", "b", "c")]
        t.log(f"mark {mark}", returned, stream.readable_length, stream.unshift(""), stream.read())


def unshift_of_a_partly_read_chunk(t: Role) -> None:
    stream = _open()
    stream.push("abcd")
    stream.push("ef")
    _take(t, stream, 2)
    stream.unshift("XY")
    _take(t, stream, 3, 1, None)


def unshift_while_flowing(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")

    def later() -> None:
        t.log("unshift", stream.unshift("b"), stream.readable_length)
        stream.push("c")
        t.log("unshift", stream.unshift("a"), stream.readable_length)

    t.turns(1, later)


def unshift_while_paused(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.pause()
    stream.push("c")

    def later() -> None:
        t.log("unshift", stream.unshift("b"), stream.unshift("a"), stream.readable_length)
        stream.resume()

    t.turns(1, later)


def unshift_in_readable(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    count = 0

    @stream.on("readable")
    def _() -> None:
        nonlocal count
        chunk = stream.read()
        t.log("readable", chunk, stream.readable_length)
        count += 1
        if chunk and count < 4:
            t.log("unshift", stream.unshift(chunk[1:]), stream.readable_length)

    stream.push("abcdef")
    t.turns(4, lambda: stream.push("g"))
    t.turns(8, lambda: stream.push(None))


def unshift_in_readable_after_the_sources_end(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    is_first = True

    @stream.on("readable")
    def _() -> None:
        nonlocal is_first
        t.log("readable", stream.read(), stream.readable_length)
        if is_first:
            t.log("unshift", stream.unshift("again"), stream.readable_length)
        is_first = False

    stream.push("abc")
    stream.push(None)


def unshift_between_the_last_read_and_its_end(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push("abc")
    stream.push(None)
    _take(t, stream, None)
    t.log("unshift", stream.unshift("late"), stream.readable_length)
    t.turns(3, lambda: _take(t, stream, None, None))


def unshift_after_end_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_open(auto_destroy=False), "stream", "chunk")
    stream.push(None)

    @stream.on("end")
    def _() -> None:
        t.log("unshift", stream.unshift("late"), stream.unshift(""), stream.unshift(None), stream.readable_length)


def unshift_after_destroy(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push("a")
    stream.destroy()
    t.log("unshift", stream.unshift("b"), stream.unshift(""), stream.readable_length)
    stream.on("close", lambda: t.log("unshift", stream.unshift("c"), stream.readable_length))


def unshift_of_null_is_the_end(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push("a")
    t.log("unshift", stream.unshift(None), stream.readable_length)
    t.log("unshift", stream.unshift("b"), stream.readable_length)


def unshift_of_objects(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "chunk")
    stream.push(2)
    t.log("unshift", stream.unshift(""), stream.unshift(0), stream.unshift([]), stream.readable_length)
    _take(t, stream, 2)


def unshift_of_an_empty_chunk(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.on("readable", lambda: None)
    t.log("unshift", stream.unshift(""), stream.unshift(b""), stream.readable_length)
    t.turns(3, lambda: stream.push("a"))


def unshift_wrong_types(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    t.log("unshift", stream.unshift(5), stream.unshift("a"), stream.readable_length)


def high_water_mark_zero_flows(t: Role) -> None:
    left = iter(["ab", "c"])

    def read(size: int) -> None:
        t.log("_read", size, stream.readable_length)
        set_immediate(lambda: t.log("push", stream.push(next(left, None)), stream.readable_length))

    stream = Readable(high_water_mark=0, read=read)
    t.watch(stream, "stream", "chunk")


def high_water_mark_zero_with_pushes_in_a_row(t: Role) -> None:
    stream = t.watch(_open(high_water_mark=0), "stream")
    stream.on("readable", lambda: t.log("readable", stream.readable_length, stream.read(1), stream.readable_length))
    t.log("push", stream.push("ab"), stream.push("c"))
    t.turns(3, lambda: t.log("push", stream.push("d"), stream.push(None)))
