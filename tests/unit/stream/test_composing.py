"""compose: what is Python's own of it. What Node does is in tests/node."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import AbortController
from sockstream.errors import AbortError, InvalidArgTypeError, InvalidArgValueError, MissingArgsError
from sockstream.stream import Duplex, PassThrough, Readable, compose
from tests.unit.stream.helpers import Endless, HeldSink, Sink, ignore, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from tests.support.events import EventLog


async def doubled(source: AsyncIterable[Any]) -> AsyncIterator[Any]:
    """Give each chunk twice."""
    async for chunk in source:
        yield chunk
        yield chunk


def objects() -> PassThrough:
    """Return a stream that lets objects through."""
    return PassThrough(object_mode=True)


async def test_what_is_written_comes_out_at_the_other_end() -> None:
    composed = compose(objects(), doubled, objects())
    composed.write(1)
    composed.end(2)
    assert await composed.to_list() == [1, 1, 2, 2]


async def test_it_can_be_a_stage_of_another() -> None:
    inner = compose(objects(), doubled)
    outer = compose(inner, doubled, objects())
    outer.end(1)
    assert await outer.to_list() == [1] * 4


async def test_a_chain_of_readable_compose() -> None:
    assert await Readable.from_([1]).compose(doubled).compose(doubled).map(str).to_list() == ["1"] * 4


async def test_a_write_waits_for_the_drain_of_the_first() -> None:
    held = HeldSink(high_water_mark=1)
    composed = compose(PassThrough(high_water_mark=1), held)
    for chunk in (b"a", b"b", b"c", b"d"):
        composed.write(chunk)
    await turns(5)
    assert composed.writable_length > 0
    while held.held:
        held.release()
        await turns(3)
    assert (b"".join(held.chunks), composed.writable_length) == (b"abcd", 0)
    composed.end()
    await turns(5)


async def test_it_is_finished_when_the_last_is(event_log: EventLog) -> None:
    held = HeldSink()
    composed = compose(PassThrough(), held)
    event_log.watch(composed, "finish", "close")
    composed.end(b"a")
    await turns(5)
    assert event_log == []
    held.release()
    await event_log.until("close")
    assert event_log == [("finish",), ("close",)]


async def test_destroying_it_destroys_all_and_cancels_the_functions(event_log: EventLog) -> None:
    async def waiting(source: AsyncIterable[Any]) -> AsyncIterator[Any]:
        try:
            async for chunk in source:
                yield chunk
        finally:
            event_log("closed")

    first, last = objects(), objects()
    composed = compose(first, waiting, last)
    event_log.watch(composed.on("error", ignore), "close")
    composed.write(1)
    await turns(5)
    composed.destroy(ValueError("why"))
    await event_log.until("close")
    assert (first.destroyed, last.destroyed) == (True, True)
    assert event_log.count("closed") == 1


async def test_the_first_error_is_its_error() -> None:
    async def failing(source: AsyncIterable[Any]) -> AsyncIterator[Any]:
        async for _ in source:
            raise ValueError("why")
        yield

    last = objects().on("error", ignore)
    composed = compose(objects(), failing, last)
    composed.write(1)
    with pytest.raises(ValueError, match="why"):
        await composed.to_list()
    assert (last.destroyed, str(last.errored)) == (True, "why")


async def test_cancelling_who_reads_it_destroys_all() -> None:
    first, last = objects(), objects()
    composed = compose(first, last)
    task = asyncio.create_task(composed.to_list())
    await turns(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await turns(5)
    assert (first.destroyed, last.destroyed, composed.closed) == (True, True, True)


async def test_it_tells_what_it_cannot_do() -> None:
    only_read, only_written = compose(Readable.from_([]), objects()), compose(objects(), Sink(object_mode=True))
    assert (only_read.writable, only_written.readable) == (False, False)
    only_read.resume()
    only_written.end()
    await turns(8)


async def test_readable_compose_gives_a_duplex_that_a_signal_destroys() -> None:
    controller = AbortController()
    composed = Endless(object_mode=True).compose(objects(), signal=controller.signal)
    assert isinstance(composed, Duplex)
    controller.abort()
    with pytest.raises(AbortError):
        await composed.to_list()


async def test_stages_that_cannot_stand_at_their_place() -> None:
    with pytest.raises(MissingArgsError):
        compose()
    with pytest.raises(InvalidArgTypeError):
        compose(5)
    with pytest.raises(InvalidArgValueError):
        compose(objects(), Endless(), objects())
    with pytest.raises(InvalidArgValueError):
        compose(Sink(), objects())


async def test_a_signal_that_is_none_is_refused_before_anything_is_composed() -> None:
    wrong: Any = 5
    source = Endless()
    with pytest.raises(InvalidArgTypeError):
        source.compose(objects(), signal=wrong)
    assert source.event_names() == []
