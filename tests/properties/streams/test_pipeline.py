"""Pipelines against their model: what a chain of functions makes of the chunks, or the first error and nothing left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockstream import AbortController
from sockstream.errors import AbortError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream import PassThrough, Readable, Transform, Writable, pipeline
from sockstream.stream.iterate import _heard
from tests.properties.streams.play import BYTES, PlayedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.only_loop("asyncio")

# So many turns of the loop, and a chain without trouble is over.
TURNS = 400
# So many more, and what was destroyed is closed.
CLOSING_TURNS = 8
MARKS = (None, 0, 1, 8)

# What a stage makes of a chunk, byte by byte: chunks that wait in front of a generator come to it as one.
MAKE: dict[str, Callable[[bytes], list[bytes]]] = {
    "pass": lambda chunk: [chunk],
    "double": lambda chunk: [bytes(each for byte in chunk for each in (byte, byte))],
    "drop": lambda chunk: [kept] if (kept := bytes(byte for byte in chunk if byte % 3)) else [],
    "split": lambda chunk: [bytes([byte]) for byte in chunk],
}
STAGES = [(form, name, mark) for form in ("stream", "generator") for name in MAKE for mark in MARKS]
SINKS = [(kind, mark, 0) for kind in ("fast", "held", "function") for mark in MARKS]
FAILING_SINKS = [(kind, mark, after) for kind, mark, _ in SINKS for after in (1, 2, 4)]
TROUBLE: list[tuple[str, int, int]] = [
    *[("none", 0, 0)] * 12,
    *[("source", 0, after) for after in range(4)],
    *[("stage", index, after) for index in range(3) for after in range(3)],
    *[(kind, index, turn) for kind in ("destroy", "close") for index in range(5) for turn in (0, 1, 2, 4, 8)],
    *[(kind, 0, turn) for kind in ("abort", "cancel") for turn in (0, 1, 2, 3, 5, 8, 13)],
]


class Chain:
    """A pipeline and all that belongs to it."""

    def __init__(self, chunks: list[bytes], trouble: tuple[str, int, int]) -> None:
        self.chunks = chunks
        self.trouble, self.target, self.moment = trouble
        self.error = PlayedError(0)
        self.received: list[bytes] = []
        self.streams: list[Any] = []
        # The generators that were begun, and those that have come to their `finally`.
        self.begun = 0
        self.left = 0
        self.held: list[Callable[[], object]] = []
        self.controller = AbortController()

    def check_trouble(self, kind: str, target: int, count: int) -> None:
        """Raise where the source or this stage fails after so many chunks."""
        if (self.trouble, self.target, self.moment) == (kind, target, count):
            raise self.error

    # -- what it is made of -------------------------------------------------------------------------------------------

    def made(self, stream: Any) -> Any:
        self.streams.append(stream)
        return stream

    def source(self, kind: str, mark: int | None) -> Any:
        if kind == "iterable":
            return self.iterate()
        if kind == "generator":
            return self.generate
        chunks = self.iterate()

        def read(size: int) -> None:
            stream.push(next(chunks, None))

        stream = Readable(high_water_mark=mark, read=read)
        return self.made(stream)

    def iterate(self) -> Iterator[bytes]:
        for count, chunk in enumerate(self.chunks):
            self.check_trouble("source", 0, count)
            yield chunk

    async def generate(self) -> AsyncIterator[bytes]:
        self.begun += 1
        try:
            for chunk in self.iterate():
                await asyncio.sleep(0)
                yield chunk
        finally:
            self.left += 1

    def stage(self, index: int, form: str, name: str, mark: int | None) -> Any:
        count = 0

        def make(chunk: bytes) -> list[bytes]:
            nonlocal count
            self.check_trouble("stage", index, count)
            count += 1
            return MAKE[name](chunk)

        if form == "generator":
            return lambda source: self.transformed(source, make)
        if name == "pass" and self.trouble != "stage":
            return self.made(PassThrough(high_water_mark=mark))

        def transform(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
            try:
                for each in make(chunk):
                    stream.push(each)
            except PlayedError as error:
                callback(error)
            else:
                callback()

        stream = Transform(high_water_mark=mark, transform=transform)
        return self.made(stream)

    async def transformed(self, source: Any, make: Callable[[bytes], list[bytes]]) -> AsyncIterator[bytes]:
        self.begun += 1
        try:
            async for chunk in source:
                for each in make(chunk):
                    yield each
        finally:
            self.left += 1

    def sink(self, kind: str, mark: int | None, fails_after: int) -> Any:
        def take(chunk: bytes) -> None:
            if fails_after and len(self.received) == fails_after:
                raise self.error
            self.received.append(chunk)

        async def consume(source: Any) -> str:
            async for chunk in source:
                take(chunk)
            return "consumed"

        def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
            try:
                take(chunk)
            except PlayedError as error:
                callback(error)
            else:
                self.held.append(callback)
                if kind == "fast":
                    self.release()

        return consume if kind == "function" else self.made(Writable(high_water_mark=mark, write=write))

    def release(self) -> None:
        held, self.held = self.held, []
        for callback in held:
            callback()

    # -- how it runs --------------------------------------------------------------------------------------------------

    def make_trouble(self, task: asyncio.Task[Any]) -> None:
        target = self.streams[self.target % len(self.streams)] if self.streams else None
        match self.trouble:
            case "destroy" if target is not None:
                current().enter(None, target.destroy, self.error)
            case "close" if target is not None:
                current().enter(None, target.destroy)
            case "abort":
                current().enter(None, self.controller.abort)
            case "cancel":
                task.cancel()

    async def run(self, stages: list[Any]) -> BaseException | None:
        """Run the pipeline; return its error."""

        async def go() -> Any:
            return await pipeline(*stages, signal=self.controller.signal)

        task = asyncio.create_task(go())
        for turn in range(TURNS):
            await asyncio.sleep(0)
            if task.done():
                break
            if turn == self.moment:
                self.make_trouble(task)
            current().enter(None, self.release)
        assert task.done(), "the pipeline does not end"
        for _ in range(CLOSING_TURNS):
            await asyncio.sleep(0)
        if task.cancelled():
            return asyncio.CancelledError()
        return task.exception()

    def check(self, error: BaseException | None, expected: bytes) -> None:
        received = b"".join(self.received)
        assert expected.startswith(received)
        # What is over is over: a trouble that comes then is none.
        if error is None:
            assert received == expected
        elif self.trouble == "abort":
            assert isinstance(error, AbortError)
        elif self.trouble == "cancel":
            assert isinstance(error, asyncio.CancelledError)
        elif self.trouble == "close":
            assert isinstance(error, StreamPrematureCloseError)
        else:
            assert error is self.error
        assert self.begun == self.left
        assert self.controller.signal.listener_count("abort") == 0
        for stream in self.streams:
            assert stream.closed
            # A Transform listens to itself, and who has left an iteration hears the error of that.
            assert set(stream.event_names()) <= {"prefinish", "error"}
            assert stream.listeners("error") in ([], [_heard])


@given(
    sizes=st.lists(st.sampled_from([1, 2, 3, 8]), max_size=8),
    source=st.sampled_from([(kind, mark) for kind in ("stream", "iterable", "generator") for mark in MARKS]),
    stages=st.lists(st.sampled_from(STAGES), max_size=3),
    sink=st.sampled_from(SINKS),
    trouble=st.sampled_from(TROUBLE),
)
async def test_a_chain(
    sizes: list[int],
    source: tuple[str, int | None],
    stages: list[tuple[str, str, int | None]],
    sink: tuple[str, int | None, int],
    trouble: tuple[str, int, int],
) -> None:
    await play(sizes, source, stages, sink, trouble)


@given(
    sizes=st.lists(st.sampled_from([1, 2, 3, 8]), max_size=8),
    source=st.sampled_from([(kind, mark) for kind in ("stream", "iterable", "generator") for mark in MARKS]),
    stages=st.lists(st.sampled_from(STAGES), max_size=3),
    sink=st.sampled_from(FAILING_SINKS),
)
async def test_a_chain_whose_sink_fails(
    sizes: list[int],
    source: tuple[str, int | None],
    stages: list[tuple[str, str, int | None]],
    sink: tuple[str, int | None, int],
) -> None:
    await play(sizes, source, stages, sink, ("none", 0, 0))


async def play(
    sizes: list[int],
    source: tuple[str, int | None],
    stages: list[tuple[str, str, int | None]],
    sink: tuple[str, int | None, int],
    trouble: tuple[str, int, int],
) -> None:
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    chain = Chain([BYTES[start : start + size] for start, size in zip(starts, sizes, strict=True)], trouble)
    parts = [chain.source(*source)]
    expected = chain.chunks
    for index, stage in enumerate(stages):
        parts.append(chain.stage(index, *stage))
        expected = [each for chunk in expected for each in MAKE[stage[1]](chunk)]
    parts.append(chain.sink(*sink))
    chain.check(await chain.run(parts), b"".join(expected))
