"""The tick queue, the references, and who answers for an exception."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest

from sockstream.loop import Runtime, current, next_tick

if TYPE_CHECKING:
    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


class Owner:
    """Answers for exceptions by noting them."""

    def __init__(self, log: EventLog) -> None:
        self.log = log

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        self.log("failed", str(error), event, args)


class FailingOwner:
    """Fails itself while it answers."""

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        raise RuntimeError("answered with an exception") from error


def failing(error: BaseException) -> Any:
    """Return a callback that raises."""

    def fail(*_: object) -> None:
        raise error

    return fail


# -- one runtime for each loop ----------------------------------------------------------------------------------------


async def test_current_is_the_loops_own() -> None:
    assert current() is current()
    assert current().loop is asyncio.get_running_loop()


def test_current_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        current()


async def test_loops_of_two_threads_have_two_runtimes() -> None:
    async def theirs() -> Runtime:
        return current()

    mine = current()
    other = await asyncio.to_thread(lambda: asyncio.run(theirs()))
    assert other is not mine
    assert current() is mine


def test_a_closed_loop_is_not_kept() -> None:
    async def get() -> Runtime:
        return current()

    closed = ref(asyncio.run(get()).loop)
    asyncio.run(get())
    gc.collect()
    assert closed() is None


# -- ticks ------------------------------------------------------------------------------------------------------------


async def test_ticks_run_in_order_when_the_entrys_callback_has_returned(event_log: EventLog) -> None:
    runtime = current()

    def callback() -> None:
        runtime.tick(None, event_log, "first", 1)
        runtime.tick(None, event_log, "second", 2)
        event_log("callback")

    runtime.enter(None, callback)
    assert event_log == [("callback",), ("first", 1), ("second", 2)]


async def test_ticks_that_ticks_ask_for_run_in_the_same_entry_after_the_others(event_log: EventLog) -> None:
    runtime = current()

    def outer() -> None:
        event_log("outer")
        runtime.tick(None, inner)

    def inner() -> None:
        event_log("inner")
        runtime.tick(None, event_log, "innermost")

    def callback() -> None:
        runtime.tick(None, outer)
        runtime.tick(None, event_log, "other")

    runtime.enter(None, callback)
    assert event_log == [("outer",), ("other",), ("inner",), ("innermost",)]


async def test_an_entry_inside_an_entry_leaves_the_ticks_to_the_outer_one(event_log: EventLog) -> None:
    runtime = current()

    def inner() -> None:
        runtime.tick(None, event_log, "tick")
        event_log("inner")

    def outer() -> None:
        runtime.enter(None, inner)
        event_log("outer")

    runtime.enter(None, outer)
    assert event_log == [("inner",), ("outer",), ("tick",)]
    assert not runtime.inside


async def test_ticks_asked_for_in_a_task_share_one_turn_of_the_loop(event_log: EventLog) -> None:
    runtime = current()
    runtime.tick(None, event_log, "first")
    runtime.tick(None, event_log, "second")
    runtime.loop.call_soon(event_log, "turn")
    event_log("task")
    await event_log.until("turn")
    assert event_log == [("task",), ("first",), ("second",), ("turn",)]


async def test_ticks_asked_for_outside_an_entry_come_before_the_next_one(event_log: EventLog) -> None:
    runtime = current()
    runtime.tick(None, event_log, "early")
    runtime.enter(None, event_log, "entry")
    assert event_log == [("early",), ("entry",)]
    await asyncio.sleep(0)
    assert event_log == [("early",), ("entry",)]


async def test_next_tick_takes_both_kinds_of_arguments(event_log: EventLog) -> None:
    def note(*args: object, **kwargs: object) -> None:
        event_log("note", args, kwargs)

    next_tick(note, 1, 2)
    next_tick(note, 3, key="word")
    assert event_log == []
    await event_log.until("note", count=2)
    assert event_log == [("note", (1, 2), {}), ("note", (3,), {"key": "word"})]


def test_next_tick_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        next_tick(print)


# -- who answers ------------------------------------------------------------------------------------------------------


async def test_an_exception_goes_to_the_owner_and_the_ticks_go_on(event_log: EventLog) -> None:
    runtime, owner = current(), Owner(event_log)

    def callback() -> None:
        runtime.tick(owner, failing(ValueError("in a tick")))
        runtime.tick(None, event_log, "next")
        raise ValueError("in the callback")

    runtime.enter(owner, callback)
    assert event_log == [("failed", "in the callback", None, ()), ("failed", "in a tick", None, ()), ("next",)]


async def test_nobodys_exception_goes_to_the_exception_handler_of_a_loop_that_is_not_ours(
    loop_errors: LoopErrors,
) -> None:
    error = ValueError("nobody's")
    current().enter(None, failing(error))
    assert [context["exception"] for context in loop_errors] == [error]
    assert "nobody listens" in loop_errors[0]["message"]


async def test_an_owner_that_fails_as_it_answers_fails_the_runtime(loop_errors: LoopErrors) -> None:
    first = ValueError("first")
    current().enter(FailingOwner(), failing(first))
    (context,) = loop_errors
    assert str(context["exception"]) == "answered with an exception"
    assert context["exception"].__cause__ is first


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
async def test_what_ends_the_program_passes_through_and_loses_no_tick(
    kind: type[BaseException], event_log: EventLog
) -> None:
    runtime = current()

    def callback() -> None:
        runtime.tick(None, event_log, "kept")
        raise kind

    with pytest.raises(kind):
        runtime.enter(Owner(event_log), callback)
    assert not runtime.inside
    assert event_log == []
    await event_log.until("kept")


# -- references and listener tasks ------------------------------------------------------------------------------------


async def test_a_listener_task_is_referenced_until_it_is_done(event_log: EventLog) -> None:
    runtime = current()
    gate: asyncio.Future[None] = runtime.loop.create_future()

    async def listener() -> None:
        await gate
        event_log("done")

    runtime.spawn(Owner(event_log), "data", (), listener())
    assert (runtime.references, len(runtime.tasks)) == (1, 1)
    (task,) = runtime.tasks
    gate.set_result(None)
    await asyncio.wait((task,))
    assert (runtime.references, len(runtime.tasks)) == (0, 0)
    assert event_log == [("done",)]


async def test_what_a_listener_task_raises_goes_to_the_owner_with_the_event(event_log: EventLog) -> None:
    async def listener() -> None:
        raise ValueError("in the task")

    current().spawn(Owner(event_log), "data", (b"hi",), listener())
    await event_log.until("failed")
    assert event_log == [("failed", "in the task", "data", (b"hi",))]


async def test_the_answer_to_a_listener_task_is_an_entry(event_log: EventLog) -> None:
    """Ticks that the owner asks for run before the next callback of the loop."""
    runtime = current()

    class Ticking(Owner):
        def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
            runtime.tick(self, event_log, "tick", runtime.inside)
            runtime.loop.call_soon(event_log, "turn")

    async def listener() -> None:
        raise ValueError

    runtime.spawn(Ticking(event_log), "data", (), listener())
    await event_log.until("turn")
    assert event_log == [("tick", True), ("turn",)]


async def test_a_cancelled_listener_task_is_no_failure(event_log: EventLog) -> None:
    runtime = current()
    runtime.spawn(Owner(event_log), "data", (), asyncio.sleep(3600))
    (task,) = runtime.tasks
    task.cancel()
    await asyncio.wait((task,))
    assert event_log == []
    assert runtime.references == 0
