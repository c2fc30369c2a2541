"""The port between a `Socket` and what moves its bytes.

A *handle* is one connected byte stream: a TCP or Unix connection over an asyncio transport, or an end of an in-memory
pair.  The `Socket` above it is its *owner*.  A handle knows no streams and emits no events; a socket knows no
transport.

The contract:

* The handle calls its owner only as an entry (`Runtime.enter`), except its `handle_data`, which makes its own entry.
* Nothing is reported from inside a call the owner makes: not from `write`, `read_start`, `shutdown`, `close`.
* `write` takes everything.  When `busy` is false after it, the kernel has all of it; else `handle_drained` follows.
  When `is_lost()` after it, the connection has died instead, and `handle_lost` follows.  A handle that knows may return
  True when the kernel has all of it, which saves asking.
* Data comes only between `read_start` and `read_stop`; what arrived before waits, in the kernel or here.
* After `read_into` the owner's buffers are filled, where the transport can do that; what comes as chunks all the same,
  because it was read before, may be `put_back` in part.
* `handle_eof` comes at most once; after it `reading` is false and no data comes.
* `handle_lost` comes at most once, and not after `close` or `reset`; nothing else comes after it.  `reading` still says
  whether the connection was being read then: that is all that tells a failed read from a failed write.
* `close` and `reset` drop what was not written yet and call back exactly once, when the descriptor is released.
"""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from sockstream.net.addresses import AddressInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.net.addresses import Endpoint

__all__ = ["BufferOwner", "Handle", "HandleOwner"]


class HandleOwner(Protocol):
    """What a handle reports to."""

    def handle_data(self, chunk: bytes, /) -> None:
        """Take bytes; makes its own entry."""

    def handle_eof(self) -> None:
        """The peer will send no more."""

    def handle_drained(self) -> None:
        """The kernel has taken all that was written."""

    def handle_lost(self, error: OSError | None, call: str | None = None) -> None:
        """The connection died; `error` is what the system said, if anything, and `call` what was asked of it."""

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None: ...


class BufferOwner(HandleOwner, Protocol):
    """An owner that wants the bytes in buffers of its own."""

    def get_buffer(self, size: int, /) -> Any:
        """Return a buffer with room; `size` is what the transport suggests."""

    def buffer_updated(self, size: int, /) -> None:
        """So many bytes are in the buffer that was given last; makes its own entry."""


class Handle(ABC):
    """One connected byte stream; the module's text has the contract."""

    __slots__ = ("__weakref__", "busy", "reading")

    # Methods, or attributes that hold a transport's.

    # What takes bytes to send.
    write: Callable[[bytes], object]
    writelines: Callable[[Sequence[bytes]], object]
    # Tells whether the connection is dead, by itself or because it was closed.
    is_lost: Callable[[], bool]

    # The kernel has not taken all that was written.
    busy: bool
    # read_start() was called, and neither read_stop() nor an end of file came since.
    reading: bool

    @property
    @abstractmethod
    def is_tcp(self) -> bool:
        """Whether this is a TCP connection; otherwise it is a Unix socket or nothing of the system's."""

    @property
    @abstractmethod
    def unsent(self) -> int:
        """How many bytes were written that the kernel has not taken."""

    @property
    @abstractmethod
    def local_address(self) -> Endpoint:
        """This end's address."""

    @property
    @abstractmethod
    def remote_address(self) -> Endpoint:
        """The other end's address."""

    @abstractmethod
    def attach(self, owner: HandleOwner) -> None:
        """Report to `owner` from now on."""

    @abstractmethod
    def read_start(self) -> None:
        """Let data come."""

    @abstractmethod
    def read_stop(self) -> None:
        """Let no more data come."""

    def read_into(self, owner: BufferOwner) -> None:  # noqa: B027
        """Read into the owner's buffers from now on; a handle that cannot goes on with chunks."""

    @abstractmethod
    def put_back(self, chunk: bytes) -> None:
        """Take back what the owner could not take of a chunk: it comes first when reading goes on."""

    @abstractmethod
    def shutdown(self, callback: Callable[[OSError | None], object]) -> None:
        """Send the end of file once everything written is out, then call back as an entry."""

    @abstractmethod
    def close(self, callback: Callable[[], object]) -> None:
        """Let go of the connection now, then call back as an entry."""

    @abstractmethod
    def reset(self, callback: Callable[[], object]) -> None:
        """Like `close`, but the peer sees a reset where the kind of connection has one."""

    @abstractmethod
    def fileno(self) -> int:
        """Return the descriptor, or -1 when there is none."""

    def get_extra_info(self, name: str) -> object:
        """Return what asyncio's transports call so, `'peername'` for one; None where it is unknown."""
        return None

    @abstractmethod
    def get_option(self, level: int, name: int) -> int:
        """Return a socket option's value.

        Raises:
            OSError: the connection is closed, or has no such option.
        """

    @abstractmethod
    def set_option(self, level: int, name: int, value: int) -> None:
        """Set a socket option.

        Raises:
            OSError: the connection is closed, or has no such option.
        """

    def set_no_delay(self, no_delay: bool) -> None:
        """Switch Nagle's algorithm off, or on again. Does nothing where there is none."""
        if self.is_tcp:
            self.set_option(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(no_delay))

    def set_keep_alive(self, enable: bool, initial_delay: float, interval: float, count: int) -> None:
        """Switch TCP keep-alive on or off. Does nothing where there is none.

        Args:
            enable: whether the kernel probes an idle connection.
            initial_delay: seconds of silence before the first probe; under 1: what the system has set.
            interval: seconds between two probes.
            count: how many unanswered probes end the connection.
        """
        if not self.is_tcp:
            return
        self.set_option(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(enable))
        if not enable or initial_delay < 1:  # Node: the kernel's own times stay, the interval's and count's too
            return
        idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)  # macOS: the latter
        if idle is not None:
            self.set_option(socket.IPPROTO_TCP, idle, int(initial_delay))
        if hasattr(socket, "TCP_KEEPINTVL"):
            self.set_option(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, int(interval)))
        if hasattr(socket, "TCP_KEEPCNT"):
            self.set_option(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)

    def set_type_of_service(self, value: int) -> None:
        """Mark what is sent: IPv4's type of service, IPv6's traffic class. Does nothing where there is neither."""
        for level, name in self._service_options():
            self.set_option(level, name, value)

    def get_type_of_service(self) -> int | None:
        """Return the mark of what is sent as the kernel has it; None where there is none."""
        options = self._service_options()
        return self.get_option(*options[-1]) if options else None

    def _service_options(self) -> list[tuple[int, int]]:
        """Return the options that hold the mark, that of the packets on the wire last."""
        if not self.is_tcp:
            return []
        peer = self.remote_address
        if not isinstance(peer, AddressInfo) or ":" not in peer.address:
            return [(socket.IPPROTO_IP, socket.IP_TOS)]
        options = [(socket.IPPROTO_IPV6, socket.IPV6_TCLASS)]
        if peer.address.startswith("::ffff:"):  # a dual-stack socket: its packets are IPv4
            options.append((socket.IPPROTO_IP, socket.IP_TOS))
        return options
