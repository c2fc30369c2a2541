"""A Duplex in front of other streams: what is written to it goes to one, what is read from it comes from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.errors import AbortError
from sockstream.stream.duplex import Duplex
from sockstream.stream.finishing import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream.base import Stream
    from sockstream.stream.readable import Readable
    from sockstream.stream.writable import Writable

    _Callback = Callable[[BaseException | None], object]

__all__ = ["Facade", "destroy_unfinished", "join"]


class Facade(Duplex):
    """The two sides of other streams as one stream, with their modes.

    Args:
        head: what is written to.
        tail: what is read from.
        behind: what is destroyed along with it.
        readable: whether there is something to read from the tail.
        writable: whether the head can be written to.
    """

    __slots__ = ("_behind", "_head", "_is_over", "_is_starved", "_on_drain", "_on_finish", "_on_over", "_tail")

    def __init__(
        self, head: Any, tail: Any, behind: tuple[Stream, ...], *, readable: bool = True, writable: bool = True
    ) -> None:
        self._head: Writable | None = head if writable else None
        self._tail: Readable | None = tail if readable else None
        self._behind = behind
        # The callbacks of a write that waits for the head's 'drain', of `_final` and of `_destroy`.
        self._on_drain: _Callback | None = None
        self._on_finish: _Callback | None = None
        self._on_over: _Callback | None = None
        # `_read` found nothing: the tail's next 'readable' is to be read.
        self._is_starved = False
        # What stands behind has come to its end.
        self._is_over = False
        super().__init__(
            readable=self._tail is not None,
            writable=self._head is not None,
            readable_object_mode=getattr(tail, "readable_object_mode", False),
            writable_object_mode=self._head is not None and self._head.writable_object_mode,
        )
        if self._head is not None:
            self._head.on("drain", self._drained)
        if self._tail is not None:
            self._tail.on("readable", self._tail_is_readable)
            self._tail.on("end", self._tail_has_ended)

    def _write(self, chunk: Any, encoding: str, callback: _Callback) -> None:
        assert self._head is not None
        if self._head.write(chunk, encoding):
            callback(None)
        else:
            self._on_drain = callback

    def _drained(self) -> None:
        callback, self._on_drain = self._on_drain, None
        if callback is not None:
            callback(None)

    def _final(self, callback: _Callback) -> None:
        assert self._head is not None
        self._on_finish = callback
        self._head.end()

    def finish(self, *_: object) -> None:
        """Say that what was written has arrived."""
        callback, self._on_finish = self._on_finish, None
        if callback is not None:
            callback(None)

    def _read(self, size: int) -> None:
        assert self._tail is not None
        self._is_starved = False
        while True:
            chunk = self._tail.read()
            if chunk is None:
                self._is_starved = True
                return
            if not self.push(chunk):
                return

    def _tail_is_readable(self) -> None:
        if self._is_starved:
            self._read(0)

    def _tail_has_ended(self) -> None:
        self.push(None)

    def over(self, error: BaseException | None) -> None:
        """Say that what stands behind has come to its end, well or badly."""
        self._is_over = True
        callback, self._on_over = self._on_over, None
        if callback is not None:
            callback(error)
        elif error is not None:
            self.destroy(error)
        elif not self._rs.readable and not self._ws.writable:
            self.destroy()

    def _destroy(self, error: BaseException | None, callback: _Callback) -> None:
        if error is None and not self._is_over:
            error = AbortError()
        self._is_starved = False
        self._on_drain = self._on_finish = None
        for stream in self._behind:
            destroy_unfinished(stream, error)
        if self._is_over:
            callback(error)
        else:
            self._on_over = callback


def destroy_unfinished(stream: Any, error: BaseException | None) -> None:
    """Destroy a stream that still runs: with the error or, if it has not come to its end, an AbortError."""
    if stream.destroyed:
        return
    reading, writing = getattr(stream, "_rs", None), getattr(stream, "_ws", None)
    is_finished = (reading is None or reading.end_emitted) and (writing is None or writing.finished)
    stream.destroy(error or (None if is_finished else AbortError()))


def join(head: Writable | None, tail: Readable | None) -> Facade:
    """Return a Duplex made of two streams that have nothing to do with each other, or of one.

    Args:
        head: what is written to.
        tail: what is read from.
    """
    running: list[Stream] = [stream for stream in (head, tail) if stream is not None]
    facade = Facade(head, tail, tuple(running))

    def watch(stream: Stream, *, readable: bool, writable: bool) -> None:
        def ended(error: BaseException | None) -> None:
            running.remove(stream)
            if error is not None or not running:
                facade.over(error)

        finished(stream, ended, readable=readable, writable=writable)

    if head is not None:
        head.on("finish", facade.finish)
        watch(head, readable=False, writable=True)
    if tail is not None:
        watch(tail, readable=True, writable=False)
    return facade
