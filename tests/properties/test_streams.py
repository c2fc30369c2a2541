"""Streams against a model of one line: what comes out is what went in, in order, within the marks, and ends once.

Each property plays a random script of calls.  The model of a stream is the bytes that went in, and how many of them
have come out; what the stream says of itself must be what that gives.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockstream.stream import PassThrough, Readable, Transform, Writable
from tests.unit.stream.helpers import ignore, later, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockstream.stream import Stream

pytestmark = pytest.mark.only_loop("asyncio")

ONCE = ("end", "finish", "error", "close")
MOST = 9

sizes = st.integers(0, MOST)
marks = st.integers(0, 12)
Script = list[tuple[Any, ...]]


def calls(*names: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return calls without arguments."""
    return st.tuples(st.sampled_from(names))


def sized(*names: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return calls with a size."""
    return st.tuples(st.sampled_from(names), sizes)


class Given:
    """The bytes that go in: all different for a while, so that none can stand for another."""

    def __init__(self) -> None:
        self.all = b""

    def take(self, size: int) -> bytes:
        chunk = bytes((len(self.all) + index) % 251 for index in range(size))
        self.all += chunk
        return chunk


class Told:
    """The events of a stream that must be told once and in a legal order."""

    def __init__(self, stream: Stream) -> None:
        self.names: list[str] = []
        for name in (*ONCE, "drain"):
            stream.on(name, lambda *_, name=name: self.names.append(name))

    def check(self) -> None:
        counts = Counter(self.names)
        assert all(counts[name] <= 1 for name in ONCE)
        if "close" in counts:
            assert self.names[-1] == "close"
        if "finish" in counts:
            assert "drain" not in self.names[self.names.index("finish") :]


# -- Readable ---------------------------------------------------------------------------------------------------------


class ReadPlay:
    """A script played to a Readable that is pushed to from outside."""

    def __init__(self, mark: int) -> None:
        self.given = Given()
        self.taken = b""
        self.ended = False
        self.stream = Readable(high_water_mark=mark, read=ignore)
        self.told = Told(self.stream)
        # Prepended, it hears of everything and asks for nothing.
        self.stream.prepend_listener("data", self.take)

    def take(self, chunk: bytes) -> None:
        self.taken += chunk

    def step(self, name: str, size: int = 0) -> None:
        stream = self.stream
        match name:
            case "push" if not self.ended:
                goes_on = stream.push(self.given.take(size))
                assert goes_on is (
                    stream.readable_length < stream.readable_high_water_mark or not stream.readable_length
                )
            case "end":
                self.ended = True
                assert stream.push(None) is False
            case "read":
                self.check_read(stream.read(size), size)
            case "read all":
                stream.read()
            case "unshift" if not stream.readable_ended and not stream.destroyed:
                size = min(size, len(self.taken))
                back, self.taken = self.taken[len(self.taken) - size :], self.taken[: len(self.taken) - size]
                stream.unshift(back)
            case "pause" | "resume":
                getattr(stream, name)()
            case "flow":
                stream.on("data", ignore)
            case "look":
                stream.on("readable", ignore)
            case "look away":
                stream.off("readable", ignore)

    def check_read(self, chunk: bytes | None, size: int) -> None:
        if chunk is not None:
            assert len(chunk) == size or self.ended
            assert self.taken.endswith(chunk)

    def check(self) -> None:
        assert self.given.all.startswith(self.taken)
        assert self.stream.readable_length == len(self.given.all) - len(self.taken)
        if self.stream.readable_ended:
            assert self.taken == self.given.all
        self.told.check()


reading = st.one_of(
    sized("push", "push", "push", "read", "unshift"),
    calls("read all", "pause", "resume", "flow", "look", "look away", "turn", "turn"),
)


@given(mark=marks, script=st.lists(reading, max_size=25), tail=st.lists(reading | calls("end"), max_size=8))
async def test_a_readable_loses_doubles_and_swaps_nothing(mark: int, script: Script, tail: Script) -> None:
    play = ReadPlay(mark)
    for operation in [*script, *tail]:
        if operation == ("turn",):
            await ticks()
        else:
            play.step(*operation)
        play.check()
    play.step("end")
    play.stream.off("readable", ignore)
    play.stream.remove_all_listeners("readable")
    await ticks()
    play.stream.resume()
    await turns(3)
    play.check()
    assert play.taken == play.given.all
    assert play.told.names == ["end", "close"]


@given(
    mark=marks,
    chunks=st.lists(st.tuples(st.integers(1, MOST), st.sampled_from(["now", "later"])), max_size=15),
    script=st.lists(sized("read") | calls("read all", "pause", "resume", "turn"), max_size=20),
)
async def test_a_source_is_asked_for_no_more_than_the_mark_allows(
    mark: int, chunks: list[tuple[int, str]], script: Script
) -> None:
    def read(size: int) -> None:
        amount, moment = chunks.pop(0) if chunks else (0, "now")
        chunk = play.given.take(amount) or None
        play.ended = play.ended or chunk is None
        if moment == "now":
            stream.push(chunk)
        else:
            # What is on its way has not been given yet.
            play.given.all = play.given.all[: len(play.given.all) - amount]
            later(lambda: stream.push(play.given.take(amount)))

    play = ReadPlay(mark)
    stream = play.stream
    stream._read = read  # type: ignore[method-assign]
    for operation in script:
        if operation == ("turn",):
            await turns(1)
        else:
            play.step(*operation)
        play.check()
        assert stream.readable_length < max(1, stream.readable_high_water_mark) + MOST
    stream.resume()
    await turns(40)
    play.check()
    assert play.told.names == ["end", "close"]
    assert chunks == []


# -- Writable ---------------------------------------------------------------------------------------------------------


class WritePlay:
    """A script played to a Writable whose sink calls back at once, or when it is told to."""

    def __init__(self, mark: int, *, held: bool, batches: bool) -> None:
        self.given = Given()
        self.taken = b""
        # How many bytes were taken and called back for.
        self.done = 0
        # How many writes there were, and what the callback of each said.
        self.calls = 0
        self.errors: dict[int, BaseException | None] = {}
        # The callback of what is in flight, and how much that is.
        self.held: tuple[Callable[..., None], int] | None = None
        self.is_held = held
        self.refusals = 0
        options: dict[str, Any] = {"writev": self.writev} if batches else {"write": self.write}
        self.stream = Writable(high_water_mark=mark, **options)
        self.told = Told(self.stream)
        self.stream.on("drain", lambda: self.check_drain())

    def write(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        assert self.held is None
        assert encoding == "buffer"
        self.taken += chunk
        if self.is_held:
            self.held = (callback, len(chunk))
        else:
            self.done += len(chunk)
            callback()

    def writev(self, chunks: list[Any], callback: Callable[..., None]) -> None:
        self.write(b"".join(each.chunk for each in chunks), "buffer", callback)

    def check_drain(self) -> None:
        assert self.stream.writable_length == 0
        assert not self.calls or self.told.names.count("drain") <= self.refusals

    def heard(self, number: int) -> Callable[[BaseException | None], None]:
        def callback(error: BaseException | None) -> None:
            assert number not in self.errors
            self.errors[number] = error

        return callback

    def step(self, name: str, size: int = 0) -> None:
        stream = self.stream
        match name:
            case "write" if stream.writable:
                self.calls += 1
                goes_on = stream.write(self.given.take(size), self.heard(self.calls - 1))
                length = stream.writable_length
                assert goes_on is (length < stream.writable_high_water_mark or not length)
                self.refusals += not goes_on
            case "cork" | "uncork" | "end":
                getattr(stream, name)()
            case "release" if self.held is not None:
                (callback, size), self.held = self.held, None
                self.done += size
                callback()

    def check(self) -> None:
        assert self.given.all.startswith(self.taken)
        assert self.stream.writable_length == len(self.given.all) - self.done
        if self.stream.writable_finished:
            assert self.taken == self.given.all
        self.told.check()

    async def play(self, script: Script) -> None:
        for operation in script:
            if operation == ("turn",):
                await ticks()
            else:
                self.step(*operation)
            self.check()

    async def settle(self) -> None:
        for _ in range(self.calls + 1):
            self.step("release")
            await ticks()


writing = st.one_of(sized("write", "write", "write"), calls("cork", "uncork", "release", "release", "turn", "turn"))
sinks = {"held": st.booleans(), "batches": st.booleans()}


@given(mark=marks, script=st.lists(writing, max_size=25), tail=st.lists(writing | calls("end"), max_size=8), **sinks)
async def test_a_writable_loses_doubles_and_swaps_nothing(
    mark: int, held: bool, batches: bool, script: Script, tail: Script
) -> None:
    play = WritePlay(mark, held=held, batches=batches)
    await play.play([*script, *tail, ("end",)])
    await play.settle()
    play.check()
    assert play.taken == play.given.all
    assert list(play.errors.items()) == [(number, None) for number in range(play.calls)]
    assert [name for name in play.told.names if name != "drain"] == ["finish", "close"]


@given(
    mark=marks,
    script=st.lists(writing, max_size=25),
    fails=st.booleans(),
    error=st.none() | st.builds(ValueError),
    **sinks,
)
async def test_a_writable_that_fails_tells_every_callback_once(
    mark: int, held: bool, batches: bool, script: Script, fails: bool, error: ValueError | None
) -> None:
    play = WritePlay(mark, held=held, batches=batches)
    await play.play(script)
    if fails and play.held is not None:
        (callback, _), play.held = play.held, None
        error = error or ValueError()
        callback(error)
    else:
        play.stream.destroy(error)
    await play.settle()
    # All are told, and those that went well are the first ones.
    told = [play.errors[number] for number in range(play.calls)]
    assert told == sorted(told, key=lambda each: each is not None)
    assert [name for name in play.told.names if name != "drain"] == [*(["error"] if error else []), "close"]
    assert play.given.all.startswith(play.taken)


# -- Transform --------------------------------------------------------------------------------------------------------


def doubling(moments: list[str]) -> Callable[..., None]:
    """Return a hook that doubles each chunk, now or later, pushing one half and giving the other."""

    def transform(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        moment = moments.pop() if moments else "now"
        if moment == "later":
            later(callback, None, chunk * 2)
        else:
            callback(None, chunk * 2)

    return transform


transforming = st.one_of(sized("write", "write", "read"), calls("turn", "turn", "read all"))


@given(
    marks=st.tuples(marks, marks),
    script=st.lists(transforming, max_size=25),
    moments=st.none() | st.lists(st.sampled_from(["now", "later"]), max_size=15),
)
async def test_a_transform_gives_what_it_makes_of_all_its_input_within_its_marks(
    marks: tuple[int, int], script: Script, moments: list[str] | None
) -> None:
    options: dict[str, Any] = {"readable_high_water_mark": marks[0], "writable_high_water_mark": marks[1]}
    stream = PassThrough(**options) if moments is None else Transform(transform=doubling(moments), **options)
    told, came, expected = Told(stream), Given(), b""
    stream.prepend_listener("data", lambda chunk: setattr(came, "all", came.all + chunk))
    source = Given()
    for name, *rest in script:
        if name == "write":
            chunk = source.take(*rest)
            expected += chunk if moments is None else chunk * 2
            stream.write(chunk)
        elif name == "turn":
            await turns(1)
        else:
            stream.read(*rest)
        assert stream.readable_length < max(1, stream.readable_high_water_mark) + 2 * MOST
        assert expected.startswith(came.all)
    stream.end()
    stream.resume()
    await turns(60)
    assert came.all == expected
    told.check()
    assert sorted(name for name in told.names if name != "drain") == ["close", "end", "finish"]


# -- pipe -------------------------------------------------------------------------------------------------------------


@given(
    chunks=st.lists(st.integers(1, MOST), max_size=15),
    stages=st.lists(marks, max_size=3),
    ends=st.tuples(marks, marks),
    script=st.lists(calls("release", "release", "release", "turn", "unpipe", "pipe", "pause"), max_size=30),
)
async def test_a_pipe_carries_everything_within_the_marks(
    chunks: list[int], stages: list[int], ends: tuple[int, int], script: Script
) -> None:
    given_ = Given()
    left = list(chunks)
    source = Readable(
        high_water_mark=ends[0], read=lambda size: source.push(given_.take(left.pop(0)) if left else None)
    )
    sink = WritePlay(ends[1], held=True, batches=False)
    between = [PassThrough(high_water_mark=mark) for mark in stages]
    last: Readable = source
    for each in between:
        last = last.pipe(each)
    last.pipe(sink.stream)
    told = [Told(each) for each in (source, *between)]

    def check() -> None:
        assert given_.all.startswith(sink.taken)
        for stream in (source, *between):
            assert stream.readable_length < max(1, stream.readable_high_water_mark) + MOST
        for writable in (*between, sink.stream):
            assert writable.writable_length < max(1, writable.writable_high_water_mark) + 2 * MOST

    for (name,) in script:
        match name:
            case "release":
                sink.step("release")
            case "turn":
                await turns(1)
            case "unpipe":
                last.unpipe(sink.stream)
            case "pipe" if not last._rs.pipes:
                last.pipe(sink.stream)
            case "pause":
                last.pause()
        check()
    if not last._rs.pipes:
        last.pipe(sink.stream)
    last.resume()
    for _ in range(2 * len(chunks) + 3):
        await turns(3 + len(stages))
        sink.step("release")
        check()
    assert sink.taken == given_.all
    assert len(given_.all) == sum(chunks)
    for events in (*told, sink.told):
        events.check()
        assert events.names[-1] == "close"
