"""The peers that several workloads have in common."""

from __future__ import annotations

from benchmarks.peer import Peer

__all__ = ["CORE", "ECHO", "IDLE"]

# Those that are compared stand together, so that little time lies between their samples.
ECHO = (
    Peer("c-epoll", "servers/echo/c_epoll.c"),
    Peer("aiofastnet-protocol", "servers/echo/aiofastnet_protocol.py", needs=("aiofastnet", "uvloop")),
    Peer("uvloop-protocol", "servers/echo/uvloop_protocol.py", needs=("uvloop",)),
    Peer("sockstream-data", "servers/echo/sockstream_data.py"),
    Peer("node-data", "servers/echo/node_data.js"),
    Peer("sockstream-pipe", "servers/echo/sockstream_pipe.py"),
    Peer("node-pipe", "servers/echo/node_pipe.js"),
    Peer("sockstream-async", "servers/echo/sockstream_async.py"),
    Peer("asyncio-streams-uvloop", "servers/echo/asyncio_streams.py", ("uvloop",), ("uvloop",)),
    Peer("asyncio-streams", "servers/echo/asyncio_streams.py", arguments=("asyncio",)),
    Peer("anyio-uvloop", "servers/echo/anyio_streams.py", needs=("anyio", "uvloop")),
    Peer("trio", "servers/echo/trio_streams.py", needs=("trio",)),
    Peer("twisted", "servers/echo/twisted_protocol.py", needs=("twisted",)),
    Peer("gevent", "servers/echo/gevent_sockets.py", needs=("gevent",)),
)

# The limit, and those that a target names: what is measured in every case even when time is short.
CORE = (
    "c-epoll",
    "uvloop-protocol",
    "sockstream-data",
    "node-data",
    "sockstream-pipe",
    "node-pipe",
    "sockstream-async",
    "asyncio-streams-uvloop",
)

# Echo too, with an idle timeout on each connection, as servers have that keep many open.
IDLE = (
    Peer("c-epoll", "servers/echo/c_epoll.c"),
    Peer("uvloop-protocol", "servers/idle/uvloop_protocol.py", needs=("uvloop",)),
    Peer("node-data", "servers/idle/node_data.js"),
    Peer("sockstream-data", "servers/idle/sockstream_data.py"),
    Peer("asyncio-streams-uvloop", "servers/idle/asyncio_streams.py", ("uvloop",), ("uvloop",)),
    Peer("asyncio-streams", "servers/idle/asyncio_streams.py", arguments=("asyncio",)),
    Peer("trio", "servers/idle/trio_streams.py", needs=("trio",)),
    Peer("twisted", "servers/idle/twisted_protocol.py", needs=("twisted",)),
    Peer("gevent", "servers/idle/gevent_sockets.py", needs=("gevent",)),
)
