"""duplex_pair, and what can be asked of streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockstream.stream import (
    Duplex,
    PassThrough,
    Readable,
    Writable,
    duplex_pair,
    is_disturbed,
    is_errored,
    is_readable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.node.lib import Role


def _pair(t: Role, **options: Any) -> tuple[Duplex, Duplex]:
    left, right = duplex_pair(**options)
    return t.watch(left, "left"), t.watch(right, "right")


def there_and_back(t: Role) -> None:
    left, right = _pair(t)
    left.on("data", lambda chunk: t.data("left.data", chunk))
    right.on("data", lambda chunk: right.write(b"got " + chunk))
    right.on("end", lambda: right.end("bye"))
    left.write("a")
    left.end("b")


def objects(t: Role) -> None:
    left, right = _pair(t, object_mode=True)
    right.on("data", lambda chunk: t.log("right.data", chunk))
    t.state(
        "state",
        left,
        "readable_object_mode",
        "writable_object_mode",
        "readable_high_water_mark",
        "writable_high_water_mark",
    )
    left.write(5)
    left.write({"k": "v"})
    left.end()
    right.end()
    left.resume()


def text(t: Role) -> None:
    left, right = _pair(t, encoding="utf8")
    right.on("data", lambda chunk: t.data("right.data", chunk))
    left.write("é".encode()[:1])
    left.end("é".encode()[1:])


def a_write_is_done_when_the_other_asks(t: Role) -> None:
    left, right = _pair(t, high_water_mark=2)
    t.log("write", left.write("ab", callback=t.callback("written")))
    t.log("write", left.write("cd", callback=t.callback("written")))
    left.on("drain", lambda: t.log("drain"))

    def read() -> None:
        t.state("state", left, "writable_length", "writable_need_drain")
        t.log("read", right.read())
        t.turns(3, lambda: t.log("read", right.read()))

    t.turns(3, read)


def an_empty_write(t: Role) -> None:
    left, right = _pair(t)
    right.on("data", lambda chunk: t.data("right.data", chunk))
    left.write("", callback=t.callback("written"))
    left.write("a", callback=t.callback("written"))


def an_empty_text(t: Role) -> None:
    left, right = _pair(t, object_mode=True)
    right.on("data", lambda chunk: t.log("right.data", chunk))
    left.write("", callback=t.callback("written"))
    left.end(callback=t.callback("ended"))


def one_side_ends(t: Role) -> None:
    left, right = _pair(t)
    right.resume()
    left.end("a", callback=t.callback("ended"))

    def states() -> None:
        t.state("left", left, "readable", "writable", "destroyed")
        t.state("right", right, "readable", "writable", "destroyed")

    t.turns(4, states)


def the_end_is_finished_when_it_is_read(t: Role) -> None:
    left, right = _pair(t)
    left.end("a")

    def resumes() -> None:
        t.log("resumes")
        right.resume()

    t.turns(3, resumes)


def without_half_open(t: Role) -> None:
    left, right = _pair(t, allow_half_open=False)
    right.resume()
    left.resume()
    left.end("a")


def destroyed(t: Role) -> None:
    left, right = _pair(t)
    right.resume()
    left.write("a")
    t.turns(2, left.destroy)
    t.turns(6, lambda: t.state("right", right, "readable", "writable", "destroyed"))


def destroyed_with_an_error(t: Role) -> None:
    left, right = _pair(t)
    right.resume()
    t.turns(2, lambda: left.destroy(Exception("why")))
    t.turns(6, lambda: t.state("right", right, "readable", "writable", "destroyed", "errored"))


def destroyed_after_its_end(t: Role) -> None:
    left, right = _pair(t)
    right.resume()
    left.end()
    t.turns(4, left.destroy)


def both_destroyed(t: Role) -> None:
    left, right = _pair(t)
    left.destroy()
    right.destroy()


def a_write_to_a_destroyed_side(t: Role) -> None:
    left, right = _pair(t)
    right.destroy()
    t.turns(2, lambda: left.write("a", callback=t.callback("written")))


def piped_to_itself(t: Role) -> None:
    left, right = _pair(t)
    right.pipe(right)
    left.on("data", lambda chunk: t.data("left.data", chunk))
    left.write("a")
    left.end("b")


def a_pair_with_wrong_options(t: Role) -> None:
    t.attempt("mark", lambda: duplex_pair(high_water_mark=-1))
    t.attempt("encoding", lambda: duplex_pair(encoding="none"))


async def iterated_over(t: Role) -> None:
    left, right = duplex_pair(object_mode=True)
    left.write(1)
    left.write(2)
    left.end(3)
    async for chunk in right:
        t.log("got", chunk)
    t.log("over")


# -- questions --------------------------------------------------------------------------------------------------------


def _ask(t: Role, name: str, thing: object) -> None:
    t.log(name, is_readable(thing), is_errored(thing), is_disturbed(thing))


def _read(size: int) -> None:
    pass


def _write(chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
    callback()


def _kinds() -> dict[str, Any]:
    return {
        "readable": Readable(read=_read),
        "writable": Writable(write=_write),
        "duplex": Duplex(read=_read, write=_write),
        "through": PassThrough(),
    }


def new_streams(t: Role) -> None:
    for name, each in _kinds().items():
        _ask(t, name, each)


def destroyed_streams(t: Role) -> None:
    for name, each in _kinds().items():
        _ask(t, name, each.destroy())


def failed_streams(t: Role) -> None:
    for name, each in _kinds().items():
        each.on("error", lambda _, name=name, each=each: _ask(t, f"{name} heard", each))
        _ask(t, name, each.destroy(Exception("why")))


def failed_without_auto_destroy(t: Role) -> None:
    def read(size: int) -> None:
        raise Exception("why")

    readable = Readable(auto_destroy=False, read=read)
    readable.on("error", lambda _: _ask(t, "readable", readable))
    readable.read()
    writable = Writable(auto_destroy=False, write=lambda chunk, encoding, callback: callback(Exception("why")))
    writable.on("error", lambda _: _ask(t, "writable", writable))
    writable.write("a")


def read_and_ended(t: Role) -> None:
    readable = Readable(read=_read)
    readable.push("a")
    _ask(t, "pushed", readable)
    readable.read()
    _ask(t, "read", readable)
    readable.push(None)
    _ask(t, "over", readable)
    readable.on("end", lambda: _ask(t, "end", readable)).on("close", lambda: _ask(t, "close", readable))
    readable.resume()


def ended_without_a_byte(t: Role) -> None:
    readable = Readable(read=_read)
    readable.push(None)
    readable.on("end", lambda: _ask(t, "end", readable)).on("close", lambda: _ask(t, "close", readable))
    readable.resume()


def a_duplex_half_over(t: Role) -> None:
    through = _kinds()["through"]
    through.end("a")
    _ask(t, "ended", through)
    through.on("end", lambda: _ask(t, "end", through))
    through.resume()


def sides_that_are_not_there(t: Role) -> None:
    _ask(t, "write only", Duplex(readable=False))
    _ask(t, "read only", Duplex(writable=False, read=_read))
    _ask(t, "write only, destroyed", Duplex(readable=False).destroy())


def no_streams(t: Role) -> None:
    for each in (None, None, 5, "x", object(), []):
        _ask(t, "none", each)
