"""The tables of the errors page, made from `sockstream.errors`: run it to see them.

The rows are the classes in the order of the module, with the first line of their docstrings and a message that each
really gives.
"""

from __future__ import annotations

import errno
import re
import socket
from typing import TYPE_CHECKING

from sockstream import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EXAMPLES", "render"]

_REFUSED = errors.system_error(errno.ECONNREFUSED, "connect", address="127.0.0.1", port=8431)
_RESET = errors.system_error(errno.ECONNRESET, "read")

# An error of each class that has a code of its own.
EXAMPLES: tuple[errors.SockstreamError, ...] = (
    errors.InvalidArgTypeError("callback", "a callable", 5),
    errors.InvalidReturnValueError("an iterable or an async iterable", "source", 5),
    errors.InvalidArgValueError("family", 5, "must be 0, 4 or 6"),
    errors.OutOfRangeError("timeout", "0 or more, and finite", -1),
    errors.SocketBadPortError("port", 65536),
    errors.InvalidAddressError("example"),
    errors.InvalidIpAddressError("1.2.3"),
    errors.UnknownEncodingError("utf9"),
    errors.InvalidFdTypeError("FILE"),
    errors.ServerAlreadyListenError(),
    errors.ServerNotRunningError(),
    errors.StreamWriteAfterEndError(),
    errors.StreamDestroyedError("write"),
    errors.StreamPrematureCloseError(),
    errors.StreamAlreadyFinishedError("end"),
    errors.StreamPushAfterEofError(),
    errors.StreamUnshiftAfterEndEventError(),
    errors.StreamNullValuesError(),
    errors.StreamCannotPipeError(),
    errors.MethodNotImplementedError("_read()"),
    errors.MultipleCallbackError(),
    errors.SocketClosedError(),
    errors.SocketClosedBeforeConnectionError(),
    errors.SocketConnectionTimeoutError(),
    errors.SocketHandleAdoptedError(),
    errors.MissingArgsError("port", "path"),
    errors.InvalidHandleTypeError(),
    errors.IpBlockedError("10.0.0.1"),
    errors.UnhandledError("broken"),
    errors.AbortError(),
    errors.AbortTimeoutError(),
)

# What a program meets of the system errors that have no class of their own.
_OTHERS = ("EADDRINUSE", "EADDRNOTAVAIL", "EHOSTUNREACH", "EINVAL", "EMFILE", "ENETUNREACH", "ENOTCONN", "ENOTSOCK")


def _link(cls: type[BaseException]) -> str:
    return f"{{py:exc}}`~sockstream.errors.{cls.__name__}`"


def _code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _builtins(cls: type[BaseException]) -> str:
    """Name the builtin classes that catch an error, the narrowest first."""
    ours = errors.SockstreamError
    public = [base for base in cls.__mro__ if base.__module__ in ("builtins", "socket") and not issubclass(base, ours)]
    # What every exception is says nothing, unless there is nothing else.
    narrow = [base for base in public if base not in (BaseExceptionGroup, Exception, BaseException, object)]
    return _code(*(base.__name__ for base in narrow or [Exception]))


def _first_line(cls: type[BaseException]) -> str:
    """Return when an error is raised; the codes before that have a column of their own."""
    line = re.sub(r"^(`[A-Z]+`(, |: ))+", "", (cls.__doc__ or "").partition("\n")[0])
    return line[:1].upper() + line[1:]


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(columns), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _coded_rows() -> Iterable[tuple[str, ...]]:
    for error in EXAMPLES:
        cls = type(error)
        yield _code(error.code), _link(cls), _builtins(cls), _first_line(cls), _code(str(error))


def _codes_of(builtin: type[OSError]) -> list[str]:
    """List the codes of the numbers for which Python has this class."""
    return sorted(name for number, name in errno.errorcode.items() if type(OSError(number, "")) is builtin)


def _system_rows() -> Iterable[tuple[str, ...]]:
    for builtin, cls in errors._CLASSES.items():
        yield _code(*_codes_of(builtin)), _link(cls), _builtins(cls), _first_line(cls)
    others = f"{_code(*_OTHERS)} and all others"
    yield others, _link(errors.SystemCallError), _builtins(errors.SystemCallError), _first_line(errors.SystemCallError)


def _look_up_codes() -> list[str]:
    names = {name for name in dir(socket) if name.startswith("EAI_")}
    found = {errors.lookup_error(socket.gaierror(getattr(socket, name), ""), "").code for name in names}
    return sorted(found, key=lambda code: (code != "ENOTFOUND", code))


def _other_rows() -> Iterable[tuple[str, ...]]:
    look_up, group, base = errors.LookupFailedError, errors.ConnectionGroupError, errors.SockstreamError
    failed = errors.lookup_error(socket.gaierror(socket.EAI_NONAME, ""), "example.invalid")
    yield _code(*_look_up_codes()), _link(look_up), _builtins(look_up), _first_line(look_up), _code(str(failed))
    text = str(errors.ConnectionGroupError([_REFUSED, _RESET]))
    yield "that of the first", _link(group), _builtins(group), _first_line(group), _code(text)
    yield "any", _link(base), _builtins(base), _first_line(base), ""


def render() -> str:
    """Return the tables as MyST Markdown, with headings of the third level."""
    columns = ("Code", "Class", "Also a", "When")
    return "\n".join(
        (
            "### Misuse and wrong moments\n",
            _table((*columns, "Message, for example"), _coded_rows()),
            "### System errors\n",
            f"The code says which class it is. The message names the call: `{_REFUSED}`.\n",
            _table(columns, _system_rows()),
            "### Look-ups, groups and the base\n",
            _table((*columns, "Message, for example"), _other_rows()),
        )
    )


if __name__ == "__main__":
    print(render(), end="")
