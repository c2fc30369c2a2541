"""The server: listens, makes a socket of each connection, and knows when the last one has gone."""

from __future__ import annotations

import contextlib
import errno
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, overload

from sockstream.errors import (
    ServerAlreadyListenError,
    ServerNotRunningError,
    SockstreamError,
    SystemCallError,
    system_error,
)
from sockstream.loop import current
from sockstream.net.addresses import AddressInfo, endpoint, is_ip
from sockstream.net.checks import check_block_list, check_callback, check_flag, check_int, check_seconds
from sockstream.net.handles.listener import Listener
from sockstream.net.listening import check_handle, make_listening_socket, taken_descriptor
from sockstream.net.server_events import ServerEvents
from sockstream.net.targets import listen_target

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Self, Unpack

    from sockstream.abort import AbortSignal
    from sockstream.loop import Runtime
    from sockstream.net.addresses import Endpoint
    from sockstream.net.block_list import BlockList
    from sockstream.net.drop import drop_info  # noqa: TC004  # see _load_connections
    from sockstream.net.handle_stream import HandleStream
    from sockstream.net.handles.base import Handle
    from sockstream.net.handles.opening import open_handle  # noqa: TC004  # see _load_connections
    from sockstream.net.options import Adoptable, ListenElsewhere, ListenFlags, ListenOptions, Port, StrPath
    from sockstream.net.server_iterator import ServerIterator
    from sockstream.net.socket import Socket  # noqa: TC004  # see _load_connections
    from sockstream.net.targets import ListenTarget

__all__ = ["Server"]


def _load_connections() -> None:
    """Import what connections are made of.

    It takes several times as long as all that listening needs, so it happens when the port is open: the clients' first
    packets are on their way meanwhile, and wait in the backlog.  Not later: it takes descriptors, which may be all in
    use one day.
    """
    global Socket, drop_info, open_handle
    from sockstream.net.drop import drop_info
    from sockstream.net.handles.opening import open_handle
    from sockstream.net.socket import Socket


class Server(ServerEvents):
    """A TCP or Unix-socket server. Node: `net.Server`.

    Args:
        listener: a listener of `'connection'`.
        allow_half_open: sockets stay writable when their peer has ended.
        pause_on_connect: sockets read nothing until they are resumed.
        high_water_mark: of the sockets' buffers, in bytes.
        no_delay: switch Nagle's algorithm off.
        keep_alive: switch TCP keep-alive on.
        keep_alive_initial_delay: seconds of silence before the first probe.
        block_list: a `BlockList`: connections from its addresses are closed at once, without an event.

    Attributes:
        max_connections: how many connections there may be at once; None for any number, 0 for none.
        drop_max_connection: of no effect, as in Node outside its cluster: what is over the limit is closed anyway.

    Events:
        listening (): the server listens.
        connection (socket): a connection was made. What a listener raises destroys that socket.
        drop (info): a connection over `max_connections` was closed; a `DropInfo`, None for a Unix server.
        error (error): listening failed.
        close (): the server was closed and its last connection has ended.
    """

    __slots__ = (
        "_beginning",
        "_block_list",
        "_holds_reference",
        "_is_close_due",
        "_is_refed",
        "_keep_alive",
        "_listener",
        "_look_up",
        "_no_delay",
        "_opening",
        "_runtime",
        "_socket_options",
        "_sockets",
        "_taken_by",
        "_taken_from",
        "drop_max_connection",
        "max_connections",
    )

    def __init__(
        self,
        listener: Callable[..., object] | None = None,
        *,
        allow_half_open: bool = False,
        pause_on_connect: bool = False,
        high_water_mark: int | None = None,
        no_delay: bool = False,
        keep_alive: bool = False,
        keep_alive_initial_delay: float = 0,
        block_list: BlockList | None = None,
    ) -> None:
        super().__init__()
        check_callback("listener", listener)
        for name, value in (
            ("allow_half_open", allow_half_open),
            ("pause_on_connect", pause_on_connect),
            ("no_delay", no_delay),
            ("keep_alive", keep_alive),
        ):
            check_flag(name, value)
        if high_water_mark is not None:
            check_int("high_water_mark", high_water_mark, 0)
        first_probe = check_seconds("keep_alive_initial_delay", keep_alive_initial_delay)
        self._runtime: Runtime = current()
        self.max_connections: int | None = None
        self.drop_max_connection = False
        # Given to each accepted socket.
        self._socket_options: dict[str, Any] = {
            "allow_half_open": allow_half_open,
            "pause_on_create": pause_on_connect,
            "high_water_mark": high_water_mark,
        }
        self._no_delay = no_delay
        # The delay of the first probe; None without keep-alive.
        self._keep_alive = first_probe if keep_alive else None
        self._block_list = check_block_list(block_list)
        # There while the server listens.
        self._listener: Listener | None = None
        # There between listen() and the bind, while the host is looked up; and the look-up.
        self._beginning: ListenTarget | None = None
        self._look_up: asyncio.Task[None] | None = None
        # Connections that were accepted and have no socket yet.
        self._opening = 0
        self._sockets: set[HandleStream] = set()
        # Closed and drained, and 'close' comes on a tick.
        self._is_close_due = False
        # A server that was given this one's handle accepts in its place, and the other way round.
        self._taken_by: Server | None = None
        self._taken_from: Server | None = None
        self._is_refed = True
        self._holds_reference = False
        if listener is not None:
            self.on("connection", listener)

    def __repr__(self) -> str:
        where = self.address()
        shown = f"{where[0]}:{where[1]}" if isinstance(where, AddressInfo) else where
        return f"<{type(self).__name__} {'not listening' if where is None else shown} connections={len(self._sockets)}>"

    # -- listening ----------------------------------------------------------------------------------------------------

    @overload
    def listen(
        self,
        port: Port | None = 0,
        host: str | int | Callable[..., object] | None = None,
        backlog: int | Callable[..., object] = 511,
        callback: Callable[..., object] | None = None,
        **options: Unpack[ListenElsewhere],
    ) -> Self: ...
    @overload
    def listen(
        self,
        where: StrPath | Adoptable,
        /,
        backlog: int | Callable[..., object] = 511,
        callback: Callable[..., object] | None = None,
        **options: Unpack[ListenFlags],
    ) -> Self: ...
    @overload
    def listen(self, callback: Callable[..., object], /, **options: Unpack[ListenOptions]) -> Self: ...
    def listen(self, *args: Any, callback: Callable[..., object] | None = None, **options: Any) -> Self:
        """Start listening.

        The forms are `(port, host, backlog, callback)`, `(path, backlog, callback)` and `(handle, backlog, callback)`,
        where what follows the first may be left out, and keyword arguments alone.

        Args:
            *args: one of the forms above. A `str` of digits is a port, any other a path; one that starts with NUL is
                a name in Linux's abstract namespace. A handle is a `BoundSocket` (taken over, whatever comes of it), a
                `Server` (which stops accepting), a `socket.socket` or an object with an integer `fd` (taken over once
                it listens), or one with a `fileno()` (copied).
            callback: a listener of `'listening'`.
            **options: `port`, `host`, `path`, `fd`, `handle` (which counts before `fd`, that before `port`, that before
                `path`), `backlog` (0: 511; negative: what the system has at most), `exclusive` (of no effect: there is
                no cluster), `ipv6_only`, `reuse_port`, `readable_all`, `writable_all`, `signal`.

        Returns:
            The server. Without a host it listens on every interface, IPv6 and IPv4 where there is IPv6.

        Raises:
            ServerAlreadyListenError: it listens, or is about to.
            SocketBadPortError: the port is not in 0 to 65535.
            InvalidArgTypeError, InvalidArgValueError: an argument that cannot be, or a handle without a socket.
            SocketHandleAdoptedError: a `BoundSocket` that was taken over before.

        Events: `'listening'`, or `'error'`. Node: `server.listen`.
        """
        if self._listener is not None or self._beginning is not None:
            raise ServerAlreadyListenError
        target, callback = listen_target(args, callback, options)
        giver = target.handle if isinstance(target.handle, Server) else None
        if giver is not None:  # a copy of its socket: both servers close their own
            target.handle = SimpleNamespace(fileno=giver._fileno)
        if target.handle is not None:
            check_handle(target.handle)
        if callback is not None:
            self.once("listening", callback)
        if target.signal is not None:
            self._obey(target.signal)
        if target.port is not None and target.host:
            self._listen_at_host(target, target.host)
        else:
            self._listen_now(target, None, giver)
        return self

    def _obey(self, signal: AbortSignal) -> None:
        def abort(*_: object) -> None:
            self.close()

        if signal.aborted:
            self._runtime.tick(self, abort)
        else:
            signal.once("abort", abort)
            self.once("close", lambda *_: signal.off("abort", abort))

    def _listen_at_host(self, target: ListenTarget, host: str) -> None:
        self._beginning = target
        if is_ip(host):
            # Node: as after a look-up, though there is none.
            self._runtime.tick(self, self._host_known, target, host)
        else:
            self._look_up = self._runtime.loop.create_task(self._resolve_and_listen(target, host))
        self._update_reference()

    async def _resolve_and_listen(self, target: ListenTarget, host: str) -> None:
        from sockstream.net.lookup import resolve  # most servers have no name to look up

        try:
            found = await resolve(self._runtime.loop, host)
        except SockstreamError as error:
            self._runtime.enter(self, self._host_unknown, target, error)
        else:
            self._runtime.enter(self, self._host_known, target, found[0].address)

    def _host_unknown(self, target: ListenTarget, error: SockstreamError) -> None:
        if self._beginning is target:
            self._beginning = None
            self._update_reference()
            self._emit_error(error)

    def _host_known(self, target: ListenTarget, address: str) -> None:
        if self._beginning is target:  # else it was closed meanwhile
            self._beginning = None
            self._listen_now(target, address)

    def _fileno(self) -> int:
        return -1 if self._listener is None else self._listener.socket.fileno()

    def _is_listened_on(self, descriptor: int | None) -> bool:
        servers = (it for it in self._runtime.resources if isinstance(it, Server))
        return descriptor is not None and any(server._fileno() == descriptor for server in servers)

    def _listen_now(self, target: ListenTarget, address: str | None, giver: Server | None = None) -> None:
        """Bind and listen; what fails is told on the next tick, as is success."""
        try:
            if self._is_listened_on(taken_descriptor(target)):
                raise system_error(errno.EEXIST, "listen")
            sock = make_listening_socket(target, address)
        except SystemCallError as error:
            self._runtime.tick(self, self._emit_error, error)
        else:
            if giver is not None:
                self._take_from(giver)
            self._listener = Listener(self._runtime, sock, self._accepted, self._accept_failed)
            self._listener.start()
            self._runtime.resources.add(self)
            self._runtime.tick(self, self._emit_listening)
            # Behind 'listening', and before the loop looks whether somebody has connected.
            self._runtime.tick_last(self, _load_connections)
        self._update_reference()

    def _take_from(self, giver: Server) -> None:
        """Accept in the place of another server: this is where its connections go now."""
        self._taken_from, giver._taken_by = giver, self
        if giver._listener is not None:
            giver._listener.stop()

    def _emit_listening(self) -> None:
        # Node: who closed the server in the meantime is not told; who made it listen again hears of both times.
        if self._listener is not None:
            self.emit("listening")

    def _emit_error(self, error: BaseException) -> None:
        if self.listener_count("error"):
            self.emit("error", error)
        else:
            self._runtime.fail(error)

    # -- connections --------------------------------------------------------------------------------------------------

    def _accepted(self, sock: socket.socket, family: int, peer: Any) -> None:
        """Take what the listener accepted."""
        limit = self.max_connections
        if limit is not None and len(self._sockets) + self._opening >= limit:
            self._drop(sock, peer)
            return
        if self._block_list is not None and self._is_blocked(self._block_list, endpoint(family, peer)):
            sock.close()
            return
        self._opening += 1
        open_handle(self._runtime, sock, self._opened, no_delay=self._no_delay, peer_name=(family, peer))

    def _is_blocked(self, block_list: BlockList, peer: Endpoint) -> bool:
        if not isinstance(peer, AddressInfo):
            return False
        return block_list.check(peer.address, "ipv6" if peer.family == "IPv6" else "ipv4")

    def _drop(self, sock: socket.socket, peer: Any) -> None:
        info = drop_info(sock, peer)
        sock.close()
        self._runtime.enter(self, self.emit, "drop", info)

    def _opened(self, handle: Handle) -> None:
        """Make a socket of an accepted connection whose handle is ready."""
        self._opening -= 1
        if self._listener is None:
            # As the system does to a connection that nobody accepts any more.
            handle.reset(self._emit_close_if_drained)
            return
        if self._keep_alive is not None:
            with contextlib.suppress(OSError):  # the peer has gone already
                handle.set_keep_alive(True, self._keep_alive, 1, 10)
        socket = Socket(handle=handle, **self._socket_options)
        socket.server = self
        self._sockets.add(socket)
        try:
            self.emit("connection", socket)
        except Exception as error:
            socket._listener_failed(error, "connection", (socket,))

    def _connection_closing(self, socket: HandleStream) -> None:
        """Forget a socket that is being destroyed."""
        self._sockets.discard(socket)
        self._emit_close_if_drained()

    def _accept_failed(self, error: OSError) -> None:
        self._runtime.enter(self, self._emit_error, system_error(error, "accept"))

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        if event == "connection" and args:
            args[0]._listener_failed(error, event, args)
        else:
            super()._listener_failed(error, event, args)

    # -- closing ------------------------------------------------------------------------------------------------------

    def close(self, callback: Callable[..., object] | None = None) -> Self:
        """Stop listening; the connections there are go on.

        Args:
            callback: a listener of `'close'`; it gets None, or a ServerNotRunningError if the server did not listen.

        Returns:
            The server.

        Events: `'close'`, when the last connection has ended. Node: `server.close`.
        """
        check_callback("callback", callback)
        is_running = self._listener is not None or self._beginning is not None
        if callback is not None:
            error = None if is_running else ServerNotRunningError()
            listener = callback
            self.once("close", lambda: listener(error))
        self._stop_listening()
        self._emit_close_if_drained()
        return self

    def _stop_listening(self) -> None:
        self._beginning = None
        if self._look_up is not None:
            self._look_up.cancel()
            self._look_up = None
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
            self._runtime.resources.discard(self)
        self._give_back()
        self._update_reference()

    def _give_back(self) -> None:
        """Let the server whose handle this one took accept again."""
        giver, self._taken_from = self._taken_from, None
        if giver is not None and giver._taken_by is self:
            giver._taken_by = None
            if giver._listener is not None:
                giver._listener.start()
        if self._taken_by is not None:
            self._taken_by._taken_from = None
            self._taken_by = None

    def _close_now(self) -> None:
        """Close at once: `run` was interrupted."""
        self._stop_listening()

    def _emit_close_if_drained(self) -> None:
        if self._is_drained():
            self._is_close_due = True
            self._runtime.tick(self, self._emit_close)

    def _is_drained(self) -> bool:
        return self._listener is None and self._beginning is None and not self._sockets and not self._opening

    def _may_accept(self) -> bool:
        """Return whether a connection may still come."""
        return self._listener is not None or self._beginning is not None or bool(self._opening)

    def _emit_close(self) -> None:
        self._is_close_due = False
        self.emit("close")

    async def wait_closed(self) -> None:
        """Wait until the server has been closed and its last connection has ended."""
        if self._is_drained() and not self._is_close_due:
            return
        waiter = self._runtime.loop.create_future()

        def closed() -> None:
            if not waiter.done():
                waiter.set_result(None)

        self.once("close", closed)
        try:
            await waiter
        finally:
            self.off("close", closed)

    async def __aenter__(self) -> Self:
        """Return the server; it is closed when the block is left."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the server; wait for its connections to end unless the block raised."""
        self.close()
        if error is None:
            await self.wait_closed()

    def __aiter__(self) -> ServerIterator:
        """Iterate over the connections, until the server is closed."""
        from sockstream.net.server_iterator import ServerIterator  # most servers have a listener

        return ServerIterator(self)

    # -- what can be asked --------------------------------------------------------------------------------------------

    @property
    def listening(self) -> bool:
        """Whether the server listens. Node: `server.listening`."""
        return self._listener is not None

    def address(self) -> Endpoint:
        """Return where the server listens: an `AddressInfo`, a path, or None. Node: `server.address`."""
        return None if self._listener is None else self._listener.address

    def get_connections(self, callback: Callable[..., object] | None = None) -> Awaitable[int]:
        """Count the connections.

        Args:
            callback: `callback(error, count)`, on the next tick; error is None.

        Returns:
            An awaitable of the count. Node: `server.getConnections`.
        """
        check_callback("callback", callback)
        count = len(self._sockets)
        if callback is not None:
            self._runtime.tick(self, callback, None, count)
        result: asyncio.Future[int] = self._runtime.loop.create_future()
        result.set_result(count)
        return result

    def ref(self) -> Self:
        """Let the server keep `sockstream.run` alive while it listens, as it does at first. Node: `server.ref`."""
        self._is_refed = True
        self._update_reference()
        return self

    def unref(self) -> Self:
        """Let `sockstream.run` return though the server listens. Node: `server.unref`."""
        self._is_refed = False
        self._update_reference()
        return self

    def _update_reference(self) -> None:
        wanted = self._is_refed and (self._listener is not None or self._beginning is not None)
        if wanted != self._holds_reference:
            self._holds_reference = wanted
            if wanted:
                self._runtime.ref()
            else:
                self._runtime.unref()
