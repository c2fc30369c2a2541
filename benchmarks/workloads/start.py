"""From exec to listening, and from exec to what is imported."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import Better, Figure, Target, cost
from benchmarks.peer import Peer
from benchmarks.peers import ECHO
from benchmarks.workload import Case, Chart, Setting, Workload

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.figures import Sample

_LISTENING = "listening"
_IMPORTED = "imported"


def _measure(bench: Bench, peer: Peer, setting: Setting) -> Sample:
    """Start a program several times, and return the medians of what it took until it printed its port."""
    starts = [_start(bench, peer) for _ in range(int(setting.options["starts"]))]
    seconds, cpu = zip(*starts, strict=True)
    return {"start": median(seconds), "cost": median(cpu)}


def _start(bench: Bench, peer: Peer) -> tuple[float, float]:
    bench.command(peer)  # compiles it, if that is still to be done
    began = time.perf_counter()
    with bench.serving(peer) as server:
        elapsed = time.perf_counter() - began
        # The kernel's clock of another process, all of its threads: what clock_getcpuclockid gives in C.
        return elapsed, time.clock_gettime(~server.pid << 3 | 2)


def _importing(module: str) -> Peer:
    package = module.partition(".")[0]
    return Peer(f"import {module}", "programs/start/importing.py", (package,), (module,))


_IMPORTS = (
    Peer("python alone", "programs/start/importing.py"),
    Peer("require node:net", "programs/start/requiring.js"),
    _importing("sockstream.net"),
    _importing("asyncio"),
    _importing("uvloop"),
    _importing("anyio"),
    _importing("trio"),
    _importing("twisted.internet.reactor"),
    _importing("gevent.server"),
)

WORKLOAD = Workload(
    title="from exec to the line that says the program is ready",
    peers=(*ECHO, *_IMPORTS),
    figures=(Figure("start", "ms", Better.LOWER, 1e3, 1), cost("CPU ms", scale=1e3, digits=1)),
    chart=Chart(("start", "cost")),
    measure=_measure,
    cases=(
        Case(_LISTENING, {"starts": 3}, {"starts": 1}, only=tuple(peer.name for peer in ECHO)),
        Case(_IMPORTED, {"starts": 3}, {"starts": 1}, only=tuple(peer.name for peer in _IMPORTS)),
    ),
    targets=(
        Target("sockstream-data", "node-data", 1.0, "start", case=_LISTENING),
        Target("sockstream-async", "node-data", 1.0, "start", case=_LISTENING),
    ),
    seconds=0,
    warm_up=0,
    overhead=0.4,
)
