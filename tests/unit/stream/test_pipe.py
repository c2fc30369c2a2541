"""pipe and unpipe: pace, ends, errors, several destinations. The expectations were read off Node 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sockstream.errors import InvalidArgTypeError
from sockstream.stream import Duplex, PassThrough, Writable
from tests.unit.stream.helpers import Endless, HeldSink, Sink, Source, ignore, raise_, ticks, turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


async def test_everything_arrives_and_the_end_too(event_log: EventLog) -> None:
    source, sink = Source(b"a", b"b"), Sink()
    event_log.watch(sink, "pipe", "unpipe", "finish", "close")
    assert source.pipe(sink) is sink
    await event_log.until("close")
    assert sink.chunks == [b"a", b"b"]
    assert event_log == [("pipe", source), ("finish",), ("unpipe", source), ("close",)]


async def test_pipes_chain(event_log: EventLog) -> None:
    sink = Source(b"a", b"b").pipe(PassThrough()).pipe(PassThrough()).pipe(Sink())
    event_log.watch(sink, "finish")
    await event_log.until("finish")
    assert b"".join(sink.chunks) == b"ab"


async def test_with_end_false_the_destination_stays_open(event_log: EventLog) -> None:
    source, sink = Source(b"a"), Sink()
    event_log.watch(source, "close")
    event_log.watch(sink, "unpipe", "finish")
    source.pipe(sink, end=False)
    await event_log.until("close")
    assert event_log == [("unpipe", source), ("close",)]
    assert sink.writable


async def test_no_listener_is_left_when_it_is_over(event_log: EventLog) -> None:
    source, sink = Source(b"a", auto_destroy=False), Sink(auto_destroy=False)
    source.pipe(sink)
    event_log.watch(sink, "finish")
    await event_log.until("finish")
    await ticks()
    sink.remove_all_listeners("finish")
    assert (source.event_names(), sink.event_names(), source._rs.pipes) == ([], [], ())


# -- pace -------------------------------------------------------------------------------------------------------------


async def test_the_source_pauses_while_the_destination_is_full(event_log: EventLog) -> None:
    source, sink = Endless(), HeldSink(high_water_mark=2)
    event_log.watch(source, "pause", "resume")
    source.pipe(sink)
    await ticks()
    source.push(b"ab")
    assert (event_log, source.is_paused()) == ([("resume",), ("pause",)], True)
    source.push(b"c")
    await ticks()
    assert sink.chunks == [b"ab"]
    sink.release()
    await ticks()
    assert sink.chunks == [b"ab", b"c"]
    assert event_log == [("resume",), ("pause",), ("resume",)]


async def test_memory_stays_within_both_marks() -> None:
    class Counting(Source):
        def _read(self, size: int) -> None:
            self.asked += 1
            self.push(b"x" * 4)

    source, sink = Counting(high_water_mark=8), HeldSink(high_water_mark=8)
    source.pipe(sink)
    await turns(5)
    assert (source.readable_length, sink.writable_length) == (8, 8)
    for _ in range(20):
        sink.release()
        await ticks()
        assert source.readable_length <= 8
        assert sink.writable_length <= 8
    source.destroy()


async def test_the_slowest_of_several_destinations_sets_the_pace() -> None:
    source, slow, fast = Endless(), HeldSink(high_water_mark=1), Sink()
    source.pipe(slow)
    source.pipe(fast)
    await ticks()
    for chunk in (b"a", b"b"):
        source.push(chunk)
    await ticks()
    assert (slow.chunks, fast.chunks) == ([b"a"], [b"a"])
    slow.release()
    await ticks()
    assert (slow.chunks, fast.chunks) == ([b"a", b"b"], [b"a", b"b"])


async def test_two_slow_destinations_are_both_waited_for() -> None:
    source, one, other = Endless(), HeldSink(high_water_mark=1), HeldSink(high_water_mark=1)
    source.pipe(one)
    source.pipe(other)
    await ticks()
    source.push(b"a")
    source.push(b"b")
    one.release()
    await ticks()
    assert one.chunks == [b"a"]
    other.release()
    await ticks()
    assert (one.chunks, other.chunks) == ([b"a", b"b"], [b"a", b"b"])


async def test_unpiping_the_slow_one_lets_the_others_go_on() -> None:
    source, slow, fast = Endless(), HeldSink(high_water_mark=1), Sink()
    source.pipe(slow)
    source.pipe(fast)
    await ticks()
    source.push(b"a")
    source.push(b"b")
    source.unpipe(slow)
    await ticks()
    assert (slow.chunks, fast.chunks) == ([b"a"], [b"a", b"b"])


async def test_the_same_destination_twice_is_waited_for_once(event_log: EventLog) -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    source.pipe(sink)
    source.pipe(sink)
    source.push(b"a")
    await turns(2)
    event_log.watch(source, "resume")
    source.unpipe(sink)
    # Node: one of the two has let go, and so has the source.
    await event_log.until("resume")
    assert source.readable_flowing
    sink.destroy()
    await ticks()


async def test_a_destination_that_is_full_from_the_start_is_waited_for() -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    source.push(b"b")
    sink.write(b"a")
    source.pipe(sink)
    await ticks()
    assert sink.chunks == [b"a"]
    sink.release()
    await ticks()
    assert sink.chunks == [b"a", b"b"]


async def test_a_destination_that_is_done_may_go_while_another_is_waited_for() -> None:
    source, one, other = Endless(), HeldSink(high_water_mark=1), HeldSink(high_water_mark=1)
    source.pipe(one)
    source.pipe(other)
    await ticks()
    source.push(b"a")
    source.push(b"b")
    one.release()
    source.unpipe(one)
    await ticks()
    assert (source.is_paused(), other.chunks) == (True, [b"a"])
    other.release()
    await ticks()
    assert (one.chunks, other.chunks) == ([b"a"], [b"a", b"b"])


async def test_a_destination_may_unpipe_itself_while_it_is_written_to() -> None:
    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        source.unpipe(sink)

    source, sink = Endless(), Writable(write=write, high_water_mark=1)
    source.pipe(sink)
    await ticks()
    source.push(b"a")
    source.push(b"b")
    await ticks()
    assert (sink.writable_length, source.readable_length, source._rs.await_drain_writers) == (1, 1, frozenset())


# -- ends -------------------------------------------------------------------------------------------------------------


async def test_a_full_destination_taken_off_while_the_source_pauses_holds_up_nobody() -> None:
    source, slow = Endless(), HeldSink(high_water_mark=1)
    gone = source.pipe(HeldSink(high_water_mark=1))
    source.pipe(slow)
    source.once("pause", lambda: source.unpipe(gone.end()))
    for chunk in (b"a", b"b", b"c"):
        source.push(chunk)
    for _ in range(3):
        await ticks()
        slow.release()
    assert slow.chunks == [b"a", b"b", b"c"]


async def test_a_destination_written_to_while_it_is_taken_off_is_not_waited_for() -> None:
    source, sink = Endless(object_mode=True), HeldSink(object_mode=True, high_water_mark=1)
    source.on("data", ignore).pipe(sink)
    source.push(1)
    source.push(2)
    await ticks()
    source.resume().once("pause", source.read)
    source.unpipe(sink)
    await ticks()
    assert source.readable_flowing is False


async def test_a_source_that_has_ended_ends_the_destination(event_log: EventLog) -> None:
    source = Source().resume()
    event_log.watch(source, "close")
    await event_log.until("close")
    event_log.watch(source.pipe(Sink()), "finish")
    await event_log.until("finish")


async def test_unpipe_pauses_the_source_and_leaves_the_destination_open(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    await ticks()
    event_log.watch(source, "pause")
    event_log.watch(sink, "unpipe", "finish")
    assert source.unpipe(sink) is source
    source.push(b"kept")
    await ticks()
    assert event_log == [("pause",), ("unpipe", source)]
    assert (sink.chunks, source.readable_length, sink.writable) == ([], 4, True)


async def test_unpipe_without_a_destination_takes_all_off(event_log: EventLog) -> None:
    source = Endless()
    for sink in (Sink(), Sink()):
        event_log.watch(sink, "unpipe")
        source.pipe(sink)
    source.unpipe()
    source.unpipe()
    assert event_log == [("unpipe", source)] * 2
    assert source.event_names() == []


async def test_unpiping_what_is_not_piped_does_nothing(event_log: EventLog) -> None:
    source, sink, other = Endless(), Sink(), Sink()
    source.pipe(sink)
    event_log.watch(other, "unpipe")
    source.unpipe(other)
    assert (event_log, len(source._rs.pipes)) == ([], 1)


async def test_unpiping_one_of_two_sources_leaves_the_other() -> None:
    one, other, sink = Endless(), Endless(), Sink()
    one.pipe(sink)
    other.pipe(sink)
    await ticks()
    one.unpipe(sink)
    other.push(b"other")
    assert sink.chunks == [b"other"]


async def test_a_pipe_can_be_made_again_after_unpipe(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    source.unpipe(sink)
    source.push(b"a")
    source.push(None)
    event_log.watch(source.pipe(sink), "finish")
    await event_log.until("finish")
    assert sink.chunks == [b"a"]


async def test_two_pipes_to_one_destination_wait_for_one_drain(event_log: EventLog) -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    event_log.watch(source, "pause", "resume")
    source.pipe(sink)
    source.pipe(sink)
    source.push(b"a")
    await ticks()
    # The first of them to be told lets the source go on.
    event_log.clear()
    sink.release()
    sink.release()
    await ticks()
    assert event_log == [("resume",)]
    assert sink.chunks == [b"a", b"a"]


@pytest.mark.parametrize("finish", [lambda sink: sink.end(), lambda sink: sink.destroy()])
async def test_a_destination_that_finishes_or_closes_is_taken_off(
    finish: Callable[[Writable], object], event_log: EventLog
) -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    await ticks()
    event_log.watch(sink, "unpipe")
    finish(sink)
    await event_log.until("unpipe")
    await ticks()
    assert (source._rs.pipes, source.readable_flowing, source.listener_count("data")) == ((), False, 0)


async def test_a_source_that_is_destroyed_does_not_end_the_destination() -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    source.destroy()
    await turns(2)
    assert sink.writable


# -- errors -----------------------------------------------------------------------------------------------------------


async def test_a_destination_that_fails_is_taken_off_before_its_listeners_hear(event_log: EventLog) -> None:
    source, sink = Endless(), Sink()
    sink.on("error", lambda error: event_log("error", str(error)))
    source.pipe(sink)
    event_log.watch(sink, "unpipe")
    sink.destroy(ValueError("why"))
    await ticks()
    assert event_log == [("unpipe", source), ("error", "why")]
    assert not source.destroyed


async def test_a_destinations_error_nobody_listens_to_is_not_swallowed(loop_errors: LoopErrors) -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    sink.destroy(ValueError("why"))
    await ticks()
    assert [str(context["exception"]) for context in loop_errors] == ["why"]


async def test_an_error_emitted_by_hand_destroys_the_destination(loop_errors: LoopErrors) -> None:
    source, sink = Endless(), Sink()
    source.pipe(sink)
    sink.emit("error", ValueError("by hand"))
    await ticks()
    assert (sink.destroyed, str(sink.errored)) == (True, "by hand")
    assert [str(context["exception"]) for context in loop_errors] == ["by hand"]


async def test_a_write_that_raises_destroys_the_source(event_log: EventLog) -> None:
    source = Endless().on("error", lambda error: event_log("error", str(error)))
    source.push(b"a")
    source.pipe(Writable(write=lambda *_: raise_(ValueError("hook"))))
    await ticks()
    assert event_log == [("error", "hook")]
    assert source.destroyed


async def test_only_a_writable_can_be_piped_to() -> None:
    with pytest.raises(InvalidArgTypeError):
        Endless().pipe(Endless())  # type: ignore[type-var]
    with pytest.raises(InvalidArgTypeError):
        Endless().pipe(5)  # type: ignore[type-var]


async def test_a_duplex_piped_to_itself_echoes(event_log: EventLog) -> None:
    written: list[bytes] = []

    def write(chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        written.append(chunk)
        callback()

    echo = Duplex(read=ignore, write=write)
    event_log.watch(echo, "close")
    echo.pipe(echo)
    echo.push(b"a")
    echo.push(None)
    await event_log.until("close")
    assert written == [b"a"]


async def test_the_unpipe_listeners_hear_in_their_turn(event_log: EventLog) -> None:
    source, sink = Endless(), HeldSink(high_water_mark=1)
    sink.on("unpipe", lambda _: event_log("before", source.listener_count("data")))
    source.pipe(sink)
    sink.on("unpipe", lambda _: event_log("after", source.listener_count("data")))
    source.unpipe(sink)
    assert event_log == [("before", 1), ("after", 0)]
