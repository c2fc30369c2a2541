"""What can be asked of a Writable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream.base import Stream

if TYPE_CHECKING:
    from sockstream.stream.state import WritableState

__all__ = ["WritableProperties"]


class WritableProperties(Stream):
    """The properties of the writable side."""

    __slots__ = ()

    _ws: WritableState

    @property
    def writable(self) -> bool:
        """Whether write() may be called: not ended, not destroyed, not failed. Node: `writable.writable`."""
        state = self._ws
        return state.writable and not state.destroyed and state.errored is None and not state.ending

    @property
    def writable_length(self) -> int:
        """What waits, the write in flight included: bytes or objects. Node: `writable.writableLength`."""
        return self._ws.length

    @property
    def writable_high_water_mark(self) -> int:
        """How much may wait before write() returns False. Node: `writable.writableHighWaterMark`."""
        return self._ws.high_water_mark

    @property
    def writable_need_drain(self) -> bool:
        """Whether `'drain'` is owed. Node: `writable.writableNeedDrain`."""
        state = self._ws
        return not state.destroyed and not state.ending and state.need_drain

    @property
    def writable_ended(self) -> bool:
        """Whether end() was called. Node: `writable.writableEnded`."""
        return self._ws.ending

    @property
    def writable_finished(self) -> bool:
        """Whether all was written after end(), just before `'finish'`. Node: `writable.writableFinished`."""
        return self._ws.finished

    @property
    def writable_corked(self) -> int:
        """How many uncork() calls it takes to write on. Node: `writable.writableCorked`."""
        return self._ws.corked

    @property
    def writable_object_mode(self) -> bool:
        """Whether chunks are objects. Node: `writable.writableObjectMode`."""
        return self._ws.object_mode

    @property
    def writable_aborted(self) -> bool:
        """Whether the stream was destroyed or failed before `'finish'`. Node: `writable.writableAborted`."""
        state = self._ws
        return state.writable and (state.destroyed or state.errored is not None) and not state.finished
