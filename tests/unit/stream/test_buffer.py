"""Taking from a Readable's buffer in pieces of any size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sockstream.stream.buffer import first_length, join, take, trim
from sockstream.stream.state import ReadableState

chunks = st.lists(st.binary(min_size=1, max_size=6), max_size=5)


def holding(*chunks: bytes) -> ReadableState:
    state = ReadableState()
    for chunk in chunks:
        state.append(chunk)
    return state


@given(chunks=chunks, sizes=st.lists(st.integers(1, 8), max_size=20))
def test_what_is_taken_is_what_was_put_in(chunks: list[bytes], sizes: list[int]) -> None:
    state, whole, left = holding(*chunks), b"".join(chunks), sum(map(len, chunks))
    taken = []
    for size in sizes:
        count = min(size, left)
        if count:
            taken.append(take(state, count))
            assert len(taken[-1]) == count
            left -= count
    rest = (join(state) or b"")[state.offset :]
    assert b"".join(taken) + rest == whole


def test_a_part_leaves_the_chunk_uncopied() -> None:
    chunk = bytes(100)
    state = holding(chunk)
    assert take(state, 10) == bytes(10)
    assert state.buffer[0] is chunk
    assert (first_length(state), state.offset) == (90, 10)


def test_a_whole_chunk_is_given_as_it_came() -> None:
    chunk = b"as it came"
    assert take(holding(chunk), len(chunk)) is chunk


def test_trimming_forgets_what_was_taken() -> None:
    state = holding(b"abc")
    take(state, 2)
    trim(state)
    assert (list(state.buffer), state.offset) == ([b"c"], 0)


def test_nothing_is_taken_of_nothing() -> None:
    assert take(holding(), 1) is None
    assert join(holding()) is None
