"""The mode a Readable is in: flowing, paused, or neither yet; who listens to what decides it.

Flowing, it reads by itself, and what it reads goes to the `'data'` listeners.  A `'readable'` listener rules that out:
it is told that there is something to read.  Either waits for a tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream.readable_properties import ReadableProperties

if TYPE_CHECKING:
    from typing import Any, Self

__all__ = ["ReadingModes"]


class ReadingModes(ReadableProperties):
    """How the readable side enters and leaves its modes, and what it does in them."""

    __slots__ = ()

    if TYPE_CHECKING:

        def read(self, size: int | None = None) -> Any: ...

    def _listener_added(self, name: str) -> None:
        """Enter the mode that the listener asks for: `'data'` wants flowing, `'readable'` rules it out."""
        state = self._rs
        if name == "data":
            state.data_listening = True
            # Node: one that has just gone counts until its tick.
            state.readable_listening = state.readable_listening or "readable" in self._events
            # Node: an explicit pause() stays.
            if state.flowing is not False:
                self.resume()
        elif name == "readable" and not state.end_emitted and not state.readable_listening:
            state.readable_listening = state.need_readable = True
            state.flowing = False
            state.emitted_readable = False
            if state.length:
                self._emit_readable_soon()
            elif not state.reading:
                self._tick(self.read, 0)

    def _listeners_changed(self, name: str, *, removed: bool) -> None:
        if removed and name == "readable":
            self._tick(self._update_readable_listening)
        elif removed and name == "data" and "data" not in self._events:
            self._rs.data_listening = False

    def _listener_missing(self, name: str) -> None:
        # Node: the mode is chosen anew all the same.
        self._listeners_changed(name, removed=True)

    def remove_all_listeners(self, name: str | None = None) -> Self:
        """Remove every listener of one event, or of all. Node: `readable.removeAllListeners`."""
        if "readable" not in self._events and (name is None or name == "readable"):
            # Node: the mode is chosen anew even if there was none.
            self._tick(self._update_readable_listening)
        listening = self._rs.data_listening
        super().remove_all_listeners(name)
        # Node: what comes now still goes to listeners at once, of which there are none.
        self._rs.data_listening = listening
        return self

    def _update_readable_listening(self) -> None:
        state = self._rs
        state.readable_listening = "readable" in self._events
        if state.resume_scheduled and state.paused is False:
            state.flowing = True
        elif state.data_listening:
            self.resume()
        elif not state.readable_listening:
            state.flowing = None

    def resume(self) -> Self:
        """Enter flowing mode: chunks go to the `'data'` listeners, or to nobody.

        Returns:
            The stream.

        Events: `'resume'` on the next tick. With a `'readable'` listener it does nothing. Node: `readable.resume`.
        """
        state = self._rs
        if not state.flowing:
            state.flowing = not state.readable_listening
            if not state.resume_scheduled:
                state.resume_scheduled = True
                self._tick(self._resume)
        state.paused = False
        return self

    def _resume(self) -> None:
        state = self._rs
        if not state.reading:
            self.read(0)
        state.resume_scheduled = False
        self.emit("resume")
        self._flow()
        if state.flowing and not state.reading:
            self.read(0)

    def pause(self) -> Self:
        """Leave flowing mode: chunks stay in the buffer, and at its mark the source stops.

        Returns:
            The stream.

        Events: `'pause'`. Node: `readable.pause`.
        """
        state = self._rs
        if state.flowing is not False:
            state.flowing = False
            self.emit("pause")
        state.paused = True
        return self

    def is_paused(self) -> bool:
        """Return whether pause() was called last. Node: `readable.isPaused`."""
        return self._rs.paused is True or self._rs.flowing is False

    # -- what they do -------------------------------------------------------------------------------------------------

    def _emit_readable_soon(self) -> None:
        state = self._rs
        state.need_readable = False
        if not state.emitted_readable:
            state.emitted_readable = True
            self._tick(self._emit_readable)

    def _emit_readable(self) -> None:
        state = self._rs
        if not state.destroyed and state.errored is None and (state.length or state.ended):
            self.emit("readable")
            state.emitted_readable = False
        if not state.flowing and not state.ended and state.length <= state.high_water_mark:
            state.need_readable = True
        self._flow()

    def _flow(self) -> None:
        state = self._rs
        while state.flowing:
            if state.is_waiting():  # all that read() would do
                state.emitted_readable = False
                state.need_readable = True
                return
            if self.read() is None:
                return
