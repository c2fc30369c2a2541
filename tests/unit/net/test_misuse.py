"""Where sockstream is stricter than Node (docs/differences.md), and its coroutine functions with bad arguments."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net as typed
from sockstream.errors import SockstreamError

if TYPE_CHECKING:
    from collections.abc import Callable

LOCAL = "127.0.0.1"
# What it is given here, no type allows.
net: Any = typed


def connect(**options: Any) -> None:
    net.Socket().connect(**{"port": 1, "host": LOCAL, **options})


def with_option(make: Callable[..., object], name: str, value: Any) -> None:
    make(**{name: value})


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(SockstreamError) as caught:
        call()
    return caught.value.code


@pytest.mark.parametrize(
    "call",
    [
        *(
            partial(with_option, net.Server, name)
            for name in ("allow_half_open", "pause_on_connect", "no_delay", "keep_alive")
        ),
        *(
            partial(with_option, net.Socket, name)
            for name in ("allow_half_open", "no_delay", "keep_alive", "readable", "writable")
        ),
        lambda value: net.Socket().set_no_delay(value),
        lambda value: net.Socket().set_keep_alive(value),
        lambda value: net.create_server().listen(0, exclusive=value),
    ],
)
async def test_a_flag_is_a_bool(call: Callable[[Any], object]) -> None:
    values: tuple[Any, ...] = (None, 0, 1, "", "x", [], {})
    assert [code_of(partial(call, value)) for value in values] == ["ERR_INVALID_ARG_TYPE"] * len(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda value: net.Server(keep_alive_initial_delay=value),
        lambda value: net.Socket(keep_alive_initial_delay=value),
        lambda value: net.Socket().set_keep_alive(True, value),
        lambda value: net.Socket().set_keep_alive(True, 1, value),
    ],
)
async def test_a_time_is_a_number_of_seconds(call: Callable[[Any], object]) -> None:
    assert [code_of(partial(call, value)) for value in (-1, math.nan, math.inf)] == ["ERR_OUT_OF_RANGE"] * 3


# What is called, and the code it is refused with; Node takes each for something else, or makes nothing of it.
REFUSED: tuple[tuple[Callable[[], object], str], ...] = (
    (lambda: net.Server(high_water_mark=-1), "ERR_OUT_OF_RANGE"),
    (lambda: net.Server(high_water_mark=1.5), "ERR_OUT_OF_RANGE"),
    (lambda: net.Socket(signal=0), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().connect(1, 5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().connect(1, LOCAL, "x"), "ERR_INVALID_ARG_TYPE"),
    (lambda: connect(host=0), "ERR_INVALID_ARG_TYPE"),
    (lambda: connect(path=0), "ERR_INVALID_ARG_TYPE"),
    (lambda: connect(path=""), "ERR_INVALID_ARG_VALUE"),
    (lambda: connect(local_address=0), "ERR_INVALID_IP_ADDRESS"),
    (lambda: connect(local_port=65536), "ERR_SOCKET_BAD_PORT"),
    (lambda: connect(local_port=-1), "ERR_SOCKET_BAD_PORT"),
    (lambda: connect(family=5), "ERR_INVALID_ARG_VALUE"),
    (lambda: connect(hints="x"), "ERR_INVALID_ARG_TYPE"),
    (lambda: connect(lookup=5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.connect(1, LOCAL, timeout=False), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.create_server().listen(0, backlog="5"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.create_server().close(5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().set_keep_alive(True, 1, 1, 0), "ERR_OUT_OF_RANGE"),
    (lambda: net.Socket().set_keep_alive(True, 1, 1, "x"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().set_max_listeners(1.5), "ERR_OUT_OF_RANGE"),
    (lambda: net.Socket().set_encoding(""), "ERR_UNKNOWN_ENCODING"),
    (lambda: net.Socket().write("x", ""), "ERR_UNKNOWN_ENCODING"),
    (lambda: net.Socket().write("x", "utf8", 5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().end("x", "utf8", 5), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().destroy("x"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().read("x"), "ERR_INVALID_ARG_TYPE"),
    (lambda: net.Socket().pipe(5), "ERR_INVALID_ARG_TYPE"),
)


async def test_what_node_takes_for_something_else_is_refused() -> None:
    assert [code_of(call) for call, _ in REFUSED] == [code for _, code in REFUSED]


async def test_only_decimal_digits_are_a_port() -> None:
    for text in ("0x50", " 80", "80 ", "8e1", "+80", "٨٠"):
        assert code_of(partial(connect, port=text)) == "ERR_SOCKET_BAD_PORT"
        assert code_of(partial(net.create_server().listen, port=text)) == "ERR_SOCKET_BAD_PORT"


async def test_none_is_what_was_left_out() -> None:
    assert code_of(lambda: net.Socket().connect(None)) == "ERR_MISSING_ARGS"
    assert code_of(lambda: net.Socket().connect(port=None)) == "ERR_MISSING_ARGS"
    assert net.Socket().set_timeout(0, None).timeout == 0
    assert await net.create_server().get_connections(None) == 0


async def test_a_connect_that_raises_leaves_the_socket_as_it_was() -> None:
    socket = net.Socket()
    assert code_of(lambda: socket.connect(-1)) == "ERR_SOCKET_BAD_PORT"
    assert (socket.connecting, socket.pending, socket.ready_state) == (False, True, "open")
    socket.destroy()
    assert code_of(lambda: socket.connect(-1)) == "ERR_SOCKET_BAD_PORT"
    assert socket.destroyed


# -- coroutine functions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "code"),
    [
        ((), {}, "ERR_MISSING_ARGS"),
        ((-1,), {}, "ERR_SOCKET_BAD_PORT"),
        ((1, LOCAL), {"family": 5}, "ERR_INVALID_ARG_VALUE"),
        ((1, LOCAL), {"signal": 5}, "ERR_INVALID_ARG_TYPE"),
        ((1, LOCAL), {"high_water_mark": -1}, "ERR_INVALID_ARG_VALUE"),
    ],
)
async def test_open_connection_refuses_when_it_is_awaited(
    arguments: tuple[Any, ...], options: dict[str, Any], code: str
) -> None:
    opening = net.open_connection(*arguments, **options)
    with pytest.raises(SockstreamError) as caught:
        await opening
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("listener", "options", "code"),
    [
        (5, {}, "ERR_INVALID_ARG_TYPE"),
        (None, {"port": -1}, "ERR_SOCKET_BAD_PORT"),
        (None, {"allow_half_open": 1}, "ERR_INVALID_ARG_TYPE"),
        (None, {"path": 5}, "ERR_INVALID_ARG_VALUE"),
    ],
)
async def test_start_server_refuses_when_it_is_awaited(listener: Any, options: dict[str, Any], code: str) -> None:
    starting = net.start_server(listener, **options)
    with pytest.raises(SockstreamError) as caught:
        await starting
    assert caught.value.code == code


async def test_an_unknown_option_of_the_coroutine_functions_is_a_type_error() -> None:
    options = {"port": 0, "colour": "red"}
    with pytest.raises(TypeError, match="colour"):
        await net.open_connection(**options)
    with pytest.raises(TypeError, match="colour"):
        await net.start_server(**options)
