"""Chains of pipes against their model: everything arrives, at the pace of the slowest, within the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockstream.loop import current
from sockstream.stream import PassThrough, Readable, Writable
from tests.properties.streams.model import Order
from tests.properties.streams.play import BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.only_loop("asyncio")

MOST = 8
MARKS = (None, 0, 1, 3, 8, 12)
STEPS = ("release", "release", "release", "turn", "unpipe", "pipe", "pause", "resume")


class Chain:
    """A source, PassThroughs and a sink that calls back when it is told to."""

    def __init__(self, sizes: list[int], marks: list[int | None], sink_marks: list[int | None]) -> None:
        self.left = list(sizes)
        self.given = 0
        self.source = Readable(high_water_mark=marks[0], read=self.read)
        self.between = [PassThrough(high_water_mark=mark) for mark in marks[1:]]
        self.sinks = [Sink(mark) for mark in sink_marks]
        self.last: Readable = self.source
        for each in self.between:
            self.last = self.last.pipe(each)
        for sink in self.sinks:
            self.last.pipe(sink.stream)
        self.wrong: list[str] = []
        streams = (self.source, *self.between, *(sink.stream for sink in self.sinks))
        self.orders = [Order(stream, self.wrong, data=False) for stream in streams]

    def read(self, size: int) -> None:
        if not self.left:
            self.source.push(None)
            return
        amount = self.left.pop(0)
        start, self.given = self.given, self.given + amount
        self.source.push(BYTES[start : start + amount])

    def pipe_to(self, sink: Sink) -> bool:
        return any(each.destination is sink.stream for each in self.last._rs.pipes)

    def attach(self) -> None:
        """See that all that is left goes somewhere."""
        if not self.last._rs.pipes:
            self.last.pipe(self.sinks[0].stream)
        self.last.resume()

    def steps(self, names: list[str]) -> None:
        for name in names:
            self.step(name)

    def step(self, name: str) -> None:
        first = self.sinks[0].stream
        match name:
            case "release":
                for sink in self.sinks:
                    sink.release()
            case "unpipe":
                self.last.unpipe(first)
            case "pipe" if len(self.sinks) == 1 and not self.last._rs.pipes:
                self.last.pipe(first)
            case "pause" | "resume" if len(self.sinks) == 1 and self.last._rs.pipes:
                getattr(self.last, name)()

    def check(self) -> None:
        for sink in self.sinks:
            assert BYTES.startswith(sink.received)
            assert len(sink.received) <= self.given
        for stream in (self.source, *self.between):
            # Node: two writes may pass a Transform's mark (see test_transform.py).
            assert stream.readable_length < max(1, stream.readable_high_water_mark) + 2 * MOST
        for writable in (*self.between, *(sink.stream for sink in self.sinks)):
            # Who resumes by hand writes once more before it is paused again.
            assert writable.writable_length < max(1, writable.writable_high_water_mark) + 4 * MOST
        for order in self.orders:
            order.check()
        assert self.wrong == []


class Sink:
    """Takes a chunk and calls back when it is told to."""

    def __init__(self, mark: int | None) -> None:
        self.received = b""
        self.held: list[Callable[[], Any]] = []
        self.stream = Writable(high_water_mark=mark, write=self.write)

    def write(self, chunk: bytes, encoding: str, callback: Callable[[], Any]) -> None:
        self.received += chunk
        self.held.append(callback)

    def release(self) -> None:
        if self.held:
            self.held.pop(0)()


@given(
    sizes=st.lists(st.sampled_from([1, 2, 5, MOST]), max_size=12),
    marks=st.lists(st.sampled_from(MARKS), min_size=1, max_size=4),
    sink_marks=st.lists(st.sampled_from(MARKS), min_size=1, max_size=2),
    script=st.lists(st.sampled_from(STEPS), max_size=25) | st.lists(st.sampled_from(STEPS), min_size=10, max_size=25),
)
async def test_a_chain_of_pipes_carries_everything_within_the_marks(
    sizes: list[int], marks: list[int | None], sink_marks: list[int | None], script: list[str]
) -> None:
    chain = Chain(sizes, marks, sink_marks)
    # The steps of a turn are one entry from the loop; what they ask for follows.
    for turn in " ".join(script).split("turn"):
        current().enter(None, chain.steps, turn.split())
        chain.check()
    current().enter(None, chain.attach)
    attached = [sink for sink in chain.sinks if chain.pipe_to(sink)]
    for _ in range(2 * len(sizes) + 4):
        current().enter(None, chain.step, "release")
        chain.check()
    for sink in attached:
        assert sink.received == BYTES[: sum(sizes)]
        assert sink.stream.closed
