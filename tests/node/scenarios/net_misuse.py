"""Misuse: which arguments each function refuses, and with which code."""

from __future__ import annotations

import math
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream import net, stream
from tests.node.misuse import (
    LOCAL,
    NUMBERS,
    ODD,
    attempt,
    moments,
    nothing,
    port_of,
    quiet,
    steps,
    table,
    watched,
    with_connections,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sockstream.net import Socket
    from tests.node.lib import Role

# -- servers ----------------------------------------------------------------------------------------------------------


def server_listener(t: Role) -> None:
    values = {"number": 5, "zero": 0, "text": "odd", "empty": "", "true": True, "false": False, "null": None}
    table(t, {**values, "function": nothing}, net.create_server)


def server_keep_alive_delay(t: Role) -> None:
    table(t, {**ODD, "zero": 0, "number": 5}, lambda value: net.create_server(keep_alive_initial_delay=value))


def server_high_water_mark(t: Role) -> None:
    table(t, {**ODD, "zero": 0, "number": 5}, lambda value: net.create_server(high_water_mark=value))


def get_connections_callback(t: Role) -> None:
    table(t, {**ODD, "number": 5}, lambda value: net.create_server().get_connections(value))


def get_connections_moment(t: Role) -> None:
    server = net.create_server()
    moments(t, "never listened", lambda: server.get_connections(t.callback("counted")))


def close_without_listening(t: Role) -> None:
    server = t.watch(net.create_server(), "server")

    def wrong(error: object) -> None:
        t.log("called", error)

    steps(
        t,
        lambda: moments(t, "never listened", lambda: server.close(wrong)),
        lambda: moments(t, "twice", lambda: server.close(wrong)),
        lambda: moments(t, "without a callback", lambda: server.close()),
    )


def close_twice(t: Role) -> None:
    def listening() -> None:
        moments(t, "first", lambda: server.close(t.callback("first called")))
        moments(t, "second", lambda: server.close(t.callback("second called")))
        server.on("close", lambda: moments(t, "in close", lambda: server.listening or server.address()))

    server = t.watch(net.create_server(), "server").listen(0, LOCAL, listening)


def close_again_from_its_callback(t: Role) -> None:
    def close_again(_: object) -> None:
        moments(t, "again", lambda: server.close(t.callback("called")))

    server = net.create_server()
    server.listen(0, LOCAL, lambda: server.close(close_again) and None)
    server.on("close", lambda: t.log("closed"))
    release = t.hold()
    server.once("close", lambda: t.turns(6, release))


def listen_twice(t: Role) -> None:
    server = t.watch(net.create_server(), "server")

    def listening() -> None:
        attempt(t, "listening", lambda: server.listen(0))
        attempt(t, "bad port", lambda: server.listen(-1))
        server.close()
        attempt(t, "closing", lambda: server.listen(0, LOCAL, lambda: server.close() and None))

    server.listen(0, LOCAL, listening)


def server_before_listening(t: Role) -> None:
    server = net.create_server()
    t.log("address", server.address())
    t.log("listening", server.listening)
    t.log("same", server.ref() is server, server.unref() is server, server.close() is server)


def _listens(t: Role, values: Mapping[str, Any], call: Callable[[Any, Any], object]) -> None:
    """Log a table of listen(), each on a new server that is closed at once."""

    def once(value: Any) -> None:
        server = net.create_server()
        call(server, value)
        server.close()

    table(t, values, once)


def listen_port(t: Role) -> None:
    values = {**NUMBERS, "too large": 65536, "true": True, "false": False, "empty": "", "digits": "0"}
    _listens(t, values, lambda server, value: server.listen(value, LOCAL))
    values = {**values, **ODD, "space": " ", "function": nothing}
    _listens(t, values, lambda server, value: server.listen(port=value, host=LOCAL))


def listen_path(t: Role) -> None:
    values = {"number": 5, "true": True, "list": [], "object": {}, "empty": "", "function": nothing}
    _listens(t, values, lambda server, value: server.listen(path=value))


def listen_descriptor(t: Role) -> None:
    _listens(t, {**ODD, "negative": -1, "false": False}, lambda server, value: server.listen(fd=value))


def listen_host(t: Role) -> None:
    values = {"number": 5, "true": True, "list": [], "object": {}, "null": None, "empty": ""}
    _listens(t, values, lambda server, value: server.listen(port=0, host=value))


def listen_signal(t: Role) -> None:
    _listens(t, {**ODD, "number": 5}, lambda server, value: server.listen(port=0, host=LOCAL, signal=value))


# -- socket options ---------------------------------------------------------------------------------------------------


def socket_keep_alive_delay(t: Role) -> None:
    table(t, {**ODD, "zero": 0, "number": 5}, lambda value: net.Socket(keep_alive_initial_delay=value))


def socket_high_water_mark(t: Role) -> None:
    table(t, {**ODD, **NUMBERS, "zero": 0, "number": 5, "null": None}, lambda value: net.Socket(high_water_mark=value))


def socket_signal(t: Role) -> None:
    table(t, {**ODD, "number": 5, "function": nothing, "null": None}, lambda value: net.Socket(signal=value))


def socket_descriptor(t: Role) -> None:
    values = {**ODD, **NUMBERS, "false": False, "too large": 2**31, "not open": 999999}
    table(t, values, lambda value: net.Socket(fd=value))
    fd = os.open(Path(t.dir, "file"), os.O_CREAT | os.O_WRONLY)
    attempt(t, "file", lambda: net.Socket(fd=fd))
    os.close(fd)


def stream_high_water_mark(t: Role) -> None:
    table(t, {**ODD, **NUMBERS}, lambda value: stream.Writable(high_water_mark=value))
    table(t, {**ODD, **NUMBERS}, lambda value: stream.Readable(high_water_mark=value))


def default_high_water_mark(t: Role) -> None:
    table(t, {**ODD, **NUMBERS, "null": None}, lambda value: stream.set_default_high_water_mark(False, value))
    t.log("unchanged", stream.get_default_high_water_mark(True))


# -- connecting -------------------------------------------------------------------------------------------------------


def _connects(t: Role, values: Mapping[str, Any], call: Callable[[Any, Any], object]) -> None:
    """Log a table of connect(), each on a new socket that is destroyed at once."""

    def once(value: Any) -> None:
        socket = quiet()
        call(socket, value)
        socket.destroy()

    table(t, values, once)


def connect_port(t: Role) -> None:
    values = {**NUMBERS, "too large": 65536, "true": True, "false": False, "empty": "", "zero": 0, "largest": 65535}
    _connects(t, {**values, "digits": "80"}, lambda socket, value: socket.connect(value, LOCAL))


def connect_port_option(t: Role) -> None:
    texts = {"too large text": "65536", "negative text": "-1", "fraction text": "1.5", "empty": "", "space": " "}
    values = {**ODD, **NUMBERS, "too large": 65536, **texts, "function": nothing, "zero": 0, "digits": "80"}
    _connects(t, values, lambda socket, value: socket.connect(port=value, host=LOCAL))


def connect_without_port_or_path(t: Role) -> None:
    values: dict[str, Any] = {
        "nothing": {},
        "host": {"host": LOCAL},
        "path null": {"path": None},
        "family": {"family": 4},
    }
    _connects(t, values, lambda socket, value: socket.connect(**value))
    attempt(t, "no arguments", lambda: net.connect())
    attempt(t, "function", lambda: net.connect(nothing))


def connect_path(t: Role) -> None:
    values = {"number": 5, "true": True, "list": [], "object": {}, "function": nothing}
    _connects(t, values, lambda socket, value: socket.connect(path=value))


def connect_host(t: Role) -> None:
    values = {"number": 5, "true": True, "list": [], "object": {}, "function": nothing, "null": None}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host=value))


def connect_local_address(t: Role) -> None:
    values = {**ODD, "number": 5, "name": "localhost", "not quite": "1.2.3", "null": None, "good": LOCAL, "wide": "::1"}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host=LOCAL, local_address=value))


def connect_local_port(t: Role) -> None:
    values = {**ODD, "digits": "5", "null": None, "zero": 0}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host=LOCAL, local_port=value))


def connect_family(t: Role) -> None:
    values = {**ODD, **NUMBERS, "false": False, "five": 5, "digits": "4", "zero": 0, "four": 4, "six": 6}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host="localhost", family=value))


def connect_hints(t: Role) -> None:
    values = {**ODD, "negative": -1, "fraction": 1.5, "one": 1, "digits": "5", "zero": 0}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host="localhost", hints=value))


def connect_lookup(t: Role) -> None:
    values = {**ODD, "number": 5, "zero": 0, "false": False, "null": None}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host="localhost", lookup=value))


def connect_auto_select_family(t: Role) -> None:
    values = {"number": 5, "zero": 0, "text": "odd", "empty": "", "list": [], "object": {}}
    values |= {"true": True, "false": False, "null": None}
    _connects(t, values, lambda socket, value: socket.connect(port=1, host=LOCAL, auto_select_family=value))


def connect_attempt_timeout(t: Role) -> None:
    values = {**ODD, "negative": -1, "nan": math.nan, "infinite": math.inf, "zero": 0, "null": None, "good": 1}
    _connects(
        t,
        values,
        lambda socket, value: socket.connect(port=1, host=LOCAL, auto_select_family_attempt_timeout=value),
    )


def connect_says_the_first_fault(t: Role) -> None:
    options: dict[str, Any] = {
        "local_address": "odd",
        "local_port": "odd",
        "port": -1,
        "auto_select_family": 5,
        "auto_select_family_attempt_timeout": -1,
        "lookup": 5,
        "host": 5,
        "hints": "odd",
        "family": 5,
    }
    good = {"port": 1, "host": "localhost"}
    for name in list(options):
        _connects(t, {name: dict(options)}, lambda socket, value: socket.connect(**value))
        if name in good:
            options[name] = good[name]
        else:
            del options[name]


def connect_function_throws_the_same(t: Role) -> None:
    bad: dict[str, Any] = {
        "port": {"port": -1},
        "port type": {"port": True},
        "path": {"path": 5},
        "family": {"port": 1, "family": 5},
        "signal": {"port": 1, "signal": "odd"},
        "fd": {"port": 1, "fd": -1},
        "high-water mark": {"port": 1, "high_water_mark": -1},
        "keep-alive": {"port": 1, "keep_alive_initial_delay": "odd"},
    }
    table(t, bad, lambda options: net.connect(**options))
    table(t, bad, lambda options: net.create_connection(**options))


def connect_timeout(t: Role) -> None:
    values = {**ODD, "negative": -1, "infinite": math.inf, "null": None, "zero": 0, "good": 5}
    table(t, values, lambda value: quiet(net.connect(port=1, host=LOCAL, timeout=value)).destroy())


def default_auto_select_family(t: Role) -> None:
    values: dict[str, Any] = {"text": "odd", "list": [], "object": {}, "number": 1, "null": None}
    table(t, values, net.set_default_auto_select_family)
    t.log("unchanged", net.get_default_auto_select_family())


def default_attempt_timeout(t: Role) -> None:
    before = net.get_default_auto_select_family_attempt_timeout()
    values = {**ODD, "negative": -1, "nan": math.nan, "infinite": math.inf, "zero": 0, "null": None}
    table(t, values, net.set_default_auto_select_family_attempt_timeout)
    t.log("unchanged", net.get_default_auto_select_family_attempt_timeout() == before)
    net.set_default_auto_select_family_attempt_timeout(0.001)
    t.log("floor", net.get_default_auto_select_family_attempt_timeout())
    net.set_default_auto_select_family_attempt_timeout(before)


def connect_while_connecting(t: Role) -> None:
    def listening() -> None:
        port = port_of(server)
        socket = watched(t, "socket", net.connect(port, LOCAL))
        moments(t, "again", lambda: socket.connect(port, LOCAL))
        socket.on("close", lambda _: server.close() and None)

    server = net.create_server(lambda peer: peer.end() and None).listen(0, LOCAL, listening)
    server.on("close", t.hold())


def connect_while_connected(t: Role) -> None:
    def accepted(peer: Socket) -> None:
        server.close()
        watched(t, "peer", peer).resume()
        moments(t, "again", lambda: peer.connect(peer.remote_port or 0, LOCAL))

    def listening() -> None:
        quiet(net.connect(port_of(server), LOCAL)).resume()

    server = net.create_server(accepted).listen(0, LOCAL, listening)
    server.on("close", t.hold())


def connect_while_connecting_in_vain(t: Role) -> None:
    socket = watched(t, "socket", net.connect(1, LOCAL))
    attempt(t, "port", lambda: socket.connect(-1))
    attempt(t, "nothing", lambda: socket.connect())
    socket.destroy()
    socket.on("close", t.hold())


# -- settings ---------------------------------------------------------------------------------------------------------


def timeout_values(t: Role) -> None:
    values = {**ODD, "negative": -1, "nan": math.nan, "infinite": math.inf, "null": None, "digits": "5"}
    table(t, {**values, "zero": 0, "number": 5}, lambda value: net.Socket().set_timeout(value).set_timeout(0))


def timeout_callbacks(t: Role) -> None:
    values = {**ODD, "number": 5}
    table(t, values, lambda value: net.Socket().set_timeout(1, value))
    table(t, values, lambda value: net.Socket().set_timeout(0, value))


def timeout_after_destroy_is_not_checked(t: Role) -> None:
    odd: Any = "odd"
    socket = net.Socket().destroy()
    table(t, {**ODD, "negative": -1}, lambda value: socket.set_timeout(value))
    attempt(t, "callback", lambda: socket.set_timeout(1, odd))
    t.log("timeout", socket.timeout)


def encodings(t: Role) -> None:
    values: dict[str, Any] = {"unknown": "odd", "number": 5, "true": True, "list": [], "object": {}, "space": " "}
    table(t, {**values, "binary": "binary", "null": None}, lambda value: net.Socket().set_encoding(value))
    table(t, {**values, "null": None}, lambda value: net.Socket().set_default_encoding(value))


def listeners_that_are_none(t: Role) -> None:
    values = {**ODD, "number": 5}
    for name in (
        "on",
        "once",
        "off",
        "prepend_listener",
        "prepend_once_listener",
        "add_listener",
        "remove_listener",
    ):
        table(t, values, partial(getattr(net.Socket(), name), "data"))
    server = net.create_server()
    table(t, values, lambda value: server.on("connection", value))


def max_listeners(t: Role) -> None:
    values = {**ODD, "negative": -1, "nan": math.nan, "null": None, "zero": 0, "number": 5}
    table(t, values, lambda value: net.Socket().set_max_listeners(value))


def settings_in_each_state(t: Role) -> None:
    def set_all(socket: Socket, name: str) -> None:
        same = (
            socket.set_no_delay(),
            socket.set_no_delay(False),
            socket.set_keep_alive(True, 1),
            socket.set_keep_alive(),
            socket.set_timeout(0),
            socket.ref(),
            socket.unref(),
            socket.ref(),
            socket.pause(),
            socket.resume(),
        )
        t.log(f"{name}: same", all(each is socket for each in same))
        t.log(f"{name}: address", socket.address() is not None)

    def settings(socket: Socket, name: str) -> None:
        attempt(t, name, lambda: set_all(socket, name))

    def connected(socket: Socket, name: str) -> None:
        settings(socket, name)
        socket.end()
        settings(socket, "ending")
        socket.on("close", lambda _: settings(socket, "closed"))

    def destroyed(socket: Socket, name: str) -> None:
        socket.destroy()
        settings(socket, name)

    settings(net.Socket(), "new")
    settings(net.Socket().destroy(), "destroyed")
    settings(net.Socket().end(), "ended")
    with_connections(t, ("connected", connected), ("destroyed in use", destroyed))
