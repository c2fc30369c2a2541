"""Plays a program to streams and logs what happens.

A program is plain data, so that play.js can play the same one to Node's streams:

- `cast`: the streams, each `{"kind", "options", "hooks", "answers"}`: a class, its options, the hooks it is given, and
  for each hook how it answers, one call after the other (`["now", "ok"]` from there on).
- `steps`: `[index, name, *arguments]`, a call of one of the streams; `["turn"]` ends a turn of the loop.

The steps of a turn run as one entry from the loop, whose ticks follow.  An answer is `[moment, outcome]`; a held one is
given by a `release` step, or when the program is over.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, ClassVar

from sockstream import stream as streams
from sockstream.loop import current, next_tick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BYTES", "Actor", "Play", "PlayedError", "Program"]

Program = dict[str, Any]

EVENTS = ("end", "finish", "error", "close", "drain", "pause", "resume", "pipe", "unpipe")
BOTH = ("destroyed", "closed", "errored")
READING = (
    "readable_length",
    "readable_flowing",
    "readable_ended",
    "readable_did_read",
    "readable_aborted",
    "readable",
    "readable_encoding",
    "readable_high_water_mark",
)
WRITING = (
    "writable_length",
    "writable_need_drain",
    "writable_ended",
    "writable_finished",
    "writable_corked",
    "writable",
)
# So many answers may still be held when a program is over.
ROUNDS = 60

# Characters of one, two and three bytes, all different for a while.
TEXT = "".join(chr((0x61 + index % 26, 0xE0 + index % 31, 0x4E00 + index)[index % 3]) for index in range(400))
BYTES = TEXT.encode()


class PlayedError(Exception):
    """What a program fails with."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = f"E{number}"


class Actor:
    """One stream of the cast, with its hooks."""

    def __init__(self, play: Play, index: int, spec: Mapping[str, Any]) -> None:
        self.play = play
        self.index = index
        self.answers = {name: list(answers) for name, answers in spec["answers"].items()}
        # What is yet to be answered.
        self.held: list[Callable[[], object]] = []
        # The destinations.
        self.piped: set[int] = set()
        self.listeners: dict[str, list[Callable[..., object]]] = {"data": [], "readable": []}
        hooks = {hook: self.hook(hook) for hook in spec["hooks"]}
        self.stream: Any = play.classes[spec["kind"]](**spec["options"], **hooks)
        for name in EVENTS:
            self.stream.on(name, lambda *args, name=name: self.log("event", name, *args))

    def log(self, *entry: Any) -> None:
        self.play.log.append([self.index, *map(self.play.plain, entry)])

    def hook(self, name: str) -> Callable[..., object]:
        return getattr(self, f"on_{name}")  # type: ignore[no-any-return]

    def shown(self, encoding: str) -> str | None:
        """Return the encoding a hook is given; with objects it says nothing, and Node 20 gives undefined."""
        return None if self.stream.writable_object_mode else encoding

    # -- hooks --------------------------------------------------------------------------------------------------------

    def answer(self, hook: str, complete: Callable[[str, PlayedError | None], object]) -> None:
        answers = self.answers.get(hook)
        moment, outcome = answers.pop(0) if answers else ("now", "ok")
        error = self.play.failure() if outcome == "fail" else None
        self.at(moment, lambda: complete(outcome, error))

    def at(self, moment: str, run: Callable[[], object]) -> None:
        match moment:
            case "throw":
                raise self.play.failure()
            case "now":
                run()
            case "tick":
                next_tick(run)
            case _:
                self.held.append(run)

    def on_construct(self, callback: Callable[..., object]) -> None:
        self.log("hook", "construct")
        self.answer("construct", lambda _, error: callback(error))

    def on_read(self, size: int) -> None:
        self.log("hook", "read")
        answers = self.answers.get("read")
        moment, sizes = answers.pop(0) if answers else ("now", [])

        def run() -> None:
            for size in sizes:
                self.log("pushed", self.push(size))

        self.at(moment, run)

    def push(self, size: int) -> object:
        return self.stream.push(None if size < 0 else self.play.chunk(size, self.stream.readable_object_mode))

    def on_write(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> None:
        self.log("hook", "write", chunk, self.shown(encoding))
        self.answer("write", _twice(callback))

    def on_writev(self, chunks: list[Any], callback: Callable[..., object]) -> None:
        self.log("hook", "writev", [each.chunk for each in chunks])
        self.answer("write", _twice(callback))

    def on_final(self, callback: Callable[..., object]) -> None:
        self.log("hook", "final")
        self.answer("final", lambda _, error: callback(error))

    def on_destroy(self, given: BaseException | None, callback: Callable[..., object]) -> None:
        self.log("hook", "destroy", given)
        self.answer("destroy", lambda _, error: callback(error or given))

    def on_transform(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> None:
        self.log("hook", "transform", chunk, self.shown(encoding))

        def complete(outcome: str, error: PlayedError | None) -> None:
            if outcome == "double":
                self.log("pushed", self.stream.push(chunk))
            if error is not None:
                callback(error)
            elif outcome == "drop":
                callback()
            else:
                callback(None, chunk)

        self.answer("transform", complete)

    def on_flush(self, callback: Callable[..., object]) -> None:
        self.log("hook", "flush")

        def complete(outcome: str, error: PlayedError | None) -> None:
            if error is not None:
                callback(error)
            elif outcome == "data":
                callback(None, self.play.chunk(2, self.stream.readable_object_mode))
            else:
                callback()

        self.answer("flush", complete)

    # -- steps --------------------------------------------------------------------------------------------------------

    def callback(self, name: str) -> Callable[[BaseException | None], None]:
        number = next(self.play.calls)
        return lambda error: self.log("called", name, number, error)

    def chunk(self, size: int) -> Any:
        return self.play.chunk(size, self.stream.writable_object_mode)

    def pipe(self, target: int, *, end: bool) -> object:
        # Not twice to the same destination: Node forgets then that nobody is waited for.
        if target in self.piped:
            return None
        self.piped.add(target)
        return self.stream.pipe(self.play.actors[target].stream, end=end)

    def unpipe(self, target: int | None) -> object:
        self.piped -= self.piped if target is None else {target}
        return self.stream.unpipe(None if target is None else self.play.actors[target].stream)

    def read(self, amount: Any) -> Any:
        # Node 20 may take too much of a text that is in several chunks: it compares with the number of chunks.
        return self.stream.read(None if amount and self.stream.readable_encoding else amount)

    def unshift(self, size: int) -> object:
        # Differs: Node leaves bytes that are put back among text.
        if self.stream.readable_encoding is not None:
            return self.stream.unshift(self.play.text(size))
        return self.stream.unshift(self.play.chunk(size, self.stream.readable_object_mode))

    def set_encoding(self, encoding: str) -> object:
        return self.stream.set_encoding(encoding)

    def step(self, name: str, *args: Any) -> object:
        it = self.stream
        match name, *args:
            case "push", size:
                return self.push(size)
            case "unshift", size:
                return self.unshift(size)
            case "read", amount:
                return self.read(amount)
            case "set_encoding", encoding:
                return self.set_encoding(encoding)
            case "remove_all", event:
                return it.remove_all_listeners(event)
            case (("pause" | "resume" | "cork" | "uncork" | "is_paused"), *_):
                return getattr(it, name)()
            case "listen", event, amount:
                return self.listen(event, amount)
            case "unlisten", event:
                listeners = self.listeners[event]
                return it.off(event, listeners.pop() if listeners else print)
            case "pipe", target, end:
                return self.pipe(target, end=end)
            case "pipeline", *targets:
                actors = [self, *(self.play.actors[target] for target in targets)]
                for actor, target in zip(actors, targets, strict=False):
                    actor.piped.add(target)
                stages = [actor.stream for actor in actors]
                streams.pipeline(*stages, callback=self.callback("pipeline"))
                return stages[-1]
            case "unpipe", target:
                return self.unpipe(target)
            case "destroy", fails:
                return it.destroy(self.play.failure() if fails else None)
            case (("write" | "end"), size, wants_callback):
                return self.write(name, size, wants_callback)
            case "release", *_:
                return self.held.pop(0)() if self.held else None
            case "react", event, step:
                it.once(event, lambda *_: self.play.attempt(step))
                return None
        raise ValueError(name)

    def write(self, name: str, size: int | None, wants_callback: bool) -> object:
        chunk = None if size is None else self.chunk(size)
        callback = self.callback(name) if wants_callback else None
        return getattr(self.stream, name)(chunk, callback=callback)

    def listen(self, name: str, amount: int | str | None) -> object:
        """Listen; `amount` is what a listener of 'readable' reads: nothing, "all" in a loop, or so much once."""

        def on_readable() -> None:
            self.log("event", "readable")
            if amount == "all":
                while (chunk := self.read(None)) is not None:
                    self.log("read", chunk)
            elif amount is not None:
                self.log("read", self.read(amount))

        listener = on_readable if name == "readable" else lambda chunk: self.log("event", "data", chunk)
        self.listeners[name].append(listener)
        return self.stream.on(name, listener)

    def state(self) -> dict[str, Any]:
        names: tuple[str, ...] = BOTH
        if isinstance(self.stream, streams.Readable):
            names += READING
        if isinstance(self.stream, streams.Writable):
            names += WRITING
        return {name: self.play.plain(getattr(self.stream, name)) for name in names}


def _twice(callback: Callable[..., object]) -> Callable[[str, PlayedError | None], None]:
    def complete(outcome: str, error: PlayedError | None) -> None:
        callback(error)
        if outcome == "twice":
            callback(error)

    return complete


class Play:
    """One run of a program."""

    actor: type[Actor] = Actor
    classes: ClassVar[Mapping[str, Any]] = vars(streams)

    def __init__(self, program: Program) -> None:
        self.log: list[Any] = []
        self.given = 0
        self.failures = itertools.count()
        self.calls = itertools.count()
        self.steps = program["steps"]
        self.actors: list[Actor] = []
        for index, spec in enumerate(program["cast"]):
            self.actors.append(self.actor(self, index, spec))

    def failure(self) -> PlayedError:
        return PlayedError(next(self.failures))

    def chunk(self, size: int, object_mode: bool) -> Any:
        """Return the next bytes of all that is given, or the next number."""
        start = self.given
        self.given += 1 if object_mode else size
        if object_mode:
            return start
        return (BYTES[start % len(BYTES) :] + BYTES)[:size]

    def text(self, size: int) -> str:
        self.given += size
        return (TEXT[(self.given - size) % len(TEXT) :] + TEXT)[:size]

    def plain(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return f"b:{value.hex()}"
        if isinstance(value, BaseException):
            return f"!{getattr(value, 'code', None) or repr(value)}"
        if isinstance(value, list):
            return [self.plain(each) for each in value]
        if isinstance(value, streams.Readable | streams.Writable):
            return f"#{next(actor.index for actor in self.actors if actor.stream is value)}"
        return value

    def attempt(self, step: list[Any]) -> None:
        index, *call = step
        actor = self.actors[index]
        actor.log("step", *[each for each in call if not isinstance(each, list)])
        try:
            actor.log("returned", actor.step(*call))
        except Exception as error:
            actor.log("raised", error)

    def look(self) -> None:
        self.log.append([actor.state() for actor in self.actors])

    async def turn(self, steps: list[list[Any]]) -> None:
        def run() -> None:
            for step in steps:
                self.attempt(step)
                self.look()

        current().enter(None, run)
        self.look()

    async def run(self) -> list[Any]:
        group: list[list[Any]] = []
        for step in [*self.steps, ["turn"]]:
            if step[0] != "turn":
                group.append(step)
            else:
                await self.turn(group)
                group = []
        for _ in range(ROUNDS):
            holding = [actor for actor in self.actors if actor.held]
            if not holding:
                break
            await self.turn([[actor.index, "release"] for actor in holding])
        await asyncio.sleep(0)
        return self.log
