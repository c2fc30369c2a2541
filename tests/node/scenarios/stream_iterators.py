"""Async iteration in every mode: begun late, beside other consumers, left and gone on with, failing."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sockstream.stream.iterate import ReadableIterator
    from tests.node.lib import Role


def _open(high_water_mark: int = 100, **options: Any) -> Readable:
    return Readable(read=lambda size: None, high_water_mark=high_water_mark, **options)


def _source(chunks: Iterable[Any], **options: Any) -> Readable:
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)), **options)
    return stream


def _go_on(chunk: Any) -> object:
    """Do nothing in the body of a loop."""
    return None


async def _collect(
    t: Role, label: str, chunks: Readable | ReadableIterator, body: Callable[[Any], object] = _go_on
) -> None:
    """Log what an iteration gave once it is over; how its steps and events interleave is the language's."""
    got = []
    try:
        # Python leaves an iterator open at `break`.
        async with aclosing(aiter(chunks)) as iterator:
            async for chunk in iterator:
                got.append(chunk)
                if body(chunk) is True:
                    break
        t.log(label, *got, "over")
    except Exception as error:
        t.log(label, *got, error)


async def _settle(t: Role) -> None:
    settled = asyncio.get_running_loop().create_future()
    t.turns(6, lambda: settled.set_result(None))
    await settled


def _raise(error: Exception) -> None:
    raise error


async def iterate_falsy_chunks(t: Role) -> None:
    stream = t.watch(_source([0, "", False, "x"], object_mode=True), "stream")
    await _collect(t, "got", stream)


async def iterate_falsy_chunks_that_come_later(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    for index, chunk in enumerate((0, "", False, None)):
        t.turns(2 * index, partial(stream.push, chunk))
    await _collect(t, "got", stream)


async def iterate_after_some_data(t: Role) -> None:
    stream = t.watch(_source("abcd", object_mode=True), "stream", "pause")
    read = asyncio.get_running_loop().create_future()

    @stream.on("data")
    def _(chunk: str) -> None:
        t.log("data", chunk)
        if chunk == "b":
            read.set_result(stream.pause().remove_all_listeners("data"))

    await read
    t.state("between", stream, "readable_flowing", "readable_did_read")
    await _collect(t, "got", stream)


async def iterate_after_some_reads(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push("abcdef")
    t.log("read", stream.read(2))
    stream.push(None)
    await _collect(t, "got", stream)


async def iterate_with_a_data_listener(t: Role) -> None:
    stream = t.watch(_source("abc", object_mode=True), "stream")
    heard: list[str] = []
    stream.on("data", heard.append)
    await _collect(t, "got", stream)
    t.log("heard", *heard)


async def iterate_a_paused_one(t: Role) -> None:
    stream = t.watch(_source("ab", object_mode=True), "stream", "pause", "resume")
    stream.pause()
    await _collect(t, "got", stream)
    t.log("paused", stream.is_paused(), stream.readable_flowing)


async def iterate_a_flowing_one(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream", "resume")
    stream.resume()
    await _settle(t)
    stream.push("lost")
    await _settle(t)
    iteration = asyncio.ensure_future(_collect(t, "got", stream))
    await _settle(t)
    t.log("flowing", stream.readable_flowing)
    stream.push("a")
    stream.push("b")
    stream.push(None)
    await iteration


async def pause_and_resume_in_the_body(t: Role) -> None:
    stream = t.watch(_source("abc", object_mode=True), "stream", "pause", "resume")

    def body(chunk: str) -> None:
        if chunk == "a":
            stream.pause()
        if chunk == "b":
            stream.resume()
        t.log(chunk, stream.is_paused(), stream.readable_flowing)

    await _collect(t, "got", stream, body)


async def iterate_with_a_readable_listener(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    count = 0

    @stream.on("readable")
    def _() -> None:
        nonlocal count
        count += 1

    for index, chunk in enumerate(("a", "b", None)):
        t.turns(6 * index, partial(stream.push, chunk))
    await _collect(t, "got", stream)
    t.log("readable", count)


async def iterate_what_is_piped(t: Role) -> None:
    stream = t.watch(_source("abc", object_mode=True), "stream")
    written: list[str] = []

    def write(chunk: str, encoding: str, callback: Callable[[], None]) -> None:
        written.append(chunk)
        callback()

    stream.pipe(t.watch(Writable(object_mode=True, write=write), "sink"))
    await _collect(t, "got", stream)
    await _settle(t)
    t.log("written", *written)


async def two_iterations_at_once(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    tasks = [asyncio.ensure_future(_collect(t, "over", stream)) for _ in range(2)]
    for chunk in "abcd":
        await _settle(t)
        stream.push(chunk)
    await _settle(t)
    stream.push(None)
    await asyncio.gather(*tasks)


async def unshift_in_the_body(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push("abc")
    t.turns(6, lambda: stream.push("d"))
    t.turns(12, lambda: stream.push(None))
    count = 0

    def body(chunk: bytes) -> None:
        nonlocal count
        count += 1
        if count == 1:
            stream.unshift(chunk[1:])

    await _collect(t, "got", stream, body)


async def set_encoding_in_the_body(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.push("é"))
    t.turns(12, lambda: stream.push(None))
    await _collect(t, "got", stream, lambda chunk: stream.set_encoding("hex"))


async def iterate_without_a_mark(t: Role) -> None:
    stream = t.watch(_source(["ab", "c"], high_water_mark=0), "stream")
    await _collect(t, "got", stream)


async def iterate_an_ended_one(t: Role) -> None:
    stream = t.watch(_source("a"), "stream")
    stream.resume()
    await _settle(t)
    await _collect(t, "got", stream)


async def iterate_an_ended_one_that_is_not_destroyed(t: Role) -> None:
    stream = t.watch(_source("a", auto_destroy=False), "stream")
    stream.resume()
    await _settle(t)
    await _collect(t, "got", stream)
    t.state("state", stream, "destroyed")


async def iterate_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_source("a", auto_destroy=False), "stream")
    await _collect(t, "got", stream)
    await _settle(t)
    t.state("state", stream, "destroyed", "readable_ended")


async def break_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_source("ab", auto_destroy=False, object_mode=True), "stream")
    await _collect(t, "got", stream, lambda chunk: True)
    await _settle(t)
    t.state("state", stream, "destroyed", "readable_aborted")


async def iterate_without_a_close_event(t: Role) -> None:
    stream = t.watch(_source("a", emit_close=False), "stream")
    await _collect(t, "got", stream)
    await _settle(t)
    t.state("state", stream, "destroyed", "closed")


async def error_while_the_iteration_waits(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.destroy(Exception("in between")))
    await _collect(t, "got", stream)


async def error_with_data_buffered(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    for chunk in "abc":
        stream.push(chunk)
    await _collect(t, "got", stream, lambda chunk: stream.destroy(Exception("early")))


async def error_without_auto_destroy(t: Role) -> None:
    stream = t.watch(_open(object_mode=True, auto_destroy=False), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.emit("error", Exception("by hand")))
    await _collect(t, "got", stream)
    t.state("state", stream, "destroyed")


async def error_emitted_by_hand(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.emit("error", Exception("by hand")))
    await _collect(t, "got", stream.iterator(destroy_on_return=False))
    await _settle(t)
    t.state("state", stream, "destroyed", "errored")


async def error_between_the_end_and_the_iteration(t: Role) -> None:
    stream = t.watch(_open(auto_destroy=False), "stream", "chunk")
    stream.push(None)
    await _settle(t)
    stream.push("late")
    await _settle(t)
    await _collect(t, "got", stream)


async def close_with_all_read(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.once("readable", lambda: stream.destroy())
    t.turns(6, lambda: stream.push(None))
    await _collect(t, "got", stream)


async def close_without_a_sound_under_way(t: Role) -> None:
    stream = t.watch(_open(emit_close=False, destroy=lambda error, callback: t.turns(12, callback)), "stream")
    stream.destroy()
    await _collect(t, "got", stream)


async def close_while_the_iteration_waits(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.destroy())
    await _collect(t, "got", stream)


async def close_with_the_end_buffered(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    for chunk in ("a", "b", None):
        stream.push(chunk)
    await _collect(t, "got", stream, lambda chunk: stream.destroy())


async def kept_after_a_break_and_gone_on_with(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    for chunk in ("a", "b", "c", None):
        stream.push(chunk)
    await _collect(t, "first", stream.iterator(destroy_on_return=False), lambda chunk: True)
    t.log(
        "between", stream.destroyed, stream.readable_length, stream.listener_count("readable"), stream.readable_flowing
    )
    stream.on("data", lambda chunk: t.log("data", chunk))
    await _settle(t)


async def kept_after_a_throw(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    for chunk in "ab":
        stream.push(chunk)
    await _collect(t, "got", stream.iterator(destroy_on_return=False), lambda chunk: _raise(Exception("from the body")))
    t.log("after", stream.destroyed, stream.readable_length)


async def kept_and_the_stream_fails(t: Role) -> None:
    stream = t.watch(_open(object_mode=True), "stream")
    stream.push("a")
    t.turns(6, lambda: stream.destroy(Exception("from the stream")))
    await _collect(t, "got", stream.iterator(destroy_on_return=False))
    t.log("after", stream.destroyed)


async def kept_and_iterated_to_the_end(t: Role) -> None:
    stream = t.watch(_source("a", object_mode=True, auto_destroy=False), "stream")
    await _collect(t, "got", stream.iterator(destroy_on_return=False))
    await _settle(t)
    t.log("after", stream.destroyed, stream.listener_count("end"), stream.listener_count("readable"))


async def _step(t: Role, chunks: ReadableIterator) -> None:
    try:
        t.log("next", await anext(chunks), False)
    except StopAsyncIteration:
        t.log("next", None, True)


async def left_before_its_first_step(t: Role) -> None:
    stream = t.watch(_source("a"), "stream")
    chunks = aiter(stream)
    await chunks.aclose()
    await _step(t, chunks)
    t.state("state", stream, "destroyed")


async def steps_after_the_end(t: Role) -> None:
    stream = t.watch(_source("a", object_mode=True), "stream")
    chunks = aiter(stream)
    for _ in range(4):
        await _step(t, chunks)


async def break_of_a_duplex_destroys_both_sides(t: Role) -> None:
    stream = t.watch(PassThrough(object_mode=True), "stream")
    stream.write("a")
    await _collect(t, "got", stream, lambda chunk: True)
    await _settle(t)
    t.state("state", stream, "destroyed", "writable", "readable_aborted")
