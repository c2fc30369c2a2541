"""The reference model of a stream, and a run of a program that holds a stream to it.

The model of a readable side is what was pushed and has not come out, unit by unit; that of a writable side is the
writes that were accepted and not called back for.  What a stream says of itself at each step must be what these give,
and its events must be in a legal order.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
from collections import Counter
from typing import TYPE_CHECKING, Any

from sockstream import stream as streams
from tests.properties.streams.play import Actor, Play

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.properties.streams.play import Program

__all__ = ["CHUNK", "ModelActor", "ModelPlay", "Order"]

# No chunk of a program is larger.
CHUNK = 13
# So many turns of the loop without a new entry in the log, and what coroutines have set going is done.
QUIET_TURNS = 6
# So many rounds, and a stream that has not failed has ended and finished.
WINDING_UP = 10

ONCE = ("end", "finish", "error", "close")
# What may not come any more, after what.
OVER = {
    "close": {"data", "readable", "end", "finish", "drain", "error", "close"},
    # (Without `auto_destroy` what is being written may go on to its 'finish'.)
    "error": {"data", "readable", "end", "error"},
    "end": {"data", "end"},
    "finish": {"drain", "finish"},
}


class Checks:
    """What is wrong with a stream: noted, for what is raised within a callback is the stream's to deal with."""

    def __init__(self, stream: Any, wrong: list[str]) -> None:
        self.stream = stream
        self.wrong = wrong

    def expect(self, condition: object, *about: Any) -> None:
        if not condition:
            self.wrong.append(f"{type(self).__name__}: {about}")

    def is_broken(self) -> bool:
        return self.stream.destroyed or self.stream.errored is not None


class Order(Checks):
    """The automaton of a stream's events."""

    def __init__(self, stream: Any, wrong: list[str], *, data: bool = True) -> None:
        super().__init__(stream, wrong)
        self.seen: list[str] = []
        # A listener of 'data' takes data where nobody else does.
        for name in (*ONCE, "drain", *(["data"] if data else [])):
            # Prepended, it hears of everything and asks for nothing.
            stream.prepend_listener(name, lambda *_, name=name: self.sees(name))

    def sees(self, name: str) -> None:
        for earlier in self.seen:
            self.expect(name not in OVER.get(earlier, ()), name, "after", *self.seen)
        if name != "data":
            self.seen.append(name)

    def check(self) -> None:
        counts = Counter(self.seen)
        stream = self.stream
        self.expect(not stream.closed or stream.destroyed, "closed and not destroyed")
        self.expect(bool(counts["end"]) == getattr(stream, "readable_ended", False), "readable_ended")
        self.expect(counts["finish"] <= getattr(stream, "writable_finished", False), "writable_finished")
        self.expect(not counts["error"] or stream.errored is not None, "errored")
        self.expect(not counts["close"] or stream.closed, "closed")


# -- the readable side ------------------------------------------------------------------------------------------------


class Decoder:
    """Python's own way to make text of bytes that come in pieces."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.left = b""
        self.codec = codecs.getincrementaldecoder(encoding)("replace") if encoding in ("utf8", "latin1") else None

    def decode(self, data: bytes, *, final: bool = False) -> str:
        if self.codec is not None:
            return self.codec.decode(data, final)
        if self.encoding == "hex":
            return data.hex()
        data = self.left + data
        whole = len(data) if final else len(data) - len(data) % 3
        self.left = data[whole:]
        return base64.b64encode(data[:whole]).decode()


class ReadModel(Checks):
    """What was pushed and has not come out: bytes, characters or objects, one by one."""

    def __init__(self, stream: Any, wrong: list[str], encoding: str | None) -> None:
        super().__init__(stream, wrong)
        # All that came out, chunk by chunk.
        self.taken: list[Any] = []
        self.pending: list[Any] = []
        self.decoder = Decoder(encoding) if encoding is not None else None
        self.ended = False
        # 'error' or 'close' was told: no 'data' comes any more.
        self.is_told = False
        for name in ("error", "close"):
            stream.prepend_listener(name, self.on_told)
        # How much the read() takes that is going on.
        self.reads = 0

    def on_told(self, *_: object) -> None:
        self.is_told = True

    def units(self, chunk: Any) -> list[Any]:
        return [chunk] if self.stream.readable_object_mode else list(chunk)

    def push(self, chunk: Any) -> None:
        if chunk is None:
            if not self.ended and self.decoder is not None:
                self.pending += self.decoder.decode(b"", final=True)
            self.ended = True
        elif not self.ended and not self.is_broken():
            self.pending += self.units(chunk if self.decoder is None else self.decoder.decode(chunk))

    def unshift(self, chunk: Any) -> None:
        if self.stream.readable_ended or self.is_broken():
            return
        if isinstance(chunk, str) and self.decoder is not None and self.decoder.encoding != "utf8":
            chunk = Decoder(self.decoder.encoding).decode(chunk.encode(), final=True)
        self.pending[:0] = self.units(chunk)

    def set_encoding(self, encoding: str) -> None:
        was_text = self.decoder is not None
        self.decoder = Decoder(encoding)
        if not was_text:
            self.pending = list(self.decoder.decode(bytes(self.pending)))

    def take(self, chunk: Any) -> None:
        units = self.units(chunk)
        self.expect(self.pending[: len(units)] == units, chunk, "for", self.pending)
        self.taken.append(chunk)
        del self.pending[: len(units)]

    def check_room(self, has_room: object) -> None:
        """Check what push and unshift returned."""
        if not self.is_broken():
            length = len(self.pending)
            expected = not self.ended and (length < self.stream.readable_high_water_mark or not length)
            self.expect(has_room is expected, "push returned", has_room)

    def check(self) -> None:
        stream = self.stream
        length = stream.readable_length
        # What is left when that was told, or would have been, is let go of.
        is_told = self.is_told or stream.closed
        self.expect(length == len(self.pending) or is_told, "readable_length", length, "not", len(self.pending))
        self.expect(length <= len(self.pending), "too long")
        self.expect(not stream.readable_ended or not self.pending, "ended with data left")

    def check_ask(self) -> None:
        """Check that the source is asked for more only where there is room."""
        self.expect(not self.ended, "asked after the end")
        self.expect(not self.is_broken(), "asked when destroyed")
        mark, length = self.stream.readable_high_water_mark, self.stream.readable_length
        # At the mark there is one more ask, and what is about to be taken is still there while it asks: what a read()
        # wants, in flowing mode a chunk. (Texts are joined to one by set_encoding(), of any size.)
        taken = max(self.reads, CHUNK if self.stream.readable_flowing else 0)
        if not self.stream.readable_flowing or self.decoder is None:
            self.expect(length <= mark + taken, "asked with", length, "buffered and a mark of", mark)


# -- the writable side ------------------------------------------------------------------------------------------------


class WriteModel(Checks):
    """The writes that were accepted, what the sink has seen of them, and what their callbacks were told."""

    def __init__(self, stream: Any, wrong: list[str], *, is_piped: bool) -> None:
        super().__init__(stream, wrong)
        # Others write to the stream as well: the model does not see all writes.
        self.is_piped = is_piped
        self.accepted: list[Any] = []
        self.seen: list[Any] = []
        # Which of those accepted comes next.
        self.next = 0
        self.length = 0
        # By the number of the callback: what it was told; and those of writes that were accepted.
        self.told: dict[int, BaseException | None] = {}
        self.asked: list[int] = []
        self.numbers: list[int] = []
        self.in_flight = False
        # Some write is answered by a step of the program.
        self.is_slow = False

    def size(self, chunk: Any) -> int:
        return 1 if self.stream.writable_object_mode else len(chunk)

    def write(self, chunk: Any) -> bool:
        """Note a write; return whether it is accepted."""
        if self.stream.writable_ended or self.stream.destroyed:
            return False
        self.accepted.append(chunk)
        self.length += self.size(chunk)
        return True

    def see(self, *chunks: Any) -> None:
        """Note what the sink is given: it must be what comes next, and one at a time."""
        self.expect(not self.in_flight, "two writes at a time")
        self.expect(not self.stream.destroyed, "a write to what is destroyed")
        if self.is_broken():
            # Those that waited when it failed were told so.
            while self.next < len(self.accepted) and self.accepted[self.next] != chunks[0]:
                self.next += 1
        expected = self.accepted[self.next : self.next + len(chunks)]
        self.next += len(chunks)
        self.expect(self.is_piped or expected == list(chunks), chunks, "for", expected)
        self.in_flight = True
        self.seen += chunks

    def done(self, *chunks: Any) -> None:
        self.in_flight = False
        self.length -= sum(map(self.size, chunks))

    def callback(self, number: int, error: BaseException | None) -> None:
        self.expect(number not in self.told, "callback", number, "twice")
        self.told[number] = error

    def check_room(self, has_room: object) -> None:
        stream = self.stream
        length = stream.writable_length
        if not self.is_broken() and not stream.writable_ended:
            self.expect(has_room is (length < stream.writable_high_water_mark or not length), "write", has_room)
            self.expect(has_room or stream.writable_need_drain, "no drain is owed")

    def check(self) -> None:
        stream = self.stream
        if not self.is_piped and not self.is_broken():
            self.expect(stream.writable_length == self.length, stream.writable_length, "not", self.length)
        if stream.writable_finished:
            self.expect(stream.writable_ended and stream.writable_length == 0, "finished with data left")
            self.expect(self.is_piped or self.seen == self.accepted, "finished too early")

    def check_callbacks(self) -> None:
        """Check at the end that each callback was called, and those of the writes that went well in order."""
        self.expect(sorted(self.told) == sorted(self.asked), "told", self.told, "of", self.asked)
        # Node: what waits behind a write that has failed goes well all the same if uncork() comes before that is told.
        well = [number for number in self.told if number in self.numbers and self.told[number] is None]
        # Node: one that was taken at once waits for its tick, and one that was held may be told meanwhile.
        self.expect(self.is_slow or well == sorted(well), "told", self.told, "of", self.numbers)


# -- a run ------------------------------------------------------------------------------------------------------------


class ModelActor(Actor):
    """A stream that is held to its models."""

    play: ModelPlay

    def __init__(self, play: ModelPlay, index: int, spec: Mapping[str, Any]) -> None:
        super().__init__(play, index, spec)
        # Node: a second answer to one write may count for the next one; the model does not know of that.
        self.answers["write"] = [
            [moment, "ok" if outcome == "twice" else outcome] for moment, outcome in self.answers.get("write", [])
        ]
        self.order = Order(self.stream, play.wrong)
        self.was_destroyed = False
        self.reading = self.writing = None
        if isinstance(self.stream, streams.Readable):
            self.reading = ReadModel(self.stream, play.wrong, spec["options"].get("encoding"))
            self.stream.prepend_listener("data", self.reading.take)
        if isinstance(self.stream, streams.Writable):
            self.writing = WriteModel(self.stream, play.wrong, is_piped=play.is_piped(index))

    def step(self, name: str, *args: Any) -> object:
        self.was_destroyed = self.was_destroyed or name == "destroy"
        return super().step(name, *args)

    def hook(self, name: str) -> Callable[..., object]:
        hook = super().hook(name)
        return as_coroutine(name, hook) if self.play.coroutines else hook

    # -- reading ------------------------------------------------------------------------------------------------------

    def push(self, size: int) -> object:
        assert self.reading is not None
        chunk = None if size < 0 else self.play.chunk(size, self.stream.readable_object_mode)
        self.reading.push(chunk)
        has_room = self.stream.push(chunk)
        self.reading.check_room(has_room)
        return has_room

    def unshift(self, size: int) -> object:
        assert self.reading is not None
        encoded = self.stream.readable_encoding is not None
        chunk = self.play.text(size) if encoded else self.play.chunk(size, self.stream.readable_object_mode)
        self.reading.unshift(chunk)
        return self.stream.unshift(chunk)

    def set_encoding(self, encoding: str) -> object:
        assert self.reading is not None
        self.reading.set_encoding(encoding)
        return super().set_encoding(encoding)

    def read(self, amount: Any) -> Any:
        reading = self.reading
        assert reading is not None
        reading.reads = amount if amount is not None else len(reading.pending)
        chunk = self.stream.read(amount)
        reading.reads = 0
        if chunk is not None and amount and not self.stream.readable_object_mode:
            reading.expect(len(chunk) == amount or reading.ended, "read", amount, "gave", chunk)
        return chunk

    def on_read(self, size: int) -> None:
        assert self.reading is not None
        # A coroutine begins a turn after it was asked for.
        if not self.play.coroutines:
            self.reading.check_ask()
        super().on_read(size)

    # -- writing ------------------------------------------------------------------------------------------------------

    def at(self, moment: str, run: Callable[[], object]) -> None:
        if self.writing is not None and moment == "held":
            self.writing.is_slow = True
        super().at(moment, run)

    def on_write(self, chunk: Any, encoding: str, callback: Callable[..., object]) -> None:
        super().on_write(chunk, encoding, self.seen([chunk], callback))

    def on_writev(self, chunks: list[Any], callback: Callable[..., object]) -> None:
        super().on_writev(chunks, self.seen([each.chunk for each in chunks], callback))

    def seen(self, chunks: list[Any], callback: Callable[..., object]) -> Callable[..., object]:
        """Note that the sink was given chunks; return a callback that notes that they are done."""
        assert self.writing is not None
        writing, is_done = self.writing, False
        writing.see(*chunks)

        def done(error: BaseException | None = None) -> None:
            nonlocal is_done
            if not is_done:
                writing.done(*chunks)
            is_done = True
            callback(error)

        return done

    def callback(self, name: str) -> Callable[[BaseException | None], None]:
        number = next(self.play.calls)
        log = super().log
        if self.writing is None:
            return lambda error: log("called", name, number, error)
        self.writing.asked.append(number)
        writing = self.writing

        def called(error: BaseException | None) -> None:
            writing.callback(number, error)
            log("called", name, number, error)

        return called

    def write(self, name: str, size: int | None, wants_callback: bool) -> object:
        assert self.writing is not None
        writing = self.writing
        chunk = None if size is None else self.chunk(size)
        # Node: after destroy() nobody calls the callback of an end() that has nothing to write.
        is_told = wants_callback and not (name == "end" and chunk is None and self.stream.destroyed)
        callback = self.callback(name) if is_told else None
        is_accepted = chunk is not None and writing.write(chunk)
        if name == "end":
            return self.stream.end(chunk, callback=callback)
        if is_accepted and callback is not None:
            writing.numbers.append(writing.asked[-1])
        has_room = self.stream.write(chunk, callback=callback)
        writing.expect(not has_room or is_accepted, "a write that comes too late returned True")
        writing.check_room(has_room)
        return has_room

    def check(self) -> None:
        self.order.check()
        if self.reading is not None:
            self.reading.check()
        if self.writing is not None:
            self.writing.check()


class ModelPlay(Play):
    """A run in which each step is checked; with `coroutines`, over hooks that are coroutine functions."""

    actor = ModelActor

    def __init__(self, program: Program, *, coroutines: bool = False) -> None:
        self.coroutines = coroutines
        self.wrong: list[str] = []
        self.steps = program["steps"]
        super().__init__(program)

    def is_piped(self, index: int) -> bool:
        """Return whether some stream is ever piped to this one."""
        return any(f"'pipe', {index}" in str(step) for step in self.steps)

    def models(self) -> list[ModelActor]:
        return [actor for actor in self.actors if isinstance(actor, ModelActor)]

    def check(self) -> None:
        for actor in self.models():
            actor.check()
        assert self.wrong == []

    def look(self) -> None:
        # A coroutine that has its answer tells its stream only when it is run.
        if not self.coroutines:
            for actor in self.models():
                actor.check()

    async def turn(self, steps: list[list[Any]]) -> None:
        await super().turn(steps)
        if self.coroutines:
            await self.settle()
        self.check()

    async def settle(self) -> None:
        quiet, entries = 0, len(self.log)
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self.log) == entries else 0
            entries = len(self.log)

    async def wind_up(self) -> None:
        """Let everything come to its end: all that has not failed must."""
        for name, *args in (["unpipe", None], ["remove_all", "readable"], ["push", -1]):
            await self.turn([[each.index, name, *args] for each in self.models() if each.reading is not None])
        for _ in range(WINDING_UP):
            await self.turn([[each.index, "resume"] for each in self.models() if each.reading is not None])
            writers = [each for each in self.models() if each.writing is not None]
            await self.turn([[each.index, "end", None, False] for each in writers])
            await self.turn([[each.index, "release"] for each in self.models()])
        for actor in self.models():
            # Node: cork() after end() may keep what waits from ever being finished.
            corked = "'cork'" in str(self.steps)
            if actor.was_destroyed or corked or actor.stream.errored is not None:
                continue
            assert actor.reading is None or "end" in actor.order.seen
            assert actor.writing is None or "finish" in actor.order.seen

    async def finish(self) -> None:
        """Destroy what is left: every callback must have been called then."""
        await self.turn([[actor.index, "destroy", False] for actor in self.actors])
        for _ in range(4):
            await self.turn([[actor.index, "release"] for actor in self.actors])
        for actor in self.models():
            assert actor.stream.closed
            if actor.writing is not None:
                actor.writing.check_callbacks()
                self.check_piped(actor, actor.writing)
        assert self.wrong == []

    def check_piped(self, actor: ModelActor, writing: WriteModel) -> None:
        """Check that what a destination has seen is what its source gave, in order."""
        reading = self.models()[0].reading
        pipes = str(self.steps).count(f"'pipe', {actor.index}")
        # Piped to the same destination twice, a chunk comes twice.
        if pipes == 1 and reading is not None:
            given = [chunk.encode() if isinstance(chunk, str) else chunk for chunk in reading.taken]
            left, seen = iter(given), writing.seen
            # Node: what a listener of 'data' pushes comes to those after it before what it was told itself.
            in_order = "[0, 'react', 'data', " not in str(self.steps)
            same = all(chunk in left for chunk in seen) if in_order else not Counter(seen) - Counter(given)
            writing.expect(same, seen, "of", reading.taken)


def as_coroutine(name: str, hook: Callable[..., object]) -> Callable[..., Any]:
    """Give a hook with a callback the form without."""

    async def read(size: int) -> None:
        hook(size)

    async def run(*args: Any) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def callback(error: BaseException | None = None, result: Any = None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        hook(*args, callback)
        return await future

    return read if name == "read" else run
