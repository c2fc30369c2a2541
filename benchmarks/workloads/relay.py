"""A TCP proxy: the client sends as fast as it can, the server passes it on to a sink of its own for each client.

`pipe` and `pipeline` leave the payload alone; `looked-at` pipes too, and a listener sees every chunk; `data` writes
each chunk by hand.
"""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.measuring import load_before
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

_ONE = "1 connection"
_MANY = "32 connections"
_SEEN = "1 connection, looked at"
_BLIND = ("c-splice", "sockstream-pipe", "node-pipe", "sockstream-pipeline")
_SEEING = ("c-copy", "uvloop-protocol", "sockstream-looked-at", "node-looked-at", "sockstream-data", "node-data")
_OTHERS = ("asyncio-streams-uvloop", "anyio-uvloop", "trio", "twisted", "gevent")

WORKLOAD = Workload(
    title="a TCP proxy: bytes from a client to the sink behind it",
    peers=(
        Peer("c-splice", "servers/relay/c_epoll.c", arguments=("splice",)),
        Peer("sockstream-pipe", "servers/relay/sockstream_pipe.py"),
        Peer("node-pipe", "servers/relay/node_pipe.js"),
        Peer("sockstream-pipeline", "servers/relay/sockstream_pipeline.py"),
        Peer("c-copy", "servers/relay/c_epoll.c", arguments=("copy",)),
        Peer("uvloop-protocol", "servers/relay/uvloop_protocol.py", needs=("uvloop",)),
        Peer("sockstream-looked-at", "servers/relay/sockstream_looked_at.py"),
        Peer("node-looked-at", "servers/relay/node_looked_at.js"),
        Peer("sockstream-data", "servers/relay/sockstream_data.py"),
        Peer("node-data", "servers/relay/node_data.js"),
        Peer("asyncio-streams-uvloop", "servers/relay/asyncio_streams.py", needs=("uvloop",)),
        Peer("anyio-uvloop", "servers/relay/anyio_streams.py", needs=("anyio", "uvloop")),
        Peer("trio", "servers/relay/trio_streams.py", needs=("trio",)),
        Peer("twisted", "servers/relay/twisted_protocol.py", needs=("twisted",)),
        Peer("gevent", "servers/relay/gevent_sockets.py", needs=("gevent",)),
    ),
    figures=(rate("GB/s", scale=1e-9, digits=2), cost("CPU s/GB", scale=1e9, digits=3), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_before("relay"),
    cases=(
        Case(_ONE, {"connections": 1}, only=(*_BLIND, "uvloop-protocol", *_OTHERS)),
        Case(_MANY, {"connections": 32}, peers=_BLIND, only=(*_BLIND, "uvloop-protocol", *_OTHERS)),
        Case(_SEEN, {"connections": 1}, only=_SEEING),
    ),
    targets=(
        Target("sockstream-pipe", "node-pipe", 0.20, "cost", case=_ONE),
        Target("sockstream-pipe", "node-pipe", 0.15, "cost", case=_MANY),
        Target("sockstream-pipe", "c-splice", 1.5, "cost"),
        Target("sockstream-looked-at", "node-looked-at", 0.45, "cost"),
        Target("sockstream-data", "node-data", 0.45, "cost"),
    ),
)
