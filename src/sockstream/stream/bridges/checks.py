"""What the bridges ask of the streams they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sockstream.errors import InvalidArgValueError

if TYPE_CHECKING:
    from sockstream.stream.state import ReadableState

__all__ = ["MUST_GIVE_BYTES", "check_gives_bytes"]

MUST_GIVE_BYTES: Final = "must give bytes: without object mode and without an encoding"


def check_gives_bytes(stream: object, reading: ReadableState) -> None:
    """Raise unless what is read from a stream is bytes."""
    if reading.object_mode or reading.encoding is not None:
        raise InvalidArgValueError("stream", stream, MUST_GIVE_BYTES)
