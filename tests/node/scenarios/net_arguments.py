"""What is refused, and with which code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

LOCAL = "127.0.0.1"


def _on_sockets(t: Role, call: Callable[..., object]) -> Callable[..., None]:
    """Return a function that attempts a call on a new socket with the arguments it gets."""

    def attempt(name: str, *values: Any, **options: Any) -> None:
        def run() -> None:
            socket = net.Socket()
            socket.on("error", lambda error: None)
            call(socket, *values, **options)
            socket.destroy()

        t.attempt(name, run)

    return attempt


def connect_arguments(t: Role) -> None:
    attempt = _on_sockets(t, net.Socket.connect)
    attempt("port too large", 65536, LOCAL)
    attempt("port negative", -1, LOCAL)
    attempt("port text", port="http", host=LOCAL)
    attempt("port list", port=[], host=LOCAL)
    attempt("port true", port=True, host=LOCAL)
    attempt("path number", path=5)
    attempt("host number", port=1, host=5)
    attempt("local address number", port=1, host=LOCAL, local_address=5)
    attempt("local address text", port=1, host=LOCAL, local_address="nonsense")
    attempt("local port text", port=1, host=LOCAL, local_port="nonsense")
    attempt("lookup number", port=1, host="localhost", lookup=5)


def connect_with_nothing(t: Role) -> None:
    attempt = _on_sockets(t, net.Socket.connect)
    attempt("options without port", host=LOCAL)


def listen_arguments(t: Role) -> None:
    def attempt(name: str, *values: Any, **options: Any) -> None:
        def run() -> None:
            server = net.create_server()
            server.on("error", lambda error: None)
            server.listen(*values, **options)
            server.close()

        t.attempt(name, run)

    attempt("port too large", 65536)
    attempt("port negative", -1)
    attempt("port too large in options", port=65536)
    attempt("port text", port="http")


def server_options(t: Role) -> None:
    def attempt(name: str, *values: Any, **options: Any) -> None:
        t.attempt(name, lambda: net.create_server(*values, **options) and None)

    attempt("listener only", lambda socket: None)
    attempt("nothing")
    attempt("half-open", allow_half_open=True)
    attempt("high-water mark", high_water_mark=10)
    attempt("pause on connect", pause_on_connect=True)


def socket_options(t: Role) -> None:
    def attempt(name: str, **options: Any) -> None:
        t.attempt(name, lambda: net.Socket(**options).destroy() and None)

    attempt("nothing")
    attempt("half-open", allow_half_open=True)
    attempt("descriptor negative", fd=-1)
    attempt("descriptor text", fd="x")


def write_arguments(t: Role) -> None:
    attempt = _on_sockets(t, net.Socket.write)
    attempt("null", None)
    attempt("number", 5)
    attempt("object", {})
    attempt("list", ["x"])
    attempt("true", True)
    attempt("unknown encoding", "x", "nonsense")


def end_arguments(t: Role) -> None:
    def attempt(name: str, value: Any) -> None:
        def run() -> None:
            socket = net.Socket()
            socket.on("error", lambda error: t.log(f"{name} error", error))
            socket.end(value)
            socket.destroy()

        t.attempt(name, run)

    attempt("number", 5)
    attempt("object", {})


def set_encoding_arguments(t: Role) -> None:
    socket = net.Socket()
    t.attempt("unknown", lambda: socket.set_encoding("nonsense"))
    t.log("same", socket.set_encoding("hex") is socket)
    t.state("encoding", socket, "readable_encoding")


def set_keep_alive_and_no_delay_before_connect(t: Role) -> None:
    socket = net.Socket()
    t.log("same", socket.set_keep_alive(True, 1) is socket)
    t.log("same", socket.set_no_delay(True) is socket)
    t.log("same", socket.ref() is socket)
    t.log("same", socket.unref() is socket)


TEXTS = (
    "127.0.0.1",
    "::1",
    "::",
    "",
    "1.2.3",
    "256.1.1.1",
    "1.2.3.4.5",
    "::ffff:1.2.3.4",
    "fe80::1%lo",
    "01.2.3.4",
    " 1.2.3.4",
    "1::2::3",
    "localhost",
    "0",
    "12345::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7",
    "1.2.3.4 ",
    "::1.2.3.4",
)


def address_kinds(t: Role) -> None:
    for text in TEXTS:
        t.log(text, net.is_ip(text), net.is_ipv4(text), net.is_ipv6(text))
    values: list[Any] = [None, 5, True, {}]
    for value in values:
        t.log("kind", net.is_ip(value), net.is_ipv4(value), net.is_ipv6(value))


def listeners_must_be_callable(t: Role) -> None:
    socket: Any = net.Socket()
    t.attempt("text", lambda: socket.on("data", "listener") and None)
    t.attempt("error", lambda: socket.emit("error", Exception("mine")))


def close_callback_arguments(t: Role) -> None:
    def set_maximum() -> int | None:
        server.max_connections = 5
        return server.max_connections

    server = net.create_server()
    t.attempt("maximum", set_maximum)
