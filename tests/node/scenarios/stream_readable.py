"""Readable: modes, events and their order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.node.lib import Role


def _source(chunks: Iterable[Any], **options: Any) -> Readable:
    """Return a Readable that gives the chunks one for each _read, then ends."""
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)), **options)
    return stream


def _nothing(size: int) -> None:
    """Give nothing when asked."""


def _read_all(t: Role, stream: Readable) -> None:
    while (chunk := stream.read()) is not None:
        t.log("got", chunk)


def flowing_sync_read(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"]), "stream", "chunk")
    t.state("state", stream, "readable_flowing", "readable_length", "readable_ended")
    t.log("sync")
    next_tick(lambda: t.log("next tick"))


def flowing_async_read(t: Role) -> None:
    left = iter(["a", "b", "c"])

    def read(size: int) -> None:
        t.log("read", size)
        set_immediate(lambda: stream.push(next(left, None)))

    stream = Readable(read=read, high_water_mark=10)
    t.watch(stream, "stream", "chunk")


def read_on_a_next_tick(t: Role) -> None:
    left = iter(["a", "b", "c"])

    def read(size: int) -> None:
        t.log("read", size)
        next_tick(lambda: stream.push(next(left, None)))

    stream = Readable(read=read, high_water_mark=2)
    t.watch(stream, "stream", "chunk", "readable")
    stream.on("readable", lambda: t.log("got", stream.read()))


def paused_read_all(t: Role) -> None:
    stream = t.watch(_source(["abc", "def"], high_water_mark=100), "stream", "readable")

    @stream.on("readable")
    def _() -> None:
        t.state("state", stream, "readable_length", "readable_flowing")
        _read_all(t, stream)


def read_below_at_and_over(t: Role) -> None:
    stream = Readable(read=_nothing, high_water_mark=100)
    t.watch(stream, "stream")
    stream.push("0123456789")
    t.log("below", stream.read(4), stream.readable_length)
    t.log("over", stream.read(7), stream.readable_length)
    t.log("at", stream.read(6), stream.readable_length)
    t.log("empty", stream.read(), stream.readable_length)
    stream.push("ab")
    stream.push("cd")
    t.log("across", stream.read(3), stream.readable_length)
    stream.push(None)
    t.log("over at the end", stream.read(7), stream.readable_length)
    t.log("after", stream.read())


def read_over_the_high_water_mark_raises_it(t: Role) -> None:
    stream = Readable(read=lambda size: t.log("read", size), high_water_mark=4)
    t.log("got", stream.read(10), stream.readable_high_water_mark)
    t.log("got", stream.read(1), stream.readable_high_water_mark)
    t.log("got", stream.read(100), stream.readable_high_water_mark)


def read_zero(t: Role) -> None:
    stream = Readable(read=lambda size: t.log("read", size), high_water_mark=4)
    t.watch(stream, "stream", "readable")
    t.log("got", stream.read(0))
    stream.push("ab")
    t.log("got", stream.read(0), stream.readable_length)
    t.log("got", stream.read(0), stream.readable_length)
    t.log("got", stream.read())


def push_returns(t: Role) -> None:
    stream = Readable(read=_nothing, high_water_mark=5)
    t.log("push", stream.push("abc"), stream.readable_length)
    t.log("push", stream.push("de"), stream.readable_length)
    t.log("push", stream.push("f"), stream.readable_length)
    t.log("got", stream.read())
    t.log("push", stream.push("g"), stream.readable_length)
    t.log("end", stream.push(None), stream.readable_length)


def push_returns_while_flowing(t: Role) -> None:
    stream = Readable(read=_nothing, high_water_mark=3)
    t.watch(stream, "stream", "chunk")
    stream.resume()

    def push() -> None:
        t.log("push", stream.push("abc"), stream.readable_length)
        t.log("push", stream.push("defgh"), stream.readable_length)
        t.log("end", stream.push(None))

    set_immediate(push)


def push_after_end(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream", "chunk")
    stream.push("last")
    stream.push(None)
    t.log("push", stream.push("too late"))
    t.log("push", stream.push(None))


def push_after_end_event(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream", "chunk")
    stream.push(None)
    stream.on("end", lambda: t.attempt("push", lambda: stream.push("too late")))


def push_empty_chunks(t: Role) -> None:
    left = iter(["", "a", "", "", "b"])

    def read(size: int) -> None:
        t.log("read")
        stream.push(next(left, None))

    stream = Readable(read=read)
    t.watch(stream, "stream", "chunk", "readable")
    next_tick(stream.read, 0)


def push_wrong_types(t: Role) -> None:
    values: list[Any] = [5, {}, True, ["x"]]
    for value in values:
        stream = t.watch(Readable(read=_nothing), "stream")
        t.attempt("push", partial(stream.push, value))
        t.state("state", stream, "destroyed", "readable_length")


def push_with_encodings(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing, high_water_mark=100), "stream", "data")
    stream.push("é")
    stream.push("é", "latin1")
    stream.push("0aff", "hex")
    stream.push("aGk=", "base64")
    stream.push(b"bytes")
    stream.push(bytearray([1, 2]))
    t.state("state", stream, "readable_length")
    stream.push(None)


def unshift_before_read(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing, high_water_mark=100), "stream", "data")
    stream.push("world")
    t.log("unshift", stream.unshift("hello "), stream.readable_length)
    stream.push(None)


def unshift_header(t: Role) -> None:
    stream = Readable(read=_nothing, high_water_mark=100)
    t.watch(stream, "stream", "readable")
    stream.push("head")
    stream.push("er\n\nbody")
    stream.push(None)

    @stream.once("readable")
    def _() -> None:
        everything = stream.read()
        t.log("all", everything)
        stream.unshift(everything[8:])
        stream.on("readable", lambda: _read_all(t, stream))


def unshift_after_end_event(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream", "chunk")
    stream.on("end", lambda: t.attempt("unshift", lambda: stream.unshift("too late")))


def unshift_after_push_null(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream", "chunk")
    stream.push("b")
    stream.push(None)
    t.log("unshift", stream.unshift("a"))


def unshift_in_data(t: Role) -> None:
    stream = t.watch(_source(["ab", "cd"]), "stream", "chunk")
    done = False

    @stream.on("data")
    def _(chunk: bytes) -> None:
        nonlocal done
        if not done:
            done = True
            stream.unshift("again")


def pause_and_resume(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"]), "stream", "chunk", "pause", "resume")
    paused = False

    def resume() -> None:
        stream.resume()
        t.state("resumed", stream, "readable_flowing")
        t.log("sync")

    @stream.on("data")
    def _(chunk: bytes) -> None:
        nonlocal paused
        if paused:
            return
        paused = True
        stream.pause()
        t.state("paused", stream, "readable_flowing")
        t.log("paused", stream.is_paused())
        set_immediate(resume)


def resume_then_pause_at_once(t: Role) -> None:
    stream = t.watch(_source(["a", "b"]), "stream", "pause", "resume")
    stream.resume()
    stream.pause()
    t.state("state", stream, "readable_flowing")
    next_tick(lambda: t.log("next tick", stream.is_paused()))


def resume_without_listeners_discards(t: Role) -> None:
    stream = t.watch(_source(["a", "b"]), "stream", "resume")
    stream.resume()
    stream.on("end", lambda: t.state("end", stream, "readable_ended", "readable_did_read", "readable"))


def readable_then_data(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], high_water_mark=1), "stream", "readable", "chunk")
    t.state("state", stream, "readable_flowing")
    stream.on("readable", lambda: stream.read())


def data_then_readable(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], high_water_mark=1), "stream", "chunk", "readable")
    t.state("state", stream, "readable_flowing")
    stream.on("readable", lambda: t.log("got", stream.read()))


def readable_listener_removed(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"]), "stream", "chunk")

    def listener() -> None:
        t.log("readable")

    stream.on("readable", listener)
    t.state("added", stream, "readable_flowing")
    stream.remove_listener("readable", listener)
    t.state("removed", stream, "readable_flowing")
    next_tick(lambda: t.state("next tick", stream, "readable_flowing"))


def data_listeners_removed(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream")

    def listener(chunk: bytes) -> None:
        t.log("data")

    stream.on("data", listener)
    stream.off("data", listener)
    t.state("removed", stream, "readable_flowing")
    stream.push("kept?")
    t.turns(3, lambda: t.state("later", stream, "readable_flowing", "readable_length"))


def once_data_then_pause(t: Role) -> None:
    stream = t.watch(_source(["a", "b"]), "stream")

    @stream.once("data")
    def _(chunk: bytes) -> None:
        t.log("once", chunk)
        stream.pause()

    def later() -> None:
        t.state("later", stream, "readable_flowing", "readable_length")
        stream.on("data", lambda chunk: t.log("data", chunk))
        t.state("added", stream, "readable_flowing")
        stream.resume()

    t.turns(5, later)


def readable_with_end_only(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream", "readable")
    stream.push(None)
    stream.on("readable", lambda: t.log("got", stream.read()))


def end_needs_a_read(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing), "stream")
    stream.push(None)

    def later() -> None:
        t.state("unread", stream, "readable_ended")
        stream.read()

    t.turns(5, later)


def set_encoding_before_data(t: Role) -> None:
    stream = t.watch(_source(bytes([byte]) for byte in "é你😀".encode()), "stream", "chunk")
    t.log("same", stream.set_encoding("utf8") is stream)
    t.state("state", stream, "readable_encoding")


def set_encoding_with_buffered_data(t: Role) -> None:
    stream = t.watch(Readable(read=_nothing, high_water_mark=100), "stream", "data")
    data = "aé你".encode()
    stream.push(data[:2])
    stream.push(data[2:5])
    t.state("before", stream, "readable_length")
    stream.set_encoding("utf8")
    t.state("after", stream, "readable_length")
    stream.push(data[5:])
    stream.push(None)


def set_encoding_while_flowing(t: Role) -> None:
    stream = t.watch(_source([b"a", b"b", b"c"]), "stream", "chunk")
    stream.once("data", lambda chunk: stream.set_encoding("hex"))


def encoding_option(t: Role) -> None:
    stream = t.watch(_source([b"\xe4", b"\xbd\xa0", "x"], encoding="utf8"), "stream", "chunk")
    t.state("state", stream, "readable_encoding")


def text_read_by_characters(t: Role) -> None:
    stream = Readable(read=_nothing, encoding="utf8", high_water_mark=100)
    stream.push("héllo wörld")
    t.state("state", stream, "readable_length")
    t.log("got", stream.read(2))
    t.log("got", stream.read(5))
    t.log("got", stream.read())


def cut_character_at_the_end(t: Role) -> None:
    t.watch(_source([b"\x61\xe4\xbd"], encoding="utf8"), "stream", "chunk")


def object_mode(t: Role) -> None:
    stream = t.watch(_source([1, "two", {"three": 3}, [4], False, 0, ""], object_mode=True), "stream", "chunk")
    t.state("state", stream, "readable_object_mode", "readable_high_water_mark")


def object_mode_reads_one_by_one(t: Role) -> None:
    stream = Readable(object_mode=True, read=_nothing, high_water_mark=3)
    for value in ("a", "b", "c", "d"):
        t.log("push", stream.push(value), stream.readable_length)
    t.log("got", stream.read(2), stream.readable_length)
    t.log("got", stream.read(), stream.readable_length)
    t.log("got", stream.read(0), stream.readable_length)


def high_water_mark_zero(t: Role) -> None:
    left = iter(["a", "b"])

    def read(size: int) -> None:
        t.log("read", size)
        stream.push(next(left, None))

    stream = Readable(high_water_mark=0, read=read)
    t.watch(stream, "stream", "readable")
    stream.on("readable", lambda: t.log("got", stream.read()))


def read_ahead_up_to_the_high_water_mark(t: Role) -> None:
    count = 0

    def read(size: int) -> None:
        nonlocal count
        count += 1
        t.log("read", size, stream.readable_length)
        set_immediate(lambda: stream.push(str(count) if count <= 6 else None))

    stream = Readable(high_water_mark=4, read=read)
    t.watch(stream, "stream", "readable")
    stream.read(0)

    def later() -> None:
        t.state("ahead", stream, "readable_length")
        stream.on("data", lambda chunk: t.log("data", chunk))

    t.turns(12, later)


def read_reentrant(t: Role) -> None:
    def read(size: int) -> None:
        t.log("read")
        stream.push("x")
        t.log("inner", stream.readable_length)

    stream = Readable(high_water_mark=10, read=read)
    t.log("got", stream.read())
    t.log("got", stream.read())
    stream.destroy()


def read_throws(t: Role) -> None:
    def read(size: int) -> None:
        raise Exception("from read")

    t.watch(Readable(read=read), "stream", "chunk")


def read_is_missing(t: Role) -> None:
    t.watch(Readable(), "stream", "chunk")


def properties_through_life(t: Role) -> None:
    names = (
        "readable",
        "readable_ended",
        "readable_flowing",
        "readable_did_read",
        "readable_aborted",
        "destroyed",
        "closed",
        "errored",
    )
    stream = t.watch(_source(["a"]), "stream")
    t.state("new", stream, *names)
    stream.on("data", lambda chunk: t.state("data", stream, *names))
    stream.on("end", lambda: t.state("end", stream, *names))
    stream.on("close", lambda: t.state("close", stream, *names))
