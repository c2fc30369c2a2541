"""Streams of iterables and what operators give, as a strictly checked program uses them."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, assert_type

from sockstream.stream import Duplex, PassThrough, Readable, compose, duplex_pair, is_disturbed, is_errored, is_readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator


async def doubled(source: AsyncIterable[int]) -> AsyncIterator[int]:
    async for number in source:
        yield number * 2


async def length(text: str) -> int:
    return len(text)


async def test_streams_of_streams_are_readables() -> None:
    source = Readable.from_([1, 2])
    assert_type(source, Readable)
    assert_type(source.map(str, concurrency=2, high_water_mark=1), Readable)
    assert_type(source.filter(lambda number: number > 1), Readable)
    assert_type(source.flat_map(lambda number: [number]), Readable)
    assert_type(source.take(math.inf), Readable)
    assert_type(source.drop(1), Readable)
    assert_type(await Readable.from_([1]).map(str).to_list(), list[Any])
    assert await Readable.from_(["a"]).map(length).to_list() == [1]


def numbers() -> Readable:
    return Readable.from_([1, 2])


async def test_answers_can_be_awaited_and_made_tasks_of() -> None:
    assert_type(await numbers().some(bool), bool)
    assert_type(await numbers().every(bool), bool)
    assert_type(await numbers().find(bool), Any)
    assert_type(await numbers().for_each(str), None)
    assert_type(await numbers().reduce(lambda so_far, number: so_far + number, 0), Any)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(numbers().to_list())
    assert_type(task.result(), list[Any])


async def test_whatever_a_duplex_is_made_of_it_is_one() -> None:
    assert_type(Duplex.from_([1]), Duplex)
    assert_type(Duplex.from_(doubled).destroy(), Duplex)
    assert_type(Duplex.from_(readable=[1], writable=PassThrough()), Duplex)
    assert_type(duplex_pair(object_mode=True), tuple[Duplex, Duplex])
    composed = compose(doubled, PassThrough(object_mode=True))
    assert_type(composed, Duplex)
    composed.end(1)
    assert await composed.to_list() == [2]
    composed = numbers().compose(doubled)
    assert_type(composed, Duplex)
    assert await composed.to_list() == [2, 4]


async def test_questions_take_anything() -> None:
    assert_type(is_readable(5), bool | None)
    assert_type(is_errored(None), bool)
    assert_type(is_disturbed("x"), bool)
