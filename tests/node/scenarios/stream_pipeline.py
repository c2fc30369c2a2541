"""pipeline() of streams: each failing in each way, at each moment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Transform, Writable, pipeline
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _source(t: Role, chunks: Iterable[Any], *also: str, **options: Any) -> Readable:
    left = iter(chunks)
    stream: Readable = t.watch(
        Readable(**{"read": lambda size: stream.push(next(left, None)), **options}), "from", *also
    )
    return stream


def _open(t: Role, *also: str, **options: Any) -> Readable:
    stream: Readable = t.watch(Readable(**{"read": lambda size: None, **options}), "from", *also)
    return stream


def _middle(t: Role, *also: str, **options: Any) -> PassThrough:
    stream: PassThrough = t.watch(PassThrough(**options), "through", *also)
    return stream


def _sink(t: Role, *also: str, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(callback)

    stream: Writable = t.watch(Writable(**{"write": write, **options}), "to", *also)
    return stream


def _three(t: Role, act: Callable[[Any, Any, Any], object], **options: dict[str, Any]) -> None:
    """Make a chain of three, and look at it some turns later."""
    source = _open(t, **options.get("source", {}))
    through = _middle(t, **options.get("through", {}))
    to = _sink(t, **options.get("to", {}))

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

    pipeline(_source(t, ["a"]), _sink(t, destroy=destroy), callback=t.callback("done"))


def read_throws(t: Role) -> None:
    pipeline(_open(t, read=_fail), _middle(t), _sink(t), callback=t.callback("done"))


def final_throws(t: Role) -> None:
    pipeline(_source(t, ["a"]), _sink(t, final=_fail), callback=t.callback("done"))


def flush_throws(t: Role) -> None:
    through = t.watch(Transform(transform=lambda chunk, encoding, done: done(None, chunk), flush=_fail), "through")
    pipeline(_source(t, ["a"]), through, _sink(t), callback=t.callback("done"))


def destroy_throws(t: Role) -> None:
    pipeline(_source(t, ["a"]), _sink(t, destroy=_fail), callback=t.callback("done"))


def construct_throws(t: Role) -> None:
    pipeline(_source(t, ["a"]), _middle(t, construct=_fail), _sink(t), callback=t.callback("done"))


def construct_is_slow(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.turns(2, callback)

    source, through = _source(t, ["a"], construct=construct), _middle(t, construct=construct)
    pipeline(source, through, _sink(t, construct=construct), callback=t.callback("done"))


def construct_fails_later(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.turns(2, lambda: callback(Exception("from construct")))

    pipeline(_source(t, ["a"]), _middle(t), _sink(t, construct=construct), callback=t.callback("done"))


def the_sink_is_unheard(t: Role) -> None:
    to = _sink(t, "-error", write=lambda chunk, encoding, callback: callback(Exception("enough")))
    pipeline(_source(t, ["a"], "-error"), to, callback=t.callback("done"))


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
    pipeline(_source(t, []), _sink(t), callback=_throwing(t))


def the_callback_throws_after_an_error(t: Role) -> None:
    source = _open(t)
    pipeline(source, _sink(t), callback=_throwing(t))
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
