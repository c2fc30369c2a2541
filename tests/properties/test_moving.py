"""A pipe whose bytes move in the kernel is a pipe: one random script through both ways gives one log."""

from __future__ import annotations

import asyncio
import socket as kernel
import string
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sockstream import net
from sockstream.stream import Stream, Writable, pipeline
from tests.support.moving import moving

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = ("end", "drain", "finish", "pause", "resume", "error", "close", "pipe", "unpipe")
NAMES = ("source", "destination", "peer", "sink", "write", "chain")
# The destination has enough, and then room again.
PACE = ("pause", "drain", "resume")
# What the peers send is in small letters, what is written in between in large ones.
SMALL, LARGE = string.ascii_lowercase.encode(), string.ascii_uppercase.encode()
# Nothing takes so many turns of the loop.
QUIET_TURNS = 12
# Far less than what an end of the Unix sockets takes, and far more: the kernel counts what is moved differently.
SIZES = (1, 1000, 200_000)
# Bytes come often, and often nobody takes them; what ends it all is rare.
OFTEN = [("peer writes", size) for size in SIZES] + [("sink reads",), ("sink waits",)]
SOMETIMES = [
    *((name, size) for name in ("write", "write and hear", "sink writes") for size in SIZES[1:]),
    *((name,) for name in ("listen", "unlisten", "look", "unlook", "pause", "resume", "read", "branch", "decode")),
    *((name,) for name in ("cork", "uncork", "unpipe", "pipe", "override", "restore")),
]
SELDOM = [
    *((name,) for name in ("end", "peer ends", "sink ends", "peer destroys", "sink destroys")),
    *((name,) for name in ("destroy source", "destroy destination", "fail source")),
]
# Of each arrangement: together they are as many as other tests have.
EXAMPLES = settings().max_examples // 4

operations = st.sampled_from(OFTEN * 8 + SOMETIMES * 2 + SELDOM)


def pair(**options: Any) -> tuple[net.Socket, net.Socket]:
    """Two sockets of one connection: what one writes is there for the other at once."""
    one, other = kernel.socketpair()
    for each in (one, other):
        each.setsockopt(kernel.SOL_SOCKET, kernel.SO_SNDBUF, 16_384)
    return net.Socket(handle=one, **options), net.Socket(handle=other, allow_half_open=True)


class Play:
    """One run of a script: a source with its peer, piped to a destination with a peer that is the sink."""

    def __init__(self, arrangement: str, **options: Any) -> None:
        self.arrangement = arrangement
        self.log: list[tuple[str, ...]] = []
        # What came to the sink, and back to the source's peer; how much the listeners of 'data' and 'readable' saw.
        self.arrived, self.returned = bytearray(), bytearray()
        self.heard = 0
        self.count = 0
        # At some time a destination had enough.
        self.was_stuck = False
        self.make(**options)
        for stream, name in self.streams.items():
            for event in EVENTS:
                stream.on(event, self.noting(name, event))
        self.sink.on("data", self.arrived.extend)
        if self.peer is not self.sink:
            self.peer.on("data", self.returned.extend)

    def make(self, **options: Any) -> None:
        self.source, self.peer = pair(**options)
        if self.arrangement == "echo":
            self.destination, self.sink = self.source, self.peer
            self.streams = {self.source: "source", self.peer: "sink"}
        else:
            self.destination, self.sink = pair(**options)
            streams = (self.source, self.destination, self.peer, self.sink)
            self.streams = dict(zip(streams, NAMES, strict=False))

    def noting(self, name: str, event: str) -> Callable[..., None]:
        def note(*args: object) -> None:
            self.log.append((name, event, *(repr(each) for each in args if not isinstance(each, Stream))))

        return note

    def connect(self) -> None:
        if self.arrangement == "pipeline":
            pipeline(self.source, self.destination, callback=self.noting("chain", "over"))
        else:
            self.source.pipe(self.destination)
        if self.arrangement == "both ways":
            self.destination.pipe(self.source)

    # -- the steps ----------------------------------------------------------------------------------------------------

    def chunk(self, letters: bytes, size: int) -> bytes:
        self.count += 1
        return letters[self.count % 26 :][:1] * size

    def step(self, name: str, size: int = 0) -> None:
        source, destination, peer, sink = self.source, self.destination, self.peer, self.sink
        match name:
            case "peer writes":
                _ = peer.writable and peer.write(self.chunk(SMALL, size))
            case "sink writes":
                _ = sink.writable and sink.write(self.chunk(SMALL, size))
            case "write":
                destination.write(self.chunk(LARGE, size))
            case "write and hear":
                destination.write(self.chunk(LARGE, size), callback=self.noting("write", str(self.count)))
            case "listen":
                source.on("data", self.hear)
            case "unlisten":
                source.off("data", self.hear)
            case "look":
                source.on("readable", self.look)
            case "unlook":
                source.off("readable", self.look)
            case "pause" | "resume":
                getattr(source, name)()
            case "read":
                self.look()
            case "cork" | "uncork" | "end":
                getattr(destination, name)()
            case "unpipe" | "pipe":
                getattr(source, name)(destination)
            case _:
                self.step_out(name)

    def step_out(self, name: str) -> None:
        """Do what disturbs, or ends it."""
        source, destination, peer, sink = self.source, self.destination, self.peer, self.sink
        match name:
            case "branch":
                source.pipe(Writable(write=lambda chunk, encoding, callback: callback()))
            case "decode":
                source.set_encoding("latin1")
            case "override":
                destination.write = self.write  # type: ignore[assignment]
            case "restore":
                destination.__dict__.pop("write", None)
            case "destroy source" | "destroy destination":
                (source if name == "destroy source" else destination).destroy()
            case "fail source":
                source.destroy(ValueError("enough"))
            case "peer ends" | "sink ends":
                (peer if name == "peer ends" else sink).end()
            case "peer destroys" | "sink destroys":
                (peer if name == "peer destroys" else sink).destroy()
            case "sink reads":
                sink.resume()
            case "sink waits":
                sink.pause()

    def hear(self, chunk: bytes | str) -> None:
        self.heard += len(chunk)

    def look(self) -> None:
        self.heard += len(self.source.read() or b"")

    def write(self, chunk: Any, *rest: Any, **options: Any) -> bool:
        self.heard += len(chunk)
        return net.Socket.write(self.destination, chunk, *rest, **options)

    # -- what came of it ----------------------------------------------------------------------------------------------

    def is_stuck(self) -> bool:
        return any(getattr(each, "writable_length", 0) and not each.destroyed for each in self.streams)

    def state(self) -> tuple[Any, ...]:
        source, destination = self.source, self.destination
        return (
            # What was in flight is lost with a connection; how much that was is nobody's promise either.
            destination.destroyed or split(self.arrived),
            source.destroyed or split(self.returned),
            self.was_stuck or self.heard,
            source.readable,
            source.readable_ended,
            destination.ready_state,
            source.destroyed,
            destination.destroyed,
            # How far it has come where it cannot go on depends on how large the chunks are.
            self.is_stuck() or (source.readable_flowing, destination.destroyed or destination.bytes_written),
        )

    def progress(self) -> tuple[int, ...]:
        handles = [getattr(each, "_handle", None) for each in self.streams]
        waiting = [0 if each is None else each.unsent for each in handles]
        read = [getattr(each, "bytes_read", 0) for each in self.streams]
        written = [getattr(each, "bytes_written", 0) for each in self.streams]
        return (len(self.log), len(self.arrived), len(self.returned), *waiting, *read, *written)

    async def settle(self) -> None:
        """Let the loop turn until nothing comes any more."""
        quiet, before = 0, self.progress()
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            now = self.progress()
            quiet, before = (quiet + 1 if now == before else 0), now

    async def run(self, script: list[tuple[Any, ...]]) -> list[Any]:
        self.connect()
        await self.settle()
        steps: list[Any] = [condensed(self.log)]
        self.log.clear()
        stuck = False
        for operation in script:
            if operation[0] in ("peer ends", "peer destroys"):
                # Whether a source that stands still has its last byte already is nobody's promise.
                self.sink.resume()
                await self.settle()
            self.step(*operation)
            await self.settle()
            stuck, was_stuck = self.is_stuck(), stuck
            self.was_stuck = self.was_stuck or stuck
            *told, pace = condensed(self.log)
            steps.append((operation, told, stuck or was_stuck or pace, self.state()))
            self.log.clear()
        for each in self.streams:
            each.destroy()
        await self.settle()
        return [*steps, condensed(self.log)[:-1]]


def split(data: bytearray) -> tuple[bytearray, bytearray]:
    """Separate what was piped from what was written: where the one gets in between the other is nobody's promise."""
    return data.translate(None, LARGE), data.translate(None, SMALL)


def condensed(log: list[tuple[str, ...]]) -> list[list[Any]]:
    """Split what happened into what each socket told and the pace.

    How often a destination has enough depends on how large the chunks are, which is nobody's promise: what came back to
    where it was is left out.
    """
    pace: list[str] = []
    for name, event, *_ in log:
        if event in PACE and name in NAMES[:2]:
            pace.append(event)
            if tuple(pace[-3:]) == PACE:
                del pace[-3:]
            elif pace[-2:] == pace[-4:-2]:
                del pace[-2:]
    kept = [entry for entry in log if entry[1] not in PACE]
    return [[entry for entry in kept if entry[0] == name] for name in NAMES] + [pace]


@pytest.mark.guard(120)
@pytest.mark.parametrize("half_open", [False, True], ids=["", "half-open"])
@pytest.mark.parametrize("arrangement", ["one way", "both ways", "echo", "pipeline"])
@settings(max_examples=EXAMPLES)
@given(script=st.lists(operations, min_size=2, max_size=25))
async def test_moved_in_the_kernel_it_is_the_same(
    arrangement: str, half_open: bool, script: list[tuple[Any, ...]]
) -> None:
    logs = []
    for mode in ("off", "forced"):
        with moving(mode, moment=0):
            logs.append(await Play(arrangement, allow_half_open=half_open).run(script))
    assert logs[0] == logs[1]
