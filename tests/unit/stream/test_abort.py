"""add_abort_signal and `signal=`: when they destroy, what they let go of, and who must hear of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import AbortError, InvalidArgTypeError
from sockstream.stream import Writable, add_abort_signal
from tests.unit.stream.helpers import Both, Endless, Sink, Source, ignore, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


@pytest.mark.parametrize("make", [Endless, Sink, Both])
async def test_it_destroys_every_kind_of_stream_with_its_reason(make: Callable[[], Any], event_log: EventLog) -> None:
    controller = AbortController()
    stream = add_abort_signal(controller.signal, make())
    stream.on("error", lambda error: event_log("error", type(error), error.cause))
    event_log.watch(stream, "close")
    controller.abort("why")
    await event_log.until("close")
    assert event_log == [("error", AbortError, "why"), ("close",)]
    assert controller.signal.listener_count("abort") == 0


async def test_an_aborted_signal_destroys_at_once() -> None:
    assert add_abort_signal(AbortSignal.abort(), Sink().on("error", ignore)).destroyed
    await ticks()


async def test_its_own_error_needs_no_listener() -> None:
    controller = AbortController()
    sink = Sink(signal=controller.signal)
    controller.abort()
    await ticks()
    assert isinstance(sink.errored, AbortError)


async def test_another_error_that_nobody_listens_to_is_reported(loop_errors: LoopErrors) -> None:
    Sink(signal=AbortController().signal).destroy(ValueError("why"))
    await ticks()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


async def test_an_error_before_the_abort_is_reported(loop_errors: LoopErrors) -> None:
    controller = AbortController()
    Sink(signal=controller.signal).destroy(ValueError("why"))
    controller.abort()
    await ticks()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


@pytest.mark.parametrize("end", [lambda stream: stream.resume(), lambda stream: stream.emit("error", ValueError())])
async def test_a_stream_that_has_ended_is_left_alone(end: Callable[[Any], object]) -> None:
    controller = AbortController()
    source = Source(auto_destroy=False, signal=controller.signal).on("error", ignore)
    end(source)
    await turns(2)
    assert controller.signal.listener_count("abort") == 0
    controller.abort()
    assert not source.destroyed
    assert source.event_names() == ["error"]


async def test_what_is_no_signal_or_no_stream_is_refused() -> None:
    with pytest.raises(InvalidArgTypeError):
        add_abort_signal("signal", Sink())  # type: ignore[arg-type]
    with pytest.raises(InvalidArgTypeError):
        Writable(signal=5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgTypeError):
        add_abort_signal(AbortController().signal, "stream")  # type: ignore[type-var]
