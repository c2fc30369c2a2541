"""pipe() and unpipe()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _source(chunks: Iterable[Any], **options: Any) -> Readable:
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)), **options)
    return stream


def _open() -> Readable:
    """Return a Readable that gives what is pushed."""
    return Readable(read=lambda size: None)


def _sink(t: Role, label: str, turns: int = 0, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log(f"{label} write", chunk)
        if turns == 0:
            callback()
        else:
            t.turns(turns, callback)

    stream: Writable = t.watch(Writable(write=write, **options), label, "pipe", "unpipe")
    return stream


def pipe_to_one(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from")
    to = _sink(t, "to")
    t.log("same", source.pipe(to) is to)
    t.state("state", source, "readable_flowing")


def pipe_to_a_slow_one(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    source.pipe(_sink(t, "to", 2, high_water_mark=2))


def pipe_to_two(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from")
    source.pipe(_sink(t, "one"))
    source.pipe(_sink(t, "two"))


def pipe_to_one_fast_and_one_slow(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from")
    source.pipe(_sink(t, "fast", 0, high_water_mark=2))
    source.pipe(_sink(t, "slow", 3, high_water_mark=2))


def pipe_to_two_slow(t: Role) -> None:
    source = t.watch(_source(["aa", "bb"], high_water_mark=2), "from")
    source.pipe(_sink(t, "one", 1, high_water_mark=1))
    source.pipe(_sink(t, "two", 3, high_water_mark=1))


def pipe_without_end(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = _sink(t, "to")
    source.pipe(to, end=False)

    def later() -> None:
        t.state("later", to, "writable_ended")
        to.end("b")

    source.on("end", lambda: t.turns(2, later))


def unpipe_in_data(t: Role) -> None:
    source = t.watch(_source(["a", "b", "c"]), "from", "pause", "resume")
    to = _sink(t, "to")
    source.pipe(to)

    @source.once("data")
    def _(chunk: bytes) -> None:
        t.log("same", source.unpipe(to) is source)
        t.state("unpiped", source, "readable_flowing")

    def later() -> None:
        t.state("later", source, "readable_flowing", "readable_length")
        source.on("data", lambda chunk: t.log("data", chunk))
        source.resume()

    t.turns(5, later)


def unpipe_all(t: Role) -> None:
    source = _open()
    source.pipe(_sink(t, "one"))
    source.pipe(_sink(t, "two"))
    t.log("same", source.unpipe() is source)
    source.push("x")
    t.turns(4, lambda: t.state("later", source, "readable_flowing", "readable_length"))


def unpipe_one_of_two(t: Role) -> None:
    source = _open()
    one = _sink(t, "one")
    source.pipe(one)
    source.pipe(_sink(t, "two"))
    source.unpipe(one)
    source.push("x")
    source.push(None)


def unpipe_a_stranger(t: Role) -> None:
    source = _open()
    source.pipe(_sink(t, "to"))
    t.log("same", source.unpipe(_sink(t, "stranger")) is source)
    source.push("x")
    source.push(None)


def unpipe_and_pipe_again(t: Role) -> None:
    source = _open()
    to = _sink(t, "to")
    source.pipe(to)
    source.push("a")

    def pipe_again() -> None:
        source.pipe(to)
        source.push("c")
        source.push(None)

    def unpipe() -> None:
        source.unpipe(to)
        source.push("b")
        t.turns(3, pipe_again)

    t.turns(3, unpipe)


def pipe_same_twice(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = _sink(t, "to", 0, auto_destroy=False)
    source.pipe(to)
    source.pipe(to)


def destination_fails(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        callback(Exception("from write"))

    source = t.watch(_source(["a", "b", "c"]), "from", "pause", "resume")
    source.pipe(t.watch(Writable(write=write), "to", "unpipe"))
    t.turns(6, lambda: t.state("later", source, "readable_flowing", "destroyed"))


def source_fails(t: Role) -> None:
    source = t.watch(_open(), "from")
    to = _sink(t, "to")
    source.pipe(to)
    source.push("a")

    def fail() -> None:
        source.destroy(Exception("from the source"))
        t.turns(3, lambda: t.state("later", to, "destroyed", "writable_ended"))

    t.turns(3, fail)


def destination_closes_early(t: Role) -> None:
    source = t.watch(_open(), "from")
    to = _sink(t, "to")
    source.pipe(to)
    source.push("a")

    def push() -> None:
        source.push("b")
        t.state("later", source, "readable_flowing", "readable_length")

    def close() -> None:
        to.destroy()
        t.turns(3, push)

    t.turns(3, close)


def destination_ends_early(t: Role) -> None:
    source = t.watch(_open(), "from")
    to = _sink(t, "to")
    source.pipe(to)
    to.end("own")
    source.push("a")
    t.turns(5, lambda: t.state("later", source, "readable_flowing", "destroyed"))


def pipe_to_a_destroyed_one(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = _sink(t, "to")
    to.destroy()
    source.pipe(to)
    t.turns(5, lambda: t.state("later", source, "readable_flowing", "destroyed"))


def pipe_from_a_destroyed_one(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = _sink(t, "to")
    source.destroy()
    source.pipe(to)
    t.turns(5, lambda: t.state("later", to, "writable_ended", "destroyed"))


def pipe_from_an_ended_one(t: Role) -> None:
    source = t.watch(_source([]), "from")
    source.resume()
    source.on("end", lambda: t.turns(2, lambda: source.pipe(_sink(t, "to"))))


def pipe_to_one_that_needs_drain(t: Role) -> None:
    source = t.watch(_source(["a"]), "from", "pause", "resume")
    to = _sink(t, "to", 3, high_water_mark=1)
    to.write("own")
    t.state("state", to, "writable_need_drain")
    source.pipe(to)
    t.state("piped", source, "readable_flowing")


def pipe_writable_throws(t: Role) -> None:
    to = t.watch(Writable(write=lambda *_: None), "to")
    t.attempt("pipe", lambda: to.pipe(PassThrough()) and None)
    t.turns(3, to.destroy)


def pipe_through_two(t: Role) -> None:
    source = t.watch(_source(["a", "b", "c"]), "from")
    source.pipe(PassThrough()).pipe(PassThrough()).pipe(_sink(t, "to"))


def pipe_while_paused(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from", "pause", "resume")
    source.pause()
    source.pipe(_sink(t, "to"))
    t.state("piped", source, "readable_flowing")


def pause_while_piping(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    source.pipe(_sink(t, "to"))
    source.push("a")

    def resume() -> None:
        t.state("paused", source, "readable_flowing", "readable_length")
        source.resume()
        source.push(None)

    def pause() -> None:
        source.pause()
        source.push("b")
        t.turns(3, resume)

    t.turns(3, pause)


def pipe_with_a_data_listener(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from", "chunk")
    source.pipe(_sink(t, "to"))


def pipe_with_a_readable_listener(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from")
    source.on("readable", lambda: t.log("got", source.read()))
    source.pipe(_sink(t, "to"))


def pipe_encoded_source(t: Role) -> None:
    source = t.watch(_source(["é".encode()], encoding="latin1"), "from")
    source.pipe(_sink(t, "to", 0, decode_strings=False))


def pipe_objects(t: Role) -> None:
    source = t.watch(_source([1, {"a": 2}, "three"], object_mode=True), "from")
    source.pipe(_sink(t, "to", 1, object_mode=True, high_water_mark=1))


def backpressure_holds(t: Role) -> None:
    # How much the source gives while the destination takes nothing.
    pulled = 0

    def read(size: int) -> None:
        nonlocal pulled
        pulled += 1
        source.push("xx")

    source = Readable(high_water_mark=4, read=read)
    source.pipe(Writable(high_water_mark=6, write=lambda *_: None))

    def later() -> None:
        t.log("pulled", pulled)
        t.state("from", source, "readable_length", "readable_flowing")
        source.destroy()

    t.turns(8, later)
