"""compose: a chain of streams and functions as one stream."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream import AbortController
from sockstream.stream import Duplex, PassThrough, Readable, Transform, Writable, compose
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable

    from tests.node.lib import Role


def _upper() -> Transform:
    return Transform(transform=lambda chunk, encoding, callback: callback(None, chunk.decode().upper()))


def _doubled() -> Transform:
    return Transform(object_mode=True, transform=lambda n, encoding, callback: callback(None, n * 2))


def _failing(at: int) -> Transform:
    def transform(n: int, encoding: str, callback: Callable[..., None]) -> None:
        callback(Exception("why") if n == at else None, n)

    return Transform(object_mode=True, transform=transform)


async def _increased(source: AsyncIterable[int]) -> AsyncIterator[int]:
    async for n in source:
        yield n + 1


def _sink(t: Role) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        t.log("wrote", chunk)
        callback()

    return Writable(object_mode=True, write=write)


def _shape(t: Role, stream: Duplex) -> None:
    t.state("shape", stream, "readable", "writable", "readable_object_mode", "writable_object_mode")


async def _turn() -> None:
    future = asyncio.get_running_loop().create_future()
    set_immediate(future.set_result, None)
    await future


def two_transforms(t: Role) -> None:
    composed = t.watch(compose(_upper(), PassThrough()), "composed", "data")
    _shape(t, composed)
    composed.write("some ")
    composed.end("text")


def one_transform(t: Role) -> None:
    transform = _upper()
    composed = t.watch(compose(transform), "composed", "data")
    t.log("same", composed is transform)
    composed.end("text")


def objects_through_three(t: Role) -> None:
    composed = t.watch(compose(_doubled(), _increased, _doubled()), "composed", "chunk")
    _shape(t, composed)
    for n in (1, 2, 3):
        composed.write(n)
    composed.end()


def modes_of_the_ends(t: Role) -> None:
    _shape(t, compose(PassThrough(writable_object_mode=True), PassThrough(readable_object_mode=True)))
    _shape(t, compose(PassThrough(), _doubled()))


def generator_functions(t: Role) -> None:
    composed = t.watch(compose(_increased, _increased), "composed", "chunk")
    _shape(t, composed)
    composed.write(1)
    composed.end(5)


def one_generator_function(t: Role) -> None:
    composed = t.watch(compose(_increased), "composed", "chunk")
    _shape(t, composed)
    composed.write(1)
    composed.end(5)


def a_readable_first(t: Role) -> None:
    _shape(t, t.watch(compose(Readable.from_([1, 2]), _doubled()), "composed", "chunk"))


def an_iterable_first(t: Role) -> None:
    _shape(t, t.watch(compose([1, 2], _doubled()), "composed", "chunk"))


def a_generator_first(t: Role) -> None:
    async def giving() -> AsyncIterator[int]:
        yield 1
        yield 2

    t.watch(compose(giving(), _increased, _doubled()), "composed", "chunk")


def a_writable_last(t: Role) -> None:
    composed = t.watch(compose(_doubled(), _sink(t)), "composed")
    _shape(t, composed)
    composed.write(1)
    composed.end(2)


def an_async_function_last(t: Role) -> None:
    async def consume(source: AsyncIterable[int]) -> None:
        async for chunk in source:
            t.log("took", chunk)

    composed = t.watch(compose(_doubled(), consume), "composed")
    _shape(t, composed)
    composed.write(1)
    composed.end(2)


def from_one_end_to_the_other(t: Role) -> None:
    _shape(t, t.watch(compose(Readable.from_([1, 2]), _doubled(), _sink(t)), "composed"))


def the_first_fails(t: Role) -> None:
    composed = t.watch(compose(_failing(2), _doubled()), "composed", "chunk")
    composed.write(1)
    composed.write(2)


def the_last_fails(t: Role) -> None:
    first = _doubled()
    composed = t.watch(compose(first, _failing(4)), "composed", "chunk")
    composed.on("close", lambda: t.state("first", first, "destroyed"))
    composed.write(1)
    composed.write(2)


def a_function_fails(t: Role) -> None:
    async def throwing(source: AsyncIterable[int]) -> AsyncIterator[int]:
        async for n in source:
            if n == 4:
                raise Exception("why")
            yield n

    first, last = _doubled(), _doubled()
    composed = t.watch(compose(first, throwing, last), "composed", "chunk")
    composed.on("close", lambda: t.log("destroyed", first.destroyed, last.destroyed))
    composed.once("data", lambda _: composed.write(2))
    composed.write(1)


def the_source_fails(t: Role) -> None:
    async def giving(_: object) -> AsyncIterator[int]:
        yield 1
        raise Exception("from the source")

    t.watch(compose(giving, _doubled()), "composed", "chunk")


def _two(t: Role) -> tuple[Transform, Transform, Duplex]:
    first, last = _doubled(), _doubled()
    composed = t.watch(compose(first, last), "composed", "chunk")
    composed.on("close", lambda: t.log("destroyed", first.destroyed, last.destroyed))
    return first, last, composed


def a_stage_is_destroyed(t: Role) -> None:
    first, _, composed = _two(t)
    composed.once("data", lambda _: first.destroy())
    composed.write(1)


def the_last_is_destroyed(t: Role) -> None:
    _, last, composed = _two(t)
    composed.once("data", lambda _: last.destroy(Exception("why")))
    composed.write(1)


def composed_is_destroyed(t: Role) -> None:
    _, _, composed = _two(t)
    composed.once("data", lambda _: composed.destroy())
    composed.write(1)


def composed_is_destroyed_with_an_error(t: Role) -> None:
    first, last = _doubled(), _doubled()
    composed = t.watch(compose(first, last), "composed", "chunk")
    composed.on("close", lambda: t.log("destroyed", first.destroyed, first.errored, last.destroyed, last.errored))
    composed.once("data", lambda _: composed.destroy(Exception("why")))
    composed.write(1)


def callbacks_of_writes(t: Role) -> None:
    composed = t.watch(compose(_doubled(), _doubled()), "composed", "chunk")
    composed.write(1, callback=t.callback("wrote"))
    composed.end(2, callback=t.callback("ended"))


async def in_a_pipeline(t: Role) -> None:
    composed = t.watch(compose(_doubled(), _increased), "composed", "-end")
    t.log("list", await Readable.from_([1, 2, 3]).pipe(composed).to_list())


async def iterated_over(t: Role) -> None:
    composed = compose(_doubled(), _increased)
    composed.write(1)
    composed.end(2)
    async for chunk in composed:
        t.log("got", chunk)
    t.log("over")


async def iteration_is_left(t: Role) -> None:
    last = _doubled()
    composed = compose(Readable.from_([1, 2, 3, 4]), last)
    async for chunk in composed:
        t.log("got", chunk)
        break
    await _turn()
    await _turn()
    t.log("destroyed", composed.destroyed, last.destroyed)


def wrong_stages(t: Role) -> None:
    t.attempt("none", compose)
    t.attempt("number", lambda: compose(5))
    t.attempt("number first", lambda: compose(5, _doubled()))
    t.attempt("number last", lambda: compose(_doubled(), 5))
    t.attempt("readable in the middle", lambda: compose(_doubled(), Readable.from_([]), _doubled()))
    t.attempt("readable last", lambda: compose(_doubled(), Readable.from_([])))
    t.attempt("writable first", lambda: compose(_sink(t), _doubled()))
    t.attempt("writable in the middle", lambda: compose(_doubled(), _sink(t), _doubled()))


def of_a_readable(t: Role) -> None:
    _shape(t, t.watch(Readable.from_([1, 2]).compose(_doubled()), "composed", "chunk"))


async def of_a_readable_and_a_function(t: Role) -> None:
    t.log("list", await Readable.from_([1, 2]).compose(_increased).to_list())


def of_a_readable_aborted_by_a_signal(t: Role) -> None:
    controller = AbortController()
    composed = t.watch(Readable.from_([1, 2, 3]).compose(_doubled(), signal=controller.signal), "composed", "chunk")
    composed.once("data", lambda _: controller.abort())


def of_a_readable_wrong(t: Role) -> None:
    wrong: Any = 5
    t.attempt("readable", lambda: Readable.from_([]).compose(Readable.from_([])))
    t.attempt("number", lambda: Readable.from_([]).compose(5))
    t.attempt("signal", lambda: Readable.from_([]).compose(_doubled(), signal=wrong))


def backpressure(t: Role) -> None:
    held = Duplex(object_mode=True, high_water_mark=1, read=lambda size: None, write=lambda *args: None)
    composed = compose(held, PassThrough(object_mode=True))
    t.log("write", composed.write(1))
    t.log("write", composed.write(2))
    t.state("state", composed, "writable_length", "writable_need_drain")
    t.state("held", held, "writable_length")
