"""Destroying streams in every state, and what the hooks have to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, PassThrough, Readable, Writable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _quiet(**options: Any) -> Readable:
    return Readable(read=lambda size: None, **options)


def _take(chunk: Any, encoding: str, callback: Callback) -> None:
    callback()


def destroy_a_new_readable(t: Role) -> None:
    names = ("destroyed", "closed", "readable", "readable_aborted", "errored")
    stream = t.watch(_quiet(), "stream")
    t.log("same", stream.destroy() is stream)
    t.state("state", stream, *names)
    next_tick(lambda: t.log("next tick"))
    stream.on("close", lambda: t.state("closed", stream, *names))


def destroy_with_error(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.destroy(Exception("enough"))
    t.state("state", stream, "destroyed", "closed", "errored")
    next_tick(lambda: t.log("next tick"))


def destroy_with_error_unheard(t: Role) -> None:
    stream = t.watch(_quiet(), "stream", "-error", "-close")
    stream.destroy(Exception("nobody listens"))


def destroy_twice(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.destroy(Exception("first"))
    stream.destroy(Exception("second"))
    t.state("state", stream, "errored")
    stream.on("close", lambda: stream.destroy(Exception("third")))


def destroy_then_error(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.destroy()
    stream.destroy(Exception("too late"))
    t.state("state", stream, "errored")


def destroy_with_buffered_data(t: Role) -> None:
    stream = t.watch(_quiet(high_water_mark=100), "stream", "readable")
    stream.push("x")
    stream.destroy()
    t.state("state", stream, "readable_length")
    t.log("read", stream.read())
    t.log("push", stream.push("y"))


def destroy_in_data(t: Role) -> None:
    left = iter(["a", "b", "c"])
    stream = Readable(read=lambda size: stream.push(next(left, None)))
    t.watch(stream, "stream", "chunk")

    @stream.on("data")
    def _(chunk: bytes) -> None:
        if chunk == b"b":
            stream.destroy()


def destroy_in_readable(t: Role) -> None:
    stream = t.watch(_quiet(), "stream", "readable")
    stream.push("x")
    stream.on("readable", lambda: stream.destroy())


def destroy_in_end(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.push(None)
    stream.resume()
    stream.on("end", lambda: stream.destroy(Exception("after all")))


def destroy_after_end_before_its_event(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.push(None)
    stream.resume()
    stream.destroy()


def destroy_in_read(t: Role) -> None:
    stream = Readable(read=lambda size: stream.destroy(Exception("from read")))
    t.watch(stream, "stream", "chunk")
    t.log("read", stream.read(0))


def destroy_in_finish(t: Role) -> None:
    stream = t.watch(Writable(write=_take), "stream")
    stream.end("x", t.callback("ended"))
    stream.on("finish", lambda: stream.destroy(Exception("after all")))


def destroy_in_final(t: Role) -> None:
    def final(callback: Callback) -> None:
        stream.destroy()
        callback()

    stream = Writable(write=_take, final=final)
    t.watch(stream, "stream")
    stream.end("x", t.callback("ended"))


def destroy_in_write(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        stream.destroy(Exception("from write"))
        callback()

    stream = Writable(write=write)
    t.watch(stream, "stream")
    t.log("returned", stream.write("x", t.callback("x")))
    t.log("returned", stream.write("y", t.callback("y")))


def destroy_in_close(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.destroy()
    stream.on("close", lambda: stream.destroy(Exception("too late")))


def destroy_in_error(t: Role) -> None:
    stream = t.watch(_quiet(), "stream")
    stream.destroy(Exception("first"))
    stream.on("error", lambda error: stream.destroy(Exception("second")))


def destroy_hook(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        set_immediate(lambda: callback(error))

    stream = t.watch(_quiet(destroy=destroy), "stream")
    stream.destroy(Exception("enough"))
    t.state("state", stream, "destroyed", "closed")


def destroy_hook_without_error(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback()

    stream = t.watch(_quiet(destroy=destroy), "stream")
    stream.destroy()


def destroy_hook_swallows_the_error(t: Role) -> None:
    stream = t.watch(_quiet(destroy=lambda error, callback: callback(None)), "stream")
    stream.destroy(Exception("enough"))
    stream.on("close", lambda: t.state("closed", stream, "errored"))


def _fail(error: BaseException | None, callback: Callback) -> None:
    callback(Exception("from destroy"))


def destroy_hook_replaces_the_error(t: Role) -> None:
    stream = t.watch(_quiet(destroy=_fail), "stream")
    stream.destroy(Exception("enough"))
    stream.on("close", lambda: t.state("closed", stream, "errored"))


def destroy_hook_fails(t: Role) -> None:
    stream = t.watch(_quiet(destroy=_fail), "stream")
    stream.destroy()


def destroy_hook_throws(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        raise Exception("from destroy")

    stream = t.watch(_quiet(destroy=destroy), "stream")
    t.attempt("destroy", lambda: stream.destroy() is stream)


def destroy_hook_calls_twice(t: Role) -> None:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        callback()
        callback(Exception("again"))

    stream = t.watch(_quiet(destroy=destroy), "stream")
    stream.destroy()


def _logged_destroy(t: Role) -> Callable[[BaseException | None, Callback], None]:
    def destroy(error: BaseException | None, callback: Callback) -> None:
        t.log("destroy", error)
        callback(error)

    return destroy


def destroy_while_constructing(t: Role) -> None:
    def construct(callback: Callback) -> None:
        def later() -> None:
            t.log("constructed")
            callback()

        t.log("construct")
        set_immediate(later)

    stream = t.watch(_quiet(construct=construct, destroy=_logged_destroy(t)), "stream")
    stream.destroy(Exception("enough"))
    t.state("state", stream, "destroyed")


def construct_fails(t: Role) -> None:
    def construct(callback: Callback) -> None:
        set_immediate(lambda: callback(Exception("from construct")))

    t.watch(_quiet(construct=construct, destroy=_logged_destroy(t)), "stream", "chunk")


def construct_calls_twice(t: Role) -> None:
    def construct(callback: Callback) -> None:
        callback()
        callback()

    t.watch(_quiet(construct=construct), "stream")


def construct_before_read(t: Role) -> None:
    def construct(callback: Callback) -> None:
        t.log("construct")
        set_immediate(callback)

    def read(size: int) -> None:
        t.log("read")
        stream.push(None)

    stream = Readable(construct=construct, read=read)
    t.watch(stream, "stream", "chunk")


def auto_destroy_off(t: Role) -> None:
    stream = t.watch(_quiet(auto_destroy=False), "stream")
    stream.push(None)
    stream.resume()

    def later() -> None:
        t.state("later", stream, "destroyed", "closed", "readable_ended")
        stream.destroy()

    t.turns(5, later)


def emit_close_off(t: Role) -> None:
    stream = t.watch(_quiet(emit_close=False), "stream")
    stream.push(None)
    stream.resume()
    t.turns(5, lambda: t.state("later", stream, "destroyed", "closed", "readable_ended"))


def emit_close_off_with_error(t: Role) -> None:
    stream = t.watch(_quiet(emit_close=False), "stream")
    stream.destroy(Exception("enough"))


def error_emitted_by_hand(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    stream.emit("error", Exception("by hand"))

    def later() -> None:
        t.state("later", stream, "destroyed", "errored")
        stream.destroy()

    t.turns(4, later)


def duplex_waits_for_both_sides(t: Role) -> None:
    stream = t.watch(Duplex(read=lambda size: None, write=_take), "stream", "chunk")
    stream.end("x")

    def later() -> None:
        t.state("finished", stream, "destroyed")
        stream.push(None)

    t.turns(4, later)


def destroy_corked(t: Role) -> None:
    stream = t.watch(Writable(write=_take), "stream")
    stream.cork()
    stream.write("a", t.callback("a"))
    stream.write("b", t.callback("b"))
    stream.destroy()


def end_after_destroy(t: Role) -> None:
    stream = t.watch(Writable(write=_take), "stream")
    stream.destroy()
    t.log("same", stream.end(t.callback("ended")) is stream)
    t.log("same", stream.end("x", t.callback("ended with data")) is stream)
    t.state("state", stream, "writable", "writable_ended", "writable_aborted")


def read_after_destroy(t: Role) -> None:
    stream = t.watch(_quiet(), "stream", "chunk")
    stream.push("x")
    stream.destroy()
    t.log("read", stream.read())
    t.log("read", stream.read(0))
    stream.resume()


def listeners_added_after_close(t: Role) -> None:
    stream = _quiet()
    stream.destroy()

    def later() -> None:
        t.watch(stream, "late", "chunk")
        t.state("state", stream, "closed", "destroyed")

    t.turns(3, later)
