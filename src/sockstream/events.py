"""Event emitters: named events, listeners called in order, and the awaitable forms of both.

Listeners of a name are kept as an immutable tuple, so that `emit` walks a snapshot without copying it: a listener that
adds or removes others changes the next emission, never the current one.
"""

from __future__ import annotations

import sys
import warnings
from collections import deque
from collections.abc import AsyncGenerator, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload
from weakref import finalize

from sockstream.errors import AbortError, InvalidArgTypeError, OutOfRangeError, UnhandledError
from sockstream.loop import COMPILED, current

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable
    from typing import Self

    from sockstream.abort import AbortSignal

__all__ = ["ERROR_MONITOR", "EventEmitter", "MaxListenersExceededWarning", "default_max_listeners", "on", "once"]

_F = TypeVar("_F", bound="Callable[..., object]")

ERROR_MONITOR: Final = "sockstream.error_monitor"
"""Listeners of this name see every `'error'` before its own listeners, without counting. Node: `errorMonitor`."""

default_max_listeners: int = 10
"""How many listeners an event may have before `MaxListenersExceededWarning`; 0 for no limit."""


class MaxListenersExceededWarning(ResourceWarning):
    """More listeners on one event than the emitter's limit: usually one is added again and again."""


def _level_of_user() -> int:
    """Return how far up the stack of whoever asks the first frame is that is not this package's."""
    level, frame = 1, sys._getframe(0 if COMPILED else 1)  # compiled functions have no frames
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("sockstream."):
        level, frame = level + 1, frame.f_back
    return level


class _Once:
    """The wrapper that takes its listener off before it calls it."""

    __slots__ = ("emitter", "fired", "listener", "name")

    def __init__(self, emitter: EventEmitter, name: str, listener: Callable[..., object]) -> None:
        self.emitter = emitter
        self.name = name
        self.listener = listener
        self.fired = False

    def __call__(self, *args: Any) -> object:
        if self.fired:
            return None
        self.fired = True
        self.emitter._remove_exactly(self.name, self)
        return self.listener(*args)


def _unwrap(listener: Callable[..., object]) -> Callable[..., object]:
    return listener.listener if isinstance(listener, _Once) else listener


class EventEmitter:
    """An object that emits named events. Node: `events.EventEmitter`.

    Events:
        new_listener (name, listener): before a listener is added.
        remove_listener (name, listener): after a listener was removed.
    """

    __slots__ = ("__dict__", "__weakref__", "_events", "_max_listeners", "_warned")

    def __init__(self) -> None:
        # The listeners of each name, in the order in which they are called.
        self._events: dict[str, tuple[Callable[..., object], ...]] = {}
        # None: the module's default applies.
        self._max_listeners: int | None = None
        # The names warned about: one warning each.
        self._warned: set[str] | None = None

    # -- adding -------------------------------------------------------------------------------------------------------

    @overload
    def on(self, name: str) -> Callable[[_F], _F]: ...
    @overload
    def on(self, name: str, listener: Callable[..., object]) -> Self: ...
    def on(self, name: str, listener: Callable[..., object] | None = None) -> Any:
        """Add a listener at the end of the event's list; without one, return a decorator.

        Args:
            name: the event.
            listener: a plain function or a coroutine function, called with the event's arguments.

        Returns:
            The emitter, or the decorator, which returns the function as it was.

        Raises:
            InvalidArgTypeError: the listener is not callable.

        Node: `emitter.on`, `emitter.addListener`.
        """
        if listener is None:
            return self._decorator(self.on, name)
        self._check_listener(listener)
        self._insert(name, listener, listener, prepend=False)
        self._listener_added(name)
        return self

    add_listener = on

    if TYPE_CHECKING:
        # The same types, by alias: a subclass that says what its events bring says it once, for `on`.
        once = prepend_listener = prepend_once_listener = on
    else:

        def once(self, name: str, listener: Callable[..., object] | None = None) -> Any:
            """Add a listener that is removed right before its first call; without one, return a decorator.

            Args and returns are those of `on`. Node: `emitter.once`.
            """
            return self._add(self.once, name, listener, once=True)

        def prepend_listener(self, name: str, listener: Callable[..., object] | None = None) -> Any:
            """Add a listener at the front of the event's list; without one, return a decorator.

            Args and returns are those of `on`. Node: `emitter.prependListener`.
            """
            return self._add(self.prepend_listener, name, listener, prepend=True)

        def prepend_once_listener(self, name: str, listener: Callable[..., object] | None = None) -> Any:
            """Add a listener for one call at the front of the event's list; without one, return a decorator.

            Args and returns are those of `on`. Node: `emitter.prependOnceListener`.
            """
            return self._add(self.prepend_once_listener, name, listener, once=True, prepend=True)

    def _add(
        self,
        method: Callable[..., object],
        name: str,
        listener: Callable[..., object] | None,
        *,
        once: bool = False,
        prepend: bool = False,
    ) -> Any:
        if listener is None:
            return self._decorator(method, name)
        self._check_listener(listener)
        self._insert(name, _Once(self, name, listener) if once else listener, listener, prepend=prepend)
        if not prepend:
            self._listener_added(name)
        return self

    @staticmethod
    def _decorator(add: Callable[..., object], name: str) -> Callable[[_F], _F]:
        def decorate(listener: _F) -> _F:
            add(name, listener)
            return listener

        return decorate

    @staticmethod
    def _check_listener(listener: object) -> None:
        if not callable(listener):
            raise InvalidArgTypeError("listener", "a callable", listener)

    def _insert(
        self, name: str, entry: Callable[..., object], listener: Callable[..., object], *, prepend: bool
    ) -> None:
        if "new_listener" in self._events:
            self.emit("new_listener", name, listener)
        present = self._events.get(name, ())
        self._events[name] = (entry, *present) if prepend else (*present, entry)
        self._listeners_changed(name, removed=False)
        limit = default_max_listeners if self._max_listeners is None else self._max_listeners
        if 0 < limit <= len(present):
            self._warn_of_too_many(name, len(present) + 1)

    def _warn_of_too_many(self, name: str, count: int) -> None:
        if self._warned is None:
            self._warned = set()
        if name in self._warned:
            return
        self._warned.add(name)
        warnings.warn(
            f"possible leak: {count} {name!r} listeners added to {type(self).__name__}; "
            "set_max_listeners() raises the limit",
            MaxListenersExceededWarning,
            stacklevel=_level_of_user(),
        )

    def _listener_added(self, name: str) -> None:
        """Do what a new listener asks for just by being there; Node: prepended ones ask for nothing."""

    def _listeners_changed(self, name: str, *, removed: bool) -> None:
        """Notice that the listeners of `name` are others now."""

    def _listener_missing(self, name: str) -> None:
        """Notice that a listener was to be removed that is not there."""

    # -- removing -----------------------------------------------------------------------------------------------------

    def off(self, name: str, listener: Callable[..., object]) -> Self:
        """Remove the listener's newest entry from the event's list, if it has one.

        Args:
            name: the event.
            listener: what was given to `on` or `once`.

        Returns:
            The emitter.

        Events: `'remove_listener'`. Node: `emitter.off`, `emitter.removeListener`.
        """
        self._check_listener(listener)
        for entry in reversed(self._events.get(name, ())):
            if entry == listener or _unwrap(entry) == listener:
                self._remove_exactly(name, entry)
                break
        else:
            self._listener_missing(name)
        return self

    remove_listener = off

    def remove_all_listeners(self, name: str | None = None) -> Self:
        """Remove every listener of one event, or of all.

        Args:
            name: the event; all of them when None.

        Returns:
            The emitter.

        Events: `'remove_listener'` for each, newest first. Node: `emitter.removeAllListeners`.
        """
        if "remove_listener" in self._events:
            names = [name] if name is not None else [n for n in self._events if n != "remove_listener"]
            for each in names:
                for entry in reversed(self._events.get(each, ())):
                    self._remove_exactly(each, entry)
        changed = list(self._events) if name is None else [name]
        for each in changed:
            if self._events.pop(each, None):
                self._listeners_changed(each, removed=True)
        return self

    def _remove_exactly(self, name: str, entry: Callable[..., object]) -> None:
        entries = self._events.get(name, ())
        for index in range(len(entries) - 1, -1, -1):
            if entries[index] is entry:
                break
        else:
            self._listener_missing(name)
            return
        rest = entries[:index] + entries[index + 1 :]
        if rest:
            self._events[name] = rest
        else:
            del self._events[name]
        self._listeners_changed(name, removed=True)
        if "remove_listener" in self._events:
            self.emit("remove_listener", name, _unwrap(entry))

    # -- emitting -----------------------------------------------------------------------------------------------------

    def emit(self, name: str, *args: Any) -> bool:
        """Call the event's listeners in order, with the arguments.

        A coroutine listener runs as a task owned by this emitter.

        Args:
            name: the event.
            *args: what its listeners get.

        Returns:
            Whether the event had listeners.

        Raises:
            BaseException: what a plain listener raised; the listeners after it are not called. For `'error'` without a
                listener: the error itself, or UnhandledError around what is no exception.

        Node: `emitter.emit`.
        """
        if name == "error":
            self._before_error(args)
        listeners = self._events.get(name)
        if listeners is None:
            return False
        for listener in listeners:
            result = listener(*args)
            if result is not None and result is not True and result is not False and isinstance(result, Coroutine):
                current().spawn(self, name, args, result)
        return True

    def _before_error(self, args: tuple[Any, ...]) -> None:
        if ERROR_MONITOR in self._events:
            self.emit(ERROR_MONITOR, *args)
        if "error" not in self._events:
            error = args[0] if args else None
            if isinstance(error, BaseException):
                raise error
            raise UnhandledError(error)

    def _listener_failed(self, error: BaseException, event: str | None = None, args: tuple[Any, ...] = ()) -> None:
        """Take an exception that a listener let out: as `'error'`, unless it came from there."""
        if event != "error" and "error" in self._events:
            self.emit("error", error)
        else:
            current().fail(error)

    # -- asking -------------------------------------------------------------------------------------------------------

    def event_names(self) -> list[str]:
        """Return the names that have listeners, oldest first. Node: `emitter.eventNames`."""
        return list(self._events)

    def listener_count(self, name: str, listener: Callable[..., object] | None = None) -> int:
        """Return how many listeners the event has, or how often one listener is among them.

        Node: `emitter.listenerCount`.
        """
        entries = self._events.get(name, ())
        if listener is None:
            return len(entries)
        return sum(1 for entry in entries if entry == listener or _unwrap(entry) == listener)

    def listeners(self, name: str) -> list[Callable[..., object]]:
        """Return the event's listeners as they were given. Node: `emitter.listeners`."""
        return [_unwrap(entry) for entry in self._events.get(name, ())]

    def raw_listeners(self, name: str) -> list[Callable[..., object]]:
        """Return the event's listeners with the wrappers of `once`, whose `.listener` is the original.

        Node: `emitter.rawListeners`.
        """
        return list(self._events.get(name, ()))

    def set_max_listeners(self, count: int) -> Self:
        """Set how many listeners an event may have before a warning; 0 for no limit.

        Raises:
            InvalidArgTypeError: no number.
            OutOfRangeError: a negative count, or one that is not whole.

        Node: `emitter.setMaxListeners`.
        """
        given: object = count
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise InvalidArgTypeError("count", "an int", given)
        if not isinstance(given, int) or given < 0:
            raise OutOfRangeError("count", "an int of 0 or more", given)
        self._max_listeners = given
        return self

    def get_max_listeners(self) -> int:
        """Return how many listeners an event may have before a warning. Node: `emitter.getMaxListeners`."""
        return default_max_listeners if self._max_listeners is None else self._max_listeners


# -- awaiting ---------------------------------------------------------------------------------------------------------


def _settle(future: asyncio.Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _as_exception(error: object) -> BaseException:
    return error if isinstance(error, BaseException) else UnhandledError(error)


def once(emitter: EventEmitter, name: str, *, signal: AbortSignal | None = None) -> Coroutine[Any, Any, list[Any]]:
    """Wait for an event and return its arguments; it is listened to from the call on, not from the `await` on.

    Args:
        emitter: whose event.
        name: which event.
        signal: gives up when it is aborted.

    Returns:
        The arguments the event was emitted with, when awaited.

    Raises:
        AbortError: the signal was aborted.
        BaseException: what the emitter emitted as `'error'` meanwhile (unless `'error'` is what is waited for).

    Node: `events.once`.
    """
    future: asyncio.Future[list[Any]] = current().loop.create_future()
    if signal is not None and signal.aborted:
        return _wait_for(future, lambda: None, AbortError(signal.reason))
    listening = _Listening()
    listening.to(emitter, name, lambda *args: _settle(future, list(args)))
    if name != "error":
        listening.to(emitter, "error", lambda error=None, *_: _settle(future, error=_as_exception(error)))
    if signal is not None:
        listening.to(signal, "abort", lambda *_: _settle(future, error=AbortError(signal.reason)))
    waiting = _wait_for(future, listening.stop)
    # A task cancelled before it starts never enters the coroutine: then its end is the time to stop.
    finalize(waiting, listening.stop)
    return waiting


async def _wait_for(
    future: asyncio.Future[list[Any]], stop: Callable[[], None], error: BaseException | None = None
) -> list[Any]:
    if error is not None:
        raise error
    try:
        return await future
    finally:
        stop()


class _Listening:
    """Listeners that are taken off together."""

    __slots__ = ("listeners",)

    def __init__(self) -> None:
        self.listeners: list[tuple[EventEmitter, str, Callable[..., object]]] = []

    def to(self, emitter: EventEmitter, name: str, listener: Callable[..., object]) -> None:
        self.listeners.append((emitter, name, listener))
        emitter.on(name, listener)

    def stop(self) -> None:
        while self.listeners:
            emitter, name, listener = self.listeners.pop()
            emitter.off(name, listener)


def on(
    emitter: EventEmitter, name: str, *, close: Iterable[str] = (), signal: AbortSignal | None = None
) -> AsyncGenerator[list[Any], None]:
    """Iterate over an event's emissions; from the call on, none is lost while the loop's body awaits.

    Args:
        emitter: whose event.
        name: which event.
        close: the names of events that end the iteration.
        signal: ends it with an AbortError.

    Yields:
        The arguments of each emission, as a list.

    Raises:
        AbortError: the signal was aborted.
        BaseException: what the emitter emitted as `'error'`, after the emissions before it.

    Node: `events.on`.
    """
    if signal is not None and signal.aborted:
        raise AbortError(signal.reason)
    emissions = _Emissions()
    emissions.to(emitter, name, emissions.happened)
    if name != "error":
        emissions.to(emitter, "error", lambda error=None, *_: emissions.finish(_as_exception(error)))
    for each in close:
        emissions.to(emitter, each, lambda *_: emissions.finish())
    if signal is not None:
        emissions.to(signal, "abort", lambda *_: emissions.finish(AbortError(signal.reason)))
    return _EmissionIterator(emissions)


class _Emissions(_Listening):
    """What an iteration's listeners have noted and nobody has taken yet."""

    __slots__ = ("error", "finished", "queue", "waiters")

    def __init__(self) -> None:
        super().__init__()
        self.queue: deque[list[Any]] = deque()
        self.finished = False
        # Raised once, when the queue is empty.
        self.error: BaseException | None = None
        # Those that wait for the next one, in order (a dict as an ordered set).
        self.waiters: dict[asyncio.Future[None], None] = {}

    def happened(self, *args: Any) -> None:
        self.queue.append(list(args))
        self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        self.stop()
        self.finished = True
        self.error = error
        self._wake()

    def _wake(self) -> None:
        for waiter in self.waiters:
            _settle(waiter)

    async def take(self) -> list[Any]:
        while not self.queue:
            if self.finished:
                error, self.error = self.error, None
                raise error or StopAsyncIteration
            waiter: asyncio.Future[None] = current().loop.create_future()
            self.waiters[waiter] = None
            try:
                await waiter
            finally:
                del self.waiters[waiter]
        return self.queue.popleft()


class _EmissionIterator(AsyncGenerator[list[Any], None]):
    """The iterator over `_Emissions`; they do not know it, so that dropping it (a `break`) ends the listening."""

    __slots__ = ("_emissions",)

    def __init__(self, emissions: _Emissions) -> None:
        self._emissions = emissions

    async def asend(self, value: None) -> list[Any]:
        return await self._emissions.take()

    async def athrow(self, typ: Any, val: Any = None, tb: Any = None) -> list[Any]:
        self._emissions.finish()
        self._emissions.queue.clear()
        raise typ if val is None else val

    def __del__(self) -> None:
        self._emissions.stop()
