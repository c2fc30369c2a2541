"""The facts a stream keeps of its sides, and the high-water marks it starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError, InvalidArgValueError, OutOfRangeError
from sockstream.stream import (
    Duplex,
    Readable,
    Writable,
    get_default_high_water_mark,
    set_default_high_water_mark,
)
from sockstream.stream.state import BufferedWrite, ReadableState, WritableState

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def defaults() -> Iterator[None]:
    """Put the module's defaults back after the test."""
    kept = get_default_high_water_mark(object_mode=False), get_default_high_water_mark(object_mode=True)
    yield
    set_default_high_water_mark(False, kept[0])
    set_default_high_water_mark(True, kept[1])


def test_the_default_marks_are_those_of_the_newest_node() -> None:
    assert get_default_high_water_mark(object_mode=False) == 65_536
    assert get_default_high_water_mark(object_mode=True) == 16


@pytest.mark.usefixtures("defaults")
def test_a_new_default_is_for_streams_made_from_then_on() -> None:
    before = Readable()
    set_default_high_water_mark(False, 5)
    set_default_high_water_mark(True, 3)
    assert [before.readable_high_water_mark, Readable().readable_high_water_mark] == [65_536, 5]
    assert Writable(object_mode=True).writable_high_water_mark == 3


@pytest.mark.parametrize("value", ["7", True, None])
def test_a_mark_that_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArgTypeError):
        set_default_high_water_mark(False, value)


@pytest.mark.parametrize("value", [-1, 1.5])
def test_a_mark_that_is_negative_or_not_whole_is_refused(value: Any) -> None:
    with pytest.raises(OutOfRangeError):
        set_default_high_water_mark(True, value)


@pytest.mark.parametrize(
    "value",
    [-1, "1", 1.0, True],
)
def test_a_stream_checks_its_mark(value: Any) -> None:
    for kind in (Readable, Writable, Duplex):
        with pytest.raises(InvalidArgValueError):
            kind(high_water_mark=value)


@pytest.mark.parametrize(
    ("options", "marks", "modes"),
    [
        ({}, (65_536, 65_536), (False, False)),
        ({"high_water_mark": 7}, (7, 7), (False, False)),
        ({"readable_high_water_mark": 1, "writable_high_water_mark": 2}, (1, 2), (False, False)),
        ({"high_water_mark": 7, "readable_high_water_mark": 1, "writable_high_water_mark": 2}, (7, 7), (False, False)),
        ({"object_mode": True}, (16, 16), (True, True)),
        ({"readable_object_mode": True}, (16, 65_536), (True, False)),
        ({"writable_object_mode": True}, (65_536, 16), (False, True)),
    ],
)
def test_a_duplex_has_the_options_of_each_side(
    options: dict[str, Any], marks: tuple[int, int], modes: tuple[bool, bool]
) -> None:
    duplex = Duplex(**options)
    assert (duplex.readable_high_water_mark, duplex.writable_high_water_mark) == marks
    assert (duplex.readable_object_mode, duplex.writable_object_mode) == modes


def test_objects_count_one_each_and_bytes_by_length() -> None:
    assert ReadableState(object_mode=True).measure("abc") == 1
    assert ReadableState().measure(b"abc") == 3
    assert WritableState(object_mode=True).measure(b"") == 1
    assert WritableState().measure("äö") == 2


def test_a_source_may_push_below_the_mark_and_whenever_nothing_waits() -> None:
    state = ReadableState(high_water_mark=2)
    answers = []
    for state.length in (0, 1, 2):
        answers.append(state.is_below_mark())
    state.high_water_mark, state.length = 0, 0
    assert [*answers, state.is_below_mark()] == [True, True, False, True]
    state.ended = True
    assert not state.is_below_mark()


def test_what_waits_in_a_writable_shows_its_chunk() -> None:
    assert repr(BufferedWrite(b"a", "buffer", None)) == "BufferedWrite(chunk=b'a', encoding='buffer')"
