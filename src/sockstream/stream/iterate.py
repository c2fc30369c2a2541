"""Async iteration over a Readable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream.destroy import writable_state

if TYPE_CHECKING:
    from typing import NoReturn, Self

    from sockstream.stream.readable import Readable

__all__ = ["ReadableIterator", "leave"]


class _Watch:
    """What an iterator has heard of its stream.

    The stream's listeners refer to this and not to the iterator, so that the iterator goes when its loop does.
    """

    __slots__ = ("ends_with_close", "error", "is_listening", "is_over", "loop", "stream", "waiter")

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        # Nothing more will come: 'end', an error or 'close' was seen.
        self.is_over = False
        self.is_listening = False
        # Node: a stream with nothing but a readable side that closes by itself is read when that is done.
        state = stream._rs
        self.ends_with_close = state.auto_destroy and state.emit_close and writable_state(stream) is None
        self.error: BaseException | None = None
        self.loop = current().loop
        self.waiter: asyncio.Future[None] | None = None

    def start(self) -> None:
        stream = self.stream
        if stream._rs.error_emitted:
            # It failed after its end.
            self.error = stream.errored
        self.is_listening = True
        stream.on("readable", self.wake)
        stream.on("end", self.on_end)
        stream.on("error", self.on_error)
        stream.on("close", self.on_close)
        if stream._rs.end_emitted and (stream._rs.close_emitted or not self.ends_with_close):
            self.is_over = True
        elif stream._rs.closed or stream._rs.error_emitted:
            # After what its listeners have yet to hear.
            stream._tick(self.on_close)
        elif stream._rs.destroyed and not stream._rs.emit_close:
            self.is_over = True  # Node: nobody will hear how it closes

    def stop(self) -> None:
        if not self.is_listening:
            return
        self.is_listening = False
        stream = self.stream
        stream._rs.taker = None
        stream.off("readable", self.wake)
        stream.off("end", self.on_end)
        stream.off("error", self.on_error)
        stream.off("close", self.on_close)

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def on_end(self) -> None:
        if not self.ends_with_close:
            self.finish()

    def on_error(self, error: BaseException) -> None:
        if not self.is_over:
            self.error = error
        self.finish()

    def on_close(self, *_: object) -> None:
        state = self.stream._rs
        # Node: with all read, the end counts before its event.
        if not self.is_over and not (state.ended and not state.length and state.errored is None):
            self.error = self.stream.errored or StreamPrematureCloseError()
        self.finish()
        # Who waits comes first. Nobody may come back: an error can hold an iterator that was left, by its traceback.
        self.loop.call_soon(self.stop)

    def finish(self) -> None:
        self.is_over = True
        self.wake()


class ReadableIterator:
    """The chunks of a Readable, one `await` each.

    It listens from the first step on.  Left early (`break`, an exception, cancellation) it destroys the stream with an
    AbortError, unless it was made not to: CPython drops the iterator the moment the loop is left, and `aclose()` says
    it in so many words.
    """

    __slots__ = ("_destroy_on_return", "_is_done", "_stream", "_watch")

    def __init__(self, stream: Readable, *, destroy_on_return: bool = True) -> None:
        self._stream = stream
        self._destroy_on_return = destroy_on_return
        # Set from the first step on.
        self._watch: _Watch | None = None
        # The iteration has come to its end, or was left.
        self._is_done = False

    def __aiter__(self) -> Self:
        """Return the iterator itself."""
        return self

    async def __anext__(self) -> Any:
        """Return the next chunk; raise the stream's error, or StopAsyncIteration at its end."""
        watch = self._watch
        if watch is None or self._is_done:
            watch = self._begin()
        stream = self._stream
        state = stream._rs
        while True:
            if state.reading and not (state.ended or state.destroyed) and state.errored is None:
                # The hot path: read() would note that somebody waits, or take the one chunk there is, and no more.
                if not state.length:
                    state.need_readable = True
                elif len(state.buffer) == 1 and not state.offset and "data" not in stream._events:
                    return state.take_only()
                elif (chunk := stream.read()) is not None:
                    return chunk
            elif not state.destroyed and (chunk := stream.read()) is not None:
                return chunk
            if watch.is_over:
                self._finish(watch)
            if watch.waiter is not None and not watch.waiter.done():
                raise RuntimeError("another task waits for the next chunk already")
            state.taker = watch.waiter = watch.loop.create_future()
            try:
                await watch.waiter
            except asyncio.CancelledError:
                # The traceback will keep the iterator for as long as somebody keeps that.
                self._leave()
                raise
            watch.waiter = None

    def _begin(self) -> _Watch:
        if self._is_done:
            raise StopAsyncIteration
        watch = self._watch = _Watch(self._stream)
        watch.start()
        return watch

    def _finish(self, watch: _Watch) -> NoReturn:
        """End the iteration as the stream has ended."""
        self._is_done = True
        watch.stop()
        if watch.error is None:
            raise StopAsyncIteration
        state = self._stream._rs
        if state.auto_destroy and not state.destroyed:
            # An error that somebody emitted.
            leave(self._stream)
        raise watch.error

    async def aclose(self) -> None:
        """Leave the loop: destroy the stream, unless the iterator was made not to."""
        self._leave()

    def __del__(self) -> None:
        """Leave the loop when nothing refers to the iterator any more."""
        if self._watch is None or self._is_done:
            return
        try:
            current()
        except RuntimeError:
            return  # the loop has gone, a task in it was cancelled last: there is nobody left to tell
        self._leave()

    def _leave(self) -> None:
        if self._is_done:
            return
        self._is_done = True
        stream, watch = self._stream, self._watch
        if watch is None:
            return  # Node: what was not begun is not left
        watch.stop()
        if self._destroy_on_return:
            leave(stream)


def leave(stream: Readable) -> None:
    """Destroy a stream whose iteration is left early."""
    if stream.readable:
        # Node: what is left before its end was aborted. Who left knows, so it counts as heard.
        stream.on("error", _heard)
        stream.destroy(AbortError())
    else:
        stream.destroy()


def _heard(_: BaseException) -> None:
    """Hear an error that needs no answer."""
