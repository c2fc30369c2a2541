"""Readable: consumers that come, go and change the mode where it is not expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable, Writable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role


def _open(**options: Any) -> Readable:
    return Readable(read=lambda size: None, high_water_mark=100, **options)


def readable_listener_that_does_not_read(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable")
    stream.push("a")

    def more() -> None:
        stream.push("b")
        t.turns(2, read)

    def read() -> None:
        t.log("got", stream.read())
        stream.push("c")
        t.turns(2, lambda: stream.push(None))

    t.turns(2, more)


def pause_and_resume_with_a_readable_listener(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable", "pause", "resume")

    def note(name: str) -> None:
        t.log(name, stream.readable_flowing, stream.is_paused())

    def later() -> None:
        stream.pause()
        note("paused")
        stream.resume()
        note("resumed again")
        t.turns(2, lambda: t.log("got", stream.read()))

    stream.push("a")
    stream.resume()
    note("resumed")
    t.turns(2, later)


def pause_and_resume_twice(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")
    stream.resume()
    stream.resume()
    t.turns(2, lambda: stream.pause().pause().resume().pause().resume())


def resume_in_pause_and_pause_in_resume(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk", "pause", "resume")
    stream.push("a")
    stream.once("resume", lambda: stream.pause())
    stream.once("pause", lambda: t.turns(1, lambda: stream.resume()))
    t.turns(6, lambda: t.state("later", stream, "readable_flowing", "readable_length"))


def pause_in_one_of_two_data_listeners(t: Role) -> None:
    stream = _open()
    stream.once("data", lambda chunk: stream.pause())
    t.watch(stream, "stream", "chunk", "pause")
    stream.push("a")
    stream.push("b")
    t.turns(3, lambda: t.state("later", stream, "readable_flowing", "readable_length"))


def data_listener_that_removes_itself(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")
    stream.once("data", lambda chunk: t.log("once", chunk))
    stream.push("a")
    stream.push("b")

    def later() -> None:
        t.state("later", stream, "readable_flowing", "readable_length")
        stream.push("c")
        stream.once("data", lambda chunk: t.log("once more", chunk))

    t.turns(3, later)


def data_listener_added_in_readable(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")

    @stream.once("readable")
    def _() -> None:
        t.log("readable", stream.readable_flowing)
        stream.on("data", lambda chunk: t.log("data", chunk))
        t.log("added", stream.readable_flowing)

    stream.push("a")
    t.turns(3, lambda: stream.push("b"))
    t.turns(6, lambda: stream.push(None))


def readable_listener_added_in_data(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk")
    stream.push("a")
    stream.push("b")

    @stream.once("data")
    def _(chunk: bytes) -> None:
        stream.on("readable", lambda: t.log("readable", stream.readable_length, stream.read()))
        t.log("added", stream.readable_flowing)

    t.turns(3, lambda: stream.push("c"))
    t.turns(6, lambda: stream.push(None))


def readable_listener_removed_in_readable(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk", "pause", "resume")

    def listener() -> None:
        t.log("readable", stream.readable_length)
        stream.off("readable", listener)
        t.log("removed", stream.readable_flowing)

    stream.on("readable", listener)
    stream.push("a")
    t.turns(3, lambda: t.state("later", stream, "readable_flowing", "readable_length"))


def one_of_two_readable_listeners_removed(t: Role) -> None:
    stream = t.watch(_open(), "stream", "readable", "chunk")

    def listener() -> None:
        t.log("second")

    stream.on("readable", listener)
    stream.off("readable", listener)
    stream.push("a")
    t.turns(3, lambda: t.state("later", stream, "readable_flowing", "readable_length"))


def readable_listener_removed_and_added_again(t: Role) -> None:
    stream = _open()
    stream.push("a")

    def listener() -> None:
        t.log("readable", stream.readable_flowing, stream.read())

    def later() -> None:
        t.state("later", stream, "readable_flowing", "readable_length")
        stream.push("b")

    stream.on("readable", listener)
    stream.off("readable", listener)
    stream.on("readable", listener)
    t.turns(3, later)


def paused_source_ends(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk", "pause", "resume")
    stream.pause()
    stream.push("a")
    stream.push(None)

    def later() -> None:
        t.state("later", stream, "readable_flowing", "readable_length", "readable_ended")
        stream.resume()

    t.turns(4, later)


def prepended_listeners_ask_for_nothing(t: Role) -> None:
    stream = t.watch(_open(), "stream", "resume")
    stream.prepend_listener("data", lambda chunk: t.log("data", chunk))
    stream.prepend_listener("readable", lambda: t.log("readable"))
    stream.push("a")

    def later() -> None:
        t.state("later", stream, "readable_flowing", "readable_length")
        stream.resume()
        t.turns(3, lambda: stream.push("b"))

    t.turns(3, later)


def modes_of_an_ended_one(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")
    stream.resume()
    stream.push(None)

    def note(name: str) -> None:
        t.log(name, stream.readable_flowing, stream.is_paused())

    def later() -> None:
        note("ended")
        stream.pause()
        note("paused")
        stream.resume()
        note("resumed")
        stream.on("readable", lambda: t.log("readable"))
        note("readable added")
        stream.on("data", lambda chunk: t.log("data"))
        t.turns(3, lambda: note("later"))

    t.turns(4, later)


def _remove_from_a_pipe_that_waits(t: Role, remove: Callable[[Readable], object]) -> None:
    """Take the 'data' listeners off a source whose destination needs 'drain', which then comes."""
    taken: list[Callable[[], None]] = []
    stream = t.watch(_open(), "stream", "pause", "resume")
    stream.pipe(Writable(high_water_mark=1, write=lambda chunk, encoding, callback: taken.append(callback)))
    stream.push("a")

    def later() -> None:
        remove(stream)
        taken[0]()
        t.turns(2, lambda: t.state("later", stream, "readable_flowing"))

    t.turns(2, later)


def listener_taken_off_a_pipe_that_waits(t: Role) -> None:
    _remove_from_a_pipe_that_waits(t, lambda stream: stream.off("data", stream.listeners("data")[0]))


def listeners_removed_from_a_pipe_that_waits(t: Role) -> None:
    _remove_from_a_pipe_that_waits(t, lambda stream: stream.remove_all_listeners("data"))


def listeners_removed_from_a_flowing_one(t: Role) -> None:
    stream = t.watch(_open(), "stream", "chunk", "resume")

    def later() -> None:
        stream.remove_all_listeners("data")
        stream.push("a")
        t.state("pushed", stream, "readable_length", "readable_flowing")
        stream.off("data", later)
        stream.push("b")
        t.state("pushed", stream, "readable_length", "readable_flowing")
        t.watch(stream, "again", "chunk")

    t.turns(2, later)


def unpipe_of_two_with_a_data_listener(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[[], None]) -> None:
        set_immediate(callback)

    stream = t.watch(_open(), "stream", "chunk", "pause", "resume")
    for name in ("first", "second"):
        stream.pipe(t.watch(Writable(high_water_mark=1, write=write), name, "unpipe", "drain"))
    stream.push("a")

    def later() -> None:
        stream.resume()
        stream.push("b")
        stream.unpipe()
        t.state("unpiped", stream, "readable_flowing", "readable_length")

    next_tick(later)


def listeners_that_are_not_there_taken_off(t: Role) -> None:
    stream = t.watch(_open(), "stream", "resume")
    stream.resume()

    def later() -> None:
        stream.off("readable", later)
        stream.off("data", later)
        next_tick(lambda: t.state("later", stream, "readable_flowing"))

    t.turns(2, later)


def end_and_unpipe_in_pause_leave_the_others_going_on(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")

    def sink(name: str) -> Writable:
        def write(chunk: bytes, encoding: str, callback: Callable[[], None]) -> None:
            t.log(name, chunk)
            set_immediate(callback)

        return Writable(high_water_mark=1, write=write)

    sinks = [stream.pipe(sink(name)) for name in ("first", "second")]
    stream.once("pause", lambda: stream.unpipe(sinks[0].end()))
    for chunk in ("a", "b", "c"):
        stream.push(chunk)


def read_in_pause_of_an_unpipe(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "chunk", "pause", "resume")
    sink = t.watch(Writable(object_mode=True, high_water_mark=1, write=lambda *_: None), "sink", "unpipe")
    stream.pipe(sink)
    stream.push(0)
    stream.push("x")

    def later() -> None:
        stream.resume()
        stream.once("pause", lambda: t.log("read", stream.read()))
        stream.unpipe(sink)
        t.turns(3, lambda: t.state("later", stream, "readable_flowing", "readable_length"))

    t.turns(2, later)


def unpipe_of_one_that_hears_nothing_any_more(t: Role) -> None:
    stream = t.watch(_open(), "stream", "pause", "resume")
    deaf = stream.pipe(Writable(high_water_mark=1, write=lambda *_: None))
    stream.push("a")

    def take_off() -> None:
        stream.off("data", stream.listeners("data")[0])
        t.watch(stream, "stream", "chunk").pipe(Writable(write=lambda chunk, encoding, callback: callback()))
        stream.push("b")
        t.turns(2, unpipe)

    def unpipe() -> None:
        stream.pause()
        stream.unpipe(deaf)
        t.turns(2, lambda: t.state("later", stream, "readable_flowing"))

    t.turns(2, take_off)
