"""EventEmitter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.events import ERROR_MONITOR, EventEmitter

if TYPE_CHECKING:
    from tests.node.lib import Role


def _nothing(*_: Any) -> None:
    """Hear and forget."""


def _raise(*_: Any) -> None:
    raise Exception("mine")


def listeners_in_order(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("x", lambda *values: t.log("first", *values))
    emitter.once("x", lambda *_: t.log("once"))
    emitter.prepend_listener("x", lambda *_: t.log("prepended"))
    emitter.prepend_once_listener("x", lambda *_: t.log("prepended once"))
    t.log("emitted", emitter.emit("x", 1, "two", None))
    t.log("emitted", emitter.emit("x"))
    t.log("emitted", emitter.emit("y"))


def listeners_changed_while_emitting(t: Role) -> None:
    emitter = EventEmitter()

    def last() -> None:
        t.log("last")

    @emitter.on("x")
    def _() -> None:
        t.log("first")
        emitter.off("x", last)
        emitter.on("x", lambda: t.log("added"))

    emitter.on("x", last)
    emitter.emit("x")
    t.log("again")
    emitter.emit("x")


def same_listener_twice(t: Role) -> None:
    emitter = EventEmitter()

    def listener() -> None:
        t.log("called")

    emitter.on("x", listener)
    emitter.on("x", listener)
    emitter.emit("x")
    emitter.off("x", listener)
    t.log("count", emitter.listener_count("x"))
    emitter.off("x", listener)
    emitter.off("x", listener)
    t.log("count", emitter.listener_count("x"))


def new_listener_and_remove_listener(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("remove_listener", lambda name, _: t.log("removed", name, emitter.listener_count("x")))
    emitter.on("new_listener", lambda name, _: t.log("new", name, emitter.listener_count("x")))
    emitter.on("x", _nothing)
    emitter.once("x", lambda: t.log("once"))
    emitter.emit("x")
    emitter.off("x", _nothing)
    emitter.off("x", _nothing)


def new_listener_adds_one_before(t: Role) -> None:
    emitter = EventEmitter()

    @emitter.once("new_listener")
    def _(name: str, listener: Any) -> None:
        if name == "x":
            emitter.on("x", lambda: t.log("before"))

    emitter.on("x", lambda: t.log("asked for"))
    emitter.emit("x")


def error_without_listener(t: Role) -> None:
    emitter = EventEmitter()
    t.attempt("error", lambda: emitter.emit("error", Exception("mine")))
    t.attempt("text", lambda: emitter.emit("error", "text"))
    t.attempt("nothing", lambda: emitter.emit("error"))


def error_with_listener(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("error", lambda error: t.log("heard", error))
    t.attempt("error", lambda: emitter.emit("error", Exception("mine")))


def error_monitor(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on(ERROR_MONITOR, lambda error: t.log("monitored", error))
    t.attempt("unheard", lambda: emitter.emit("error", Exception("mine")))
    emitter.on("error", lambda error: t.log("heard", error))
    t.attempt("heard", lambda: emitter.emit("error", Exception("mine")))


def remove_all_listeners(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("x", lambda: t.log("x"))
    emitter.on("y", lambda: t.log("y"))
    emitter.on("y", lambda: t.log("second y"))
    t.log("same", emitter.remove_all_listeners("y") is emitter)
    t.log("emitted", emitter.emit("y"))
    t.log("names", emitter.event_names())
    emitter.remove_all_listeners()
    t.log("names", emitter.event_names())


def remove_all_listeners_tells(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("x", _nothing)
    emitter.on("y", lambda: None)
    emitter.on("y", _nothing)
    emitter.on("remove_listener", lambda name, _: t.log("removed", name, emitter.listener_count(name)))
    emitter.remove_all_listeners("y")
    emitter.remove_all_listeners()
    t.log("names", emitter.event_names())


def names_and_counts(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("b", _nothing)
    emitter.on("a", _nothing)
    emitter.once("a", _nothing)
    t.log("names", emitter.event_names())
    t.log("counts", emitter.listener_count("a"), emitter.listener_count("b"), emitter.listener_count("c"))
    t.log("listeners", [listener is _nothing for listener in emitter.listeners("a")])
    raw: list[Any] = emitter.raw_listeners("a")
    t.log("raw", [listener is _nothing for listener in raw])
    t.log("original", raw[1].listener is _nothing)


def listener_throws(t: Role) -> None:
    emitter = EventEmitter()
    emitter.on("x", lambda: t.log("first"))
    emitter.on("x", _raise)
    emitter.on("x", lambda: t.log("never"))
    t.attempt("emit", lambda: emitter.emit("x"))


def once_that_throws_is_gone(t: Role) -> None:
    emitter = EventEmitter()
    emitter.once("x", _raise)
    t.attempt("emit", lambda: emitter.emit("x"))
    t.attempt("emit", lambda: emitter.emit("x"))


def once_emits_inside(t: Role) -> None:
    emitter = EventEmitter()

    @emitter.once("x")
    def _() -> None:
        t.log("once")
        emitter.emit("x")

    emitter.emit("x")


def off_inside_once(t: Role) -> None:
    emitter = EventEmitter()

    def once() -> None:
        t.log("once", emitter.listener_count("x"))
        emitter.off("x", once)

    emitter.once("x", once)
    emitter.emit("x")


def calls_chain(t: Role) -> None:
    emitter = EventEmitter()
    t.log("on", emitter.on("x", _nothing) is emitter)
    t.log("once", emitter.once("x", _nothing) is emitter)
    t.log("prepend", emitter.prepend_listener("x", _nothing) is emitter)
    t.log("off", emitter.off("x", _nothing) is emitter)
    t.log("maximum", emitter.set_max_listeners(3) is emitter, emitter.get_max_listeners())


def arguments(t: Role) -> None:
    emitter: Any = EventEmitter()
    t.attempt("text", lambda: emitter.on("x", "text"))
    t.attempt("off", lambda: emitter.off("x", 5))
    t.attempt("prepend", lambda: emitter.prepend_listener("x", {}))
    t.attempt("negative", lambda: emitter.set_max_listeners(-1))
    t.attempt("not a number", lambda: emitter.set_max_listeners("5"))
