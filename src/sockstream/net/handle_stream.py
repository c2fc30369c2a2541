"""A Duplex whose source and sink is a handle: what `Socket` is made of, without its public face.

Reading: `_read` starts the handle, what it brings is pushed, and a full buffer stops it.  Writing: one write is in
flight at a time; it is over when the kernel has taken all of it.  What is asked for while there is no connection yet (a
write, the end, a read) waits in a slot of its own and is done when there is one.

It is a long file: reading, writing, ending and what they count share one state, and the two fast paths go through it.

As in libuv, what keeps `run` alive is not the socket but its activity: connecting, a write or shutdown under way,
closing, and reading if it was not unref'ed.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.errors import (
    SocketClosedBeforeConnectionError,
    SocketClosedError,
    SystemCallError,
    ended_by_peer,
    system_error,
)
from sockstream.loop import current
from sockstream.net import moving
from sockstream.net.addresses import AddressInfo
from sockstream.net.sending import file_sink
from sockstream.stream.duplex import Duplex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from sockstream.loop import Runtime
    from sockstream.net.connecting import Connecting
    from sockstream.net.handles.base import Handle
    from sockstream.net.idle import IdleTimer
    from sockstream.net.on_read import BufferReader
    from sockstream.net.server import Server
    from sockstream.stream.state import BufferedWrite

    WriteCallback = Callable[..., None]
    UserCallback = Callable[[BaseException | None], object]

__all__ = ["HandleStream"]

_logger = logging.getLogger("sockstream")


class HandleStream(Duplex):
    """A Duplex over a handle; the handle's owner."""

    __slots__ = (
        "_bytes_dispatched",
        "_bytes_read",
        "_connecting",
        "_failing_write",
        "_final_waiting",
        "_handle",
        "_has_closed",
        "_has_ended_for_peer",
        "_holds_reference",
        "_idle",
        "_is_closing",
        "_is_read_waiting",
        "_is_refed",
        "_is_resetting",
        "_is_shutting_down",
        "_last_handle",
        "_lost_in_write",
        "_reader",
        "_ready_handle",
        "_remote",
        "_runtime",
        "_unheard",
        "_unsent_before",
        "_write_done",
        "_write_waiting",
        "server",
    )

    # What takes parts of files for it, in the kernel.
    _file_sink = file_sink
    # Whether the class leaves alone what a chunk goes through that is moved in the kernel: see `moving`.
    _is_plain_source = True
    _is_plain_destination = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep a subclass that overrides what the fast paths leave out off them."""
        super().__init_subclass__(**kwargs)
        cls._is_plain_source = _has_the_same(cls, moving.SOURCE_HOOKS)
        cls._is_plain_destination = _has_the_same(cls, moving.DESTINATION_HOOKS)
        if cls.push is not HandleStream.push or cls.emit is not HandleStream.emit:
            cls.handle_data = HandleStream._receive_slowly  # type: ignore[method-assign]
        if cls.write is HandleStream.write and (
            cls._write is not HandleStream._write or cls._write_checked is not HandleStream._write_checked
        ):
            cls.write = Duplex.write  # type: ignore[method-assign]

    def __init__(self, runtime: Runtime | None, **options: Any) -> None:
        """Make one without a connection.

        Args:
            runtime: of the running loop; None to look for it.
            **options: those of Duplex.
        """
        self._runtime: Runtime = runtime or current()
        # None while there is no connection.
        self._handle: Handle | None = None
        # The same while a chunk may go straight to it: set by a write that finds nothing in its way, and taken away by
        # whatever puts something there (a write that stays in flight, cork, end, destroy).
        self._ready_handle: Handle | None = None
        # There while connect() is under way.
        self._connecting: Connecting | None = None
        # The server that accepted it.
        self.server: Server | None = None
        # There with `onread`: the handle's owner in the socket's place.
        self._reader: BufferReader | None = None
        # There while a timeout is set.
        self._idle: IdleTimer | None = None
        self._bytes_read = 0
        # What the handle was given; what waits in the stream is not in it.
        self._bytes_dispatched = 0
        # The callback of the write in flight.
        self._write_done: WriteCallback | None = None
        # How much of that the kernel had not taken when the idle timer last looked.
        self._unsent_before = 0
        # The connection died in the write in flight, not in a read.
        self._lost_in_write = False
        # What waits for a connection: a write, the end, a read.
        self._write_waiting: tuple[list[bytes], WriteCallback] | None = None
        self._final_waiting: WriteCallback | None = None
        # A write whose connection never came, while 'close' is told.
        self._failing_write: WriteCallback | None = None
        self._is_read_waiting = False
        # 'end' is out and the other side was ended with it: writing on is an error of its own.
        self._has_ended_for_peer = False
        self._is_shutting_down = False
        # The next destroy() is to reset the connection.
        self._is_resetting = False
        # The handle was closed and has not said that it is.
        self._is_closing = False
        # 'close' is out.
        self._has_closed = False
        # Asked for once, the peer's address stays known.
        self._remote: AddressInfo | None = None
        # An accepted socket's that it has no more: what a listener raises later is logged with the peer's address.
        self._last_handle: Handle | None = None
        self._is_refed = True
        self._holds_reference = False
        # The last error nobody listened to, if it has been dealt with.
        self._unheard: BaseException | None = None
        # Node: a socket emits 'close' itself, with an argument.
        super().__init__(emit_close=False, **options)

    # -- the connection -----------------------------------------------------------------------------------------------

    def _take_handle(self, handle: Handle) -> None:
        self._handle = handle
        self._runtime.resources.add(self)
        if self._reader is None:
            handle.attach(self)
        else:
            handle.attach(self._reader)
            handle.read_into(self._reader)

    def _do_what_waited(self) -> None:
        """Do what was asked for before there was a connection."""
        self._write_what_waited()
        self._end_what_waited()
        if self._is_read_waiting and self._handle is not None:
            self._is_read_waiting = False
            self._read(0)

    # Node: these two are listeners of 'connect', which come after those that were there before them.

    def _write_what_waited(self) -> None:
        if self._write_waiting is None:
            return
        (chunks, callback), self._write_waiting = self._write_waiting, None
        if self._handle is None:  # destroyed by a listener of 'connect'
            callback(SocketClosedError())
        else:
            self._dispatch(chunks, callback)

    def _end_what_waited(self) -> None:
        if self._final_waiting is not None and self._handle is not None:
            final, self._final_waiting = self._final_waiting, None
            self._final(final)

    def _tick(self, callback: Callable[..., object], *args: Any) -> None:
        runtime = self._runtime
        runtime.ticks.append((self, callback, args))
        if not runtime.inside:
            runtime.reschedule()

    def _note_activity(self) -> None:
        if self._idle is not None:
            self._idle.touch()

    def _extra_info(self, name: str) -> object:
        """Answer for the transport that `stream.to_asyncio` makes of this stream."""
        return None if self._handle is None else self._handle.get_extra_info(name)

    def _peer(self) -> AddressInfo | None:
        if self._remote is None and self._handle is not None:
            remote = self._handle.remote_address
            if isinstance(remote, AddressInfo):
                self._remote = remote
        return self._remote

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self, size: int) -> None:
        handle = self._handle
        if handle is None:
            self._is_read_waiting = True
        elif not handle.reading:
            handle.read_start()
            self._update_reference()

    def pause(self) -> Self:
        """Leave flowing mode; see Readable.pause. Node: `socket.pause`."""
        if self._reader is not None:  # nothing is buffered that could stop the source
            self._stop_reading()
        return super().pause()

    def resume(self) -> Self:
        """Enter flowing mode; see Readable.resume. Node: `socket.resume`."""
        if self._reader is not None and self._handle is not None:
            self._read(0)
        return super().resume()

    def _stop_reading(self) -> None:
        """Let nothing more into the buffer of `onread` until the next `_read`."""
        self._rs.reading = False
        if self._handle is not None:
            self._handle.read_stop()
            self._update_reference()

    def handle_data(self, chunk: bytes, /) -> None:
        """Take bytes from the handle: an entry of its own, and the two fast paths of reading.

        With nothing buffered and nothing to decode, a chunk goes to the 'data' listeners of a flowing socket at once,
        or into the buffer with a word to the one async iterator that waits for it.  That is all that `_received` and
        its ticks would come to; `reading` stays set, as if the next `_read` had come already.
        """
        runtime, state = self._runtime, self._rs
        if state.length or state.decoder is not None or runtime.inside or runtime.ticks:
            runtime.enter(self, self._received, chunk)
            return
        size = len(chunk)
        if state.flowing and not state.await_drain_writers and "data" in self._events:
            self._bytes_read += size
            if self._idle is not None:
                self._idle.touch()
            state.data_emitted = True
            runtime.inside = True
            try:
                for listener in self._events["data"]:
                    result = listener(chunk)
                    if result is not True and result is not None and result is not False:
                        self._own(result, "data", chunk)
            except BaseException as error:
                runtime.fail_entry(self, error)
            if size >= moving.large_read and state.pipes:
                moving.consider(self)
            if runtime.ticks:
                runtime.leave()
            else:
                runtime.inside = False
        elif (
            (waiter := state.taker) is not None
            and not waiter.done()
            and size < state.high_water_mark
            and len(self._events["readable"]) == 1
        ):
            self._bytes_read += size
            if self._idle is not None:
                self._idle.touch()
            state.append(chunk)
            state.length = size
            waiter.set_result(None)
        else:
            runtime.enter(self, self._received, chunk)

    def _own(self, result: object, event: str, *args: Any) -> None:
        """Run what a coroutine listener returned."""
        if isinstance(result, Coroutine):
            self._runtime.spawn(self, event, args, result)

    def _receive_slowly(self, chunk: bytes, /) -> None:
        """Stand in for `handle_data` where a subclass wants to see each chunk."""
        self._runtime.enter(self, self._received, chunk)

    def _received(self, chunk: bytes) -> None:
        self._bytes_read += len(chunk)
        if self._idle is not None:
            self._idle.touch()
        if not self.push(chunk) and self._handle is not None:
            self._handle.read_stop()
            self._update_reference()
        if len(chunk) >= moving.large_read and self._rs.pipes:
            moving.consider(self)

    def _pipe_added(self) -> None:
        if not moving.large_read:
            moving.consider(self)

    def handle_eof(self) -> None:
        """Take the peer's end from the handle."""
        self._note_activity()
        self._update_reference()
        self.push(None)
        # Nothing may be left to read: then the end is now.
        self.read(0)

    def _after_end(self) -> None:
        if not self.allow_half_open:
            self._has_ended_for_peer = True
        super()._after_end()

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(
        self, data: Any, encoding: str | UserCallback | None = None, callback: UserCallback | None = None
    ) -> bool:
        """Write a chunk; see Writable.write. Node: `socket.write`."""
        handle = self._ready_handle or self._find_ready()
        if handle is None or type(data) is not bytes or encoding is not None or callback is not None or not data:
            self._ready_handle = None
            return super().write(data, encoding, callback)
        # The fast path of writing: open, nothing before it, nobody to call back. A general write that the kernel takes
        # at once leaves no more behind than this does.
        self._bytes_dispatched += len(data)
        if self._idle is not None:
            self._idle.touch()
        return (
            handle.write(data) is True
            or not (handle.busy or handle.is_lost())
            or self._leave_in_flight(handle, len(data))
        )

    def _find_ready(self) -> Handle | None:
        """Return the handle if a chunk may go straight to it."""
        state = self._ws
        if not (state.length or state.writing or state.corked or state.ending or state.errored is not None):
            self._ready_handle = self._handle
        return self._ready_handle

    def cork(self) -> None:
        """Hold back all writes; see Writable.cork. Node: `socket.cork`."""
        self._ready_handle = None
        super().cork()

    def _leave_in_flight(self, handle: Handle, size: int) -> bool:
        """Go over to the general path with a write that the kernel did not take at once; return whether to go on."""
        self._ready_handle = None
        state = self._ws
        state.length = size
        state.pending_callbacks += 1
        self._hand_over(size, None)
        state.sync = False
        self._wait_for_kernel(handle, self._on_write)
        state.need_drain = size >= state.high_water_mark
        return not state.need_drain

    def _write_checked(self, data: Any, encoding: str | None, callback: Any) -> Any:
        if self._has_ended_for_peer and self._ws.ending:
            # Node: what is written after the peer's end, which was ours too, breaks like a pipe.
            error = ended_by_peer()
            if callback is not None:
                self._tick(callback, error)
            self.destroy(error)
            return error
        return super()._write_checked(data, encoding, callback)

    def end(
        self, data: Any = None, encoding: str | UserCallback | None = None, callback: UserCallback | None = None
    ) -> Self:
        """End the socket, perhaps with a last chunk; see Writable.end. Node: `socket.end`."""
        self._ready_handle = None
        if not self._has_ended_for_peer:
            return super().end(data, encoding, callback)
        # Node: with a last chunk that is too late, it fails as any stream does, not as write() does.
        self._has_ended_for_peer = False
        try:
            return super().end(data, encoding, callback)
        finally:
            self._has_ended_for_peer = True

    def _write(self, chunk: bytes, encoding: str, callback: WriteCallback) -> None:
        handle = self._handle
        if handle is None:
            self._write_without_handle([chunk], callback)
            return
        self._bytes_dispatched += len(chunk)
        if self._idle is not None:
            self._idle.touch()
        if handle.write(chunk) is not True and (handle.busy or handle.is_lost()):
            self._wait_for_kernel(handle, callback)
        else:
            callback()

    def _writev(self, chunks: list[BufferedWrite], callback: WriteCallback) -> None:
        data = [request.chunk for request in chunks]
        if self._handle is None:
            self._write_without_handle(data, callback)
        else:
            self._dispatch(data, callback)

    def _dispatch(self, chunks: list[bytes], callback: WriteCallback) -> None:
        handle = self._handle
        assert handle is not None
        self._bytes_dispatched += sum(map(len, chunks))
        self._note_activity()
        handle.writelines(chunks)
        if handle.busy or handle.is_lost():
            self._wait_for_kernel(handle, callback)
        else:
            callback()

    def _write_without_handle(self, chunks: list[bytes], callback: WriteCallback) -> None:
        if self._connecting is None:
            callback(SocketClosedError())
        else:
            self._write_waiting = (chunks, callback)
            self.once("connect", self._write_what_waited)

    def _wait_for_kernel(self, handle: Handle, callback: WriteCallback) -> None:
        self._write_done = callback
        self._lost_in_write = handle.is_lost()
        self._unsent_before = handle.unsent
        self._update_reference()

    def handle_drained(self) -> None:
        """Complete the write in flight: the kernel has taken all of it."""
        done, self._write_done = self._write_done, None
        self._note_activity()
        self._update_reference()
        if done is not None:
            done()

    def _final(self, callback: WriteCallback) -> None:
        if self._handle is None:
            self._final_waiting = callback
            self.once("connect", self._end_what_waited)
            return
        self._is_shutting_down = True
        self._update_reference()
        self._handle.shutdown(partial(self._shut_down, callback))

    def _shut_down(self, callback: WriteCallback, error: OSError | None) -> None:
        self._is_shutting_down = False
        self._update_reference()
        if error is None or error.errno == errno.ENOTCONN:  # Node: the peer has closed already, and so what
            callback()
        else:
            callback(system_error(error, "shutdown"))

    # -- the end ------------------------------------------------------------------------------------------------------

    def handle_lost(self, error: OSError | None, call: str | None = None) -> None:
        """Take the death of the connection from the handle, with the system call that found it if that is known."""
        if error is None:
            self.destroy()
            return
        syscall = call or self._failed_call(error)
        failure = system_error(error, syscall)
        done = self._write_done
        if syscall == "write" and done is not None:
            self._write_done = None
            done(failure)
        self.destroy(failure)

    def _failed_call(self, error: OSError) -> str:
        """Say what the connection died of: a transport does not tell."""
        if self._lost_in_write or error.errno == errno.EPIPE:
            return "write"
        if self._write_done is not None and self._handle is not None and not self._handle.reading:
            return "write"
        return "read"

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        connecting, self._connecting = self._connecting, None
        handle, self._handle = self._handle, None
        self._ready_handle = None
        if self._idle is not None:  # Node: connecting again does not start it again
            self._idle.stop()
            self._idle = None
        if self.server is not None and handle is not None:
            self._last_handle = handle
        self._is_closing = handle is not None or connecting is not None
        if self._is_closing:  # Node: it is the handle that was unref'ed
            self._is_refed = True
        self._update_reference()
        if connecting is not None:
            connecting.cancel()
            self._runtime.loop.call_soon(self._released, error is not None)
        elif handle is not None:
            (handle.reset if self._is_resetting else handle.close)(partial(self._released, error is not None))
        self._is_resetting = False
        callback(error)
        if not self._is_closing:
            self._tick(self._emit_close, False)
        if self.server is not None:
            self.server._connection_closing(self)

    def _released(self, had_error: bool) -> None:
        """The handle has let go of the connection."""
        self._runtime.enter(self, self._emit_close, had_error)

    def _emit_close(self, had_error: bool) -> None:
        self._is_closing = False
        # Else it was told to connect again before this.
        if self._connecting is None and self._handle is None:
            self._has_closed = True
            self._runtime.resources.discard(self)
        self._update_reference()
        done, self._write_done = self._write_done, None
        if self._write_waiting is not None:
            (_, self._failing_write), self._write_waiting = self._write_waiting, None
        if "connect" in self._events:
            self.off("connect", self._write_what_waited).off("connect", self._end_what_waited)
        if done is not None:
            done()  # Node: the write that was cut off is over, and its callback hears of no error
        try:
            self.emit("close", had_error)
        finally:
            self._fail_waiting_write()

    def _fail_waiting_write(self) -> None:
        failing, self._failing_write = self._failing_write, None
        if failing is not None:
            failing(SocketClosedBeforeConnectionError())

    def _close_now(self) -> None:
        """Close at once: `run` was interrupted."""
        self.destroy()

    def _fail_unheard(self, error: BaseException) -> None:
        if error is self._unheard:
            return
        self._unheard = error
        if self.server is None:
            self._runtime.fail(error)
            return
        handle = self._handle or self._last_handle
        peer = None if handle is None else handle.remote_address
        _logger.error(
            "connection from %s: %s",
            f"{peer.address}:{peer.port}" if isinstance(peer, AddressInfo) else "a Unix socket",
            error,
            # What the network did needs no traceback; what a listener did does.
            exc_info=None if isinstance(error, SystemCallError) else error,
        )

    # -- references ---------------------------------------------------------------------------------------------------

    def ref(self) -> Self:
        """Let the socket keep `sockstream.run` alive while it reads, as it does at first. Node: `socket.ref`."""
        self._is_refed = True
        self._update_reference()
        return self

    def unref(self) -> Self:
        """Let `sockstream.run` return though the socket reads; it counts for one connection, this or the next one.

        Connecting, and a write or an end that is under way, keep it alive all the same. Node: `socket.unref`.
        """
        self._is_refed = False
        self._update_reference()
        return self

    def _update_reference(self) -> None:
        """Hold a reference while `run` is to be kept alive: by what is under way (libuv's requests), or by reading."""
        handle, connecting = self._handle, self._connecting
        wanted = (
            self._is_closing  # libuv: a handle that is being closed counts as well
            or (connecting is not None and not connecting.waits_for_user)
            or (
                handle is not None
                and (
                    (connecting is None and (self._is_shutting_down or self._write_done is not None))
                    or (self._is_refed and handle.reading)
                )
            )
        )
        if wanted != self._holds_reference:
            self._holds_reference = wanted
            if wanted:
                self._runtime.references += 1
            else:
                self._runtime.unref()


def _has_the_same(cls: type[HandleStream], names: Iterable[str]) -> bool:
    return all(getattr(cls, name) is getattr(HandleStream, name) for name in names)
