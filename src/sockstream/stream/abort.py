"""Aborting a stream by a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sockstream.errors import AbortError, InvalidArgTypeError
from sockstream.events import ERROR_MONITOR
from sockstream.stream.base import Stream
from sockstream.stream.finishing import finished
from sockstream.stream.signals import check_signal

if TYPE_CHECKING:
    from sockstream.abort import AbortSignal

    _StreamT = TypeVar("_StreamT", bound=Stream)

__all__ = ["add_abort_signal"]


def add_abort_signal(signal: AbortSignal, stream: _StreamT) -> _StreamT:
    """Destroy a stream with an AbortError when a signal is aborted, unless it has ended before.

    Args:
        signal: the signal; one that is aborted already destroys the stream now.
        stream: the stream.

    Returns:
        The stream.

    Raises:
        InvalidArgTypeError: `signal` is no AbortSignal, or `stream` no stream.

    The error needs no listener, unless the signal was aborted before. Node: `stream.addAbortSignal`.
    """
    check_signal(signal)
    if not isinstance(stream, Stream):
        raise InvalidArgTypeError("stream", "a stream", stream)
    if signal.aborted:
        stream.destroy(AbortError(signal.reason))
        return stream

    def abort() -> None:
        if not stream.destroyed:
            # Who aborts knows. Differs: Node lets no error of the stream be one that nobody listens to.
            stream.once("error", _heard)
            stream.destroy(AbortError(signal.reason))

    def over(*_: object) -> None:
        signal.off("abort", abort)
        stream.off(ERROR_MONITOR, over)
        watch.cancel()

    signal.once("abort", abort)
    stream.on(ERROR_MONITOR, over)
    watch = finished(stream, over, error=False, cleanup=True)
    return stream


def _heard(_: BaseException) -> None:
    """Hear an error that needs no answer."""
