"""Looking a host name up: the system's resolver, or a function of the user's in Node's form or as `async def`."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from sockstream.errors import InvalidAddressError, InvalidIpAddressError, lookup_error
from sockstream.net.addresses import is_ip, socket_family

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from sockstream.net.options import Lookup

__all__ = ["LookupAddress", "LookupOptions", "is_coroutine_lookup", "look_up", "resolve", "start_custom_lookup"]


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
    try:
        found = await loop.getaddrinfo(
            host, None, family=socket_family(family) if family else 0, type=socket.SOCK_STREAM, flags=hints
        )
    except (OSError, UnicodeError) as error:
        raise lookup_error(error, host) from error
    addresses = [LookupAddress(str(name[0]), 6 if number == socket.AF_INET6 else 4) for number, _, _, _, name in found]
    if not addresses:
        raise lookup_error(socket.gaierror(socket.EAI_NONAME, "no address"), host)
    return list(dict.fromkeys(addresses))


async def look_up(
    loop: asyncio.AbstractEventLoop, host: str, options: LookupOptions, custom: Lookup | None
) -> list[LookupAddress]:
    """Look a name up with the system's resolver or a coroutine function of the user's.

    Raises:
        LookupFailedError: there is no such name.
        InvalidIpAddressError: the function gave what is no IP address.
        InvalidAddressError: the function gave an address of a family that is neither 4 nor 6.
    """
    if custom is None:
        return await resolve(loop, host, options["family"], options["hints"])
    result: Any = custom(host, options)
    return _check_addresses(host, [await result])


def start_custom_lookup(
    custom: Lookup,
    host: str,
    options: LookupOptions,
    done: Callable[[BaseException | None, list[LookupAddress]], object],
) -> None:
    """Call a `lookup(host, options, callback)` in Node's form; `done` gets the error or the addresses, once."""
    called = False

    def callback(error: BaseException | None = None, *found: Any) -> None:
        nonlocal called
        if called:
            return
        called = True
        addresses: list[LookupAddress] = []
        if error is None:
            try:
                addresses = _check_addresses(host, found)
            except Exception as failure:
                error = failure
        done(error, addresses)

    custom(host, options, callback)


def is_coroutine_lookup(custom: Lookup | None) -> bool:
    """Return whether a `lookup` function is an `async def` (or an object whose call is one)."""
    return inspect.iscoroutinefunction(custom) or inspect.iscoroutinefunction(getattr(custom, "__call__", None))  # noqa: B004


def _check_addresses(host: str, found: Any) -> list[LookupAddress]:
    """Make addresses of what a `lookup` function gave: an address, an address and its family, or a list of such."""
    first = found[0] if found else None
    if isinstance(first, tuple) and not isinstance(first, LookupAddress) and len(found) == 1 and _is_pair(first):
        found, first = first, first[0]
    if isinstance(first, str):
        # Without a family, the address says which it is.
        family = found[1] if len(found) > 1 and found[1] else is_ip(first) or 4
        addresses = [LookupAddress(first, family)]
    elif isinstance(first, Iterable) and not isinstance(first, Mapping):
        addresses = [_one_of_list(item) for item in (first if not isinstance(first, LookupAddress) else [first])]
    else:
        addresses = [_one_of_list(first)] if first is not None else []
    if not addresses:
        raise lookup_error(socket.gaierror(socket.EAI_NONAME, "no address"), host)
    for address in addresses:
        if not is_ip(address.address):
            raise InvalidIpAddressError(address.address)
        if address.family not in (4, 6):
            raise InvalidAddressError(address.family)
    return addresses


def _is_pair(value: tuple[Any, ...]) -> bool:
    return len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _one_of_list(item: Any) -> LookupAddress:
    if isinstance(item, str):
        return LookupAddress(item, is_ip(item) or 4)
    if isinstance(item, Mapping):
        return LookupAddress(item["address"], item.get("family") or is_ip(item["address"]) or 4)
    address, family = item
    return LookupAddress(address, family)
