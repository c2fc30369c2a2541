"""The listener over a socket that fails as it is told."""

from __future__ import annotations

import errno
import logging
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from sockstream.loop import current
from sockstream.net.handles.descriptors import descriptor_freed, starved
from sockstream.net.handles.listener import Listener
from tests.support.net import LOCAL, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.events import EventLog

pytestmark = pytest.mark.only_loop("asyncio")


class Scripted(socket.socket):
    """A socket that listens, whose `accept` does what the script says next: raises a number, or gives a name."""

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self.bind((LOCAL, 0))
        self.listen()
        self.script: list[int | str] = []

    def accept(self) -> Any:
        step = self.script.pop(0) if self.script else errno.EAGAIN
        if isinstance(step, int):
            raise OSError(step, os.strerror(step))
        return step, ("peer", 1)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with Scripted() as made:
        yield made


def listening(sock: Scripted, log: EventLog) -> Listener:
    listener = Listener(
        current(),
        sock,
        lambda accepted, *_: log("accepted", accepted),
        lambda error: log("failed", error.errno),
    )
    listener.start()
    return listener


@pytest.mark.parametrize("number", [errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ENETDOWN])
async def test_a_connection_that_died_in_the_backlog_is_passed_over(
    number: int, scripted: Scripted, event_log: EventLog
) -> None:
    listener = listening(scripted, event_log)
    scripted.script = [number, "one", number, number, "two"]
    listener._accept_batch()
    assert event_log == [("accepted", "one"), ("accepted", "two")]
    listener.close()


async def test_a_broken_socket_is_reported_and_left_alone(scripted: Scripted, event_log: EventLog) -> None:
    listener = listening(scripted, event_log)
    scripted.script = ["one", errno.EINVAL, "two"]
    listener._accept_batch()
    # It is not watched any more: what the loop still has to say of it is too late.
    listener._accept_batch()
    assert event_log == [("accepted", "one"), ("failed", errno.EINVAL)]
    listener.close()


async def test_one_turn_accepts_a_bounded_number(scripted: Scripted, event_log: EventLog) -> None:
    listener = listening(scripted, event_log)
    scripted.script = ["x"] * 1000
    listener._accept_batch()
    assert 10 <= len(event_log) <= 100
    listener.close()


async def test_a_listener_that_stops_it_gets_nothing_more(scripted: Scripted, event_log: EventLog) -> None:
    def accepted(sock: Any, family: int, peer: object) -> None:
        event_log(sock)
        listener.stop()

    listener = Listener(current(), scripted, accepted, lambda error: None)
    listener.start()
    scripted.script = ["one", "two"]
    listener._accept_batch()
    assert event_log == [("one",)]
    listener.close()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
async def test_without_descriptors_it_waits_and_says_so_once(
    number: int, scripted: Scripted, event_log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    listener = listening(scripted, event_log)
    scripted.script = [number]
    listener._accept_batch()
    assert listener.is_starved
    scripted.script = [number]
    listener.accept_again()
    assert (listener.is_starved, event_log) == (True, [])
    scripted.script = ["one", "two"]
    descriptor_freed(current().loop)
    await turns(1)
    assert (listener.is_starved, event_log) == (False, [("accepted", "one"), ("accepted", "two")])
    ((name, level, message),) = caplog.record_tuples
    assert (name, level) == ("sockstream", logging.WARNING)
    assert f"{LOCAL}:{scripted.getsockname()[1]}" in message
    assert os.strerror(number) in message
    listener.close()


@pytest.mark.fake_clock
async def test_it_tries_again_from_time_to_time(scripted: Scripted, event_log: EventLog) -> None:
    listener = listening(scripted, event_log)
    scripted.script = [errno.EMFILE, errno.EMFILE, errno.EMFILE, "one"]
    listener._accept_batch()
    await event_log.until("accepted")
    assert not listener.is_starved
    assert 0.2 < current().loop.time() < 1
    listener.close()


async def test_closed_while_it_waits_it_is_forgotten(scripted: Scripted, event_log: EventLog) -> None:
    listener = listening(scripted, event_log)
    scripted.script = [errno.EMFILE]
    listener._accept_batch()
    listener.close()
    assert listener not in starved
    listener.accept_again()
    assert event_log == []
