"""Readable.from_: streams made of iterables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream import AbortController
from sockstream.stream import Readable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator

    from tests.node.lib import Role


async def _iterate(t: Role, stream: Readable) -> None:
    try:
        async for chunk in stream:
            t.log("got", chunk)
        t.log("over")
    except Exception as error:
        t.log("caught", error)


def _counting(t: Role, last: int) -> Iterator[int]:
    try:
        for number in range(1, last + 1):
            t.log("gives", number)
            yield number
        t.log("gave all")
    except Exception as error:
        t.log("thrown in", error)
        raise
    finally:
        t.log("closed")


def _later(value: object = None) -> Awaitable[Any]:
    future = asyncio.get_running_loop().create_future()
    set_immediate(future.set_result, value)
    return future


async def _counting_later(t: Role, last: int) -> AsyncIterator[int]:
    try:
        for number in range(1, last + 1):
            await _later()
            t.log("gives", number)
            yield number
        t.log("gave all")
    except Exception as error:
        t.log("thrown in", error)
        raise
    finally:
        t.log("closed")


async def _fail(error: Exception) -> None:
    raise error


async def _nothing() -> None:
    pass


def an_array(t: Role) -> None:
    t.watch(Readable.from_(["a", "b", 3, {"k": "v"}]), "stream", "chunk")


async def an_array_read(t: Role) -> None:
    stream = t.watch(Readable.from_([1, 2]), "stream", "readable")
    t.log("read", stream.read())
    t.log("read", stream.read())
    t.log("read", stream.read())


def an_empty_array(t: Role) -> None:
    t.watch(Readable.from_([]), "stream", "chunk")


def text_is_one_chunk(t: Role) -> None:
    stream = t.watch(Readable.from_("some text"), "stream", "chunk")
    t.state("state", stream, "readable_object_mode", "readable_high_water_mark")


def bytes_are_one_chunk(t: Role) -> None:
    t.state("state", t.watch(Readable.from_(b"bytes"), "stream", "chunk"), "readable_object_mode")


def empty_text(t: Role) -> None:
    t.watch(Readable.from_(""), "stream", "chunk")


def a_generator(t: Role) -> None:
    t.watch(Readable.from_(_counting(t, 3)), "stream", "chunk")


def an_async_generator(t: Role) -> None:
    t.watch(Readable.from_(_counting_later(t, 3)), "stream", "chunk")


async def another_readable(t: Role) -> None:
    source = Readable.from_([1, 2])
    await _iterate(t, Readable.from_(source))
    t.state("source", source, "destroyed", "readable_ended")


def what_an_array_gives_is_awaited(t: Role) -> None:
    t.watch(Readable.from_([1, _later(2), 3, _later(4), _later(5)]), "stream", "chunk")


def what_is_awaited_fails(t: Role) -> None:
    def failing() -> Iterator[Any]:
        yield 1
        yield _fail(Exception("why"))
        yield 3

    t.watch(Readable.from_(failing()), "stream", "chunk")


def what_is_awaited_is_null(t: Role) -> None:
    t.watch(Readable.from_([1, _nothing(), 3]), "stream", "chunk")


def a_generator_fails_at_once(t: Role) -> None:
    def failing() -> Iterator[int]:
        raise Exception("at once")
        yield 1

    t.watch(Readable.from_(failing()), "stream", "chunk")


def _failing_later() -> Iterator[int]:
    yield 1
    yield 2
    raise Exception("later")


def a_generator_fails_later(t: Role) -> None:
    t.watch(Readable.from_(_failing_later()), "stream", "chunk")


async def an_async_generator_fails_later(t: Role) -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        await _later()
        raise Exception("later")

    await _iterate(t, t.watch(Readable.from_(failing()), "stream"))


def a_failure_is_final_without_auto_destroy(t: Role) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise Exception("later")

    stream = t.watch(Readable.from_(failing(), auto_destroy=False), "stream", "chunk")
    stream.on("error", lambda _: t.state("state", stream, "destroyed"))


def null_is_no_chunk(t: Role) -> None:
    t.watch(Readable.from_([1, None, 3]), "stream", "chunk")


def null_of_a_generator(t: Role) -> None:
    def giving() -> Iterator[Any]:
        try:
            yield 1
            yield None
        except Exception as error:
            t.log("thrown in", error)
        finally:
            t.log("closed")

    t.watch(Readable.from_(giving()), "stream", "chunk")


def bytes_mode(t: Role) -> None:
    stream = t.watch(Readable.from_(["ab", b"cd"], object_mode=False), "stream", "data")
    t.state("state", stream, "readable_object_mode", "readable_high_water_mark")


def a_wrong_chunk_in_bytes_mode(t: Role) -> None:
    t.watch(Readable.from_(["ab", 5, "cd"], object_mode=False), "stream", "data")


def with_an_encoding(t: Role) -> None:
    halves = ["é".encode()[:1], "é".encode()[1:]]
    t.watch(Readable.from_(halves, object_mode=False, encoding="utf8"), "stream", "data")


def asked_ahead_by_one(t: Role) -> None:
    stream = Readable.from_(_counting(t, 5))
    t.state("made", stream, "readable_length", "readable_high_water_mark")

    def readable() -> None:
        t.state("readable", stream, "readable_length")
        t.log("read", stream.read())

    stream.once("readable", readable)


def asked_ahead_by_three(t: Role) -> None:
    stream = Readable.from_(_counting(t, 9), high_water_mark=3)
    stream.once("readable", lambda: t.log("read", stream.read()))


def not_asked_before_it_is_read(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting(t, 3)), "stream")
    t.turns(3, lambda: t.state("state", stream, "readable_length", "readable_did_read"))


def destroyed_at_a_yield(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting(t, 5)), "stream")
    stream.once("data", lambda _: stream.destroy())


def destroyed_with_an_error_at_a_yield(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting(t, 5)), "stream")
    stream.once("data", lambda _: stream.destroy(Exception("why")))


def async_destroyed_at_a_yield(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting_later(t, 5)), "stream")
    stream.once("data", lambda _: stream.destroy())


def async_destroyed_with_an_error_at_a_yield(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting_later(t, 5)), "stream")
    stream.once("data", lambda _: stream.destroy(Exception("why")))


def destroyed_before_it_is_read(t: Role) -> None:
    t.watch(Readable.from_(_counting(t, 5)), "stream").destroy()


def async_destroyed_before_it_is_read(t: Role) -> None:
    t.watch(Readable.from_(_counting_later(t, 5)), "stream").destroy(Exception("why"))


def the_generator_swallows_the_error(t: Role) -> None:
    def stubborn() -> Iterator[int]:
        try:
            yield 1
        except Exception as error:
            t.log("thrown in", error)
            yield 2
        finally:
            t.log("closed")

    stream = t.watch(Readable.from_(stubborn()), "stream")
    stream.once("data", lambda _: stream.destroy(Exception("why")))


def the_generator_has_an_error_of_its_own(t: Role) -> None:
    async def failing() -> AsyncIterator[int]:
        try:
            yield 1
        except Exception:
            raise Exception("another") from None

    stream = t.watch(Readable.from_(failing()), "stream")
    stream.once("data", lambda _: stream.destroy(Exception("why")))


def closing_fails(t: Role) -> None:
    def failing() -> Iterator[int]:
        try:
            yield 1
        finally:
            raise Exception("from closing")

    stream = t.watch(Readable.from_(failing()), "stream")
    stream.once("data", lambda _: stream.destroy())


async def iteration_is_left(t: Role) -> None:
    def giving() -> Iterator[int]:
        try:
            yield 1
            yield 2
            yield 3
        except Exception as error:
            t.log("thrown in", error)
        finally:
            t.log("closed")

    stream = t.watch(Readable.from_(giving()), "stream", "-error")
    async for chunk in stream:
        t.log("got", chunk)
        break
    t.state("state", stream, "destroyed")


def a_signal_is_aborted(t: Role) -> None:
    controller = AbortController()
    stream = t.watch(Readable.from_(_counting_later(t, 5), signal=controller.signal), "stream")
    stream.once("data", lambda _: controller.abort())


def emit_close_is_off(t: Role) -> None:
    t.watch(Readable.from_([1], emit_close=False), "stream", "chunk")


def wrong_arguments(t: Role) -> None:
    wrong: Any
    for wrong in (5, None, None, object(), True, lambda: None):
        t.attempt("from", lambda: Readable.from_(wrong))  # noqa: B023  # called at once
    t.attempt("mark", lambda: Readable.from_([], high_water_mark=-1))


def paused_in_the_middle(t: Role) -> None:
    stream = t.watch(Readable.from_(_counting(t, 4)), "stream", "pause")

    def resumes() -> None:
        t.log("resumes")
        stream.resume()

    def got(chunk: int) -> None:
        t.log("got", chunk)
        if chunk == 2:
            stream.pause()
            t.turns(5, resumes)

    stream.on("data", got)
