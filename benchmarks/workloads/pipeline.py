"""64 KiB chunks through a pipeline: a source, one or three PassThrough streams, a sink.

In one kind of work the source makes each chunk anew and the sink compares every byte, as programs do; in the other,
`bare`, the same chunk goes through each time and nobody looks: what is left is the streams' own work, which Node's
compiler does in a fraction of a microsecond.
"""

from __future__ import annotations

from benchmarks.figures import Target, cost, rate
from benchmarks.measuring import measure_itself
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="64 KiB chunks through a pipeline of PassThrough streams, in one process",
    peers=(
        Peer("sockstream-pipeline", "programs/pipeline/sockstream_streams.py"),
        Peer("node-pipeline", "programs/pipeline/node_streams.js"),
    ),
    figures=(rate("chunks/s"), cost("CPU µs/chunk")),
    chart=Chart(("rate", "cost")),
    measure=measure_itself,
    cases=tuple(
        Case(f"{work}, {passing} between", {"work": work, "passing": passing})
        for work in ("bytes", "bare")
        for passing in (1, 3)
    ),
    targets=(Target("sockstream-pipeline", "node-pipeline", 1.0),),
)
