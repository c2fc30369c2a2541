"""`run`: how long it runs, what it returns, what it raises, and what it closes."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from sockstream import run
from sockstream.events import EventEmitter
from sockstream.loop import current, next_tick
from sockstream.stream import Readable
from sockstream.timers import set_timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.support.events import EventLog

    LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class Held:
    """An open, referenced thing that notes when it is closed."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.runtime = current()
        self.runtime.resources.add(self)
        self.runtime.ref()

    def close(self) -> None:
        self.runtime.resources.discard(self)
        self.runtime.unref()

    def finish(self) -> None:
        self.log("later")
        self.close()

    def _close_now(self) -> None:
        self.log("closed")
        self.close()


class Slow(Held):
    """Takes some turns of the loop to close."""

    def _close_now(self) -> None:
        self.log("closing")
        soon(10, self.finish)


def soon(turns: int, callback: Callable[[], object]) -> None:
    """Call back after so many turns of the loop."""
    if turns == 0:
        callback()
    else:
        current().loop.call_soon(soon, turns - 1, callback)


def raise_(error: BaseException) -> Any:
    raise error


# -- what main is, and its result -------------------------------------------------------------------------------------


def test_a_plain_mains_result_is_returned(loop_factory: LoopFactory) -> None:
    assert run(lambda a, b: a + b, 1, 2, loop_factory=loop_factory) == 3


def test_a_coroutine_mains_result_is_returned(loop_factory: LoopFactory) -> None:
    async def main(a: int, b: int) -> int:
        await asyncio.sleep(0)
        return a + b

    assert run(main, 1, 2, loop_factory=loop_factory) == 3


def test_no_main_is_no_result(loop_factory: LoopFactory) -> None:
    assert run(loop_factory=loop_factory) is None


def test_the_loop_is_uvloops_where_it_is_installed() -> None:
    assert isinstance(run(asyncio.get_running_loop), uvloop.Loop)


def test_the_loop_is_asyncios_where_uvloop_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert isinstance(run(asyncio.get_running_loop), asyncio.SelectorEventLoop)


def test_debug_is_the_loops(loop_factory: LoopFactory) -> None:
    def main() -> bool:
        return asyncio.get_running_loop().get_debug()

    assert run(main, debug=True, loop_factory=loop_factory) is True
    assert run(main, debug=False, loop_factory=loop_factory) is False


async def test_run_inside_a_loop_is_refused() -> None:
    with pytest.raises(RuntimeError, match="running event loop"):
        run(print)


# -- how long it runs -------------------------------------------------------------------------------------------------


def test_run_waits_for_the_last_reference(loop_factory: LoopFactory, event_log: EventLog) -> None:
    def main() -> str:
        held = Held(event_log)
        soon(10, held.finish)
        return "result"

    assert run(main, loop_factory=loop_factory) == "result"
    assert event_log == [("later",)]


def test_what_is_not_referenced_is_closed_at_the_end(loop_factory: LoopFactory, event_log: EventLog) -> None:
    class Unreferenced(Held):
        def close(self) -> None:
            self.runtime.resources.discard(self)

    def open_unreferenced() -> None:
        Unreferenced(event_log).runtime.unref()

    run(open_unreferenced, loop_factory=loop_factory)
    assert event_log == [("closed",)]


def test_a_chain_that_waits_for_a_chunk_keeps_run_alive(loop_factory: LoopFactory, event_log: EventLog) -> None:
    def begin() -> None:
        source = Readable(read=lambda size: None, object_mode=True)
        source.map(str).on("end", event_log.entry("end")).resume()
        # Unreferenced, as all is that is left: the task alone waits.
        set_timeout(source.push, 0, None).unref()

    run(begin, loop_factory=loop_factory)
    assert event_log == [("end",)]


def test_what_the_last_reference_opens_as_it_goes_counts(loop_factory: LoopFactory, event_log: EventLog) -> None:
    def reopen() -> None:
        event_log("reopened")
        held = Held(event_log)
        soon(10, held.finish)

    def main() -> None:
        held = Held(event_log)
        runtime = current()

        def go() -> None:
            runtime.tick(None, reopen)
            held.close()

        soon(3, lambda: runtime.enter(None, go))

    run(main, loop_factory=loop_factory)
    assert event_log == [("reopened",), ("later",)]


def test_ticks_of_main_run_though_nothing_is_referenced(loop_factory: LoopFactory, event_log: EventLog) -> None:
    """Node's order: the script, its ticks, the ticks of those."""

    def first() -> None:
        event_log("first")
        next_tick(event_log, "first's own")

    def main() -> None:
        next_tick(first)
        next_tick(event_log, "second")
        event_log("main")

    run(main, loop_factory=loop_factory)
    assert event_log == [("main",), ("first",), ("second",), ("first's own",)]


def test_a_coroutine_listener_keeps_run_alive(loop_factory: LoopFactory, event_log: EventLog) -> None:
    async def listener() -> None:
        await asyncio.sleep(0.01)
        event_log("listener done")

    run(lambda: EventEmitter().on("go", listener).emit("go"), loop_factory=loop_factory)
    assert event_log == [("listener done",)]


# -- what it raises ---------------------------------------------------------------------------------------------------


def test_what_main_raises_is_raised_after_all_is_closed(loop_factory: LoopFactory, event_log: EventLog) -> None:
    def main() -> None:
        Held(event_log)
        raise ValueError("from main")

    with pytest.raises(ValueError, match="from main"):
        run(main, loop_factory=loop_factory)
    assert event_log == [("closed",)]


def test_an_error_nobody_listens_to_stops_run(loop_factory: LoopFactory, event_log: EventLog) -> None:
    def main() -> str:
        Held(event_log)
        soon(3, lambda: current().fail(ValueError("nobody's")))
        return "lost"

    with pytest.raises(ValueError, match="nobody's"):
        run(main, loop_factory=loop_factory)
    assert event_log == [("closed",)]


def test_an_error_nobody_listens_to_cancels_main(loop_factory: LoopFactory, event_log: EventLog) -> None:
    async def main() -> None:
        next_tick(raise_, ValueError("nobody's"))
        try:
            await current().loop.create_future()
        except asyncio.CancelledError:
            event_log("cancelled")
            raise

    with pytest.raises(ValueError, match="nobody's"):
        run(main, loop_factory=loop_factory)
    assert event_log == [("cancelled",)]


def test_an_error_event_nobody_listens_to_stops_run(loop_factory: LoopFactory) -> None:
    emitter = EventEmitter()
    error = ValueError("the emitter's")
    with pytest.raises(ValueError, match="the emitter's") as raised:
        run(lambda: next_tick(emitter.emit, "error", error), loop_factory=loop_factory)
    assert raised.value is error


def test_an_exception_in_a_coroutine_listener_stops_run(loop_factory: LoopFactory) -> None:
    async def listener() -> None:
        raise ValueError("in the listener")

    with pytest.raises(ValueError, match="in the listener"):
        run(lambda: EventEmitter().on("go", listener).emit("go"), loop_factory=loop_factory)


def test_the_first_of_two_errors_is_raised_and_the_second_reported(loop_factory: LoopFactory) -> None:
    reported: list[BaseException] = []
    first, second = ValueError("first"), ValueError("second")

    def main() -> None:
        current().loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        current().fail(first)
        current().fail(second)

    with pytest.raises(ValueError, match="first"):
        run(main, loop_factory=loop_factory)
    assert reported == [second]


def test_main_raising_after_a_failure_hides_no_error(loop_factory: LoopFactory) -> None:
    """Main's own exception is what is raised; the other one is reported, once, and not at garbage collection."""
    reported: list[BaseException] = []

    def main() -> None:
        current().loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
        current().fail(ValueError("nobody's"))
        raise KeyError("main's")

    with pytest.raises(KeyError, match="main's"):
        run(main, loop_factory=loop_factory)
    assert [str(error) for error in reported] == ["nobody's"]


def test_a_stray_stop_iteration_stops_run_as_the_cause(loop_factory: LoopFactory) -> None:
    """A future cannot hold a StopIteration."""
    with pytest.raises(RuntimeError) as raised:
        run(lambda: next_tick(next, iter(())), loop_factory=loop_factory)
    assert isinstance(raised.value.__cause__, StopIteration)


# -- closing ----------------------------------------------------------------------------------------------------------


def test_closing_waits_for_what_takes_its_time(loop_factory: LoopFactory, event_log: EventLog) -> None:
    with pytest.raises(ValueError, match="from main"):
        run(lambda: (Slow(event_log), raise_(ValueError("from main"))), loop_factory=loop_factory)
    assert event_log == [("closing",), ("later",)]


def test_what_is_opened_while_all_is_closed_is_closed_too(loop_factory: LoopFactory, event_log: EventLog) -> None:
    class Reopening(Slow):
        def finish(self) -> None:
            super().finish()
            if len(event_log) == 2:
                self.__init__(event_log)  # type: ignore[misc]

    with pytest.raises(ValueError, match="from main"):
        run(lambda: (Reopening(event_log), raise_(ValueError("from main"))), loop_factory=loop_factory)
    assert event_log == [("closing",), ("later",)] * 2


def test_waiting_for_what_closes_does_not_turn_the_loop(
    loop_factory: LoopFactory, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener that cleans up for a hundred turns of the loop costs no turn of `run`'s own."""
    sleep = asyncio.sleep

    def counted(delay: float) -> Coroutine[Any, Any, None]:
        event_log("turn")
        return sleep(delay)

    monkeypatch.setattr("sockstream.loop.asyncio.sleep", counted)

    async def listener() -> None:
        try:
            await current().loop.create_future()
        finally:
            event_log.clear()
            cleaned = current().loop.create_future()
            soon(100, lambda: cleaned.set_result(None))
            await cleaned
            event_log("cleaned up")

    def main() -> None:
        Slow(event_log)
        EventEmitter().on("go", listener).emit("go")
        soon(3, lambda: current().fail(ValueError("nobody's")))

    with pytest.raises(ValueError, match="nobody's"):
        run(main, loop_factory=loop_factory)
    assert event_log == [("later",), ("cleaned up",), ("turn",)]


def test_listener_tasks_are_cancelled_and_awaited(loop_factory: LoopFactory, event_log: EventLog) -> None:
    async def listener() -> None:
        try:
            await current().loop.create_future()
        finally:
            await asyncio.sleep(0)
            event_log("cleaned up")

    def main() -> None:
        EventEmitter().on("go", listener).emit("go")
        soon(3, lambda: current().fail(ValueError("nobody's")))

    with pytest.raises(ValueError, match="nobody's"):
        run(main, loop_factory=loop_factory)
    assert event_log == [("cleaned up",)]


CTRL_C = """
import asyncio, sys
import sockstream
from sockstream.loop import current

class Held:
    def _close_now(self):
        print("closed", flush=True)
        current().resources.discard(self)
        current().unref()

def main():
    current().resources.add(Held())
    current().ref()
    print("ready", flush=True)

async def waiting():
    main()
    try:
        await current().loop.create_future()
    finally:
        print("cancelled", flush=True)

try:
    sockstream.run({main}, loop_factory={loop})
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("loop", ["asyncio.new_event_loop", "None"])
@pytest.mark.parametrize(
    ("main", "expected"),
    [("main", ["closed", "interrupted"]), ("waiting", ["cancelled", "closed", "interrupted"])],
)
def test_ctrl_c_closes_what_is_open_and_raises_keyboard_interrupt(main: str, expected: list[str], loop: str) -> None:
    code = CTRL_C.replace("{main}", main).replace("{loop}", loop)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert rest.split() == expected
    assert process.returncode == 0
