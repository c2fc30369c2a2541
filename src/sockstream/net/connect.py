"""Connecting: from what the user asked for to a handle, over one address or many.

A `Connecting` lives from `Socket.connect` to the first connection, the last failure, or the socket's destruction.  It
reports to its socket and emits the socket's events of this phase.  With several addresses it works as RFC 8305 section
5 says: families take turns, an attempt starts when the one before it failed or has had its time, and none is cut off
before another has won.
"""

from __future__ import annotations

import errno
import socket as _socket
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.errors import ConnectionGroupError, system_error
from sockstream.net.addresses import is_ip, with_port
from sockstream.net.handles.connecting import ip_attempt, unix_attempt
from sockstream.net.handles.transport import TransportHandle
from sockstream.net.lookup import LookupAddress, LookupOptions, is_coroutine_lookup, look_up, start_custom_lookup
from sockstream.net.options import check_flag, check_seconds

if TYPE_CHECKING:
    import asyncio

    from sockstream.loop import Runtime
    from sockstream.net.handles.connecting import Attempt
    from sockstream.net.options import ConnectTarget
    from sockstream.net.socket import Socket

__all__ = [
    "Connecting",
    "get_default_auto_select_family",
    "get_default_auto_select_family_attempt_timeout",
    "interleave",
    "set_default_auto_select_family",
    "set_default_auto_select_family_attempt_timeout",
]

# The shortest time an attempt has before the next one starts.
_SHORTEST_TIMEOUT = 0.01

_default_auto_select = True
_default_attempt_timeout = 0.5


def get_default_auto_select_family() -> bool:
    """Return whether sockets try all addresses of a name unless told otherwise.

    Node: `net.getDefaultAutoSelectFamily`.
    """
    return _default_auto_select


def set_default_auto_select_family(value: bool) -> None:
    """Set whether sockets try all addresses of a name unless told otherwise.

    Raises:
        InvalidArgTypeError: no bool.

    Node: `net.setDefaultAutoSelectFamily`.
    """
    global _default_auto_select  # the setting is the module's, as in Node
    check_flag("value", value)
    _default_auto_select = value


def get_default_auto_select_family_attempt_timeout() -> float:
    """Return how many seconds an attempt has before the next one starts, unless a socket says otherwise.

    Node: `net.getDefaultAutoSelectFamilyAttemptTimeout`.
    """
    return _default_attempt_timeout


def set_default_auto_select_family_attempt_timeout(seconds: float) -> None:
    """Set how many seconds an attempt has before the next one starts; what is under 0.01 counts as that.

    Raises:
        InvalidArgTypeError: no number.
        OutOfRangeError: negative or infinite.

    Node: `net.setDefaultAutoSelectFamilyAttemptTimeout`.
    """
    global _default_attempt_timeout  # the setting is the module's, as in Node
    _default_attempt_timeout = max(_SHORTEST_TIMEOUT, check_seconds("seconds", seconds))


def interleave(addresses: list[LookupAddress]) -> list[LookupAddress]:
    """Order addresses so that families take turns, the first address's family first, each in the order it came in."""
    first = [address for address in addresses if address.family == addresses[0].family]
    other = [address for address in addresses if address.family != addresses[0].family]
    ordered: list[LookupAddress] = []
    while first or other:
        ordered += first[:1] + other[:1]
        first, other = first[1:], other[1:]
    return ordered


class Connecting:
    """One `connect()` under way."""

    __slots__ = (
        "_addresses",
        "_attempts",
        "_errors",
        "_handle",
        "_is_starting",
        "_next",
        "_over",
        "_runtime",
        "_socket",
        "_target",
        "_task",
        "_timer",
    )

    def __init__(self, runtime: Runtime, socket: Socket, target: ConnectTarget) -> None:
        """Prepare to connect `socket`; nothing happens before `start`."""
        self._runtime = runtime
        self._socket = socket
        self._target = target
        # What to try, and how much of it was tried.
        self._addresses: list[LookupAddress] = []
        self._next = 0
        # Those under way, by their number.
        self._attempts: dict[int, Attempt] = {}
        # Why each attempt that failed did.
        self._errors: list[Exception] = []
        # Runs until the next attempt starts.
        self._timer: asyncio.TimerHandle | None = None
        # The look-up, while it is a coroutine.
        self._task: asyncio.Task[Any] | None = None
        # The winner's, while its transport is made.
        self._handle: TransportHandle | None = None
        # Connected, failed or cancelled: what is reported from now on is too late.
        self._over = False
        # The user's `lookup` is on the stack.
        self._is_starting = False

    def _is_over(self) -> bool:
        return self._over

    def start(self) -> None:
        """Begin: at once with a path, on the next tick with an IP address, else after the look-up."""
        target = self._target
        if target.path is not None:
            self._try_path(target.path)
        elif (version := is_ip(target.host)) != 0:
            self._runtime.tick(self._socket, self._try_addresses, [LookupAddress(target.host, version)])
        else:
            self._look_up()

    def cancel(self) -> None:
        """Give up everything that is under way."""
        self._over = True
        self._stop_timer()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for attempt in self._attempts.values():
            attempt.cancel()
        self._attempts.clear()
        if self._handle is not None:
            self._handle.close(lambda: None)
            self._handle = None

    # -- looking up ---------------------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        target = self._target
        hints = target.hints
        if target.family == 0 and hints == 0:
            # Node: no addresses of a family this machine does not have.
            hints = int(_socket.AI_ADDRCONFIG)
        options = LookupOptions(family=target.family, hints=hints, all=self._may_race())
        custom = target.lookup
        if custom is not None and not is_coroutine_lookup(custom):
            self._is_starting = True
            start_custom_lookup(custom, target.host, options, self._custom_look_up_done)
            self._is_starting = False
            return
        self._task = self._runtime.loop.create_task(look_up(self._runtime.loop, target.host, options, custom))
        self._task.add_done_callback(self._look_up_done)

    def _custom_look_up_done(self, error: BaseException | None, addresses: list[LookupAddress]) -> None:
        if self._is_starting:  # connect() is on the stack: this is no entry
            self._found(error, addresses)
        else:
            self._runtime.enter(self._socket, self._found, error, addresses)

    def _look_up_done(self, task: asyncio.Task[list[LookupAddress]]) -> None:
        if self._is_over() or task.cancelled():
            return
        self._task = None
        error = task.exception()
        self._runtime.enter(self._socket, self._found, error, [] if error is not None else task.result())

    def _may_race(self) -> bool:
        target = self._target
        wanted = _default_auto_select if target.auto_select_family is None else target.auto_select_family
        # Node: a family or a local address leaves nothing to select.
        return bool(wanted) and target.family == 0 and target.local_address is None

    def _found(self, error: BaseException | None, addresses: list[LookupAddress]) -> None:
        if self._is_over():
            return
        host = self._target.host
        if error is not None:
            self._socket.emit("lookup", error, None, None, host)
            if not self._is_over():
                self._runtime.tick(self._socket, self._fail, error)
            return
        wanted = interleave(addresses) if self._may_race() else addresses[:1]
        for address in wanted:
            self._socket.emit("lookup", None, address.address, address.family, host)
            if self._is_over():
                return
        self._socket._note_activity()
        self._try_addresses(wanted)

    # -- attempts -----------------------------------------------------------------------------------------------------

    def _try_path(self, path: str) -> None:
        self._socket.emit("connection_attempt", path, None, None)
        if self._is_over():
            return
        self._begin(path, unix_attempt(self._runtime, path))

    def _try_addresses(self, addresses: list[LookupAddress]) -> None:
        if self._is_over():
            return
        self._addresses = addresses
        if len(addresses) > 1:
            self._socket.auto_select_family_attempted_addresses = []
        self._try_next()

    def _try_next(self) -> None:
        """Start the next attempt, if there is one left."""
        self._stop_timer()
        if self._is_over() or self._next >= len(self._addresses):
            return
        address = self._addresses[self._next]
        self._next += 1
        target = self._target
        port = target.port
        try:
            attempt = ip_attempt(self._runtime, address.address, port, target.local_address, target.local_port)
        except OSError as error:
            self._bind_failed(address, error)
            return
        attempted = self._socket.auto_select_family_attempted_addresses
        if attempted is not None:
            attempted.append(with_port(address.address, port))
        self._socket.emit("connection_attempt", address.address, port, address.family)
        if self._is_over():
            attempt.cancel()
            return
        self._begin(address, attempt)
        if self._next < len(self._addresses):
            self._timer = self._runtime.loop.call_later(self._patience(), self._time_is_over, self._next, address)

    def _patience(self) -> float:
        seconds = self._target.auto_select_family_attempt_timeout
        return _default_attempt_timeout if seconds is None else max(_SHORTEST_TIMEOUT, seconds)

    def _begin(self, address: LookupAddress | str, attempt: Attempt) -> None:
        number = self._next
        self._attempts[number] = attempt
        attempt.start(
            partial(self._runtime.enter, self._socket, self._attempt_won, number),
            partial(self._runtime.enter, self._socket, self._attempt_failed, number, address),
        )

    def _time_is_over(self, number: int, address: LookupAddress) -> None:
        self._timer = None
        if self._target.auto_select_family == "sequential":
            self._runtime.enter(self._socket, self._cut_off, number, address)
        else:
            # Differs: Node aborts the attempt here; it may still win, as RFC 8305 has it.
            self._runtime.enter(self._socket, self._try_next)

    def _cut_off(self, number: int, address: LookupAddress) -> None:
        attempt = self._attempts.pop(number, None)
        if attempt is None:
            return
        attempt.cancel()
        port = self._target.port
        self._errors.append(system_error(errno.ETIMEDOUT, "connect", address=address.address, port=port))
        self._socket.emit("connection_attempt_timeout", address.address, port, address.family)
        self._try_next()

    def _bind_failed(self, address: LookupAddress, error: OSError) -> None:
        target = self._target
        local = target.local_address or ("::" if address.family == 6 else "0.0.0.0")
        # Node: as nothing was attempted, nothing has failed but the whole.
        self._errors.append(system_error(error, "bind", address=local, port=target.local_port))
        self._go_on()

    def _attempt_failed(self, number: int, address: LookupAddress | str, error: OSError) -> None:
        if self._is_over():
            return
        attempt = self._attempts.pop(number)
        if isinstance(address, str):
            failure = system_error(error, "connect", address=address)
            self._socket.emit("connection_attempt_failed", address, None, None, failure)
            if not self._is_over():
                self._fail(failure)
            return
        failure = system_error(error, "connect", address=address.address, port=self._target.port)
        self._errors.append(failure)
        if attempt.began or len(self._addresses) > 1:
            # Node: what the system refuses at once is told by 'error' alone, unless there are more addresses.
            self._socket.emit("connection_attempt_failed", address.address, self._target.port, address.family, failure)
        if not self._is_over():
            self._go_on()

    def _go_on(self) -> None:
        """Go on after a failed attempt: to the next one, or to the end when there is none left."""
        if self._next < len(self._addresses):
            self._try_next()
        elif not self._attempts:
            self._fail(self._errors[0] if len(self._addresses) == 1 else ConnectionGroupError(self._errors))

    # -- the end ------------------------------------------------------------------------------------------------------

    def _fail(self, error: BaseException) -> None:
        if not self._is_over():
            self._socket.destroy(error)

    def _attempt_won(self, number: int, sock: _socket.socket) -> None:
        if self._is_over():
            sock.close()
            return
        self._stop_timer()
        del self._attempts[number]
        for other in self._attempts.values():
            other.cancel()
        self._attempts.clear()
        self._next = len(self._addresses)
        self._handle = TransportHandle(self._runtime, sock, no_delay=self._socket._no_delay)
        self._handle.open(self._handle_ready)

    def _handle_ready(self, handle: TransportHandle) -> None:
        if self._is_over():
            return
        self._over = True
        self._handle = None
        self._runtime.enter(self._socket, self._socket._connected, handle)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
