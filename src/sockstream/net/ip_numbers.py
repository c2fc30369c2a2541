"""IP addresses as numbers, which can be compared, and back as texts."""

from __future__ import annotations

import socket
from typing import Final

__all__ = ["MAPPED", "to_number", "to_text", "to_version"]

# Where IPv6 has the IPv4 addresses: `::ffff:0:0/96`, RFC 4291 section 2.5.5.2.
MAPPED: Final = 0xFFFF << 32

_VERSIONS: Final = {"ipv4": 4, "ipv6": 6}


def to_version(family: str) -> int:
    """Return 4 for `'ipv4'`, 6 for `'ipv6'`, in capitals or not, and 0 for anything else."""
    return _VERSIONS.get(family) or _VERSIONS.get(family.lower(), 0)


def to_number(text: str, version: int) -> int | None:
    """Return the number of an address, None where the text is no address of that version.

    Args:
        text: the address; what follows a `%` in an IPv6 address, its zone, does not count.
        version: 4, 6, or 0 for none.
    """
    try:
        if version == 4:
            packed = socket.inet_pton(socket.AF_INET, text)
            # Not every C library refuses leading zeros, which others again read as octal.
            return int.from_bytes(packed, "big") if socket.inet_ntoa(packed) == text else None
        if version == 6:
            return int.from_bytes(socket.inet_pton(socket.AF_INET6, text.partition("%")[0]), "big")
    except (OSError, ValueError):  # ValueError: a NUL, or a half of a surrogate pair
        pass
    return None


def to_text(number: int, version: int) -> str:
    """Return the shortest text of an address of version 4 or 6, in small letters."""
    if version == 4:
        return socket.inet_ntop(socket.AF_INET, number.to_bytes(4, "big"))
    return socket.inet_ntop(socket.AF_INET6, number.to_bytes(16, "big"))
