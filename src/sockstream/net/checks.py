"""Checks of arguments: each raises what Node throws for the same fault, and returns what it was given."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from sockstream.errors import InvalidArgTypeError, OutOfRangeError, SocketBadPortError

if TYPE_CHECKING:
    from sockstream.net.block_list import BlockList

__all__ = [
    "check_block_list",
    "check_callback",
    "check_flag",
    "check_int",
    "check_port",
    "check_seconds",
    "check_type_of_service",
    "is_number",
]


def is_number(value: object) -> bool:
    """Return whether `value` is what JavaScript calls a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_int(name: str, value: object, lowest: int, highest: int = sys.maxsize) -> int:
    """Return a whole number as it was given.

    Raises:
        InvalidArgTypeError: no number.
        OutOfRangeError: a float, as in Node a number that is not whole; or not in `lowest` to `highest`.
    """
    if not is_number(value):
        raise InvalidArgTypeError(name, "an int", value)
    if not isinstance(value, int):
        raise OutOfRangeError(name, "an int", value)
    if not lowest <= value <= highest:
        raise OutOfRangeError(name, f">= {lowest}" + (f" and <= {highest}" if highest < sys.maxsize else ""), value)
    return value


def check_port(name: str, value: object) -> int:
    """Return a port as a number.

    Args:
        name: what to call it in an error.
        value: an int, or a str of digits.

    Raises:
        InvalidArgTypeError: no number and no str.
        SocketBadPortError: not a whole number in 0 to 65535.
    """
    if isinstance(value, str):
        digits = value.lstrip("0") or value[-1:]
        if not value.isascii() or not value.isdigit() or len(digits) > 5 or int(digits) > 65535:
            raise SocketBadPortError(name, value)
        return int(digits)
    if not is_number(value):
        raise InvalidArgTypeError(name, "an int or a str of digits", value)
    if not isinstance(value, int) or not 0 <= value <= 65535:
        raise SocketBadPortError(name, value)
    return value


def check_seconds(name: str, value: object) -> float:
    """Return a time in seconds as it was given.

    Raises:
        InvalidArgTypeError: no number.
        OutOfRangeError: negative, infinite or not a number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidArgTypeError(name, "an int or a float", value)
    if not (value >= 0 and math.isfinite(value)):
        raise OutOfRangeError(name, "0 or more, and finite", value)
    return value


def check_type_of_service(name: str, value: object) -> int:
    """Return a type of service as it was given.

    Raises:
        InvalidArgTypeError: no int.
        OutOfRangeError: not in 0 to 255.
    """
    return check_int(name, value, 0, 255)


def check_block_list(value: object) -> BlockList | None:
    """Return a block list or None as it was given.

    Raises:
        InvalidArgTypeError: something else.
    """
    if value is None:
        return None
    from sockstream.net.block_list import BlockList  # only who has one needs the module

    if not isinstance(value, BlockList):
        raise InvalidArgTypeError("block_list", "a BlockList", value)
    return value


def check_callback(name: str, value: object) -> None:
    """Raise InvalidArgTypeError unless `value` is callable or None."""
    if value is not None and not callable(value):
        raise InvalidArgTypeError(name, "a callable", value)


def check_flag(name: str, value: object) -> None:
    """Raise InvalidArgTypeError unless `value` is True or False."""
    if not isinstance(value, bool):
        raise InvalidArgTypeError(name, "a bool", value)
