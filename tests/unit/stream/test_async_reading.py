"""Reading by await: a number of bytes, up to a separator, a line; nothing is taken that is not returned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, StreamPrematureCloseError
from sockstream.stream.async_reading import read_exactly, read_line, read_until
from tests.unit.stream.helpers import Endless, Source, ignore, later, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


# -- read_exactly -----------------------------------------------------------------------------------------------------


async def test_exactly_so_much_is_read_however_it_came() -> None:
    source = Source(b"ab", b"cdef", b"g")
    assert [await read_exactly(source, count) for count in (3, 1, 0, 3)] == [b"abc", b"d", b"", b"efg"]


async def test_more_than_the_mark_can_be_read() -> None:
    source = Source(*[b"xy"] * 10, high_water_mark=2)
    assert await read_exactly(source, 20) == b"xy" * 10


async def test_an_early_end_gives_what_came() -> None:
    source = Source(b"ab")
    with pytest.raises(asyncio.IncompleteReadError) as caught:
        await read_exactly(source, 3)
    assert (caught.value.partial, caught.value.expected) == (b"ab", 3)
    await ticks()
    assert source.readable_ended


async def test_characters_count_where_there_is_an_encoding() -> None:
    data = "你好".encode()
    source = Source(data[:2], data[2:4], data[4:], encoding="utf8")
    assert [await read_exactly(source, 1), await read_exactly(source, 1)] == ["你", "好"]
    assert await read_exactly(source, 0) == ""


@pytest.mark.parametrize("count", [1.5, "1", True])
async def test_the_count_is_an_int(count: Any) -> None:
    with pytest.raises(InvalidArgTypeError):
        await read_exactly(Endless(), count)


async def test_the_count_is_not_negative() -> None:
    with pytest.raises(InvalidArgValueError):
        await read_exactly(Endless(), -1)


# -- read_until and read_line -----------------------------------------------------------------------------------------


async def test_a_separator_may_be_torn() -> None:
    source = Source(b"one\r", b"\ntwo\r\nth", b"ree")
    assert [await read_until(source, b"\r\n"), await read_until(source, b"\r\n")] == [b"one\r\n", b"two\r\n"]
    with pytest.raises(asyncio.IncompleteReadError) as caught:
        await read_until(source, b"\r\n")
    assert caught.value.partial == b"three"


async def test_lines_then_the_rest_then_nothing() -> None:
    source = Source(b"a\n\nb", b"\nc")
    assert [await read_line(source) for _ in range(6)] == [b"a\n", b"\n", b"b\n", b"c", b"", b""]


async def test_lines_of_text() -> None:
    source = Source("你\n好".encode(), encoding="utf8")
    assert [await read_line(source) for _ in range(3)] == ["你\n", "好", ""]


async def test_what_does_not_fit_in_the_buffer_is_refused_and_stays() -> None:
    source = Source(b"abcd", b"ef\n", high_water_mark=4)
    with pytest.raises(asyncio.LimitOverrunError) as caught:
        await read_line(source)
    assert caught.value.consumed == 4
    assert await read_exactly(source, 6) == b"abcdef"


async def test_a_separator_is_not_empty() -> None:
    with pytest.raises(InvalidArgValueError):
        await read_until(Endless(), b"")


async def test_the_ways_to_read_can_be_mixed() -> None:
    source = Source(b"4\nbody", b"rest\n", b"tail")
    size = int(await read_line(source))
    assert await read_exactly(source, size) == b"body"
    assert await read_line(source) == b"rest\n"
    source.unshift(b"un")
    assert b"".join([chunk async for chunk in source]) == b"untail"


async def test_bytes_partly_read_are_decoded_from_where_the_reading_stopped() -> None:
    readable = Endless()
    readable.push(b"ab\xc3\xa9")
    assert readable.read(2) == b"ab"
    readable.set_encoding("utf8")
    assert (readable.readable_length, await read_exactly(readable, 1)) == (1, "é")


# -- waiting ----------------------------------------------------------------------------------------------------------

waits: list[Callable[[Any], Coroutine[Any, Any, Any]]] = [lambda stream: read_exactly(stream, 4), read_line]


@pytest.mark.parametrize("read", waits)
async def test_it_waits_for_what_is_missing(read: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
    readable = Endless()
    task = asyncio.create_task(read(readable))
    for chunk in (b"a", b"bc", b"\n"):
        await turns(2)
        assert not task.done()
        later(readable.push, chunk)
    assert await task == b"abc\n"
    assert readable.event_names() == []


@pytest.mark.parametrize("read", waits)
async def test_cancelling_loses_nothing(read: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
    readable = Endless()
    readable.push(b"ab")
    task = asyncio.create_task(read(readable))
    await turns(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert readable.event_names() == []
    readable.push(b"c\n")
    assert await read(readable) == b"abc\n"


@pytest.mark.parametrize("read", waits)
async def test_the_streams_error_is_raised_while_waiting_and_after(
    read: Callable[[Any], Coroutine[Any, Any, Any]],
) -> None:
    readable = Endless()
    later(later, readable.destroy, ValueError("why"))
    for _ in range(2):
        with pytest.raises(ValueError, match="why"):
            await read(readable)


@pytest.mark.parametrize("read", waits)
async def test_closing_early_is_an_error(read: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
    readable = Endless().on("error", ignore)
    later(later, readable.destroy)
    with pytest.raises(StreamPrematureCloseError):
        await read(readable)


async def test_a_waiting_reader_does_not_turn_the_loop() -> None:
    readable = Endless()
    readable.push(b"part of a line")
    task = asyncio.create_task(read_line(readable))
    await turns(5)
    told: list[None] = []
    readable.on("readable", lambda: told.append(None))
    await turns(20)
    assert len(told) <= 1
    task.cancel()
    await turns(1)
