"""What can be asked of a Readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.stream.base import Stream

if TYPE_CHECKING:
    from sockstream.stream.state import ReadableState

__all__ = ["ReadableProperties"]


class ReadableProperties(Stream):
    """The properties of the readable side."""

    __slots__ = ()

    _rs: ReadableState

    @property
    def readable(self) -> bool:
        """Whether read() may still give something: not ended, not destroyed, not failed. Node: `readable.readable`."""
        state = self._rs
        return state.readable and not state.destroyed and not state.error_emitted and not state.end_emitted

    @property
    def readable_flowing(self) -> bool | None:
        """None before anybody asked for data, then whether the stream flows. Node: `readable.readableFlowing`."""
        return self._rs.flowing

    @property
    def readable_ended(self) -> bool:
        """Whether `'end'` was emitted. Node: `readable.readableEnded`."""
        return self._rs.end_emitted

    @property
    def readable_length(self) -> int:
        """What waits in the buffer: bytes, characters or objects. Node: `readable.readableLength`."""
        return self._rs.length

    @property
    def readable_high_water_mark(self) -> int:
        """How much is buffered before push() returns False. Node: `readable.readableHighWaterMark`."""
        return self._rs.high_water_mark

    @property
    def readable_encoding(self) -> str | None:
        """The encoding that chunks are decoded with, or None. Node: `readable.readableEncoding`."""
        return self._rs.encoding

    @property
    def readable_object_mode(self) -> bool:
        """Whether chunks are objects. Node: `readable.readableObjectMode`."""
        return self._rs.object_mode

    @property
    def readable_did_read(self) -> bool:
        """Whether any data was read or emitted. Node: `readable.readableDidRead`."""
        return self._rs.data_emitted

    @property
    def readable_aborted(self) -> bool:
        """Whether the stream was destroyed or failed before `'end'`. Node: `readable.readableAborted`."""
        state = self._rs
        return state.readable and (state.destroyed or state.errored is not None) and not state.end_emitted
