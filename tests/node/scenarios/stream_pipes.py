"""Pipes in combination: several destinations, ends that were over before, unpipe within listeners, other readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import Readable, Writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sockstream.events import EventEmitter
    from tests.node.lib import Role

    Callback = Callable[..., None]


def _source(chunks: Iterable[Any], **options: Any) -> Readable:
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)), **options)
    return stream


def _open(**options: Any) -> Readable:
    return Readable(read=lambda size: None, **options)


def _sink(t: Role, label: str, turns: int = 0, *also: str, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log(f"{label} write", chunk)
        t.turns(turns, callback)

    stream: Writable = t.watch(Writable(**{"write": write, **options}), label, "pipe", "unpipe", "drain", *also)
    return stream


def _counts(stream: EventEmitter, *names: str) -> list[int]:
    return [stream.listener_count(name) for name in names]


# -- several destinations ---------------------------------------------------------------------------------------------


def three_and_one_is_slow(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    source.pipe(_sink(t, "one"))
    source.pipe(_sink(t, "slow", 3, high_water_mark=2))
    source.pipe(_sink(t, "three"))


def one_of_two_fails(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("failing write", chunk)
        t.turns(1, lambda: callback(Exception("enough")))

    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    source.pipe(_sink(t, "failing", write=write, high_water_mark=2))
    source.pipe(_sink(t, "other", 2, high_water_mark=2))


def one_fails_unheard(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from")
    failing = {"write": lambda chunk, encoding, callback: callback(Exception("enough"))}
    source.pipe(_sink(t, "failing", 0, "-error", "-close", **failing))
    source.pipe(_sink(t, "other"))


def one_unpipes_itself_in_write(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        t.log("leaving write", chunk)
        source.unpipe(leaving)
        callback()

    source = t.watch(_source(["a", "b", "c"]), "from", "pause", "resume")
    leaving = _sink(t, "leaving", write=write)
    source.pipe(leaving)
    source.pipe(_sink(t, "staying"))


def one_unpipes_itself_while_it_is_waited_for(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    slow = _sink(t, "slow", 6, high_water_mark=1)
    source.pipe(slow)
    source.pipe(_sink(t, "fast"))
    t.turns(2, lambda: source.unpipe(slow))


def one_is_destroyed_while_it_is_waited_for(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    slow = _sink(t, "slow", 6, high_water_mark=1)
    source.pipe(slow)
    source.pipe(_sink(t, "fast"))
    t.turns(2, slow.destroy)


def both_are_destroyed_while_they_are_waited_for(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    sinks = [_sink(t, label, 6, high_water_mark=1) for label in ("one", "two")]
    for each in sinks:
        source.pipe(each)
    t.turns(2, lambda: [each.destroy() for each in sinks])
    t.turns(8, lambda: t.state("later", source, "readable_flowing", "readable_length", "destroyed"))


def the_same_twice_is_waited_for_twice(t: Role) -> None:
    source = t.watch(_source(["aa", "bb"], high_water_mark=2), "from", "pause", "resume")
    to = _sink(t, "to", 1, high_water_mark=1, auto_destroy=False)
    source.pipe(to, end=False)
    source.pipe(to)


def the_same_twice_is_unpiped_once(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    to = _sink(t, "to")
    source.pipe(to)
    source.pipe(to)
    source.unpipe(to)
    t.state("state", source, "readable_flowing")
    source.push("a")

    def unpipe() -> None:
        source.unpipe(to)
        source.push("b")
        t.turns(3, lambda: t.state("later", source, "readable_flowing", "readable_length"))

    t.turns(3, unpipe)


def one_is_ended_and_the_other_is_not(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    kept = _sink(t, "kept")
    source.pipe(kept, end=False)
    source.pipe(_sink(t, "ended"))
    t.turns(5, lambda: t.state("later", kept, "writable_ended", "writable"))


def a_second_one_joins_in_the_middle(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    source.pipe(_sink(t, "one", 3, high_water_mark=1))
    source.push("a")

    def join() -> None:
        source.pipe(_sink(t, "two"))
        source.push("b")
        source.push(None)

    t.turns(2, join)


# -- to what is over, from what is over -------------------------------------------------------------------------------


def to_a_finished_one(t: Role) -> None:
    to = _sink(t, "to", auto_destroy=False)
    to.end("own")

    def pipe() -> None:
        source = t.watch(_source(["a", "b"]), "from", "pause", "resume")
        source.pipe(to)
        t.turns(3, lambda: t.state("later", source, "readable_flowing", "destroyed"))

    t.turns(3, pipe)


def to_an_ended_one_that_has_not_finished(t: Role) -> None:
    to = _sink(t, "to", 4)
    to.end("own")
    source = t.watch(_source(["a", "b"]), "from", "pause", "resume")
    source.pipe(to)
    t.turns(6, lambda: t.state("later", source, "readable_flowing", "destroyed"))


def to_a_failed_one(t: Role) -> None:
    to = _sink(t, "to", auto_destroy=False)
    to.emit("error", Exception("by hand"))
    t.watch(_source(["a"]), "from", "pause", "resume").pipe(to)


def to_a_destroyed_one_with_a_buffered_source(t: Role) -> None:
    to = _sink(t, "to")
    to.destroy(Exception("before"))
    source = t.watch(_open(), "from", "pause", "resume")
    source.push("a")

    def pipe() -> None:
        source.pipe(to)
        source.push("b")
        t.turns(3, lambda: t.state("later", source, "readable_flowing", "readable_length", "destroyed"))

    t.turns(3, pipe)


def from_a_failed_one(t: Role) -> None:
    source = t.watch(_open(auto_destroy=False), "from", "pause", "resume")
    source.push("a")
    source.emit("error", Exception("by hand"))
    to = _sink(t, "to")
    source.pipe(to)
    t.turns(3, lambda: t.state("later", to, "writable_ended", "destroyed"))


def from_one_destroyed_with_data_left(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    to = _sink(t, "to")
    source.push("a")
    source.destroy()
    source.pipe(to)
    t.turns(4, lambda: t.state("later", source, "readable_flowing", "readable_length"))


def from_an_ended_one_without_end(t: Role) -> None:
    source = t.watch(_source([], auto_destroy=False), "from")
    source.resume()

    def pipe() -> None:
        to = _sink(t, "to")
        source.pipe(to, end=False)
        t.turns(3, lambda: t.state("later", to, "writable_ended"))

    t.turns(3, pipe)


def from_an_ended_one_to_two(t: Role) -> None:
    source = t.watch(_source([], auto_destroy=False), "from")
    source.resume()

    def pipe() -> None:
        source.pipe(_sink(t, "one"))
        source.pipe(_sink(t, "two"))

    t.turns(3, pipe)


def the_source_ends_while_the_destination_is_full(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    source.pipe(_sink(t, "to", 3, high_water_mark=1))
    source.push("a")
    t.turns(1, lambda: source.push(None))


def the_source_fails_while_the_destination_is_full(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    to = _sink(t, "to", 3, high_water_mark=1)
    source.pipe(to)
    source.push("a")
    source.push("b")
    t.turns(1, lambda: source.destroy(Exception("enough")))
    t.turns(6, lambda: t.state("later", to, "writable_ended", "writable_need_drain", "destroyed"))


# -- listeners --------------------------------------------------------------------------------------------------------


def listeners_come_and_go(t: Role) -> None:
    def look(when: str) -> None:
        t.log(f"{when}: from", _counts(source, "end", "data", "error", "close", "readable"))
        t.log(f"{when}: to", _counts(to, "unpipe", "drain", "error", "close", "finish"))

    def later() -> None:
        look("full")
        source.unpipe(to)
        look("unpiped")

    source = _open()
    to = Writable(write=lambda *_: None, high_water_mark=1)
    source.pipe(to)
    look("piped")
    source.push("a")
    t.turns(2, later)


def the_error_listener_of_the_pipe_is_first(t: Role) -> None:
    source = t.watch(_open(), "from", "pause")
    to = _sink(t, "to", auto_destroy=False)
    source.pipe(to)
    to.emit("error", Exception("by hand"))
    t.state("state", source, "readable_flowing")
    t.state("to", to, "destroyed", "writable")


def unpipe_in_the_pipe_event(t: Role) -> None:
    source = t.watch(_source(["a"]), "from", "pause", "resume")
    to = _sink(t, "to")
    to.on("pipe", lambda stream: stream.unpipe(to) and None)
    source.pipe(to)
    t.state("state", source, "readable_flowing")
    t.turns(3, lambda: t.state("later", source, "readable_flowing", "readable_length"))


def pipe_again_in_the_unpipe_event(t: Role) -> None:
    source = t.watch(_open(), "from", "pause", "resume")
    to = _sink(t, "to")
    source.pipe(to)
    to.once("unpipe", lambda _: source.pipe(to))
    source.push("a")

    def unpipe() -> None:
        source.unpipe(to)
        source.push("b")
        source.push(None)

    t.turns(2, unpipe)


def unpipe_in_end(t: Role) -> None:
    source = t.watch(_open(), "from", "pause")
    to = _sink(t, "to")
    source.prepend_listener("end", lambda: source.unpipe(to))
    source.pipe(to)
    source.push("a")
    source.push(None)
    t.turns(4, lambda: t.state("later", to, "writable_ended"))


def unpipe_in_drain(t: Role) -> None:
    source = t.watch(_source(["aa", "bb", "cc"], high_water_mark=2), "from", "pause", "resume")
    to = _sink(t, "to", 1, high_water_mark=1)
    to.once("drain", lambda: source.unpipe(to))
    source.pipe(to)
    t.turns(6, lambda: t.state("later", source, "readable_flowing", "readable_length"))


def unpipe_in_pause_and_resume(t: Role) -> None:
    def watch(event: str) -> None:
        source = t.watch(_source(["aa", "bb"], high_water_mark=2), f"{event} from", "pause", "resume")
        to = _sink(t, f"{event} to", 1, high_water_mark=1)
        source.pipe(to)
        source.once(event, lambda: source.unpipe(to))

    for event in ("pause", "resume"):
        watch(event)


def unpipe_all_in_data(t: Role) -> None:
    source = t.watch(_source(["a", "b", "c"]), "from", "pause", "resume")
    source.once("data", lambda _: source.unpipe())
    source.pipe(_sink(t, "one"))
    source.pipe(_sink(t, "two"))
    t.turns(4, lambda: t.state("later", source, "readable_flowing"))
