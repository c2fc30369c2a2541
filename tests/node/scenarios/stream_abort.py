"""add_abort_signal(), the `signal` option, and the signal of a pipeline."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.abort import AbortController, AbortSignal
from sockstream.stream import Duplex, PassThrough, Readable, Transform, Writable, add_abort_signal, finished, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.node.lib import Role

    Callback = Callable[..., None]
    Act = Callable[[Any, AbortController, str], object]


def _take(chunk: bytes, encoding: str, callback: Callback) -> None:
    callback()


def _pass_on(chunk: bytes, encoding: str, callback: Callback) -> None:
    callback(None, chunk)


_KINDS: dict[str, Callable[..., Any]] = {
    "readable": lambda **options: Readable(**{"read": lambda size: None, **options}),
    "writable": lambda **options: Writable(**{"write": _take, **options}),
    "duplex": lambda **options: Duplex(**{"read": lambda size: None, "write": _take, **options}),
    "transform": lambda **options: Transform(**{"transform": _pass_on, **options}),
}


def _each(t: Role, act: Act, **options: Any) -> None:
    """Log what each kind of stream does when `act` gets it and its controller."""
    for kind, make in _KINDS.items():
        stream = t.watch(make(**options), kind)
        act(stream, AbortController(), kind)
        t.turns(6, partial(t.state, kind, stream, "destroyed", "errored"))


def _end(stream: Any, kind: str) -> None:
    if kind != "readable":
        stream.end()
    if kind in ("readable", "duplex"):
        stream.push(None)
    if kind != "writable":
        stream.resume()


def _reason(error: BaseException) -> tuple[BaseException, object]:
    """Return an error, and why it came."""
    return error, getattr(error, "cause", None)


def aborted_before(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        controller.abort()
        t.log("same", add_abort_signal(controller.signal, stream) is stream)
        t.state("at once", stream, "destroyed")

    _each(t, act)


def aborted_at_once(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        add_abort_signal(controller.signal, stream)
        controller.abort()
        t.state("at once", stream, "destroyed")

    _each(t, act)


def aborted_later(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        add_abort_signal(controller.signal, stream)
        t.turns(2, controller.abort)

    _each(t, act)


def _end_and_abort(t: Role, stream: Any, controller: AbortController, kind: str) -> None:
    add_abort_signal(controller.signal, stream)
    _end(stream, kind)
    t.turns(3, controller.abort)


def aborted_after_the_end(t: Role) -> None:
    _each(t, partial(_end_and_abort, t))


def aborted_after_the_end_without_auto_destroy(t: Role) -> None:
    _each(t, partial(_end_and_abort, t), auto_destroy=False)


def aborted_after_destroy(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        add_abort_signal(controller.signal, stream)
        stream.destroy()
        t.turns(2, controller.abort)

    _each(t, act)


def aborted_in_the_same_turn_as_destroy(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        add_abort_signal(controller.signal, stream)
        stream.destroy()
        controller.abort()

    _each(t, act)


def aborted_unheard(t: Role) -> None:
    controller = AbortController()
    t.watch(add_abort_signal(controller.signal, _KINDS["readable"]()), "stream", "-error", "-close")
    controller.abort()


def aborted_before_unheard(t: Role) -> None:
    t.watch(add_abort_signal(AbortSignal.abort(), _KINDS["readable"]()), "stream", "-error", "-close")


def the_reasons(t: Role) -> None:
    for given in (Exception("enough"), "a text"):
        controller = AbortController()
        stream = add_abort_signal(controller.signal, _KINDS["readable"]())
        stream.on("error", lambda error: t.log("error", *_reason(error)))
        controller.abort(given)


def the_option(t: Role) -> None:
    for kind, make in _KINDS.items():
        controller = AbortController()
        stream = t.watch(make(signal=controller.signal), kind)
        t.turns(2, partial(controller.abort, Exception("why")))
        stream.on("error", lambda error: t.log("reason", *_reason(error)))


def the_option_aborted_before(t: Role) -> None:
    controller = AbortController()
    controller.abort()
    for kind, make in _KINDS.items():
        stream = t.watch(make(signal=controller.signal), kind)
        t.state("at once", stream, "destroyed")


def while_constructing(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.turns(3, lambda: constructed(callback))

    def constructed(callback: Callback) -> None:
        t.log("constructed")
        callback()

    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback(error)

    controller = AbortController()
    t.watch(_KINDS["writable"](signal=controller.signal, construct=construct, destroy=destroy), "stream")
    t.turns(1, controller.abort)


def with_writes_in_flight(t: Role) -> None:
    controller = AbortController()
    callbacks: list[Callback] = []
    stream = t.watch(
        Writable(signal=controller.signal, write=lambda chunk, encoding, callback: callbacks.append(callback)), "stream"
    )
    for chunk in ("a", "b"):
        stream.write(chunk, t.callback(chunk))
    stream.end(t.callback("end"))
    controller.abort()
    t.turns(2, lambda: [callback() for callback in callbacks])


def with_data_left(t: Role) -> None:
    controller = AbortController()
    stream = t.watch(_KINDS["readable"](signal=controller.signal), "stream", "data")
    stream.push("a")
    stream.once("data", lambda _: controller.abort())
    stream.push("b")


def aborted_in_read(t: Role) -> None:
    def read(size: int) -> None:
        controller.abort()
        stream.push("a")

    controller = AbortController()
    stream = Readable(signal=controller.signal, read=read)
    t.watch(stream, "stream", "data")
    t.turns(3, lambda: t.state("later", stream, "readable_length", "readable_aborted"))


def the_destroy_hook_gets_the_error(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        add_abort_signal(controller.signal, stream)
        controller.abort()

    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback()

    _each(t, act, destroy=destroy)


def two_signals(t: Role) -> None:
    first, second = AbortController(), AbortController()
    stream = t.watch(_KINDS["readable"](), "stream")
    add_abort_signal(first.signal, add_abort_signal(second.signal, stream))
    stream.on("error", lambda error: t.log("reason", *_reason(error)))
    first.abort(Exception("first"))
    second.abort(Exception("second"))


def one_signal_for_several(t: Role) -> None:
    controller = AbortController()
    for kind, make in _KINDS.items():
        t.watch(add_abort_signal(controller.signal, make()), kind)
    t.turns(2, controller.abort)


def a_piped_source(t: Role) -> None:
    controller = AbortController()
    source = t.watch(add_abort_signal(controller.signal, _KINDS["readable"]()), "from")
    to = t.watch(_KINDS["writable"](), "to", "unpipe")
    source.pipe(to)
    source.push("a")
    t.turns(2, controller.abort)
    t.turns(5, lambda: t.state("later", to, "destroyed", "writable_ended"))


def a_piped_sink(t: Role) -> None:
    controller = AbortController()
    source = t.watch(_KINDS["readable"](), "from", "pause")
    to = t.watch(add_abort_signal(controller.signal, _KINDS["writable"]()), "to", "unpipe")
    source.pipe(to)
    t.turns(2, controller.abort)
    t.turns(5, lambda: t.state("later", source, "destroyed", "readable_flowing"))


async def an_iteration(t: Role) -> None:
    controller = AbortController()
    stream = t.watch(add_abort_signal(controller.signal, _KINDS["readable"]()), "stream")
    stream.push("a")
    t.turns(4, controller.abort)
    try:
        async for chunk in stream:
            t.log("got", chunk)
    except Exception as error:
        t.log("caught", error)


def a_stage_of_a_pipeline(t: Role) -> None:
    for index in range(3):
        controller = AbortController()
        streams = [_KINDS["readable"](), PassThrough(), _KINDS["writable"]()]
        for at, stream in enumerate(streams):
            t.watch(stream, f"{index}: {at}")
        add_abort_signal(controller.signal, streams[index])
        pipeline(streams, callback=t.callback(f"{index}: done"))
        t.turns(2, controller.abort)


def finished_of_an_aborted_one(t: Role) -> None:
    def act(stream: Any, controller: AbortController, kind: str) -> None:
        finished(stream, t.callback("finished"))
        add_abort_signal(controller.signal, stream)
        controller.abort()

    _each(t, act)


# -- the signal of a pipeline -----------------------------------------------------------------------------------------


def _chain(t: Role) -> list[Any]:
    streams = [_KINDS["readable"](), PassThrough(), _KINDS["writable"]()]
    return [t.watch(stream, f"{at}") for at, stream in enumerate(streams)]


def _aborted(when: str) -> Callable[[Role], Coroutine[Any, Any, None]]:
    async def scenario(t: Role) -> None:
        controller = AbortController()
        streams = _chain(t)
        if when == "before":
            controller.abort(Exception("why"))
        over = pipeline(streams, signal=controller.signal)
        if when == "at once":
            controller.abort(Exception("why"))
        streams[0].push("a")
        if when == "later":
            t.turns(3, lambda: controller.abort(Exception("why")))
        if when == "after":
            streams[0].push(None)
        try:
            t.log("over", await over)
        except Exception as error:
            t.log("fails", *_reason(error))
        controller.abort()
        waiter = asyncio.get_running_loop().create_future()
        t.turns(3, lambda: waiter.set_result(None))
        await waiter
        for stream in streams:
            t.state("later", stream, "destroyed", "errored")

    return scenario


a_pipeline_aborted_before = _aborted("before")
a_pipeline_aborted_at_once = _aborted("at once")
a_pipeline_aborted_later = _aborted("later")
a_pipeline_aborted_after = _aborted("after")


async def a_pipeline_with_end_false_is_aborted(t: Role) -> None:
    controller = AbortController()
    streams = _chain(t)
    t.turns(3, controller.abort)
    try:
        await pipeline(streams, signal=controller.signal, end=False)
    except Exception as error:
        t.log("fails", error)
    t.state("last", streams[2], "destroyed", "writable")


async def a_pipeline_of_functions_is_aborted(t: Role) -> None:
    async def noting(chunks: Any) -> AsyncIterator[bytes]:
        try:
            async for chunk in chunks:
                yield chunk
        except Exception as error:
            t.log("caught", error)
            raise

    controller = AbortController()
    source = t.watch(_KINDS["readable"](), "from")
    source.push("a")
    t.turns(5, lambda: controller.abort(Exception("why")))
    try:
        await pipeline(source, noting, t.watch(_KINDS["writable"](), "to"), signal=controller.signal)
    except Exception as error:
        t.log("fails", *_reason(error))


def what_is_refused(t: Role) -> None:
    signal = AbortController().signal
    wrong: Any
    for wrong in (5, "text", object()):
        t.attempt("signal", partial(add_abort_signal, wrong, _KINDS["readable"]()))
    for wrong in (5, "text", None, object()):
        t.attempt("stream", partial(add_abort_signal, signal, wrong))
    for wrong in (5, "text", object()):
        t.attempt("option", partial(_KINDS["writable"], signal=wrong))
