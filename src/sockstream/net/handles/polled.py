"""A connection whose bytes this module moves itself, between the socket and its owner: the handle where there is epoll.

The poller reports edges: an event comes when something changes, not for as long as it is so.  So a handle that is not
reading notes that there is something to read, and one that reads goes on until the kernel has no more: a chunk shorter
than what was asked for says so, unless the peer has hung up, which is then still to be read.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, Final

from sockstream.net.handles.descriptors import descriptor_freed, starved
from sockstream.net.handles.diverting import DivertibleHandle
from sockstream.net.handles.kernel import LINGER_ZERO
from sockstream.net.handles.poller import GONE, READABLE, WRITABLE, acquire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.loop import Runtime
    from sockstream.net.handles.base import BufferOwner, HandleOwner
    from sockstream.net.handles.kernel import PeerName

__all__ = ["PolledHandle"]

_READ_SIZE: Final = 262_144
# How much one connection is read before the others have their turn.
_TURN: Final = 1_048_576
# IOV_MAX on Linux: more buffers than this the kernel does not take at once.
_MOST_BUFFERS: Final = 1024


def _raise_mmap_threshold() -> None:
    """Free one large block, so that glibc stops mapping each smaller one anew.

    Every read allocates `_READ_SIZE`.  Until something larger was freed, malloc serves that with mmap and munmap, at
    several times the cost of the read itself.
    """
    bytearray(4 << 20)


_raise_mmap_threshold()


class PolledHandle(DivertibleHandle):
    """A TCP or Unix connection; what a `Poller` reports to."""

    __slots__ = (
        "_buffer_owner",
        "_descriptor",
        "_eof_told",
        "_failed_call",
        "_failure",
        "_held",
        "_hung_up",
        "_is_closed",
        "_owner",
        "_poller",
        "_sink",
        "_unsent",
        "_watched",
    )

    def __init__(
        self, runtime: Runtime, sock: socket.socket, *, no_delay: bool = False, peer_name: PeerName | None = None
    ) -> None:
        """Take a connected socket, which the handle closes; nothing is read before `read_start`.

        Args:
            runtime: of the running loop.
            sock: the socket.
            no_delay: whether Nagle's algorithm is off.
            peer_name: the peer's address as `accept` gave it, or None.

        Raises:
            OSError: the loop can watch nothing more; the socket is the caller's still.
        """
        self._poller = acquire(runtime.loop)
        super().__init__(runtime, sock, peer_name)
        sock.setblocking(False)
        self._descriptor = sock.fileno()
        # The same while a chunk may be sent at once; -1 while others wait before it, and when it is too late.
        self._sink = self._descriptor
        self._owner: HandleOwner | None = None
        # The owner while it reads and an edge can bring it nothing but chunks: the hot path asks for no more than this.
        self._taker = None
        # It wants the bytes in buffers of its own.
        self._buffer_owner: BufferOwner | None = None
        # What the poller was asked for; None while it does not know this handle. One that has just been connected is
        # watched already, for what nobody waits for any more.
        self._watched = 0 if self._poller.take_over(sock.fileno(), self) else None
        # There may be something to read that no event will tell of.
        self._is_readable = False
        # What goes on beside it.
        self.diversion = None
        self.outflow = None
        # The poller has said that no data will follow what is there.
        self._hung_up = False
        self._eof_told = False
        # Why the connection is dead, and what found that out.
        self._failure: OSError | None = None
        self._failed_call: str | None = None
        # What the owner has put back.
        self._held: list[bytes] | None = None
        # What the kernel has not taken.
        self._unsent: list[bytes | memoryview] | None = None
        self._is_closed = False
        self.reading = False
        self.busy = False
        if no_delay:
            with contextlib.suppress(OSError):  # the peer has reset the connection already: reading will tell
                self.set_no_delay(True)

    def attach(self, owner: HandleOwner) -> None:
        self._owner = owner
        if self._taker is not None:
            self._taker = owner
        if self._failure is not None:
            self._report_loss_soon()

    def is_lost(self) -> bool:
        """Tell whether the connection is dead, by itself or because it was closed."""
        return self._failure is not None or self._is_closed

    # -- events -------------------------------------------------------------------------------------------------------

    def ready(self, events: int, /) -> None:
        """Take an edge from the poller.

        Bytes are read from and written to the descriptor itself: a third cheaper than through the socket object.
        """
        taker = self._taker
        if taker is None or events != READABLE:
            self._take_edge(events)
            return
        try:
            chunk = os.read(self._descriptor, _READ_SIZE)
        except OSError as error:
            self._read_failed(error)
            return
        size = len(chunk)
        if size == _READ_SIZE:
            self._is_readable = True
            taker.handle_data(chunk)
            self._read(size)
        elif size:
            taker.handle_data(chunk)
        else:
            self._report_eof()

    def _take_edge(self, events: int) -> None:
        if events & GONE:
            self._hung_up = True
            self._taker = None
        if events != WRITABLE:
            if self.reading and self._held is None:
                self._read()
            else:
                self._note_unread()
        if events & (WRITABLE | GONE):  # nothing is left where reading has found it dead
            if self._unsent is not None:
                self._flush()
            elif self.outflow is not None:
                self._flow_out()

    def _note_unread(self) -> None:
        """Remember that there is something to read, and hear of no more."""
        self._is_readable = True
        if self._watched is not None and self._watched & READABLE:
            self._watch(self._watched & ~READABLE)

    def _watch(self, events: int) -> None:
        assert self._socket is not None
        descriptor = self._socket.fileno()
        try:
            if self._watched is None:
                self._poller.watch(descriptor, self, events)
            else:
                self._poller.change(descriptor, events)
        except OSError as error:
            self._lose(error, None)
            self._report_loss_soon()
        else:
            self._watched = events

    # -- reading ------------------------------------------------------------------------------------------------------

    def read_start(self) -> None:
        if self.reading or self._eof_told or self.is_lost():
            return
        self.reading = True
        if self._held is not None:
            self._runtime.loop.call_soon(self._deliver_held)
        else:
            self._read_on()

    def read_stop(self) -> None:
        self.reading = False
        self._taker = None

    def read_into(self, owner: BufferOwner) -> None:
        self._buffer_owner = owner
        self._taker = None

    def put_back(self, chunk: bytes) -> None:
        self._held = [chunk, *(self._held or ())]
        self._taker = None

    def _deliver_held(self) -> None:
        while self._held and self.reading and self._owner is not None:
            self._owner.handle_data(self._held.pop(0))
        if not self._held:
            self._held = None
            if self.reading and not self.is_lost():
                self._read_on()

    def _read_on(self) -> None:
        """Have the poller tell anew of what is there, if no event is sure to come."""
        if self.reading and self._buffer_owner is None and self.diversion is None and not self._hung_up:
            self._taker = self._owner
        watched = self._watched or 0
        if self._is_readable or self._hung_up or not watched & READABLE:
            self._watch(watched | READABLE)
            self._is_readable = False

    def _read(self, taken: int = 0) -> None:
        """Read until there is no more, or others are to have their turn; so much was taken in this one already."""
        if self.diversion is not None:
            self.diversion.read()
            return
        if self._buffer_owner is not None:
            self._fill(self._buffer_owner)
            return
        while self.reading:
            try:
                chunk = os.read(self._descriptor, _READ_SIZE)
            except OSError as error:
                self._read_failed(error)
                return
            size = len(chunk)
            if not size:
                self._report_eof()
                return
            self._is_readable = size == _READ_SIZE or self._hung_up
            self._owner.handle_data(chunk)  # type: ignore[union-attr]  # nor is there one without an owner
            if not self._is_readable:
                return
            taken += size
            if size < _READ_SIZE or taken >= _TURN:  # libuv: the end comes in a turn of its own
                self._read_on()
                return

    def _fill(self, owner: BufferOwner) -> None:
        """Read into the owner's buffers."""
        taken = 0
        while self.reading:
            buffer = owner.get_buffer(_READ_SIZE)
            try:
                size = self._socket.recv_into(buffer)  # type: ignore[union-attr]  # one that reads has a socket
            except OSError as error:
                self._read_failed(error)
                return
            if not size:
                self._report_eof()
                return
            self._is_readable = self._hung_up or size == len(buffer)
            owner.buffer_updated(size)
            if not self._is_readable:
                return
            taken += size
            if size < len(buffer) or taken >= _TURN:
                self._read_on()
                return

    def _read_failed(self, error: OSError) -> None:
        if isinstance(error, BlockingIOError):
            self._is_readable = False
        else:
            self._lose(error, "read")
            self._report_loss()

    def _report_eof(self) -> None:
        self.read_stop()
        self._eof_told = True
        owner = self._owner
        if owner is not None:
            self._runtime.enter(owner, owner.handle_eof)

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(self, chunk: bytes) -> bool:
        """Take bytes to send; return True when the kernel has them all."""
        descriptor = self._sink
        if descriptor < 0:
            if self._unsent is not None:
                self._unsent.append(chunk)
            return False
        try:
            sent = os.write(descriptor, chunk)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._lose(error, "write")
            self._report_loss_soon()
            return False
        if sent == len(chunk):
            return True
        self._keep([memoryview(chunk)[sent:]])
        return False

    def writelines(self, chunks: Sequence[bytes]) -> None:
        """Take several chunks to send."""
        if self._unsent is not None:
            self._unsent.extend(chunks)
        elif not self.is_lost():
            rest = self._send([chunk for chunk in chunks if chunk])
            if self.is_lost():
                self._report_loss_soon()
            elif rest:
                self._keep(rest)

    def _keep(self, rest: list[bytes | memoryview]) -> None:
        """Hold what the kernel has not taken until it has room."""
        self._unsent = rest
        self._sink = -1
        self.busy = True
        watched = self._watched or 0
        if not watched & WRITABLE:
            self._watch(watched | WRITABLE)

    def _send(self, chunks: list[bytes | memoryview]) -> list[bytes | memoryview]:
        """Give the kernel what it takes; return the rest."""
        assert self._socket is not None
        while chunks:
            batch = chunks[:_MOST_BUFFERS]
            try:
                sent = self._socket.sendmsg(batch) if len(batch) > 1 else self._socket.send(batch[0])
            except BlockingIOError:
                return chunks
            except OSError as error:
                self._lose(error, "write")
                return chunks
            count = 0
            for chunk in batch:
                if sent < len(chunk):
                    return [memoryview(chunk)[sent:], *chunks[count + 1 :]]
                sent -= len(chunk)
                count += 1
            del chunks[:count]
        return chunks

    def _flush(self) -> None:
        assert self._unsent is not None
        rest = self._send(self._unsent)
        if self.is_lost():
            self._report_loss()
            return
        if rest:
            self._unsent = rest
            return
        self._unsent = None
        self._sink = self._descriptor
        self._report_drained()

    @property
    def unsent(self) -> int:
        waiting = sum(map(len, self._unsent or ()))
        return waiting if self.outflow is None else waiting + self.outflow.unsent

    def shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        if not self.is_lost():  # else handle_lost is on its way
            # libuv: the end goes out as its callback is called, before any more is read.
            self._runtime.tick_last(self._owner, self._shut_down, callback)

    def _shut_down(self, callback: Callable[[OSError | None], object]) -> None:
        if self._socket is None or self.is_lost():
            return
        failure: OSError | None = None
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            failure = error
        callback(failure)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _lose(self, error: OSError, call: str | None) -> None:
        self._failure, self._failed_call = error, call
        self._unsent = None
        self._sink = -1
        if self.diversion is not None or self.outflow is not None:
            self._let_go()
        self._forget()

    def _report_loss_soon(self) -> None:
        self._runtime.loop.call_soon(self._report_loss)

    def _report_loss(self) -> None:
        if self._owner is not None and not self._is_closed:
            self._runtime.enter(self._owner, self._owner.handle_lost, self._failure, self._failed_call)

    def _forget(self) -> None:
        if self._watched is not None:
            self._watched = None
            self._poller.forget(self.fileno(), self)

    def close(self, callback: Callable[[], object]) -> None:
        self.read_stop()
        self._is_closed = True
        self._unsent = None
        self._sink = -1
        if self.diversion is not None or self.outflow is not None:
            self._let_go()
        self._forget()
        self._runtime.loop.call_soon(self._release, callback)

    def _release(self, callback: Callable[[], object]) -> None:
        # Not before the callback is due: a peer that sees the end and connects again is not to be ahead of it.
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._poller.release()
            if starved:
                descriptor_freed(self._runtime.loop)
        self._owner = self._buffer_owner = None
        self._runtime.enter(None, callback)

    def reset(self, callback: Callable[[], object]) -> None:
        if self._socket is not None and self.is_tcp and self._failure is None:
            with contextlib.suppress(OSError):  # reset by the peer already
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        self.close(callback)

    def get_extra_info(self, name: str) -> object:
        if self._socket is None:
            return None
        if name == "socket":
            return self._socket
        with contextlib.suppress(OSError):
            if name == "sockname":
                return self._socket.getsockname()
            if name == "peername":
                return self._peer_name or self._socket.getpeername()
        return None
