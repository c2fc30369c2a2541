"""pipeline() with functions and iterables.

Each part has a page of its own in the log: how promises interleave is nobody's promise.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from sockstream.stream import PassThrough, Readable, Transform, Writable, pipeline
from sockstream.timers import set_immediate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from tests.node.lib import Role

    Callback = Callable[..., None]


class _Book:
    """The pages of a run."""

    def __init__(self, t: Role) -> None:
        self.t = t
        self.pages: dict[str, list[Any]] = {}
        self.streams: list[tuple[str, Any]] = []

    def note(self, label: str, *values: Any) -> None:
        self.pages.setdefault(label, []).append(values)

    def watch(self, stream: Any, label: str, *names: str) -> Any:
        for name in ("end", "finish", "error", "close", *names):
            stream.on(name, partial(self.note, label, name))
        self.streams.append((label, stream))
        return stream

    async def over(self, chain: Awaitable[Any]) -> None:
        """Log how a chain ends, and then every page."""
        try:
            self.t.log("result", await chain)
        except Exception as error:
            self.t.log("error", error)
        waiter = asyncio.get_running_loop().create_future()
        self.t.turns(8, lambda: waiter.set_result(None))
        await waiter
        for label in sorted(self.pages):
            self.t.log(label, *self.pages[label])
        for label, stream in self.streams:
            self.t.state(label, stream, "destroyed", "errored")


def _source(book: _Book, chunks: Iterable[Any]) -> Readable:
    left = iter(chunks)
    stream: Readable = book.watch(
        Readable(read=lambda size: stream.push(next(left, None)), high_water_mark=1), "source"
    )
    return stream


def _open(book: _Book) -> Readable:
    stream: Readable = book.watch(Readable(read=lambda size: None), "source")
    return stream


def _sink(book: _Book, **options: Any) -> Writable:
    def write(chunk: Any, encoding: str, callback: Callback) -> None:
        book.note("sink", "write", chunk)
        set_immediate(callback)

    stream: Writable = book.watch(Writable(**{"write": write, **options}), "sink")
    return stream


def _through(book: _Book, *names: str, **options: Any) -> PassThrough:
    stream: PassThrough = book.watch(PassThrough(**options), "through", *names)
    return stream


def _text(chunk: str | bytes) -> str:
    return chunk if isinstance(chunk, str) else chunk.decode()


def _first(book: _Book, chunks: Iterable[Any], then: Callable[[], object] = lambda: None) -> Callable[[], Any]:
    """Return a generator function that gives some chunks, then does something else."""

    async def given() -> AsyncIterator[Any]:
        try:
            for chunk in chunks:
                yield chunk
            then()
            book.note("first", "through")
        finally:
            book.note("first", "finally")

    return given


def _double(book: _Book, label: str = "double", after: Callable[..., object] = lambda _: None) -> Callable[[Any], Any]:
    """Return a generator function that doubles each chunk, and may do something after one."""

    async def doubled(chunks: Any) -> AsyncIterator[str]:
        try:
            # Python leaves an iterator open where a loop is left early.
            async with aclosing(aiter(chunks)) as opened:
                async for chunk in opened:
                    yield _text(chunk) * 2
                    if after(chunk):
                        return
            book.note(label, "through")
        except Exception as error:
            book.note(label, "caught", error)
            raise
        finally:
            book.note(label, "finally")

    return doubled


def _join(book: _Book, after: Callable[..., object] = lambda _: None) -> Callable[[Any], Any]:
    """Return a coroutine function that joins all chunks, and may do something after one."""

    async def joined(chunks: Any) -> str:
        text = ""
        try:
            async with aclosing(aiter(chunks)) as opened:
                async for chunk in opened:
                    text += _text(chunk)
                    if after(chunk):
                        break
        except Exception as error:
            book.note("join", "caught", error)
            raise
        finally:
            book.note("join", "finally")
        return text

    return joined


def _fail(*_: object) -> None:
    raise Exception("enough")


def _scenario(run: Callable[[_Book, Role], Awaitable[Any]]) -> Callable[[Role], Awaitable[None]]:
    """Return a scenario that logs how a chain goes."""

    async def scenario(t: Role) -> None:
        book = _Book(t)
        await book.over(run(book, t))

    return scenario


# -- where they can stand ---------------------------------------------------------------------------------------------


first = _scenario(lambda b, t: pipeline(_first(b, "ab"), _sink(b)))
in_the_middle = _scenario(lambda b, t: pipeline(_source(b, "ab"), _double(b), _sink(b)))
last = _scenario(lambda b, t: pipeline(_source(b, "ab"), _join(b)))
several_in_a_row = _scenario(
    lambda b, t: pipeline(_source(b, "a"), _double(b, "d1"), _double(b, "d2"), _double(b, "d3"), _sink(b))
)
all_functions = _scenario(lambda b, t: pipeline(_first(b, "ab"), _double(b), _join(b)))
a_generator_last = _scenario(lambda b, t: pipeline(_source(b, "ab"), _double(b, "d1"), _double(b, "d2")))
between_streams = _scenario(
    lambda b, t: pipeline(_source(b, "ab"), _double(b, "d1"), _through(b), _double(b, "d2"), _sink(b))
)
an_iterable_first = _scenario(lambda b, t: pipeline(["a", "b"], _sink(b)))
a_string_first = _scenario(lambda b, t: pipeline("abc", _join(b)))
an_async_iterable_first = _scenario(lambda b, t: pipeline(_first(b, "ab")(), _double(b), _sink(b)))
a_function_of_an_iterable_first = _scenario(lambda b, t: pipeline(lambda: ["a", "b"], _sink(b)))
a_function_of_a_stream_first = _scenario(lambda b, t: pipeline(lambda: _source(b, "ab"), _sink(b)))
an_empty_iterable = _scenario(lambda b, t: pipeline([], _sink(b)))
into_a_pass_through = _scenario(lambda b, t: pipeline(["a", "b"], _through(b, "data")))


@_scenario
def objects(b: _Book, t: Role) -> Awaitable[Any]:
    async def more(numbers: Any) -> AsyncIterator[int]:
        async for number in numbers:
            yield number + 10

    return pipeline([1, 2], _through(b, object_mode=True), more, _sink(b, object_mode=True))


@_scenario
def a_transform_after_a_generator(b: _Book, t: Role) -> Awaitable[Any]:
    through = Transform(transform=lambda chunk, encoding, callback: callback(None, b"<" + chunk + b">"))
    return pipeline(_first(b, "ab"), b.watch(through, "through"), _join(b))


@_scenario
def a_slow_sink_sets_the_pace(b: _Book, t: Role) -> Awaitable[Any]:
    given = 0

    def letters() -> Iterator[str]:
        nonlocal given
        for letter in "abcd":
            given += 1
            yield letter

    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        b.note("sink", "write", chunk, given)
        t.turns(3, callback)

    return pipeline(letters(), _sink(b, high_water_mark=1, write=write))


# -- failing ----------------------------------------------------------------------------------------------------------


the_first_fails_at_once = _scenario(lambda b, t: pipeline(_first(b, [], _fail), _sink(b)))
the_first_fails_after_a_chunk = _scenario(lambda b, t: pipeline(_first(b, "a", _fail), _through(b), _sink(b)))
the_first_fails_and_another_reads = _scenario(lambda b, t: pipeline(_first(b, "a", _fail), _double(b), _sink(b)))
the_middle_fails = _scenario(lambda b, t: pipeline(_source(b, "abc"), _double(b, after=_fail), _sink(b)))
the_middle_fails_between_functions = _scenario(
    lambda b, t: pipeline(_first(b, "ab"), _double(b, after=_fail), _join(b))
)
the_last_fails = _scenario(lambda b, t: pipeline(_source(b, "abc"), _join(b, _fail)))
the_last_fails_after_a_generator = _scenario(lambda b, t: pipeline(_first(b, "abc"), _double(b), _join(b, _fail)))


@_scenario
def the_last_fails_without_reading(b: _Book, t: Role) -> Awaitable[Any]:
    async def failing(_: object) -> None:
        _fail()

    return pipeline(_open(b), failing)


@_scenario
def the_sink_fails(b: _Book, t: Role) -> Awaitable[Any]:
    def write(chunk: bytes, encoding: str, callback: Callback) -> None:
        set_immediate(callback, Exception("from the sink"))

    return pipeline(_first(b, "abc"), _double(b), _sink(b, high_water_mark=1, write=write))


@_scenario
def the_sink_is_destroyed(b: _Book, t: Role) -> Awaitable[Any]:
    to = _sink(b, high_water_mark=1, write=lambda *_: None)
    t.turns(4, to.destroy)
    return pipeline(_first(b, "abc"), _double(b), to)


def _after_a_chunk(t: Role, b: _Book, *error: Exception) -> Readable:
    source = _open(b)
    source.push("a")
    t.turns(5, lambda: source.destroy(*error))
    return source


the_source_fails = _scenario(
    lambda b, t: pipeline(_after_a_chunk(t, b, Exception("from the source")), _double(b), _sink(b))
)
the_source_is_destroyed = _scenario(
    lambda b, t: pipeline(_after_a_chunk(t, b), _double(b, "d1"), _double(b, "d2"), _sink(b))
)
the_source_fails_under_the_last = _scenario(
    lambda b, t: pipeline(_after_a_chunk(t, b, Exception("from the source")), _through(b), _join(b))
)


@_scenario
def the_stream_in_the_middle_fails(b: _Book, t: Role) -> Awaitable[Any]:
    failing = Transform(transform=lambda chunk, encoding, callback: callback(Exception("from the middle")))
    return pipeline(_source(b, "ab"), _double(b), b.watch(failing, "through"), _join(b))


what_is_no_chunk = _scenario(lambda b, t: pipeline([5], _sink(b)))
null_is_no_chunk = _scenario(lambda b, t: pipeline([None], _sink(b, object_mode=True)))


# -- leaving early ----------------------------------------------------------------------------------------------------


the_middle_returns_early = _scenario(
    lambda b, t: pipeline(_source(b, "abc"), _double(b, after=lambda _: True), _sink(b))
)
the_last_returns_early = _scenario(lambda b, t: pipeline(_source(b, "abc"), _join(b, lambda _: True)))
the_last_returns_early_after_a_generator = _scenario(
    lambda b, t: pipeline(_first(b, "abc"), _double(b), _join(b, lambda _: True))
)
the_last_returns_early_after_a_stream = _scenario(
    lambda b, t: pipeline(_first(b, "abc"), _through(b), _join(b, lambda _: True))
)
a_functions_stream_is_left_early = _scenario(lambda b, t: pipeline(lambda: _source(b, "abc"), _join(b, lambda _: True)))


@_scenario
def the_last_does_not_read(b: _Book, t: Role) -> Awaitable[Any]:
    async def nothing(_: object) -> str:
        return "nothing"

    return pipeline(_open(b), nothing)


@_scenario
def the_middle_does_not_read(b: _Book, t: Role) -> Awaitable[Any]:
    async def own(_: object) -> AsyncIterator[str]:
        yield "own"

    return pipeline(_open(b), own, _sink(b))


# -- the last stream is left open -------------------------------------------------------------------------------------


end_false = _scenario(lambda b, t: pipeline(_first(b, "ab"), _sink(b), end=False))
end_false_and_the_generator_fails = _scenario(lambda b, t: pipeline(_first(b, "a", _fail), _sink(b), end=False))
end_false_and_the_middle_fails = _scenario(
    lambda b, t: pipeline(_source(b, "ab"), _double(b, after=_fail), _sink(b), end=False)
)


# -- what is refused --------------------------------------------------------------------------------------------------


def a_function_of_nothing_to_iterate(t: Role) -> None:
    async def promise(_: object) -> list[str]:
        return ["a"]

    streams = [PassThrough() for _ in range(4)]
    tries: dict[str, list[Any]] = {
        "first": [lambda: 5, streams[0]],
        "middle": [streams[1], lambda _: 5, PassThrough()],
        "last": [streams[2], lambda _: 5],
        "a promise in the middle": [streams[3], promise, PassThrough()],
    }
    for label, stages in tries.items():
        t.attempt(label, partial(pipeline, *stages, callback=t.callback("never")))
