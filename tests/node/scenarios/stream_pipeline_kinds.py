"""pipeline() of streams that were over before, of every kind, and with its last stream left open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, Transform, pipeline
from tests.node import chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


# -- what was before --------------------------------------------------------------------------------------------------


def _before(t: Role, act: Callable[[Any, Any, Any], object]) -> None:
    streams = (chains.source(t, ["a"]), chains.middle(t), chains.sink(t))
    act(*streams)
    t.turns(4, lambda: pipeline(*streams, callback=t.callback("done")))


def the_source_has_ended(t: Role) -> None:
    _before(t, lambda source, through, to: source.resume())


def the_source_has_failed(t: Role) -> None:
    _before(t, lambda source, through, to: source.destroy(Exception("before")))


def the_middle_is_destroyed(t: Role) -> None:
    _before(t, lambda source, through, to: through.destroy())


def the_middle_has_failed(t: Role) -> None:
    _before(t, lambda source, through, to: through.destroy(Exception("before")))


def the_sink_has_finished(t: Role) -> None:
    _before(t, lambda source, through, to: to.end())


def the_sink_has_failed(t: Role) -> None:
    _before(t, lambda source, through, to: to.destroy(Exception("before")))


def the_middle_has_ended(t: Role) -> None:
    _before(t, lambda source, through, to: through.resume().end())


def the_middle_has_its_own_input(t: Role) -> None:
    _before(t, lambda source, through, to: through.write("own"))


def the_sink_needs_drain(t: Role) -> None:
    to = chains.sink(t, "drain", high_water_mark=1)
    to.write("own")
    pipeline(chains.source(t, ["a", "b"]), to, callback=t.callback("done"))


def the_sink_is_very_slow(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        t.turns(7, callback)

    source, through = chains.source(t, ["aa", "bb", "cc"], high_water_mark=2), chains.middle(t, high_water_mark=2)
    pipeline(source, through, chains.sink(t, "drain", write=write, high_water_mark=2), callback=t.callback("done"))


async def two_chains_one_after_the_other(t: Role) -> None:
    to = chains.sink(t)
    await pipeline(chains.source(t, ["a"]), to, end=False)
    t.state("between", to, "writable", "writable_ended")
    between = asyncio.get_running_loop().create_future()
    t.turns(2, lambda: between.set_result(None))
    await between
    await pipeline(chains.source(t, ["b"]), to)
    t.state("after", to, "writable", "writable_finished", "destroyed")


async def end_false_and_the_source_fails(t: Role) -> None:
    source, to = chains.open_source(t), chains.sink(t)
    t.turns(3, lambda: source.destroy(Exception("enough")))
    try:
        await pipeline(source, chains.middle(t), to, end=False)
    except Exception as error:
        t.log("fails", error)
    t.state("after", to, "writable", "destroyed")


async def end_false_and_the_sink_fails(t: Role) -> None:
    source, to = chains.open_source(t), chains.sink(t)
    t.turns(3, lambda: to.destroy(Exception("enough")))
    try:
        await pipeline(source, to, end=False)
    except Exception as error:
        t.log("fails", error)
    t.state("after", source, "destroyed", "errored")


# -- kinds of streams -------------------------------------------------------------------------------------------------


def _duplex() -> Duplex:
    return Duplex(read=lambda size: None, write=lambda chunk, encoding, callback: callback())


def from_a_duplex_to_a_duplex(t: Role) -> None:
    first, last = t.watch(_duplex(), "first"), t.watch(_duplex(), "last")
    pipeline(first, last, callback=t.callback("done"))
    first.push("a")
    first.push(None)

    def look() -> None:
        t.state("first", first, "writable", "destroyed")
        t.state("last", last, "readable", "destroyed")

    t.turns(5, look)


def from_a_duplex_that_fails_later(t: Role) -> None:
    first = t.watch(_duplex(), "first")
    pipeline(first, chains.sink(t), callback=t.callback("done"))
    first.push(None)
    t.turns(6, lambda: first.destroy(Exception("late")))


def without_auto_destroy(t: Role) -> None:
    options = {"auto_destroy": False}
    streams: list[Any] = [chains.source(t, ["a"], **options), chains.middle(t, **options), chains.sink(t, **options)]
    pipeline(streams, callback=t.callback("done"))
    t.turns(8, lambda: t.log("later", [stream.destroyed for stream in streams]))


def without_auto_destroy_one_fails(t: Role) -> None:
    options = {"auto_destroy": False}
    failing = Transform(transform=lambda chunk, encoding, callback: callback(Exception("enough")), auto_destroy=False)
    to = chains.sink(t, **options)
    pipeline(chains.source(t, ["a"], **options), t.watch(failing, "through"), to, callback=t.callback("done"))


def without_emit_close(t: Role) -> None:
    options = {"emit_close": False}
    pipeline(
        chains.source(t, ["a"], **options),
        chains.middle(t, **options),
        chains.sink(t, **options),
        callback=t.callback("done"),
    )


def objects_on_one_side(t: Role) -> None:
    count = Transform(
        writable_object_mode=True, transform=lambda chunk, encoding, callback: callback(None, f"{chunk['n']};")
    )
    source = chains.source(t, [{"n": 1}, {"n": 2}], object_mode=True)
    pipeline(source, t.watch(count, "through"), chains.sink(t), callback=t.callback("done"))
