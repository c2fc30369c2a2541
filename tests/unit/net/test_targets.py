"""The argument forms of `listen` and `connect`, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sockstream.errors import SockstreamError
from sockstream.net import connections, servers
from sockstream.net.checks import check_seconds
from sockstream.net.options import ServerOptions, SocketOptions
from sockstream.net.targets import ConnectTarget, ListenTarget, connect_target, listen_target


def callback() -> None:
    pass


def fields(target: ListenTarget | ConnectTarget) -> dict[str, Any]:
    return {name: getattr(target, name) for name in type(target).__annotations__}


@pytest.mark.parametrize(
    ("args", "options", "expected"),
    [
        ((), {}, {"port": 0}),
        ((None,), {}, {"port": 0}),
        ((80,), {}, {"port": 80}),
        (("80",), {}, {"port": 80}),
        ((80, "h"), {}, {"port": 80, "host": "h"}),
        ((80, None, 5), {}, {"port": 80, "backlog": 5}),
        ((80, 5), {}, {"port": 80, "backlog": 5}),
        ((80, "h", 5), {}, {"port": 80, "host": "h", "backlog": 5}),
        ((80,), {"host": "h", "backlog": 5}, {"port": 80, "host": "h", "backlog": 5}),
        (("/x",), {}, {"path": "/x"}),
        (("/x", 5), {}, {"path": "/x", "backlog": 5}),
        ((Path("/x"),), {}, {"path": "/x"}),
        ((b"/x",), {}, {"path": "/x"}),
        (("\0name",), {}, {"path": "\0name"}),
        (("8o",), {}, {"path": "8o"}),
        ((), {"path": Path("/x"), "readable_all": True}, {"path": "/x", "readable_all": True}),
        ((), {"fd": 3}, {"fd": 3}),
    ],
)
@pytest.mark.parametrize("with_callback", [True, False])
def test_listen_forms(
    args: tuple[Any, ...], options: dict[str, Any], expected: dict[str, Any], with_callback: bool
) -> None:
    given = (*args, callback) if with_callback else args
    target, found = listen_target(given, None, options)
    assert fields(target) == fields(ListenTarget(**expected))
    assert found is (callback if with_callback else None)


def test_a_handle_is_taken_for_one() -> None:
    handle = object()
    target, _ = listen_target((handle, 5), None, {})
    assert (target.handle, target.backlog, target.port) == (handle, 5, None)


@pytest.mark.parametrize(
    ("args", "options", "code"),
    [
        ((-1,), {}, "ERR_SOCKET_BAD_PORT"),
        ((65536,), {}, "ERR_SOCKET_BAD_PORT"),
        (("65536",), {}, "ERR_SOCKET_BAD_PORT"),
        (("",), {}, "ERR_SOCKET_BAD_PORT"),
        ((), {"port": "x"}, "ERR_SOCKET_BAD_PORT"),
        ((True,), {}, "ERR_INVALID_ARG_VALUE"),
        ((1.5,), {}, "ERR_SOCKET_BAD_PORT"),
        (("9" * 5000,), {}, "ERR_SOCKET_BAD_PORT"),
        (({"port": 1},), {}, "ERR_INVALID_ARG_TYPE"),
        ((80, b"h"), {}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"host": 5}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"backlog": "5"}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"signal": "odd"}, "ERR_INVALID_ARG_TYPE"),
        ((), {"path": 5}, "ERR_INVALID_ARG_VALUE"),
        ((), {"path": ""}, "ERR_INVALID_ARG_VALUE"),
        ((), {"ipv6_only": 1}, "ERR_INVALID_ARG_TYPE"),
        ((), {"fd": -1}, "ERR_INVALID_ARG_VALUE"),
        ((), {"fd": "1"}, "ERR_INVALID_ARG_VALUE"),
        (("/x", "y"), {}, "ERR_INVALID_ARG_TYPE"),
    ],
)
def test_listen_refuses(args: tuple[Any, ...], options: dict[str, Any], code: str) -> None:
    with pytest.raises(SockstreamError) as caught:
        listen_target(args, None, options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("args", "options", "expected"),
    [
        ((80,), {}, {"port": 80}),
        (("80",), {}, {"port": 80}),
        (("0" * 5000 + "80",), {}, {"port": 80}),
        (("00",), {}, {"port": 0}),
        ((80, "h"), {}, {"port": 80, "host": "h"}),
        ((80, None), {}, {"port": 80, "host": "localhost"}),
        ((), {"port": 80, "host": None}, {"port": 80, "host": "localhost"}),
        ((80,), {"family": 6, "hints": 4}, {"port": 80, "family": 6, "hints": 4}),
        (("/x",), {}, {"path": "/x"}),
        ((Path("/x"),), {}, {"path": "/x"}),
        ((), {"path": "/x", "port": 80}, {"path": "/x", "port": 80}),
        ((80,), {"auto_select_family": "sequential"}, {"port": 80, "auto_select_family": "sequential"}),
        ((80,), {"local_address": "::1", "local_port": 5}, {"port": 80, "local_address": "::1", "local_port": 5}),
    ],
)
@pytest.mark.parametrize("with_listener", [True, False])
def test_connect_forms(
    args: tuple[Any, ...], options: dict[str, Any], expected: dict[str, Any], with_listener: bool
) -> None:
    target, found = connect_target(args, callback if with_listener else None, options)
    assert fields(target) == fields(ConnectTarget(**expected))
    assert found is (callback if with_listener else None)


@pytest.mark.parametrize(
    ("args", "options", "code"),
    [
        ((), {}, "ERR_MISSING_ARGS"),
        ((), {"host": "h"}, "ERR_MISSING_ARGS"),
        ((), {"port": None}, "ERR_MISSING_ARGS"),
        ((-1,), {}, "ERR_SOCKET_BAD_PORT"),
        ((), {"port": "x"}, "ERR_SOCKET_BAD_PORT"),
        ((80, 5), {}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"host": 5}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"local_address": "zz"}, "ERR_INVALID_IP_ADDRESS"),
        ((80,), {"local_port": "a"}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"local_port": 70_000}, "ERR_SOCKET_BAD_PORT"),
        ((80,), {"lookup": 5}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"family": 5}, "ERR_INVALID_ARG_VALUE"),
        ((80,), {"hints": "a"}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"auto_select_family": 5}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"auto_select_family": "racing"}, "ERR_INVALID_ARG_TYPE"),
        ((80,), {"auto_select_family_attempt_timeout": -1}, "ERR_OUT_OF_RANGE"),
        ((80,), {"auto_select_family_attempt_timeout": 0}, "ERR_OUT_OF_RANGE"),
        ((), {"path": 5}, "ERR_INVALID_ARG_TYPE"),
        ((), {"path": ""}, "ERR_INVALID_ARG_VALUE"),
    ],
)
def test_connect_refuses(args: tuple[Any, ...], options: dict[str, Any], code: str) -> None:
    with pytest.raises(SockstreamError) as caught:
        connect_target(args, None, options)
    assert caught.value.code == code


@pytest.mark.parametrize("take", [listen_target, connect_target])
@pytest.mark.parametrize(("args", "options"), [((80,), {"prot": 1}), ((80,), {"port": 1}), ((80, callback), {})])
def test_what_no_form_has_is_pythons_type_error(take: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        take(args, callback if callback in args else None, options)


@pytest.mark.parametrize(
    ("value", "code"),
    [("1", "ERR_INVALID_ARG_TYPE"), (True, "ERR_INVALID_ARG_TYPE"), (None, "ERR_INVALID_ARG_TYPE"),
     (-1, "ERR_OUT_OF_RANGE"), (float("inf"), "ERR_OUT_OF_RANGE"), (float("nan"), "ERR_OUT_OF_RANGE")],
)  # fmt: skip
def test_seconds_are_finite_and_not_negative(value: object, code: str) -> None:
    with pytest.raises(SockstreamError) as caught:
        check_seconds("timeout", value)
    assert caught.value.code == code


def test_the_constructors_options_are_told_from_the_others() -> None:
    """`connect` and `start_server` know their names, without the types, which are for type checkers."""
    assert set(SocketOptions.__annotations__) == connections._SOCKET_OPTIONS
    assert set(ServerOptions.__annotations__) == servers._SERVER_OPTIONS
