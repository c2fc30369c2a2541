"""Operators that give an answer."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from tests.node.lib import Role


def _numbers(*values: Any) -> Readable:
    return Readable.from_(values)


def _later(value: object = None) -> Awaitable[Any]:
    future = asyncio.get_running_loop().create_future()
    set_immediate(future.set_result, value)
    return future


def _endless() -> Readable:
    """Return a source of 1, 2, ..."""
    count = itertools.count(1)
    stream = Readable(object_mode=True, high_water_mark=1, read=lambda size: stream.push(next(count)))
    return stream


async def _outcome(t: Role, name: str, awaitable: Awaitable[Any]) -> None:
    try:
        t.log(name, "gives", await awaitable)
    except Exception as error:
        t.log(name, "fails", error)


async def _is_destroyed(t: Role, source: Readable) -> None:
    """Log whether a source is destroyed, when there was time to."""
    await _later()
    t.state("source", source, "destroyed")


def _raise(*_: object) -> Any:
    raise Exception("why")


async def _raise_later(*_: object) -> Any:
    raise Exception("why")


async def for_each_plain_and_later(t: Role) -> None:
    async def called(n: int) -> None:
        t.log("called", await _later(n))

    await _outcome(t, "plain", _numbers(1, 2).for_each(lambda n: t.log("called", n)))
    await _outcome(t, "later", _numbers(1, 2).for_each(called))


async def for_each_fails(t: Role) -> None:
    def fail(n: int) -> None:
        t.log("called", n)
        if n == 2:
            raise Exception("why")

    source = _endless()
    await _outcome(t, "plain", source.for_each(fail))
    await _is_destroyed(t, source)


async def for_each_fails_later(t: Role) -> None:
    async def fail(n: int) -> None:
        await _later()
        if n == 2:
            raise Exception("why")

    source = _numbers(1, 2, 3)
    await _outcome(t, "later", source.for_each(fail))
    await _is_destroyed(t, source)


async def some_finds_one(t: Role) -> None:
    source = _endless()
    await _outcome(t, "some", source.some(lambda n: n == 2))
    await _is_destroyed(t, source)


async def some_later(t: Role) -> None:
    await _outcome(t, "yes", _numbers(1, 2, 3).some(lambda n: _later(n == 2)))
    await _outcome(t, "no", _numbers(1, 2, 3).some(lambda n: _later(n == 5)))
    await _outcome(t, "truthy", _numbers(1).some(lambda _: "x"))


async def every_finds_none(t: Role) -> None:
    source = _endless()
    await _outcome(t, "every", source.every(lambda n: n < 3))
    await _is_destroyed(t, source)


async def every_later(t: Role) -> None:
    await _outcome(t, "yes", _numbers(1, 2, 3).every(lambda n: _later(n < 5)))
    await _outcome(t, "no", _numbers(1, 2, 3).every(lambda n: _later(n < 3)))
    await _outcome(t, "truthy", _numbers(1).every(lambda _: "x"))


async def find_one(t: Role) -> None:
    source = _endless()
    await _outcome(t, "find", source.find(lambda n: n > 2))
    await _is_destroyed(t, source)


async def find_later(t: Role) -> None:
    await _outcome(t, "one", _numbers(1, 2, 3).find(lambda n: _later(n > 1)))
    await _outcome(t, "none", _numbers(1, 2, 3).find(lambda n: _later(n > 5)))
    await _outcome(t, "zero", _numbers(0, 1).find(lambda _: True))


async def some_fails(t: Role) -> None:
    await _outcome(t, "some", _endless().some(_raise))
    await _outcome(t, "every", _numbers(1).every(_raise_later))
    await _outcome(t, "find", _numbers(1).find(_raise_later))


async def reduce_with_and_without(t: Role) -> None:
    await _outcome(t, "without", _numbers(1, 2, 3).reduce(lambda a, b: [a, b]))
    await _outcome(t, "with", _numbers(1, 2).reduce(lambda a, b: [a, b], 0))
    await _outcome(t, "with null", _numbers(1, 2).reduce(lambda a, b: [a, b], None))
    await _outcome(t, "one", _numbers(1).reduce(lambda a, b: [a, b]))
    await _outcome(t, "later", _numbers(1, 2, 3).reduce(lambda a, b: _later([a, b])))


async def reduce_fails(t: Role) -> None:
    await _outcome(t, "plain", _endless().reduce(lambda a, b: _raise() if b == 3 else a + b))
    await _outcome(t, "later", _numbers(1, 2).reduce(_raise_later))


async def the_source_fails(t: Role) -> None:
    def failing() -> Readable:
        def generator() -> Iterator[int]:
            yield 1
            raise Exception("from the source")

        return Readable.from_(generator())

    await _outcome(t, "list", failing().to_list())
    await _outcome(t, "for_each", failing().for_each(lambda _: None))
    await _outcome(t, "some", failing().some(lambda _: False))
    await _outcome(t, "every", failing().every(lambda _: True))
    await _outcome(t, "find", failing().find(lambda _: False))
    await _outcome(t, "reduce", failing().reduce(lambda a, _: a, 0))
    await _outcome(t, "found before", failing().find(lambda _: True))


async def a_destroyed_source(t: Role) -> None:
    source = _numbers(1, 2)
    source.destroy()
    await _outcome(t, "list", source.to_list())
    await _outcome(t, "reduce", source.reduce(lambda a, _: a, 0))
    await _outcome(t, "mapped", source.map(lambda n: n).to_list())


async def list_twice(t: Role) -> None:
    source = _numbers(1, 2)
    await _outcome(t, "first", source.to_list())
    await _outcome(t, "second", source.to_list())
