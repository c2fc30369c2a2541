"""What the events of servers bring, for type checkers and editors: nothing of this is there at run time.

See `sockstream.stream.event_types`.
"""

# Both checkers take a narrower form before the general one for an incompatible one.
# mypy: disable-error-code="override, assignment"
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.events import EventEmitter

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Self, TypeVar, overload

    from sockstream.net.drop import DropInfo
    from sockstream.net.socket import Socket

    _F = TypeVar("_F", bound=Callable[..., object])

__all__ = ["ServerEvents"]


class ServerEvents(EventEmitter):
    """A server's events."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
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
        def on(self, name: str, listener: Callable[..., object] | None = None) -> Any: ...

        add_listener = once = prepend_listener = prepend_once_listener = on

        @overload
        def emit(self, name: Literal["listening", "close"]) -> bool: ...
        @overload
        def emit(self, name: Literal["connection"], socket: Socket, /) -> bool: ...
        @overload
        def emit(self, name: Literal["drop"], info: DropInfo | None, /) -> bool: ...
        @overload
        def emit(self, name: Literal["error"], error: Exception, /) -> bool: ...
        @overload
        def emit(self, name: str, *args: Any) -> bool: ...
        def emit(self, name: str, *args: Any) -> bool: ...
