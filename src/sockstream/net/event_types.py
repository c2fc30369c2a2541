"""What the events of sockets and servers bring, for type checkers and editors: nothing of this is there at run time.

A listener that fits none of an event's forms falls through to the emitter's own signature: what a program knows better
(that chunks are bytes, as it has set no encoding) it may say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.events import EventEmitter
from sockstream.net.socket_twins import SocketTwins

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Self, TypeVar, overload

    from sockstream.net.drop import DropInfo
    from sockstream.net.socket import Socket
    from sockstream.stream.readable import Readable

    _F = TypeVar("_F", bound=Callable[..., object])
    _SocketMoment = Literal[
        "connect", "ready", "readable", "end", "pause", "resume", "drain", "finish", "timeout", "prefinish"
    ]

__all__ = ["ServerEvents", "SocketEvents"]


class SocketEvents(SocketTwins):
    """A socket's events."""

    __slots__ = ()

    if TYPE_CHECKING:
        # Both checkers take the general form behind a narrower one for an incompatible one.
        @overload  # type: ignore[override]
        def on(self, name: _SocketMoment, listener: Callable[[], object]) -> Self: ...
        @overload
        def on(self, name: Literal["data"], listener: Callable[[bytes | str], object]) -> Self: ...
        @overload
        def on(self, name: Literal["error"], listener: Callable[[Exception], object]) -> Self: ...
        @overload
        def on(self, name: Literal["close"], listener: Callable[[bool], object]) -> Self: ...
        @overload
        def on(self, name: Literal["pipe", "unpipe"], listener: Callable[[Readable], object]) -> Self: ...
        @overload
        def on(
            self,
            name: Literal["lookup"],
            listener: Callable[[Exception | None, str | None, int | None, str], object],
        ) -> Self: ...
        @overload
        def on(
            self,
            name: Literal["connection_attempt", "connection_attempt_timeout"],
            listener: Callable[[str, int, int], object],
        ) -> Self: ...
        @overload
        def on(
            self, name: Literal["connection_attempt_failed"], listener: Callable[[str, int, int, Exception], object]
        ) -> Self: ...
        @overload
        def on(self, name: str) -> Callable[[_F], _F]: ...
        @overload
        def on(self, name: str, listener: Callable[..., object]) -> Self: ...
        def on(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, name: str, listener: Callable[..., object] | None = None
        ) -> Any: ...


class ServerEvents(EventEmitter):
    """A server's events."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def on(self, name: Literal["listening", "close"], listener: Callable[[], object]) -> Self: ...
        @overload
        def on(self, name: Literal["connection"], listener: Callable[[Socket], object]) -> Self: ...
        @overload
        def on(self, name: Literal["drop"], listener: Callable[[DropInfo | None], object]) -> Self: ...
        @overload
        def on(self, name: Literal["error"], listener: Callable[[Exception], object]) -> Self: ...
        @overload
        def on(self, name: str) -> Callable[[_F], _F]: ...
        @overload
        def on(self, name: str, listener: Callable[..., object]) -> Self: ...
        def on(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, name: str, listener: Callable[..., object] | None = None
        ) -> Any: ...
