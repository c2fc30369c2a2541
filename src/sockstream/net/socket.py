"""The socket: a TCP or Unix connection as a stream."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any, overload

from sockstream.errors import AbortError, InvalidArgTypeError, InvalidHandleTypeError, SocketClosedError, system_error
from sockstream.net.addresses import AddressInfo
from sockstream.net.bound_socket import BoundSocket
from sockstream.net.checks import check_block_list, check_flag
from sockstream.net.connecting import Connecting
from sockstream.net.handles.polled import PolledHandle
from sockstream.net.socket_events import SocketEvents
from sockstream.net.socket_handle import cannot_be_read, make_handle
from sockstream.net.targets import connect_target
from sockstream.stream.undestroy import undestroy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from sockstream.abort import AbortSignal
    from sockstream.net.block_list import BlockList
    from sockstream.net.handles.base import Handle
    from sockstream.net.on_read import OnRead
    from sockstream.net.options import Adoptable, Port, StrPath, TargetOptions, TcpOptions

__all__ = ["Socket"]


class Socket(SocketEvents):
    """A TCP or Unix connection; both ends of `connect`, and what a server makes. Node: `net.Socket`.

    Args:
        allow_half_open: stay writable when the peer has ended; else the socket ends too.
        block_list: a `BlockList`: addresses that connect() is not to connect to.
        fd: take over this descriptor of a connected socket, or of a pipe.
        handle: take over this connection: a `socket.socket`, an object with an integer `fd`, or a copy of what has a
            `fileno()`. Or a `BoundSocket`: connect() connects once from where it is bound.
        keep_alive: switch TCP keep-alive on.
        keep_alive_initial_delay: seconds of silence before the first probe; under 1: what the system has set.
        no_delay: switch Nagle's algorithm off.
        readable: False for a socket that never reads.
        writable: False for a socket that never writes.
        onread: an `OnRead`: read into buffers and call back instead of delivering chunks.
        signal: destroys the socket when it is aborted.
        type_of_service: mark what is sent with it; see `set_type_of_service`.
        high_water_mark: of both buffers, in bytes; 65,536.

    Attributes:
        server: the server that accepted it, or None.
        auto_select_family_attempted_addresses: the `address:port` pairs that were tried when a name had several; None
            when there was no choice.

    Raises:
        InvalidFdTypeError: the descriptor is neither a stream socket's nor a pipe's.
        SocketHandleAdoptedError: a `BoundSocket` that was taken over before.

    Events:
        lookup (error, address, family, host): the host's name was looked up; once for each address.
        connection_attempt (ip, port, family): an attempt to connect starts.
        connection_attempt_failed (ip, port, family, error): one failed.
        connection_attempt_timeout (ip, port, family): one was given up (`auto_select_family='sequential'`).
        connect (): connected.
        ready (): right after `'connect'`.
        data (chunk): a chunk came, in flowing mode.
        readable (): there is something to `read()`, or the end was reached.
        end (): the peer has ended, and all it sent was read.
        pause (), resume (): flowing mode was left, was entered.
        drain (): write again, after a `write` that returned False.
        finish (): all was written after `end`, and the peer is told.
        pipe (source), unpipe (source): a Readable was connected, was taken off.
        timeout (): nothing happened for as long as `set_timeout` said.
        error (error): it failed; `'close'` follows.
        close (had_error): the socket is closed.
    """

    __slots__ = (
        "_block_list",
        "_bound",
        "auto_select_family_attempted_addresses",
    )

    def __init__(
        self,
        *,
        allow_half_open: bool = False,
        block_list: BlockList | None = None,
        fd: int | None = None,
        handle: Adoptable | None = None,
        keep_alive: bool = False,
        keep_alive_initial_delay: float = 0,
        no_delay: bool = False,
        readable: bool = True,
        writable: bool = True,
        onread: OnRead | None = None,
        signal: AbortSignal | None = None,
        type_of_service: int | None = None,
        high_water_mark: int | None = None,
        pause_on_create: bool = False,
    ) -> None:
        check_flag("allow_half_open", allow_half_open)
        check_flag("readable", readable)
        check_flag("writable", writable)
        self.auto_select_family_attempted_addresses: list[str] | None = None
        # What connect() is not to connect to.
        self._block_list = check_block_list(block_list)
        # What the next connect() connects from.
        self._bound: BoundSocket | None = None
        super().__init__(
            handle._runtime if type(handle) is PolledHandle else None,
            keep_alive=keep_alive,
            keep_alive_initial_delay=keep_alive_initial_delay,
            no_delay=no_delay,
            type_of_service=type_of_service,
            allow_half_open=allow_half_open,
            readable=readable,
            writable=writable,
            signal=signal,
            high_water_mark=high_water_mark,
        )
        if onread is not None:
            from sockstream.net.on_read import BufferReader, OnRead  # few sockets have one

            if not isinstance(onread, OnRead):
                raise InvalidArgTypeError("onread", "an OnRead", onread)
            self._reader = BufferReader(self, onread)
        if isinstance(handle, BoundSocket):
            handle._adopt()
            self._bound = handle
            return
        given = make_handle(self._runtime, fd, handle, no_delay)
        if given is not None:
            if self._reader is not None:
                self._reader.renew()
            self._take_handle(given)
            self._apply_settings()
            if pause_on_create:
                self._rs.flowing = False
            elif readable:
                if self._rs.can_call_read():
                    self._ask_source()
                if cannot_be_read(given):  # Node: known at once
                    self.destroy(system_error(errno.ENOTCONN, "read"))

    def __repr__(self) -> str:
        peer = self._peer()
        shown = "" if peer is None else f" peer={peer.address}:{peer.port}"
        return f"<{type(self).__name__} {self.ready_state}{shown}>"

    # -- connecting ---------------------------------------------------------------------------------------------------

    @overload
    def connect(
        self,
        port: Port,
        host: str | Callable[..., object] | None = None,
        listener: Callable[..., object] | None = None,
        **options: Unpack[TcpOptions],
    ) -> Self: ...
    @overload
    def connect(self, path: StrPath, listener: Callable[..., object] | None = None) -> Self: ...
    @overload
    def connect(self, listener: Callable[..., object] | None = None, **options: Unpack[TargetOptions]) -> Self: ...
    def connect(self, *args: Any, listener: Callable[..., object] | None = None, **options: Any) -> Self:
        """Connect; works again after `'close'`, and does nothing between the abortion of the socket's signal and that.

        The forms are `(port, host, listener)`, `(path, listener)`, where what follows the first may be left out, and
        keyword arguments alone.

        Args:
            *args: one of the forms above. A `str` of digits is a port, any other a path.
            listener: a listener of `'connect'`.
            **options: `port`, `host` (`'localhost'`), `family` (0, 4, 6), `hints`, `local_address`, `local_port`,
                `lookup`, `auto_select_family` (True, False, `'sequential'`), `auto_select_family_attempt_timeout`
                (seconds), or `path`.

        Returns:
            The socket.

        Raises:
            MissingArgsError: neither a port nor a path.
            SocketBadPortError: the port is not in 0 to 65535.
            InvalidArgTypeError, InvalidArgValueError, InvalidIpAddressError: an option that cannot be.

        Events: `'lookup'`, `'connection_attempt'`, then `'connect'` and `'ready'`, or `'error'` and `'close'`. Node:
        `socket.connect`.
        """
        target, listener = connect_target(args, listener, options)
        if isinstance(self._rs.errored, AbortError) and not self._rs.close_emitted:
            return self  # Differs: Node connects all the same
        if self._bound is not None:
            self._bound._narrow(target)
        if listener is not None:
            self.once("connect", listener)
        if self._rs.destroyed:
            # Differs: in Node it is told after 'close', also to a connection that was begun there, which fails by it.
            self._fail_waiting_write()
            undestroy(self)
            self._start_afresh()
        elif self._connecting is not None or self._handle is not None:
            # Node: the kernel is asked, and refuses.
            number = errno.EISCONN if self._connecting is None else errno.EALREADY
            where: dict[str, Any] = (
                {"address": target.path} if target.path else {"address": target.host, "port": target.port}
            )
            self._tick(self.destroy, system_error(number, "connect", **where))
            return self
        if self._reader is not None:
            self._reader.renew()
        self._note_activity()
        self._connecting = Connecting(self._runtime, self, target)
        self._runtime.resources.add(self)
        self._connecting.start()
        self._update_reference()
        return self

    def _start_afresh(self) -> None:
        self._remote = None
        self._bytes_read = self._bytes_dispatched = 0
        self._has_closed = self._has_ended_for_peer = self._lost_in_write = self._is_shutting_down = (
            self._is_resetting
        ) = False
        self._final_waiting = None
        self.auto_select_family_attempted_addresses = None

    def _connected(self, handle: Handle) -> None:
        """Take the connection that connect() has made."""
        self._connecting = None
        self._take_handle(handle)
        self._apply_settings()
        self._note_activity()
        self._update_reference()
        if not self._ws.writable:
            handle.shutdown(lambda _: None)
        self.emit("connect")
        self._do_what_waited()
        self.emit("ready")
        if self._rs.readable and not self.is_paused():
            self.read(0)

    # -- ending -------------------------------------------------------------------------------------------------------

    def destroy_soon(self) -> None:
        """Destroy the socket once all was written. Node: `socket.destroySoon`."""
        if self.writable:
            self.end()
        if self.writable_finished:
            self.destroy()
        else:
            self.once("finish", self.destroy)

    def reset_and_destroy(self) -> Self:
        """Close the connection with a reset: the peer sees `ECONNRESET`.

        While connecting it waits for the connection; without one the socket is destroyed with a SocketClosedError.

        Returns:
            The socket.

        Raises:
            InvalidHandleTypeError: it is no TCP socket.

        Events: `'close'`. Node: `socket.resetAndDestroy`.
        """
        if self._connecting is not None:
            self.once("connect", self._reset)
        elif self._handle is None:
            self.destroy(SocketClosedError())
        elif not self._handle.is_tcp:
            raise InvalidHandleTypeError
        else:
            self._reset()
        return self

    def _reset(self) -> None:
        self._is_resetting = True
        self.destroy()

    def _destroy(self, error: BaseException | None, callback: Callable[..., None]) -> None:
        bound, self._bound = self._bound, None
        if bound is not None:  # closed if it never came to connecting
            bound._let_go()
        super()._destroy(error, callback)

    # -- what can be asked --------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """Return the connection's descriptor, -1 when there is none."""
        return -1 if self._handle is None else self._handle.fileno()

    @property
    def connecting(self) -> bool:
        """Whether connect() is under way. Node: `socket.connecting`."""
        return self._connecting is not None and not self._connecting.has_failed

    @property
    def pending(self) -> bool:
        """Whether there is no connection: not yet, or not any more. Node: `socket.pending`."""
        return self._handle is None and (self._connecting is None or not self._connecting.has_failed)

    @property
    def ready_state(self) -> str:
        """`'opening'`, `'open'`, `'read_only'`, `'write_only'` or `'closed'`. Node: `socket.readyState`."""
        if self.connecting:
            return "opening"
        if self.readable:
            return "open" if self.writable else "read_only"
        return "write_only" if self.writable else "closed"

    @property
    def bytes_read(self) -> int:
        """How many bytes were received. Node: `socket.bytesRead`."""
        return self._bytes_read

    @property
    def bytes_written(self) -> int:
        """How many bytes were written, those included that still wait. Node: `socket.bytesWritten`."""
        waiting = sum(len(request.chunk) for request in self._ws.buffered)
        if self._write_waiting is not None:
            waiting += sum(map(len, self._write_waiting[0]))
        return self._bytes_dispatched + waiting

    @property
    def buffer_size(self) -> int:
        """Deprecated: `writable_length`. Node: `socket.bufferSize`."""
        return self._ws.length

    def address(self) -> AddressInfo | None:
        """Return this end's address, None without a TCP connection or `BoundSocket`. Node: `socket.address`."""
        bound_to = None if self._bound is None else self._bound._where
        local = bound_to if self._handle is None else self._handle.local_address
        return local if isinstance(local, AddressInfo) else None

    @property
    def local_address(self) -> str | None:
        """This end's IP address. Node: `socket.localAddress`."""
        local = self.address()
        return None if local is None else local.address

    @property
    def local_port(self) -> int | None:
        """This end's port. Node: `socket.localPort`."""
        local = self.address()
        return None if local is None else local.port

    @property
    def local_family(self) -> str | None:
        """`'IPv4'` or `'IPv6'`. Node: `socket.localFamily`."""
        local = self.address()
        return None if local is None else local.family

    @property
    def remote_address(self) -> str | None:
        """The peer's IP address; stays known after the end if it was asked for before. Node: `socket.remoteAddress`."""
        peer = self._peer()
        return None if peer is None else peer.address

    @property
    def remote_port(self) -> int | None:
        """The peer's port, as `remote_address`. Node: `socket.remotePort`."""
        peer = self._peer()
        return None if peer is None else peer.port

    @property
    def remote_family(self) -> str | None:
        """`'IPv4'` or `'IPv6'`, as `remote_address`. Node: `socket.remoteFamily`."""
        peer = self._peer()
        return None if peer is None else peer.family
