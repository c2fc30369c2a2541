"""Which addresses of a name are tried, in which order, and how long each has: the settings of family selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sockstream.errors import InvalidArgValueError, OutOfRangeError
from sockstream.net.checks import check_flag, check_seconds

if TYPE_CHECKING:
    from sockstream.net.lookup import LookupAddress
    from sockstream.net.targets import ConnectTarget

__all__ = [
    "get_default_auto_select_family",
    "get_default_auto_select_family_attempt_timeout",
    "interleave",
    "may_select",
    "narrow",
    "patience",
    "set_default_auto_select_family",
    "set_default_auto_select_family_attempt_timeout",
]

# The shortest time an attempt has before the next one starts.
_SHORTEST_TIMEOUT = 0.01

_default_auto_select = True
_default_attempt_timeout = 0.5


def get_default_auto_select_family() -> bool:
    """Return whether sockets try all addresses of a name unless told otherwise.

    Node: `net.getDefaultAutoSelectFamily`.
    """
    return _default_auto_select


def set_default_auto_select_family(value: bool) -> None:
    """Set whether sockets try all addresses of a name unless told otherwise.

    Raises:
        InvalidArgTypeError: no bool.

    Node: `net.setDefaultAutoSelectFamily`.
    """
    global _default_auto_select  # the setting is the module's, as in Node
    check_flag("value", value)
    _default_auto_select = value


def get_default_auto_select_family_attempt_timeout() -> float:
    """Return how many seconds an attempt has before the next one starts, unless a socket says otherwise.

    Node: `net.getDefaultAutoSelectFamilyAttemptTimeout`.
    """
    return _default_attempt_timeout


def set_default_auto_select_family_attempt_timeout(seconds: float) -> None:
    """Set how many seconds an attempt has before the next one starts; what is under 0.01 counts as that.

    Raises:
        InvalidArgTypeError: no number.
        OutOfRangeError: 0, negative or infinite.

    Node: `net.setDefaultAutoSelectFamilyAttemptTimeout`.
    """
    global _default_attempt_timeout  # the setting is the module's, as in Node
    if check_seconds("seconds", seconds) == 0:
        raise OutOfRangeError("seconds", "more than 0", seconds)
    _default_attempt_timeout = max(_SHORTEST_TIMEOUT, seconds)


def may_select(target: ConnectTarget) -> bool:
    """Return whether all addresses of the target's name may be tried."""
    wanted = _default_auto_select if target.auto_select_family is None else target.auto_select_family
    # Node: a family or a local address leaves nothing to select.
    return bool(wanted) and target.family == 0 and target.local_address is None


def narrow(target: ConnectTarget, version: int) -> None:
    """Have one address tried only, of the version that a bound socket is for (0: either): it connects but once.

    Raises:
        InvalidArgValueError: a local address or port is given besides.
    """
    for name in ("local_address", "local_port"):
        value = getattr(target, name)
        if value:
            raise InvalidArgValueError(name, value, "cannot be chosen: the socket is bound already")
    target.auto_select_family = False
    target.family = target.family or version


def patience(target: ConnectTarget) -> float:
    """Return how many seconds an attempt at one of the target's addresses has before the next one starts."""
    seconds = target.auto_select_family_attempt_timeout
    return _default_attempt_timeout if seconds is None else max(_SHORTEST_TIMEOUT, seconds)


def interleave(addresses: list[LookupAddress]) -> list[LookupAddress]:
    """Order addresses so that families take turns, the first address's family first, each in the order it came in."""
    first = [address for address in addresses if address.family == addresses[0].family]
    other = [address for address in addresses if address.family != addresses[0].family]
    ordered: list[LookupAddress] = []
    while first or other:
        ordered += first[:1] + other[:1]
        first, other = first[1:], other[1:]
    return ordered
