"""Latency at a fixed rate, in an open loop: a message is sent when it is due, and its time counts from then."""

from __future__ import annotations

from benchmarks.figures import SERVER_BUSY, Better, Figure, cost, rate
from benchmarks.measuring import load_from
from benchmarks.peers import CORE, ECHO
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="echo of 128 bytes on 64 connections, sent on schedule; time from when it was due",
    peers=ECHO,
    figures=(
        *(
            Figure(name, f"{title} µs", Better.LOWER, 1e6)
            for name, title in (("p50", "50 %"), ("p90", "90 %"), ("p99", "99 %"), ("p999", "99.9 %"))
        ),
        rate("messages/s"),
        cost("CPU µs/message"),
        SERVER_BUSY,
    ),
    chart=Chart(("p50", "p99")),
    measure=load_from("latency"),
    cases=(
        Case("5,000 messages/s", {"connections": 64, "size": 128, "rate": 5000}, peers=CORE),
        Case("15,000 messages/s", {"connections": 64, "size": 128, "rate": 15_000}, peers=CORE),
    ),
    seconds=0.8,
)
