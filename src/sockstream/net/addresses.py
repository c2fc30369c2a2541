r"""Addresses: what is one, and how they are shown.

An endpoint is an `Endpoint` inside the library: an `AddressInfo` for TCP, the path for a Unix socket (`'\\0name'` for a
name in Linux's abstract namespace), or None where there is none.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

__all__ = [
    "AddressInfo",
    "Endpoint",
    "IpVersion",
    "check_unix_path",
    "endpoint",
    "is_ip",
    "is_ipv4",
    "is_ipv6",
    "socket_family",
    "to_unix_path",
]

IpVersion: TypeAlias = Literal[0, 4, 6]

# Node takes these in the zone of an address ('fe80::1%eth0'); inet_pton knows nothing of zones.
_ZONE: Final = r"%[0-9A-Za-z\-.:]+\Z"
# sizeof(sockaddr_un.sun_path), less the NUL that ends a path.
_LONGEST_PATH: Final = 107


class AddressInfo(NamedTuple):
    """One end of a TCP connection.

    Attributes:
        address: the IP address.
        port: the port.
        family: `'IPv4'` or `'IPv6'`.
    """

    address: str
    port: int
    family: str

    def to_json(self) -> dict[str, str | int]:
        """Return what Node's `JSON.stringify(server.address())` shows, as a dict in Node's order."""
        return {"address": self.address, "family": self.family, "port": self.port}


Endpoint: TypeAlias = AddressInfo | str | None


def is_ipv4(text: object) -> bool:
    """Return whether `text` is an IPv4 address of four decimal numbers without leading zeros. Node: `net.isIPv4`."""
    if not isinstance(text, str):
        return False
    try:
        socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        return False
    # glibc refuses leading zeros; other C libraries do not.
    return not any(len(part) > 1 and part[0] == "0" for part in text.split("."))


def is_ipv6(text: object) -> bool:
    """Return whether `text` is an IPv6 address, with or without a zone (`'fe80::1%eth0'`). Node: `net.isIPv6`."""
    if not isinstance(text, str):
        return False
    try:
        socket.inet_pton(socket.AF_INET6, re.sub(_ZONE, "", text) if "%" in text else text)
    except (OSError, ValueError):
        return False
    return True


def is_ip(text: object) -> IpVersion:
    """Return 4 for an IPv4 address, 6 for an IPv6 address and 0 for anything else. Node: `net.isIP`."""
    return _ip_version(text) if isinstance(text, str) else 0


@lru_cache(256)  # a program connects to the same few again and again, and each is asked about several times
def _ip_version(text: str) -> IpVersion:
    if is_ipv4(text):
        return 4
    return 6 if is_ipv6(text) else 0


def socket_family(version: int) -> int:
    """Return the socket module's family for 4 or 6."""
    return socket.AF_INET6 if version == 6 else socket.AF_INET


def endpoint(family: int, name: Any) -> Endpoint:
    """Make an endpoint of what the socket module calls an address.

    Args:
        family: the socket's `AF_` number.
        name: what `getsockname`, `getpeername` or `accept` gave.
    """
    if family == socket.AF_INET and name:
        return AddressInfo(name[0], name[1], "IPv4")
    if family == socket.AF_INET6 and name:
        return AddressInfo(name[0], name[1], "IPv6")
    if isinstance(name, bytes):
        return os.fsdecode(name)
    return name or None


def to_unix_path(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    """Return a path as the library keeps it: `str`, undecodable bytes escaped."""
    return os.fsdecode(os.fspath(path))


def check_unix_path(path: str) -> None:
    """Raise `EINVAL` for a path or abstract name that the kernel's address has no room for.

    Raises:
        OSError: it is too long, or has a NUL inside.
    """
    # An abstract name has no NUL at its end but one at its start: the same room.
    room = _LONGEST_PATH + path.startswith("\0")
    if len(os.fsencode(path)) > room or ("\0" in path[1:] and not path.startswith("\0")):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
