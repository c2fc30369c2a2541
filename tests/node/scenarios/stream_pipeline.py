"""pipeline() of streams: each failing in each way, at each moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Transform, Writable, pipeline
from sockstream.timers import set_immediate
from tests.node import chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _three(t: Role, act: Callable[[Any, Any, Any], object], **options: dict[str, Any]) -> None:
    """Make a chain of three, and look at it some turns later."""
    source = chains.open_source(t, **options.get("source", {}))
    through = chains.middle(t, **options.get("through", {}))
    to = chains.sink(t, **options.get("to", {}))

    def look() -> None:
        for stream in (source, through, to):
            t.state("later", stream, "destroyed", "errored")

    pipeline([source, through, to], callback=t.callback("done"))
    source.push("a")
    t.turns(4, lambda: act(source, through, to))
    t.turns(10, look)


def _fail(*_: object) -> None:
    raise Exception("from a hook")


# -- each stage failing -----------------------------------------------------------------------------------------------


def the_middle_closes_early(t: Role) -> None:
    _three(t, lambda source, through, to: through.destroy())


def the_middle_is_destroyed_with_an_error(t: Role) -> None:
    _three(t, lambda source, through, to: through.destroy(Exception("enough")))


def the_sink_is_destroyed_with_an_error(t: Role) -> None:
    _three(t, lambda source, through, to: to.destroy(Exception("enough")))


def the_source_emits_an_error_by_hand(t: Role) -> None:
    _three(t, lambda source, through, to: source.emit("error", Exception("by hand")))


def the_sink_emits_an_error_by_hand(t: Role) -> None:
    _three(t, lambda source, through, to: to.emit("error", Exception("by hand")))


def the_source_fails_and_then_the_sink(t: Role) -> None:
    def act(source: Readable, through: object, to: Writable) -> None:
        source.destroy(Exception("first"))
        to.destroy(Exception("second"))

    _three(t, act)


def the_source_closes_and_then_the_sink_fails(t: Role) -> None:
    def act(source: Readable, through: object, to: Writable) -> None:
        source.destroy()
        to.destroy(Exception("the cause"))

    _three(t, act)


def the_middle_pushes_after_its_end(t: Role) -> None:
    def act(source: object, through: PassThrough, to: object) -> None:
        through.push(None)
        through.push("more")

    _three(t, act)


def the_sink_is_ended_early(t: Role) -> None:
    def act(source: Readable, through: object, to: Writable) -> None:
        to.end("own")
        source.push("b")

    _three(t, act)


def the_middle_is_ended_early(t: Role) -> None:
    def act(source: Readable, through: PassThrough, to: object) -> None:
        through.end()
        source.push("b")

    _three(t, act)


def the_sink_is_ended_early_and_nothing_comes(t: Role) -> None:
    _three(t, lambda source, through, to: to.end())


def destroy_hooks_swallow_the_error(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback()

    swallow = {"destroy": destroy}
    _three(
        t, lambda source, through, to: source.destroy(Exception("enough")), source=swallow, through=swallow, to=swallow
    )


def destroy_hooks_fail(t: Role) -> None:
    failing = {"destroy": lambda error, callback: callback(Exception("from destroy"))}
    _three(t, lambda source, through, to: source.destroy(Exception("enough")), through=failing, to=failing)


def destroy_hooks_are_slow(t: Role) -> None:
    slow = {"destroy": lambda error, callback: t.turns(2, lambda: callback(error))}
    _three(t, lambda source, through, to: through.destroy(Exception("enough")), source=slow, through=slow, to=slow)


def the_sink_fails_after_its_finish(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        set_immediate(callback, Exception("from destroy"))

    pipeline(chains.source(t, ["a"]), chains.sink(t, destroy=destroy), callback=t.callback("done"))


def read_throws(t: Role) -> None:
    pipeline(chains.open_source(t, read=_fail), chains.middle(t), chains.sink(t), callback=t.callback("done"))


def final_throws(t: Role) -> None:
    pipeline(chains.source(t, ["a"]), chains.sink(t, final=_fail), callback=t.callback("done"))


def flush_throws(t: Role) -> None:
    through = t.watch(Transform(transform=lambda chunk, encoding, done: done(None, chunk), flush=_fail), "through")
    pipeline(chains.source(t, ["a"]), through, chains.sink(t), callback=t.callback("done"))


def destroy_throws(t: Role) -> None:
    pipeline(chains.source(t, ["a"]), chains.sink(t, destroy=_fail), callback=t.callback("done"))


def construct_throws(t: Role) -> None:
    pipeline(chains.source(t, ["a"]), chains.middle(t, construct=_fail), chains.sink(t), callback=t.callback("done"))


def construct_is_slow(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.turns(2, callback)

    source, through = chains.source(t, ["a"], construct=construct), chains.middle(t, construct=construct)
    pipeline(source, through, chains.sink(t, construct=construct), callback=t.callback("done"))


def construct_fails_later(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.turns(2, lambda: callback(Exception("from construct")))

    pipeline(
        chains.source(t, ["a"]), chains.middle(t), chains.sink(t, construct=construct), callback=t.callback("done")
    )


def the_sink_is_unheard(t: Role) -> None:
    to = chains.sink(t, "-error", write=lambda chunk, encoding, callback: callback(Exception("enough")))
    pipeline(chains.source(t, ["a"], "-error"), to, callback=t.callback("done"))


def destroyed_without_close(t: Role) -> None:
    options = {"emit_close": False}
    _three(
        t, lambda source, through, to: source.destroy(Exception("enough")), source=options, through=options, to=options
    )


def _throwing(t: Role) -> Callable[[BaseException | None], None]:
    def done(error: BaseException | None) -> None:
        t.log("done", error)
        raise Exception("from the callback")

    return done


def the_callback_throws(t: Role) -> None:
    pipeline(chains.source(t, []), chains.sink(t), callback=_throwing(t))


def the_callback_throws_after_an_error(t: Role) -> None:
    source = chains.open_source(t)
    pipeline(source, chains.sink(t), callback=_throwing(t))
    source.destroy(Exception("enough"))


# -- what is refused --------------------------------------------------------------------------------------------------


def what_cannot_stand_there(t: Role) -> None:
    def readable() -> Readable:
        return Readable(read=lambda size: None)

    tries: dict[str, list[Any]] = {
        "none": [],
        "a number first": [5, Writable()],
        "a number in the middle": [readable(), 5, Writable()],
        "a number last": [readable(), 5],
        "a Writable in the middle": [readable(), Writable(), Writable()],
        "nothing last": [readable(), None],
        "an object first": [object(), Writable()],
    }
    for label, stages in tries.items():
        t.attempt(label, partial(pipeline, *stages, callback=t.callback("never")))
