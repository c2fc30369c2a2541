"""AbortController and AbortSignal: one switch that ends any number of operations.

What will abort a signal knows it by a weak reference only, so that a short-lived signal made from a long-lived one
(`any`), or one with a long timeout, costs nothing once it is forgotten.  While somebody listens to it, it is held.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from sockstream.errors import AbortError, AbortTimeoutError, InvalidArgTypeError, OutOfRangeError
from sockstream.events import EventEmitter
from sockstream.loop import current
from sockstream.timers import set_timeout

if TYPE_CHECKING:
    from sockstream.timers import Timer

__all__ = ["AbortController", "AbortSignal"]


class AbortSignal(EventEmitter):
    """Tells operations that they are to end. Given to them as `signal=`; made by an `AbortController`.

    Node: `AbortSignal`.

    Attributes:
        aborted: whether it has happened.
        reason: why, once it has happened; any object, an `AbortError` unless another was given.

    Events:
        abort (): it happens now; emitted once. A listener that raises does not keep the others from being called.

    Example:
        >>> controller = AbortController()
        >>> signal = controller.signal.on("abort", lambda: print("stop"))
        >>> controller.abort()
        stop
        >>> signal.aborted
        True
    """

    __slots__ = ("_dependents", "_held", "_sources", "_timer", "_wanted", "aborted", "reason")

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False
        self.reason: object = None
        # The signals that abort when this one does (an ordered set), and those among them that are listened to.
        self._dependents: WeakKeyDictionary[AbortSignal, None] = WeakKeyDictionary()
        self._held: set[AbortSignal] = set()
        # The signals that abort this one: none of them comes from `any` itself.
        self._sources: tuple[AbortSignal, ...] = ()
        # What aborts it after a time, if something does.
        self._timer: _Expiry | None = None
        # Somebody listens, to this one or to one that depends on it.
        self._wanted = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {f'aborted: {self.reason!r}' if self.aborted else 'waiting'}>"

    # -- making one ---------------------------------------------------------------------------------------------------

    @staticmethod
    def abort(reason: object = None) -> AbortSignal:
        """Return a signal that is aborted already.

        Args:
            reason: why; an `AbortError` when None.

        Node: `AbortSignal.abort`.
        """
        signal = AbortSignal()
        signal._mark(AbortError() if reason is None else reason)
        return signal

    @staticmethod
    def timeout(seconds: float) -> AbortSignal:
        """Return a signal that aborts after a time, with a reason that is a `TimeoutError`.

        It does not keep `sockstream.run` alive.

        Args:
            seconds: how long from now.

        Raises:
            InvalidArgTypeError: `seconds` is no number.
            OutOfRangeError: it is negative or NaN.
            RuntimeError: no loop is running.

        Node: `AbortSignal.timeout`.
        """
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise InvalidArgTypeError("seconds", "of type int or float", seconds)
        if not seconds >= 0:
            raise OutOfRangeError("seconds", ">= 0", seconds)
        signal = AbortSignal()
        signal._timer = _Expiry(signal, seconds)
        return signal

    @staticmethod
    def any(signals: Iterable[AbortSignal]) -> AbortSignal:
        """Return a signal that aborts with the first of several, and with its reason.

        Args:
            signals: the signals; one that is aborted already makes the result so.

        Raises:
            InvalidArgTypeError: one of them is no AbortSignal.

        Node: `AbortSignal.any`.
        """
        if not isinstance(signals, Iterable):
            raise InvalidArgTypeError("signals", "an iterable of AbortSignal", signals)
        signals = tuple(signals)
        for index, signal in enumerate(signals):
            if not isinstance(signal, AbortSignal):
                raise InvalidArgTypeError(f"signals[{index}]", "an AbortSignal", signal)
        result = AbortSignal()
        for signal in signals:
            if signal.aborted:
                result._mark(signal.reason)
                return result
        result._depend_on(signals)
        return result

    def _depend_on(self, signals: tuple[AbortSignal, ...]) -> None:
        sources = (source for signal in signals for source in (signal._sources or (signal,)))
        self._sources = tuple(dict.fromkeys(sources))
        for source in self._sources:
            source._dependents[self] = None

    # -- asking -------------------------------------------------------------------------------------------------------

    def throw_if_aborted(self) -> None:
        """Raise the reason if the signal is aborted.

        Raises:
            BaseException: the reason; an `AbortError` with it as its `cause` when it is no exception.

        Node: `abortSignal.throwIfAborted`.
        """
        if self.aborted:
            raise self.reason if isinstance(self.reason, BaseException) else AbortError(self.reason)

    # -- aborting -----------------------------------------------------------------------------------------------------

    def _abort(self, reason: object) -> None:
        """Abort this signal and those that depend on it; all of them are aborted before the first listener runs."""
        if self.aborted:
            return
        affected = [self, *(dependent for dependent in self._dependents if not dependent.aborted)]
        for signal in affected:
            signal._mark(reason)
        failures = [failure for signal in affected for failure in signal._announce()]
        if failures:
            _report(failures)

    def _mark(self, reason: object) -> None:
        self.aborted = True
        self.reason = reason
        self._set_wanted(wanted=False)

    def _announce(self) -> list[BaseException]:
        """Call each listener, whatever the others do; return what they raised."""
        failures: list[BaseException] = []
        for listener in self.raw_listeners("abort"):
            try:
                result = listener()
                if isinstance(result, Coroutine):
                    current().spawn(self, "abort", (), result)
            except Exception as error:
                failures.append(error)
        return failures

    # -- being held ---------------------------------------------------------------------------------------------------

    def _listeners_changed(self, name: str, *, removed: bool) -> None:
        if name == "abort":
            self._update_wanted()

    def _update_wanted(self) -> None:
        wanted = not self.aborted and bool(self._held or self.listener_count("abort"))
        if wanted != self._wanted:
            self._set_wanted(wanted=wanted)

    def _set_wanted(self, *, wanted: bool) -> None:
        """Be held by what will abort this signal, or be held no more."""
        self._wanted = wanted
        if self._timer is not None:
            self._timer.held = self if wanted else None
        for source in self._sources:
            if wanted:
                source._held.add(self)
            else:
                source._held.discard(self)
            source._update_wanted()


class _Expiry:
    """Aborts a signal when its time is over; forgets it, and the timer, when nobody else has it and nobody listens."""

    __slots__ = ("held", "signal", "timer")

    def __init__(self, signal: AbortSignal, seconds: float) -> None:
        self.timer: Timer = set_timeout(self.fire, seconds).unref()
        # The signal while somebody listens to it.
        self.held: AbortSignal | None = None
        timer = self.timer
        self.signal = ref(signal, lambda _: timer.cancel())

    def fire(self) -> None:
        signal = self.signal()
        if signal is not None:
            signal._abort(AbortTimeoutError())


def _report(failures: list[BaseException]) -> None:
    """Make what listeners raised errors nobody listens to; without a loop, raise the first."""
    try:
        runtime = current()
    except RuntimeError:
        raise failures[0] from None
    for failure in failures:
        runtime.tick(None, runtime.fail, failure)


class AbortController:
    """Holds a signal and the power to abort it. Node: `AbortController`.

    Attributes:
        signal: the signal, to be given to what it is to end.

    Example:
        >>> controller = AbortController()
        >>> controller.abort("enough")
        >>> controller.signal.reason
        'enough'
    """

    __slots__ = ("__weakref__", "signal")

    def __init__(self) -> None:
        self.signal = AbortSignal()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.signal!r}>"

    def abort(self, reason: object = None) -> None:
        """Abort the signal; the second time this does nothing.

        Args:
            reason: why, any object; an `AbortError` when None.

        Events: `'abort'` on the signal and on those that depend on it, before this returns.
        Node: `abortController.abort`.
        """
        self.signal._abort(AbortError() if reason is None else reason)
