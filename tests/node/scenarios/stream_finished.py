"""finished(): each kind of stream, open or over, with each option."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.abort import AbortController
from sockstream.stream import Duplex, PassThrough, Readable, Writable, finished
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.events import EventEmitter
    from tests.node.lib import Role

    Callback = Callable[..., None]


def _nothing(*_: object) -> None:
    """Do nothing."""


def _take(chunk: bytes, encoding: str, callback: Callback) -> None:
    callback()


def _readable(**options: Any) -> Readable:
    options.pop("write", None)
    return Readable(**{"read": _nothing, **options})


def _writable(**options: Any) -> Writable:
    return Writable(**{"write": _take, **options})


def _duplex(**options: Any) -> Duplex:
    return Duplex(**{"read": _nothing, "write": _take, **options})


# The kinds of streams: quiet ones, which take everything.
_KINDS: dict[str, Callable[..., Any]] = {"readable": _readable, "writable": _writable, "duplex": _duplex}
# Each of these goes to one finished() of its own.
_VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "not readable": {"readable": False},
    "not writable": {"writable": False},
    "neither": {"readable": False, "writable": False},
    "no error": {"error": False},
}


def _ask(t: Role, stream: Any, name: str) -> None:
    for label, variant in _VARIANTS.items():
        finished(stream, t.callback(f"{name}, {label}"), **variant)


def _told(t: Role, bring: Callable[[Any, str], object], **options: Any) -> None:
    """Bring each kind to a state, and some turns later ask what each variant tells then."""
    for kind, make in _KINDS.items():
        stream = make(**options)
        stream.on("error", partial(t.log, f"{kind} error"))
        bring(stream, kind)
        t.turns(4, partial(_ask, t, stream, kind))
    t.turns(8, lambda: t.log("later"))


def _end(stream: Any, kind: str) -> None:
    if kind != "readable":
        stream.end()
    if kind != "writable":
        stream.push(None)
        stream.resume()


# -- what was before --------------------------------------------------------------------------------------------------


def of_open_ones(t: Role) -> None:
    _told(t, lambda stream, kind: None)


def of_ended_ones(t: Role) -> None:
    _told(t, _end)


def of_destroyed_ones(t: Role) -> None:
    _told(t, lambda stream, kind: stream.destroy())


def of_failed_ones(t: Role) -> None:
    _told(t, lambda stream, kind: stream.destroy(Exception("before")))


def of_ended_ones_without_auto_destroy(t: Role) -> None:
    _told(t, _end, auto_destroy=False)


def of_failed_ones_without_auto_destroy(t: Role) -> None:
    def fail(stream: Any, kind: str) -> None:
        if kind != "readable":
            stream.write("x")
        else:
            stream.emit("error", Exception("by hand"))

    _told(t, fail, auto_destroy=False, write=lambda chunk, encoding, callback: callback(Exception("from write")))


def of_ended_ones_without_emit_close(t: Role) -> None:
    _told(t, _end, emit_close=False)


def of_destroyed_ones_without_emit_close(t: Role) -> None:
    _told(t, lambda stream, kind: stream.destroy(), emit_close=False)


def of_failed_ones_without_emit_close(t: Role) -> None:
    _told(t, lambda stream, kind: stream.destroy(Exception("before")), emit_close=False)


def of_ones_whose_end_waits(t: Role) -> None:
    def wait(stream: Any, kind: str) -> None:
        if kind != "readable":
            stream.end("x")
        if kind != "writable":
            stream.push("x")
            stream.push(None)

    _told(t, wait, write=_nothing)


def of_ones_that_are_being_destroyed(t: Role) -> None:
    _told(t, lambda stream, kind: stream.destroy(), destroy=_nothing)


def of_ended_ones_that_are_being_destroyed(t: Role) -> None:
    _told(t, _end, destroy=_nothing)


def of_ones_that_are_being_constructed(t: Role) -> None:
    _told(t, _end, construct=_nothing)


def of_ended_ones_then_destroyed(t: Role) -> None:
    def end_and_destroy(stream: Any, kind: str) -> None:
        _end(stream, kind)
        t.turns(2, stream.destroy)

    _told(t, end_and_destroy, auto_destroy=False)


def of_a_duplex_with_one_side_over(t: Role) -> None:
    def ask(stream: Duplex, side: str) -> None:
        _ask(t, stream, side)
        t.turns(2, partial(destroy, stream, side))

    def destroy(stream: Duplex, side: str) -> None:
        t.log(f"{side} destroyed")
        stream.destroy()

    for side in ("readable", "writable"):
        stream = _duplex()
        if side == "readable":
            stream.resume().push(None)
        else:
            stream.end()
        t.turns(3, partial(ask, stream, side))


def of_a_duplex_made_without_a_side(t: Role) -> None:
    def end(stream: Duplex, side: str) -> None:
        t.log(side)
        if side == "readable":
            stream.end()
        else:
            stream.push(None)
        stream.resume()

    for side in ("readable", "writable"):
        stream = _duplex(**{side: False})
        _ask(t, stream, side)
        t.turns(2, partial(end, stream, side))


# -- what comes then --------------------------------------------------------------------------------------------------


def _later(t: Role, act: Callable[[Any, str], object], **options: Any) -> None:
    for kind, make in _KINDS.items():
        stream = t.watch(make(**options), kind)
        _ask(t, stream, kind)
        t.turns(2, partial(act, stream, kind))


def then_they_end(t: Role) -> None:
    _later(t, _end)


def then_they_are_destroyed(t: Role) -> None:
    _later(t, lambda stream, kind: stream.destroy())


def then_they_fail(t: Role) -> None:
    _later(t, lambda stream, kind: stream.destroy(Exception("then")))


def then_they_end_without_auto_destroy(t: Role) -> None:
    _later(t, _end, auto_destroy=False)


def then_they_end_without_emit_close(t: Role) -> None:
    _later(t, _end, emit_close=False)


def then_they_are_destroyed_without_emit_close(t: Role) -> None:
    _later(t, lambda stream, kind: stream.destroy(), emit_close=False)


def then_they_fail_without_emit_close(t: Role) -> None:
    _later(t, lambda stream, kind: stream.destroy(Exception("then")), emit_close=False)


def then_they_emit_an_error(t: Role) -> None:
    _later(t, lambda stream, kind: stream.emit("error", Exception("by hand")))


def then_they_end_and_destroying_fails(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        set_immediate(callback, Exception("from destroy"))

    _later(t, _end, destroy=destroy)


def then_they_end_and_are_destroyed_in_the_same_turn(t: Role) -> None:
    def end_and_destroy(stream: Any, kind: str) -> None:
        _end(stream, kind)
        stream.destroy()

    _later(t, end_and_destroy)


def then_they_are_destroyed_after_the_end(t: Role) -> None:
    def end_and_destroy(stream: Any, kind: str) -> None:
        _end(stream, kind)
        t.turns(1, lambda: stream.destroy(Exception("late")))

    _later(t, end_and_destroy, auto_destroy=False)


def final_fails(t: Role) -> None:
    stream = t.watch(_writable(final=lambda callback: callback(Exception("from final"))), "stream")
    finished(stream, t.callback("finished"))
    finished(stream, t.callback("no error"), error=False)
    stream.end()


def the_end_is_not_read(t: Role) -> None:
    def destroy() -> None:
        t.log("destroyed")
        stream.destroy()

    stream = t.watch(PassThrough(), "stream")
    finished(stream, t.callback("finished"))
    finished(stream, t.callback("writing"), readable=False)
    stream.end("a")
    t.turns(5, destroy)


# -- listeners, cancelling, signals -----------------------------------------------------------------------------------


def _counts(stream: EventEmitter) -> list[int]:
    return [stream.listener_count(name) for name in ("end", "finish", "error", "close")]


async def listeners_stay_unless_they_are_cleaned_up(t: Role) -> None:
    for cleanup in (False, True):
        stream = _duplex()
        none = _counts(stream)
        over = finished(stream, cleanup=cleanup)
        t.log("before", [count > before for count, before in zip(_counts(stream), none, strict=True)])
        _end(stream, "duplex")
        await over
        t.log("after", [count > before for count, before in zip(_counts(stream), none, strict=True)])


def twice_on_the_same_stream(t: Role) -> None:
    stream = t.watch(_readable(), "stream")
    finished(stream, t.callback("first"))
    finished(stream, t.callback("second"))
    stream.on("close", lambda: finished(stream, t.callback("third")) and None)
    _end(stream, "readable")


def the_same_callback_is_called_once(t: Role) -> None:
    stream = _readable(auto_destroy=False)
    finished(stream, t.callback("finished"))
    stream.on("error", _nothing)
    stream.emit("error", Exception("one"))
    stream.emit("error", Exception("two"))
    stream.emit("close")


def the_callback_raises(t: Role) -> None:
    def done(error: BaseException | None) -> None:
        t.log("finished", error)
        raise Exception("from the callback")

    stream = t.watch(_readable(), "stream")
    finished(stream, done)
    stream.destroy()


def a_signal(t: Role) -> None:
    def end(stream: Readable, controller: AbortController, when: str) -> None:
        if when == "later":
            controller.abort()
        _end(stream, "readable")
        t.turns(4, controller.abort)

    for when in ("before", "at once", "later", "after"):
        stream = t.watch(_readable(), when)
        controller = AbortController()
        if when == "before":
            controller.abort()
        finished(stream, t.callback(f"{when}: finished"), signal=controller.signal)
        if when == "at once":
            controller.abort()
        t.turns(2, partial(end, stream, controller, when))


async def the_awaited_form(t: Role) -> None:
    streams = [_readable(), _writable(), _duplex()]
    for stream in streams:
        stream.on("error", _nothing)
    t.turns(2, lambda: _end(streams[0], "readable"))
    t.turns(4, streams[1].destroy)
    t.turns(6, lambda: streams[2].destroy(Exception("enough")))
    for stream in streams:
        try:
            t.log("over", await finished(stream))
        except Exception as error:
            t.log("fails", error)


def what_is_refused(t: Role) -> None:
    stream = _readable()
    wrong: Any
    for wrong in (5, "text", None, object()):
        t.attempt("stream", partial(finished, wrong, _nothing))
    for wrong in (5, "text", object()):
        t.attempt("callback", partial(finished, stream, wrong))
    for wrong in (5, "text", object()):
        t.attempt("signal", partial(finished, stream, _nothing, signal=wrong))
