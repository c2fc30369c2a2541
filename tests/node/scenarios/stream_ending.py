"""finished() and pipeline()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Transform, Writable, finished, pipeline
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.node.lib import Role

    Callback = Callable[..., None]


def _source(chunks: Iterable[Any]) -> Readable:
    left = iter(chunks)
    stream = Readable(read=lambda size: stream.push(next(left, None)))
    return stream


def _open(**options: Any) -> Readable:
    return Readable(read=lambda size: None, **options)


def _sink(t: Role, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        t.log("write", chunk)
        set_immediate(callback)

    return Writable(**{"write": write, **options})


def finished_readable(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    finished(stream, t.callback("finished"))
    stream.resume()


def finished_writable(t: Role) -> None:
    stream = t.watch(_sink(t), "stream")
    finished(stream, t.callback("finished"))
    stream.end("a")


def finished_duplex_needs_both_sides(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    finished(stream, t.callback("finished"))
    finished(stream, t.callback("finished writing"), readable=False)
    finished(stream, t.callback("finished reading"), writable=False)
    stream.end("a")

    def later() -> None:
        t.log("reading")
        stream.resume()

    t.turns(4, later)


def finished_with_error(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    finished(stream, t.callback("finished"))
    stream.destroy(Exception("enough"))


def finished_premature_close(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    finished(stream, t.callback("finished"))
    stream.destroy()


def finished_writable_premature_close(t: Role) -> None:
    stream = t.watch(_sink(t), "stream")
    finished(stream, t.callback("finished"))
    stream.write("a")
    stream.destroy()


def finished_already(t: Role) -> None:
    stream = t.watch(_source([]), "stream")
    stream.resume()

    @stream.on("close")
    def _() -> None:
        finished(stream, t.callback("finished"))
        t.log("sync")


def finished_already_destroyed(t: Role) -> None:
    stream = _source(["a"])
    stream.destroy()

    def later() -> None:
        finished(stream, t.callback("finished"))
        t.log("sync")

    t.turns(3, later)


def finished_already_failed(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    stream.destroy(Exception("before"))
    t.turns(3, lambda: finished(stream, t.callback("finished")))


def finished_is_called_off(t: Role) -> None:
    stream = t.watch(_source(["a"]), "stream")
    finished(stream, t.callback("never")).cancel()
    stream.resume()


def finished_ignores_errors(t: Role) -> None:
    stream = t.watch(_open(auto_destroy=False), "stream")
    finished(stream, t.callback("finished"), error=False)
    stream.emit("error", Exception("by hand"))

    def later() -> None:
        stream.push(None)
        stream.resume()

    t.turns(3, later)


def finished_leaves_its_listeners(t: Role) -> None:
    stream = _source(["a"])
    finished(stream, t.callback("finished"))
    stream.resume()
    t.turns(6, lambda: t.log("counts", stream.listener_count("error") > 0))


def pipeline_of_three(t: Role) -> None:
    source = t.watch(_source(["a", "b"]), "from")
    through = t.watch(PassThrough(), "through")
    to = t.watch(_sink(t), "to")
    pipeline(source, through, to, callback=t.callback("done"))


def pipeline_source_fails(t: Role) -> None:
    source = t.watch(_open(), "from")
    through = t.watch(PassThrough(), "through")
    to = t.watch(_sink(t), "to")
    pipeline(source, through, to, callback=t.callback("done"))
    source.push("a")
    t.turns(4, lambda: source.destroy(Exception("from the source")))


def pipeline_source_closes_early(t: Role) -> None:
    source = t.watch(_open(), "from")
    pipeline(source, t.watch(_sink(t), "to"), callback=t.callback("done"))
    source.push("a")
    t.turns(4, source.destroy)


def pipeline_middle_fails(t: Role) -> None:
    def transform(chunk: bytes, encoding: str, callback: Callback) -> None:
        callback(Exception("from the middle"))

    source = t.watch(_source(["a", "b"]), "from")
    through = t.watch(Transform(transform=transform), "through")
    pipeline(source, through, t.watch(_sink(t), "to"), callback=t.callback("done"))


def pipeline_destination_fails(t: Role) -> None:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        set_immediate(lambda: callback(Exception("from the destination")))

    source = t.watch(_source(["a", "b"]), "from")
    through = t.watch(PassThrough(), "through")
    pipeline(source, through, t.watch(_sink(t, write=write), "to"), callback=t.callback("done"))


def pipeline_destination_closes_early(t: Role) -> None:
    source = t.watch(_open(), "from")
    to = t.watch(_sink(t), "to")
    pipeline(source, to, callback=t.callback("done"))
    source.push("a")
    t.turns(4, to.destroy)


def pipeline_final_fails(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = t.watch(_sink(t, final=lambda callback: callback(Exception("from final"))), "to")
    pipeline(source, to, callback=t.callback("done"))


def pipeline_ends_in_a_transform(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    through = t.watch(PassThrough(), "through")
    pipeline(source, through, callback=t.callback("done"))

    def later() -> None:
        t.log("reading")
        through.on("data", lambda chunk: t.log("data", chunk))

    t.turns(5, later)


def pipeline_of_one(t: Role) -> None:
    t.attempt("pipeline", lambda: pipeline(_source(["a"]), callback=lambda error: None))


def pipeline_from_a_destroyed_one(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = t.watch(_sink(t), "to")
    source.destroy()
    pipeline(source, to, callback=t.callback("done"))


def pipeline_to_a_destroyed_one(t: Role) -> None:
    source = t.watch(_source(["a"]), "from")
    to = t.watch(_sink(t), "to")
    to.destroy()
    pipeline(source, to, callback=t.callback("done"))


def pipeline_of_a_duplex_with_itself(t: Role) -> None:
    stream = t.watch(PassThrough(), "stream")
    to = t.watch(_sink(t), "to")
    pipeline(_source(["a"]), stream, to, callback=t.callback("done"))


def pipeline_through_ten(t: Role) -> None:
    through = [PassThrough() for _ in range(10)]
    pipeline(_source(["a", "b"]), *through, _sink(t), callback=t.callback("done"))


def pipeline_unheard_errors_are_handled(t: Role) -> None:
    source = _open()
    pipeline(source, _sink(t), callback=t.callback("done"))
    source.destroy(Exception("enough"))
