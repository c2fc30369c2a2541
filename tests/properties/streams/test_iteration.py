"""Async iteration against its model: each chunk once, and what leaving, failing and cancelling do to the stream."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockstream.errors import AbortError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream import Readable
from tests.properties.streams.play import BYTES, PlayedError

pytestmark = pytest.mark.only_loop("asyncio")

MARKS = (None, 0, 1, 3, 20)
STEPS = [
    *[("push", size) for size in (1, 2, 5, 8, 0)] * 3,
    *[("turn", 0)] * 10,
    *[("step", 0)] * 6,
    *[("read", size) for size in (1, 3)] * 3,
    ("end", 0),
    ("leave", 0),
    ("cancel", 0),
    ("destroy", 0),
    ("fail", 0),
]
# So many turns of the loop, and a task that can go on has.
TURNS = 6


class Iteration:
    """A Readable that is pushed to, and a task that takes its chunks when it is told to."""

    def __init__(self, mark: int | None, *, destroys: bool, objects: bool, asks: bool) -> None:
        self.objects = objects
        self.pushed = 0
        self.taken: list[Any] = []
        self.destroys = destroys
        # What has ended the stream: None, or what the task must find.
        self.outcome: Any = None
        self.error = PlayedError(0)
        self.wanted = asyncio.Semaphore(0)
        self.leaving = False
        self.stream = Readable(high_water_mark=mark, object_mode=objects, read=lambda size: self.asked(asks))
        self.stream.on("error", lambda _: None)
        self.task = asyncio.create_task(self.iterate())

    def asked(self, answers: bool) -> None:
        if answers and self.pushed < 8:
            self.push(1)

    async def iterate(self) -> str:
        iterator = self.stream.iterator(destroy_on_return=self.destroys)
        while True:
            await self.wanted.acquire()
            if self.leaving:
                await iterator.aclose()
                return "left"
            try:
                self.taken.append(await anext(iterator))
            except StopAsyncIteration:
                return "ended"

    def push(self, size: int) -> None:
        start = self.pushed
        if self.objects:
            self.pushed += 1
            self.stream.push(start)
        else:
            self.pushed += size
            self.stream.push(BYTES[start : self.pushed])

    def step(self, name: str, size: int) -> None:
        match name:
            case "push" if self.outcome is None:
                self.push(size)
            case "end" if self.outcome is None:
                self.outcome = "ended"
                self.stream.push(None)
            case "step":
                self.wanted.release()
            case "read" if (chunk := self.stream.read(size)) is not None:
                self.taken.append(chunk)
            case "leave":
                self.leaving = True
                self.wanted.release()
            case "cancel":
                self.task.cancel()
            case "destroy" | "fail" if not self.stream.destroyed:
                self.outcome = self.outcome if self.stream.readable_ended else name
                self.stream.destroy(self.error if name == "fail" else None)

    def all_taken(self) -> list[Any]:
        return self.taken if self.objects else [b"".join(self.taken)]

    def check(self) -> None:
        taken = self.taken if self.objects else list(b"".join(self.taken))
        given_ = list(range(self.pushed)) if self.objects else list(BYTES[: self.pushed])
        assert given_[: len(taken)] == taken
        if not self.stream.destroyed:
            assert self.stream.readable_length == len(given_) - len(taken)

    async def finish(self) -> None:
        """Let the task go on to the end, and check how it ended."""
        for _ in range(self.pushed + 2):
            self.wanted.release()
        for _ in range(2 * self.pushed + 8):
            await asyncio.sleep(0)
        if not self.task.done():
            # The source has said nothing more.
            assert self.outcome is None
            self.task.cancel()
            await asyncio.wait([self.task])
        self.check()
        self.check_outcome()
        # A cancelled task's traceback keeps the iterator, and that its listeners.
        del self.task
        for name in ("readable", "end", "close"):
            assert not self.stream.listener_count(name)
        self.stream.destroy()

    def check_outcome(self) -> None:
        stream = self.stream
        if self.task.cancelled() or (self.task.exception() is None and self.task.result() == "left"):
            # Once it was begun, leaving it early aborts the stream.
            assert self.destroys or not isinstance(stream.errored, AbortError)
        elif (error := self.task.exception()) is not None:
            assert self.outcome in ("destroy", "fail")
            assert error is self.error if self.outcome == "fail" else isinstance(error, StreamPrematureCloseError)
        else:
            assert self.outcome == "ended" or stream.destroyed
            if self.outcome == "ended":
                assert self.all_taken() == (list(range(self.pushed)) if self.objects else [BYTES[: self.pushed]])


@given(
    mark=st.sampled_from(MARKS),
    script=st.lists(st.sampled_from(STEPS), max_size=30) | st.lists(st.sampled_from(STEPS), min_size=12, max_size=30),
    form=st.sampled_from([(a, b, c) for a in (True, False) for b in (False, True) for c in (False, True)]),
)
async def test_an_iteration(mark: int | None, script: list[tuple[str, int]], form: tuple[bool, bool, bool]) -> None:
    iteration = Iteration(mark, destroys=form[0], objects=form[1], asks=form[2])
    for name, size in script:
        if name == "turn":
            for _ in range(TURNS):
                await asyncio.sleep(0)
        else:
            current().enter(None, iteration.step, name, size)
        iteration.check()
    await iteration.finish()
