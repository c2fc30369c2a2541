"""Readable: every step of a consumer after every other; flowing, paused, and what is buffered, at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable, Writable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    _Feed = Callable[[str | None], object]

# A moment at which nothing is fed.
_NOTHING = "nothing"


def _pushed() -> tuple[Readable, _Feed]:
    stream = Readable(read=lambda size: None, high_water_mark=2)
    return stream, stream.push


def _sync() -> tuple[Readable, _Feed]:
    left = iter("abc")
    stream = Readable(read=lambda size: stream.push(next(left, None)), high_water_mark=2)
    return stream, lambda chunk: None


def _late() -> tuple[Readable, _Feed]:
    left = iter("abc")
    stream = Readable(
        read=lambda size: set_immediate(lambda: stream.push(next(left, None))),
        high_water_mark=2,
    )
    return stream, lambda chunk: None


# Sources of three chunks, and what feeds them at three moments.
_SOURCES = {"pushed": _pushed, "sync": _sync, "late": _late}


def _pipe(t: Role, stream: Readable, label: str) -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[[], None]) -> None:
        t.log(f"{label}.written", chunk)
        callback()

    stream.pipe(t.watch(Writable(write=write), f"{label}.to"))


def _off(stream: Readable, name: str) -> None:
    for listener in stream.listeners(name):
        stream.off(name, listener)


_STEPS: dict[str, Callable[[Role, Readable, str], object]] = {
    "readable": lambda t, stream, label: stream.on("readable", lambda: t.log(f"{label}.readable", stream.read())),
    "data": lambda t, stream, label: stream.on("data", lambda chunk: t.log(f"{label}.data", chunk)),
    "pause": lambda t, stream, label: stream.pause(),
    "resume": lambda t, stream, label: stream.resume(),
    "read": lambda t, stream, label: t.log(f"{label}.read", stream.read()),
    "read_zero": lambda t, stream, label: t.log(f"{label}.read_zero", stream.read(0)),
    "pipe": _pipe,
    "unpipe": lambda t, stream, label: stream.unpipe(),
    "off_readable": lambda t, stream, label: _off(stream, "readable"),
    "off_data": lambda t, stream, label: _off(stream, "data"),
    "remove_all_readable": lambda t, stream, label: stream.remove_all_listeners("readable"),
    "remove_all_data": lambda t, stream, label: stream.remove_all_listeners("data"),
    "remove_all": lambda t, stream, label: stream.remove_all_listeners(),
}


def _pair(t: Role, kind: str, first: str, second: str, is_late: bool, done: Callable[[], None]) -> None:
    """Take one step and, in the same tick or a turn later, the other; then end."""
    label = f"{kind} {first} {second}{' late' if is_late else ''}"
    stream, feed = _SOURCES[kind]()
    t.watch(stream, label, "pause", "resume")

    def step(name: str, chunk: str | None = _NOTHING) -> None:
        if chunk is not _NOTHING:
            feed(chunk)
        if name in _STEPS:
            _STEPS[name](t, stream, label)
        t.log(label, name, stream.readable_flowing, stream.is_paused(), stream.readable_length)

    def go_on() -> None:
        step(second, "b")
        step("after", "c")
        t.turns(5, end)

    def end() -> None:
        step("ending", None)
        t.turns(5, finish)

    def finish() -> None:
        step("over")
        stream.destroy()
        done()

    step(first, "a")
    if is_late:
        set_immediate(go_on)
    else:
        go_on()


def _after_step(t: Role, first: str) -> None:
    pairs = iter([(kind, second, is_late) for kind in _SOURCES for second in _STEPS for is_late in (False, True)])

    def following() -> None:
        if (pair := next(pairs, None)) is not None:
            kind, second, is_late = pair
            _pair(t, kind, first, second, is_late, following)

    following()


def after_readable(t: Role) -> None:
    _after_step(t, "readable")


def after_data(t: Role) -> None:
    _after_step(t, "data")


def after_pause(t: Role) -> None:
    _after_step(t, "pause")


def after_resume(t: Role) -> None:
    _after_step(t, "resume")


def after_read(t: Role) -> None:
    _after_step(t, "read")


def after_read_zero(t: Role) -> None:
    _after_step(t, "read_zero")


def after_pipe(t: Role) -> None:
    _after_step(t, "pipe")


def after_unpipe(t: Role) -> None:
    _after_step(t, "unpipe")


def after_off_readable(t: Role) -> None:
    _after_step(t, "off_readable")


def after_off_data(t: Role) -> None:
    _after_step(t, "off_data")


def after_remove_all_readable(t: Role) -> None:
    _after_step(t, "remove_all_readable")


def after_remove_all_data(t: Role) -> None:
    _after_step(t, "remove_all_data")


def after_remove_all(t: Role) -> None:
    _after_step(t, "remove_all")


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


def _pipe_and_remove(t: Role, how: str) -> None:
    taken: list[Callable[[], None]] = []
    stream = t.watch(_open(), how, "pause", "resume")
    stream.pipe(Writable(high_water_mark=1, write=lambda chunk, encoding, callback: taken.append(callback)))
    stream.push("a")

    def later() -> None:
        _STEPS[how](t, stream, how)
        taken[0]()
        t.turns(2, lambda: t.log(how, stream.readable_flowing))

    t.turns(2, later)


def data_listeners_removed_from_a_pipe_that_waits(t: Role) -> None:
    for how in ("off_data", "remove_all_data"):
        _pipe_and_remove(t, how)
