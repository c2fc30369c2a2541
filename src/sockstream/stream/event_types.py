"""What the events of streams bring, for type checkers and editors: nothing of this is there at run time.

A listener that fits none of an event's forms falls through to the emitter's own signature: what a program knows better
(that chunks are bytes, as it has set no encoding) it may say, and events of its own it may have.
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

    from sockstream.stream.readable import Readable

    _F = TypeVar("_F", bound=Callable[..., object])
    # 'ready' is for file streams.
    _Moment = Literal["readable", "end", "pause", "resume", "drain", "finish", "close", "ready"]

__all__ = ["StreamEvents"]


class StreamEvents(EventEmitter):
    """The events of every stream; those of a side that it does not have never come."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def on(self, name: _Moment, listener: Callable[[], object]) -> Self: ...
        @overload
        def on(self, name: Literal["data"], listener: Callable[[Any], object]) -> Self: ...
        @overload
        def on(self, name: Literal["error"], listener: Callable[[Exception], object]) -> Self: ...
        @overload
        def on(self, name: Literal["pipe", "unpipe"], listener: Callable[[Readable], object]) -> Self: ...
        @overload
        def on(self, name: Literal["open"], listener: Callable[[int], object]) -> Self: ...
        @overload
        def on(self, name: str) -> Callable[[_F], _F]: ...
        @overload
        def on(self, name: str, listener: Callable[..., object]) -> Self: ...
        def on(self, name: str, listener: Callable[..., object] | None = None) -> Any: ...

        add_listener = once = prepend_listener = prepend_once_listener = on

        @overload
        def emit(self, name: _Moment) -> bool: ...
        @overload
        def emit(self, name: Literal["data"], chunk: Any, /) -> bool: ...
        @overload
        def emit(self, name: Literal["error"], error: Exception, /) -> bool: ...
        @overload
        def emit(self, name: Literal["pipe", "unpipe"], source: Readable, /) -> bool: ...
        @overload
        def emit(self, name: Literal["open"], fd: int, /) -> bool: ...
        @overload
        def emit(self, name: str, *args: Any) -> bool: ...
        def emit(self, name: str, *args: Any) -> bool: ...
