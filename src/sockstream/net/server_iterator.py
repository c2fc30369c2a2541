"""`async for socket in server`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sockstream.loop import current

if TYPE_CHECKING:
    import asyncio
    from typing import Self

    from sockstream.net.server import Server
    from sockstream.net.socket import Socket

__all__ = ["ServerIterator"]


class _Inbox:
    """What an iterator has heard of its server.

    The server's listeners refer to this and not to the iterator, so that the iterator goes when its loop does.
    """

    __slots__ = ("error", "is_over", "server", "sockets", "waiter")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.sockets: deque[Socket] = deque()
        self.waiter: asyncio.Future[None] | None = None
        self.error: BaseException | None = None
        # Nothing more will come.
        self.is_over = not server._may_accept()
        server.on("connection", self.on_connection)
        server.on("close", self.on_close)
        server.on("error", self.on_error)

    def stop(self) -> None:
        self.is_over = True
        server = self.server
        server.off("connection", self.on_connection)
        server.off("close", self.on_close)
        server.off("error", self.on_error)
        sockets, self.sockets = self.sockets, deque()
        if not server.listener_count("connection"):
            for socket in sockets:
                socket.destroy()

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def on_connection(self, socket: Socket) -> None:
        self.sockets.append(socket)
        self.wake()

    def on_close(self) -> None:
        self.is_over = True
        self.wake()

    def on_error(self, error: BaseException) -> None:
        self.error = error
        self.on_close()


class ServerIterator:
    """The connections of a server, one `await` each, until it is closed.

    Connections that come while the loop's body runs wait here.  When the loop is left early, those that wait are
    destroyed unless somebody else listens to `'connection'`.
    """

    __slots__ = ("_inbox",)

    def __init__(self, server: Server) -> None:
        """Listen from now on."""
        self._inbox = _Inbox(server)

    def __aiter__(self) -> Self:
        """Return the iterator itself."""
        return self

    async def __anext__(self) -> Socket:
        """Return the next connection; raise the server's error, or StopAsyncIteration once it does not listen."""
        inbox = self._inbox
        while not inbox.sockets:
            if inbox.is_over or not inbox.server._may_accept():
                error, inbox.error = inbox.error, None
                inbox.stop()
                if error is not None:
                    raise error
                raise StopAsyncIteration
            inbox.waiter = current().loop.create_future()
            try:
                await inbox.waiter
            finally:
                inbox.waiter = None
        return inbox.sockets.popleft()

    async def aclose(self) -> None:
        """Leave the loop."""
        self._inbox.stop()

    def __del__(self) -> None:
        """Leave the loop when nothing refers to the iterator any more."""
        self._inbox.stop()
