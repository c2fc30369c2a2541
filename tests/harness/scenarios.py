"""Tests that behave and tests that do not: `test_checks.py` runs them and looks at what the checks make of them.

The name keeps pytest from collecting this file by itself.  What a test should end as is in its name.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sockstream.loop import current

if TYPE_CHECKING:
    from tests.support.events import EventLog

kept: list[Any] = []


async def test_passes_nothing_left(event_log: EventLog) -> None:
    asyncio.get_running_loop().call_soon(event_log, "soon")
    await event_log.until("soon")
    assert event_log == [("soon",)]


async def test_passes_task_that_ends_soon() -> None:
    kept.append(asyncio.ensure_future(asyncio.sleep(0)))


async def test_passes_timer_fired_or_cancelled() -> None:
    loop = asyncio.get_running_loop()
    loop.call_later(3600, print).cancel()
    fired = loop.create_future()
    loop.call_at(loop.time(), fired.set_result, None)
    await fired


async def test_passes_executor() -> None:
    await asyncio.get_running_loop().run_in_executor(None, os.getpid)


async def test_passes_errors_asked_for(loop_errors: list[dict[str, Any]]) -> None:
    current().fail(ValueError("wanted"))
    assert [str(context["exception"]) for context in loop_errors] == ["wanted"]


@pytest.mark.fake_clock
async def test_passes_an_hour_on_the_fake_clock() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(3600)
    assert loop.time() >= 3600


@pytest.mark.only_loop("uvloop")
async def test_passes_on_one_loop() -> None:
    assert type(asyncio.get_running_loop()).__name__ == "UvloopLoop"


@settings(max_examples=5)
@given(st.integers())
async def test_passes_hypothesis(number: int) -> None:
    await asyncio.sleep(0)
    assert isinstance(number, int)


@settings(max_examples=2, phases=[Phase.generate])
@given(st.integers())
async def test_fails_hypothesis_that_leaves_a_timer(number: int) -> None:
    asyncio.get_running_loop().call_later(3600, print)


async def test_fails_task_left() -> None:
    kept.append(asyncio.ensure_future(asyncio.sleep(3600)))


async def test_fails_timer_left() -> None:
    asyncio.get_running_loop().call_later(3600, print)


async def test_fails_tick_left() -> None:
    current().ticks.append((None, print, ()))


async def test_fails_reference_left() -> None:
    current().ref()


async def test_fails_resource_left() -> None:
    current().resources.add(object())  # type: ignore[arg-type]


async def test_fails_socket_left_open() -> None:
    kept.append(socket.socket())


def test_fails_descriptor_left_open() -> None:
    kept.append(os.open(os.devnull, os.O_RDONLY))


def test_fails_socket_forgotten() -> None:
    socket.socket()


def test_fails_thread_left() -> None:
    kept.append(threading.Event())
    threading.Thread(target=kept[-1].wait, daemon=True).start()


async def test_fails_exception_handler_called() -> None:
    current().fail(ValueError("unwanted"))


async def test_fails_task_exception_never_retrieved() -> None:
    task = asyncio.ensure_future(asyncio.sleep(-1, result=None))
    task.cancel()
    asyncio.ensure_future(failing())  # noqa: RUF006
    await asyncio.sleep(0)


async def failing() -> None:
    raise ValueError("nobody asks")


@pytest.mark.guard(0.2)
async def test_fails_waiting_for_ever() -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.fake_clock
async def test_fails_waiting_for_ever_on_the_fake_clock() -> None:
    await asyncio.get_running_loop().create_future()


def test_fails_warning() -> None:
    warnings.warn("unwanted", stacklevel=1)


def test_fails_skipped_in_ci() -> None:
    pytest.skip("a peer is missing")


async def test_fails_skipped_in_ci_in_a_coroutine() -> None:
    pytest.skip("a peer is missing")
