"""Aborting a stream by a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sockstream.errors import AbortError, InvalidArgTypeError

if TYPE_CHECKING:
    from sockstream.abort import AbortSignal
    from sockstream.stream.base import Stream

    _StreamT = TypeVar("_StreamT", bound=Stream)

__all__ = ["add_abort_signal", "check_signal"]


def check_signal(signal: object) -> None:
    """Raise unless `signal` can be listened to as an AbortSignal."""
    if not hasattr(signal, "aborted") or not hasattr(signal, "once"):
        raise InvalidArgTypeError("signal", "an AbortSignal", signal)


def add_abort_signal(signal: AbortSignal, stream: _StreamT) -> _StreamT:
    """Destroy a stream with an AbortError when a signal is aborted.

    Args:
        signal: the signal; one that is aborted already destroys the stream now.
        stream: the stream.

    Returns:
        The stream.

    Raises:
        InvalidArgTypeError: `signal` is no AbortSignal.

    Node: `stream.addAbortSignal`.
    """
    check_signal(signal)

    def abort(*_: object) -> None:
        stream.destroy(AbortError(signal.reason))

    if signal.aborted:
        abort()
    else:
        signal.once("abort", abort)
        stream.once("close", lambda *_: signal.off("abort", abort))
    return stream
