"""The check of an argument that must be an AbortSignal."""

from __future__ import annotations

from sockstream.errors import InvalidArgTypeError

__all__ = ["check_signal"]


def check_signal(signal: object) -> None:
    """Raise unless `signal` can be listened to as an AbortSignal."""
    if not hasattr(signal, "aborted") or not hasattr(signal, "once"):
        raise InvalidArgTypeError("signal", "an AbortSignal", signal)
