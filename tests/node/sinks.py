"""What the scenarios about writing share: hooks that log and answer in a given way.  sinks.js is its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sockstream.stream import Writable
from sockstream.timers import next_tick, set_immediate

if TYPE_CHECKING:
    from tests.node.lib import Role

__all__ = ["BOTH", "STATE", "Callback", "hook", "sink", "stages"]

Callback = Callable[..., None]

STATE = (
    "writable",
    "writable_ended",
    "writable_finished",
    "writable_aborted",
    "writable_length",
    "writable_need_drain",
    "errored",
    "destroyed",
    "closed",
)

# Of a Duplex: in Node 20 it has no `writableAborted`.
BOTH = (*(name for name in STATE if name != "writable_aborted"), "readable", "readable_ended", "readable_length")

# When a hook calls back.
_WHEN: dict[str, Callable[[Callable[[], None]], object]] = {
    "sync": lambda answer: answer(),
    "tick": next_tick,
    "turn": set_immediate,
    "never": lambda _: None,
}


def _shown(name: str, args: tuple[Any, ...]) -> list[Any]:
    """Return what a hook got: chunks, an error or nothing. Encodings have scenarios of their own."""
    if name == "writev":
        return [[each.chunk for each in args[0]]]
    return list(args[:1])


def hook(t: Role, name: str, when: str, *answer: Any) -> Callback:
    """Return a hook that logs and calls back."""

    def run(*args: Any) -> None:
        *given, callback = args
        t.log(name, *_shown(name, tuple(given)))
        _WHEN[when](lambda: callback(*answer))

    return run


def sink(t: Role, when: str, **options: Any) -> Writable:
    """Return a Writable whose `write` is such a hook."""
    return Writable(**{"write": hook(t, "write", when), **options})


def stages(t: Role, stream: Any, *events: str) -> None:
    """Log the state of the writable side now, and in each of the listeners of the events."""
    t.state("now", stream, *STATE)
    for event in events:
        stream.on(event, lambda *_, event=event: t.state(f"in {event}", stream, *STATE))
