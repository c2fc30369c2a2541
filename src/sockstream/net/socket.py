"""The socket: a TCP or Unix connection as a stream."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING, Any, overload

from sockstream.errors import InvalidHandleTypeError, SocketClosedError, system_error
from sockstream.net.addresses import AddressInfo
from sockstream.net.connect import Connecting
from sockstream.net.event_types import SocketEvents
from sockstream.net.idle import IdleTimer
from sockstream.net.options import check_callback, check_flag, check_seconds, connect_target
from sockstream.net.socket_handle import make_handle
from sockstream.stream.undestroy import undestroy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, Unpack

    from sockstream.abort import AbortSignal
    from sockstream.net.handles.base import Handle
    from sockstream.net.options import Adoptable, Port, StrPath, TargetOptions, TcpOptions

__all__ = ["Socket"]


class Socket(SocketEvents):
    """A TCP or Unix connection; both ends of `connect`, and what a server makes. Node: `net.Socket`.

    Args:
        allow_half_open: stay writable when the peer has ended; else the socket ends too.
        fd: take over this descriptor of a connected socket.
        handle: take over this connection: a `socket.socket`, an object with an integer `fd`, or a copy of what has a
            `fileno()`.
        keep_alive: switch TCP keep-alive on.
        keep_alive_initial_delay: seconds of silence before the first probe; under 1: what the system has set.
        no_delay: switch Nagle's algorithm off.
        readable: False for a socket that never reads.
        writable: False for a socket that never writes.
        signal: destroys the socket when it is aborted.
        high_water_mark: of both buffers, in bytes; 65,536.

    Attributes:
        server: the server that accepted it, or None.
        auto_select_family_attempted_addresses: the `address:port` pairs that were tried when a name had several; None
            when there was no choice.

    Raises:
        InvalidFdTypeError: the descriptor is no stream socket.

    Events:
        lookup (error, address, family, host): the host's name was looked up; once for each address.
        connection_attempt (ip, port, family): an attempt to connect starts.
        connection_attempt_failed (ip, port, family, error): one failed.
        connection_attempt_timeout (ip, port, family): one was given up (`auto_select_family='sequential'`).
        connect (): connected.
        ready (): right after `'connect'`.
        data (chunk), readable (), end (), pause (), resume (): those of Readable; `'end'` when the peer has ended.
        drain (), finish (), pipe (source), unpipe (source): those of Writable.
        timeout (): nothing happened for as long as `set_timeout` said.
        error (error): `'close'` follows.
        close (had_error): the socket is closed.
    """

    __slots__ = ("_keep_alive", "_no_delay", "_timeout", "auto_select_family_attempted_addresses")

    def __init__(
        self,
        *,
        allow_half_open: bool = False,
        fd: int | None = None,
        handle: Adoptable | None = None,
        keep_alive: bool = False,
        keep_alive_initial_delay: float = 0,
        no_delay: bool = False,
        readable: bool = True,
        writable: bool = True,
        signal: AbortSignal | None = None,
        high_water_mark: int | None = None,
        pause_on_create: bool = False,
    ) -> None:
        check_flag("allow_half_open", allow_half_open)
        check_flag("no_delay", no_delay)
        check_flag("keep_alive", keep_alive)
        check_seconds("keep_alive_initial_delay", keep_alive_initial_delay)
        self.auto_select_family_attempted_addresses: list[str] | None = None
        self._no_delay = no_delay
        # What set_keep_alive was told last: enable, initial delay, interval, count.
        self._keep_alive: tuple[bool, float, float, int] = (keep_alive, keep_alive_initial_delay, 1, 10)
        # What set_timeout was told last; None before.
        self._timeout: float | None = None
        super().__init__(
            allow_half_open=allow_half_open,
            readable=readable,
            writable=writable,
            signal=signal,
            high_water_mark=high_water_mark,
        )
        given = make_handle(self._runtime, fd, handle, no_delay)
        if given is not None:
            self._take_handle(given)
            self._apply_keep_alive()
            if pause_on_create:
                self._rs.flowing = False
            elif readable:
                self.read(0)

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
        """Connect; works again after `'close'`.

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
        if listener is not None:
            self.once("connect", listener)
        if self._rs.destroyed:
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
        self._note_activity()
        self._connecting = Connecting(self._runtime, self, target)
        self._runtime.resources.add(self)
        self._update_reference()
        self._connecting.start()
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
        self._apply_keep_alive()
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

    # -- settings -----------------------------------------------------------------------------------------------------

    def set_timeout(self, timeout: float, callback: Callable[..., object] | None = None) -> Self:
        """Emit `'timeout'` whenever nothing was read or written for a time. The connection goes on.

        Args:
            timeout: seconds; 0 switches it off.
            callback: a listener of the next `'timeout'`; with 0, one to take off.

        Returns:
            The socket.

        Raises:
            InvalidArgTypeError: `timeout` is no number, or the callback not callable.
            OutOfRangeError: negative or infinite.

        Events: `'timeout'`. Node: `socket.setTimeout`.
        """
        if self.destroyed:
            return self
        seconds = check_seconds("timeout", timeout)
        check_callback("callback", callback)
        self._timeout = timeout
        if self._idle is not None:
            self._idle.stop()
            self._idle = None
        if seconds > 0:
            self._idle = IdleTimer(self._runtime, self, seconds, self._on_idle)
            if callback is not None:
                self.once("timeout", callback)
        elif callback is not None:
            self.off("timeout", callback)
        return self

    def _on_idle(self) -> None:
        if self._handle is not None and self._write_done is not None:
            unsent, before = self._handle.unsent, self._unsent_before
            self._unsent_before = unsent
            if unsent != before:  # Node: a large write that makes progress is activity
                self._note_activity()
                return
        self.emit("timeout")

    @property
    def timeout(self) -> float | None:
        """The idle timeout in seconds as it was set; None if it never was. Node: `socket.timeout`."""
        return self._timeout

    def set_no_delay(self, no_delay: bool = True) -> Self:
        """Switch Nagle's algorithm off, so that small writes go out at once; before connecting it is remembered.

        Args:
            no_delay: False to switch it on again.

        Returns:
            The socket. Node: `socket.setNoDelay`.
        """
        check_flag("no_delay", no_delay)
        self._no_delay = no_delay
        if self._handle is not None:
            with contextlib.suppress(OSError):  # Node: the peer may have gone; reading will tell
                self._handle.set_no_delay(no_delay)
        return self

    def set_keep_alive(
        self, enable: bool = False, initial_delay: float = 0, interval: float = 1, count: int = 10
    ) -> Self:
        """Switch TCP keep-alive on or off; before connecting it is remembered.

        Args:
            enable: whether the kernel probes the connection when it is idle.
            initial_delay: seconds of silence before the first probe; under 1, all three stay what the system has set.
            interval: seconds between two probes.
            count: how many unanswered probes end the connection.

        Returns:
            The socket.

        Raises:
            InvalidArgTypeError, OutOfRangeError: an argument that cannot be.

        Node: `socket.setKeepAlive`.
        """
        check_flag("enable", enable)
        check_seconds("initial_delay", initial_delay)
        check_seconds("interval", interval)
        self._keep_alive = (enable, initial_delay, interval, count)
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.set_keep_alive(*self._keep_alive)
        return self

    def _apply_keep_alive(self) -> None:
        if self._keep_alive[0] and self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.set_keep_alive(*self._keep_alive)

    def fileno(self) -> int:
        """Return the connection's descriptor, -1 when there is none."""
        return -1 if self._handle is None else self._handle.fileno()

    # -- what can be asked --------------------------------------------------------------------------------------------

    @property
    def connecting(self) -> bool:
        """Whether connect() is under way. Node: `socket.connecting`."""
        return self._connecting is not None

    @property
    def pending(self) -> bool:
        """Whether there is no connection: not yet, or not any more. Node: `socket.pending`."""
        return self._handle is None

    @property
    def ready_state(self) -> str:
        """`'opening'`, `'open'`, `'read_only'`, `'write_only'` or `'closed'`. Node: `socket.readyState`."""
        if self._connecting is not None:
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
        """Return this end's address, None without a TCP connection. Node: `socket.address`."""
        local = None if self._handle is None else self._handle.local_address
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
