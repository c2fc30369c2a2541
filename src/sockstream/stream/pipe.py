"""pipe and unpipe: a Readable's chunks go to one or more Writables, at the pace of the slowest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sockstream.errors import InvalidArgTypeError
from sockstream.stream.destroy import error_or_destroy, readable_state, writable_state

if TYPE_CHECKING:
    from sockstream.stream.readable import Readable
    from sockstream.stream.writable import Writable

    _WritableT = TypeVar("_WritableT", bound=Writable)

__all__ = ["pipe", "unpipe"]


class _Pipe:
    """One connection of a source to a destination: its listeners, and how they come off again."""

    __slots__ = ("destination", "end", "has_drain_listener", "is_clean", "large_chunks", "source")

    def __init__(self, source: Readable, destination: Writable, *, end: bool) -> None:
        self.source = source
        self.destination = destination
        # The source's end ends the destination.
        self.end = end
        # 'drain' is listened to from the first refusal on.
        self.has_drain_listener = False
        # The listeners are off.
        self.is_clean = False
        # For a source that need not look at the chunks: how many large ones it has counted.
        self.large_chunks = 0

    def connect(self) -> None:
        source, destination = self.source, self.destination
        source._rs.multi_await_drain = bool(source._rs.pipes)
        source._rs.pipes = (*source._rs.pipes, self)
        on_end = self.on_end if self.end else self.on_source_end
        if source._rs.end_emitted:
            source._tick(on_end)
        else:
            source.once("end", on_end)
        destination.on("unpipe", self.on_unpipe)
        source.on("data", self.on_data)
        destination.prepend_listener("error", self.on_error)
        destination.once("close", self.on_close)
        destination.once("finish", self.on_finish)
        destination.emit("pipe", source)
        if destination.writable_need_drain:
            self.pause()
        elif not source._rs.flowing:
            source.resume()
        source._pipe_added()

    def on_data(self, chunk: Any) -> None:
        if self.destination.write(chunk) is False:
            self.pause()

    def pause(self) -> None:
        if not self.is_clean:
            self.await_drain()
            self.source.pause()
        if not self.has_drain_listener:
            self.has_drain_listener = True
            self.destination.on("drain", self.on_drain)

    def await_drain(self) -> None:
        state = self.source._rs
        if self not in state.pipes:
            return  # it is being taken off: nobody would hear that it has drained
        if len(state.pipes) == 1:
            # Who else was waited for has gone.
            state.await_drain_writers = frozenset()
            state.multi_await_drain = False
        state.await_drain_writers |= {self.destination}

    def on_drain(self) -> None:
        state = self.source._rs
        state.await_drain_writers -= {self.destination}
        if not state.await_drain_writers and state.data_listening:
            self.source.resume()

    def on_end(self) -> None:
        self.destination.end()

    def on_source_end(self) -> None:
        self.source.unpipe(self.destination)

    def on_error(self, error: BaseException) -> None:
        destination = self.destination
        self.source.unpipe(destination)
        destination.off("error", self.on_error)
        if destination.listener_count("error"):
            return
        state = writable_state(destination) or readable_state(destination)
        if state is not None and not state.error_emitted:
            # The event did not come from the stream's own failing.
            error_or_destroy(destination, error)
        else:
            destination._error_unheard(error)

    def on_close(self, *_: object) -> None:
        self.destination.off("finish", self.on_finish)
        self.source.unpipe(self.destination)

    def on_finish(self) -> None:
        self.destination.off("close", self.on_close)
        self.source.unpipe(self.destination)

    def on_unpipe(self, source: Readable) -> None:
        if source is self.source and self not in source._rs.pipes:
            self.clean_up()

    def clean_up(self) -> None:
        source, destination = self.source, self.destination
        self.is_clean = True
        destination.off("close", self.on_close)
        destination.off("finish", self.on_finish)
        if self.has_drain_listener:
            destination.off("drain", self.on_drain)
        destination.off("error", self.on_error)
        destination.off("unpipe", self.on_unpipe)
        source.off("end", self.on_end if self.end else self.on_source_end)
        source.off("data", self.on_data)
        # Others that share the source must not wait for a destination that is gone.
        if self.has_drain_listener and (source._rs.await_drain_writers or source._rs.multi_await_drain):
            state = writable_state(destination)
            if state is None or state.need_drain:
                self.on_drain()


def pipe(source: Readable, destination: _WritableT, *, end: bool) -> _WritableT:
    """Connect a source to a destination."""
    if not hasattr(destination, "write") or not hasattr(destination, "prepend_listener"):
        raise InvalidArgTypeError("destination", "a Writable stream", destination)
    _Pipe(source, destination, end=end).connect()
    return destination


def unpipe(source: Readable, destination: Writable | None = None) -> None:
    """Take one destination off its source, or all."""
    pipes = source._rs.pipes
    gone = [each for each in pipes if destination is None or each.destination is destination]
    if destination is not None:
        # The same destination twice comes off one by one.
        del gone[1:]
    if not gone:
        return
    source._rs.pipes = tuple(each for each in pipes if each not in gone)
    if not source._rs.pipes:
        source.pause()
    for each in gone:
        # Node: the pipe hears of it as anybody else does, in its turn.
        each.destination.emit("unpipe", source)
