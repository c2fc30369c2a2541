"""An endless source piped to a client that reads 1 MB/s: whoever does not wait for the client grows.

Growth is the highest resident size while the client reads, less the size before it connected.
"""

from __future__ import annotations

from benchmarks.figures import Better, Figure, Target
from benchmarks.measuring import load_from
from benchmarks.peer import Peer
from benchmarks.workload import Case, Chart, Workload

WORKLOAD = Workload(
    title="how much a server grows that has an endless source and a client that reads 1 MB/s",
    peers=(
        Peer("sockstream-pipe", "servers/source/sockstream_pipe.py"),
        Peer("node-pipe", "servers/source/node_pipe.js"),
        Peer("uvloop-protocol", "servers/source/uvloop_protocol.py", needs=("uvloop",)),
        Peer("asyncio-streams-uvloop", "servers/source/asyncio_streams.py", needs=("uvloop",)),
        Peer("anyio-uvloop", "servers/source/anyio_streams.py", needs=("anyio", "uvloop")),
        Peer("trio", "servers/source/trio_streams.py", needs=("trio",)),
        Peer("twisted", "servers/source/twisted_protocol.py", needs=("twisted",)),
        Peer("gevent", "servers/source/gevent_sockets.py", needs=("gevent",)),
    ),
    figures=(
        Figure("grown", "MB grown", Better.LOWER, 1e-6, 1),
        Figure("peak", "MB at most", Better.LOWER, 1e-6, 1),
        Figure("read", "MB read", Better.HIGHER, 1e-6, 1),
    ),
    chart=Chart(("grown", "peak")),
    measure=load_from("slow_reader"),
    cases=(Case("", {"rate": 1_000_000}),),
    targets=(Target("sockstream-pipe", None, 8, "grown"),),
    seconds=3,
    warm_up=0,
    rounds=1,
)
