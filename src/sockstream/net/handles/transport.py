"""A connection over an asyncio transport: aiofastnet's where it is installed, the loop's own otherwise.

How one comes to life.  Transports are made in a task.  Reading starts on its own just after `connection_made`, whatever
was paused inside it, so readiness is settled after that: `_settle` reports the handle to whoever asked for it and
pauses reading if nobody has asked for that.  It is queued right behind what the transport queues as it is made: a loop
may look for I/O before it comes to anything later (uvloop does), and would read what is not to be read yet.  A handle
may be written to, shut and closed before that: it keeps what it is told and catches up.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Any

from sockstream.net.handles import hangups
from sockstream.net.handles.begun import Begun
from sockstream.net.handles.descriptors import descriptor_freed, starved
from sockstream.net.handles.kernel import LINGER_ZERO, KernelHandle

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from sockstream.loop import Runtime
    from sockstream.net.handles.base import BufferOwner, HandleOwner
    from sockstream.net.handles.kernel import PeerName

__all__ = ["TransportHandle"]

# aiofastnet's maker of transports; None where it is not installed: the loop's own serve as well.
_make_fast_transport: Callable[..., Coroutine[Any, Any, object]] | None = None
try:
    from aiofastnet import connect_accepted_socket
except ImportError:
    pass
else:
    _make_fast_transport = connect_accepted_socket


def _raise_mmap_threshold() -> None:
    """Free one large block, so that glibc stops mapping each smaller one anew.

    A transport allocates 256 KiB for every read.  Until something larger was freed, malloc serves that with mmap and
    munmap, at several times the cost of the read itself.
    """
    bytes(4 << 20)  # unlike a bytearray it is never written to: no page of it is touched


_raise_mmap_threshold()


def _drop(_: object) -> None:
    """Take bytes that nobody can have any more."""


class TransportHandle(KernelHandle, asyncio.BaseProtocol):
    """A TCP or Unix connection; also the protocol of its transport."""

    __slots__ = (
        "_buffer_owner",
        "_early_shutdown",
        "_early_writes",
        "_eof",
        "_eof_told",
        "_gone",
        "_held",
        "_hung_up",
        "_is_draining",
        "_is_reading_on",
        "_lost_with",
        "_no_delay",
        "_on_closed",
        "_on_ready",
        "_owner",
        "_settled",
        "_task",
        "_transport",
        "data_received",
        "is_lost",
        "write",
        "writelines",
    )

    def __init__(
        self, runtime: Runtime, sock: socket.socket, *, no_delay: bool = False, peer_name: PeerName | None = None
    ) -> None:
        """Take a connected socket; nothing happens before `open`.

        Args:
            runtime: of the running loop.
            sock: connected; the handle closes it.
            no_delay: whether Nagle's algorithm is off.
            peer_name: the peer's address as `accept` gave it, or None.
        """
        super().__init__(runtime, sock, peer_name)
        self._transport: Any = None
        self._task: asyncio.Task[None] | None = None
        self._owner: HandleOwner | None = None
        # It wants the bytes in buffers of its own.
        self._buffer_owner: BufferOwner | None = None
        self._no_delay = no_delay
        self._on_ready: Callable[[TransportHandle], object] | None = None
        # Why and whether the connection is gone: an owner that comes later must hear of it.
        self._gone = False
        self._lost_with: OSError | None = None
        # close() was called: what to call then.
        self._on_closed: Callable[[], object] | None = None
        # The peer has ended (asking the transport for more would make it close), and the owner knows.
        self._eof = False
        self._eof_told = False
        # Reading goes by `reading` only after `_settle`.
        self._settled = False
        # Somebody saw the connection die, and a look for what it still has is on its way.
        self._hung_up = False
        self._is_reading_on = False
        # What came, was written or asked for too early.
        self._held: list[bytes] = []
        self._early_writes: list[bytes] = []
        self._early_shutdown: Callable[[OSError | None], object] | None = None
        self.reading = False
        self.busy = False
        # The transport is on the stack: it tells that all it had is written.
        self._is_draining = False
        # The transport's own method once there is a transport.
        self.is_lost: Callable[[], bool] = self._is_gone
        self.data_received: Callable[[bytes], None] = self._hold
        self.write = self._write_early
        self.writelines = self._writelines_early

    # -- coming to life -----------------------------------------------------------------------------------------------

    def open(self, on_ready: Callable[[TransportHandle], object] | None = None) -> None:
        """Make the transport.

        Args:
            on_ready: called with the handle, as an entry, when it is ready (or `lost` already); it attaches an owner.
                Not called when the handle was closed meanwhile.
        """
        self._on_ready = on_ready
        self._task = self._runtime.loop.create_task(self._make_transport())
        self._task.add_done_callback(self._made)

    async def _make_transport(self) -> None:
        loop = self._runtime.loop
        assert self._socket is not None
        making: Coroutine[Any, Any, object]
        if _make_fast_transport is None:
            making = loop.connect_accepted_socket(lambda: _ChunkForwarder(self), self._socket)
        else:
            making = _make_fast_transport(loop, lambda: self, self._socket)
        await Begun(making, lambda: loop.call_soon(self._settle))

    def _made(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if self._transport is None and not self._gone:
            if self._socket is not None:
                self._socket.close()
            self.connection_lost(error if isinstance(error, OSError) else OSError(errno.ECONNABORTED, "no transport"))
            self._report_ready()

    def connection_made(self, transport: Any) -> None:
        """Take the transport (asyncio calls this)."""
        self._transport = transport
        if self._on_closed is not None:
            # Not now: what a transport queues next is to watch its descriptor, even one that is closed by then.
            self._runtime.loop.call_soon(transport.abort)
            return
        transport.set_write_buffer_limits(0)
        self.is_lost = transport.is_closing
        # aiofastnet's bare methods skip the checks of type and thread.
        self.write = getattr(transport, "write_nocheck", transport.write)
        self.writelines = getattr(transport, "writelines_nocheck", transport.writelines)
        if self._socket is not None and self._no_delay != (self._socket.proto == socket.IPPROTO_TCP):
            # A transport switches Nagle's algorithm off where the socket says that it is TCP, which one that was made
            # without a protocol number does not. Node: it is on unless told otherwise.
            self._set_no_delay_quietly()
        if _make_fast_transport is not None and self._socket is not None:
            hangups.watch(self._runtime.loop, self._socket.fileno(), self)
        # A second time, should the transport have been made later than in its maker's first step.
        self._runtime.loop.call_soon(self._settle)

    def _set_no_delay_quietly(self) -> None:
        with contextlib.suppress(OSError):  # the peer has reset the connection already: reading will tell
            super().set_no_delay(self._no_delay)

    def _settle(self) -> None:
        if self._on_closed is not None or self._settled or self._transport is None:
            return
        self._settled = True
        self._maybe_fill_buffers()
        self._report_ready()
        if self._early_writes or self._early_shutdown:
            self._catch_up()
        if not self.reading and not self._gone:
            self._transport.pause_reading()

    def _report_ready(self) -> None:
        if self._on_ready is not None and self._on_closed is None:
            ready, self._on_ready = self._on_ready, None
            self._runtime.enter(None, ready, self)

    def _catch_up(self) -> None:
        """Do what was asked for before there was a transport."""
        chunks, self._early_writes = self._early_writes, []
        self.busy = False
        if chunks:
            self.writelines(chunks)
        if not self.busy and not self.is_lost():
            self.resume_writing()
        if self._early_shutdown is not None:
            callback, self._early_shutdown = self._early_shutdown, None
            self.shutdown(callback)

    def attach(self, owner: HandleOwner) -> None:
        self._owner = owner
        if self._gone:
            self._runtime.loop.call_soon(self._report_loss)
        elif not self._held:
            self.data_received = owner.handle_data

    # -- reading ------------------------------------------------------------------------------------------------------

    def read_start(self) -> None:
        if self.reading or self._eof_told or self._on_closed is not None:
            return
        self.reading = True
        if self._held or self._eof:
            self._runtime.loop.call_soon(self._deliver_held)
        elif self._settled:
            self._resume()

    def read_stop(self) -> None:
        if self.reading:
            self.reading = False
            if self._settled and not self._eof:
                self._transport.pause_reading()

    def read_into(self, owner: BufferOwner) -> None:
        self._buffer_owner = owner
        self._maybe_fill_buffers()

    def _maybe_fill_buffers(self) -> None:
        """Let the transport read into the owner's buffers, unless what was read before is still here."""
        owner = self._buffer_owner
        if owner is not None and self._settled and not self._held and not self._gone:
            self._transport.set_protocol(_Filler(self, owner))

    def _resume(self) -> None:
        self._transport.resume_reading()
        if self._hung_up:
            self._read_on_soon()

    def hang_up(self) -> None:
        """Take the connection's death from who watches for it: the loop may look at the socket no more by itself."""
        self._hung_up = True
        self._read_on_soon()

    def _read_on_soon(self) -> None:
        if not self._is_reading_on:
            self._is_reading_on = True
            self._runtime.loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        """Have the loop look at the socket anew, turn by turn, until what it still has is read: its end or an error."""
        self._is_reading_on = False
        if self.reading and self._settled and not self._eof and not self.is_lost():
            self._transport.pause_reading()
            self._transport.resume_reading()
            self._read_on_soon()

    def put_back(self, chunk: bytes) -> None:
        self._held.insert(0, chunk)
        self.data_received = self._hold

    def _hold(self, chunk: bytes) -> None:
        """Keep what comes before anybody asked for it."""
        self._held.append(chunk)
        if self.reading and len(self._held) == 1:
            self._runtime.loop.call_soon(self._deliver_held)

    def _deliver_held(self) -> None:
        owner = self._owner
        while self.reading and self._held and owner is not None:
            owner.handle_data(self._held.pop(0))
        if self._held or owner is None or self._on_closed is not None:
            return
        self.data_received = owner.handle_data
        self._maybe_fill_buffers()
        if not self.reading:
            return
        if self._eof:
            self._report_eof()
        else:
            self._resume()

    def eof_received(self) -> bool:
        """Take the peer's end (asyncio calls this); the transport stays open for writing."""
        self._eof = True
        if self._socket is not None:
            hangups.forget(self._runtime.loop, self._socket.fileno())
        if self.reading and not self._held:
            self._report_eof()
        return True

    def _report_eof(self) -> None:
        self.reading = False
        if self._owner is not None and not self._eof_told:
            self._eof_told = True
            self._runtime.enter(self._owner, self._owner.handle_eof)

    # -- writing ------------------------------------------------------------------------------------------------------

    def _write_early(self, chunk: bytes) -> None:
        self._early_writes.append(chunk)
        self.busy = True

    def _writelines_early(self, chunks: Sequence[bytes]) -> None:
        self._early_writes.extend(chunks)
        self.busy = True

    def pause_writing(self) -> None:
        """Note that the kernel did not take it all (asyncio calls this)."""
        self.busy = True

    def resume_writing(self) -> None:
        """Report that the kernel has taken it all (asyncio calls this)."""
        self.busy = False
        if self._owner is not None and self._on_closed is None:
            self._is_draining = True
            self._runtime.enter(self._owner, self._owner.handle_drained)
            self._is_draining = False

    def shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        if self.is_lost():
            return  # handle_lost is on its way
        if self._transport is None:
            self._early_shutdown = callback
            return
        # libuv: the end goes out as its callback is called, before any more is read.
        if self._is_draining:  # the transport would end itself once more after this
            self._runtime.loop.call_soon(self._runtime.enter, self._owner, self._shut_down, callback)
        else:
            self._runtime.tick_last(self._owner, self._shut_down, callback)

    def _shut_down(self, callback: Callable[[OSError | None], object]) -> None:
        if self._on_closed is not None or self.is_lost():
            return
        failure: OSError | None = None
        try:
            self._transport.write_eof()
        except OSError as error:
            failure = error
        callback(failure)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _is_gone(self) -> bool:
        return self._gone

    def close(self, callback: Callable[[], object]) -> None:
        self.reading = False
        self._on_closed = callback
        if self._gone:
            self._on_closed = _nothing
            self._runtime.loop.call_soon(self._runtime.enter, None, callback)
        elif self._transport is not None:
            self._transport.abort()
        elif self._task is None:  # never opened
            assert self._socket is not None
            self._socket.close()
            self._runtime.loop.call_soon(self.connection_lost, None)

    def reset(self, callback: Callable[[], object]) -> None:
        if self._socket is not None and self.is_tcp and not self.is_lost():
            with contextlib.suppress(OSError):  # reset by the peer already
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        self.close(callback)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection (asyncio calls this)."""
        if starved:
            descriptor_freed(self._runtime.loop)
        self._gone = True
        self._lost_with = exc if isinstance(exc, OSError) else None
        if self._socket is not None:
            hangups.forget(self._runtime.loop, self._socket.fileno())
        self._socket = None
        # No cycle may be left through the transport's methods or the owner's.
        self.is_lost = _yes
        self.data_received = self.write = self.writelines = _drop
        if self._on_closed is not None:
            callback, self._on_closed = self._on_closed, _nothing
            self._runtime.enter(None, callback)
            self._transport = self._owner = self._buffer_owner = None
        else:
            self._report_loss()

    def _report_loss(self) -> None:
        owner, self._owner, self._transport = self._owner, None, None
        self._buffer_owner = None
        if owner is not None and self._on_closed is None:
            self._runtime.enter(owner, owner.handle_lost, self._lost_with)

    # -- the socket beneath -------------------------------------------------------------------------------------------

    @property
    def unsent(self) -> int:
        if self._transport is None:
            return sum(map(len, self._early_writes))
        size: int = self._transport.get_write_buffer_size()
        return size

    def get_extra_info(self, name: str) -> object:
        return None if self._transport is None else self._transport.get_extra_info(name)

    def set_no_delay(self, no_delay: bool) -> None:
        self._no_delay = no_delay
        super().set_no_delay(no_delay)


def _nothing() -> None:
    """Stand for a callback that was called: nothing of the owner's may be left here."""


def _yes() -> bool:
    return True


class _Forwarder(asyncio.BaseProtocol):
    """A protocol beside the handle, which hands everything on to it."""

    def __init__(self, handle: TransportHandle) -> None:
        self.connection_made = handle.connection_made  # type: ignore[method-assign]
        self.connection_lost = handle.connection_lost  # type: ignore[method-assign]
        self.pause_writing = handle.pause_writing  # type: ignore[method-assign]
        self.resume_writing = handle.resume_writing  # type: ignore[method-assign]
        self.eof_received = handle.eof_received


class _ChunkForwarder(_Forwarder, asyncio.Protocol):
    """The protocol of a transport that looks the protocol's methods up only once."""

    def __init__(self, handle: TransportHandle) -> None:
        super().__init__(handle)
        self._handle = handle

    def data_received(self, data: bytes) -> None:
        self._handle.data_received(data)


class _Filler(_Forwarder, asyncio.BufferedProtocol):
    """The protocol of a transport that reads into its owner's buffers."""

    def __init__(self, handle: TransportHandle, owner: BufferOwner) -> None:
        super().__init__(handle)
        self.get_buffer = owner.get_buffer  # type: ignore[method-assign, assignment]
        self.buffer_updated = owner.buffer_updated  # type: ignore[method-assign, assignment]
