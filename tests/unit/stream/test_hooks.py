"""Hooks in both forms: with Node's callback or as coroutine functions, as methods or by keyword."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import AbortError, StreamDestroyedError
from sockstream.stream import Duplex, Readable, Transform, Writable, finished
from tests.unit.stream.helpers import Sink, assert_nothing_runs, ignore, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


class Hook:
    """A coroutine hook that waits until it is released; it notes its arguments."""

    def __init__(self, event_log: EventLog, name: str) -> None:
        self.log = event_log
        self.name = name
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def __call__(self, *args: Any) -> Any:
        self.log(self.name, *args)
        try:
            return await self.future
        except asyncio.CancelledError:
            self.log(self.name, "cancelled")
            raise


@pytest.fixture
def hook(event_log: EventLog) -> Callable[[str], Hook]:
    """Make a coroutine hook."""
    return functools.partial(Hook, event_log)


# -- methods ----------------------------------------------------------------------------------------------------------


class AsyncSink(Writable):
    """All its hooks are coroutine functions."""

    def __init__(self, log: EventLog, **options: Any) -> None:
        self.log = log
        super().__init__(**options)

    async def _construct(self) -> None:
        await turns(1)
        self.log("construct")

    async def _write(self, chunk: bytes, encoding: str) -> None:
        await turns(1)
        self.log("write", chunk)

    async def _final(self) -> None:
        await turns(1)
        self.log("final")

    async def _destroy(self, error: BaseException | None) -> None:
        await turns(1)
        self.log("destroy", error)


async def test_coroutine_methods_run_one_after_the_other(event_log: EventLog) -> None:
    sink = AsyncSink(event_log)
    event_log.watch(sink, "finish", "close")
    sink.write(b"a", lambda error: event_log("written", error))
    sink.end(b"b")
    await event_log.until("close")
    assert event_log == [
        ("construct",),
        ("write", b"a"),
        ("written", None),
        ("write", b"b"),
        ("final",),
        ("finish",),
        ("destroy", None),
        ("close",),
    ]


async def test_a_coroutine_destroy_passes_on_the_error_it_was_given(event_log: EventLog) -> None:
    sink = AsyncSink(event_log)
    error = ValueError("why")
    sink.on("error", event_log.entry("error"))
    event_log.watch(sink, "close")
    sink.destroy(error)
    await event_log.until("close")
    assert event_log == [("construct",), ("destroy", error), ("error", error), ("close",)]


async def test_a_coroutine_destroy_may_have_an_error_of_its_own(event_log: EventLog) -> None:
    async def destroy(error: BaseException | None) -> None:
        raise KeyError("other")

    sink = Sink(destroy=destroy).on("error", lambda error: event_log("error", type(error)))
    event_log.watch(sink, "close")
    sink.destroy(ValueError("why"))
    await event_log.until("close")
    assert event_log == [("error", KeyError), ("close",)]


async def test_a_coroutine_read_pushes(event_log: EventLog) -> None:
    class Counting(Readable):
        count = 0

        async def _read(self, size: int) -> None:
            await turns(1)
            self.count += 1
            self.push(b"%d" % self.count if self.count < 3 else None)

    event_log.watch(Counting(), "data", "end")
    await event_log.until("end")
    assert event_log == [("data", b"1"), ("data", b"2"), ("end",)]


async def test_a_subclass_may_go_back_to_the_callback_form(event_log: EventLog) -> None:
    class Plain(AsyncSink):
        def _write(  # type: ignore[override]
            self, chunk: bytes, encoding: str, callback: Callable[..., None]
        ) -> None:
            self.log("plain", chunk)
            callback()

    sink = Plain(event_log)
    sink.end(b"a")
    event_log.watch(sink, "close")
    await event_log.until("close")
    assert ("plain", b"a") in event_log


# -- keywords ---------------------------------------------------------------------------------------------------------


async def test_hooks_by_keyword_get_nodes_arguments_and_no_stream(event_log: EventLog) -> None:
    def note(name: str) -> Callable[..., None]:
        def hook(*args: Any) -> None:
            event_log(name, *args[:-1])
            args[-1]()

        return hook

    duplex = Duplex(
        construct=note("construct"),
        read=lambda size: event_log("read", size),
        write=note("write"),
        final=note("final"),
        destroy=note("destroy"),
        high_water_mark=4,
    )
    duplex.end(b"a")
    duplex.read(0)
    await turns(2)
    duplex.destroy()
    assert event_log == [("construct",), ("write", b"a", "buffer"), ("final",), ("read", 4), ("destroy", None)]
    await ticks()


@pytest.mark.parametrize("wrap", [lambda hook: hook, functools.partial, lambda hook: functools.partial(hook.__call__)])
async def test_coroutine_functions_of_every_kind_are_recognised(
    wrap: Callable[[Any], Any], hook: Callable[[str], Hook], event_log: EventLog
) -> None:
    write = hook("write")
    sink = Writable(write=wrap(write))
    sink.write(b"a", event_log.entry("written"))
    await turns(1)
    write.future.set_result(None)
    await event_log.until("written")
    assert event_log == [("write", b"a", "buffer"), ("written", None)]


async def test_coroutine_transform_and_flush_return_their_output(event_log: EventLog) -> None:
    async def transform(chunk: bytes, encoding: str) -> bytes | None:
        await turns(1)
        return chunk.upper() if chunk != b"-" else None

    async def flush() -> bytes:
        return b"!"

    stream = Transform(transform=transform, flush=flush)
    for chunk in (b"a", b"-", b"b"):
        stream.write(chunk)
    stream.end()
    event_log.watch(stream, "data", "end")
    await event_log.until("end")
    assert b"".join(entry[1] for entry in event_log[:-1]) == b"AB!"


async def test_coroutine_writev_gets_the_batch(event_log: EventLog) -> None:
    async def writev(chunks: list[Any]) -> None:
        event_log([each.chunk for each in chunks])

    sink = Writable(writev=writev)
    sink.cork()
    sink.write(b"a")
    sink.end(b"b")
    event_log.watch(sink, "finish")
    await event_log.until("finish")
    assert event_log == [([b"a", b"b"],), ("finish",)]


# -- failing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["construct", "write", "final"])
async def test_what_a_coroutine_hook_raises_is_what_the_callback_would_get(name: str, event_log: EventLog) -> None:
    async def fail(*args: Any) -> None:
        raise ValueError(name)

    options: dict[str, Any] = {name: fail}
    sink = Sink(**options) if name != "write" else Writable(**options)
    sink.on("error", lambda error: event_log("error", str(error)))
    event_log.watch(sink, "close")
    sink.end(b"a", callback=lambda error: event_log("ended", str(error)))
    await event_log.until("close")
    await ticks()
    assert sorted(event_log) == [("close",), ("ended", name), ("error", name)]


@pytest.mark.parametrize("name", ["transform", "flush"])
async def test_what_a_coroutine_transform_raises_fails_the_stream(name: str, event_log: EventLog) -> None:
    async def fail(*args: Any) -> None:
        raise ValueError(name)

    options: dict[str, Any] = {"transform": lambda chunk, encoding, callback: callback(), name: fail}
    stream = Transform(**options).on("error", lambda error: event_log("error", str(error)))
    stream.end(b"a")
    await event_log.until("error")
    assert event_log == [("error", name)]


async def test_what_a_coroutine_read_raises_destroys_the_stream(event_log: EventLog) -> None:
    async def read(size: int) -> None:
        raise ValueError("read")

    readable = Readable(read=read).on("error", lambda error: event_log("error", str(error))).resume()
    event_log.watch(readable, "close")
    await event_log.until("close")
    assert event_log == [("error", "read"), ("close",)]


async def test_a_hook_cancelled_from_outside_fails_with_an_abort_error(
    hook: Callable[[str], Hook], event_log: EventLog
) -> None:
    write = hook("write")
    sink = Writable(write=write).on("error", lambda error: event_log("error", type(error)))
    sink.write(b"a")
    await turns(1)
    write.future.cancel()
    await event_log.until("error")
    assert event_log[-1] == ("error", AbortError)


# -- destroying -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [None, ValueError("why")])
async def test_destroy_cancels_a_running_write(
    error: BaseException | None, hook: Callable[[str], Hook], event_log: EventLog
) -> None:
    sink = Writable(write=hook("write")).on("error", ignore)
    sink.write(b"a", lambda failure: event_log("written", type(failure)))
    await turns(1)
    sink.destroy(error)
    await event_log.until("written")
    expected = StreamDestroyedError if error is None else ValueError
    assert event_log == [("write", b"a", "buffer"), ("write", "cancelled"), ("written", expected)]


async def test_destroy_cancels_a_running_read(hook: Callable[[str], Hook], event_log: EventLog) -> None:
    readable = Readable(read=hook("read"))
    readable.read(0)
    await turns(1)
    readable.destroy()
    await event_log.until("read", "cancelled")


async def test_a_read_that_has_pushed_its_end_may_tidy_up(event_log: EventLog) -> None:
    async def read(size: int) -> None:
        readable.push(None)
        await turns(3)
        event_log("tidied up", readable.destroyed)

    readable = Readable(read=read).resume()
    await event_log.until("tidied up")
    assert event_log == [("tidied up", True)]


async def test_a_hook_may_destroy_its_own_stream_and_go_on(event_log: EventLog) -> None:
    async def write(chunk: bytes, encoding: str) -> None:
        sink.destroy()
        await turns(1)
        event_log("went on")

    sink = Writable(write=write)
    sink.write(b"a")
    await event_log.until("went on")


async def test_destroy_waits_for_a_coroutine_construct(hook: Callable[[str], Hook], event_log: EventLog) -> None:
    construct = hook("construct")
    sink = Sink(construct=construct)
    event_log.watch(sink, "close")
    sink.destroy()
    await turns(3)
    assert event_log == [("construct",)]
    construct.future.set_result(None)
    await event_log.until("close")


# -- cancelling -------------------------------------------------------------------------------------------------------


class EveryHook(Transform):
    """All its hooks are coroutine functions; one of them is cancelled while it waits."""

    def __init__(self, log: EventLog, cancelled: str = "", **options: Any) -> None:
        self.log = log
        self.cancelled = cancelled
        super().__init__(**options)

    async def step(self, name: str) -> None:
        if name == self.cancelled:
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().call_soon(task.cancel)
            await asyncio.get_running_loop().create_future()
        await turns(1)
        self.log(name)

    async def _construct(self) -> None:
        await self.step("construct")

    async def _transform(self, chunk: bytes, encoding: str) -> bytes:
        await self.step("transform")
        return chunk.upper()

    async def _flush(self) -> bytes:
        await self.step("flush")
        return b"!"

    async def _destroy(self, error: BaseException | None) -> None:
        await self.step("destroy")


class EveryOtherHook(EveryHook):
    """Those that a Transform has already."""

    async def _read(self, size: int) -> None:
        await self.step("read")
        self.push(None)

    async def _write(self, chunk: bytes, encoding: str) -> None:  # type: ignore[override]
        await self.step("write")

    async def _writev(self, chunks: list[Any]) -> None:
        await self.step("writev")

    async def _final(self) -> None:
        await self.step("final")


async def test_every_hook_can_be_a_coroutine_function(event_log: EventLog) -> None:
    stream = EveryHook(event_log)
    stream.end(b"a")
    chunks = [chunk async for chunk in stream]
    await event_log.until("destroy")
    other = EveryOtherHook(event_log)
    for chunk in (b"a", b"b"):
        other.write(chunk)
    other.end()
    await event_log.until("writev")
    other.resume()
    await event_log.until("destroy", count=2)
    assert b"".join(chunks) == b"A!"
    assert {name for (name,) in event_log} == {
        *("construct", "transform", "flush", "destroy", "read", "writev", "final"),
    }


@pytest.mark.parametrize("name", ["construct", "transform", "flush"])
async def test_a_hook_that_is_cancelled_fails_its_stream(name: str, event_log: EventLog) -> None:
    stream = EveryHook(event_log, name)
    stream.end(b"a")
    with pytest.raises(AbortError):
        await finished(stream.resume())
    await turns(4)
    assert stream.closed
    assert_nothing_runs()


@pytest.mark.parametrize("name", ["read", "write", "writev", "final"])
async def test_any_other_hook_that_is_cancelled_fails_its_stream(name: str, event_log: EventLog) -> None:
    stream = EveryOtherHook(event_log, name)
    if name == "writev":
        stream.cork()
        stream.write(b"a")
    stream.end(b"b")
    with pytest.raises(AbortError):
        await finished(stream.resume() if name == "read" else stream)
    await turns(4)
    assert stream.closed
    assert_nothing_runs()


async def test_a_destroy_hook_that_is_cancelled_closes_its_stream(event_log: EventLog) -> None:
    stream = EveryHook(event_log, "destroy").on("error", ignore)
    event_log.watch(stream, "close")
    stream.destroy()
    await event_log.until("close")
    assert stream.closed
    assert_nothing_runs()
