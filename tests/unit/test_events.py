"""Event emitters: order, removal, errors, warnings, and the awaitable forms. The expectations were read off Node 20."""

from __future__ import annotations

import asyncio
import warnings
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import events
from sockstream.abort import AbortController
from sockstream.errors import AbortError, InvalidArgTypeError, OutOfRangeError, UnhandledError
from sockstream.events import ERROR_MONITOR, EventEmitter, MaxListenersExceededWarning

if TYPE_CHECKING:
    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


def raise_(error: BaseException) -> None:
    raise error


# -- order ------------------------------------------------------------------------------------------------------------


def test_listeners_run_in_the_order_they_were_added_with_the_arguments(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.on("x", event_log.entry("first")).add_listener("x", event_log.entry("second"))
    emitter.on("y", event_log.entry("other event"))
    assert emitter.emit("x", 1, "two") is True
    assert event_log == [("first", 1, "two"), ("second", 1, "two")]


def test_emit_tells_whether_anybody_listened() -> None:
    emitter = EventEmitter()
    assert emitter.emit("x") is False
    emitter.once("x", lambda: None)
    assert [emitter.emit("x"), emitter.emit("x")] == [True, False]


def test_prepended_listeners_run_first_the_newest_before_the_others(event_log: EventLog) -> None:
    emitter = EventEmitter().on("x", event_log.entry("on"))
    emitter.prepend_listener("x", event_log.entry("prepended"))
    emitter.prepend_once_listener("x", event_log.entry("prepended once"))
    emitter.emit("x")
    emitter.emit("x")
    assert event_log.names == ["prepended once", "prepended", "on", "prepended", "on"]


def test_the_same_listener_twice_is_called_twice(event_log: EventLog) -> None:
    listener = event_log.entry("called")
    EventEmitter().on("x", listener).on("x", listener).emit("x")
    assert event_log == [("called",), ("called",)]


def test_a_listener_added_meanwhile_waits_for_the_next_emission(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.on("x", event_log.entry("here"))
    emitter.on("x", lambda: emitter.once("x", event_log.entry("late")))
    emitter.emit("x")
    assert event_log.names == ["here"]
    emitter.emit("x")
    assert event_log.names == ["here", "here", "late"]


def test_a_listener_removed_meanwhile_is_called_once_more(event_log: EventLog) -> None:
    emitter = EventEmitter()
    late = event_log.entry("late")
    emitter.on("x", lambda: emitter.off("x", late)).on("x", late)
    emitter.emit("x")
    emitter.emit("x")
    assert event_log == [("late",)]


# -- once -------------------------------------------------------------------------------------------------------------


def test_a_once_listener_is_gone_before_it_is_called(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.once("x", lambda: event_log("called", emitter.listener_count("x"), emitter.emit("x")))
    emitter.emit("x")
    assert event_log == [("called", 0, False)]


def test_a_once_listener_that_raises_is_gone() -> None:
    emitter = EventEmitter().once("x", lambda: raise_(ValueError("once")))
    with pytest.raises(ValueError, match="once"):
        emitter.emit("x")
    assert emitter.event_names() == []


def test_a_once_listener_can_be_removed_before_it_is_called(event_log: EventLog) -> None:
    listener = event_log.entry("never")
    emitter = EventEmitter().once("x", listener).off("x", listener)
    assert emitter.emit("x") is False
    assert event_log == []


def test_a_once_listener_met_twice_in_nested_emissions_is_called_once(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.once("x", lambda: emitter.emit("x")).once("x", event_log.entry("second"))
    emitter.emit("x")
    assert event_log == [("second",)]


# -- decorators -------------------------------------------------------------------------------------------------------


def test_on_and_once_without_a_listener_are_decorators_that_return_the_function(event_log: EventLog) -> None:
    emitter = EventEmitter()

    @emitter.on("x")
    def always(value: int) -> None:
        event_log("always", value)

    @emitter.once("x")
    def first(value: int) -> None:
        event_log("first", value)

    emitter.emit("x", 1)
    emitter.emit("x", 2)
    first(3)
    always(4)
    assert event_log == [("always", 1), ("first", 1), ("always", 2), ("first", 3), ("always", 4)]
    emitter.off("x", always)
    assert emitter.event_names() == []


def test_the_prepending_methods_are_decorators_too(event_log: EventLog) -> None:
    emitter = EventEmitter().on("x", lambda: event_log("last"))
    for method in (emitter.prepend_listener, emitter.prepend_once_listener):
        assert method("x")(partial(event_log, method.__name__)).args == (method.__name__,)
    emitter.emit("x")
    emitter.emit("x")
    assert event_log == [
        ("prepend_once_listener",),
        ("prepend_listener",),
        ("last",),
        ("prepend_listener",),
        ("last",),
    ]


# -- removing ---------------------------------------------------------------------------------------------------------


def test_off_removes_the_newest_entry_only(event_log: EventLog) -> None:
    listener = event_log.entry("called")
    emitter = EventEmitter().on("x", listener).on("x", listener).once("x", listener)
    emitter.off("x", listener)
    assert emitter.listener_count("x", listener) == 2
    assert emitter.raw_listeners("x") == [listener, listener]


def test_off_finds_bound_methods_which_are_new_objects_each_time(event_log: EventLog) -> None:
    class User:
        def listen(self) -> None:
            event_log("called")

    user = User()
    emitter = EventEmitter().on("x", user.listen).remove_listener("x", user.listen)
    assert emitter.event_names() == []


def test_off_of_what_is_not_there_does_nothing(event_log: EventLog) -> None:
    emitter = EventEmitter().on("remove_listener", event_log.entry("removed")).on("x", print)
    assert emitter.off("x", len).off("y", print) is emitter
    assert event_log == []
    assert emitter.listeners("x") == [print]


def test_remove_all_listeners_of_one_event_leaves_the_others() -> None:
    emitter = EventEmitter().on("x", print).on("x", len).on("y", print)
    assert emitter.remove_all_listeners("x") is emitter
    assert emitter.event_names() == ["y"]


def test_remove_all_listeners_of_every_event() -> None:
    emitter = EventEmitter().on("x", print).on("y", print)
    assert emitter.remove_all_listeners().event_names() == []


# -- the events about listeners ---------------------------------------------------------------------------------------


def test_new_listener_comes_before_the_listener_is_added_also_for_once(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.on("new_listener", lambda name, each: event_log("new", name, each, emitter.listener_count(name)))
    emitter.on("x", print)
    emitter.once("x", len)
    assert event_log == [("new", "x", print, 0), ("new", "x", len, 1)]


def test_what_a_new_listener_listener_adds_comes_first(event_log: EventLog) -> None:
    emitter = EventEmitter()
    emitter.once("new_listener", lambda *_: emitter.on("x", event_log.entry("B")))
    emitter.on("x", event_log.entry("A"))
    emitter.emit("x")
    assert event_log == [("B",), ("A",)]


def test_remove_listener_comes_after_the_removal_with_the_original(event_log: EventLog) -> None:
    emitter = EventEmitter().on("x", print).once("x", len)
    emitter.on("remove_listener", lambda name, each: event_log("removed", name, each, emitter.listener_count(name)))
    emitter.off("x", len)
    emitter.off("x", print)
    assert event_log == [("removed", "x", len, 1), ("removed", "x", print, 0)]


def test_a_once_listener_is_reported_removed_before_it_runs(event_log: EventLog) -> None:
    emitter = EventEmitter().on("remove_listener", lambda name, _: event_log("removed", name))
    emitter.once("x", event_log.entry("called"))
    emitter.emit("x")
    assert event_log == [("removed", "x"), ("called",)]


def test_remove_all_listeners_reports_each_newest_first_event_by_event(event_log: EventLog) -> None:
    emitter = EventEmitter().on("x", print).on("x", len).on("y", print)
    emitter.on("remove_listener", event_log.entry("removed"))
    emitter.remove_all_listeners()
    assert event_log == [("removed", "x", len), ("removed", "x", print), ("removed", "y", print)]
    assert emitter.event_names() == []


# -- asking -----------------------------------------------------------------------------------------------------------


def test_listeners_are_the_originals_and_raw_listeners_the_wrappers() -> None:
    emitter = EventEmitter().once("x", print).on("x", len)
    (wrapper, plain) = emitter.raw_listeners("x")
    assert emitter.listeners("x") == [print, len]
    assert (wrapper.listener, plain) == (print, len)  # type: ignore[attr-defined]
    assert emitter.listeners("y") == emitter.raw_listeners("y") == []


def test_a_raw_once_listener_called_by_hand_counts_as_the_call(event_log: EventLog) -> None:
    emitter = EventEmitter().once("x", event_log.entry("called"))
    emitter.raw_listeners("x")[0](1)
    assert emitter.emit("x", 2) is False
    assert event_log == [("called", 1)]


def test_counts() -> None:
    emitter = EventEmitter().on("x", print).once("x", print).on("x", len)
    assert [emitter.listener_count("x"), emitter.listener_count("x", print), emitter.listener_count("y")] == [3, 2, 0]


def test_event_names_come_in_the_order_of_their_first_listener() -> None:
    assert EventEmitter().on("b", print).on("a", print).on("b", len).event_names() == ["b", "a"]


@pytest.mark.parametrize("method", ["on", "once", "add_listener", "prepend_listener", "prepend_once_listener", "off"])
def test_a_listener_must_be_callable(method: str) -> None:
    with pytest.raises(InvalidArgTypeError) as raised:
        getattr(EventEmitter(), method)("x", 5)
    assert raised.value.code == "ERR_INVALID_ARG_TYPE"


# -- errors -----------------------------------------------------------------------------------------------------------


def test_an_error_nobody_listens_to_is_raised_out_of_emit() -> None:
    error = ValueError("boom")
    with pytest.raises(ValueError, match="boom") as raised:
        EventEmitter().emit("error", error)
    assert raised.value is error


@pytest.mark.parametrize("args", [(), (42,), (None,)])
def test_an_error_that_is_no_exception_is_raised_as_unhandled(args: tuple[Any, ...]) -> None:
    with pytest.raises(UnhandledError) as raised:
        EventEmitter().emit("error", *args)
    assert raised.value.code == "ERR_UNHANDLED_ERROR"


def test_an_error_with_a_listener_is_an_event_like_any_other(event_log: EventLog) -> None:
    error = ValueError("heard")
    assert EventEmitter().on("error", event_log.entry("error")).emit("error", error, "more") is True
    assert event_log == [("error", error, "more")]


def test_the_error_monitor_sees_errors_first_and_is_no_listener(event_log: EventLog) -> None:
    error = ValueError("seen")
    emitter = EventEmitter().on("error", event_log.entry("listener"))
    emitter.on(ERROR_MONITOR, event_log.entry("monitor"))
    assert emitter.listener_count("error") == 1
    emitter.emit("error", error)
    emitter.remove_all_listeners("error")
    with pytest.raises(ValueError, match="seen"):
        emitter.emit("error", error)
    assert event_log == [("monitor", error), ("listener", error), ("monitor", error)]


def test_a_listener_that_raises_stops_the_emission_and_its_error_leaves_emit(event_log: EventLog) -> None:
    emitter = EventEmitter().on("x", lambda: raise_(ValueError("t"))).on("x", event_log.entry("never"))
    with pytest.raises(ValueError, match="t"):
        emitter.emit("x")
    assert event_log == []


# -- coroutine listeners ----------------------------------------------------------------------------------------------


async def test_a_coroutine_listener_runs_as_a_task(event_log: EventLog) -> None:
    emitter = EventEmitter()

    @emitter.on("x")
    async def listener(value: int) -> None:
        event_log("started", value)
        await asyncio.sleep(0)
        event_log("done", value)

    emitter.on("x", event_log.entry("plain"))
    emitter.emit("x", 1)
    await event_log.until("done")
    assert event_log == [("plain", 1), ("started", 1), ("done", 1)]


async def test_what_a_coroutine_listener_raises_becomes_an_error_event(event_log: EventLog) -> None:
    error = ValueError("rejected")

    async def listener() -> None:
        raise error

    EventEmitter().on("error", event_log.entry("error")).on("x", listener).emit("x")
    await event_log.until("error")
    assert event_log == [("error", error)]


async def test_what_a_once_coroutine_listener_raises_becomes_an_error_event(event_log: EventLog) -> None:
    error = ValueError("rejected")

    async def listener() -> None:
        raise error

    EventEmitter().on("error", event_log.entry("error")).once("x", listener).emit("x")
    await event_log.until("error")
    assert event_log == [("error", error)]


async def test_without_an_error_listener_it_is_an_error_nobody_listens_to(loop_errors: LoopErrors) -> None:
    error = ValueError("rejected")

    async def listener() -> None:
        raise error

    EventEmitter().on("x", listener).emit("x")
    await settled()
    assert [context["exception"] for context in loop_errors] == [error]


async def test_what_an_error_listener_raises_does_not_come_back_to_it(
    event_log: EventLog, loop_errors: LoopErrors
) -> None:
    second = ValueError("second")

    async def listener(error: BaseException) -> None:
        event_log("error", str(error))
        raise second

    EventEmitter().on("error", listener).emit("error", ValueError("first"))
    await settled()
    assert event_log == [("error", "first")]
    assert [context["exception"] for context in loop_errors] == [second]


async def settled() -> None:
    """Wait until every listener task is done and its end has been seen."""
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(tasks)
        await asyncio.sleep(0)


# -- too many ---------------------------------------------------------------------------------------------------------


def warned(emitter: EventEmitter, *names: str) -> list[str]:
    """Add a listener for each name and return the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in names:
            emitter.on(name, print)
    assert all(warning.category is MaxListenersExceededWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_the_eleventh_listener_of_an_event_warns_once() -> None:
    emitter = EventEmitter()
    assert warned(emitter, *["x"] * 10) == []
    (message,) = warned(emitter, *["x"] * 3)
    assert "11" in message
    assert "'x'" in message
    assert "EventEmitter" in message


def test_each_event_is_counted_and_warned_about_for_itself() -> None:
    emitter = EventEmitter().set_max_listeners(1)
    assert len(warned(emitter, "x", "y")) == 0
    assert len(warned(emitter, "x", "x", "y")) == 2


def test_zero_is_no_limit() -> None:
    assert warned(EventEmitter().set_max_listeners(0), *["x"] * 50) == []


def test_the_default_is_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    emitter = EventEmitter()
    assert emitter.get_max_listeners() == events.default_max_listeners == 10
    monkeypatch.setattr(events, "default_max_listeners", 1)
    assert emitter.get_max_listeners() == 1
    assert len(warned(emitter, "x", "x")) == 1
    assert emitter.set_max_listeners(3).get_max_listeners() == 3


def test_the_warning_points_at_the_line_that_added_the_listener() -> None:
    for add in ("on", "once", "prepend_listener", "prepend_once_listener", "add_listener"):
        emitter = EventEmitter().set_max_listeners(1).on("x", print)
        with pytest.warns(MaxListenersExceededWarning) as caught:
            getattr(emitter, add)("x", print)
        assert caught[0].filename == __file__, add


@pytest.mark.parametrize(("value", "error"), [(-1, OutOfRangeError), ("1", InvalidArgTypeError)])
def test_a_limit_is_zero_or_more(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        EventEmitter().set_max_listeners(value)


# -- await once -------------------------------------------------------------------------------------------------------


async def test_once_returns_the_arguments_and_leaves_no_listener() -> None:
    emitter = EventEmitter()
    asyncio.get_running_loop().call_soon(emitter.emit, "x", 1, 2)
    assert await events.once(emitter, "x") == [1, 2]
    assert emitter.event_names() == []


async def test_once_listens_from_the_call_on() -> None:
    """Node: the listener is there when `events.once()` returns its promise."""
    emitter = EventEmitter()
    waiting = events.once(emitter, "x")
    emitter.emit("x", 1)
    assert await waiting == [1]


async def test_once_raises_what_comes_as_error() -> None:
    emitter = EventEmitter()
    asyncio.get_running_loop().call_soon(emitter.emit, "error", ValueError("bad"))
    with pytest.raises(ValueError, match="bad"):
        await events.once(emitter, "x")
    assert emitter.event_names() == []


async def test_once_error_returns_the_error() -> None:
    emitter, error = EventEmitter(), ValueError("wanted")
    asyncio.get_running_loop().call_soon(emitter.emit, "error", error)
    assert await events.once(emitter, "error") == [error]


async def test_once_gives_up_when_the_signal_is_aborted() -> None:
    emitter, controller = EventEmitter(), AbortController()
    reason = ValueError("why")
    asyncio.get_running_loop().call_soon(controller.abort, reason)
    with pytest.raises(AbortError) as raised:
        await events.once(emitter, "x", signal=controller.signal)
    assert raised.value.__cause__ is reason
    assert emitter.event_names() == controller.signal.event_names() == []


async def test_once_with_an_aborted_signal_does_not_listen() -> None:
    emitter, controller = EventEmitter(), AbortController()
    controller.abort()
    with pytest.raises(AbortError):
        await events.once(emitter, "x", signal=controller.signal)
    assert emitter.event_names() == []


async def test_a_cancelled_once_leaves_no_listener() -> None:
    emitter = EventEmitter()
    task = asyncio.ensure_future(events.once(emitter, "x"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert emitter.event_names() == []


async def test_a_once_cancelled_before_it_started_leaves_no_listener() -> None:
    emitter = EventEmitter()
    task = asyncio.ensure_future(events.once(emitter, "x"))
    task.cancel()
    await asyncio.wait((task,))
    del task
    assert emitter.event_names() == []


# -- async for on -----------------------------------------------------------------------------------------------------


async def test_on_loses_nothing_that_was_emitted_since_it_was_called() -> None:
    emitter = EventEmitter()
    iterator = events.on(emitter, "x")
    emitter.emit("x", 1)
    emitter.emit("x", 2, 3)
    assert [await anext(iterator), await anext(iterator)] == [[1], [2, 3]]
    await iterator.aclose()
    assert emitter.event_names() == []


async def test_on_waits_for_the_next_emission(event_log: EventLog) -> None:
    emitter = EventEmitter()

    async def consume() -> None:
        async for args in events.on(emitter, "x", close=["end"]):
            event_log("got", *args)

    task = asyncio.ensure_future(consume())
    await asyncio.sleep(0)
    for number in range(3):
        emitter.emit("x", number)
        await event_log.until("got", count=number + 1)
    emitter.emit("end")
    await task
    assert event_log == [("got", 0), ("got", 1), ("got", 2)]
    assert emitter.event_names() == []


async def test_on_ends_with_a_close_event_after_what_came_before_it() -> None:
    emitter = EventEmitter()
    iterator = events.on(emitter, "x", close=["end", "close"])
    emitter.emit("x", 1)
    emitter.emit("end")
    emitter.emit("x", 2)
    assert [args async for args in iterator] == [[1]]
    assert emitter.event_names() == []


async def test_on_raises_an_error_after_what_came_before_it() -> None:
    emitter = EventEmitter()
    iterator = events.on(emitter, "x")
    emitter.emit("x", 1)
    emitter.emit("error", ValueError("bad"))
    assert await anext(iterator) == [1]
    with pytest.raises(ValueError, match="bad"):
        await anext(iterator)
    assert emitter.event_names() == []
    with pytest.raises(StopAsyncIteration):
        await anext(iterator)


async def test_on_error_iterates_over_errors() -> None:
    emitter, error = EventEmitter(), ValueError("wanted")
    async with aclosing(events.on(emitter, "error")) as iterator:
        emitter.emit("error", error)
        assert await anext(iterator) == [error]


async def test_on_ends_with_an_abort_error_after_what_came_before_it() -> None:
    emitter, controller = EventEmitter(), AbortController()
    iterator = events.on(emitter, "x", signal=controller.signal)
    emitter.emit("x", 1)
    controller.abort()
    assert await anext(iterator) == [1]
    with pytest.raises(AbortError):
        await anext(iterator)
    assert emitter.event_names() == controller.signal.event_names() == []


async def test_on_with_an_aborted_signal_is_refused_at_once() -> None:
    emitter, controller = EventEmitter(), AbortController()
    controller.abort()
    with pytest.raises(AbortError):
        events.on(emitter, "x", signal=controller.signal)
    assert emitter.event_names() == []


async def test_leaving_the_loop_and_closing_removes_the_listeners() -> None:
    emitter = EventEmitter()
    async with aclosing(events.on(emitter, "x", close=["end"])) as iterator:
        emitter.emit("x", 1)
        async for _ in iterator:
            break
        assert emitter.event_names() == ["x", "error", "end"]
    assert emitter.event_names() == []


async def test_leaving_the_loop_with_nothing_else_holding_it_removes_the_listeners_too() -> None:
    emitter = EventEmitter()
    asyncio.get_running_loop().call_soon(emitter.emit, "x", 1)
    async for _ in events.on(emitter, "x"):
        break
    assert emitter.event_names() == []


async def test_two_that_wait_get_one_emission_each() -> None:
    emitter = EventEmitter()
    async with aclosing(events.on(emitter, "x")) as iterator:
        both = [asyncio.ensure_future(anext(iterator)) for _ in range(2)]
        await asyncio.sleep(0)
        emitter.emit("x", 1)
        emitter.emit("x", 2)
        assert await asyncio.gather(*both) == [[1], [2]]


async def test_a_cancelled_iteration_can_go_on() -> None:
    """Waiting is not the listening: a timeout around one `anext` loses nothing."""
    emitter = EventEmitter()
    async with aclosing(events.on(emitter, "x")) as iterator:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(iterator)
        emitter.emit("x", 1)
        assert await anext(iterator) == [1]
