"""Operators that give an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from tests.node import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.node.lib import Role


async def _is_destroyed(t: Role, source: Readable) -> None:
    """Log whether a source is destroyed, when there was time to."""
    await asking.later()
    t.state("source", source, "destroyed")


def _raise(*_: object) -> Any:
    raise Exception("why")


async def _raise_later(*_: object) -> Any:
    raise Exception("why")


async def for_each_plain_and_later(t: Role) -> None:
    async def called(n: int) -> None:
        t.log("called", await asking.later(n))

    await asking.outcome(t, "plain", asking.numbers(1, 2).for_each(lambda n: t.log("called", n)))
    await asking.outcome(t, "later", asking.numbers(1, 2).for_each(called))


async def for_each_fails(t: Role) -> None:
    def fail(n: int) -> None:
        t.log("called", n)
        if n == 2:
            raise Exception("why")

    source = asking.endless()
    await asking.outcome(t, "plain", source.for_each(fail))
    await _is_destroyed(t, source)


async def for_each_fails_later(t: Role) -> None:
    async def fail(n: int) -> None:
        await asking.later()
        if n == 2:
            raise Exception("why")

    source = asking.numbers(1, 2, 3)
    await asking.outcome(t, "later", source.for_each(fail))
    await _is_destroyed(t, source)


async def some_finds_one(t: Role) -> None:
    source = asking.endless()
    await asking.outcome(t, "some", source.some(lambda n: n == 2))
    await _is_destroyed(t, source)


async def some_later(t: Role) -> None:
    await asking.outcome(t, "yes", asking.numbers(1, 2, 3).some(lambda n: asking.later(n == 2)))
    await asking.outcome(t, "no", asking.numbers(1, 2, 3).some(lambda n: asking.later(n == 5)))
    await asking.outcome(t, "truthy", asking.numbers(1).some(lambda _: "x"))


async def every_finds_none(t: Role) -> None:
    source = asking.endless()
    await asking.outcome(t, "every", source.every(lambda n: n < 3))
    await _is_destroyed(t, source)


async def every_later(t: Role) -> None:
    await asking.outcome(t, "yes", asking.numbers(1, 2, 3).every(lambda n: asking.later(n < 5)))
    await asking.outcome(t, "no", asking.numbers(1, 2, 3).every(lambda n: asking.later(n < 3)))
    await asking.outcome(t, "truthy", asking.numbers(1).every(lambda _: "x"))


async def find_one(t: Role) -> None:
    source = asking.endless()
    await asking.outcome(t, "find", source.find(lambda n: n > 2))
    await _is_destroyed(t, source)


async def find_later(t: Role) -> None:
    await asking.outcome(t, "one", asking.numbers(1, 2, 3).find(lambda n: asking.later(n > 1)))
    await asking.outcome(t, "none", asking.numbers(1, 2, 3).find(lambda n: asking.later(n > 5)))
    await asking.outcome(t, "zero", asking.numbers(0, 1).find(lambda _: True))


async def some_fails(t: Role) -> None:
    await asking.outcome(t, "some", asking.endless().some(_raise))
    await asking.outcome(t, "every", asking.numbers(1).every(_raise_later))
    await asking.outcome(t, "find", asking.numbers(1).find(_raise_later))


async def reduce_with_and_without(t: Role) -> None:
    await asking.outcome(t, "without", asking.numbers(1, 2, 3).reduce(lambda a, b: [a, b]))
    await asking.outcome(t, "with", asking.numbers(1, 2).reduce(lambda a, b: [a, b], 0))
    await asking.outcome(t, "with null", asking.numbers(1, 2).reduce(lambda a, b: [a, b], None))
    await asking.outcome(t, "one", asking.numbers(1).reduce(lambda a, b: [a, b]))
    await asking.outcome(t, "later", asking.numbers(1, 2, 3).reduce(lambda a, b: asking.later([a, b])))


async def reduce_fails(t: Role) -> None:
    await asking.outcome(t, "plain", asking.endless().reduce(lambda a, b: _raise() if b == 3 else a + b))
    await asking.outcome(t, "later", asking.numbers(1, 2).reduce(_raise_later))


async def the_source_fails(t: Role) -> None:
    def failing() -> Readable:
        def generator() -> Iterator[int]:
            yield 1
            raise Exception("from the source")

        return Readable.from_(generator())

    await asking.outcome(t, "list", failing().to_list())
    await asking.outcome(t, "for_each", failing().for_each(lambda _: None))
    await asking.outcome(t, "some", failing().some(lambda _: False))
    await asking.outcome(t, "every", failing().every(lambda _: True))
    await asking.outcome(t, "find", failing().find(lambda _: False))
    await asking.outcome(t, "reduce", failing().reduce(lambda a, _: a, 0))
    await asking.outcome(t, "found before", failing().find(lambda _: True))


async def a_destroyed_source(t: Role) -> None:
    source = asking.numbers(1, 2)
    source.destroy()
    await asking.outcome(t, "list", source.to_list())
    await asking.outcome(t, "reduce", source.reduce(lambda a, _: a, 0))
    await asking.outcome(t, "mapped", source.map(lambda n: n).to_list())


async def list_twice(t: Role) -> None:
    source = asking.numbers(1, 2)
    await asking.outcome(t, "first", source.to_list())
    await asking.outcome(t, "second", source.to_list())
