"""What can be set on a socket; before there is a connection it is remembered."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sockstream.errors import system_error
from sockstream.net.checks import check_callback, check_flag, check_int, check_seconds, check_type_of_service
from sockstream.net.handle_stream import HandleStream
from sockstream.net.idle import IdleTimer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sockstream.loop import Runtime

__all__ = ["SocketSettings"]

# What set_keep_alive would have been told by the options as they are without being given; most sockets share it.
_AT_FIRST: tuple[bool, float, float, int] = (False, 0, 1, 10)


class SocketSettings(HandleStream):
    """The settings of `Socket`: its idle timeout, and what its kernel is told."""

    __slots__ = ("_keep_alive", "_no_delay", "_timeout", "_type_of_service")

    def __init__(
        self,
        runtime: Runtime | None,
        *,
        keep_alive: bool = False,
        keep_alive_initial_delay: float = 0,
        no_delay: bool = False,
        type_of_service: int | None = None,
        **options: Any,
    ) -> None:
        check_flag("no_delay", no_delay)
        check_flag("keep_alive", keep_alive)
        check_seconds("keep_alive_initial_delay", keep_alive_initial_delay)
        self._no_delay = no_delay
        # What set_keep_alive was told last: enable, initial delay, interval, count.
        self._keep_alive = _AT_FIRST
        if keep_alive or keep_alive_initial_delay:
            self._keep_alive = (keep_alive, keep_alive_initial_delay, 1, 10)
        # What set_timeout was told last; None before.
        self._timeout: float | None = None
        # What set_type_of_service was told last; None before.
        self._type_of_service = (
            None if type_of_service is None else check_type_of_service("type_of_service", type_of_service)
        )
        super().__init__(runtime, **options)

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
            self._idle = IdleTimer(self._runtime, self, seconds)
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
        check_int("count", count, 1)
        self._keep_alive = (enable, initial_delay, interval, count)
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.set_keep_alive(*self._keep_alive)
        return self

    def set_type_of_service(self, tos: int) -> Self:
        """Mark what is sent: IPv4's type of service, IPv6's traffic class; before connecting it is remembered.

        Args:
            tos: 0 to 255. Linux keeps the two lowest bits, which tell of congestion, to itself.

        Returns:
            The socket.

        Raises:
            InvalidArgTypeError: no int.
            OutOfRangeError: not in 0 to 255.
            SystemCallError: the system refused.

        Node: `socket.setTypeOfService`.
        """
        self._type_of_service = check_type_of_service("tos", tos)
        if self._handle is not None:
            try:
                self._handle.set_type_of_service(tos)
            except OSError as error:
                raise system_error(error, "setTypeOfService") from error
        return self

    def get_type_of_service(self) -> int:
        """Return what packets are marked with, as the system has it; without a connection what it is to be, 0 at first.

        Raises:
            SystemCallError: the system refused.

        Node: `socket.getTypeOfService`.
        """
        value = None
        if self._handle is not None:
            try:
                value = self._handle.get_type_of_service()
            except OSError as error:
                raise system_error(error, "getTypeOfService") from error
        return (self._type_of_service or 0) if value is None else value

    def _apply_settings(self) -> None:
        """Tell a new connection what was set before it was there."""
        handle = self._handle
        if handle is None or (not self._keep_alive[0] and self._type_of_service is None):
            return
        with contextlib.suppress(OSError):  # the peer may have gone; reading will tell
            if self._keep_alive[0]:
                handle.set_keep_alive(*self._keep_alive)
            if self._type_of_service is not None:
                handle.set_type_of_service(self._type_of_service)
