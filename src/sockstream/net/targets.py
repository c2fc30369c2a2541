"""What `listen` and `connect` are told: the checks of their options, and Node's argument forms.

Node takes the same things in several positional forms, with the middle left out and the callback last.  Here they
become one record each: `ListenTarget` and `ConnectTarget`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from sockstream.errors import (
    InvalidArgTypeError,
    InvalidArgValueError,
    InvalidIpAddressError,
    MissingArgsError,
    OutOfRangeError,
)
from sockstream.net.addresses import is_ip, to_unix_path
from sockstream.net.checks import check_callback, check_flag, check_port, check_seconds, is_number

if TYPE_CHECKING:
    from sockstream.abort import AbortSignal
    from sockstream.net.options import Listener, Lookup

__all__ = ["ConnectTarget", "ListenTarget", "connect_target", "listen_target"]

_DEFAULT_BACKLOG: Final = 511
# What fits the kernel's argument; its own limit is lower.
_LARGEST_BACKLOG: Final = 2**31 - 1


class _Target:
    """A record of options. It is no dataclass: those compile their methods each time a program starts."""

    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            setattr(self, name, value)


class ListenTarget(_Target):
    """Where a server is to listen."""

    port: int | None = None
    host: str | None = None
    path: str | None = None
    fd: int | None = None
    handle: Any = None
    backlog: int = _DEFAULT_BACKLOG
    exclusive: bool = False
    ipv6_only: bool = False
    reuse_port: bool = False
    readable_all: bool = False
    writable_all: bool = False
    signal: AbortSignal | None = None


class ConnectTarget(_Target):
    """Where a socket is to connect to."""

    port: int = 0
    host: str = "localhost"
    path: str | None = None
    family: int = 0
    hints: int = 0
    local_address: str | None = None
    local_port: int | None = None
    lookup: Lookup | None = None
    auto_select_family: bool | str | None = None
    auto_select_family_attempt_timeout: float | None = None


_LISTEN_NAMES = frozenset(ListenTarget.__annotations__)
_CONNECT_NAMES = frozenset(ConnectTarget.__annotations__)


# -- checks -----------------------------------------------------------------------------------------------------------


def _check_int(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgTypeError(name, "an int", value)


def _check_host(value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise InvalidArgTypeError("host", "a str", value)


def _check_path(value: object) -> str:
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise InvalidArgTypeError("path", "a str, bytes or path-like", value)
    path = to_unix_path(value)
    if not path:
        raise InvalidArgValueError("path", value, "must not be empty")
    return path


def _is_path(value: object) -> bool:
    if isinstance(value, str):
        # Node: text that is not a number is a path; the empty one is neither.
        return value != "" and not (value.isascii() and value.isdigit())
    return isinstance(value, (bytes, os.PathLike))


def _merge(given: dict[str, Any], options: Mapping[str, Any], known: frozenset[str], function: str) -> dict[str, Any]:
    """Put keyword options beside what was given by position; both habits share the errors of Python's calls."""
    for name in options:
        if name not in known:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
        if name in given:
            raise TypeError(f"{function}() got multiple values for argument {name!r}")
    return {**given, **options}


def _split_callback(
    args: tuple[Any, ...], callback: Listener | None, function: str
) -> tuple[list[Any], Listener | None]:
    """Take the callback off the end of the positional arguments, and the Nones that stand for what was left out."""
    rest = list(args)
    if rest and callable(rest[-1]) and not hasattr(rest[-1], "fileno"):
        if callback is not None:
            raise TypeError(f"{function}() got two callbacks")
        callback = rest.pop()
    check_callback("callback", callback)
    return rest, callback


# -- listen -----------------------------------------------------------------------------------------------------------


def listen_target(
    args: tuple[Any, ...], callback: Listener | None, options: Mapping[str, Any]
) -> tuple[ListenTarget, Listener | None]:
    """Make one record of `listen`'s arguments.

    Args:
        args: `(port, host, backlog, callback)`, `(path, backlog, callback)` or `(handle, backlog, callback)`; any but
            the first may be left out.
        callback: given by keyword.
        options: given by keyword.

    Returns:
        The record and the callback.

    Raises:
        TypeError: arguments no form has.
        SockstreamError: an argument of the wrong type or value.
    """
    rest, callback = _split_callback(args, callback, "listen")
    target = ListenTarget(**_merge(_listen_positionals(rest), options, _LISTEN_NAMES, "listen"))
    _check_int("backlog", target.backlog)
    _check_host(target.host)
    for name in ("exclusive", "ipv6_only", "reuse_port", "readable_all", "writable_all"):
        check_flag(name, getattr(target, name))
    if target.signal is not None:
        from sockstream.stream.signals import check_signal  # the only thing of the streams that listening may need

        check_signal(target.signal)
    # Node: 0 is the default's; for the kernel a negative one is a very large one.
    backlog = target.backlog or _DEFAULT_BACKLOG
    target.backlog = _LARGEST_BACKLOG if backlog < 0 else min(backlog, _LARGEST_BACKLOG)
    _choose_place(target)
    return target, callback


def _check_fd(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidArgValueError("fd", value, "must be an int of 0 or more")


def _choose_place(target: ListenTarget) -> None:
    """Check where to listen. Node: of several places a handle counts, else a descriptor, a port, a path."""
    if isinstance(getattr(target.handle, "fd", None), int):
        target.fd, target.handle = target.handle.fd, None
    if target.handle is not None:
        target.fd = target.port = target.path = None
    elif target.fd is not None:
        _check_fd(target.fd)
        target.port = target.path = None
    elif target.port is not None or target.path is None:
        if not isinstance(target.port, (str, NoneType)) and not is_number(target.port):
            # Node: neither a port nor anything else that can be listened at.
            raise InvalidArgValueError("port", target.port, "must be an int or a str of digits")
        target.port = 0 if target.port is None else check_port("port", target.port)
        target.path = None
    else:
        _check_listen_path(target)


def _check_listen_path(target: ListenTarget) -> None:
    path: Any = target.path
    if not isinstance(path, (str, bytes, os.PathLike)) or path in ("", b""):
        raise InvalidArgValueError("path", path, "must be a str, bytes or path-like, and not empty")
    target.path = to_unix_path(path)
    if target.path.startswith("\0") and (target.readable_all or target.writable_all):
        raise InvalidArgValueError("path", target.path, "is an abstract name, which has no mode to widen")


def _listen_positionals(rest: list[Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if not rest:
        return given
    first, *others = rest
    if first is None or isinstance(first, (int, float)) or (isinstance(first, str) and not _is_path(first)):
        given["port"] = first
    elif _is_path(first):
        given["path"] = first
    elif isinstance(first, Mapping):
        raise InvalidArgTypeError("port", "an int, a str, a path or a handle (options are keyword arguments)", first)
    else:
        given["handle"] = first
    for value in others:
        if isinstance(value, str) and "port" in given and "host" not in given and "backlog" not in given:
            given["host"] = value
        elif isinstance(value, int) and "backlog" not in given:
            # Node: in this place, not as an option, a negative one is none.
            given["backlog"] = value if isinstance(value, bool) else max(value, 0)
        elif value is not None:
            raise InvalidArgTypeError("host" if "port" in given else "backlog", "a str or an int", value)
    return given


# -- connect ----------------------------------------------------------------------------------------------------------


def connect_target(
    args: tuple[Any, ...], listener: Listener | None, options: Mapping[str, Any]
) -> tuple[ConnectTarget, Listener | None]:
    """Make one record of `connect`'s arguments.

    Args:
        args: `(port, host, listener)` or `(path, listener)`; any but the first may be left out.
        listener: given by keyword.
        options: given by keyword.

    Returns:
        The record and the listener of `'connect'`.

    Raises:
        TypeError: arguments no form has.
        SockstreamError: an argument of the wrong type or value, or neither a port nor a path.
    """
    rest, listener = _split_callback(args, listener, "connect")
    given = _merge(_connect_positionals(rest), options, _CONNECT_NAMES, "connect")
    if given.get("path") is not None:
        given["path"] = _check_path(given["path"])
    elif given.get("port") is None:
        raise MissingArgsError("port", "path")
    if given.get("host") is None:
        given.pop("host", None)
    target = ConnectTarget(**given)
    if target.path is None:
        _check_tcp_target(target)
    return target, listener


def _connect_positionals(rest: list[Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if not rest:
        return given
    first, *others = rest
    given["path" if _is_path(first) else "port"] = first
    for value in others:
        if isinstance(value, str) and "port" in given and "host" not in given:
            given["host"] = value
        elif value is not None:
            raise InvalidArgTypeError("host", "a str", value)
    return given


def _check_family(value: object) -> int:
    if value is None:
        return 0
    if value in ("IPv4", "IPv6"):  # Node: what `remote_family` says
        return 4 if value == "IPv4" else 6
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 4, 6):
        return value
    raise InvalidArgValueError("family", value, "must be 0, 4 or 6")


def _check_hints(value: object) -> int:
    if value is None:
        return 0
    if not is_number(value):
        raise InvalidArgTypeError("hints", "an int", value)
    if not isinstance(value, int):
        raise InvalidArgValueError("hints", value, "must be an int")
    return value


def _check_local(target: ConnectTarget) -> None:
    if target.local_address == "":
        target.local_address = None  # Node: the empty one is none
    if target.local_address is not None and not is_ip(target.local_address):
        raise InvalidIpAddressError(target.local_address)
    port: object = target.local_port
    if isinstance(port, str):  # Node: only where to connect to may be text
        raise InvalidArgTypeError("local_port", "an int", port)
    if port is not None:
        check_port("local_port", port)


def _check_tcp_target(target: ConnectTarget) -> None:
    """Check what a TCP connection takes, in Node's order: of several faults, the first counts."""
    _check_local(target)
    target.port = check_port("port", target.port)
    if target.auto_select_family != "sequential" and not isinstance(target.auto_select_family, (bool, NoneType)):
        raise InvalidArgTypeError("auto_select_family", "a bool or 'sequential'", target.auto_select_family)
    if target.auto_select_family_attempt_timeout is not None:
        seconds = check_seconds("auto_select_family_attempt_timeout", target.auto_select_family_attempt_timeout)
        if seconds == 0:
            raise OutOfRangeError("auto_select_family_attempt_timeout", "more than 0", seconds)
    check_callback("lookup", target.lookup)
    _check_host(target.host)
    target.hints = _check_hints(target.hints)
    target.family = _check_family(target.family)
