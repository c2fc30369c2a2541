"""Transforms: output made of input, at the reader's pace. The expectations were read off Node 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError, MethodNotImplementedError, MultipleCallbackError
from sockstream.stream import PassThrough, Transform
from tests.unit.stream.helpers import ignore, later, raise_, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


class Upper(Transform):
    """Turns each chunk into capitals."""

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        callback(None, chunk.upper())


async def test_what_is_written_comes_out_transformed(event_log: EventLog) -> None:
    upper = Upper()
    event_log.watch(upper, "data", "finish", "end", "close")
    upper.write(b"a")
    upper.end(b"b")
    await event_log.until("close")
    assert event_log == [("data", b"A"), ("data", b"B"), ("end",), ("finish",), ("close",)]


async def test_a_transform_may_push_as_often_as_it_likes(event_log: EventLog) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        for byte in chunk:
            stream.push(bytes([byte]))
        callback()

    stream = Transform(transform=transform)
    stream.end(b"abc")
    event_log.watch(stream, "data", "end")
    await event_log.until("end")
    assert b"".join(entry[1] for entry in event_log[:-1]) == b"abc"


async def test_flush_adds_its_output_before_the_end(event_log: EventLog) -> None:
    def flush(callback: Callable[..., None]) -> None:
        stream.push(b"pushed")
        later(callback, None, b"given")

    stream = Transform(transform=lambda chunk, encoding, callback: callback(), flush=flush)
    event_log.watch(stream, "data", "end", "finish")
    stream.end(b"dropped")
    await event_log.until("finish")
    assert event_log == [("data", b"pushed"), ("data", b"given"), ("end",), ("finish",)]


async def test_input_waits_while_output_is_over_its_mark() -> None:
    stream = PassThrough(high_water_mark=2)
    assert [stream.write(b"ab"), stream.write(b"cd")] == [False, False]
    await ticks()
    assert (stream.readable_length, stream.writable_length) == (2, 4)
    assert stream.read(1) == b"a"
    assert (stream.readable_length, stream.writable_length) == (3, 2)
    assert stream.read() == b"bcd"
    await ticks()
    assert stream.writable_length == 0


async def test_a_chunk_without_output_does_not_wait_for_the_reader(event_log: EventLog) -> None:
    stream = Transform(transform=lambda chunk, encoding, callback: callback(), high_water_mark=1)
    stream.push(b"more than the mark")
    stream.write(b"a", event_log.entry("written"))
    await ticks()
    assert event_log == [("written", None)]


async def test_drain_comes_when_the_output_was_read(event_log: EventLog) -> None:
    stream = PassThrough(high_water_mark=2)
    event_log.watch(stream, "drain")
    stream.write(b"abc")
    await turns(2)
    assert event_log == []
    stream.read()
    await event_log.until("drain")


async def test_a_transform_that_fails_fails_the_write_and_the_stream(event_log: EventLog) -> None:
    stream = Transform(transform=lambda chunk, encoding, callback: callback(ValueError()))
    stream.on("error", lambda error: event_log("error", type(error)))
    event_log.watch(stream, "close", "data")
    stream.write(b"a", lambda error: event_log("written", type(error)))
    await event_log.until("close")
    assert event_log == [("written", ValueError), ("error", ValueError), ("close",)]


async def test_what_a_transform_raises_goes_to_the_caller() -> None:
    stream = Transform(transform=lambda *_: raise_(ValueError("hook")))
    with pytest.raises(ValueError, match="hook"):
        stream.write(b"a")


async def test_calling_back_twice_is_an_error(event_log: EventLog) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        callback(None, b"once")
        callback(None, b"twice")

    stream = Transform(transform=transform).on("error", lambda error: event_log(type(error)))
    stream.write(b"a")
    await ticks()
    assert event_log == [(MultipleCallbackError,)]


@pytest.mark.parametrize("flush", [lambda callback: callback(ValueError()), lambda callback: raise_(ValueError())])
async def test_a_flush_that_fails_fails_the_stream(flush: Callable[..., object], event_log: EventLog) -> None:
    stream = Transform(transform=lambda chunk, encoding, callback: callback(), flush=flush)
    stream.on("error", lambda error: event_log("error", type(error)))
    event_log.watch(stream.resume(), "end", "finish", "close")
    stream.end(b"a", callback=lambda error: event_log("ended", type(error)))
    await event_log.until("ended")
    assert event_log == [("error", ValueError), ("close",), ("ended", ValueError)]


async def test_a_final_of_its_own_runs_before_flush(event_log: EventLog) -> None:
    def note(name: str) -> Callable[[Callable[..., None]], None]:
        def hook(callback: Callable[..., None]) -> None:
            event_log(name)
            callback()

        return hook

    stream = Transform(transform=ignore, final=note("final"), flush=note("flush")).resume()
    event_log.watch(stream, "end")
    stream.end()
    await event_log.until("end")
    assert event_log == [("final",), ("flush",), ("end",)]


async def test_a_flush_that_fails_after_a_final_of_its_own_destroys(event_log: EventLog) -> None:
    stream = Transform(
        transform=ignore, final=lambda callback: callback(), flush=lambda callback: callback(ValueError())
    )
    stream.on("error", lambda error: event_log(type(error)))
    stream.end()
    await ticks()
    assert event_log == [(ValueError,)]


async def test_the_end_of_reading_by_hand_lets_the_write_finish_a_tick_later(event_log: EventLog) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        stream.push(None)
        callback()
        event_log("in flight", stream.writable_length)

    stream = Transform(transform=transform)
    stream.write(b"ab", lambda error: event_log("written", error))
    await ticks()
    assert event_log == [("in flight", 2), ("written", None)]


async def test_a_mark_of_zero_is_for_both_sides_unless_told_otherwise() -> None:
    assert PassThrough(readable_high_water_mark=0).writable_high_water_mark == 0
    assert PassThrough(high_water_mark=0).writable_high_water_mark == 0
    reading = PassThrough(readable_high_water_mark=0, writable_high_water_mark=5)
    both = PassThrough(high_water_mark=0, writable_high_water_mark=5)
    for stream in (reading, both):
        assert (stream.readable_high_water_mark, stream.writable_high_water_mark) == (0, 5)


async def test_a_mark_of_zero_passes_one_chunk_at_a_time(event_log: EventLog) -> None:
    stream = PassThrough(high_water_mark=0)
    event_log.watch(stream, "data", "end")
    for chunk in (b"a", b"b"):
        stream.write(chunk)
    stream.end()
    await event_log.until("end")
    assert event_log == [("data", b"a"), ("data", b"b"), ("end",)]


async def test_objects_may_become_bytes(event_log: EventLog) -> None:
    stream = Transform(
        writable_object_mode=True, transform=lambda number, encoding, callback: callback(None, b"x" * number)
    )
    stream.write(2)
    stream.end(1)
    event_log.watch(stream, "data", "end")
    await event_log.until("end")
    assert b"".join(entry[1] for entry in event_log[:-1]) == b"xxx"


async def test_an_output_of_none_is_no_output_and_a_falsy_one_is() -> None:
    stream = Transform(object_mode=True, transform=lambda chunk, encoding, callback: callback(None, chunk[0]))
    for output in (None, 0, ""):
        stream.write([output])
    assert [stream.read(), stream.read(), stream.read()] == [0, "", None]


async def test_a_destroyed_transform_does_not_flush(event_log: EventLog) -> None:
    stream = Transform(transform=ignore, flush=lambda callback: event_log("flush"))
    event_log.watch(stream, "close")
    stream.end()
    stream.destroy()
    await event_log.until("close")
    assert event_log in ([("close",)], [("flush",), ("close",)])


async def test_without_a_transform_hook_writing_raises() -> None:
    with pytest.raises(MethodNotImplementedError):
        Transform().write(b"a")


@pytest.mark.parametrize("option", ["transform", "flush"])
def test_a_hook_must_be_callable(option: str) -> None:
    options: dict[str, Any] = {option: 5}
    with pytest.raises(InvalidArgTypeError):
        Transform(**options)


# -- PassThrough ------------------------------------------------------------------------------------------------------


async def through(stream: PassThrough) -> list[Any]:
    """Return what comes out when two chunks are written."""
    stream.write(b"a")
    stream.end(b"b")
    return await stream.map(bytes).to_list()


class Callback(PassThrough):
    """Has a `_transform` of its own, with a callback."""

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        callback(None, chunk.upper())


class Coroutine(PassThrough):
    """Has a `_transform` of its own that is a coroutine function."""

    async def _transform(self, chunk: bytes, encoding: str) -> bytes:
        return chunk.upper()


class Calling(PassThrough):
    """Leaves the work to the class that it overrides."""

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        super()._transform(chunk.upper(), encoding, callback)


class Writing(PassThrough):
    """Has a `_write` of its own."""

    def _write(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        super()._write(chunk.upper(), encoding, callback)


@pytest.mark.parametrize("kind", [Callback, Coroutine, Calling, Writing])
async def test_a_pass_through_honours_what_a_subclass_overrides(kind: type[PassThrough]) -> None:
    assert b"".join(await through(kind())) == b"AB"


async def test_a_pass_through_honours_a_transform_that_is_set_on_it() -> None:
    stream: Any = PassThrough()
    stream._transform = lambda chunk, encoding, callback: callback(None, chunk.upper())
    assert b"".join(await through(stream)) == b"AB"


async def test_a_pass_through_honours_a_transform_that_is_given() -> None:
    make: Any = PassThrough
    for transform in (
        lambda chunk, encoding, callback: callback(None, chunk.upper()),
        Coroutine()._transform,
    ):
        assert b"".join(await through(make(transform=transform))) == b"AB"


async def test_a_pass_through_that_is_overridden_may_fail() -> None:
    class Failing(PassThrough):
        def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
            callback(ValueError("why"))

    with pytest.raises(ValueError, match="why"):
        await through(Failing().on("error", ignore))


async def test_a_pass_through_holds_its_input_while_its_output_is_over_the_mark(event_log: EventLog) -> None:
    stream = PassThrough(readable_high_water_mark=2, writable_high_water_mark=1)
    for chunk in (b"ab", b"c"):
        stream.write(chunk, callback=lambda _: event_log("written"))
    await turns(3)
    assert (event_log, stream.readable_length, stream.writable_length) == ([], 2, 3)
    # Reading makes room at once.
    assert stream.read() == b"abc"
    await event_log.until("written", count=2)


async def test_a_pass_through_decodes_what_comes_out() -> None:
    stream = PassThrough(encoding="utf8")
    stream.write("é".encode()[:1])
    stream.end("é".encode()[1:])
    assert "".join(await stream.to_list()) == "é"


async def test_a_pass_through_that_reads_objects_and_takes_bytes() -> None:
    stream = PassThrough(readable_object_mode=True)
    for chunk in (b"a", b"", b"b"):
        stream.write(chunk)
    stream.end()
    assert await stream.to_list() == [b"a", b"", b"b"]
