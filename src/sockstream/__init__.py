"""Node.js's net for Python: TCP and Unix-socket servers and clients whose sockets are streams.

The modules are `net`, `stream`, `events`, `fs` and `timers`; `errors` has the exceptions.  `run` runs a program as
`node` does, until nothing referenced is left; everything also works inside any asyncio loop that is running already.
"""

from typing import TYPE_CHECKING

from sockstream.on_demand import on_demand

if TYPE_CHECKING:
    from sockstream import events, fs, net, stream, timers
    from sockstream.abort import AbortController, AbortSignal
    from sockstream.events import EventEmitter
    from sockstream.loop import COMPILED, run
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {"abort": ("AbortController", "AbortSignal"), "events": ("EventEmitter",), "loop": ("COMPILED", "run")},
        modules=("errors", "events", "fs", "net", "stream", "timers"),
    )

__all__ = [
    "COMPILED",
    "AbortController",
    "AbortSignal",
    "EventEmitter",
    "__version__",
    "events",
    "fs",
    "net",
    "run",
    "stream",
    "timers",
]

__version__ = "0.1.0"
