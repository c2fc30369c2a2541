"""pipeline: streams and generators in a chain, with one end and one error."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, MissingArgsError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream.finished import Completion, finished
from sockstream.stream.readable import Readable
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.abort import AbortSignal
    from sockstream.stream.base import Stream

__all__ = ["pipeline"]


class _Pipeline:
    """A running chain: how many parts still run, the error so far, and what to destroy when it fails."""

    def __init__(self, callback: Callable[[BaseException | None], object] | None, *, end: bool) -> None:
        self.completion = Completion(callback, self.stop)
        self.end = end
        # The parts (connections, generators) that have not come to their end.
        self.running = 0
        self.error: BaseException | None = None
        self.result: Any = None
        self.streams: list[Stream] = []
        self.watches: list[Completion] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.signal: AbortSignal | None = None

    # -- building -----------------------------------------------------------------------------------------------------

    def build(self, stages: tuple[Any, ...]) -> None:
        source: Any = None
        for index, stage in enumerate(stages):
            is_last = index == len(stages) - 1
            if isinstance(stage, Writable) and index > 0:
                self.add_stream(stage, reading=not is_last, writing=True)
                self.connect(source, stage, is_last=is_last)
                source = stage
            elif isinstance(stage, Readable) and index == 0:
                self.add_stream(stage, reading=True, writing=False)
                source = stage
            elif callable(stage):
                source = stage() if index == 0 else stage(_as_async_iterable(source))
                self.check_stage(source, stage, is_last=is_last)
            elif index == 0 and isinstance(stage, (Iterable, AsyncIterable)):
                source = stage
            else:
                raise InvalidArgTypeError(f"streams[{index}]", "a stream or a function" + _or_iterable(index), stage)
        if not isinstance(stages[-1], Writable):
            self.consume(source)

    def check_stage(self, source: Any, stage: Any, *, is_last: bool) -> None:
        allowed = (AsyncIterable, Iterable, Coroutine) if is_last else (AsyncIterable, Iterable)
        if not isinstance(source, allowed):
            raise InvalidArgTypeError(f"the result of {stage!r}", "an iterable or an async iterable", source)

    def add_stream(self, stream: Stream, *, reading: bool, writing: bool) -> None:
        self.streams.append(stream)
        # The connections below wait for the ends; this one is here to hear of errors.
        self.watch(stream, readable=reading, writable=writing)

    def watch(self, stream: Stream, *, readable: bool, writable: bool) -> None:
        self.running += 1
        self.watches.append(finished(stream, self.part_is_over, readable=readable, writable=writable))

    def connect(self, source: Any, destination: Writable, *, is_last: bool) -> None:
        """Let the source's chunks go to the destination."""
        end = self.end or not is_last
        if isinstance(source, Readable):
            source.pipe(destination, end=end)
            if not end:
                # Nobody ends the last stream: the pipeline is over when its source is.
                self.forget_end_of(destination)
        else:
            if not end:
                self.forget_end_of(destination)
            self.run(_pump(source, destination, end=end), keep_result=False)

    def forget_end_of(self, destination: Writable) -> None:
        self.watches.pop().cancel()
        self.running -= 1
        self.streams.remove(destination)

    def consume(self, source: Any) -> None:
        """Run the last stage, a function's: its coroutine gives the result."""
        if isinstance(source, Coroutine):
            self.run(source, keep_result=True)
        else:
            self.run(_exhaust(source), keep_result=False)

    def run(self, coroutine: Coroutine[Any, Any, Any], *, keep_result: bool) -> None:
        self.running += 1

        def done(error: BaseException | None, result: Any) -> None:
            if keep_result:
                self.result = result
            if isinstance(error, asyncio.CancelledError):
                error = self.error or AbortError()
            self.part_is_over(error)

        self.tasks.append(current().start(None, coroutine, done))

    def watch_signal(self, signal: AbortSignal) -> None:
        self.signal = signal
        if signal.aborted:
            self.aborted()
        else:
            signal.on("abort", self.aborted)

    # -- ending -------------------------------------------------------------------------------------------------------

    def aborted(self, *_: object) -> None:
        assert self.signal is not None
        self.fail(AbortError(self.signal.reason))

    def part_is_over(self, error: BaseException | None) -> None:
        self.running -= 1
        if error is not None:
            self.fail(error)
        if self.running == 0:
            self.finish()

    def fail(self, error: BaseException) -> None:
        """Destroy every stage with the first error; one that only closed too early gives way to its cause."""
        if self.error is None or isinstance(self.error, StreamPrematureCloseError):
            self.error = error
        streams, self.streams = self.streams, []
        for stream in streams:
            stream.destroy(error)
        for task in self.tasks:
            if not task.done() and task is not _current_task():
                task.cancel()

    def finish(self) -> None:
        self.unlisten()
        current().tick(None, self.completion._settle, self.error, self.result)

    def stop(self) -> None:
        """Give up: destroy what runs."""
        if not self.completion.done():
            self.fail(AbortError())

    def unlisten(self) -> None:
        if self.signal is not None:
            self.signal.off("abort", self.aborted)
        if self.error is None:
            for watch in self.watches:
                watch.cancel()


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _or_iterable(index: int) -> str:
    return " or an iterable" if index == 0 else ""


def _as_async_iterable(source: Any) -> AsyncIterable[Any]:
    return source if isinstance(source, AsyncIterable) else _iterate(source)


async def _iterate(source: Iterable[Any]) -> AsyncIterator[Any]:
    for chunk in source:
        yield chunk


async def _pump(source: Any, destination: Writable, *, end: bool) -> None:
    """Write an iterable's chunks, at the destination's pace."""
    iterator = _as_async_iterable(source)
    try:
        async for chunk in iterator:
            if not destination.writable:
                break
            if not destination.write(chunk):
                await destination.drain()
        if end and destination.writable:
            destination.end()
    finally:
        if inspect.isasyncgen(iterator):
            await iterator.aclose()


async def _exhaust(source: Any) -> None:
    async for _ in _as_async_iterable(source):
        pass


def pipeline(
    *streams: Any,
    callback: Callable[[BaseException | None], object] | None = None,
    end: bool = True,
    signal: AbortSignal | None = None,
) -> Completion:
    """Connect streams and generators in a chain; when one fails, all are destroyed.

    Args:
        *streams: first a Readable, an iterable, an async iterable or a function that returns one; then Duplex
            streams or functions of an async iterable that return one (async generator functions); last a Writable or
            a function, which may be a coroutine function.
        callback: `callback(error)`, once, when the whole chain is over.
        end: end the last stream when the chain is over.
        signal: destroys the chain with an AbortError.

    Returns:
        An awaitable: the result of a last stage that is a coroutine function, else None.

    Raises:
        MissingArgsError: fewer than two stages.
        InvalidArgTypeError: something that cannot stand at its place.
        BaseException: (from await) the first error.

    Node: `stream.pipeline`, `stream.promises.pipeline`.
    """
    stages = tuple(streams[0]) if len(streams) == 1 and isinstance(streams[0], (list, tuple)) else streams
    if len(stages) < 2:
        raise MissingArgsError("streams")
    chain = _Pipeline(callback, end=end)
    chain.build(stages)
    if signal is not None:
        chain.watch_signal(signal)
    return chain.completion
