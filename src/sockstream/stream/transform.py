"""Duplex streams whose output is made of their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import MethodNotImplementedError
from sockstream.stream.destroy import any_state
from sockstream.stream.duplex import Duplex, DuplexOptions
from sockstream.stream.hooks import set_hooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

__all__ = ["PassThrough", "Transform"]


class Transform(Duplex):
    """A stream that turns what is written to it into what is read from it. Node: `stream.Transform`.

    Subclass it and write `_transform`, or give `transform=`. What the hook passes to its callback, or pushes, is the
    output; while that is over its high-water mark, the input waits.

    Args:
        transform: `transform(chunk, encoding, callback)`, `callback(error=None, data=None)`; or a coroutine function
            `transform(chunk, encoding)` that returns the data or None.
        flush: `flush(callback)`, after the last chunk and before `'end'`: push what was held back; or a coroutine
            function.
        **options: those of Duplex.

    Events: those of Duplex.
    """

    __slots__ = ("_held_callback",)

    # Runs after the last chunk, before 'end': `_flush(callback)`, or `async def` without it.
    _flush: Callable[..., object] | None = None

    def __init__(
        self,
        *,
        transform: Callable[..., object] | None = None,
        flush: Callable[..., object] | None = None,
        **options: Unpack[DuplexOptions],
    ) -> None:
        mark = options.get("high_water_mark")
        if mark is None:
            mark = options.get("readable_high_water_mark")
        if mark == 0:
            # Node: a Transform that must not buffer output does not buffer input either, unless told to.
            options["high_water_mark"] = None
            options["readable_high_water_mark"] = mark
            options["writable_high_water_mark"] = options.get("writable_high_water_mark") or 0
        # The write that waits until its output has been read.
        self._held_callback: Callable[..., None] | None = None
        super().__init__(**options)
        set_hooks(self, transform=transform, flush=flush)
        # What comes out is pushed by a write, never from within _read.
        self._rs.sync = False
        self.on("prefinish", self._on_prefinish)

    if TYPE_CHECKING:

        def _transform(self, *args: Any, **kwargs: Any) -> object: ...

    else:

        def _transform(self, chunk, encoding, callback):
            """Turn one chunk into output: the hook of write()."""
            raise MethodNotImplementedError("_transform()")

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> object:
        before = self._rs.length

        def transformed(error: BaseException | None = None, data: Any = None) -> None:
            if error is not None:
                callback(error)
                return
            if data is not None:
                self.push(data)
            self._finish_write(before, callback)

        return self._transform(chunk, encoding, transformed)

    def _finish_write(self, before: int, callback: Callable[..., None]) -> None:
        """Call back for a write when there is room for what the next one gives; `before` was buffered before it."""
        reading = self._rs
        if reading.ended:
            # Node: what the end of reading brings comes first.
            self._tick(callback)
        elif before == reading.length or reading.length < reading.high_water_mark or self._ws.ended:
            callback()
        else:
            self._held_callback = callback

    def _read(self, size: int) -> object:
        callback, self._held_callback = self._held_callback, None
        if callback is not None:
            callback()
        return None

    if TYPE_CHECKING:

        def _final(self, *args: Any, **kwargs: Any) -> object: ...

    else:

        def _final(self, callback):
            self._finish_output(callback)

    def _on_prefinish(self) -> None:
        # A subclass or an option has a `_final` of its own: the output ends after it.
        if getattr(self._final, "__func__", None) is not Transform._final:
            self._finish_output(None)

    def _finish_output(self, callback: Callable[..., None] | None) -> None:
        def flushed(error: BaseException | None = None, data: Any = None) -> None:
            if error is not None:
                if callback is not None:
                    callback(error)
                else:
                    self.destroy(error)
                return
            if data is not None:
                self.push(data)
            self.push(None)
            if callback is not None:
                callback()

        if self._flush is not None and not any_state(self).destroyed:
            self._flush(flushed)
        else:
            flushed()


class PassThrough(Transform):
    """A Transform that lets everything through. Node: `stream.PassThrough`.

    Args:
        **options: those of Duplex.

    Events: those of Duplex.
    """

    __slots__ = ()

    def __init__(self, **options: Unpack[DuplexOptions]) -> None:
        super().__init__(**options)

    # To a type checker it is Transform's: a subclass may have either form.
    if not TYPE_CHECKING:

        def _transform(self, chunk, encoding, callback):
            callback(None, chunk)

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> object:
        if getattr(self._transform, "__func__", None) is not PassThrough._transform:
            return super()._write(chunk, encoding, callback)
        before = self._rs.length
        self.push(chunk)
        self._finish_write(before, callback)
        return None
