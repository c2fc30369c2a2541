"""Every error the library makes: one small class per code.

* :exc:`SockstreamError`: has a ``code``, Node's name of what went wrong
    * misuse, also a :exc:`TypeError`
        * :exc:`InvalidArgTypeError` (``ERR_INVALID_ARG_TYPE``)
        * :exc:`InvalidReturnValueError` (``ERR_INVALID_RETURN_VALUE``)
    * misuse, also a :exc:`ValueError`
        * :exc:`InvalidArgValueError` (``ERR_INVALID_ARG_VALUE``)
        * :exc:`OutOfRangeError` (``ERR_OUT_OF_RANGE``)
        * :exc:`SocketBadPortError` (``ERR_SOCKET_BAD_PORT``)
        * :exc:`InvalidAddressError` (``ERR_INVALID_ADDRESS``)
        * :exc:`InvalidIpAddressError` (``ERR_INVALID_IP_ADDRESS``)
        * :exc:`UnknownEncodingError` (``ERR_UNKNOWN_ENCODING``)
        * :exc:`InvalidFdTypeError` (``ERR_INVALID_FD_TYPE``)
    * the wrong moment or the wrong thing, also a :exc:`RuntimeError`
        * :exc:`ServerAlreadyListenError` (``ERR_SERVER_ALREADY_LISTEN``)
        * :exc:`ServerNotRunningError` (``ERR_SERVER_NOT_RUNNING``)
        * :exc:`StreamWriteAfterEndError` (``ERR_STREAM_WRITE_AFTER_END``)
        * :exc:`StreamDestroyedError` (``ERR_STREAM_DESTROYED``)
        * :exc:`StreamPrematureCloseError` (``ERR_STREAM_PREMATURE_CLOSE``)
        * :exc:`StreamAlreadyFinishedError` (``ERR_STREAM_ALREADY_FINISHED``)
        * :exc:`StreamPushAfterEofError` (``ERR_STREAM_PUSH_AFTER_EOF``)
        * :exc:`StreamUnshiftAfterEndEventError` (``ERR_STREAM_UNSHIFT_AFTER_END_EVENT``)
        * :exc:`StreamNullValuesError` (``ERR_STREAM_NULL_VALUES``)
        * :exc:`StreamCannotPipeError` (``ERR_STREAM_CANNOT_PIPE``)
        * :exc:`MethodNotImplementedError` (``ERR_METHOD_NOT_IMPLEMENTED``)
        * :exc:`MultipleCallbackError` (``ERR_MULTIPLE_CALLBACK``)
        * :exc:`SocketClosedError` (``ERR_SOCKET_CLOSED``)
        * :exc:`SocketClosedBeforeConnectionError` (``ERR_SOCKET_CLOSED_BEFORE_CONNECTION``)
        * :exc:`SocketConnectionTimeoutError` (``ERR_SOCKET_CONNECTION_TIMEOUT``)
        * :exc:`SocketHandleAdoptedError` (``ERR_SOCKET_HANDLE_ADOPTED``)
        * :exc:`MissingArgsError` (``ERR_MISSING_ARGS``)
        * :exc:`InvalidHandleTypeError` (``ERR_INVALID_HANDLE_TYPE``)
        * :exc:`IpBlockedError` (``ERR_IP_BLOCKED``)
        * :exc:`UnhandledError` (``ERR_UNHANDLED_ERROR``)
        * :exc:`AbortError` (``ABORT_ERR``)
    * :exc:`AbortTimeoutError` (``TIMEOUT_ERR``), also a :exc:`TimeoutError`
    * :exc:`SystemCallError` (``ECONNREFUSED``, …): what the system reported, also an :exc:`OSError`
        * :exc:`SystemBlockingIOError`, also a :exc:`BlockingIOError`
        * :exc:`SystemBrokenPipeError`, also a :exc:`BrokenPipeError`
        * :exc:`SystemChildProcessError`, also a :exc:`ChildProcessError`
        * :exc:`SystemConnectionAbortedError`, also a :exc:`ConnectionAbortedError`
        * :exc:`SystemConnectionRefusedError`, also a :exc:`ConnectionRefusedError`
        * :exc:`SystemConnectionResetError`, also a :exc:`ConnectionResetError`
        * :exc:`SystemFileExistsError`, also a :exc:`FileExistsError`
        * :exc:`SystemFileNotFoundError`, also a :exc:`FileNotFoundError`
        * :exc:`SystemInterruptedError`, also an :exc:`InterruptedError`
        * :exc:`SystemIsADirectoryError`, also an :exc:`IsADirectoryError`
        * :exc:`SystemNotADirectoryError`, also a :exc:`NotADirectoryError`
        * :exc:`SystemPermissionError`, also a :exc:`PermissionError`
        * :exc:`SystemProcessLookupError`, also a :exc:`ProcessLookupError`
        * :exc:`SystemTimeoutError`, also a :exc:`TimeoutError`
        * :exc:`LookupFailedError` (``ENOTFOUND``, …), also a :exc:`socket.gaierror`
    * :exc:`ConnectionGroupError` (the code of its first): every attempt failed; an :exc:`ExceptionGroup`

The texts begin as Node's do and go on to say what to do.  System errors are made by `system_error`, `file_error` and
`lookup_error`, which keep the original as ``__cause__``, and `ended_by_peer`.  The file is long because every error has
its place here.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "AbortError",
    "AbortTimeoutError",
    "ConnectionGroupError",
    "InvalidAddressError",
    "InvalidArgTypeError",
    "InvalidArgValueError",
    "InvalidFdTypeError",
    "InvalidHandleTypeError",
    "InvalidIpAddressError",
    "InvalidReturnValueError",
    "IpBlockedError",
    "LookupFailedError",
    "MethodNotImplementedError",
    "MissingArgsError",
    "MultipleCallbackError",
    "OutOfRangeError",
    "ServerAlreadyListenError",
    "ServerNotRunningError",
    "SocketBadPortError",
    "SocketClosedBeforeConnectionError",
    "SocketClosedError",
    "SocketConnectionTimeoutError",
    "SocketHandleAdoptedError",
    "SockstreamError",
    "StreamAlreadyFinishedError",
    "StreamCannotPipeError",
    "StreamDestroyedError",
    "StreamNullValuesError",
    "StreamPrematureCloseError",
    "StreamPushAfterEofError",
    "StreamUnshiftAfterEndEventError",
    "StreamWriteAfterEndError",
    "SystemBlockingIOError",
    "SystemBrokenPipeError",
    "SystemCallError",
    "SystemChildProcessError",
    "SystemConnectionAbortedError",
    "SystemConnectionRefusedError",
    "SystemConnectionResetError",
    "SystemFileExistsError",
    "SystemFileNotFoundError",
    "SystemInterruptedError",
    "SystemIsADirectoryError",
    "SystemNotADirectoryError",
    "SystemPermissionError",
    "SystemProcessLookupError",
    "SystemTimeoutError",
    "UnhandledError",
    "UnknownEncodingError",
    "ended_by_peer",
    "file_error",
    "lookup_error",
    "system_error",
]

_E = TypeVar("_E", bound="SockstreamError")


class SockstreamError(Exception):
    """The base of every error the library makes.

    Attributes:
        code: what went wrong, in Node's words (`'ERR_INVALID_ARG_TYPE'`, `'ECONNREFUSED'`).
    """

    code: str = "ERR_SOCKSTREAM"

    def __reduce__(self) -> tuple[Callable[..., SockstreamError], tuple[Any, ...], dict[str, Any]]:
        # The constructors take what the text is made of; a copy is made from the text.
        return _restore, (type(self), self.args), self.__dict__


def _restore(cls: type[_E], args: tuple[Any, ...]) -> _E:
    """Make an error again from its class and `args`; its attributes follow."""
    error = cls.__new__(cls)
    Exception.__init__(error, *args)
    return error


def _shorten(text: str, limit: int = 128) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _received(value: object) -> str:
    """Describe a value that is not allowed: its type, and the value itself where that is short."""
    if value is None:
        return "None"
    if isinstance(value, (bool, int, float, str, bytes)):
        return f"type {type(value).__name__} ({_shorten(repr(value), 28)})"
    if isinstance(value, type):
        return f"class {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"function {value.__name__}"
    return f"an instance of {type(value).__name__}"


# -- misuse: TypeError ------------------------------------------------------------------------------------------------


class InvalidArgTypeError(SockstreamError, TypeError):
    """An argument is of a type that is not allowed."""

    code = "ERR_INVALID_ARG_TYPE"

    def __init__(self, name: str, expected: str, value: object) -> None:
        """Say what was expected.

        Args:
            name: the argument.
            expected: the end of "the argument must be ...": `"a function"`, `"of type str or bytes"`.
            value: what came instead.
        """
        super().__init__(f'The "{name}" argument must be {expected}. Received {_received(value)}')


class InvalidReturnValueError(SockstreamError, TypeError):
    """A function of the user's returned what nothing can be done with."""

    code = "ERR_INVALID_RETURN_VALUE"

    def __init__(self, expected: str, name: str, value: object) -> None:
        """Say what was expected.

        Args:
            expected: what should be returned: `"an iterable"`.
            name: the argument that the function was given as.
            value: what it returned.
        """
        super().__init__(f'Expected {expected} to be returned from the "{name}" function. Received {_received(value)}')


# -- misuse: ValueError -----------------------------------------------------------------------------------------------


class InvalidArgValueError(SockstreamError, ValueError):
    """An argument is of the right type, but its value is not allowed."""

    code = "ERR_INVALID_ARG_VALUE"

    def __init__(self, name: str, value: object, reason: str = "is invalid") -> None:
        """Say what is wrong with the value.

        Args:
            name: the argument.
            value: what came.
            reason: the end of "the argument ...": `"must be 4 or 6"`.
        """
        super().__init__(f"The argument '{name}' {reason}. Received {_shorten(repr(value))}")


class OutOfRangeError(SockstreamError, ValueError):
    """A number lies outside what is allowed."""

    code = "ERR_OUT_OF_RANGE"

    def __init__(self, name: str, allowed: str, value: object) -> None:
        """Say what is allowed.

        Args:
            name: the argument.
            allowed: the end of "it must be ...": `">= 0"`, `"an integer"`.
            value: what came.
        """
        super().__init__(
            f'The value of "{name}" is out of range. It must be {allowed}. Received {_shorten(repr(value))}'
        )


class SocketBadPortError(SockstreamError, ValueError):
    """A port is not a whole number from 0 to 65535."""

    code = "ERR_SOCKET_BAD_PORT"

    def __init__(self, name: str, value: object) -> None:
        """Name the argument and what came."""
        super().__init__(f"{name} should be >= 0 and < 65536. Received {_received(value)}.")


class InvalidAddressError(SockstreamError, ValueError):
    """A text is not an IP address of the family that was asked for."""

    code = "ERR_INVALID_ADDRESS"

    def __init__(self, value: object) -> None:
        """Show what came."""
        super().__init__(f"Invalid address: {_shorten(repr(value))}. Pass an IP address of the given family")


class InvalidIpAddressError(SockstreamError, ValueError):
    """A text is not an IP address."""

    code = "ERR_INVALID_IP_ADDRESS"

    def __init__(self, value: object) -> None:
        """Show what came."""
        super().__init__(f"Invalid IP address: {_shorten(str(value))}")


class UnknownEncodingError(SockstreamError, ValueError):
    """No encoding of Node's and no Python codec for text has this name."""

    code = "ERR_UNKNOWN_ENCODING"

    def __init__(self, value: object) -> None:
        """Show what came."""
        super().__init__(
            f"Unknown encoding: {_shorten(str(value))}. Known are utf8, utf16le, latin1, ascii, hex, base64, base64url "
            "and the text codecs of Python"
        )


class InvalidFdTypeError(SockstreamError, ValueError):
    """A descriptor is neither a stream socket nor a pipe."""

    code = "ERR_INVALID_FD_TYPE"

    def __init__(self, kind: str) -> None:
        """Say what kind of descriptor came (`'FILE'`)."""
        super().__init__(f"Unsupported fd type: {kind}. Pass that of a TCP or Unix stream socket, or of a pipe")


# -- the wrong moment or thing: RuntimeError ---------------------------------------------------------------------------


class _MomentError(SockstreamError, RuntimeError):
    """An error whose text is always the same."""

    _text = ""

    def __init__(self) -> None:
        super().__init__(self._text)


class ServerAlreadyListenError(_MomentError):
    """`listen` was called while the server listens or is about to."""

    code = "ERR_SERVER_ALREADY_LISTEN"
    _text = "Listen method has been called more than once without closing. Call close() first"


class ServerNotRunningError(_MomentError):
    """The server does not listen."""

    code = "ERR_SERVER_NOT_RUNNING"
    _text = "Server is not running. Call listen() first"


class StreamWriteAfterEndError(_MomentError):
    """Something was written after `end`."""

    code = "ERR_STREAM_WRITE_AFTER_END"
    _text = "write after end: write everything before end() is called"


class StreamDestroyedError(SockstreamError, RuntimeError):
    """The stream was destroyed before the call, or before the call was carried out."""

    code = "ERR_STREAM_DESTROYED"

    def __init__(self, method: str) -> None:
        """Name the method."""
        super().__init__(f"Cannot call {method} after a stream was destroyed")


class StreamPrematureCloseError(_MomentError):
    """The stream closed before it had ended or finished."""

    code = "ERR_STREAM_PREMATURE_CLOSE"
    _text = "Premature close: the stream closed before it had ended"


class StreamAlreadyFinishedError(SockstreamError, RuntimeError):
    """The stream had finished before the call."""

    code = "ERR_STREAM_ALREADY_FINISHED"

    def __init__(self, method: str) -> None:
        """Name the method."""
        super().__init__(f"Cannot call {method} after a stream was finished")


class StreamPushAfterEofError(_MomentError):
    """`push` was called after `push(None)`."""

    code = "ERR_STREAM_PUSH_AFTER_EOF"
    _text = "stream.push() after EOF: push(None) must come last"


class StreamUnshiftAfterEndEventError(_MomentError):
    """`unshift` was called after `'end'`."""

    code = "ERR_STREAM_UNSHIFT_AFTER_END_EVENT"
    _text = "stream.unshift() after end event: nobody would read it"


class StreamNullValuesError(_MomentError):
    """`None` was written: it marks the end of a stream and cannot be a chunk."""

    code = "ERR_STREAM_NULL_VALUES"
    _text = "May not write None to a stream: call end() to end it"


class StreamCannotPipeError(_MomentError):
    """`pipe` was called on a stream that is only writable."""

    code = "ERR_STREAM_CANNOT_PIPE"
    _text = "Cannot pipe, not readable: pipe from a readable stream into this one"


class MethodNotImplementedError(SockstreamError, NotImplementedError):
    """A stream lacks a hook that it needs; also a `RuntimeError`, as every `NotImplementedError` is."""

    code = "ERR_METHOD_NOT_IMPLEMENTED"

    def __init__(self, method: str) -> None:
        """Name the hook (`'_read()'`)."""
        super().__init__(f"The {method} method is not implemented. Override it in a subclass, or pass it as an option")


class MultipleCallbackError(_MomentError):
    """A hook called its callback twice."""

    code = "ERR_MULTIPLE_CALLBACK"
    _text = "Callback called multiple times: a hook must call its callback once"


class SocketClosedError(_MomentError):
    """The socket is closed, so what was asked for cannot be done any more."""

    code = "ERR_SOCKET_CLOSED"
    _text = "Socket is closed"


class SocketClosedBeforeConnectionError(_MomentError):
    """The socket was closed while it was connecting."""

    code = "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"
    _text = "Socket closed before the connection was established"


class SocketConnectionTimeoutError(_MomentError):
    """Reserved, as in Node: an attempt to connect that took too long is reported as `ETIMEDOUT`."""

    code = "ERR_SOCKET_CONNECTION_TIMEOUT"
    _text = "Socket connection timeout: the attempt took longer than auto_select_family_attempt_timeout"


class SocketHandleAdoptedError(_MomentError):
    """A `BoundSocket` was used after a server or a socket had taken it over, or after it was closed."""

    code = "ERR_SOCKET_HANDLE_ADOPTED"
    _text = "The bound socket was closed, or adopted by a server or a socket: then ask that one"


class MissingArgsError(SockstreamError, RuntimeError):
    """A call lacks arguments it cannot do without."""

    code = "ERR_MISSING_ARGS"

    def __init__(self, *names: str) -> None:
        """Name the arguments of which one is needed."""
        quoted = " or ".join(f'"{name}"' for name in names)
        super().__init__(f"The {quoted} argument must be specified")


class InvalidHandleTypeError(_MomentError):
    """A connection that is not TCP was to be reset."""

    code = "ERR_INVALID_HANDLE_TYPE"
    _text = "This handle type cannot be reset: only a TCP connection can. Call destroy()"


class IpBlockedError(SockstreamError, RuntimeError):
    """The block list has the address."""

    code = "ERR_IP_BLOCKED"

    def __init__(self, address: str) -> None:
        """Show the address."""
        super().__init__(f"IP({address}) is blocked by the BlockList")


class UnhandledError(SockstreamError, RuntimeError):
    """`'error'` was emitted, without an exception, and nobody listened.

    Attributes:
        context: what was emitted in place of an exception.
    """

    code = "ERR_UNHANDLED_ERROR"

    def __init__(self, value: object = None) -> None:
        """Keep what was emitted."""
        super().__init__(f"Unhandled error. ({_shorten(repr(value))}) Listen to 'error', and emit an exception with it")
        self.context = value


class AbortError(SockstreamError, RuntimeError):
    """An `AbortSignal` ended the operation.

    Attributes:
        cause: the signal's reason, `None` if there is none; the `__cause__` too when it is an exception.
    """

    code = "ABORT_ERR"

    def __init__(self, reason: object = None) -> None:
        """Keep the reason."""
        super().__init__("The operation was aborted")
        self.cause = reason
        if isinstance(reason, BaseException):
            self.__cause__ = reason


# -- the world --------------------------------------------------------------------------------------------------------


class AbortTimeoutError(SockstreamError, TimeoutError):
    """The reason of a signal that `AbortSignal.timeout` made."""

    code = "TIMEOUT_ERR"

    def __init__(self) -> None:
        """Say that time is up."""
        TimeoutError.__init__(self, "The operation was aborted due to timeout")


class SystemCallError(SockstreamError, OSError):
    """The operating system refused or broke off what was asked of it.

    Made by `system_error`, `file_error` and `lookup_error` only; its subclasses add the builtin that Python has for the
    number. The text is Node's: `connect ECONNREFUSED 127.0.0.1:1`.

    Attributes:
        errno: the number, positive as always in Python; `None` if there is none.
        code: its name, `'ECONNREFUSED'`.
        syscall: what was being done: `'connect'`, `'listen'`, `'read'`, `'open'`; `None` if the system was not asked.
        address: the IP address or the path of the Unix socket, or `None`.
        port: the port, or `None`.
        path: the file's path, or `None`.
    """

    def __init__(
        self,
        number: int | None,
        code: str,
        syscall: str | None,
        text: str,
        *,
        address: str | None = None,
        port: int | None = None,
        path: str | bytes | None = None,
    ) -> None:
        """Keep what is known; call `system_error` instead."""
        # Without errno and strerror an OSError is just its text; with them its str() starts with [Errno ...].
        OSError.__init__(self, number, text, *(() if path is None else (path,)))
        self.code = code
        self.syscall = syscall
        self.address = address
        self.port = port
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., SystemCallError], tuple[Any, ...], dict[str, Any]]:
        # OSError takes its fields from its own arguments: it alone knows how to be made again.
        return _restore_system_error, (type(self), self.errno, self.strerror, self.path), self.__dict__

    def __str__(self) -> str:
        # Where Python says "[Errno 111] ...", Node says it all in the text.
        return self.strerror or ""


def _restore_system_error(
    cls: type[SystemCallError], number: int | None, text: str, path: str | bytes | None
) -> SystemCallError:
    error = cls.__new__(cls)
    OSError.__init__(error, number, text, *(() if path is None else (path,)))
    return error


class SystemBlockingIOError(SystemCallError, BlockingIOError):
    """`EAGAIN`, `EALREADY`, `EINPROGRESS`: the operation would have to wait."""


class SystemBrokenPipeError(SystemCallError, BrokenPipeError):
    """`EPIPE`, `ESHUTDOWN`: written to a connection that the peer or we had closed."""


class SystemChildProcessError(SystemCallError, ChildProcessError):
    """`ECHILD`: there is no such child process."""


class SystemConnectionAbortedError(SystemCallError, ConnectionAbortedError):
    """`ECONNABORTED`: the connection was given up on our side."""


class SystemConnectionRefusedError(SystemCallError, ConnectionRefusedError):
    """`ECONNREFUSED`: nobody listens there."""


class SystemConnectionResetError(SystemCallError, ConnectionResetError):
    """`ECONNRESET`: the peer broke the connection off."""


class SystemFileExistsError(SystemCallError, FileExistsError):
    """`EEXIST`: the file to be made is there already."""


class SystemFileNotFoundError(SystemCallError, FileNotFoundError):
    """`ENOENT`: there is no such file or Unix socket."""


class SystemInterruptedError(SystemCallError, InterruptedError):
    """`EINTR`: a signal interrupted the call."""


class SystemIsADirectoryError(SystemCallError, IsADirectoryError):
    """`EISDIR`: a file was needed and this is a directory."""


class SystemNotADirectoryError(SystemCallError, NotADirectoryError):
    """`ENOTDIR`: a directory was needed and this is none."""


class SystemPermissionError(SystemCallError, PermissionError):
    """`EACCES`, `EPERM`: not allowed."""


class SystemProcessLookupError(SystemCallError, ProcessLookupError):
    """`ESRCH`: there is no such process."""


class SystemTimeoutError(SystemCallError, TimeoutError):
    """`ETIMEDOUT`: the peer did not answer in time."""


class LookupFailedError(SystemCallError, socket.gaierror):
    """A host name could not be resolved.

    Attributes:
        hostname: the name.
    """

    hostname: str


class ConnectionGroupError(SockstreamError, ExceptionGroup[Exception]):
    """Every address of a host was tried in vain.

    Attributes:
        code: the code of the first attempt's error.
        exceptions: one error per attempt, in the order of the attempts.
    """

    def __new__(cls, errors: Sequence[Exception]) -> Self:
        """Group the errors of the attempts."""
        attempts = "; ".join(str(error) for error in errors)
        return super().__new__(cls, f"all {len(errors)} connection attempts failed: {attempts}", errors)

    def __init__(self, errors: Sequence[Exception]) -> None:
        """Take the code of the first."""
        super().__init__(self.message, errors)
        self.code = getattr(errors[0], "code", "UNKNOWN")

    def derive(self, excs: Sequence[Exception]) -> ConnectionGroupError:  # type: ignore[override]  # Exceptions only
        """Make a group of some of the errors: `except*` splits with it."""
        return ConnectionGroupError(excs)

    def __reduce__(self) -> tuple[Callable[..., ConnectionGroupError], tuple[Any, ...], dict[str, Any]]:
        return type(self), (self.exceptions,), self.__dict__

    def __str__(self) -> str:
        return self.message  # the group's own adds "(2 sub-exceptions)"


# -- how system errors are made ---------------------------------------------------------------------------------------

# Which class goes with which builtin; OSError itself knows which builtin goes with which number.
_CLASSES: dict[type[OSError], type[SystemCallError]] = {
    cls.__bases__[1]: cls
    for cls in (
        SystemBlockingIOError,
        SystemBrokenPipeError,
        SystemChildProcessError,
        SystemConnectionAbortedError,
        SystemConnectionRefusedError,
        SystemConnectionResetError,
        SystemFileExistsError,
        SystemFileNotFoundError,
        SystemInterruptedError,
        SystemIsADirectoryError,
        SystemNotADirectoryError,
        SystemPermissionError,
        SystemProcessLookupError,
        SystemTimeoutError,
    )
}

# The number of an error that Python raised without one.
_NUMBERS: tuple[tuple[type[OSError], int], ...] = (
    (TimeoutError, errno.ETIMEDOUT),
    (ConnectionResetError, errno.ECONNRESET),
    (ConnectionAbortedError, errno.ECONNABORTED),
    (ConnectionRefusedError, errno.ECONNREFUSED),
    (BrokenPipeError, errno.EPIPE),
    (FileNotFoundError, errno.ENOENT),
    (PermissionError, errno.EACCES),
)

# Node: what libuv says where strerror says something else; both in lower case otherwise.
_DESCRIPTIONS = {
    "EADDRNOTAVAIL": "address not available",
    "EAFNOSUPPORT": "address family not supported",
    "EALREADY": "connection already in progress",
    "EBUSY": "resource busy or locked",
    "ECANCELED": "operation canceled",
    "ECONNABORTED": "software caused connection abort",
    "EEXIST": "file already exists",
    "EILSEQ": "illegal byte sequence",
    "ERANGE": "result too large",
    "EFAULT": "bad address in system call argument",
    "EHOSTUNREACH": "host is unreachable",
    "EIO": "i/o error",
    "EISCONN": "socket is already connected",
    "EISDIR": "illegal operation on a directory",
    "ELOOP": "too many symbolic links encountered",
    "ENAMETOOLONG": "name too long",
    "ENETDOWN": "network is down",
    "ENETUNREACH": "network is unreachable",
    "ENFILE": "file table overflow",
    "ENOMEM": "not enough memory",
    "ENOTCONN": "socket is not connected",
    "ENOTSUP": "operation not supported on socket",
    "EPROTO": "protocol error",
    "ESPIPE": "invalid seek",
    "ETXTBSY": "text file is busy",
    "EXDEV": "cross-device link not permitted",
    "UNKNOWN": "unknown error",
}

# The system knows some numbers by two names; Node prints these.
_NAMES = {errno.EAGAIN: "EAGAIN", errno.EOPNOTSUPP: "ENOTSUP"}


def _number(error: OSError) -> int | None:
    """Find the number of an error, also where Python gives none."""
    if error.errno is not None:
        return error.errno
    if "AF_UNIX path too long" in error.args:  # socket.bind and connect check it themselves
        return errno.ENAMETOOLONG
    return next((number for cls, number in _NUMBERS if isinstance(error, cls)), None)


def _code(number: int | None) -> str:
    if number is None:
        return "UNKNOWN"
    return _NAMES.get(number) or errno.errorcode.get(number, "UNKNOWN")


def _description(number: int | None, code: str) -> str:
    return _DESCRIPTIONS.get(code) or os.strerror(number or 0).lower()


def _make(error: OSError | int, syscall: str, text: str, **fields: Any) -> SystemCallError:
    number = error if isinstance(error, int) else _number(error)
    cls = SystemCallError if number is None else _CLASSES.get(type(OSError(number, "")), SystemCallError)
    made = cls(number, _code(number), syscall, text, **fields)
    if not isinstance(error, int):
        made.__cause__ = error
    return made


def system_error(
    error: OSError | int,
    syscall: str,
    *,
    address: str | None = None,
    port: int | None = None,
    path: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
) -> SystemCallError:
    """Make the library's error from the system's.

    Args:
        error: what the system raised, or its number.
        syscall: what was being done: `'connect'`, `'listen'`, `'read'`, `'write'`.
        address: the address it was done to, if there is one.
        port: the port it was done to, if there is one.
        path: the file it was done to: then this is `file_error`.

    Returns:
        An error that is also the builtin of that number, with the original as its `__cause__`.
    """
    if path is not None:
        return file_error(error, syscall, path)
    number = error if isinstance(error, int) else _number(error)
    code = _code(number)
    text = f"{syscall} {code}"
    if syscall == "listen":  # Node: of the network's calls only this one is described in words
        text += f": {_description(number, code)}"
    if address:
        # Node: a path's errors have the port -1, which is not shown.
        text += f" {address}:{port}" if port and port > 0 else f" {address}"
    # Node: port 0 is none.
    return _make(error, syscall, text, address=address, port=port or None)


def ended_by_peer() -> SystemCallError:
    """Make the error of a write after the peer's end, which was this side's too: `EPIPE`, though nothing was called.

    Returns:
        A BrokenPipeError without a `syscall`.
    """
    return SystemBrokenPipeError(errno.EPIPE, "EPIPE", None, "This socket has been ended by the other party")


def file_error(
    error: OSError | int,
    syscall: str,
    path: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None = None,
) -> SystemCallError:
    """Make the library's error from what a call on a file raised: `ENOENT: no such file or directory, open 'x'`.

    Args:
        error: what the system raised, or its number.
        syscall: what was being done: `'open'`, `'read'`, `'write'`, `'close'`, `'fsync'`.
        path: the file's path, where the call took one.

    Returns:
        An error that is also the builtin of that number, with the original as its `__cause__`.
    """
    number = error if isinstance(error, int) else _number(error)
    code = _code(number)
    text = f"{code}: {_description(number, code)}, {syscall}"
    if path is None:
        return _make(error, syscall, text)
    plain = os.fspath(path)
    return _make(error, syscall, f"{text} '{os.fsdecode(plain)}'", path=plain)


# Node: what it calls ENOTFOUND; the others keep getaddrinfo's own names.
_NOT_FOUND = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_LOOKUP_CODES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}


def lookup_error(error: OSError | UnicodeError, hostname: str) -> LookupFailedError:
    """Make the library's error from a failed look-up: `getaddrinfo ENOTFOUND example.invalid`.

    Args:
        error: a `socket.gaierror`; the `OSError` that getaddrinfo raises when the system itself failed; or the
            `UnicodeError` for a name that no host can have.
        hostname: the name that was looked up.

    Returns:
        The error, with the original as its `__cause__`.
    """
    number: int | None = socket.EAI_NONAME
    if isinstance(error, UnicodeError) or error.errno in _NOT_FOUND:
        code = "ENOTFOUND"
    elif isinstance(error, socket.gaierror):
        number = error.errno
        code = _LOOKUP_CODES.get(error.errno or 0, "UNKNOWN")
    else:
        number = _number(error)
        code = _code(number)
    made = LookupFailedError(number, code, "getaddrinfo", f"getaddrinfo {code} {hostname}")
    made.hostname = hostname
    made.__cause__ = error
    return made
