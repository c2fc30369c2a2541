"""The servers and programs that take part, by the work they do."""

from __future__ import annotations

from benchmarks.harness import Peer

__all__ = ["ECHO", "PIPELINE", "SOURCE"]

# Those that are compared stand together, so that little time lies between their samples.
ECHO = (
    Peer("uvloop-protocol", "echo/uvloop_protocol.py", needs=("uvloop",)),
    Peer("sockstream-data", "echo/sockstream_data.py"),
    Peer("node-data", "echo/node_data.js"),
    Peer("sockstream-pipe", "echo/sockstream_pipe.py"),
    Peer("node-pipe", "echo/node_pipe.js"),
    Peer("sockstream-async", "echo/sockstream_async.py"),
    Peer("asyncio-streams", "echo/asyncio_streams.py", needs=("uvloop",)),
)

SOURCE = (
    Peer("sockstream-pipe", "source/sockstream_pipe.py"),
    Peer("node-pipe", "source/node_pipe.js"),
)

# The kind of work, and how many PassThrough streams stand between the source and the sink.
PIPELINE = tuple(
    Peer(f"{name}-{work}-{passing}", f"pipeline/{script}", arguments=(work, str(passing)))
    for work in ("bytes", "bare")
    for passing in (1, 3)
    for name, script in (("sockstream", "sockstream_streams.py"), ("node", "node_streams.js"))
)
