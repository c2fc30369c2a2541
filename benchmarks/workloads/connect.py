"""Connections that a client opens: connected, one message echoed, closed, the next one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.measuring import load_before
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Setting, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench
    from benchmarks.workload import Options


@contextmanager
def _told_to_the_clients(_: Bench, options: Options) -> Iterator[Setting]:
    """The number of connections is the client's affair, and the size of the message is known to both."""
    rest = {name: value for name, value in options.items() if name != "connections"}
    yield Setting(rest, (str(options["connections"]), str(options["size"])))


WORKLOAD = Workload(
    title="connections opened to a C server, one message of 64 bytes echoed, closed; 32 at a time",
    peers=(
        Peer("c-epoll", "programs/connect/c_epoll.c"),
        Peer("uvloop-protocol", "programs/connect/uvloop_protocol.py", needs=("uvloop",)),
        Peer("node-data", "programs/connect/node_data.js"),
        Peer("sockstream-data", "programs/connect/sockstream_data.py"),
        Peer("sockstream-async", "programs/connect/sockstream_async.py"),
        Peer("asyncio-streams-uvloop", "programs/connect/asyncio_streams.py", ("uvloop",), ("uvloop",)),
        Peer("asyncio-streams", "programs/connect/asyncio_streams.py", arguments=("asyncio",)),
    ),
    figures=(rate("connections/s"), cost("CPU µs/connection", digits=1), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_before("dial"),
    cases=(Case("", {"connections": 32, "size": 64}),),
    fixture=_told_to_the_clients,
    targets=(Target("sockstream-data", "node-data", 1.0, "cost"),),
)
