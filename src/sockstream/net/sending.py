"""Parts of a file that go to a socket inside the kernel: `sendfile`.

To the socket's stream a part is a chunk that was written.  When the kernel takes no more, there is one more chunk, of
the size that a file stream would have read: it is in flight as any other, and waits in the file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sockstream.net import moving
from sockstream.net.handles.diverting import DivertibleHandle
from sockstream.net.handles.outflows import FiledOutflow, is_of_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net.handle_stream import HandleStream

__all__ = ["FileSink", "file_sink"]


def file_sink(stream: HandleStream) -> FileSink | None:
    """Return what takes parts of files for a socket; None if there can be none now."""
    handle = stream._handle
    if moving.mode == "off" or not stream._is_plain_destination or not isinstance(handle, DivertibleHandle):
        return None
    return FileSink(stream, handle)


class FileSink:
    """Takes parts of files for the connection that a socket has now."""

    __slots__ = ("_descriptor", "_handle", "_stream")

    def __init__(self, stream: HandleStream, handle: DivertibleHandle) -> None:
        self._stream = stream
        self._handle = handle
        self._descriptor = handle.fileno()

    def can_take(self) -> bool:
        """Return whether nothing is before a chunk that is written now, and nobody could see it."""
        stream, handle = self._stream, self._handle
        state = stream._ws
        return (
            stream._handle is handle
            and not (state.writing or state.corked or state.ending or handle.busy or handle.is_lost())
            and state.errored is None
            and moving.DESTINATION_HOOKS.isdisjoint(stream.__dict__)
        )

    def take(
        self, file: int, position: int | None, size: int, chunk: int, on_short: Callable[[int], object]
    ) -> int | None:
        """Write a part of a file.

        Args:
            file: the file's descriptor.
            position: where the part begins; None: where the descriptor stands, which moves.
            size: how long the part is; the file has that much.
            chunk: how much of it may be in flight.
            on_short: called later with how many of the bytes that were in flight the file had no more.

        Returns:
            How much was written, what is in flight included: then the stream needs a drain as after `write`.  0 at the
            end of the file; None where it cannot be written so.
        """
        try:
            sent = os.sendfile(self._descriptor, file, position, size)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            if is_of_file(error):
                return None
            self._handle.fail(error, "write")
            return self._fly(min(size, chunk))
        else:
            if not sent:
                return 0
        stream = self._stream
        stream._bytes_dispatched += sent
        if stream._idle is not None:
            stream._idle.touch()
        if sent < size:  # there is no more room
            place = None if position is None else position + sent
            sent += self._wait(file, place, min(size - sent, chunk), on_short)
        return sent or None

    def _fly(self, size: int) -> int:
        self._stream._bytes_dispatched += size
        self._stream._note_activity()
        self._stream._leave_in_flight(self._handle, size)
        return size

    def _wait(self, file: int, position: int | None, size: int, on_short: Callable[[int], object]) -> int:
        """Leave a chunk in flight that is in the file yet."""
        stream = self._stream

        def cut_short(missing: int) -> None:
            stream._bytes_dispatched -= missing
            on_short(missing)

        place = os.lseek(file, 0, os.SEEK_CUR) if position is None else position
        try:
            outflow = FiledOutflow(self._descriptor, file, place, size, cut_short)
        except OSError:  # no descriptor is left
            return 0
        self._handle.hold(outflow)
        if position is None:
            os.lseek(file, size, os.SEEK_CUR)
        return self._fly(size)
