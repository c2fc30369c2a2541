"""Looking a host name up: the system's resolver, or a function of the user's in Node's form or as `async def`.

What such a function gives becomes *entries*, pairs of an address and a family as they came: the `'lookup'` event tells
them as they are.  `usable` picks those among them that can be connected to.
"""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypedDict

from sockstream.errors import InvalidAddressError, InvalidArgValueError, InvalidIpAddressError, lookup_error
from sockstream.net.addresses import is_ip, socket_family

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from sockstream.errors import LookupFailedError
    from sockstream.net.options import Lookup

__all__ = [
    "Entry",
    "LookupAddress",
    "LookupOptions",
    "check_hints",
    "is_coroutine_lookup",
    "look_up",
    "nothing_found",
    "resolve",
    "start_custom_lookup",
    "usable",
]

# An address and its family, whatever they are.
Entry: TypeAlias = tuple[Any, Any]

# Node: getaddrinfo's other flags would change what it is asked.
_HINTS = socket.AI_ADDRCONFIG | socket.AI_V4MAPPED | socket.AI_ALL


class LookupAddress(NamedTuple):
    """An address a name resolves to.

    Attributes:
        address: the IP address.
        family: 4 or 6.
    """

    address: str
    family: int


class LookupOptions(TypedDict):
    """What a `lookup` function is told.

    Attributes:
        family: 4 or 6 for addresses of one family only; 0 for both.
        hints: flags for getaddrinfo.
        all: a list of all addresses is wanted, not one.
    """

    family: int
    hints: int
    all: bool


def check_hints(hints: int) -> None:
    """Check the flags that the system's resolver is to get.

    Raises:
        InvalidArgValueError: one that is not `AI_ADDRCONFIG`, `AI_V4MAPPED` or `AI_ALL`.
    """
    if hints & ~_HINTS:
        raise InvalidArgValueError("hints", hints, "may have AI_ADDRCONFIG, AI_V4MAPPED and AI_ALL")


async def resolve(loop: asyncio.AbstractEventLoop, host: str, family: int = 0, hints: int = 0) -> list[LookupAddress]:
    """Ask the system's resolver, outside the loop's thread.

    Args:
        loop: the running loop.
        host: the name.
        family: 4, 6 or 0 for both.
        hints: flags for getaddrinfo.

    Returns:
        The addresses in the system's order; at least one.

    Raises:
        LookupFailedError: there is none.
    """
    if "\0" in host:  # the resolver would look up what is before it
        raise nothing_found(host)
    try:
        found = await loop.getaddrinfo(
            host, None, family=socket_family(family) if family else 0, type=socket.SOCK_STREAM, flags=hints
        )
    except (OSError, UnicodeError) as error:
        raise lookup_error(error, host) from error
    addresses = [LookupAddress(str(name[0]), 6 if number == socket.AF_INET6 else 4) for number, _, _, _, name in found]
    if not addresses:
        raise nothing_found(host)
    return list(dict.fromkeys(addresses))


def nothing_found(host: str) -> LookupFailedError:
    """Return the error for a name without an address."""
    return lookup_error(socket.gaierror(socket.EAI_NONAME, "no address"), host)


async def look_up(
    loop: asyncio.AbstractEventLoop, host: str, options: LookupOptions, custom: Lookup | None
) -> Sequence[Entry]:
    """Look a name up with the system's resolver or a coroutine function of the user's.

    Raises:
        LookupFailedError: there is no such name.
    """
    if custom is None:
        return await resolve(loop, host, options["family"], options["hints"])
    result: Any = custom(host, options)
    return _entries((await result,))


def start_custom_lookup(
    custom: Lookup,
    host: str,
    options: LookupOptions,
    done: Callable[[BaseException | None, Sequence[Entry]], object],
) -> None:
    """Call a `lookup(host, options, callback)` in Node's form; `done` gets the error or the entries, once."""
    called = False

    def callback(error: Any = None, *found: Any) -> None:
        nonlocal called
        if called:
            return
        called = True
        # Node: 0 and False are no errors.
        if isinstance(error, BaseException) or error:
            done(error, [])
        else:
            done(None, _entries(found))

    custom(host, options, callback)


def is_coroutine_lookup(custom: Lookup | None) -> bool:
    """Return whether a `lookup` function is an `async def` (or an object whose call is one)."""
    return inspect.iscoroutinefunction(custom) or inspect.iscoroutinefunction(getattr(custom, "__call__", None))  # noqa: B004


def usable(entries: Sequence[Entry]) -> list[LookupAddress]:
    """Return the entries that are IP addresses of family 4 or 6, each once.

    Args:
        entries: at least one.

    Raises:
        InvalidIpAddressError: there is none, and the first has no IP address.
        InvalidAddressError: there is none, and the first has a family that is neither 4 nor 6.
    """
    good = dict.fromkeys(LookupAddress(*entry) for entry in entries if is_ip(entry[0]) and entry[1] in (4, 6))
    if good:
        return list(good)
    address, family = entries[0]
    # Node: of many that are wrong, the first is told.
    if not is_ip(address):
        raise InvalidIpAddressError(address)
    raise InvalidAddressError(family)


def _entries(found: tuple[Any, ...]) -> list[Entry]:
    """Make entries of what a `lookup` function gave: an address, an address and its family, or many of such."""
    first = found[0] if found else None
    # Differs: one address where Node wants a list, and the other way round: there is no doubt what is meant.
    if isinstance(first, Iterable) and not isinstance(first, (str, bytes, Mapping)) and not _is_pair(first):
        return [_entry(item) for item in first]
    return [_entry(found[:2] if len(found) > 1 else first)]


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _entry(item: Any) -> Entry:
    if isinstance(item, Mapping):
        address, family = item.get("address"), item.get("family")
    elif isinstance(item, tuple) and len(item) == 2:
        address, family = item
    else:
        address, family = item, None
    # Differs: without a family, the address says which it is.
    return address, family or is_ip(address) or None
