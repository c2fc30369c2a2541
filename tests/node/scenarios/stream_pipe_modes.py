"""Pipes from sources that have other readers, are paused and resumed, change their encoding or their chunks' kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Duplex, PassThrough, Readable, Transform, Writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _open(t: Role, **options: Any) -> Readable:
    stream: Readable = t.watch(Readable(read=lambda size: None, **options), "from", "pause", "resume")
    return stream


def _sink(t: Role, label: str = "to", turns: int = 0, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log(f"{label} write", chunk)
        t.turns(turns, callback)

    stream: Writable = t.watch(Writable(**{"write": write, **options}), label, "unpipe", "drain")
    return stream


def _flow(t: Role, label: str, stream: Readable) -> None:
    t.state(label, stream, "readable_flowing", "readable_length")


def a_data_listener_comes_later(t: Role) -> None:
    def listen() -> None:
        source.on("data", lambda chunk: t.log("data", chunk))
        source.push("b")

    source = _open(t)
    source.pipe(_sink(t))
    source.push("a")
    t.turns(2, listen)


def a_data_listener_stays_after_unpipe(t: Role) -> None:
    def unpipe() -> None:
        source.unpipe(to)
        _flow(t, "unpiped", source)
        source.push("b")
        t.turns(2, resume)

    def resume() -> None:
        _flow(t, "later", source)
        source.resume()

    source = _open(t)
    to = _sink(t)
    source.on("data", lambda chunk: t.log("data", chunk))
    source.pipe(to)
    source.push("a")
    t.turns(2, unpipe)


def a_data_listener_is_paced_by_the_sink(t: Role) -> None:
    source = _open(t, high_water_mark=1)
    source.on("data", lambda chunk: t.log("data", chunk))
    source.pipe(_sink(t, "to", 3, high_water_mark=1))
    source.push("a")
    source.push("b")


def a_readable_listener_comes_later(t: Role) -> None:
    def listen() -> None:
        source.on("readable", lambda: t.log("readable", source.readable_length))
        _flow(t, "listening", source)
        source.push("b")
        t.turns(2, read)

    def read() -> None:
        _flow(t, "later", source)
        t.log("read", source.read())

    source = _open(t)
    source.pipe(_sink(t))
    source.push("a")
    t.turns(2, listen)


def a_readable_listener_goes(t: Role) -> None:
    def listener() -> None:
        t.log("readable")

    def go() -> None:
        _flow(t, "before", source)
        source.off("readable", listener)
        t.turns(2, lambda: _flow(t, "after", source))

    source = _open(t)
    source.on("readable", listener)
    source.pipe(_sink(t))
    source.push("a")
    t.turns(2, go)


def a_read_takes_a_chunk_away(t: Role) -> None:
    source = _open(t)
    source.push("a")
    source.push("b")
    source.pipe(_sink(t))
    t.log("read", source.read(1))


def all_data_listeners_are_removed(t: Role) -> None:
    source = _open(t)
    source.pipe(_sink(t))
    source.remove_all_listeners("data")
    source.push("a")
    t.turns(3, lambda: _flow(t, "later", source))


def paused_before_it_flows(t: Role) -> None:
    def resume() -> None:
        _flow(t, "later", source)
        source.resume()

    source = _open(t)
    source.push("a")
    source.pipe(_sink(t))
    source.pause()
    _flow(t, "paused", source)
    t.turns(3, resume)


def paused_in_data(t: Role) -> None:
    def resume() -> None:
        source.push("b")
        _flow(t, "later", source)
        source.resume()

    source = _open(t)
    source.pipe(_sink(t))
    source.once("data", lambda _: source.pause())
    source.push("a")
    t.turns(2, resume)


def resumed_while_the_sink_is_full(t: Role) -> None:
    def resume() -> None:
        source.push("b")
        source.resume()
        t.turns(1, lambda: t.state("to", to, "writable_length", "writable_need_drain"))

    source = _open(t)
    to = _sink(t, "to", 4, high_water_mark=1)
    source.pipe(to)
    source.push("a")
    t.turns(2, resume)


def paused_while_the_sink_is_full(t: Role) -> None:
    def pause() -> None:
        source.pause()
        source.push("b")

    source = _open(t)
    source.pipe(_sink(t, "to", 2, high_water_mark=1))
    source.push("a")
    t.turns(1, pause)
    t.turns(6, lambda: _flow(t, "later", source))


def paused_then_piped_to_a_full_one(t: Role) -> None:
    source = _open(t)
    to = _sink(t, "to", 3, high_water_mark=1)
    to.write("own")
    source.pause()
    source.push("a")
    source.pipe(to)
    _flow(t, "piped", source)
    t.turns(6, lambda: _flow(t, "later", source))


def unpiped_while_the_sink_is_full_and_piped_again(t: Role) -> None:
    def again() -> None:
        source.push("b")
        source.unpipe(to)
        source.pipe(to)
        _flow(t, "again", source)

    source = _open(t)
    to = _sink(t, "to", 4, high_water_mark=1)
    source.pipe(to)
    source.push("a")
    t.turns(1, again)


def the_sink_is_corked(t: Role) -> None:
    def uncork() -> None:
        _flow(t, "corked", source)
        to.uncork()

    source = _open(t)
    to = _sink(t, "to", 0, high_water_mark=2)
    to.cork()
    source.pipe(to)
    for chunk in ("a", "b", "c"):
        source.push(chunk)
    t.turns(3, uncork)


def the_encoding_changes_on_the_way(t: Role) -> None:
    def change() -> None:
        source.set_encoding("hex")
        source.push("b")
        source.push(None)

    source = _open(t)
    source.pipe(_sink(t, "to", 0, decode_strings=False))
    source.push("a")
    t.turns(2, change)


def objects_to_bytes_through_a_transform(t: Role) -> None:
    source = _open(t, object_mode=True)
    numbers = Transform(
        writable_object_mode=True, transform=lambda chunk, encoding, callback: callback(None, str(chunk["n"]))
    )
    source.pipe(numbers).pipe(_sink(t))
    source.push({"n": 1})
    source.push({"n": 2})
    source.push(None)


def the_middle_of_a_chain_fails(t: Role) -> None:
    def fail() -> None:
        through.destroy(Exception("enough"))
        source.push("b")

    def look() -> None:
        _flow(t, "from", source)
        t.state("to", to, "writable_ended", "destroyed")

    source = _open(t)
    through = t.watch(PassThrough(), "through", "unpipe")
    to = _sink(t)
    source.pipe(through).pipe(to)
    source.push("a")
    t.turns(3, fail)
    t.turns(6, look)


def a_duplex_piped_to_itself(t: Role) -> None:
    def unpipe() -> None:
        echo.unpipe(echo)
        echo.end("a")
        echo.resume()

    echo = t.watch(PassThrough(), "echo", "pipe", "unpipe", "data")
    echo.pipe(echo, end=False)
    t.turns(2, unpipe)


def two_sources_into_one(t: Role) -> None:
    def end() -> None:
        two.push("c")
        two.push(None)

    one, two = _open(t), _open(t)
    to = _sink(t)
    one.pipe(to, end=False)
    two.pipe(to)
    one.push("a")
    two.push("b")
    one.push(None)
    t.turns(3, end)


def a_half_open_duplex_ends_its_destination(t: Role) -> None:
    source = Duplex(read=lambda size: None, write=lambda chunk, encoding, callback: callback())
    t.watch(source, "from")
    source.pipe(_sink(t))
    source.push(None)
    t.turns(4, lambda: t.state("later", source, "writable", "destroyed"))


def the_destination_unpipes_on_an_error_and_is_piped_again(t: Role) -> None:
    failing = True

    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        nonlocal failing
        t.log("to write", chunk)
        callback(Exception("once") if failing else None)
        failing = False

    source = _open(t)
    to = _sink(t, auto_destroy=False, write=write)
    source.pipe(to)
    to.once("error", lambda _: t.turns(1, lambda: source.pipe(to)))
    source.push("a")
    t.turns(4, lambda: source.push("b"))
