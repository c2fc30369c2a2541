"""Readable: every step of a consumer after every other; flowing, paused, and what is buffered, at each."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
