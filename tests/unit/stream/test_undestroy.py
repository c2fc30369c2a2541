"""A Duplex that is used again after it has closed, as a socket that connects a second time is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sockstream.stream.undestroy import undestroy
from tests.unit.stream.helpers import Both, ignore, ticks, turns

if TYPE_CHECKING:
    from tests.support.events import EventLog


@pytest.mark.parametrize("error", [None, ValueError("why")])
async def test_it_lives_a_second_life_like_the_first(error: Exception | None, event_log: EventLog) -> None:
    duplex = Both().on("error", ignore)
    event_log.watch(duplex, "data", "end", "finish", "close")
    for life in (b"one", b"two"):
        duplex.push(life)
        duplex.write(life)
        await turns(2)
        duplex.destroy(error)
        await ticks()
        undestroy(duplex)
    assert event_log == [("data", b"one"), ("close",), ("data", b"two"), ("close",)]
    assert duplex.chunks == [b"one", b"two"]
    assert (duplex.destroyed, duplex.closed, duplex.errored) == (False, False, None)


async def test_a_side_it_was_made_without_does_not_come_back() -> None:
    duplex = Both(writable=False).destroy()
    await ticks()
    undestroy(duplex)
    assert (duplex.readable, duplex.writable) == (True, False)


async def test_it_can_end_again(event_log: EventLog) -> None:
    duplex = Both().resume()
    event_log.watch(duplex, "end", "finish", "close")
    for _ in range(2):
        duplex.push(None)
        duplex.end()
        await turns(2)
        undestroy(duplex)
        duplex.resume()
    assert sorted(event_log[:3]) == sorted(event_log[3:]) == [("close",), ("end",), ("finish",)]
