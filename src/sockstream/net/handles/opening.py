"""Which handle a connected socket gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.net.handles import poller
from sockstream.net.handles.polled import PolledHandle

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from sockstream.loop import Runtime
    from sockstream.net.handles.base import Handle
    from sockstream.net.handles.kernel import PeerName

__all__ = ["open_handle"]


def open_handle(
    runtime: Runtime,
    sock: socket.socket,
    on_ready: Callable[[Handle], object] | None = None,
    *,
    no_delay: bool = False,
    peer_name: PeerName | None = None,
) -> Handle:
    """Make the handle of a connected socket: one that polls where there is epoll, else one over a transport.

    Args:
        runtime: of the running loop.
        sock: the socket; the handle closes it.
        on_ready: called with the handle, before this returns or later, when it can be attached to; not called when
            the handle was closed meanwhile.
        no_delay: whether Nagle's algorithm is off.
        peer_name: the peer's address as `accept` gave it, or None.
    """
    if poller.is_available:
        try:
            handle = PolledHandle(runtime, sock, no_delay=no_delay, peer_name=peer_name)
        except OSError:  # no descriptor is left for a poller; a transport needs none of its own
            pass
        else:
            if on_ready is not None:
                on_ready(handle)
            return handle
    from sockstream.net.handles.transport import TransportHandle  # aiofastnet takes its time to load

    transport = TransportHandle(runtime, sock, no_delay=no_delay, peer_name=peer_name)
    transport.open(on_ready)
    return transport
