"""Errors: their texts, codes, bases and copies, and how system errors are made."""

from __future__ import annotations

import copy
import errno
import inspect
import os
import pickle
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import errors
from sockstream.errors import (
    AbortError,
    AbortTimeoutError,
    ConnectionGroupError,
    InvalidAddressError,
    InvalidArgTypeError,
    InvalidArgValueError,
    InvalidFdTypeError,
    InvalidHandleTypeError,
    InvalidIpAddressError,
    InvalidReturnValueError,
    IpBlockedError,
    LookupFailedError,
    MethodNotImplementedError,
    MissingArgsError,
    MultipleCallbackError,
    OutOfRangeError,
    ServerAlreadyListenError,
    ServerNotRunningError,
    SocketBadPortError,
    SocketClosedBeforeConnectionError,
    SocketClosedError,
    SocketConnectionTimeoutError,
    SocketHandleAdoptedError,
    SockstreamError,
    StreamAlreadyFinishedError,
    StreamCannotPipeError,
    StreamDestroyedError,
    StreamNullValuesError,
    StreamPrematureCloseError,
    StreamPushAfterEofError,
    StreamUnshiftAfterEndEventError,
    StreamWriteAfterEndError,
    SystemCallError,
    UnhandledError,
    UnknownEncodingError,
    ended_by_peer,
    file_error,
    lookup_error,
    system_error,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Each: the instance, its code, the builtin it is, and its text.
ERRORS = [
    (
        InvalidArgTypeError("delay", "of type int or float", "x"),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        "The \"delay\" argument must be of type int or float. Received type str ('x')",
    ),
    (
        InvalidArgTypeError("callback", "a function", None),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        'The "callback" argument must be a function. Received None',
    ),
    (
        InvalidArgTypeError("chunk", "of type str or bytes", [1]),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        'The "chunk" argument must be of type str or bytes. Received an instance of list',
    ),
    (
        InvalidArgTypeError("chunk", "of type str or bytes", len),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        'The "chunk" argument must be of type str or bytes. Received function len',
    ),
    (
        InvalidArgTypeError("chunk", "of type str or bytes", dict),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        'The "chunk" argument must be of type str or bytes. Received class dict',
    ),
    (
        InvalidArgTypeError("port", "of type int", b"0123456789" * 5),
        "ERR_INVALID_ARG_TYPE",
        TypeError,
        'The "port" argument must be of type int. Received type bytes (b\'01234567890123456789012...)',
    ),
    (
        InvalidReturnValueError("an iterable", "source", 5),
        "ERR_INVALID_RETURN_VALUE",
        TypeError,
        'Expected an iterable to be returned from the "source" function. Received type int (5)',
    ),
    (
        InvalidArgValueError("family", 5, "must be 0, 4 or 6"),
        "ERR_INVALID_ARG_VALUE",
        ValueError,
        "The argument 'family' must be 0, 4 or 6. Received 5",
    ),
    (
        InvalidArgValueError("flags", "q"),
        "ERR_INVALID_ARG_VALUE",
        ValueError,
        "The argument 'flags' is invalid. Received 'q'",
    ),
    (
        OutOfRangeError("start", ">= 0", -5),
        "ERR_OUT_OF_RANGE",
        ValueError,
        'The value of "start" is out of range. It must be >= 0. Received -5',
    ),
    (
        SocketBadPortError("options.port", 65536),
        "ERR_SOCKET_BAD_PORT",
        ValueError,
        "options.port should be >= 0 and < 65536. Received type int (65536).",
    ),
    (
        InvalidAddressError("example"),
        "ERR_INVALID_ADDRESS",
        ValueError,
        "Invalid address: 'example'. Pass an IP address of the given family",
    ),
    (InvalidIpAddressError("1.2.3"), "ERR_INVALID_IP_ADDRESS", ValueError, "Invalid IP address: 1.2.3"),
    (
        UnknownEncodingError("zz"),
        "ERR_UNKNOWN_ENCODING",
        ValueError,
        (
            "Unknown encoding: zz. Known are utf8, utf16le, latin1, ascii, hex, base64, base64url and the text codecs "
            "of Python"
        ),
    ),
    (
        InvalidFdTypeError("FILE"),
        "ERR_INVALID_FD_TYPE",
        ValueError,
        "Unsupported fd type: FILE. Pass that of a TCP or Unix stream socket, or of a pipe",
    ),
    (
        ServerAlreadyListenError(),
        "ERR_SERVER_ALREADY_LISTEN",
        RuntimeError,
        "Listen method has been called more than once without closing. Call close() first",
    ),
    (
        ServerNotRunningError(),
        "ERR_SERVER_NOT_RUNNING",
        RuntimeError,
        "Server is not running. Call listen() first",
    ),
    (
        StreamWriteAfterEndError(),
        "ERR_STREAM_WRITE_AFTER_END",
        RuntimeError,
        "write after end: write everything before end() is called",
    ),
    (
        StreamDestroyedError("write"),
        "ERR_STREAM_DESTROYED",
        RuntimeError,
        "Cannot call write after a stream was destroyed",
    ),
    (
        StreamPrematureCloseError(),
        "ERR_STREAM_PREMATURE_CLOSE",
        RuntimeError,
        "Premature close: the stream closed before it had ended",
    ),
    (
        StreamAlreadyFinishedError("end"),
        "ERR_STREAM_ALREADY_FINISHED",
        RuntimeError,
        "Cannot call end after a stream was finished",
    ),
    (
        StreamPushAfterEofError(),
        "ERR_STREAM_PUSH_AFTER_EOF",
        RuntimeError,
        "stream.push() after EOF: push(None) must come last",
    ),
    (
        StreamUnshiftAfterEndEventError(),
        "ERR_STREAM_UNSHIFT_AFTER_END_EVENT",
        RuntimeError,
        "stream.unshift() after end event: nobody would read it",
    ),
    (
        StreamNullValuesError(),
        "ERR_STREAM_NULL_VALUES",
        RuntimeError,
        "May not write None to a stream: call end() to end it",
    ),
    (
        StreamCannotPipeError(),
        "ERR_STREAM_CANNOT_PIPE",
        RuntimeError,
        "Cannot pipe, not readable: pipe from a readable stream into this one",
    ),
    (
        MethodNotImplementedError("_read()"),
        "ERR_METHOD_NOT_IMPLEMENTED",
        NotImplementedError,
        "The _read() method is not implemented. Override it in a subclass, or pass it as an option",
    ),
    (
        MultipleCallbackError(),
        "ERR_MULTIPLE_CALLBACK",
        RuntimeError,
        "Callback called multiple times: a hook must call its callback once",
    ),
    (SocketClosedError(), "ERR_SOCKET_CLOSED", RuntimeError, "Socket is closed"),
    (
        SocketClosedBeforeConnectionError(),
        "ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
        RuntimeError,
        "Socket closed before the connection was established",
    ),
    (
        SocketConnectionTimeoutError(),
        "ERR_SOCKET_CONNECTION_TIMEOUT",
        RuntimeError,
        "Socket connection timeout: the attempt took longer than auto_select_family_attempt_timeout",
    ),
    (
        SocketHandleAdoptedError(),
        "ERR_SOCKET_HANDLE_ADOPTED",
        RuntimeError,
        "The bound socket was closed, or adopted by a server or a socket: then ask that one",
    ),
    (
        MissingArgsError("port", "path"),
        "ERR_MISSING_ARGS",
        RuntimeError,
        'The "port" or "path" argument must be specified',
    ),
    (
        InvalidHandleTypeError(),
        "ERR_INVALID_HANDLE_TYPE",
        RuntimeError,
        "This handle type cannot be reset: only a TCP connection can. Call destroy()",
    ),
    (IpBlockedError("10.0.0.1"), "ERR_IP_BLOCKED", RuntimeError, "IP(10.0.0.1) is blocked by the BlockList"),
    (
        UnhandledError("boom"),
        "ERR_UNHANDLED_ERROR",
        RuntimeError,
        "Unhandled error. ('boom') Listen to 'error', and emit an exception with it",
    ),
    (AbortError("enough"), "ABORT_ERR", RuntimeError, "The operation was aborted"),
    (AbortTimeoutError(), "TIMEOUT_ERR", TimeoutError, "The operation was aborted due to timeout"),
    (
        system_error(errno.ECONNREFUSED, "connect", address="127.0.0.1", port=1),
        "ECONNREFUSED",
        ConnectionRefusedError,
        "connect ECONNREFUSED 127.0.0.1:1",
    ),
    (
        system_error(errno.ECONNREFUSED, "connect", address="::1", port=1),
        "ECONNREFUSED",
        ConnectionRefusedError,
        "connect ECONNREFUSED ::1:1",
    ),
    (
        system_error(errno.ENOENT, "connect", address="/tmp/none"),
        "ENOENT",
        FileNotFoundError,
        "connect ENOENT /tmp/none",
    ),
    (
        system_error(errno.EADDRINUSE, "listen", address="127.0.0.1", port=80),
        "EADDRINUSE",
        OSError,
        "listen EADDRINUSE: address already in use 127.0.0.1:80",
    ),
    (
        system_error(errno.EADDRNOTAVAIL, "listen", address="1.2.3.4", port=0),
        "EADDRNOTAVAIL",
        OSError,
        "listen EADDRNOTAVAIL: address not available 1.2.3.4",
    ),
    (system_error(errno.ECONNRESET, "read"), "ECONNRESET", ConnectionResetError, "read ECONNRESET"),
    (system_error(errno.EPIPE, "write"), "EPIPE", BrokenPipeError, "write EPIPE"),
    (ended_by_peer(), "EPIPE", BrokenPipeError, "This socket has been ended by the other party"),
    (
        file_error(errno.ENOENT, "open", "x"),
        "ENOENT",
        FileNotFoundError,
        "ENOENT: no such file or directory, open 'x'",
    ),
    (
        system_error(errno.EEXIST, "open", path=b"x"),
        "EEXIST",
        FileExistsError,
        "EEXIST: file already exists, open 'x'",
    ),
    (
        file_error(errno.EISDIR, "read"),
        "EISDIR",
        IsADirectoryError,
        "EISDIR: illegal operation on a directory, read",
    ),
    (
        lookup_error(socket.gaierror(socket.EAI_NONAME, "?"), "no.invalid"),
        "ENOTFOUND",
        socket.gaierror,
        "getaddrinfo ENOTFOUND no.invalid",
    ),
    (
        ConnectionGroupError([system_error(errno.EPIPE, "write"), system_error(errno.ECONNRESET, "read")]),
        "EPIPE",
        ExceptionGroup,
        "all 2 connection attempts failed: write EPIPE; read ECONNRESET",
    ),
]


def pickled(error: Any) -> Any:
    return pickle.loads(pickle.dumps(error))


each_error = pytest.mark.parametrize(
    ("error", "code", "builtin", "text"), ERRORS, ids=[f"{type(row[0]).__name__}-{i}" for i, row in enumerate(ERRORS)]
)


@each_error
def test_text_code_and_bases(error: SockstreamError, code: str, builtin: type[Exception], text: str) -> None:
    assert str(error) == text
    assert error.code == code
    assert isinstance(error, builtin)
    assert isinstance(error, SockstreamError)


@each_error
@pytest.mark.parametrize("copied", [copy.copy, pickled], ids=["copy", "pickle"])
def test_a_copy_is_equal(
    error: SockstreamError, code: str, builtin: type[Exception], text: str, copied: Callable[[Any], Any]
) -> None:
    error.attached = "by the user"  # type: ignore[attr-defined]
    twin = copied(error)
    assert (type(twin), str(twin), twin.code, twin.attached) == (type(error), text, code, "by the user")
    assert len(twin.args) == len(error.args)
    if isinstance(error, SystemCallError):
        assert (twin.errno, twin.strerror, twin.filename) == (error.errno, error.strerror, error.filename)


def test_the_table_has_every_class() -> None:
    public = {cls for name in errors.__all__ if inspect.isclass(cls := getattr(errors, name))}
    tested = {type(row[0]) for row in ERRORS}
    untested = {cls for cls in public - tested if not issubclass(cls, SystemCallError)}
    assert untested == {SockstreamError}


def test_all_and_the_hierarchy_are_exact() -> None:
    here = {
        name
        for name, value in vars(errors).items()
        if getattr(value, "__module__", None) == errors.__name__ and not name.startswith("_")
    }
    assert set(errors.__all__) == here
    assert errors.__doc__ is not None
    for name in errors.__all__:
        if inspect.isclass(getattr(errors, name)):
            assert f":exc:`{name}`" in errors.__doc__, name


def test_a_value_that_does_not_pickle_is_no_hindrance() -> None:
    error = InvalidArgTypeError("port", "of type int", lambda: None)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_long_values_are_cut() -> None:
    assert str(InvalidArgValueError("name", "x" * 1000)).endswith("xxx...")
    assert len(str(InvalidArgValueError("name", "x" * 1000))) < 200


def test_abort_error_keeps_its_reason() -> None:
    reason = ValueError("because")
    assert AbortError(reason).cause is reason
    assert AbortError(reason).__cause__ is reason
    assert AbortError("words").cause == "words"
    assert AbortError("words").__cause__ is None


def test_unhandled_error_keeps_what_was_emitted() -> None:
    assert UnhandledError([1]).context == [1]


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_a_system_error_is_the_builtin_of_its_number(number: int) -> None:
    original = OSError(number, os.strerror(number))
    made = system_error(original, "connect")
    assert isinstance(made, type(original))
    assert isinstance(made, SystemCallError)
    assert made.errno == number
    assert getattr(errno, made.code) == number
    assert made.__cause__ is original
    assert (made.syscall, made.address, made.port, made.path) == ("connect", None, None, None)


@pytest.mark.parametrize(
    ("original", "code", "number"),
    [
        (ConnectionResetError("lost"), "ECONNRESET", errno.ECONNRESET),
        (ConnectionAbortedError(), "ECONNABORTED", errno.ECONNABORTED),
        (ConnectionRefusedError(), "ECONNREFUSED", errno.ECONNREFUSED),
        (BrokenPipeError(), "EPIPE", errno.EPIPE),
        (TimeoutError(), "ETIMEDOUT", errno.ETIMEDOUT),
        (OSError("AF_UNIX path too long"), "ENAMETOOLONG", errno.ENAMETOOLONG),
        (OSError("who knows"), "UNKNOWN", None),
        (OSError(99999, "new in this kernel"), "UNKNOWN", 99999),
    ],
)
def test_an_error_without_a_number_gets_one(original: OSError, code: str, number: int | None) -> None:
    made = system_error(original, "read")
    assert (made.code, made.errno, str(made)) == (code, number, f"read {code}")


def test_the_two_names_of_a_number_are_nodes() -> None:
    assert system_error(errno.EAGAIN, "read").code == "EAGAIN"
    assert system_error(errno.EOPNOTSUPP, "listen").code == "ENOTSUP"


def test_fields_of_a_system_error() -> None:
    made = system_error(errno.ECONNREFUSED, "connect", address="::1", port=8431)
    assert (made.syscall, made.address, made.port, made.path) == ("connect", "::1", 8431, None)
    made = system_error(errno.EACCES, "open", path=Path("a") / "b")
    assert (made.syscall, made.path, made.filename) == ("open", "a/b", "a/b")
    assert made.__cause__ is None


def test_unknown_file_error_says_so() -> None:
    assert str(file_error(OSError("?"), "read")) == "UNKNOWN: unknown error, read"


@pytest.mark.parametrize(
    ("original", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "?"), "ENOTFOUND"),
        (socket.gaierror(socket.EAI_NODATA, "?"), "ENOTFOUND"),
        (socket.gaierror(socket.EAI_AGAIN, "?"), "EAI_AGAIN"),
        (socket.gaierror(socket.EAI_FAIL, "?"), "EAI_FAIL"),
        (socket.gaierror(12345, "?"), "UNKNOWN"),
        (OSError(errno.EMFILE, "?"), "EMFILE"),
        (UnicodeError("label too long"), "ENOTFOUND"),
    ],
)
def test_lookup_error(original: OSError | UnicodeError, code: str) -> None:
    made = lookup_error(original, "host")
    assert isinstance(made, LookupFailedError)
    assert (made.code, made.syscall, made.hostname) == (code, "getaddrinfo", "host")
    assert str(made) == f"getaddrinfo {code} host"
    assert made.__cause__ is original
    assert pickle.loads(pickle.dumps(made)).hostname == "host"


def test_a_group_splits_into_groups() -> None:
    refused = system_error(errno.ECONNREFUSED, "connect", address="::1", port=1)
    timed_out = system_error(errno.ETIMEDOUT, "connect", address="10.0.0.1", port=1)
    group = ConnectionGroupError([refused, timed_out])
    assert group.exceptions == (refused, timed_out)
    assert group.code == "ECONNREFUSED"
    late = group.subgroup(TimeoutError)
    assert isinstance(late, ConnectionGroupError)
    assert late.exceptions == (timed_out,)
    assert late.code == "ETIMEDOUT"


def test_a_group_of_foreign_errors_has_a_code() -> None:
    assert ConnectionGroupError([ValueError("x")]).code == "UNKNOWN"
