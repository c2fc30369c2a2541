"""Asyncio's readers and writers as streams: connections of other libraries, and the pipes of subprocesses.

Reading has one `reader.read` in flight, and only while the stream's buffer has room: a source that nobody reads from
stops at the reader's own limit.  Writing sets the transport's high-water mark to 0, so that `drain` waits until the
kernel has taken all: that is what completes a write, and why `'finish'` means that nothing is left behind.
"""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING, Any, overload

from sockstream.errors import InvalidArgTypeError, system_error
from sockstream.loop import current
from sockstream.stream.duplex import Duplex
from sockstream.stream.readable import Readable
from sockstream.stream.state import get_default_high_water_mark
from sockstream.stream.writable import Writable

if TYPE_CHECKING:
    from typing import Unpack

    from sockstream.stream.bridges.options import BothOptions, ReadOptions, WriteOptions
    from sockstream.stream.state import BufferedWrite

__all__ = ["from_asyncio"]


@overload
def from_asyncio(reader: asyncio.StreamReader, /, **options: Unpack[ReadOptions]) -> Readable: ...
@overload
def from_asyncio(writer: asyncio.StreamWriter, /, **options: Unpack[WriteOptions]) -> Writable: ...
@overload
def from_asyncio(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, /, **options: Unpack[BothOptions]
) -> Duplex: ...
def from_asyncio(*ends: Any, **options: Any) -> Any:
    """Make a stream of a reader or a writer of asyncio's streams, or of both.

    The pipes of a subprocess are such: `proc.stdout` is a reader, `proc.stdin` a writer. From now on they are the
    stream's: nobody else should read from the one, or write to the other. A reader that was read from before gives what
    is left.

    A writer is closed with its stream: after `'finish'`, or broken off when the stream is destroyed before. A reader
    alone has nothing that could be closed: destroying its stream ends the reading and leaves its connection, or the
    process at the other end, to you. Where the transport cannot be closed in one direction only (TLS), `end()` closes
    it.

    Args:
        *ends: a reader, a writer, or a reader and a writer.
        **options: those of the class: `high_water_mark`, `encoding`, `default_encoding`, `emit_close`, `signal`; of a
            Duplex also `allow_half_open`, `readable_high_water_mark` and `writable_high_water_mark`.

    Returns:
        A Readable of a reader, a Writable of a writer, a Duplex of both.

    Raises:
        InvalidArgTypeError: neither a reader nor a writer; a subprocess has None for a pipe that was not asked for.

    Events:
        error (error): reading or writing failed, with Node's `code` (`'EPIPE'`, `'ECONNRESET'`) where the system said
            so.

    Example:
        A command's output to a socket::

            proc = await asyncio.create_subprocess_exec("ls", stdout=asyncio.subprocess.PIPE)
            stream.from_asyncio(proc.stdout).pipe(socket)
    """
    if not 1 <= len(ends) <= 2:
        raise TypeError(f"from_asyncio() takes a reader, a writer, or both: {len(ends)} arguments were given")
    if len(ends) == 2:
        _check("reader", ends[0], asyncio.StreamReader)
        _check("writer", ends[1], asyncio.StreamWriter)
        return _AsyncioDuplex(*ends, **options)
    if isinstance(ends[0], asyncio.StreamWriter):
        return _AsyncioWritable(ends[0], **options)
    _check("reader", ends[0], asyncio.StreamReader, " or an asyncio.StreamWriter")
    return _AsyncioReadable(ends[0], **options)


def _check(name: str, value: object, kind: type, alternative: str = "") -> None:
    if not isinstance(value, kind):
        pipe = ' (a subprocess has one where it was started with "PIPE")' if value is None else ""
        raise InvalidArgTypeError(name, f"an asyncio.{kind.__name__}{alternative}{pipe}", value)


def _as_system_error(error: OSError, syscall: str, *, is_pipe: bool = False) -> OSError:
    """Give an error of the system Node's code and text."""
    if is_pipe and error.errno is None and isinstance(error, ConnectionResetError):
        # What asyncio says of every connection that is gone; a pipe knows no reset.
        made = system_error(errno.EPIPE, syscall)
        made.__cause__ = error
        return made
    return system_error(error, syscall)


class _Reading(Readable):
    """The readable side."""

    __slots__ = ()

    _reader: asyncio.StreamReader

    async def _read(self, size: int) -> None:
        try:
            # Asked for nothing, a reader says that it is at its end.
            data = await self._reader.read(size or get_default_high_water_mark(False))
        except OSError as error:
            raise _as_system_error(error, "read") from error
        self.push(data or None)


class _Writing(Writable):
    """The writable side, and the transport, which it owns."""

    __slots__ = ()

    _writer: asyncio.StreamWriter

    def _take_writer(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        if not writer.is_closing():
            writer.transport.set_write_buffer_limits(0)
        current().resources.add(self)

    async def _write(self, chunk: bytes, encoding: str) -> None:
        await self._write_all([chunk])

    async def _write_together(self, chunks: list[BufferedWrite]) -> None:
        await self._write_all([each.chunk for each in chunks])

    async def _write_all(self, chunks: list[bytes]) -> None:
        writer = self._writer
        try:
            if writer.is_closing():
                # What is written to a lost transport is lost without a word.
                raise system_error(errno.EPIPE, "write")
            writer.writelines(chunks)
            await writer.drain()
        except OSError as error:
            raise _as_system_error(error, "write", is_pipe=writer.get_extra_info("pipe") is not None) from error

    async def _end_writer(self) -> None:
        writer = self._writer
        if writer.is_closing():
            return
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()

    async def _destroy(self, error: BaseException | None) -> None:
        transport = self._writer.transport
        try:
            if error is None and (self._ws.finished or not self._ws.writable):
                transport.close()
            elif not transport.is_closing() or transport.get_write_buffer_size():
                # Not one that is lost: asyncio's pipes cannot take that.
                transport.abort()
            await self._writer.wait_closed()
        except OSError:
            pass  # whom it concerns has heard of it: the reader, or a write
        finally:
            current().resources.discard(self)

    def _close_now(self) -> None:
        self.destroy()


class _AsyncioReadable(_Reading):
    """What `from_asyncio(reader)` makes."""

    def __init__(self, reader: asyncio.StreamReader, **options: Any) -> None:
        self._reader = reader
        super().__init__(**options)


class _AsyncioWritable(_Writing):
    """What `from_asyncio(writer)` makes."""

    def __init__(self, writer: asyncio.StreamWriter, **options: Any) -> None:
        super().__init__(writev=self._write_together, final=self._end_writer, **options)
        self._take_writer(writer)


class _AsyncioDuplex(_Reading, _Writing, Duplex):
    """What `from_asyncio(reader, writer)` makes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, **options: Any) -> None:
        self._reader = reader
        Duplex.__init__(self, writev=self._write_together, final=self._end_writer, **options)
        self._take_writer(writer)
