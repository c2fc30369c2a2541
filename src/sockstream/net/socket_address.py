"""`SocketAddress`: an IP address and a port as one value. Node: `net.SocketAddress`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sockstream.errors import (
    InvalidAddressError,
    InvalidArgTypeError,
    InvalidArgValueError,
    OutOfRangeError,
    SocketBadPortError,
)
from sockstream.net.ip_numbers import to_number, to_text, to_version

__all__ = ["IpFamily", "SocketAddress"]

IpFamily: TypeAlias = Literal["ipv4", "ipv6"]

_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_ENDPOINT: Final = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<ipv4>[0-9.]+))(?::(?P<port>[0-9]+))?")
# The field of an IPv6 header has 20 bits.
_LARGEST_LABEL: Final = 0xFFFFF
_LARGEST_UINT32: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, init=False)
class SocketAddress:
    """An IP address and a port; it does not change. Equal ones are equal keys. Node: `net.SocketAddress`.

    Args:
        address: an IP address of the family; `'127.0.0.1'` or `'::'` if left out.  A zone is not kept.
        family: `'ipv4'` or `'ipv6'`, in capitals or not.
        port: 0 to 65535.
        flowlabel: the flow label of IPv6, 0 to 1,048,575; IPv4 has none, and 0 is kept.

    Raises:
        InvalidArgTypeError: the address is no str, the flow label no int.
        InvalidArgValueError: no such family.
        SocketBadPortError: no port.
        OutOfRangeError: no flow label.
        InvalidAddressError: the text is no address of the family.

    Attributes:
        address: in its shortest form and small letters.
        family: `'ipv4'` or `'ipv6'`.
        port: the port.
        flowlabel: the flow label.

    Example:
        >>> SocketAddress(address="2001:DB8:0::1", family="ipv6", port=80)
        SocketAddress(address='2001:db8::1', family='ipv6', port=80, flowlabel=0)
    """

    address: str
    family: IpFamily
    port: int
    flowlabel: int

    def __init__(
        self, *, address: str | None = None, family: str = "ipv4", port: int | str = 0, flowlabel: int = 0
    ) -> None:
        version = _check_family(family)
        # Differs: the default goes by the family; Node takes that of IPv6 for 'IPv4', and refuses it then.
        text = ("::" if version == 6 else "127.0.0.1") if address is None else address
        if not isinstance(text, str):
            raise InvalidArgTypeError("address", "a str", text)
        checked_port = _check_port(port)
        label = _check_flowlabel(flowlabel, version)
        number = to_number(text, version)
        if number is None:
            raise InvalidAddressError(text)
        object.__setattr__(self, "address", to_text(number, version))
        object.__setattr__(self, "family", f"ipv{version}")
        object.__setattr__(self, "port", checked_port)
        object.__setattr__(self, "flowlabel", label)

    @staticmethod
    def parse(text: str) -> SocketAddress | None:
        """Read `'address:port'`. Node: `SocketAddress.parse`.

        Args:
            text: `'1.2.3.4:80'`, `'1.2.3.4'`, `'[::1]:80'` or `'[::1]'`; without a port it is 0.  An IPv6 address
                needs its brackets, and has no zone.

        Returns:
            The address, or None where the text is anything else: a name, a URL, a port over 65535.

        Raises:
            InvalidArgTypeError: it is no text.
        """
        if not isinstance(text, str):
            raise InvalidArgTypeError("text", "a str", text)
        # Differs: Node lets its URL parser read it, which loses port 80 and takes '0x7f000001' and 'me@1.2.3.4/x' too.
        match = _ENDPOINT.fullmatch(text)
        if match is None:
            return None
        family = "ipv6" if match["ipv6"] else "ipv4"
        try:
            return SocketAddress(address=match[family], family=family, port=match["port"] or 0)
        except (InvalidAddressError, SocketBadPortError):
            return None


def _check_family(family: object) -> int:
    """Return 4 or 6."""
    version = to_version(family) if isinstance(family, str) else 0
    if not version:
        # Node: this and no ERR_INVALID_ARG_TYPE, whatever came.
        raise InvalidArgValueError("family", family, "must be 'ipv4' or 'ipv6'")
    return version


def _check_port(port: object) -> int:
    number = int(port) if isinstance(port, str) and _DIGITS.fullmatch(port) else port
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 65535:
        raise SocketBadPortError("port", port)
    return number


def _check_flowlabel(flowlabel: object, version: int) -> int:
    """Return what is kept of it."""
    if isinstance(flowlabel, float):
        raise OutOfRangeError("flowlabel", "an integer", flowlabel)
    if isinstance(flowlabel, bool) or not isinstance(flowlabel, int):
        raise InvalidArgTypeError("flowlabel", "an int", flowlabel)
    # Differs: a label of more than 20 bits ends Node's process.
    largest = _LARGEST_LABEL if version == 6 else _LARGEST_UINT32
    if not 0 <= flowlabel <= largest:
        raise OutOfRangeError("flowlabel", f">= 0 and <= {largest}", flowlabel)
    # Node: checked for IPv4 as well, and not kept.
    return flowlabel if version == 6 else 0
