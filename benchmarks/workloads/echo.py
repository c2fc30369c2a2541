"""Echo in a closed loop: each connection sends a message, waits until all of it is back, sends the next."""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.measuring import load_from
from benchmarks.peers import CORE, ECHO
from benchmarks.workload import Case, Chart, Workload

_MAIN = "64 x 1 KiB"
_BIG = "16 x 200 KB"

WORKLOAD = Workload(
    title="each connection has one message on its way",
    peers=ECHO,
    figures=(rate("messages/s"), cost("CPU µs/message"), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_from("echo"),
    cases=(
        Case(_MAIN, {"connections": 64, "size": 1024}),
        Case("1 x 64 B", {"connections": 1, "size": 64}, peers=CORE),
        Case("1000 x 1 KiB", {"connections": 1000, "size": 1024}, {"connections": 200}, peers=CORE),
        Case(_BIG, {"connections": 16, "size": 200_000}, peers=CORE),
    ),
    targets=(
        Target("sockstream-data", "node-data", 1.3, compiled=1.5, case=_MAIN),
        Target("sockstream-data", "uvloop-protocol", 0.85, compiled=0.95, case=_MAIN),
        Target("sockstream-pipe", "node-pipe", 1.3, case=_MAIN),
        Target("sockstream-async", "asyncio-streams-uvloop", 1.25, case=_MAIN),
        Target("sockstream-data", "node-data", 1.9, case=_BIG),
        Target("sockstream-pipe", "node-pipe", 1.9, case=_BIG),
    ),
)
