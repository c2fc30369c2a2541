"""Two Duplex streams of which each reads what is written to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream.duplex import Duplex, DuplexOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    _Callback = Callable[[BaseException | None], object]

__all__ = ["duplex_pair"]


class _Side(Duplex):
    """One end; a write is done when the other end has asked for more."""

    __slots__ = ("_other", "_taken")

    _other: _Side

    def __init__(self, **options: Unpack[DuplexOptions]) -> None:
        # The callback of the other side's write, until this side asks for more.
        self._taken: _Callback | None = None
        super().__init__(**options)

    def _read(self, size: int) -> None:
        callback, self._taken = self._taken, None
        if callback is not None:
            callback(None)

    def _write(self, chunk: Any, encoding: str, callback: _Callback) -> None:
        if not self._ws.object_mode and not chunk:
            # An empty chunk is none to the other side, which so would never ask for the next.
            self._tick(callback, None)
            return
        self._other._taken = callback
        self._other.push(chunk)

    def _final(self, callback: _Callback) -> None:
        self._other.on("end", lambda: callback(None))
        self._other.push(None)

    def _destroy(self, error: BaseException | None, callback: _Callback) -> None:
        self._other._tick(self._other._hear_of_end, error is not None)
        callback(error)

    def _hear_of_end(self, has_failed: bool) -> None:
        if has_failed:
            self.destroy()
        elif not self.destroyed:
            self.push(None)


def duplex_pair(**options: Unpack[DuplexOptions]) -> tuple[Duplex, Duplex]:
    """Make two streams of which each reads what is written to the other, as the ends of a connection do.

    When one is destroyed, the other's readable side ends; when it fails, the other is destroyed, without its error.

    Args:
        **options: of both: those of Duplex.

    Returns:
        The two ends.

    Raises:
        InvalidArgTypeError: an option of the wrong type.

    Example:
        >>> left, right = duplex_pair()
        >>> left.end("hello")
        >>> await right.to_list()
        [b'hello']

    Node: `stream.duplexPair`.
    """
    first, second = _Side(**options), _Side(**options)
    first._other, second._other = second, first
    return first, second
