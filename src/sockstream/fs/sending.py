"""A file that is piped to a sink that takes its bytes from the descriptor: they do not come into the program.

It stands for the reading of the next chunk: the stream has asked for one and waits, and part after part of the file is
sent, each in a turn of the loop of its own, until somebody wants to see the next chunk or the sink has had enough.  As
long as a part is in the kernel's cache that takes no time, so it is done on the loop's thread, without the way to
another thread and back that a read takes.  A part that is not there is read as ever, in the executor, and the kernel is
told to fetch what comes after it.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Final

from sockstream.fs.in_memory import is_in_memory

if TYPE_CHECKING:
    from sockstream.fs.read_stream import ReadStream

__all__ = ["FileSender"]

# What is sent in one turn of the loop: other connections want theirs.
_PART: Final = 1 << 20
# How much of the file is looked for in the cache at a time.
_STRETCH: Final = 4 << 20
_CAN_ASK_CACHE: Final = hasattr(os, "preadv") and hasattr(os, "RWF_NOWAIT")

# What a chunk goes through: a subclass or a user may have put something of their own in there.
_HOOKS: Final = frozenset({"_read", "emit", "push", "read"})


class FileSender:
    """Sends a file stream's bytes to what it is piped to."""

    __slots__ = ("_cached_to", "_is_sendable", "_sink", "_sink_of", "_stream")

    def __init__(self, stream: ReadStream) -> None:
        self._stream = stream
        # Whether the file and the stream's class are such that it can be sent; None: nobody has looked.
        self._is_sendable: bool | None = None if _CAN_ASK_CACHE else False
        # What takes the file's parts for the pipe's destination, and that.
        self._sink: Any = None
        self._sink_of: Any = None
        # Up to where the file was in the cache.
        self._cached_to = 0

    # -- whether ------------------------------------------------------------------------------------------------------

    def can_send(self) -> bool:
        """Return whether nobody would see the next chunk but a pipe whose destination takes it from the file."""
        stream, state = self._stream, self._stream._rs
        if self._is_sendable is False or state.flowing is not True or len(state.pipes) != 1:
            return False
        pipe = state.pipes[0]
        return (
            stream._events.get("data") == (pipe.on_data,)
            and not state.length
            and not state.await_drain_writers
            and state.decoder is None
            and _HOOKS.isdisjoint(stream.__dict__)
            and (self._is_sendable or self._look())
            and self._has_sink(pipe.destination)
        )

    def _look(self) -> bool:
        """See what kind of file it is."""
        from sockstream.fs.read_stream import ReadStream  # it stands on this module

        about = os.fstat(self._descriptor)
        # What has no size (`/proc`) is made as it is read.
        is_file = stat.S_ISREG(about.st_mode) and about.st_size > 0
        of_class = type(self._stream)
        self._is_sendable = is_file and all(getattr(of_class, name) is getattr(ReadStream, name) for name in _HOOKS)
        return self._is_sendable

    def _has_sink(self, destination: Any) -> bool:
        """Return whether the destination takes a part now."""
        if self._sink is None or self._sink_of is not destination:
            make_sink = getattr(destination, "_file_sink", None)
            self._sink = None if make_sink is None else make_sink()
            self._sink_of = destination
        if self._sink is None:
            return False
        if self._sink.can_take():
            return True
        self._sink = None  # it may have another connection
        return False

    @property
    def _descriptor(self) -> int:
        descriptor = self._stream.fd
        assert descriptor is not None
        return descriptor

    # -- sending ------------------------------------------------------------------------------------------------------

    def send_soon(self, size: int) -> None:
        """Send the next part when the callback that runs now is over; or else read `size` bytes."""
        self._stream._tick(self._send, size)

    def _send_next(self, size: int) -> None:
        """Send the next part in the next turn of the loop."""
        runtime = self._stream._file.runtime
        runtime.ref()
        runtime.loop.call_soon(self._turn, size)

    def _turn(self, size: int) -> None:
        runtime = self._stream._file.runtime
        try:
            runtime.enter(self._stream, self._send, size)
        finally:
            runtime.unref()

    def _send(self, size: int) -> None:
        stream = self._stream
        if stream.destroyed:
            return
        if not self.can_send():
            stream._read_chunk(size)
            return
        position = stream._position
        if position is None:
            position = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        part = self._part_at(position)
        if part is None:
            stream._read_chunk(size, fetch=self._is_sendable is not False)
            return
        pipe = stream._rs.pipes[0]
        sent = self._sink.take(self._descriptor, stream._position, part, size, self._cut_short)
        if sent is None:
            stream._read_chunk(size)
        elif not sent:
            stream._on_read(None, b"")
        else:
            stream._count(sent)
            stream._rs.data_emitted = True
            if pipe.destination._ws.need_drain:
                # The stream asks again when it flows again.
                stream._rs.reading = False
                pipe.pause()
            else:
                self._go_on(size)

    def _go_on(self, size: int) -> None:
        size = self._stream._left(size)
        if size > 0:
            self._send_next(size)
        else:
            self._stream._on_read(None, b"")

    def _cut_short(self, missing: int) -> None:
        self._stream.bytes_read -= missing

    def _part_at(self, position: int) -> int | None:
        """Return how long the next part is; None if it would have to be waited for.

        At the end of the file it is a byte: it may have grown since.
        """
        part = self._stream._left(_PART)
        if position + part <= self._cached_to:
            return part
        stretch = min(self._stream._left(_STRETCH), os.fstat(self._descriptor).st_size - position)
        if stretch <= 0:
            return 1
        byte = bytearray(1)
        try:
            # There is no asking for all of it: but what is read in order is fetched and dropped in order.
            for place in range(position, position + stretch - 1, _PART):
                os.preadv(self._descriptor, [byte], place, os.RWF_NOWAIT)
            os.preadv(self._descriptor, [byte], position + stretch - 1, os.RWF_NOWAIT)
        except BlockingIOError:
            return None
        except OSError:  # this kind of file system does not tell
            if not is_in_memory(self._descriptor):
                self._is_sendable = False
                return None
        self._cached_to = position + stretch
        return min(part, stretch)
