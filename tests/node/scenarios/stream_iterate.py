"""Async iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.node.lib import Role


def _source(chunks: Iterable[Any], **options: Any) -> Readable:
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)), **options)
    return stream


def _open() -> Readable:
    return Readable(read=lambda size: None)


async def iterate_to_the_end(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], object_mode=True), "stream")
    async for chunk in stream:
        t.log("got", chunk)
    t.log("over")
    t.state("state", stream, "destroyed", "readable_ended")


async def iterate_bytes(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"]), "stream")
    async for chunk in stream:
        t.data("got", chunk)
    t.log("over")


async def iterate_text(t: Role) -> None:
    stream = t.watch(_source((bytes([byte]) for byte in "é你".encode()), encoding="utf8"), "stream")
    async for chunk in stream:
        t.data("got", chunk)


async def iterate_and_break(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], object_mode=True), "stream")
    chunks = aiter(stream)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    # Python leaves an iterator open at `break`.
    await chunks.aclose()
    t.log("over", stream.destroyed)


async def iterate_and_break_unheard(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], object_mode=True), "stream", "-error")
    chunks = aiter(stream)
    async for chunk in chunks:
        t.log("got", chunk)
        break
    await chunks.aclose()
    t.log("over", stream.destroyed)


async def iterate_and_throw(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], object_mode=True), "stream")
    chunks = aiter(stream)
    try:
        async for chunk in chunks:
            t.log("got", chunk)
            raise Exception("from the body")
    except Exception as error:
        await chunks.aclose()
        t.log("caught", error)
    t.log("over", stream.destroyed)


async def iterate_and_the_stream_fails(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push("a")
    try:
        async for chunk in stream:
            t.log("got", chunk)
            stream.destroy(Exception("from the stream"))
    except Exception as error:
        t.log("caught", error)


async def iterate_and_the_stream_closes(t: Role) -> None:
    stream = t.watch(_open(), "stream")
    stream.push("a")
    try:
        async for chunk in stream:
            t.log("got", chunk)
            stream.destroy()
        t.log("over")
    except Exception as error:
        t.log("caught", error)


async def _iterate(t: Role, stream: Readable) -> None:
    try:
        async for chunk in stream:
            t.log("got", chunk)
        t.log("over")
    except Exception as error:
        t.log("caught", error)


async def iterate_a_destroyed_one(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    stream.destroy()
    await _iterate(t, stream)


async def iterate_a_failed_one(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    stream.destroy(Exception("before"))
    await _iterate(t, stream)


async def iterate_an_empty_one(t: Role) -> None:
    stream = t.watch(_source([]), "stream")
    async for chunk in stream:
        t.log("got", chunk)
    t.log("over")


async def iterate_a_pass_through(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    stream.write("a")
    set_immediate(lambda: stream.end("b"))
    async for chunk in stream:
        t.data("got", chunk)
    t.log("over", stream.destroyed)


async def iterate_twice(t: Role) -> None:
    stream = t.watch(_source(["a", "b", "c"], object_mode=True), "stream")
    chunks = stream.iterator(destroy_on_return=False)
    async for chunk in chunks:
        t.log("first", chunk)
        break
    await chunks.aclose()
    t.log("between", stream.destroyed)
    async for chunk in stream:
        t.log("second", chunk)
