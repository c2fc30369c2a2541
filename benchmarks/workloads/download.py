"""A server that sends a file to whoever connects. The file lies in memory (`/dev/shm`, where that exists)."""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.fixtures import file_to_send
from benchmarks.measuring import load_from
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="a file of 32 MiB sent to each client, 4 at a time",
    peers=(
        Peer("c-sendfile", "servers/download/c_sendfile.c"),
        Peer("sockstream-pipe", "servers/download/sockstream_pipe.py"),
        Peer("node-pipe", "servers/download/node_pipe.js"),
        Peer("sockstream-pipeline", "servers/download/sockstream_pipeline.py"),
        Peer("asyncio-sendfile", "servers/download/asyncio_sendfile.py"),
        Peer("uvloop-protocol", "servers/download/uvloop_protocol.py", needs=("uvloop",)),
        Peer("asyncio-streams-uvloop", "servers/download/asyncio_streams.py", needs=("uvloop",)),
        Peer("anyio-uvloop", "servers/download/anyio_streams.py", needs=("anyio", "uvloop")),
        Peer("trio", "servers/download/trio_streams.py", needs=("trio",)),
        Peer("twisted", "servers/download/twisted_protocol.py", needs=("twisted",)),
        Peer("gevent", "servers/download/gevent_sockets.py", needs=("gevent",)),
    ),
    figures=(rate("GB/s", scale=1e-9, digits=2), cost("CPU s/GB", scale=1e9, digits=3), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_from("download"),
    fixture=file_to_send,
    cases=(Case("", {"connections": 4, "size": 32 << 20}, {"size": 1 << 20}),),
    targets=(
        Target("sockstream-pipe", "node-pipe", 0.45, "cost"),
        Target("sockstream-pipe", "c-sendfile", 1.3, "cost"),
    ),
)
