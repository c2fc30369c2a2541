"""finished: to be told when a stream is through, well or badly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError, InvalidArgTypeError, StreamPrematureCloseError
from sockstream.loop import current
from sockstream.stream.base import Stream
from sockstream.stream.destroy import any_state, readable_state, writable_state
from sockstream.stream.signals import check_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from sockstream.abort import AbortSignal
    from sockstream.stream.state import ReadableState, WritableState

__all__ = ["Completion", "finished"]


class Completion:
    """The end of something: it can be awaited, and a callback gets it as well.

    An error is raised from `await`, or goes to the callback; with neither it is an error nobody listens to.
    """

    __slots__ = ("_callback", "_error", "_is_done", "_is_heard", "_on_cancel", "_result", "_waiters")

    def __init__(
        self,
        callback: Callable[[BaseException | None], object] | None,
        on_cancel: Callable[[], Iterable[asyncio.Task[Any]] | None],
    ) -> None:
        self._callback = callback
        # Gives up what runs, called at most once; returns the tasks that have to end yet.
        self._on_cancel: Callable[[], Iterable[asyncio.Task[Any]] | None] | None = on_cancel
        self._is_done = False
        # Somebody has been there for the error.
        self._is_heard = callback is not None
        self._error: BaseException | None = None
        self._result: Any = None
        self._waiters: list[asyncio.Future[Any]] = []
        if callback is not None and not callable(callback):
            raise InvalidArgTypeError("callback", "a callable", callback)

    def done(self) -> bool:
        """Return whether it is over."""
        return self._is_done

    def cancel(self) -> None:
        """Give up: the callback is not called any more, and whoever awaits gets an AbortError.

        Node: the function that `finished` returns.
        """
        self._callback = None
        self._is_heard = True
        self._give_up()
        self._settle(AbortError())

    def _give_up(self) -> list[asyncio.Task[Any]]:
        give_up, self._on_cancel = self._on_cancel, None
        return list((give_up and give_up()) or ())

    def _settle(self, error: BaseException | None, result: Any = None) -> None:
        if self._is_done:
            return
        self._is_done = True
        self._error = error
        self._result = result
        for waiter in self._waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(result)
            else:
                waiter.set_exception(error)
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(error)

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the end; return its result or raise its error.

        When the last task that waits is cancelled, it is given up, unless a callback waits too. The task ends when
        what runs for it has.
        """
        self._is_heard = True
        if self._is_done:
            if self._error is not None:
                raise self._error
            return self._result
        waiter: asyncio.Future[Any] = current().loop.create_future()
        self._waiters.append(waiter)
        try:
            return (yield from waiter)
        except asyncio.CancelledError:
            running = self._leave(waiter)
            if running:
                yield from asyncio.wait(running).__await__()
            raise
        finally:
            self._leave(waiter)

    def _leave(self, waiter: asyncio.Future[Any]) -> list[asyncio.Task[Any]]:
        """Wait no longer; return the tasks that have to end yet, if nobody else waits."""
        if waiter not in self._waiters:
            return []
        self._waiters.remove(waiter)
        if self._is_done or self._waiters or self._callback is not None:
            return []
        return self._give_up()

    def __del__(self) -> None:
        """Tell of an error that nobody was there for."""
        if self._error is None or self._is_heard:
            return
        try:
            runtime = current()
        except RuntimeError:
            return  # the loop has gone
        runtime.fail(self._error)


class _Watch:
    """The listeners that tell whether the sides that matter have come to their end."""

    def __init__(
        self,
        stream: Stream,
        callback: Callable[[BaseException | None], object] | None,
        *,
        readable: bool,
        writable: bool,
        cleanup: bool,
    ) -> None:
        self.stream = stream
        self.completion = Completion(callback, self.stop)
        self.cleanup = cleanup
        self.rs = readable_state(stream)
        self.ws = writable_state(stream)
        has_readable = self.rs is not None and self.rs.readable
        has_writable = self.ws is not None and self.ws.writable
        # The sides that are waited for.
        self.readable = readable and has_readable
        self.writable = writable and has_writable
        # Those that have come to their end.
        self.has_ended = _is_read(self.rs)
        self.has_finished = _is_written(self.ws)
        state = any_state(stream)
        # 'close' has the last word where all that the stream does matters, and it is sure to come.
        self.will_close = (
            state.auto_destroy
            and state.emit_close
            and not state.closed
            and self.readable == has_readable
            and self.writable == has_writable
        )
        self.listeners: list[tuple[Any, str, Callable[..., object]]] = []
        self.signal: AbortSignal | None = None

    # -- listening ----------------------------------------------------------------------------------------------------

    def start(self, *, error: bool, signal: AbortSignal | None) -> None:
        self.listen("end", self.on_end)
        self.listen("finish", self.on_finish)
        if error:
            self.listen("error", self.done)
        self.listen("close", self.on_close)
        if self.stream.closed:
            self.stream._tick(self.on_close)
            return
        if self.is_past():
            self.stream._tick(self.on_past)
        if signal is not None:
            self.watch_signal(signal)

    def listen(self, name: str, listener: Callable[..., object]) -> None:
        self.stream.on(name, listener)
        self.listeners.append((self.stream, name, listener))

    def watch_signal(self, signal: AbortSignal) -> None:
        self.signal = signal
        if signal.aborted:
            self.stream._tick(self.on_abort)
        else:
            signal.on("abort", self.on_abort)

    def stop(self) -> None:
        for emitter, name, listener in self.listeners:
            emitter.off(name, listener)
        self.listeners = []
        self.forget_signal()

    def forget_signal(self) -> None:
        if self.signal is not None:
            self.signal.off("abort", self.on_abort)

    # -- what is told -------------------------------------------------------------------------------------------------

    def done(self, error: BaseException | None = None) -> None:
        if self.completion.done():
            return
        if self.cleanup:
            self.stop()
        else:
            self.forget_signal()
        self.completion._settle(error)

    def on_end(self) -> None:
        self.has_ended = True
        if not self.closes_soon(self.writable or not _can_write(self.stream)) and (
            not self.writable or self.has_finished
        ):
            self.done()

    def on_finish(self) -> None:
        self.has_finished = True
        if not self.closes_soon(self.readable or not _can_read(self.stream)) and (not self.readable or self.has_ended):
            self.done()

    def closes_soon(self, other_side_is_no_obstacle: bool) -> bool:
        """Return whether 'close' is sure to come, and so has the last word."""
        if self.stream.destroyed:
            # Node: it was destroyed early, and so is not to be trusted.
            self.will_close = False
        return self.will_close and other_side_is_no_obstacle

    def on_close(self, *_: object) -> None:
        errored = self.stream.errored
        if errored is not None:
            self.done(errored)
        elif (self.readable and not self.has_ended and not _is_read(self.rs)) or (
            self.writable and not self.has_finished and not _is_written(self.ws)
        ):
            self.done(StreamPrematureCloseError())
        else:
            self.done()

    def on_abort(self) -> None:
        assert self.signal is not None
        self.stop()
        self.done(AbortError(self.signal.reason))

    # -- what has happened before -------------------------------------------------------------------------------------

    def is_past(self) -> bool:
        """Return whether nothing more will be told of what is waited for."""
        if any(state is not None and state.error_emitted for state in (self.rs, self.ws)):
            return not self.will_close
        can_read, can_write = _can_read(self.stream), _can_write(self.stream)
        no_writing = self.has_finished or (self.ws is not None and not can_write)
        # What was written may still have its callback, or its error, to come.
        no_writing = no_writing and (self.ws is None or not self.ws.pending_callbacks)
        no_reading = self.has_ended or (self.rs is not None and not can_read)
        return (not self.readable and (not self.will_close or can_read) and no_writing) or (
            not self.writable and (not self.will_close or can_write) and no_reading
        )

    def on_past(self) -> None:
        self.done(self.stream.errored)


def _is_read(state: ReadableState | None) -> bool:
    """Return whether the readable side has come to its end; 'end' may not be out yet."""
    return state is not None and state.errored is None and (state.end_emitted or (state.ended and not state.length))


def _is_written(state: WritableState | None) -> bool:
    """Return whether the writable side has come to its end; 'finish' may not be out yet."""
    return state is not None and state.errored is None and (state.finished or (state.ended and not state.length))


def _can_read(stream: Any) -> bool:
    return readable_state(stream) is not None and stream.readable


def _can_write(stream: Any) -> bool:
    return writable_state(stream) is not None and stream.writable


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
        InvalidArgTypeError: `stream` is no stream, `callback` no callable or `signal` no AbortSignal.
        StreamPrematureCloseError: (from await) the stream was closed before its end.
        BaseException: (from await) the stream's error.

    Node: `stream.finished`, `stream.promises.finished`.
    """
    if not isinstance(stream, Stream):
        raise InvalidArgTypeError("stream", "a stream", stream)
    if signal is not None:
        check_signal(signal)
    watch = _Watch(stream, callback, readable=readable, writable=writable, cleanup=cleanup)
    watch.start(error=error, signal=signal)
    return watch.completion
