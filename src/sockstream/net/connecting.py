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
from typing import TYPE_CHECKING

from sockstream.errors import ConnectionGroupError, IpBlockedError, system_error
from sockstream.net.addresses import is_ip
from sockstream.net.families import interleave, may_select, patience
from sockstream.net.handles.connecting import bound_attempt, ip_attempt, unix_attempt
from sockstream.net.handles.opening import open_handle
from sockstream.net.lookup import (
    LookupAddress,
    LookupOptions,
    check_hints,
    is_coroutine_lookup,
    look_up,
    nothing_found,
    start_custom_lookup,
    usable,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from sockstream.errors import SystemCallError
    from sockstream.loop import Runtime
    from sockstream.net.handles.base import Handle
    from sockstream.net.handles.connecting import Attempt
    from sockstream.net.lookup import Entry
    from sockstream.net.socket import Socket
    from sockstream.net.targets import ConnectTarget

__all__ = ["Connecting"]


class Connecting:
    """One `connect()` under way."""

    __slots__ = (
        "_addresses",
        "_attempts",
        "_errors",
        "_handle",
        "_host",
        "_is_starting",
        "_next",
        "_over",
        "_runtime",
        "_socket",
        "_target",
        "_task",
        "_timer",
        "has_failed",
        "waits_for_user",
    )

    def __init__(self, runtime: Runtime, socket: Socket, target: ConnectTarget) -> None:
        """Prepare to connect `socket`; nothing happens before `start`."""
        self._runtime = runtime
        self._socket = socket
        self._target = target
        # Node: the empty name is the default's.
        self._host = target.host or "localhost"
        # What to try, and how much of it was tried.
        self._addresses: list[LookupAddress] = []
        self._next = 0
        # Those under way, by their number: 1 is the first address's.
        self._attempts: dict[int, Attempt] = {}
        # Why each attempt that failed did, by its number: those that race do not fail in order.
        self._errors: dict[int, Exception] = {}
        # Runs until the next attempt starts.
        self._timer: asyncio.TimerHandle | None = None
        # The look-up, while it is a coroutine.
        self._task: asyncio.Task[Sequence[Entry]] | None = None
        # The winner's, while its transport is made.
        self._handle: Handle | None = None
        # Connected, failed or cancelled: what is reported from now on is too late.
        self._over = False
        # The user's `lookup` is on the stack.
        self._is_starting = False
        # It was asked and has not answered: nothing is under way that the loop would wait for.
        self.waits_for_user = False
        # The only attempt there can be has failed, which is being told. Node: the socket is connecting no more.
        self.has_failed = False

    def _is_over(self) -> bool:
        return self._over

    def start(self) -> None:
        """Begin: at once with a path, on the next tick with an IP address, else after the look-up.

        Raises:
            InvalidArgValueError: the hints are none for the system's resolver.
            BaseException: what the user's `lookup` raises, or a listener that is called before this returns.
        """
        try:
            self._start()
        except BaseException:
            if not (self._over or self._attempts):
                self._abandon()
            raise

    def _start(self) -> None:
        target = self._target
        if target.path is not None:
            self._try_path(target.path)
        elif (version := is_ip(self._host)) != 0:
            self._runtime.tick(self._socket, self._try_addresses, [LookupAddress(self._host, version)])
        else:
            self._look_up()

    def _abandon(self) -> None:
        """Leave the socket as it was before connect()."""
        self.cancel()
        self._socket._connecting = None
        self._runtime.resources.discard(self._socket)
        self._socket._update_reference()

    def cancel(self) -> None:
        """Give up everything that is under way.

        Events:
            connection_attempt_failed: for each attempt of several addresses that was under way; before `'close'`.
        """
        self._over = True
        self._stop_timer()
        if self._task is not None:
            self._task.cancel()
        if self._attempts and len(self._addresses) > 1:
            # libuv: an attempt ends when its handle is closed.
            self._runtime.loop.call_soon(self._runtime.enter, self._socket, self._tell_cancelled, list(self._attempts))
        self._cancel_attempts()
        if self._handle is not None:
            self._handle.close(lambda: None)
            self._handle = None

    def _cancel_attempts(self) -> None:
        for attempt in self._attempts.values():
            attempt.cancel()
        self._attempts.clear()

    def _tell_cancelled(self, numbers: list[int]) -> None:
        for number in numbers:
            self._tell_failure(number, self._system_error(number, errno.ECANCELED))

    # -- looking up ---------------------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        target = self._target
        hints = target.hints
        if target.family == 0 and hints == 0:
            # Node: no addresses of a family this machine does not have.
            hints = int(_socket.AI_ADDRCONFIG)
        options = LookupOptions(family=target.family, hints=hints, all=may_select(target))
        custom = target.lookup
        if custom is not None and not is_coroutine_lookup(custom):
            self._is_starting = self.waits_for_user = True
            try:
                start_custom_lookup(custom, self._host, options, self._custom_look_up_done)
            finally:
                self._is_starting = False
            return
        if custom is None:
            check_hints(hints)
        self._task = self._runtime.loop.create_task(look_up(self._runtime.loop, self._host, options, custom))
        self._task.add_done_callback(self._look_up_done)

    def _custom_look_up_done(self, error: BaseException | None, entries: Sequence[Entry]) -> None:
        if self._is_starting:  # connect() is on the stack: this is no entry
            self._found(error, entries)
        else:
            self._runtime.enter(self._socket, self._found, error, entries)

    def _look_up_done(self, task: asyncio.Task[Sequence[Entry]]) -> None:
        self._task = None
        # Asked for even if it is too late: an error that nobody takes would be logged.
        error = None if task.cancelled() else task.exception()
        if self._is_over():
            return
        if task.cancelled():  # by somebody else
            self._runtime.enter(self._socket, self._socket.destroy)
        else:
            self._runtime.enter(self._socket, self._found, error, [] if error is not None else task.result())

    def _found(self, error: BaseException | None, entries: Sequence[Entry]) -> None:
        if self._is_over():  # Differs: of one address Node tells even after 'close'
            return
        self.waits_for_user = False
        self._socket._update_reference()
        if error is None and not entries:
            error = nothing_found(self._host)
        if error is not None:
            self._socket.emit("lookup", error, None, None, self._host)
            self._runtime.tick(self._socket, self._fail, error)
            return
        if not may_select(self._target):
            entries = entries[:1]
        for address, family in entries:
            self._socket.emit("lookup", None, address, family, self._host)
            if self._is_over():
                return
        self._socket._note_activity()
        try:
            addresses = usable(entries)
        except ValueError as failure:
            self._runtime.tick(self._socket, self._fail, failure)
            return
        self._try_addresses(interleave(addresses))

    # -- attempts -----------------------------------------------------------------------------------------------------

    def _try_path(self, path: str) -> None:
        self._socket.emit("connection_attempt", path, None, None)
        if self._is_over():
            return
        enter, socket = self._runtime.enter, self._socket
        try:
            attempt = unix_attempt(self._runtime, path, self._take_bound())
        except OSError as error:  # no descriptor is left, or a bound one is of another kind
            self._runtime.tick(socket, self._path_failed, path, error)
            return
        self._attempts[0] = attempt
        attempt.start(partial(enter, socket, self._attempt_won, 0), partial(enter, socket, self._path_failed, path))

    def _path_failed(self, path: str, error: OSError) -> None:
        if self._is_over():
            return
        self._attempts.clear()
        self.has_failed = True
        failure = system_error(error, "connect", address=path)
        self._socket.emit("connection_attempt_failed", path, None, None, failure)
        self._fail(failure)

    def _try_addresses(self, addresses: list[LookupAddress]) -> None:
        if self._is_over():
            return
        self._addresses = addresses
        if len(addresses) > 1:
            self._socket.auto_select_family_attempted_addresses = []
        self._try_next()

    def _try_next(self) -> None:
        """Start the next attempt; fail if there is none left, and none under way."""
        self._stop_timer()
        while not self._is_over() and self._next < len(self._addresses):
            self._next += 1
            if self._try(self._next):
                if self._next < len(self._addresses):
                    self._timer = self._runtime.loop.call_later(patience(self._target), self._time_is_over, self._next)
                return
        if not (self._is_over() or self._attempts):
            several = len(self._addresses) > 1
            errors = [self._errors[number] for number in sorted(self._errors)]
            self._fail(ConnectionGroupError(errors) if several else errors[0])

    def _try(self, number: int) -> bool:
        """Start an attempt; return whether it is under way."""
        if self._is_blocked(number):
            return False
        target, (address, family) = self._target, self._addresses[number - 1]
        try:
            if (bound := self._take_bound()) is not None:
                attempt = bound_attempt(self._runtime, bound, address, target.port)
            else:
                attempt = ip_attempt(
                    self._runtime, address, target.port, target.local_address, target.local_port, version=family
                )
        except OSError as error:
            self._not_made(number, error)
            return False
        try:
            self._announce(number)
        except BaseException:
            attempt.cancel()
            raise
        if self._is_over():  # destroyed by a listener
            attempt.cancel()
            return False
        self._attempts[number] = attempt
        enter, socket = self._runtime.enter, self._socket
        refused = attempt.start(
            partial(enter, socket, self._attempt_won, number), partial(enter, socket, self._attempt_failed, number)
        )
        if refused:
            del self._attempts[number]
            self._refused(number, self._system_error(number, refused))
        return not refused

    def _take_bound(self) -> _socket.socket | None:
        """Return the `BoundSocket`'s socket that this connects with, if there is one."""
        bound = self._socket._bound
        return None if bound is None else bound._take()

    def _is_blocked(self, number: int) -> bool:
        """Note that the socket's block list forbids an attempt, if it does."""
        block_list, address = self._socket._block_list, self._addresses[number - 1].address
        if block_list is None or not block_list.check(address, f"ipv{is_ip(address)}"):
            return False
        if len(self._addresses) == 1:  # Node: of several, those that are blocked are no attempts
            self._announce(number)
        self._refused(number, IpBlockedError(address))
        return True

    def _not_made(self, number: int, error: OSError) -> None:
        """Note that there is no socket for an attempt, or none with the local address."""
        target = self._target
        if target.local_address is None and not target.local_port:
            self._announce(number)
            self._refused(number, self._system_error(number, error))
        else:
            # Node: as nothing was attempted, nothing has failed but the whole.
            local = target.local_address or ("::" if self._addresses[number - 1].family == 6 else "0.0.0.0")
            self._errors[number] = system_error(error, "bind", address=local, port=target.local_port)

    def _announce(self, number: int) -> None:
        address, family = self._addresses[number - 1]
        self._socket.emit("connection_attempt", address, self._target.port, family)
        attempted = self._socket.auto_select_family_attempted_addresses
        if attempted is not None:
            attempted.append(f"{address}:{self._target.port}")

    def _time_is_over(self, number: int) -> None:
        self._timer = None
        if self._target.auto_select_family == "sequential":
            self._runtime.enter(self._socket, self._cut_off, number)
        else:
            # Differs: Node aborts the attempt here; it may still win, as RFC 8305 has it.
            self._runtime.enter(self._socket, self._try_next)

    def _cut_off(self, number: int) -> None:
        if self._is_over():
            return
        self._attempts.pop(number).cancel()
        self._errors[number] = self._system_error(number, errno.ETIMEDOUT)
        address, family = self._addresses[number - 1]
        self._socket.emit("connection_attempt_timeout", address, self._target.port, family)
        self._try_next()

    def _attempt_failed(self, number: int, error: OSError) -> None:
        if self._is_over():
            return
        del self._attempts[number]
        self.has_failed = len(self._addresses) == 1
        failure = self._errors[number] = self._system_error(number, error)
        self._tell_failure(number, failure)
        self._try_next()

    def _refused(self, number: int, failure: Exception) -> None:
        """Note a failure that needed no waiting."""
        self._errors[number] = failure
        if len(self._addresses) > 1 and not self._is_over():
            # Node: of a single address, 'error' alone tells it.
            self._tell_failure(number, failure)

    def _system_error(self, number: int, error: OSError | int) -> SystemCallError:
        return system_error(error, "connect", address=self._addresses[number - 1].address, port=self._target.port)

    def _tell_failure(self, number: int, failure: Exception) -> None:
        address, family = self._addresses[number - 1]
        self._socket.emit("connection_attempt_failed", address, self._target.port, family, failure)

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
        self._cancel_attempts()
        handle = open_handle(self._runtime, sock, self._handle_ready, no_delay=self._socket._no_delay)
        if not self._over:
            self._handle = handle

    def _handle_ready(self, handle: Handle) -> None:
        if self._is_over():
            return
        self._over = True
        self._handle = None
        self._runtime.enter(self._socket, self._socket._connected, handle)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
