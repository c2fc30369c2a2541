"""Memory of connections that say nothing, each with a listener for data and a timeout."""

from __future__ import annotations

from benchmarks.figures import Better, Figure, Target
from benchmarks.measuring import load_from
from benchmarks.peers import IDLE
from benchmarks.workload import Case, Chart, Workload

_CORE = ("c-epoll", "uvloop-protocol", "node-data", "sockstream-data", "asyncio-streams-uvloop")

WORKLOAD = Workload(
    title="memory of an idle connection that has a listener for data and a timeout",
    peers=IDLE,
    figures=(
        Figure("idle", "bytes/connection", Better.LOWER),
        Figure("spoken", "bytes after one message", Better.LOWER),
    ),
    chart=Chart(("idle", "spoken")),
    measure=load_from("idle"),
    cases=(
        Case("5,000 connections", {"connections": 5000, "size": 64}, {"connections": 200}),
        Case("10,000 connections", {"connections": 10_000, "size": 64}, {"connections": 300}, peers=_CORE),
    ),
    targets=(
        Target("sockstream-data", "node-data", 1.0, "idle"),
        Target("sockstream-data", "asyncio-streams-uvloop", 0.6, "idle"),
    ),
    seconds=0,
    warm_up=0,
    rounds=1,
    overhead=2.5,
)
