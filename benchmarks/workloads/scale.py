"""Few active connections among many open ones: does a message cost more when more connections are open?"""

from __future__ import annotations

from benchmarks.figures import SERVER_BUSY, Better, Figure, Target, cost, rate
from benchmarks.measuring import load_from
from benchmarks.peers import IDLE
from benchmarks.workload import Case, Chart, Workload

_PEERS = ("uvloop-protocol", "node-data", "sockstream-data")
_SIZES = (10, 100, 1000, 10_000)


# As many active ones as 10,000 have, and no others: the same load without the idle crowd.
_ALONE = "100, all active"


def _case(connections: int) -> Case:
    options = {"connections": connections, "active": max(1, connections // 100), "size": 128}
    return Case(f"{connections:,}", options, {"connections": min(connections, 300)}, x=connections)


WORKLOAD = Workload(
    title="cost of a message of 128 bytes when 1 % of the open connections are active",
    peers=tuple(peer for peer in IDLE if peer.name in _PEERS),
    figures=(
        cost("CPU µs/message"),
        Figure("p50", "50 % µs", Better.LOWER, 1e6),
        Figure("p99", "99 % µs", Better.LOWER, 1e6),
        rate("messages/s"),
        SERVER_BUSY,
    ),
    chart=Chart(("cost", "p50"), lines=True, x_title="open connections, of which 1 % are active (at least one)"),
    measure=load_from("scale"),
    cases=(
        *map(_case, _SIZES),
        Case(_ALONE, {"connections": 100, "active": 100, "size": 128}),
    ),
    targets=(
        Target("sockstream-data", "sockstream-data", 1.5, "cost", case="10,000", than="100"),
        Target("sockstream-data", "sockstream-data", 1.5, "cost", case="10,000", than=_ALONE),
        Target("sockstream-data", "node-data", 1.0, "cost"),
    ),
    rounds=2,
    overhead=0.7,
)
