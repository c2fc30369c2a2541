"""What every stage among the recipes owes: the sink's pace, and one error told once, whoever fails."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING, Any

import pytest

from recipes import json_lines
from recipes.frames import FrameDecoder, FrameEncoder
from recipes.gzipping import Gzip, gunzip
from recipes.hashing import Hashing
from recipes.hex_dump import hex_dump
from recipes.lines import Lines
from recipes.progress import Progress
from recipes.rate_limit import RateLimit
from recipes.size_limit import SizeLimit, first
from recipes.slip import SlipDecoder, SlipEncoder
from sockstream.stream import Stream, Writable, pipeline
from tests.examples.recipes.helpers import BoomError, Feed, failed, passed, settled
from tests.unit.stream.helpers import HeldSink, ignore, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

NOISE = random.Random(1).randbytes(8192)
MORE_NOISE = [random.Random(seed).randbytes(8192) for seed in range(8)]  # too much for gzip to remember
# How a stage is made, and what it can take again and again.
STAGES: dict[str, tuple[Callable[[], Any], Any]] = {
    "Lines": (Lines, b"x" * 1000 + b"\n"),
    "FrameEncoder": (FrameEncoder, NOISE),
    "FrameDecoder": (FrameDecoder, b"\0\0\4\0" + b"x" * 1024),
    "json_lines.decode": (lambda: json_lines.decode, b'"' + b"x" * 1000 + b'"\n'),
    "json_lines.encode": (lambda: json_lines.encode, "x" * 1000),
    "Gzip": (Gzip, NOISE),
    "gunzip": (lambda: gunzip, gzip.compress(NOISE)),
    "Hashing": (Hashing, NOISE),
    "hex_dump": (lambda: hex_dump, NOISE),
    "Progress": (lambda: Progress(ignore), NOISE),
    "RateLimit": (lambda: RateLimit(1e12), NOISE),
    "SizeLimit": (lambda: SizeLimit(1 << 40), NOISE),
    "first": (lambda: first(1 << 40), NOISE),
    "SlipDecoder": (SlipDecoder, b"x" * 1000 + b"\xc0"),
    "SlipEncoder": (SlipEncoder, NOISE),
}
OBJECTS = {"FrameEncoder", "SlipEncoder", "json_lines.encode"}
each_stage = pytest.mark.parametrize("name", STAGES)


def chain(name: str, sink: Writable) -> tuple[Feed, Any, Any]:
    """Start a chain of a feed, the stage and a sink; return the first two, and what tells of its end."""
    make, chunk = STAGES[name]
    chunks = MORE_NOISE if name == "Gzip" else [chunk]
    feed, stage = Feed(*chunks, object_mode=name in OBJECTS), make()
    return feed, stage, pipeline(feed, stage, sink)


@each_stage
async def test_a_slow_sink_holds_the_source_back(name: str) -> None:
    sink = HeldSink(object_mode=True)
    feed, _, over = chain(name, sink)
    given = await settled(feed)
    # Four buffers at their marks: bytes or objects, whichever is more; and what is on its way.
    assert given * len(STAGES[name][1]) <= max(5 * 65_536, 5 * 16 * len(STAGES[name][1]))
    assert len(sink.chunks) == 1
    for _ in range(200):
        sink.release()
        await turns(2)
    assert await settled(feed) > given
    sink.destroy(BoomError())
    with pytest.raises(BoomError):
        await over


@each_stage
@pytest.mark.parametrize("failing", ["source", "stage", "sink"])
async def test_a_failure_half_way_is_told_once_and_ends_all(name: str, failing: str, event_log: EventLog) -> None:
    sink = HeldSink(object_mode=True)
    feed, stage, over = chain(name, sink)
    streams = (
        {"source": feed, "stage": stage, "sink": sink} if isinstance(stage, Stream) else {"source": feed, "sink": sink}
    )
    for each, stream in streams.items():
        event_log.watch(stream, "error", "end", "finish", "close", prefix=(each,))
    await settled(feed)
    error = BoomError()
    streams.get(failing, sink).destroy(error)
    with pytest.raises(BoomError):
        await over
    assert all(stream.destroyed for stream in streams.values())
    for each in streams:
        assert event_log.count(each, "error") <= 1
        assert event_log.count(each, "close") == 1
        assert event_log.count(each) == event_log.count(each, "error") + 1


@each_stage
async def test_an_error_of_the_source_comes_through(name: str) -> None:
    make, chunk = STAGES[name]
    error = BoomError()
    _, told = await failed([chunk, chunk, error], make(), object_mode=name in OBJECTS)
    assert told is error


@each_stage
async def test_nothing_in_is_nothing_out(name: str) -> None:
    make, _ = STAGES[name]
    if name == "gunzip":
        assert isinstance((await failed([], make()))[1], EOFError)
    elif name == "Gzip":
        assert gzip.decompress(b"".join(await passed([], make()))) == b""
    else:
        assert await passed([], make(), object_mode=name in OBJECTS) == []


@each_stage
async def test_what_is_given_in_many_turns_is_all_there_at_the_end(name: str) -> None:
    make, chunk = STAGES[name]
    many = await passed([chunk] * 50, make(), object_mode=name in OBJECTS)
    one = await passed([chunk], make(), object_mode=name in OBJECTS)
    if name == "Gzip":
        assert gzip.decompress(b"".join(many)) == chunk * 50
    elif name != "hex_dump":  # its offsets count on
        together: Any = one[0][:0] if isinstance(one[0], (bytes, str)) else None
        assert together.join(many) == together.join(one) * 50
