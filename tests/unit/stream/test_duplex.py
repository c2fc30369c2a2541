"""Both sides in one object. The expectations were read off Node 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import AbortError, InvalidArgTypeError, InvalidArgValueError, UnknownEncodingError
from sockstream.stream import Duplex, Readable, Writable
from tests.unit.stream.helpers import Both, ignore, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog


def test_a_duplex_is_a_readable_and_a_writable() -> None:
    assert isinstance(Both(), Readable)
    assert isinstance(Both(), Writable)


async def test_the_sides_are_independent(event_log: EventLog) -> None:
    duplex = Both()
    event_log.watch(duplex, "data", "end", "finish", "close")
    duplex.push(b"in")
    duplex.end(b"out")
    await event_log.until("finish")
    assert duplex.chunks == [b"out"]
    assert event_log == [("data", b"in"), ("finish",)]
    duplex.push(None)
    await event_log.until("close")
    assert event_log[-2:] == [("end",), ("close",)]


async def test_it_closes_when_both_sides_are_through_whichever_comes_first(event_log: EventLog) -> None:
    duplex = Both().resume()
    event_log.watch(duplex, "end", "finish", "close")
    duplex.push(None)
    await ticks()
    assert (event_log, duplex.destroyed) == ([("end",)], False)
    duplex.end()
    await event_log.until("close")
    assert event_log == [("end",), ("finish",), ("close",)]


async def test_without_half_open_the_end_of_reading_ends_writing(event_log: EventLog) -> None:
    duplex = Both(allow_half_open=False).resume()
    event_log.watch(duplex, "end", "finish", "close")
    duplex.push(None)
    await event_log.until("close")
    assert event_log == [("end",), ("finish",), ("close",)]


async def test_without_half_open_writing_goes_on_within_the_end_listener(event_log: EventLog) -> None:
    duplex = Both(allow_half_open=False).resume()
    duplex.on("end", lambda: duplex.write(b"farewell"))
    event_log.watch(duplex, "close")
    duplex.push(None)
    await event_log.until("close")
    assert duplex.chunks == [b"farewell"]


async def test_the_end_of_writing_does_not_end_reading(event_log: EventLog) -> None:
    duplex = Both(allow_half_open=False)
    event_log.watch(duplex, "finish")
    duplex.end()
    await event_log.until("finish")
    assert (duplex.readable, duplex.destroyed) == (True, False)


async def test_without_a_readable_side_it_closes_after_finish(event_log: EventLog) -> None:
    duplex = Both(readable=False)
    event_log.watch(duplex, "finish", "end", "close")
    assert (duplex.readable, duplex.writable) == (False, True)
    duplex.end()
    await event_log.until("close")
    assert event_log == [("finish",), ("close",)]


async def test_without_a_writable_side_it_closes_after_end(event_log: EventLog) -> None:
    duplex = Both(writable=False).resume()
    event_log.watch(duplex, "finish", "end", "close")
    assert (duplex.readable, duplex.writable) == (True, False)
    duplex.push(None)
    await event_log.until("close")
    assert event_log == [("end",), ("close",)]


async def test_without_a_writable_side_there_is_nothing_to_end(event_log: EventLog) -> None:
    duplex = Both(writable=False, allow_half_open=False).resume()
    event_log.watch(duplex, "close")
    duplex.push(None)
    await event_log.until("close")


async def test_an_error_of_one_side_is_the_error_of_both(event_log: EventLog) -> None:
    duplex = Duplex(read=ignore, write=lambda chunk, encoding, callback: callback(ValueError()))
    duplex.on("error", lambda error: event_log("error", type(error)))
    event_log.watch(duplex, "close")
    duplex.write(b"a")
    await event_log.until("close")
    assert event_log == [("error", ValueError), ("close",)]
    assert (duplex.readable_aborted, duplex.writable_aborted) == (True, True)


async def test_without_auto_destroy_it_stays_when_both_sides_are_through(event_log: EventLog) -> None:
    duplex = Both(auto_destroy=False).resume()
    event_log.watch(duplex, "end", "finish", "close")
    duplex.push(None)
    duplex.end()
    await event_log.until("finish")
    await turns(2)
    assert sorted(event_log) == [("end",), ("finish",)]
    assert not duplex.destroyed


async def test_construct_runs_once_and_reading_starts_before_writing(event_log: EventLog) -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        event_log("write")
        callback()

    def construct(callback: Callable[..., None]) -> None:
        event_log("construct")
        callback()

    duplex = Duplex(construct=construct, read=lambda size: event_log("read"), write=write)
    duplex.write(b"a")
    assert duplex.read() is None
    await turns(2)
    assert event_log == [("construct",), ("write",), ("read",)]


async def test_a_signal_destroys_it(event_log: EventLog) -> None:
    controller = AbortController()
    duplex = Both(signal=controller.signal)
    duplex.on("error", lambda error: event_log("error", error.code, error.__cause__))
    event_log.watch(duplex, "close")
    reason = ValueError("enough")
    controller.abort(reason)
    await event_log.until("close")
    assert event_log == [("error", "ABORT_ERR", reason), ("close",)]
    assert isinstance(duplex.errored, AbortError)


async def test_a_signal_that_is_aborted_already_destroys_it_at_once() -> None:
    duplex = Both(signal=AbortSignal.abort()).on("error", ignore)
    assert duplex.destroyed
    await ticks()


async def test_a_closed_stream_does_not_listen_to_its_signal(event_log: EventLog) -> None:
    controller = AbortController()
    event_log.watch(Both(signal=controller.signal).destroy(), "close")
    await event_log.until("close")
    assert controller.signal.listener_count("abort") == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"signal": 5}, InvalidArgTypeError),
        ({"read": 5}, InvalidArgTypeError),
        ({"final": "x"}, InvalidArgTypeError),
        ({"readable_high_water_mark": "x"}, InvalidArgValueError),
        ({"writable_high_water_mark": 1.5}, InvalidArgValueError),
        ({"encoding": "nope"}, UnknownEncodingError),
        ({"default_encoding": 5}, UnknownEncodingError),
        ({"nope": 5}, TypeError),
    ],
)
async def test_options_of_the_wrong_type_are_refused_at_the_call(
    options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Duplex(**options)
