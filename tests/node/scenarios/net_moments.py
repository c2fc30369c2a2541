"""Misuse: what comes too late or too early, and when it is told: thrown, called back or emitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream import net, stream
from tests.node.misuse import LOCAL, attempt, moments, nothing, port_of, quiet, steps, table, watched, with_connections

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.net import Socket
    from tests.node.lib import Role

# -- writing ----------------------------------------------------------------------------------------------------------

UNWRITABLE: dict[str, Any] = {
    "null": None,
    "number": 5,
    "zero": 0,
    "true": True,
    "list": ["odd"],
    "object": {},
    "function": nothing,
}


def write_values(t: Role) -> None:
    table(t, UNWRITABLE, lambda value: quiet().write(value, "utf8"))


def write_values_to_the_dead(t: Role) -> None:
    table(t, UNWRITABLE, lambda value: quiet(net.Socket().end()).write(value, "utf8"))
    table(t, UNWRITABLE, lambda value: quiet(net.Socket().destroy()).write(value, "utf8"))


def write_encodings(t: Role) -> None:
    values: dict[str, Any] = {"unknown": "odd", "number": 5, "true": True, "list": [], "object": {}, "space": " "}
    values["null"] = None
    table(t, values, lambda value: quiet().write("x", value))
    table(t, values, lambda value: quiet().write(b"x", value))
    table(t, values, lambda value: quiet(net.Socket().destroy()).write("x", value))


def end_values(t: Role) -> None:
    encodings: dict[str, Any] = {"unknown": "odd", "number": 5, "true": True, "list": [], "object": {}}
    table(t, UNWRITABLE, lambda value: quiet().end(value, "utf8"))
    table(t, encodings, lambda value: quiet().end("x", value))


def end_values_to_the_dead(t: Role) -> None:
    values: dict[str, Any] = {"number": 5, "list": []}
    table(t, UNWRITABLE, lambda value: quiet(net.Socket().destroy()).end(value, "utf8"))
    table(t, values, lambda value: quiet(net.Socket().end()).end(value))


def refused_writes_change_nothing(t: Role) -> None:
    socket = watched(t, "socket")
    table(t, UNWRITABLE, lambda value: socket.write(value, "utf8"))
    t.state("socket", socket, "writable_length", "bytes_written", "writable_need_drain", "destroyed", "writable")


def write_without_connection(t: Role) -> None:
    def two() -> None:
        socket = watched(t, "two")
        socket.write("x", t.callback("first"))
        socket.write("y", t.callback("second"))

    def write(name: str, data: str, callback: str) -> None:
        moments(t, name, lambda: t.log("returns", watched(t, name).write(data, t.callback(callback))))

    steps(
        t,
        lambda: write("write", "x", "written"),
        lambda: write("empty", "", "empty written"),
        lambda: moments(t, "end", lambda: watched(t, "end").end("x", t.callback("ended"))),
        lambda: moments(t, "two", two),
    )


def end_without_connection(t: Role) -> None:
    socket = watched(t, "socket")
    steps(
        t,
        lambda: moments(t, "end", lambda: socket.end(t.callback("first"))),
        lambda: moments(t, "again", lambda: socket.end(t.callback("second"))),
        lambda: moments(t, "with data", lambda: socket.end("x", t.callback("third"))),
        lambda: moments(t, "write", lambda: socket.write("x", t.callback("written"))),
        lambda: moments(t, "destroy", lambda: socket.destroy()),
        lambda: moments(t, "after destroy", lambda: socket.end(t.callback("fourth"))),
    )


def _write_more(t: Role, socket: Socket, name: str, callback: str) -> None:
    moments(t, name, lambda: t.log("returns", socket.write("more", t.callback(callback))))


def write_after_end(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.on("finish", lambda: t.log("finish"))
        socket.end("last", t.callback("ended"))
        _write_more(t, socket, "write", "written")
        _write_more(t, socket, "twice", "written twice")

    with_connections(t, ("socket", step))


def write_after_finish(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.on("finish", lambda: _write_more(t, socket, "write", "written"))
        socket.end("last")

    with_connections(t, ("socket", step))


def write_after_destroy(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.destroy()
        _write_more(t, socket, "write", "written")
        socket.on("close", lambda _: _write_more(t, socket, "closed", "written late"))

    with_connections(t, ("socket", step))


def write_after_destroy_with_an_error(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.destroy(Exception("mine"))
        _write_more(t, socket, "write", "written")
        moments(t, "end", lambda: socket.end(t.callback("ended")))

    with_connections(t, ("socket", step))


def write_after_end_and_destroy(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.end()
        socket.destroy()
        _write_more(t, socket, "write", "written")

    with_connections(t, ("socket", step))


def end_twice(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.on("finish", lambda: t.log("finish"))
        moments(t, "first", lambda: socket.end(t.callback("first called")))
        moments(t, "second", lambda: socket.end(t.callback("second called")))
        moments(t, "with data", lambda: socket.end("more", t.callback("third called")))

    with_connections(t, ("socket", step))


def end_after_finish(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.on("finish", lambda: moments(t, "again", lambda: socket.end(t.callback("called"))))
        socket.on("close", lambda _: moments(t, "closed", lambda: socket.end(t.callback("called late"))))
        socket.end()

    with_connections(t, ("socket", step))


def end_after_destroy(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.destroy()
        moments(t, "end", lambda: socket.end(t.callback("called")))
        moments(t, "with data", lambda: socket.end("more", t.callback("called with data")))

    with_connections(t, ("socket", step))


def write_to_a_half_that_is_not_there(t: Role) -> None:
    socket = watched(t, "socket", net.Socket(writable=False))
    t.state("socket", socket, "writable", "writable_ended", "writable_finished", "ready_state")
    steps(
        t,
        lambda: moments(t, "end", lambda: socket.end(t.callback("ended"))),
        lambda: moments(t, "write", lambda: t.log("returns", socket.write("x", t.callback("written")))),
        lambda: moments(t, "end with data", lambda: socket.end("x", t.callback("ended late"))),
    )


def pipe_to_a_half_that_is_not_there(t: Role) -> None:
    destination = watched(t, "destination", net.Socket(writable=False))
    source = watched(t, "source")
    moments(t, "pipe", lambda: source.pipe(destination))
    moments(t, "push", lambda: source.push("x"))


def read_from_a_half_that_is_not_there(t: Role) -> None:
    socket = watched(t, "socket", net.Socket(readable=False))
    t.state("socket", socket, "readable", "readable_ended", "ready_state")
    steps(
        t,
        lambda: moments(t, "read", lambda: t.log("returns", socket.read())),
        lambda: moments(t, "resume", lambda: socket.resume()),
        lambda: moments(t, "pipe", lambda: socket.pipe(quiet())),
        lambda: moments(t, "push", lambda: t.log("returns", socket.push("x"))),
        lambda: moments(t, "end of the source", lambda: t.log("returns", socket.push(None))),
    )


def corked_writes_of_the_dead(t: Role) -> None:
    def step(socket: Socket, _: str) -> None:
        socket.cork()
        socket.write("x", t.callback("first"))
        socket.write("y", t.callback("second"))
        moments(t, "destroy", lambda: socket.destroy())
        moments(t, "uncork", lambda: socket.uncork())
        moments(t, "end", lambda: socket.end(t.callback("ended")))

    with_connections(t, ("socket", step))


def _connecting(t: Role, step: Callable[[Socket], object]) -> None:
    """Take a step with a socket that is connecting; the server closes with it."""

    def listening() -> None:
        socket = watched(t, "socket", net.connect(port_of(server), LOCAL))
        step(socket)
        socket.on("close", lambda _: server.close() and None)

    server = net.create_server(lambda peer: quiet(peer).resume() and None).listen(0, LOCAL, listening)
    server.on("close", t.hold())


def writes_waiting_for_a_connection_that_is_destroyed(t: Role) -> None:
    def step(socket: Socket) -> None:
        socket.write("x", t.callback("first"))
        socket.write("y", t.callback("second"))
        socket.end(t.callback("ended"))
        moments(t, "destroy", lambda: socket.destroy())

    _connecting(t, step)


def reset_while_connecting(t: Role) -> None:
    def step(socket: Socket) -> None:
        socket.on("connect", lambda: t.log("connect")).on("ready", lambda: t.log("ready"))
        socket.write("x", t.callback("written"))
        moments(t, "reset", lambda: socket.reset_and_destroy())
        moments(t, "again", lambda: socket.reset_and_destroy())
        t.state("socket", socket, "destroyed", "connecting")

    _connecting(t, step)


# -- destroying -------------------------------------------------------------------------------------------------------


def destroy_twice(t: Role) -> None:
    def twice() -> None:
        watched(t, "error").destroy(Exception("first")).destroy(Exception("second"))

    def after_close() -> None:
        socket = watched(t, "after")
        late = Exception("too late")
        socket.destroy().once("close", lambda _: moments(t, "in close", lambda: socket.destroy(late)))

    steps(
        t,
        lambda: moments(t, "error twice", twice),
        lambda: moments(t, "error second", lambda: watched(t, "second").destroy().destroy(Exception("late"))),
        lambda: moments(t, "after close", after_close),
    )


def reset_without_connection(t: Role) -> None:
    socket = watched(t, "new")
    steps(
        t,
        lambda: moments(t, "new", lambda: t.log("same", socket.reset_and_destroy() is socket)),
        lambda: moments(t, "closed", lambda: t.log("same", socket.reset_and_destroy() is socket)),
        lambda: moments(t, "destroyed", lambda: watched(t, "destroyed").destroy().reset_and_destroy()),
        lambda: moments(t, "ended", lambda: watched(t, "ended").end().reset_and_destroy()),
    )


def reset_in_each_state(t: Role) -> None:
    def finished(socket: Socket, name: str) -> None:
        socket.end().on("finish", lambda: moments(t, name, lambda: socket.reset_and_destroy()))

    with_connections(
        t,
        ("connected", lambda socket, name: moments(t, name, lambda: socket.reset_and_destroy())),
        ("twice", lambda socket, name: moments(t, name, lambda: socket.reset_and_destroy().reset_and_destroy())),
        ("destroyed", lambda socket, name: moments(t, name, lambda: socket.destroy().reset_and_destroy())),
        ("finished", finished),
    )


def settings_of_a_path(t: Role) -> None:
    where = f"{t.dir}/s"

    def settings(socket: Socket) -> None:
        attempt(t, "no delay", lambda: t.log("same", socket.set_no_delay() is socket))
        attempt(t, "keep-alive", lambda: t.log("same", socket.set_keep_alive(True, 1) is socket))
        t.state("socket", socket, "remote_address", "remote_port", "local_address", "local_port", "ready_state")

    def listening() -> None:
        socket = watched(t, "socket", net.connect(where))
        settings(socket)

        @socket.on("ready")
        def _() -> None:
            settings(socket)
            socket.end()

        socket.on("close", lambda _: server.close() and None)

    server = net.create_server(lambda peer: quiet(peer).resume() and None).listen(where, listening)
    server.on("close", t.hold())


def reset_of_a_path(t: Role) -> None:
    where = f"{t.dir}/s"

    def listening() -> None:
        socket = watched(t, "socket", net.connect(where))

        @socket.on("ready")
        def _() -> None:
            moments(t, "reset", lambda: socket.reset_and_destroy())
            t.state("socket", socket, "destroyed")
            socket.destroy()

        socket.on("close", lambda _: server.close() and None)

    server = net.create_server(lambda peer: quiet(peer).resume() and None).listen(where, listening)
    server.on("close", t.hold())


# -- reading ----------------------------------------------------------------------------------------------------------


def push_values(t: Role) -> None:
    values: dict[str, Any] = {"number": 5, "zero": 0, "true": True, "list": [], "object": {}}

    def row(name: str, value: Any) -> None:
        back = f"{name} back"
        moments(t, name, lambda: t.log("returns", watched(t, name).push(value)))
        moments(t, back, lambda: t.log("returns", watched(t, back).unshift(value)))

    for name, value in values.items():
        row(name, value)


def push_after_the_end(t: Role) -> None:
    socket = watched(t, "socket", net.Socket(allow_half_open=True)).resume()
    steps(
        t,
        lambda: moments(t, "end", lambda: socket.push(None)),
        lambda: moments(t, "after", lambda: socket.push("x")),
    )
    other = watched(t, "other", net.Socket(allow_half_open=True)).resume()
    other.push(None)
    other.on("end", lambda: moments(t, "unshift", lambda: other.unshift("x")))


def pipe_from_what_cannot_be_read(t: Role) -> None:
    sink = stream.Writable(write=lambda chunk, encoding, callback: callback())
    sink.on("error", lambda error: t.log("emits", error)).on("close", lambda: t.log("closed"))
    moments(t, "writable", lambda: sink.pipe(quiet()))


def pipe_to_the_dead(t: Role) -> None:
    destination = watched(t, "destination").destroy()
    source = watched(t, "source")
    moments(t, "pipe", lambda: source.pipe(destination))
    moments(t, "push", lambda: source.push("x"))


def emit_without_an_error(t: Role) -> None:
    values: dict[str, Any] = {"text": "odd", "number": 5, "null": None, "object": {}}
    table(t, values, lambda value: net.Socket().emit("error", value))
    attempt(t, "nothing", lambda: net.create_server().emit("error"))


def read_size(t: Role) -> None:
    values = {"too large": 2**30 + 1, "large": 2**30, "negative": -1}
    table(t, values, lambda value: net.Socket().read(value))
