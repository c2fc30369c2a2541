"""The operators of a Readable."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable
from sockstream.timers import set_immediate
from tests.node import asking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from tests.node.lib import Role


async def _outcome(t: Role, name: str, call: Callable[[], Awaitable[Any]]) -> None:
    """Log what a call gives that may also raise at once."""
    await asking.outcome(t, name, _called(call))


async def _called(call: Callable[[], Awaitable[Any]]) -> Any:
    return await call()


def _endless(t: Role) -> Readable:
    """Return a source that never ends by itself, and logs its end."""
    count = itertools.count(1)
    stream = Readable(object_mode=True, high_water_mark=1, read=lambda size: stream.push(next(count)))
    t.watch(stream, "source", "-error")
    return stream


async def _iterate(t: Role, stream: Readable) -> None:
    try:
        async for chunk in stream:
            t.log("got", chunk)
        t.log("over")
    except Exception as error:
        t.log("caught", error)


async def map_plain(t: Role) -> None:
    await _outcome(t, "list", asking.numbers(1, 2, 3).map(lambda n: n * 2).to_list)


async def map_later(t: Role) -> None:
    await _outcome(t, "list", asking.numbers(1, 2, 3).map(lambda n: asking.later(n * 2)).to_list)


async def map_is_an_object_stream(t: Role) -> None:
    mapped = t.watch(Readable.from_(b"ab", object_mode=False).map(len), "mapped", "chunk")
    t.state("state", mapped, "readable_object_mode", "readable_high_water_mark", "readable")


def map_is_lazy(t: Role) -> None:
    source = asking.numbers(1, 2)
    source.map(lambda _: t.log("called"))
    t.turns(3, lambda: t.state("state", source, "readable_did_read", "destroyed", "readable_flowing"))


async def map_fails_at_the_second(t: Role) -> None:
    def fail(n: int) -> int:
        t.log("called", n)
        if n == 2:
            raise Exception("why")
        return n

    source = asking.numbers(1, 2, 3)
    await _iterate(t, source.map(fail))
    t.state("source", source, "destroyed", "readable_ended")


async def map_fails_later(t: Role) -> None:
    async def fail(n: int) -> int:
        await asking.later()
        if n == 2:
            raise Exception("why")
        return n

    source = asking.numbers(1, 2, 3)
    await _iterate(t, source.map(fail))
    t.state("source", source, "destroyed", "readable_ended")


async def the_source_fails(t: Role) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise Exception("from the source")

    await _iterate(t, Readable.from_(failing()).map(lambda n: n * 2))


async def the_source_is_destroyed(t: Role) -> None:
    source = Readable(object_mode=True, read=lambda size: None)
    source.push(1)

    def destroy_soon(n: int) -> int:
        set_immediate(source.destroy)
        return n

    await _iterate(t, source.map(destroy_soon))


async def map_to_null(t: Role) -> None:
    source = asking.numbers(1, 2, 3)
    mapped = t.watch(source.map(lambda n: None if n == 2 else n), "mapped", "chunk")
    mapped.on("close", lambda: t.state("source", source, "destroyed"))


async def mapped_is_destroyed(t: Role) -> None:
    source = _endless(t)
    mapped = t.watch(source.map(lambda n: n), "mapped")
    mapped.once("data", lambda _: mapped.destroy(Exception("why")))


async def a_chain(t: Role) -> None:
    chained = asking.numbers(1, 2, 3, 4, 5, 6).filter(lambda n: n % 2).map(lambda n: n * 10).drop(1).take(5)
    await _outcome(t, "list", chained.flat_map(lambda n: [n, n + 1]).to_list)


async def bytes_in_a_chain(t: Role) -> None:
    stream = PassThrough()
    stream.end("some bytes")
    await _outcome(t, "list", stream.map(lambda chunk: chunk.decode().upper()).to_list)


async def filter_plain_and_later(t: Role) -> None:
    await _outcome(t, "plain", asking.numbers(1, 2, 3, 4).filter(lambda n: n % 2 == 0).to_list)
    await _outcome(t, "later", asking.numbers(1, 2, 3, 4).filter(lambda n: asking.later(n > 2)).to_list)
    await _outcome(t, "truthy", asking.numbers(0, 1, "", "a").filter(lambda n: n).to_list)


async def filter_fails(t: Role) -> None:
    def fail(n: int) -> bool:
        if n == 2:
            raise Exception("why")
        return True

    source = asking.numbers(1, 2, 3)
    await _iterate(t, source.filter(fail))
    t.state("source", source, "destroyed")


async def flat_map_kinds(t: Role) -> None:
    async def members(n: int) -> AsyncIterator[int]:
        yield n
        yield n * 10

    await _outcome(t, "arrays", asking.numbers(1, 2).flat_map(lambda n: [n, n]).to_list)
    await _outcome(t, "text", asking.numbers("ab", "cd").flat_map(lambda text: text).to_list)
    await _outcome(t, "generators", asking.numbers(1, 2).flat_map(members).to_list)
    await _outcome(t, "streams", asking.numbers(1, 2).flat_map(lambda n: Readable.from_([n, "x"])).to_list)
    await _outcome(t, "later", asking.numbers(1, 2).flat_map(lambda n: asking.later([n])).to_list)
    await _outcome(t, "empty", asking.numbers(1, 2).flat_map(lambda _: []).to_list)
    await _outcome(t, "awaited", asking.numbers(1, 2).flat_map(lambda n: [asking.later(n), asking.later(n)]).to_list)


async def flat_map_is_left(t: Role) -> None:
    async def members(n: int) -> AsyncIterator[int]:
        try:
            yield n
            yield n
        finally:
            t.log("closed", n)

    source = _endless(t)
    await _outcome(t, "list", source.flat_map(members).take(3).to_list)


async def take_some(t: Role) -> None:
    source = _endless(t)
    await _outcome(t, "list", source.take(2).to_list)
    t.state("source", source, "destroyed")


_LIMITS = {0: "0", 1: "1", 2: "2", 3: "3", 9: "9", math.inf: "Infinity"}


async def take_limits(t: Role) -> None:
    for limit, name in _LIMITS.items():
        await _outcome(t, f"take {name}", asking.numbers(1, 2, 3).take(limit).to_list)


async def take_nothing(t: Role) -> None:
    source = _endless(t)
    await _outcome(t, "list", source.take(0).to_list)
    t.state("source", source, "destroyed")


async def drop_limits(t: Role) -> None:
    for limit, name in _LIMITS.items():
        await _outcome(t, f"drop {name}", asking.numbers(1, 2, 3).drop(limit).to_list)


async def of_an_empty_stream(t: Role) -> None:
    await _outcome(t, "map", asking.numbers().map(lambda _: 1).to_list)
    await _outcome(t, "filter", asking.numbers().filter(lambda _: True).to_list)
    await _outcome(t, "flat_map", asking.numbers().flat_map(lambda _: [1]).to_list)
    await _outcome(t, "take", asking.numbers().take(1).to_list)
    await _outcome(t, "drop", asking.numbers().drop(1).to_list)
    await _outcome(t, "for_each", lambda: asking.numbers().for_each(lambda _: t.log("called")))
    await _outcome(t, "some", lambda: asking.numbers().some(lambda _: True))
    await _outcome(t, "every", lambda: asking.numbers().every(lambda _: False))
    await _outcome(t, "find", lambda: asking.numbers().find(lambda _: True))
    await _outcome(t, "reduce", lambda: asking.numbers().reduce(lambda a, b: a + b))
    await _outcome(t, "reduce from", lambda: asking.numbers().reduce(lambda a, b: a + b, 5))
    await _outcome(t, "list", asking.numbers().to_list)


def wrong_limits(t: Role) -> None:
    for limit, name in ((-1, "-1"), (-math.inf, "-Infinity")):
        t.attempt(f"take {name}", lambda: asking.numbers(1).take(limit))  # noqa: B023  # called at once
        t.attempt(f"drop {name}", lambda: asking.numbers(1).drop(limit))  # noqa: B023


async def no_function(t: Role) -> None:
    wrong: Any
    for wrong in (None, None, 5, "x", object()):
        for name, method in (("map", "map"), ("filter", "filter"), ("flatMap", "flat_map")):
            t.attempt(name, lambda: getattr(asking.numbers(1), method)(wrong))  # noqa: B023  # called at once
    for name, method in (("forEach", "for_each"), *((name, name) for name in ("some", "every", "find", "reduce"))):
        await _outcome(t, name, lambda: getattr(asking.numbers(1), method)(5))  # noqa: B023


async def wrong_options(t: Role) -> None:
    wrong: Any = 5
    t.attempt("concurrency 0", lambda: asking.numbers(1).map(lambda _: 1, concurrency=0))
    t.attempt("concurrency -1", lambda: asking.numbers(1).filter(lambda _: 1, concurrency=-1))
    t.attempt("mark -1", lambda: asking.numbers(1).map(lambda _: 1, high_water_mark=-1))
    t.attempt("signal of map", lambda: asking.numbers(1).map(lambda _: 1, signal=wrong))
    t.attempt("signal of take", lambda: asking.numbers(1).take(1, signal=wrong))
    t.attempt("signal of drop", lambda: asking.numbers(1).drop(1, signal=wrong))
    await _outcome(t, "signal of list", lambda: asking.numbers(1).to_list(signal=wrong))
    await _outcome(t, "signal of reduce", lambda: asking.numbers(1).reduce(lambda a, _: a, 1, signal=wrong))
    await _outcome(t, "signal of for_each", lambda: asking.numbers(1).for_each(lambda _: 1, signal=wrong))
