"""Connections that come and go: accepted, one message echoed, ended by the client, closed by the server."""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.measuring import load_from
from benchmarks.peers import CORE, ECHO
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="connections accepted, one message of 64 bytes echoed, closed; 32 at a time",
    peers=ECHO,
    figures=(rate("connections/s"), cost("CPU µs/connection", digits=1), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_from("accept"),
    cases=(Case("", {"connections": 32, "size": 64}, peers=CORE),),
    targets=(
        Target("sockstream-data", "node-data", 0.90, "cost", compiled=0.80),
        Target("sockstream-pipe", "node-pipe", 0.90, "cost", compiled=0.80),
        Target("sockstream-async", "asyncio-streams-uvloop", 1.00, "cost"),
    ),
)
