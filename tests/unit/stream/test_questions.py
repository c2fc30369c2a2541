"""What can be asked of any object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sockstream.stream import Duplex, PassThrough, Readable, Writable, is_disturbed, is_errored, is_readable
from tests.unit.stream.helpers import Endless, Sink, Source, ignore, ticks

if TYPE_CHECKING:
    from collections.abc import Callable


def ask(thing: object) -> tuple[bool | None, bool, bool]:
    """Ask all questions."""
    return is_readable(thing), is_errored(thing), is_disturbed(thing)


@pytest.mark.parametrize("thing", [None, 5, "text", object(), []])
async def test_what_is_no_stream_is_none_of_it(thing: object) -> None:
    assert ask(thing) == (None, False, False)


async def test_a_writable_is_no_readable_but_may_fail() -> None:
    sink = Sink().on("error", ignore)
    assert ask(sink) == (None, False, False)
    sink.destroy(ValueError("why"))
    await ticks()
    assert ask(sink) == (None, True, False)


@pytest.mark.parametrize("make", [Endless, PassThrough])
async def test_destroying_disturbs(make: Callable[[], Readable]) -> None:
    stream = make()
    assert ask(stream) == (True, False, False)
    stream.destroy()
    assert ask(stream) == (False, False, True)


async def test_a_failure_counts_when_it_is_told() -> None:
    stream = Endless().on("error", ignore).destroy(ValueError("why"))
    assert ask(stream) == (False, False, True)
    await ticks()
    assert ask(stream) == (False, True, True)


async def test_reading_disturbs_and_the_end_ends() -> None:
    stream = Source(b"a")
    assert ask(stream) == (True, False, False)
    stream.read()
    assert ask(stream) == (True, False, True)
    assert await stream.to_list() == []
    assert ask(stream) == (False, False, True)


async def test_an_end_without_a_byte_disturbs_nothing() -> None:
    stream = Source()
    await stream.to_list()
    await ticks()
    assert ask(stream) == (False, False, False)


async def test_a_duplex_without_its_readable_side_cannot_be_read() -> None:
    assert ask(Duplex(readable=False)) == (False, False, False)


async def test_without_auto_destroy_a_failure_ends_reading_all_the_same() -> None:
    stream = Readable(auto_destroy=False, read=lambda size: 1 / 0).on("error", ignore)
    stream.read()
    await ticks()
    assert (ask(stream)[:2], stream.destroyed) == ((False, True), False)
    writable = Writable(auto_destroy=False, write=lambda *args: args[-1](ValueError("why"))).on("error", ignore)
    writable.write(b"a")
    await ticks()
    assert is_errored(writable)
