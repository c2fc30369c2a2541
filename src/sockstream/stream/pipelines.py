"""pipeline: streams and generators in a chain, with one end and one error.

Theory of operation.  A chain is made of *parts*: a stream that another is piped into has two (the source's end and the
destination's), a task that runs generators or a coroutine function has one.  Each part reports once that it is over;
when the last has, the chain is.  The first error destroys every stream; a task that waits for a stream's next chunk is
told it there, any other is cancelled.  Their parts then report too, so that nothing runs any more when the chain's end
is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from sockstream.errors import (
    AbortError,
    InvalidArgTypeError,
    InvalidReturnValueError,
    MissingArgsError,
    StreamDestroyedError,
    StreamPrematureCloseError,
    StreamWriteAfterEndError,
)
from sockstream.events import _Listening
from sockstream.loop import current
from sockstream.stream.async_writing import wait_for_drain
from sockstream.stream.base import Stream
from sockstream.stream.destroy import any_state
from sockstream.stream.finishing import Completion, finished
from sockstream.stream.readable import Readable
from sockstream.stream.signals import check_signal
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.abort import AbortSignal

__all__ = ["pipeline"]


class _Stage:
    """A stream of the chain: what listens to it, and whether it has come to its end by itself."""

    __slots__ = ("is_over", "listening", "source", "stream", "watches")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        # The stream that is piped into it.
        self.source: Any = None
        self.is_over = False
        self.listening = _Listening()
        self.watches: list[Completion] = []
        self.listening.to(stream, "close", self.on_close)

    def watch(self, callback: Callable[[BaseException | None], object], *, readable: bool, writable: bool) -> None:
        self.watches.append(finished(self.stream, callback, readable=readable, writable=writable))

    def on_close(self, *_: object) -> None:
        self.is_over = True
        # The other listeners of 'close' come first; after them no event is left to listen to.
        self.stream._tick(self.clean_up)

    def on_finished(self, error: BaseException | None) -> None:
        self.is_over = error is None

    def destroy(self, error: BaseException | None) -> None:
        if not self.is_over:
            self.is_over = True
            self.stream.destroy(error or StreamDestroyedError("pipe"))

    def clean_up(self) -> None:
        self.listening.stop()
        for watch in self.watches:
            watch.cancel()
        self.watches = []


class _Pipeline:
    """A running chain: how many parts still run, the error so far, and what to destroy when it fails."""

    def __init__(self, callback: Callable[[BaseException | None], object] | None, *, end: bool) -> None:
        self.completion = Completion(callback, self.stop)
        self.end = end
        self.running = 0
        self.error: BaseException | None = None
        # It is only what came of another one, which may come yet.
        self.gives_way = False
        self.result: Any = None
        # Those that are destroyed with the chain: all but a last one that is not to be ended.
        self.destroyed_with: list[_Stage] = []
        self.stages: list[_Stage] = []
        # The stream at the end, if there is one: it may go on when the chain is over.
        self.last: _Stage | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        # Those that are cancelled with the chain, each with the stream that its first function reads.
        self.cancelled_with: list[tuple[asyncio.Task[Any], Any]] = []
        self.signal: AbortSignal | None = None
        # All parts have reported; the tasks may still be on their way out.
        self.is_over = False

    # -- building -----------------------------------------------------------------------------------------------------

    def build(self, stages: tuple[Any, ...]) -> None:
        # Since the last stream: what the functions returned, first the source.
        iterables: list[Any] = []
        latest: _Stage | None = None
        for index, stage in enumerate(stages):
            is_last = index == len(stages) - 1
            if isinstance(stage, Stream):
                this = self.add_stream(stage, is_first=index == 0, is_last=is_last)
                if latest is not None and not iterables:
                    self.pipe(latest, this, end=self.end or not is_last)
                elif iterables:
                    self.pump(iterables, latest, this, end=self.end or not is_last)
                latest, iterables = this, []
            elif index == 0 and not callable(stage):
                iterables = [stage]
            else:
                source = iterables[-1] if iterables else latest and latest.stream
                iterables.append(self.call(stage, source, is_last=is_last))
        if iterables:
            self.consume(iterables, latest)

    def add_stream(self, stream: Stream, *, is_first: bool, is_last: bool) -> _Stage:
        stage = _Stage(stream)
        self.stages.append(stage)
        self.last = stage if is_last else None
        if self.end or not is_last:
            stage.watch(stage.on_finished, readable=not is_last, writable=not is_first)
            self.destroyed_with.append(stage)
        # Also for errors after the stream's part is over.
        stage.listening.to(stream, "error", self.on_error)
        return stage

    def call(self, function: Callable[..., Any], source: Any, *, is_last: bool) -> Any:
        """Return what a function makes of the source."""
        result = function() if source is None else function(_as_async_iterable(source))
        if isinstance(result, (AsyncIterable, Iterable)) or (is_last and isinstance(result, Awaitable)):
            return result
        if isinstance(result, Coroutine):
            result.close()
        expected = "an iterable, an async iterable or an awaitable" if is_last else "an iterable or an async iterable"
        raise InvalidReturnValueError(expected, getattr(function, "__name__", repr(function)), result)

    def pipe(self, source: _Stage, destination: _Stage, *, end: bool) -> None:
        """Connect two streams."""
        has_ended = False
        reading: Any = source.stream
        writing: Any = destination.stream

        def end_destination() -> None:
            nonlocal has_ended
            has_ended = True
            writing.end()

        def closed(*_: object) -> None:
            if not has_ended:
                self.part_is_over(StreamPrematureCloseError())

        def source_is_over(error: BaseException | None) -> None:
            # Differs: destroyed before its 'end', it closed too early. Node may wait for one that cannot come.
            if error is None and end and not has_ended:
                error = StreamPrematureCloseError()
            self.part_is_over(error)

        self.running += 2
        destination.listening.to(writing, "close", closed)
        reading.pipe(writing, end=False)
        destination.source = reading
        if not end:
            self.part_is_over()
        elif reading.readable_ended and reading.errored is None:
            reading._tick(end_destination)
        else:
            source.listening.to(reading, "end", end_destination)
        source.watch(source_is_over, readable=True, writable=False)
        destination.watch(self.part_is_over, readable=False, writable=True)
        if writing.closed:
            # Differs: it closed too early. Node loses what comes, or waits for ever.
            writing._tick(closed)

    def pump(self, iterables: list[Any], source: _Stage | None, destination: _Stage, *, end: bool) -> None:
        """Write what the generators give to a stream."""
        destination.watch(self.on_error_of_destination, readable=False, writable=True)
        self.run(_pump(iterables, destination.stream, end=end), source)

    def on_error_of_destination(self, error: BaseException | None) -> None:
        if error is not None:
            self.conclude(error)

    def consume(self, iterables: list[Any], source: _Stage | None) -> None:
        """Run the last stage, a function's: its coroutine gives the result."""
        last = iterables.pop()
        if isinstance(last, Awaitable):
            self.run(_await(last, iterables), source, result_of=last)
        else:
            self.run(_exhaust([*iterables, last]), source)

    def run(self, coroutine: Coroutine[Any, Any, Any], source: _Stage | None, result_of: object = None) -> None:
        self.running += 1

        def done(error: BaseException | None, result: Any) -> None:
            self.tasks.discard(task)
            if result_of is not None:
                self.result = result
            if isinstance(result_of, Coroutine):
                # Cancelled before its first step, the task has not got to it.
                result_of.close()
            if isinstance(error, asyncio.CancelledError):
                # Cancelled by the chain, or by somebody else.
                error = None if self.error is not None else AbortError()
            self.part_is_over(error)

        task = current().start(None, coroutine, done)
        self.tasks.add(task)
        self.cancelled_with.append((task, source and source.stream))

    def watch_signal(self, signal: AbortSignal) -> None:
        self.signal = signal
        if not signal.aborted:
            signal.on("abort", self.on_abort)

    def look_at_signal(self) -> None:
        """See whether the signal was aborted before the chain was complete."""
        if self.signal is not None and self.signal.aborted:
            current().tick(None, self.on_abort)

    # -- ending -------------------------------------------------------------------------------------------------------

    def on_abort(self) -> None:
        assert self.signal is not None
        self.conclude(AbortError(self.signal.reason), is_abort=True)

    def on_error(self, error: BaseException) -> None:
        if not isinstance(error, (AbortError, StreamPrematureCloseError)):
            self.part_is_over(error)

    def part_is_over(self, error: BaseException | None = None) -> None:
        self.running -= 1
        self.conclude(error, is_last=self.running == 0)

    def conclude(self, error: BaseException | None, *, is_last: bool = False, is_abort: bool = False) -> None:
        """Take the first error, or the end: destroy every stage that has not come to its own end."""
        if error is not None and (self.error is None or self.gives_way):
            self.error = error
            # Differs: Node may tell the abort of a stream that a function has left, and not why it left.
            was_left = isinstance(error, AbortError) and bool(self.tasks) and not is_abort
            self.gives_way = was_left or isinstance(error, StreamPrematureCloseError)
        self.is_over = self.is_over or is_last
        if self.error is None and not is_last:
            return
        stages, self.destroyed_with = self.destroyed_with, []
        for stage in stages:
            stage.destroy(self.error)
        tasks, self.cancelled_with = self.cancelled_with, []
        for task, source in tasks:
            # Who waits for a chunk is told the error where it waits.
            if source is None or not _tells_its_reader(source):
                task.cancel()
        if self.signal is not None:
            self.signal.off("abort", self.on_abort)
        if self.is_over and not self.tasks:
            self.finish()

    def finish(self) -> None:
        for stage in self.stages:
            # Until its 'close' is out, its 'error' may come.
            state = any_state(stage.stream)
            goes_on = stage is self.last and not state.destroyed and (self.error is None or not self.end)
            if goes_on and not self.end and stage.source is not None:
                # Differs: Node leaves the pipe's listeners if the chain has failed.
                stage.source.unpipe(stage.stream)
                stage.source = None
            if goes_on or state.close_emitted:
                stage.clean_up()
        current().tick(None, self.completion._settle, self.error, self.result)

    def stop(self) -> Iterable[asyncio.Task[Any]]:
        """Give up: cancel and destroy what runs; return the tasks that have to end yet."""
        if self.completion.done():
            return ()
        tasks, self.cancelled_with = self.cancelled_with, []
        for task, _ in tasks:
            task.cancel()
        self.conclude(AbortError(), is_abort=True)
        return tuple(self.tasks)


def _tells_its_reader(source: Readable) -> bool:
    """Return whether a task waits for the next chunk, and is woken when the stream is destroyed."""
    state = source._rs
    return state.emit_close and state.taker is not None and not state.taker.done()


def _as_async_iterable(source: Any) -> AsyncIterable[Any]:
    return source if isinstance(source, AsyncIterable) else _iterate(source)


async def _iterate(source: Iterable[Any]) -> AsyncIterator[Any]:
    for chunk in source:
        yield chunk


async def _close(iterables: list[Any]) -> None:
    """Close generators that were left early, the one nearest to the end first."""
    for each in reversed(iterables):
        if hasattr(each, "aclose"):
            await each.aclose()
        elif hasattr(each, "close") and not isinstance(each, Stream):
            each.close()


async def _pump(iterables: list[Any], destination: Any, *, end: bool) -> None:
    """Write an iterable's chunks, at the destination's pace."""
    chunks = aiter(_as_async_iterable(iterables[-1]))
    try:
        if destination.writable_need_drain:
            await destination.drain()
        async for chunk in chunks:
            if not destination.write(chunk):
                await _until_writable(destination)
        if end:
            destination.end()
            await finished(destination, readable=False, cleanup=True)
    finally:
        await _close([*iterables, chunks])


async def _until_writable(destination: Any) -> None:
    state = destination._ws
    try:
        if state.errored is not None and not state.error_emitted:
            # The other stages hear of it before the generators are closed.
            await wait_for_drain(destination)
        await destination.drain()
    except StreamDestroyedError:
        # The chunk came too late, for one of two reasons.
        raise StreamWriteAfterEndError if destination.writable_ended else StreamPrematureCloseError from None


async def _exhaust(iterables: list[Any]) -> None:
    chunks = aiter(_as_async_iterable(iterables[-1]))
    try:
        async for _ in chunks:
            pass
    finally:
        await _close([*iterables, chunks])


async def _await(last: Awaitable[Any], iterables: list[Any]) -> Any:
    try:
        return await last
    finally:
        await _close(iterables)


def _check(stages: tuple[Any, ...]) -> None:
    """Raise unless each stage can stand at its place."""
    if len(stages) < 2:
        raise MissingArgsError("streams")
    for index, stage in enumerate(stages):
        is_stream = isinstance(stage, Stream)
        if index == 0:
            expected = "a Readable, an iterable or a function"
            fits = isinstance(stage, (AsyncIterable, Iterable)) or (callable(stage) and not is_stream)
        elif index < len(stages) - 1:
            expected = "a Duplex or a function"
            fits = (isinstance(stage, Readable) and isinstance(stage, Writable)) or (callable(stage) and not is_stream)
        else:
            expected = "a Writable or a function"
            fits = isinstance(stage, Writable) or (callable(stage) and not is_stream)
        if not fits:
            raise InvalidArgTypeError(f"streams[{index}]", expected, stage)


def pipeline(
    *streams: Any,
    callback: Callable[[BaseException | None], object] | None = None,
    end: bool = True,
    signal: AbortSignal | None = None,
) -> Completion:
    """Connect streams and generators in a chain; when one fails, all are destroyed.

    Args:
        *streams: first a Readable, an iterable, an async iterable or a function that returns one; then Duplex streams
            or functions of an async iterable that return one (async generator functions); last a Writable or a
            function, which may be a coroutine function.
        callback: `callback(error)`, once, when the whole chain is over.
        end: end the last stream when the chain is over. If not, it is not destroyed with the chain either.
        signal: destroys the chain with an AbortError.

    Returns:
        An awaitable: the result of a last stage that is a coroutine function, else None. Cancelling the task that
        awaits it destroys the chain.

    Raises:
        MissingArgsError: fewer than two stages.
        InvalidArgTypeError: something that cannot stand at its place.
        InvalidReturnValueError: a function returned what cannot be iterated over.
        BaseException: (from await) the first error.

    Node: `stream.pipeline`, `stream.promises.pipeline`.
    """
    stages = tuple(streams[0]) if len(streams) == 1 and isinstance(streams[0], (list, tuple)) else streams
    _check(stages)
    if signal is not None:
        check_signal(signal)
    chain = _Pipeline(callback, end=end)
    if signal is not None:
        chain.watch_signal(signal)
    try:
        chain.build(stages)
    except BaseException as error:
        chain.conclude(error)
        # What is raised here is told by nobody else.
        chain.completion.cancel()
        raise
    chain.look_at_signal()
    return chain.completion
