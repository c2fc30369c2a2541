"""The writable side: chunks go to the sink one at a time (or as one batch), and the rest waits in order.

Theory of operation.  One `_write` is in flight at a time.  `write` starts it or puts the chunk into the buffer; the
write's callback (`_on_write`) starts the next.  A sink that calls back at once is told apart from one that calls back
later: what the user hears of the former (callbacks, `'drain'`) waits for a tick.  `_maybe_finish` is asked after every
step whether all that `end` waits for has happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sockstream.encoding import encode, normalise_encoding
from sockstream.errors import (
    InvalidArgTypeError,
    MethodNotImplementedError,
    MultipleCallbackError,
    SockstreamError,
    StreamAlreadyFinishedError,
    StreamCannotPipeError,
    StreamDestroyedError,
    StreamNullValuesError,
    StreamWriteAfterEndError,
)
from sockstream.stream.async_writing import NOTHING_TO_WAIT_FOR, drain
from sockstream.stream.destroy import construct_soon, error_or_destroy, readable_state, record_error
from sockstream.stream.hooks import set_hooks
from sockstream.stream.state import NOTHING, BufferedWrite, FinishedWrites, WritableState, check_high_water_mark
from sockstream.stream.writable_properties import WritableProperties

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Self

    from sockstream.abort import AbortSignal

    _WritableT = TypeVar("_WritableT", bound="Writable")
    WriteCallback = Callable[[BaseException | None], object]

__all__ = ["Writable"]


class Writable(WritableProperties):
    """A stream one writes to. Node: `stream.Writable`.

    Subclass it and write `_write` or `_writev`, or give `write=` or `writev=`.

    Args:
        high_water_mark: bytes (objects in object mode) that may wait before `write` returns False; 65,536 (16).
        object_mode: chunks are any objects but None.
        decode_strings: encode str before `_write` sees it.
        default_encoding: of a str that is written without naming one.
        emit_close: emit `'close'` when destroyed.
        auto_destroy: destroy the stream after `'finish'` and on errors.
        signal: destroys the stream when it is aborted.
        construct: `construct(callback)`, before anything else.
        write: `write(chunk, encoding, callback)`.
        writev: `writev(chunks, callback)`: all that waits at once; each has `.chunk` and `.encoding`.
        final: `final(callback)`, after the last write and before `'finish'`.
        destroy: `destroy(error, callback)`.

    Raises:
        InvalidArgTypeError: an option of the wrong type.
        UnknownEncodingError: no such encoding.

    Events:
        drain: write again, after a `write` that returned False.
        finish: all was written after `end`.
        pipe (source), unpipe (source): a Readable was connected, was taken off.
        error (error): the stream failed.
        close: the stream is destroyed.
    """

    __slots__ = ()

    # Takes all that waits at once, where there is one: `_writev(chunks, callback)`, or `async def` without callback.
    _writev: Callable[..., object] | None = None
    # Runs after the last write, before 'finish': `_final(callback)`, or `async def` without it.
    _final: Callable[..., object] | None = None

    def __init__(
        self,
        *,
        high_water_mark: int | None = None,
        object_mode: bool = False,
        decode_strings: bool = True,
        default_encoding: str = "utf8",
        emit_close: bool = True,
        auto_destroy: bool = True,
        signal: AbortSignal | None = None,
        construct: Callable[..., object] | None = None,
        write: Callable[..., object] | None = None,
        writev: Callable[..., object] | None = None,
        final: Callable[..., object] | None = None,
        destroy: Callable[..., object] | None = None,
    ) -> None:
        super().__init__()
        set_hooks(self, construct=construct, write=write, writev=writev, final=final, destroy=destroy)
        self._init_writable(
            WritableState(high_water_mark, object_mode, emit_close, auto_destroy, default_encoding, decode_strings)
        )
        if signal is not None:
            self._obey(signal)
        if self._construct is not None:
            construct_soon(self, self._start_writing)

    def _init_writable(self, state: WritableState) -> None:
        if type(state.high_water_mark) is not int or state.high_water_mark < 0:
            check_high_water_mark("high_water_mark", state.high_water_mark)
        if state.default_encoding != "utf8":
            state.default_encoding = normalise_encoding(state.default_encoding)
        self._ws = state

    def _start_writing(self) -> None:
        if not self._ws.writing:
            self._write_buffered()
        self._maybe_finish()

    # -- writing ------------------------------------------------------------------------------------------------------

    if TYPE_CHECKING:

        def _write(self, *args: Any, **kwargs: Any) -> object: ...

    else:

        def _write(self, chunk, encoding, callback):
            """Write one chunk, then call back, with the error if it failed: the hook of write()."""
            if self._writev is None:
                raise MethodNotImplementedError("_write()")
            return self._writev([BufferedWrite(chunk, encoding, None)], callback)

    def write(
        self, data: Any, encoding: str | WriteCallback | None = None, callback: WriteCallback | None = None
    ) -> bool:
        """Write a chunk.

        Args:
            data: bytes-like or str; any object but None in object mode. It is copied unless it is bytes.
            encoding: of a str; the stream's default when None.
            callback: `callback(error)` once the sink has taken the chunk (error is None) or has not.

        Returns:
            False when as much waits as the high-water mark allows: write on after `'drain'`.

        Raises:
            StreamNullValuesError: `data` is None.
            InvalidArgTypeError: `data` cannot be written.
            UnknownEncodingError: no such encoding.

        Events: `'drain'` after False; `'error'` (StreamWriteAfterEndError, StreamDestroyedError, which the callback
        gets too) when it is too late to write. Node: `writable.write`.
        """
        if encoding is not None and callable(encoding):
            encoding, callback = None, encoding
        if callback is not None and not callable(callback):
            raise InvalidArgTypeError("callback", "a callable", callback)
        return self._write_checked(data, encoding, callback) is True

    def _write_checked(self, data: Any, encoding: str | None, callback: WriteCallback | None) -> bool | SockstreamError:
        """Write a chunk; return whether to go on, or the error when it was too late."""
        state = self._ws
        if (
            encoding is None
            and (type(data) is bytes if not state.object_mode else data is not None)
            and not (state.ending or state.destroyed or state.writing or state.corked)
            and state.errored is None
            and state.constructed
        ):
            return self._write_now(data, "buffer" if not state.object_mode else state.default_encoding, callback)
        chunk, name = self._to_chunk(data, encoding)
        error: SockstreamError
        if state.ending:
            error = StreamWriteAfterEndError()
        elif state.destroyed:
            error = StreamDestroyedError("write")
        else:
            return self._write_or_buffer(chunk, name, callback)
        if callback is not None:
            self._tick(callback, error)
        error_or_destroy(self, error, sync=True)
        return error

    def _to_chunk(self, data: Any, encoding: str | None) -> tuple[Any, str]:
        """Return what `_write` gets for `data`: the chunk and its encoding."""
        state = self._ws
        if data is None:
            raise StreamNullValuesError
        if state.object_mode:
            return data, encoding or state.default_encoding
        if encoding is None:
            encoding = state.default_encoding
        elif encoding != "buffer" or (isinstance(data, str) and state.decode_strings):
            # Node: "buffer" is what a `_write` gets along with bytes, and may pass on with them.
            encoding = normalise_encoding(encoding)
        if isinstance(data, str):
            return (encode(data, encoding), "buffer") if state.decode_strings else (data, encoding)
        if type(data) is bytes:
            return data, "buffer"
        if isinstance(data, (bytes, bytearray, memoryview)):
            # A copy: the caller may reuse its buffer while the chunk waits.
            return bytes(data), "buffer"
        raise InvalidArgTypeError("data", "bytes-like or a str", data)

    def _write_or_buffer(self, chunk: Any, encoding: str, callback: WriteCallback | None) -> bool:
        state = self._ws
        if not state.must_buffer():
            return self._write_now(chunk, encoding, callback)
        state.pending_callbacks += 1
        state.length += state.measure(chunk)
        state.append(BufferedWrite(chunk, encoding, callback))
        return self._has_room()

    def _write_now(self, chunk: Any, encoding: str, callback: WriteCallback | None) -> bool:
        """Give the sink a chunk at once: the fast path of writing, where nothing is in flight and nothing waits."""
        state = self._ws
        size = 1 if state.object_mode else len(chunk)
        state.pending_callbacks += 1
        state.length += size
        state.write_length = size
        state.write_callback = callback
        state.writing = state.sync = True
        self._write(chunk, encoding, self._on_write)
        state.sync = False
        return not (state.length or state.destroyed or state.errored is not None) or self._has_room()

    def _has_room(self) -> bool:
        """Return what write() does, and note that a `'drain'` is owed if that is no."""
        state = self._ws
        # Node: what the sink took at once does not count, and nothing at all is never too much.
        has_room = state.length < state.high_water_mark or not state.length
        if not has_room:
            state.need_drain = True
        return has_room and state.errored is None and not state.destroyed

    def _hand_over(self, size: int, callback: WriteCallback | None) -> None:
        """Note that a write is in flight, and on the stack."""
        state = self._ws
        state.write_length = size
        state.write_callback = callback
        state.writing = True
        state.sync = True

    def _on_write(self, error: BaseException | None = None) -> None:
        """Take the sink's answer: the callback of `_write` and `_writev`."""
        state = self._ws
        if not state.writing:
            error_or_destroy(self, MultipleCallbackError())
            return
        callback, state.write_callback = state.write_callback, None
        state.writing = False
        state.length -= state.write_length
        state.write_length = 0
        if error is not None:
            record_error(self, error)
            if state.sync:
                self._tick(self._on_write_error, error, callback)
            else:
                self._on_write_error(error, callback)
            return
        was_sync = state.sync
        if state.buffered:
            self._write_buffered()
        if not was_sync:
            self._after_write(callback, 1)
        elif callback is not None or ((state.need_drain or state.object_mode) and state.needs_tick()):
            self._after_write_soon(callback)
        else:
            # Nobody waits for a tick.
            state.pending_callbacks -= 1
            if state.ending:
                self._maybe_finish(sync=True)

    def _after_write_soon(self, callback: WriteCallback | None) -> None:
        """Call back on the next tick; writes in a row that have the same callback share one."""
        latest = self._ws.after_write
        if latest is not None and latest.callback is callback:
            latest.count += 1
        else:
            self._ws.after_write = latest = FinishedWrites(callback)
            self._ws.after_write_pending = True
            self._tick(self._after_write_tick, latest)

    def _after_write_tick(self, writes: FinishedWrites) -> None:
        self._ws.after_write = None
        self._after_write(writes.callback, writes.count)

    def _after_write(self, callback: WriteCallback | None, count: int) -> None:
        state = self._ws
        state.after_write_pending = False
        if state.is_drain_due():
            state.need_drain = False
            self.emit("drain")
        for _ in range(count):
            state.pending_callbacks -= 1
            if callback is not None:
                callback(None)
        if state.destroyed:
            self._fail_buffered()
        self._maybe_finish(sync=True)

    def _on_write_error(self, error: BaseException, callback: WriteCallback | None) -> None:
        self._ws.pending_callbacks -= 1
        if callback is not None:
            callback(error)
        # What waited behind it fails the same way.
        self._fail_buffered()
        error_or_destroy(self, error)

    def _fail_buffered(self) -> None:
        """Tell the callbacks of all that will never be written."""
        state = self._ws
        if state.writing:
            return
        while state.buffered:
            entry = state.buffered.popleft()
            state.length -= state.measure(entry.chunk)
            if entry.callback is not None:
                entry.callback(state.errored or StreamDestroyedError("write"))
        callbacks, state.finish_callbacks = state.finish_callbacks, ()
        for callback in callbacks:
            callback(state.errored or StreamDestroyedError("end"))

    # -- the buffer ---------------------------------------------------------------------------------------------------

    def _write_buffered(self) -> None:
        """Write what waits: as one batch where the sink takes batches, else until one write stays in flight."""
        state = self._ws
        if state.corked or state.buffer_processing or state.destroyed or not state.constructed or not state.buffered:
            return
        state.buffer_processing = True
        try:
            if len(state.buffered) > 1 and self._writev is not None:
                self._write_batch()
                # Differs: what the hook itself has written meanwhile is not lost.
                while state.buffered and not (state.must_buffer() or state.destroyed):
                    self._write_oldest()
            else:
                while state.buffered and not state.writing:
                    self._write_oldest()
        finally:
            state.buffer_processing = False

    def _write_oldest(self) -> None:
        state = self._ws
        entry = state.buffered.popleft()
        self._hand_over(state.measure(entry.chunk), entry.callback)
        if state.destroyed:
            # Node: destroyed by the write before it, it fails as a write would.
            self._on_write(StreamDestroyedError("write"))
        else:
            self._write(entry.chunk, entry.encoding, self._on_write)
        state.sync = False

    def _write_batch(self) -> None:
        state = self._ws
        chunks, state.buffered = list(state.buffered), NOTHING
        # The batch has one callback.
        state.pending_callbacks -= len(chunks) - 1
        callbacks = [entry.callback for entry in chunks if entry.callback is not None]

        def call_all(error: BaseException | None) -> None:
            for callback in callbacks:
                callback(error)

        self._hand_over(state.length, call_all if callbacks else None)
        assert self._writev is not None
        self._writev(chunks, self._on_write)
        state.sync = False

    def cork(self) -> None:
        """Hold back all writes until uncork() or end(), to send them as one batch. Node: `writable.cork`."""
        self._ws.corked += 1

    def uncork(self) -> None:
        """Undo one cork(); the last one writes out what waits. Node: `writable.uncork`."""
        state = self._ws
        if state.corked:
            state.corked -= 1
            if not state.writing:
                self._write_buffered()

    def set_default_encoding(self, encoding: str) -> Self:
        """Set the encoding of a str that is written without naming one.

        Raises:
            UnknownEncodingError: no such encoding.

        Node: `writable.setDefaultEncoding`.
        """
        self._ws.default_encoding = normalise_encoding(encoding)
        return self

    # -- ending -------------------------------------------------------------------------------------------------------

    def end(
        self,
        data: Any = None,
        encoding: str | WriteCallback | None = None,
        callback: WriteCallback | None = None,
    ) -> Self:
        """Write a last chunk, if there is one, and finish once all is written.

        Args:
            data: as for write(), or None.
            encoding: of a str.
            callback: `callback(error)` at `'finish'`, or with the error that came before it.

        Returns:
            The stream.

        Raises:
            InvalidArgTypeError: `data` cannot be written.
            UnknownEncodingError: no such encoding.

        Events: `'finish'`. Node: `writable.end`.
        """
        if encoding is not None and callable(encoding):
            encoding, callback = None, encoding
        elif callable(data) and callback is None:
            data, encoding, callback = None, None, data
        if callback is not None and not callable(callback):
            raise InvalidArgTypeError("callback", "a callable", callback)
        state = self._ws
        error: BaseException | None = None
        if data is not None:
            result = self._write_checked(data, encoding, callback=None)
            error = None if isinstance(result, bool) else result
        if state.corked:
            state.corked = 1
            self.uncork()
        if error is None:
            error = self._begin_to_end()
        if callback is not None:
            self._call_when_finished(callback, error)
        return self

    def _begin_to_end(self) -> BaseException | None:
        state = self._ws
        if state.errored is None and not state.ending:
            # Node: a second end() before 'finish' is no error.
            state.ending = True
            self._maybe_finish(sync=True)
            state.ended = True
        elif state.finished:
            return StreamAlreadyFinishedError("end")
        elif state.destroyed:
            return StreamDestroyedError("end")
        # A `_final` may have failed at once.
        return state.errored

    def _call_when_finished(self, callback: WriteCallback, error: BaseException | None) -> None:
        state = self._ws
        if error is not None:
            self._tick(callback, error)
        else:
            state.finish_callbacks = (*state.finish_callbacks, callback)

    def _maybe_finish(self, *, sync: bool = False) -> None:
        state = self._ws
        if not state.needs_finish():
            return
        self._prefinish()
        if state.pending_callbacks:
            return
        if sync:
            state.pending_callbacks += 1
            self._tick(self._finish_if_still_due)
        elif state.needs_finish():
            state.pending_callbacks += 1
            self._finish()

    def _finish_if_still_due(self) -> None:
        if self._ws.needs_finish():
            self._finish()
        else:
            self._ws.pending_callbacks -= 1

    def _prefinish(self) -> None:
        state = self._ws
        if state.prefinished or state.final_called:
            return
        if self._final is not None and not state.destroyed:
            state.final_called = True
            self._call_final()
        else:
            state.prefinished = True
            self.emit("prefinish")

    def _call_final(self) -> None:
        state = self._ws
        state.sync = True
        state.pending_callbacks += 1
        assert self._final is not None
        try:
            self._final(self._on_final)
        except Exception as error:
            self._on_final(error)
        state.sync = False

    def _on_final(self, error: BaseException | None = None) -> None:
        """Take the answer of `_final`; it is one too many once the stream has begun to finish."""
        state = self._ws
        if state.prefinished:
            error_or_destroy(self, error or MultipleCallbackError())
            return
        state.pending_callbacks -= 1
        if error is not None:
            callbacks, state.finish_callbacks = state.finish_callbacks, ()
            for callback in callbacks:
                callback(error)
            error_or_destroy(self, error, sync=state.sync)
        elif state.needs_finish():
            state.prefinished = True
            self.emit("prefinish")
            # Node: a final that calls back at once must not finish within end().
            state.pending_callbacks += 1
            self._tick(self._finish)

    def _finish(self) -> None:
        state = self._ws
        state.pending_callbacks -= 1
        state.finished = True
        callbacks, state.finish_callbacks = state.finish_callbacks, ()
        for callback in callbacks:
            callback(None)
        self.emit("finish")
        if state.auto_destroy:
            reading = readable_state(self)
            if reading is None or (reading.auto_destroy and (reading.end_emitted or not reading.readable)):
                self.destroy()

    def pipe(self, dest: _WritableT, *, end: bool = True) -> _WritableT:
        """Fail: there is nothing to read here.

        Args:
            dest: what would be written to.
            end: as for a Readable.

        Returns:
            The destination.

        Events: `'error'` (StreamCannotPipeError). Node: `writable.pipe`.
        """
        error_or_destroy(self, StreamCannotPipeError())
        return dest

    def destroy(self, error: BaseException | None = None) -> Self:
        """Close the stream now; what waits is dropped, and its callbacks get the error.

        Args:
            error: why; None for a plain close.

        Returns:
            The stream.

        Events: `'error'` if there was one, then `'close'`, neither before this call returns.
        Node: `writable.destroy`.
        """
        state = self._ws
        if not state.destroyed and (state.buffered or state.buffer_processing or state.finish_callbacks):
            self._tick(self._fail_buffered)
        return super().destroy(error)

    def drain(self) -> Coroutine[Any, Any, None]:
        """Wait until it is sensible to write on: at once, unless a write returned False and `'drain'` is owed.

        Returns:
            What to await.

        Raises:
            BaseException: the stream's error, when it fails meanwhile or has failed.
            StreamDestroyedError: it was destroyed without one.
        """
        state = self._ws
        if state.need_drain or state.destroyed or state.errored is not None:
            return drain(self)
        return NOTHING_TO_WAIT_FOR
