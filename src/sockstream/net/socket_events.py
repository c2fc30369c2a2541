"""What the events of sockets bring, for type checkers and editors: nothing of this is there at run time.

See `sockstream.stream.event_types`.
"""

# Both checkers take a narrower form before the general one for an incompatible one.
# mypy: disable-error-code="override, assignment"
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.net.socket_twins import SocketTwins

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Self, TypeVar, overload

    from sockstream.stream.readable import Readable

    _F = TypeVar("_F", bound=Callable[..., object])
    _SocketMoment = Literal["connect", "ready", "readable", "end", "pause", "resume", "drain", "finish", "timeout"]
    _Attempt = Literal["connection_attempt", "connection_attempt_timeout"]

__all__ = ["SocketEvents"]


class SocketEvents(SocketTwins):
    """A socket's events."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
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
        def on(self, name: _Attempt, listener: Callable[[str, int, int], object]) -> Self: ...
        @overload
        def on(
            self, name: Literal["connection_attempt_failed"], listener: Callable[[str, int, int, Exception], object]
        ) -> Self: ...
        @overload
        def on(self, name: str) -> Callable[[_F], _F]: ...
        @overload
        def on(self, name: str, listener: Callable[..., object]) -> Self: ...
        def on(self, name: str, listener: Callable[..., object] | None = None) -> Any: ...

        add_listener = once = prepend_listener = prepend_once_listener = on

        @overload
        def emit(self, name: _SocketMoment) -> bool: ...
        @overload
        def emit(self, name: Literal["data"], chunk: bytes | str, /) -> bool: ...
        @overload
        def emit(self, name: Literal["error"], error: Exception, /) -> bool: ...
        @overload
        def emit(self, name: Literal["close"], had_error: bool, /) -> bool: ...
        @overload
        def emit(self, name: Literal["pipe", "unpipe"], source: Readable, /) -> bool: ...
        @overload
        def emit(
            self,
            name: Literal["lookup"],
            error: Exception | None,
            address: str | None,
            family: int | None,
            host: str,
            /,
        ) -> bool: ...
        @overload
        def emit(self, name: _Attempt, ip: str, port: int, family: int, /) -> bool: ...
        @overload
        def emit(
            self, name: Literal["connection_attempt_failed"], ip: str, port: int, family: int, error: Exception, /
        ) -> bool: ...
        @overload
        def emit(self, name: str, *args: Any) -> bool: ...
        def emit(self, name: str, *args: Any) -> bool: ...
