"""Random programs: what play.py and play.js play.

Each part of a program is one choice from a table made beforehand, the simple ones first: drawing is what the time goes
to, and this is cheap to draw and shrinks well.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["chains", "duplexes", "pipelines", "readables", "transforms", "writables"]

Strategy = st.SearchStrategy[Any]
Step = list[Any]
Answer = list[Any]

MOMENTS = ("now", "now", "tick", "held")
ENCODINGS = ("utf8", "latin1", "hex", "base64")
SIZES = (1, 2, 3, 5, 8, 0)
AMOUNTS = (1, 2, 3, 5, 8, 13, 0)
MARKS = (None, 0, 1, 3, 8, 20)
FLAGS = (False, True)
TURN: Step = ["turn"]
# How many entries of a table a call with arguments gets, whatever these are.
SHARE = 12
# And one after which not much can happen.
SMALL_SHARE = 5
# How many different sets of options a kind of stream is tried with.
VARIANTS = 80


# -- steps ------------------------------------------------------------------------------------------------------------


def call(index: int, name: str, *args: Iterable[Any], share: int = SHARE) -> list[Step]:
    """Return calls of one stream: each argument with each, as many as the call's share is."""
    calls = [[index, name, *each] for each in itertools.product(*args)]
    random.Random(len(calls)).shuffle(calls)
    return list(itertools.islice(itertools.cycle(calls), share))


def reading(index: int, *targets: int) -> list[Step]:
    """Return the calls of a readable side."""
    steps = [
        *call(index, "read", AMOUNTS),
        *call(index, "read", [None]),
        *call(index, "pause"),
        *call(index, "resume"),
        *call(index, "listen", ["data"], [None]),
        *call(index, "listen", ["readable"], [None, "all", 1, 3]),
        *call(index, "unlisten", ["data", "readable"]),
        # Not of 'data': Node 20 goes on as if they were there, unless off() takes the last one.
        *call(index, "remove_all", ["readable"]),
        *call(index, "is_paused"),
        *call(index, "unshift", SIZES),
        *call(index, "set_encoding", ENCODINGS),
    ]
    for target in targets:
        steps += [*call(index, "pipe", [target], [True, True, False]), *call(index, "unpipe", [None, target])]
    return steps


def pushing(index: int) -> list[Step]:
    return [*call(index, "push", SIZES), *call(index, "push", SIZES), *call(index, "push", [-1], share=SMALL_SHARE)]


def writing(index: int) -> list[Step]:
    """Return the calls of a writable side."""
    return [
        *call(index, "write", SIZES, FLAGS),
        *call(index, "write", SIZES, FLAGS),
        *call(index, "end", [None, 2], FLAGS, share=SMALL_SHARE),
        *call(index, "cork"),
        *call(index, "uncork"),
    ]


def living(index: int) -> list[Step]:
    return [*call(index, "release"), *call(index, "release"), *call(index, "destroy", FLAGS, share=SMALL_SHARE)]


READ_EVENTS = ("data", "end", "pause", "resume", "close", "error")
WRITE_EVENTS = ("drain", "finish", "pipe", "unpipe", "close", "error")


def reactions(index: int, events: tuple[str, ...], steps: list[Step]) -> list[Step]:
    """Return steps that make the next such event call something."""
    dice = random.Random(index)
    return [[index, "react", event, dice.choice(steps)] for event in events for _ in range(SMALL_SHARE)]


# -- the cast ---------------------------------------------------------------------------------------------------------


def answers(*outcomes: Any, moments: tuple[str, ...] = MOMENTS, size: int = 6) -> Strategy:
    """Return how a hook answers, one call after the other."""
    return st.lists(st.sampled_from([[moment, outcome] for outcome in outcomes for moment in moments]), max_size=size)


PUSHES: tuple[list[int], ...] = ([1], [3], [8, 2], [5], [], [-1], [2, -1], [-1, 3], [0], [13])
OFTEN: dict[str, Strategy] = {
    "read": answers(*PUSHES, size=8) | answers(*PUSHES, moments=("now", "throw")),
    "write": answers("ok", "ok", "ok", "ok", "ok", "fail", "twice"),
    "transform": answers("ok", "ok", "ok", "double", "drop", "fail"),
}
# Hooks that are called once at most.
THROWING = (*MOMENTS, "throw")
RARE: dict[str, list[Answer]] = {
    "construct": [[moment, outcome] for outcome in ("ok", "ok", "fail") for moment in THROWING],
    "destroy": [[moment, outcome] for outcome in ("ok", "ok", "fail") for moment in THROWING],
    "final": [[moment, outcome] for outcome in ("ok", "ok", "fail") for moment in THROWING],
    "flush": [[moment, outcome] for outcome in ("ok", "data", "fail") for moment in MOMENTS],
}


def variants(options: dict[str, tuple[Any, ...]], rare: tuple[str, ...]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return sets of options with the answers of the rare hooks there are, the first without any."""
    dice = random.Random(len(options))
    made: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {})]
    for _ in range(VARIANTS):
        chosen = {name: dice.choice(values) for name, values in options.items() if dice.random() < 0.4}
        hooks = {name: [dice.choice(RARE[name])] for name in rare if dice.random() < 0.3}
        made.append(({name: value for name, value in chosen.items() if value is not None}, hooks))
    return made


def member(
    kind: str, options: dict[str, tuple[Any, ...]], *often: str, rare: tuple[str, ...] = ("construct", "destroy")
) -> Strategy:
    """Return a member of the cast: `often` are the hooks it always has."""

    def made(variant: tuple[dict[str, Any], dict[str, Any]], *answered: list[Answer]) -> dict[str, Any]:
        options, rarely = variant
        given = {"write" if name == "writev" else name: each for name, each in zip(often, answered, strict=True)}
        return {"kind": kind, "options": options, "hooks": [*often, *rarely], "answers": {**given, **rarely}}

    strategies = [OFTEN["write" if name == "writev" else name] for name in often]
    return st.builds(made, st.sampled_from(variants(options, rare)), *strategies)


LIFE = {"emit_close": (False, True), "auto_destroy": (False, True)}
READABLE = {"high_water_mark": MARKS, "encoding": ENCODINGS, **LIFE}
WRITABLE = {"high_water_mark": MARKS, **LIFE}
DUPLEX = {
    "high_water_mark": MARKS,
    "readable_high_water_mark": MARKS,
    "writable_high_water_mark": MARKS,
    "allow_half_open": (False, True),
    **LIFE,
}
ALL_RARE = ("construct", "destroy", "final")

source = member("Readable", READABLE, "read")
sink = member("Writable", WRITABLE, "write")
batching_sink = member("Writable", WRITABLE, "writev", rare=ALL_RARE)
full_sink = member("Writable", WRITABLE, "write", rare=ALL_RARE)
duplex = member("Duplex", DUPLEX, "read", "write", rare=ALL_RARE)
transform = member("Transform", DUPLEX, "transform", rare=(*ALL_RARE, "flush"))
through = member("PassThrough", DUPLEX, rare=("construct", "destroy", "flush"))
plain_through = member("PassThrough", DUPLEX, rare=())


# -- programs ---------------------------------------------------------------------------------------------------------


def program(cast: list[Strategy], steps: list[Step], events: dict[int, tuple[str, ...]], size: int = 28) -> Strategy:
    """Return programs of the cast."""
    table = [*steps, *itertools.chain(*(reactions(index, names, steps) for index, names in events.items()))]
    table = [TURN] * (len(table) // 4) + table
    one = st.sampled_from(table)
    # Left to itself, a list of any length is mostly short.
    script = st.lists(one, max_size=size) | st.lists(one, min_size=size // 2, max_size=size)
    return st.builds(made, st.tuples(*cast), script, st.sampled_from("bbbo"))


def made(cast: tuple[Any, ...], steps: list[Step], chunks: str) -> dict[str, Any]:
    """Make a program; all streams of some carry objects, and have no encoding then."""
    if chunks == "b":
        return {"cast": list(cast), "steps": steps}
    objects = []
    for each in cast:
        options = {name: value for name, value in each["options"].items() if name != "encoding"}
        objects.append({**each, "options": {**options, "object_mode": True}})
    return {"cast": objects, "steps": [step for step in steps if "set_encoding" not in str(step)]}


def readables() -> Strategy:
    """A Readable, and two Writables to pipe it to."""
    steps = [
        *pushing(0),
        *reading(0, 1, 2),
        *living(0),
        *living(1),
        *living(2),
        *call(1, "end", [None], FLAGS, share=SMALL_SHARE),
    ]
    return program([source, sink, sink], steps, {0: READ_EVENTS, 1: WRITE_EVENTS})


def writables() -> Strategy:
    """A Writable."""
    return program([full_sink | batching_sink], [*writing(0), *living(0)], {0: WRITE_EVENTS})


def duplexes() -> Strategy:
    """A Duplex, and a Writable to pipe it to."""
    steps = [*pushing(0), *reading(0, 1), *writing(0), *living(0), *living(1)]
    return program([duplex, sink], steps, {0: READ_EVENTS + WRITE_EVENTS, 1: WRITE_EVENTS})


def transforms() -> Strategy:
    """A Transform or a PassThrough, and a Writable to pipe it to."""
    steps = [*pushing(0), *reading(0, 1), *writing(0), *living(0), *living(1)]
    return program([transform | through, sink], steps, {0: READ_EVENTS + WRITE_EVENTS, 1: WRITE_EVENTS})


def chains(start: list[Step] | None = None) -> Strategy:
    """A Readable that is piped through two PassThroughs into a Writable; `start` is what connects them."""
    steps = [*pushing(0), *pushing(0), *reading(0, 1), *reading(1, 2), *reading(2, 3), *writing(1)]
    for index in range(4):
        steps += living(index)
    connected = start or [[0, "pipe", 1, True], [1, "pipe", 2, True], [2, "pipe", 3, True]]
    events = {0: READ_EVENTS, 1: READ_EVENTS + WRITE_EVENTS, 3: WRITE_EVENTS}
    programs = program([source, plain_through, plain_through, sink], steps, events)
    return programs.map(lambda each: {**each, "steps": [*connected, *each["steps"]]})


def pipelines() -> Strategy:
    """The same in a pipeline, whose streams nobody else writes to.

    One that fails for that beside its chain may have its error before or after the pipeline's end is told.
    """

    def untouched(program: dict[str, Any]) -> dict[str, Any]:
        writes = ("[1, 'write'", "[1, 'end'")
        return {
            **program,
            "steps": [step for step in program["steps"] if not any(each in str(step) for each in writes)],
        }

    return chains([[0, "pipeline", 1, 2, 3]]).map(untouched)
