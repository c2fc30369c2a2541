"""What one client sends is sent to all. The next message begins when all have the one before."""

from __future__ import annotations

from benchmarks.figures import LOAD_BUSY, SERVER_BUSY, Target, cost, rate
from benchmarks.measuring import load_from
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="one message of 256 bytes at a time to 200 clients; counted where it arrives",
    peers=(
        Peer("c-epoll", "servers/broadcast/c_epoll.c"),
        Peer("uvloop-protocol", "servers/broadcast/uvloop_protocol.py", needs=("uvloop",)),
        Peer("sockstream-data", "servers/broadcast/sockstream_data.py"),
        Peer("node-data", "servers/broadcast/node_data.js"),
        Peer("asyncio-streams-uvloop", "servers/broadcast/asyncio_streams.py", needs=("uvloop",)),
        Peer("anyio-uvloop", "servers/broadcast/anyio_streams.py", needs=("anyio", "uvloop")),
        Peer("trio", "servers/broadcast/trio_streams.py", needs=("trio",)),
        Peer("twisted", "servers/broadcast/twisted_protocol.py", needs=("twisted",)),
        Peer("gevent", "servers/broadcast/gevent_sockets.py", needs=("gevent",)),
    ),
    figures=(rate("deliveries/s"), cost("CPU µs/delivery"), SERVER_BUSY, LOAD_BUSY),
    chart=Chart(("rate", "cost")),
    measure=load_from("broadcast"),
    cases=(Case("", {"connections": 200, "size": 256}, {"connections": 20}),),
    targets=(Target("sockstream-data", "node-data", 1.0, compiled=1.1),),
)
