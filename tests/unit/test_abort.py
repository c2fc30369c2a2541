"""AbortController and AbortSignal."""

from __future__ import annotations

import asyncio
import gc
import math
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest

from sockstream.abort import AbortController, AbortSignal
from sockstream.errors import AbortError, AbortTimeoutError, InvalidArgTypeError, OutOfRangeError
from sockstream.events import once
from sockstream.loop import current

if TYPE_CHECKING:
    from tests.support.events import EventLog


# -- the controller ---------------------------------------------------------------------------------------------------


def test_a_new_signal_waits() -> None:
    controller = AbortController()
    assert (controller.signal.aborted, controller.signal.reason) == (False, None)
    controller.signal.throw_if_aborted()
    assert repr(controller) == "<AbortController <AbortSignal waiting>>"


def test_abort_without_a_reason_is_an_abort_error() -> None:
    controller = AbortController()
    controller.abort()
    assert controller.signal.aborted
    assert isinstance(controller.signal.reason, AbortError)
    with pytest.raises(AbortError, match="The operation was aborted") as caught:
        controller.signal.throw_if_aborted()
    assert caught.value is controller.signal.reason


@pytest.mark.parametrize("reason", ["enough", 0, False, ValueError("x")])
def test_any_reason_is_kept(reason: object) -> None:
    controller = AbortController()
    controller.abort(reason)
    assert controller.signal.reason is reason
    assert repr(controller.signal) == f"<AbortSignal aborted: {reason!r}>"


def test_throw_if_aborted_raises_the_reason() -> None:
    with pytest.raises(ValueError, match="x"):
        AbortSignal.abort(ValueError("x")).throw_if_aborted()
    with pytest.raises(AbortError) as caught:
        AbortSignal.abort("enough").throw_if_aborted()
    assert caught.value.cause == "enough"


def test_only_the_first_abort_counts(event_log: EventLog) -> None:
    controller = AbortController()
    event_log.watch(controller.signal, "abort")
    controller.abort(1)
    controller.abort(2)
    assert event_log == [("abort",)]
    assert controller.signal.reason == 1


def test_listeners_see_it_aborted_and_once_is_once(event_log: EventLog) -> None:
    controller = AbortController()
    signal = controller.signal
    signal.once("abort", lambda: event_log("once", signal.aborted, signal.reason))
    controller.abort("r")
    assert event_log == [("once", True, "r")]
    assert signal.listener_count("abort") == 0


# -- failing listeners ------------------------------------------------------------------------------------------------


def test_without_a_loop_the_first_failure_is_raised_when_all_were_called(event_log: EventLog) -> None:
    controller = AbortController()
    controller.signal.on("abort", lambda: 1 // 0)
    controller.signal.on("abort", lambda: int("second"))
    event_log.watch(controller.signal, "abort")
    with pytest.raises(ZeroDivisionError):
        controller.abort()
    assert event_log == [("abort",)]


async def test_with_a_loop_a_failure_is_nobodys_error(event_log: EventLog, loop_errors: list[dict[str, Any]]) -> None:
    controller = AbortController()
    controller.signal.on("abort", lambda: 1 // 0)
    event_log.watch(controller.signal, "abort")
    controller.abort()
    event_log("returned")
    await asyncio.sleep(0)
    assert event_log == [("abort",), ("returned",)]
    assert [type(context["exception"]) for context in loop_errors] == [ZeroDivisionError]


async def test_a_coroutine_listener_runs_as_a_task(event_log: EventLog) -> None:
    controller = AbortController()

    async def listener() -> None:
        event_log("task")

    controller.signal.on("abort", listener)
    controller.abort()
    assert event_log == []
    await event_log.until("task")


# -- timeout ----------------------------------------------------------------------------------------------------------


@pytest.mark.fake_clock
async def test_timeout(event_log: EventLog) -> None:
    signal = AbortSignal.timeout(5)
    event_log.watch(signal, "abort")
    assert not signal.aborted
    assert current().references == 0
    await event_log.until("abort")
    assert asyncio.get_running_loop().time() == pytest.approx(5)
    assert isinstance(signal.reason, AbortTimeoutError)
    with pytest.raises(TimeoutError, match="The operation was aborted due to timeout"):
        signal.throw_if_aborted()


async def test_timeout_on_the_real_clock() -> None:
    signal = AbortSignal.timeout(0.01)
    assert await once(signal, "abort") == []
    assert isinstance(signal.reason, TimeoutError)


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, -math.inf])
async def test_a_timeout_is_not_negative(seconds: float) -> None:
    with pytest.raises(OutOfRangeError, match='"seconds" is out of range'):
        AbortSignal.timeout(seconds)


@pytest.mark.parametrize("seconds", ["1", None, True])
async def test_a_timeout_is_a_number(seconds: Any) -> None:
    with pytest.raises(InvalidArgTypeError, match='The "seconds" argument must be of type int or float'):
        AbortSignal.timeout(seconds)


async def test_a_forgotten_timeout_leaves_no_timer() -> None:
    signal: AbortSignal | None = AbortSignal.timeout(3600)
    assert len(current().resources) == 1
    del signal
    gc.collect()
    assert not current().resources


@pytest.mark.fake_clock
async def test_a_timeout_that_is_listened_to_is_held(event_log: EventLog) -> None:
    event_log.watch(AbortSignal.timeout(3600), "abort")
    gc.collect()
    await event_log.until("abort")
    assert event_log == [("abort",)]


async def test_a_timeout_is_let_go_with_its_last_listener() -> None:
    signal = AbortSignal.timeout(3600)
    signal.on("abort", print)
    kept = ref(signal)
    del signal
    gc.collect()
    left = kept()
    assert left is not None
    left.off("abort", print)
    del left
    gc.collect()
    assert kept() is None
    assert not current().resources


# -- any --------------------------------------------------------------------------------------------------------------


def test_any_aborts_with_the_first_and_its_reason(event_log: EventLog) -> None:
    first, second = AbortController(), AbortController()
    signal = AbortSignal.any([first.signal, second.signal])
    event_log.watch(signal, "abort")
    assert not signal.aborted
    second.abort("second")
    first.abort("first")
    assert (signal.aborted, signal.reason) == (True, "second")
    assert event_log == [("abort",)]


def test_any_of_an_aborted_one_is_aborted() -> None:
    controller = AbortController()
    signal = AbortSignal.any([controller.signal, AbortSignal.abort(1), AbortSignal.abort(2)])
    assert (signal.aborted, signal.reason) == (True, 1)


def test_any_of_none_never_aborts() -> None:
    assert not AbortSignal.any([]).aborted


def test_all_are_aborted_before_the_first_listener_runs(event_log: EventLog) -> None:
    controller = AbortController()
    inner = AbortSignal.any([controller.signal])
    outer = AbortSignal.any(signal for signal in (inner, controller.signal))
    for name, signal in (("outer", outer), ("inner", inner), ("source", controller.signal)):
        signal.on("abort", lambda name=name: event_log(name, inner.aborted, outer.aborted))
    controller.abort()
    assert event_log == [("source", True, True), ("inner", True, True), ("outer", True, True)]


def test_any_wants_signals() -> None:
    with pytest.raises(InvalidArgTypeError, match='The "signals" argument must be an iterable of AbortSignal'):
        AbortSignal.any(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgTypeError, match=r'The "signals\[1\]" argument must be an AbortSignal'):
        AbortSignal.any([AbortSignal(), 5])  # type: ignore[list-item]


def test_a_forgotten_any_is_collected() -> None:
    controller = AbortController()
    forgotten = ref(AbortSignal.any([controller.signal]))
    gc.collect()
    assert forgotten() is None
    assert not controller.signal._dependents


def test_any_that_is_listened_to_is_held_by_its_sources(event_log: EventLog) -> None:
    controller = AbortController()
    event_log.watch(AbortSignal.any([AbortSignal.any([controller.signal])]), "abort")
    gc.collect()
    controller.abort()
    assert event_log == [("abort",)]
    assert not controller.signal._held


@pytest.mark.fake_clock
async def test_any_that_is_listened_to_holds_its_timeout(event_log: EventLog) -> None:
    event_log.watch(AbortSignal.any([AbortSignal.timeout(3600), AbortController().signal]), "abort")
    gc.collect()
    await event_log.until("abort")
    assert event_log == [("abort",)]
    gc.collect()
    assert not current().resources
