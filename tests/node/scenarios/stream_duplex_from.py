"""Duplex.from_: streams of both sides made of other things."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, PassThrough, Readable, Writable, is_errored
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator

    from tests.node.lib import Role


def _shape(t: Role, stream: Duplex) -> None:
    t.state("shape", stream, "readable", "writable", "readable_object_mode", "writable_object_mode")


def _turn() -> Awaitable[None]:
    future = asyncio.get_running_loop().create_future()
    set_immediate(future.set_result, None)
    return future


def _sink(t: Role, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        t.log("wrote", chunk)
        callback()

    return Writable(write=write, **options)


async def _result(value: object) -> Any:
    await _turn()
    if isinstance(value, Exception):
        raise value
    return value


def a_duplex(t: Role) -> None:
    duplex = PassThrough()
    t.log("same", Duplex.from_(duplex) is duplex)


def a_readable(t: Role) -> None:
    _shape(t, t.watch(Duplex.from_(Readable.from_(["a", "b"])), "stream", "chunk"))


def a_readable_of_bytes(t: Role) -> None:
    readable = Readable(read=lambda size: None).on("end", lambda: t.log("source ended"))
    readable.push("bytes")
    readable.push(None)
    _shape(t, t.watch(Duplex.from_(readable), "stream", "data"))


def a_writable(t: Role) -> None:
    stream = t.watch(Duplex.from_(_sink(t)), "stream")
    _shape(t, stream)
    stream.write("a", callback=t.callback("written"))
    stream.end("b")


def a_writable_of_objects(t: Role) -> None:
    stream = t.watch(Duplex.from_(_sink(t, object_mode=True)), "stream")
    _shape(t, stream)
    stream.end(5)


def text(t: Role) -> None:
    _shape(t, t.watch(Duplex.from_("some text"), "stream", "chunk"))


def some_bytes(t: Role) -> None:
    _shape(t, t.watch(Duplex.from_(b"bytes"), "stream", "chunk"))


def an_array(t: Role) -> None:
    stream = t.watch(Duplex.from_([1, 2]), "stream", "chunk")
    _shape(t, stream)
    t.state("mark", stream, "readable_high_water_mark")


def a_generator(t: Role) -> None:
    def giving() -> Iterator[int]:
        yield 1
        raise Exception("why")

    t.watch(Duplex.from_(giving()), "stream", "chunk")


def an_async_generator(t: Role) -> None:
    async def giving() -> AsyncIterator[int]:
        yield 1
        await _turn()
        yield 2

    _shape(t, t.watch(Duplex.from_(giving()), "stream", "chunk"))


def a_promise(t: Role) -> None:
    _shape(t, t.watch(Duplex.from_(_result("value")), "stream", "chunk"))


def a_promise_of_nothing(t: Role) -> None:
    t.watch(Duplex.from_(_result(None)), "stream", "chunk")


def a_promise_that_fails(t: Role) -> None:
    t.watch(Duplex.from_(_result(Exception("why"))), "stream", "chunk")


def a_generator_function(t: Role) -> None:
    async def doubling(source: AsyncIterable[int]) -> AsyncIterator[int]:
        async for n in source:
            yield n * 2
            yield n * 3

    stream = t.watch(Duplex.from_(doubling), "stream", "chunk")
    _shape(t, stream)
    t.state("marks", stream, "readable_high_water_mark", "writable_high_water_mark")
    stream.write(1, callback=t.callback("written"))
    stream.end(2)


def a_generator_function_that_ignores_its_input(t: Role) -> None:
    async def giving(_: object) -> AsyncIterator[str]:
        yield "a"
        yield "b"

    stream = Duplex.from_(giving)
    stream.on("data", lambda chunk: t.log("got", chunk))
    stream.on("end", lambda: t.state("end", stream, "writable", "destroyed"))


def a_generator_function_that_fails(t: Role) -> None:
    async def failing(source: AsyncIterable[int]) -> AsyncIterator[int]:
        async for n in source:
            yield n
            raise Exception("why")

    stream = t.watch(Duplex.from_(failing), "stream", "chunk")
    stream.write(1)


def an_async_function(t: Role) -> None:
    async def consume(source: AsyncIterable[Any]) -> None:
        async for chunk in source:
            t.log("took", chunk)
        await _turn()
        t.log("returns")

    stream = t.watch(Duplex.from_(consume), "stream")
    _shape(t, stream)
    stream.write("a")
    stream.end("b")


def an_async_function_that_fails(t: Role) -> None:
    async def failing(source: AsyncIterable[str]) -> None:
        async for chunk in source:
            raise Exception(f"why {chunk}")

    stream = t.watch(Duplex.from_(failing), "stream")
    stream.write("a")


def an_async_function_that_returns_something(t: Role) -> None:
    async def returning(source: AsyncIterable[Any]) -> int:
        async for chunk in source:
            t.log("took", chunk)
        return 5

    stream = t.watch(Duplex.from_(returning), "stream")
    stream.end("a")


def an_async_function_that_returns_early(t: Role) -> None:
    async def early(source: AsyncIterable[Any]) -> None:
        async for chunk in source:
            t.log("took", chunk)
            return

    stream = t.watch(Duplex.from_(early), "stream")
    stream.write("a")
    t.turns(4, lambda: t.state("state", stream, "destroyed", "writable"))


def destroying_a_generator_function_that_waits(t: Role) -> None:
    async def waiting(source: AsyncIterable[int]) -> AsyncIterator[int]:
        try:
            async for n in source:
                yield n
        finally:
            t.log("closed")

    stream = t.watch(Duplex.from_(waiting), "stream", "chunk")
    stream.write(1)
    t.turns(3, lambda: stream.destroy(Exception("why")))


def destroying_a_promise(t: Role) -> None:
    t.watch(Duplex.from_(asyncio.get_running_loop().create_future()), "stream").destroy()


def destroying_an_array(t: Role) -> None:
    t.watch(Duplex.from_([1, 2, 3]), "stream").destroy(Exception("why"))


def _raise(_: object) -> None:
    raise Exception("why")


def wrong_things(t: Role) -> None:
    for wrong in (5, None, None, object(), True):
        t.attempt("from", lambda: Duplex.from_(wrong))  # noqa: B023  # called at once
    t.attempt("returns a number", lambda: Duplex.from_(lambda _: 5))
    t.attempt("returns nothing", lambda: Duplex.from_(lambda _: None))
    t.attempt("throws", lambda: Duplex.from_(_raise))


# -- two streams ------------------------------------------------------------------------------------------------------


def a_readable_and_a_writable(t: Role) -> None:
    stream = t.watch(Duplex.from_(readable=Readable.from_(["a"]), writable=_sink(t)), "stream", "chunk")
    _shape(t, stream)
    stream.end("b")


def only_one_of_the_two(t: Role) -> None:
    _shape(t, Duplex.from_(readable=Readable.from_(["a"])))
    _shape(t, Duplex.from_(writable=_sink(t)))


def two_of_other_things(t: Role) -> None:
    async def consume(source: AsyncIterable[Any]) -> None:
        async for chunk in source:
            t.log("took", chunk)

    stream = t.watch(Duplex.from_(readable=["a", "b"], writable=consume), "stream", "chunk")
    _shape(t, stream)
    stream.end("c")


def _two(t: Role) -> tuple[Readable, Writable, Duplex]:
    readable = Readable(read=lambda size: None)
    writable = Writable(write=lambda chunk, encoding, callback: callback())
    stream = t.watch(Duplex.from_(readable=readable, writable=writable), "stream", "data")

    def states() -> None:
        t.log("readable", readable.destroyed, is_errored(readable))
        t.log("writable", writable.destroyed, is_errored(writable))

    stream.on("close", lambda: t.turns(2, states))
    return readable, writable, stream


def the_readable_fails(t: Role) -> None:
    readable, _, _ = _two(t)
    t.turns(1, lambda: readable.destroy(Exception("why")))


def the_writable_fails(t: Role) -> None:
    _, writable, _ = _two(t)
    t.turns(1, lambda: writable.destroy(Exception("why")))


def the_readable_is_destroyed(t: Role) -> None:
    readable, _, _ = _two(t)
    t.turns(1, readable.destroy)


def both_are_destroyed_with_the_duplex(t: Role) -> None:
    _, _, stream = _two(t)
    t.turns(1, stream.destroy)


def both_fail_with_the_duplex(t: Role) -> None:
    _, _, stream = _two(t)
    t.turns(1, lambda: stream.destroy(Exception("why")))


def the_readable_ends_first(t: Role) -> None:
    readable, _, stream = _two(t)
    readable.push("a")
    readable.push(None)

    def end() -> None:
        t.state("state", stream, "destroyed", "readable", "writable")
        stream.end()

    t.turns(3, end)


def the_writable_finishes_first(t: Role) -> None:
    readable, _, stream = _two(t)
    stream.end("a")

    def end() -> None:
        t.state("state", stream, "destroyed", "readable", "writable")
        readable.push(None)

    t.turns(3, end)
