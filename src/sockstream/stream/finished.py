"""finished: to be told when a stream is through, well or badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream.base import Stream
from sockstream.stream.destroy import readable_state, writable_state

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator

    from sockstream.abort import AbortSignal

__all__ = ["Completion", "finished"]


class Completion:
    """The end of something: it can be awaited, and a callback gets it as well.

    An error is raised from `await`; with a callback and without an `await` it goes to the callback alone.
    """

    __slots__ = ("_callback", "_error", "_is_done", "_on_cancel", "_result", "_waiters")

    def __init__(
        self, callback: Callable[[BaseException | None], object] | None, on_cancel: Callable[[], None]
    ) -> None:
        self._callback = callback
        self._on_cancel = on_cancel
        self._is_done = False
        self._error: BaseException | None = None
        self._result: Any = None
        self._waiters: list[asyncio.Future[Any]] = []

    def done(self) -> bool:
        """Return whether it is over."""
        return self._is_done

    def cancel(self) -> None:
        """Stop listening: the callback is not called any more. Node: the function that `finished` returns."""
        self._callback = None
        self._on_cancel()

    def _settle(self, error: BaseException | None, result: Any = None) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._error = error
        self._result = result
        for waiter in self._waiters:
            if not waiter.done():
                if error is None:
                    waiter.set_result(result)
                else:
                    waiter.set_exception(error)
        if self._callback is not None:
            self._callback(error)

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the end; return its result or raise its error."""
        if self._is_done:
            if self._error is not None:
                raise self._error
            return self._result
        waiter: asyncio.Future[Any] = current().loop.create_future()
        self._waiters.append(waiter)
        return (yield from waiter)


class _Watch:
    """The listeners that tell whether the sides that matter have come to their end."""

    def __init__(
        self, stream: Stream, callback: Callable[[BaseException | None], object] | None, readable: bool, writable: bool
    ) -> None:
        self.stream = stream
        self.rs = readable_state(stream)
        self.ws = writable_state(stream)
        self.readable = readable and self.rs is not None
        self.writable = writable and self.ws is not None
        self.has_ended = self.rs is not None and self.rs.end_emitted
        self.has_finished = self.ws is not None and self.ws.finished
        self.completion = Completion(callback, self.stop)
        self.cleanup = False
        self.listeners: list[tuple[Any, str, Callable[..., object]]] = []
        # 'close' is the last word where both sides matter and it is sure to come.
        sides = [state for state in (self.rs, self.ws) if state is not None]
        self.will_close = (
            all(state.auto_destroy and state.emit_close and not state.closed for state in sides)
            and self.readable == (self.rs is not None)
            and self.writable == (self.ws is not None)
        )

    def start(self, *, error: bool) -> None:
        self.listen(self.stream, "end", self.on_end)
        self.listen(self.stream, "finish", self.on_finish)
        if error:
            self.listen(self.stream, "error", self.done)
        self.listen(self.stream, "close", self.on_close)
        self.stream._tick(self.check_past)

    def listen(self, emitter: Any, name: str, listener: Callable[..., object]) -> None:
        emitter.on(name, listener)
        self.listeners.append((emitter, name, listener))

    def stop(self) -> None:
        for emitter, name, listener in self.listeners:
            emitter.off(name, listener)
        self.listeners = []

    def done(self, error: BaseException | None = None) -> None:
        if self.completion.done():
            return
        if self.cleanup:
            self.stop()
        self.completion._settle(error)

    def check_past(self) -> None:
        """See whether what is waited for has happened before the listeners were there."""
        if self.completion.done() or not self.listeners:
            return
        sides = [state for state in (self.rs, self.ws) if state is not None]
        if any(state.closed for state in sides):
            self.on_close()
        elif any(state.error_emitted for state in sides):
            if not self.will_close:
                self.done(sides[0].errored)
        elif self.is_over() and not self.will_close:
            self.done(sides[0].errored)

    def is_over(self) -> bool:
        return (not self.readable or self.has_ended) and (not self.writable or self.has_finished)

    def on_end(self) -> None:
        self.has_ended = True
        if self.is_over() and not (self.will_close and not self.stream.destroyed):
            self.done()

    def on_finish(self) -> None:
        self.has_finished = True
        if self.is_over() and not (self.will_close and not self.stream.destroyed):
            self.done()

    def on_close(self, *_: object) -> None:
        errored = self.stream.errored
        if errored is not None:
            self.done(errored)
        elif (self.readable and self.rs is not None and not self.rs.end_emitted) or (
            self.writable and self.ws is not None and not self.ws.finished
        ):
            self.done(StreamPrematureCloseError())
        else:
            self.done()

    def watch_signal(self, signal: AbortSignal) -> None:
        if signal.aborted:
            self.stream._tick(self.done, AbortError(signal.reason))
        else:
            self.listen(signal, "abort", lambda *_: self.done(AbortError(signal.reason)))


def finished(
    stream: Stream,
    callback: Callable[[BaseException | None], object] | None = None,
    *,
    readable: bool = True,
    writable: bool = True,
    error: bool = True,
    cleanup: bool = False,
    signal: AbortSignal | None = None,
) -> Completion:
    """Learn when a stream is neither readable nor writable any more, has failed, or was closed too early.

    Args:
        stream: the stream.
        callback: `callback(error)`, once.
        readable: wait for the end of the readable side, if there is one.
        writable: wait for the end of the writable side, if there is one.
        error: an `'error'` counts as the end.
        cleanup: take the listeners off when it is over. They are left by default, so that an error that comes after
            the end does not go unheard.
        signal: stops waiting, with an AbortError; the stream goes on.

    Returns:
        An awaitable, whose `cancel()` takes the listeners off.

    Raises:
        InvalidArgTypeError: `stream` is no stream.
        StreamPrematureCloseError: (from await) the stream was closed before its end.
        BaseException: (from await) the stream's error.

    Node: `stream.finished`, `stream.promises.finished`.
    """
    if not isinstance(stream, Stream):
        raise InvalidArgTypeError("stream", "a stream", stream)
    watch = _Watch(stream, callback, readable, writable)
    watch.cleanup = cleanup
    watch.start(error=error)
    if signal is not None:
        watch.watch_signal(signal)
    return watch.completion
