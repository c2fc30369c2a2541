"""A server that stores what a client sends, and ends the connection once the file is complete.

The file lies in memory (`/dev/shm`, where that exists). It is new each time; comparing and removing it is not measured.
"""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.fixtures import file_to_store
from benchmarks.measuring import load_from
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="32 MiB from a client stored in a file, one client at a time",
    peers=(
        Peer("c-splice", "servers/upload/c_splice.c"),
        Peer("sockstream-pipe", "servers/upload/sockstream_pipe.py"),
        Peer("node-pipe", "servers/upload/node_pipe.js"),
        Peer("sockstream-pipeline", "servers/upload/sockstream_pipeline.py"),
        Peer("uvloop-protocol", "servers/upload/uvloop_protocol.py", needs=("uvloop",)),
        Peer("asyncio-streams-uvloop", "servers/upload/asyncio_streams.py", needs=("uvloop",)),
        Peer("anyio-uvloop", "servers/upload/anyio_streams.py", needs=("anyio", "uvloop")),
        Peer("trio", "servers/upload/trio_streams.py", needs=("trio",)),
        Peer("twisted", "servers/upload/twisted_protocol.py", needs=("twisted",)),
        Peer("gevent", "servers/upload/gevent_sockets.py", needs=("gevent",)),
    ),
    figures=(rate("GB/s", scale=1e-9, digits=2), cost("CPU s/GB", scale=1e9, digits=3), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_from("upload"),
    fixture=file_to_store,
    cases=(Case("", {"size": 32 << 20}, {"size": 1 << 20}),),
    targets=(
        Target("sockstream-pipe", "node-pipe", 0.40, "cost"),
        Target("sockstream-pipe", "c-splice", 1.5, "cost"),
    ),
)
