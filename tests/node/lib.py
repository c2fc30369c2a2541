"""What a scenario written in Python gets as `t`.

lib.js is its twin: the two must log alike, so names and values become the log's here and nowhere else.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import hashlib
import inspect
import re
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from sockstream import fs, net, timers
from sockstream.loop import current
from sockstream.net import Server, Socket

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sockstream.events import EventEmitter
    from sockstream.stream.base import Stream

__all__ = ["Peers", "Role", "plain"]

# The longest bytes or text a log shows as they are.
SHOWN = 64
# So many turns of the loop without a new entry, and a scenario that has nothing open any more is over.
QUIET_TURNS = 12

EVENTS = {
    "server": ("listening", "connection", "error", "close"),
    "socket": ("connect", "ready", "end", "finish", "timeout", "error", "close"),
    "stream": ("end", "finish", "error", "close"),
}

Log = list[Any]

_File = TypeVar("_File", fs.ReadStream, fs.WriteStream)


class Port(Protocol):
    """How a role reports: to the harness, or to nobody."""

    def __call__(self, kind: str, value: Any) -> None: ...


class Peers:
    """A scenario of two roles; a subclass has the static methods `server` and `client`."""

    transports: ClassVar[Sequence[str]] = ("tcp", "unix")

    def server(self, t: Role) -> None:
        """Listen at `t.where` and say so with `t.ready(server)`, as `t.serve()` does."""
        raise NotImplementedError

    def client(self, t: Role) -> None:
        """Connect to `t.where`."""
        raise NotImplementedError


# -- values -----------------------------------------------------------------------------------------------------------


def _digest(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()[:12]


def _plain_error(error: BaseException) -> str:
    name = getattr(error, "code", None) or str(error)
    syscall = getattr(error, "syscall", None)
    return f"!{name} {syscall}" if syscall else f"!{name}"


def _plain_field(name: str, value: object) -> object:
    # A port that the system picked is another one each time.
    hidden = name.endswith("port") and isinstance(value, int) and value > 0
    return "<port>" if hidden else plain(value)


def _plain_bytes(data: bytes) -> str:
    return f"b:<{len(data)} bytes {_digest(data)}>" if len(data) > SHOWN else "b:" + data.decode("latin1")


def _plain_text(text: str) -> str:
    # The directory of a run has another name each time.
    text = re.sub(r"^.*/ss-[a-z0-9_]{8}(?=/)", "<dir>", text)
    # JavaScript counts UTF-16 units.
    count = len(text.encode("utf-16-le")) // 2
    return f"<{count} characters {_digest(text.encode())}>" if count > SHOWN else text


def _fields(value: Any) -> dict[str, Any] | None:
    """Return what a plain record holds, whatever kind of record it is."""
    if isinstance(value, dict):
        return value
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value._asdict() if isinstance(value, tuple) and hasattr(value, "_asdict") else None


def plain(value: Any) -> Any:
    """Return a value as the log has it."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _plain_bytes(bytes(value))
    if isinstance(value, BaseException):
        return _plain_error(value)
    if (fields := _fields(value)) is not None:
        return {name: _plain_field(name, inner) for name, inner in fields.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return "<function>" if inspect.isroutine(value) else "<object>"


def _kind(emitter: object) -> str:
    if isinstance(emitter, Server):
        return "server"
    return "socket" if isinstance(emitter, Socket) else "stream"


class _Data:
    """Consecutive 'data' events as one entry: how a stream of bytes is cut is nobody's promise."""

    def __init__(self, name: str, chunk: str | bytes) -> None:
        self.name = name
        self.chunks: list[Any] = [chunk]

    def takes(self, name: str, chunk: object) -> bool:
        return self.name == name and isinstance(chunk, str) == isinstance(self.chunks[0], str)

    def entry(self) -> list[Any]:
        return [self.name, plain(type(self.chunks[0])().join(self.chunks))]


@functools.cache
def _pattern() -> bytes:
    """Return what `fill` repeats: lib.js computes the same byte by byte."""
    return bytes((index * 31 + (index >> 8)) & 0xFF for index in range(1 << 16))


# -- the role ---------------------------------------------------------------------------------------------------------


class Role:
    """One side of a scenario at work."""

    def __init__(self, params: dict[str, Any], port: Port) -> None:
        # Where the server listens: host and port, or path.
        self.where: dict[str, Any] = params.get("where", {})
        # A directory of this run's own.
        self.dir: str = params.get("dir", "")
        # Where an attempt to connect is never answered; where it is, and nobody ever accepts, reads or writes.
        self.silent: dict[str, Any] = params.get("silent", {})
        self.mute: dict[str, Any] = params.get("mute", {})
        self._port = port
        self._entries: list[Any] = []
        self._open: set[object] = set()
        self._all: list[Server | Stream] = []
        self._heard: set[str] = set()
        self._waiting: dict[str, Callable[[], object]] = {}
        self._running = True
        self._finished = self._counting = self._over = False

    # -- the log ------------------------------------------------------------------------------------------------------

    def log(self, name: str, *values: Any) -> None:
        """Note something."""
        self._entries.append([name, *map(plain, values)])

    def state(self, label: str, source: Any, *names: str) -> None:
        """Log the named properties of an object."""
        self._entries.append([label, {name: _plain_field(name, getattr(source, name)) for name in names}])

    def attempt(self, name: str, call: Callable[[], Any]) -> Any:
        """Log what a call raises or returns."""
        try:
            result = call()
        except Exception as error:
            if not hasattr(error, "code") and isinstance(error, (AttributeError, NameError)):
                raise
            self.log(name, "throws", error)
            return None
        self.log(name, "returns", result)
        return result

    def callback(self, name: str) -> Callable[..., None]:
        """Return a callback that logs its arguments; the ones at the end that are None do not count."""

        def note(*values: Any) -> None:
            kept = list(values)
            while kept and kept[-1] is None:
                kept.pop()
            self.log(name, *kept)

        return note

    def watch(self, emitter: Any, label: str, *also: str) -> Any:
        """Log the events of an emitter: those of its kind and `also`.

        '-name' leaves one out.  'data' is coalesced, 'chunk' is 'data' chunk by chunk.  A role is over when the servers
        and sockets it watches have closed.
        """
        kind = "server" if isinstance(emitter, Server) else "socket" if isinstance(emitter, Socket) else "stream"
        if kind != "stream":
            self._track(emitter)
        for name in (*EVENTS[kind], *also):
            if not name.startswith("-") and f"-{name}" not in also:
                self._watch_event(emitter, label, name)
        return emitter

    def _watch_event(self, emitter: EventEmitter, label: str, name: str) -> None:
        if name == "data":
            emitter.on("data", lambda chunk: self.data(f"{label}.data", chunk))
        elif name == "chunk":
            emitter.on("data", lambda chunk: self.log(f"{label}.data", chunk))
        elif name == "open":  # a descriptor is another number each time
            emitter.on("open", lambda _: self.log(f"{label}.open"))
        else:
            emitter.on(name, lambda *values: self.log(f"{label}.{name}", *values))

    def file(self, stream: _File, label: str, *also: str) -> _File:
        """Log the events of a file stream, 'open' and 'ready' included; a role is over when the files have closed."""
        self._track(stream)
        self.watch(stream, label, "open", "ready", *also)
        return stream

    def file_state(self, label: str, stream: fs.ReadStream | fs.WriteStream, *names: str) -> None:
        """Log what a file stream says of itself, after the named properties."""
        count = stream.bytes_read if isinstance(stream, fs.ReadStream) else stream.bytes_written
        own = [getattr(stream, name) for name in names]
        known = {"pending": stream.pending, "fd": stream.fd is not None, "count": count}
        self.log(label, *own, {**known, "destroyed": stream.destroyed, "closed": stream.closed})

    def data(self, name: str, chunk: str | bytes) -> None:
        """Log a chunk as one with the chunks before it."""
        last = self._entries[-1] if self._entries else None
        if isinstance(last, _Data) and last.takes(name, chunk):
            last.chunks.append(chunk)
        else:
            self._entries.append(_Data(name, chunk))

    # -- peers --------------------------------------------------------------------------------------------------------

    def serve(self, listener: Callable[..., object] | None = None, connections: int = 1, **options: Any) -> Server:
        """Make a watched server at `where` that closes at its last expected connection (0: never by itself)."""
        server: Server = self.watch(net.create_server(**options), "server")
        count = 0

        def connected(socket: Socket) -> None:
            nonlocal count
            self._track(socket)
            count += 1
            if count == connections:
                server.close()
            if listener is not None:
                listener(socket)

        server.on("connection", connected)
        server.listen(**self.where, callback=lambda: self.ready(server))
        return server

    def ready(self, server: Server) -> None:
        """Tell the other role where to connect."""
        address: Any = server.address()
        self._port(
            "ready", {"path": address} if isinstance(address, str) else {"host": "127.0.0.1", "port": address.port}
        )

    def connect(self, *also: str, **options: Any) -> Socket:
        """Return a watched socket that connects to the server."""
        socket: Socket = self.watch(net.connect(**{**self.where, **options}), "client", *also)
        return socket

    def tell(self, name: str) -> None:
        """Tell the other role something outside the connection."""
        self._port("tell", name)

    def when(self, name: str, callback: Callable[[], object]) -> None:
        """Call back once when the other role has told `name`."""
        if name in self._heard:
            callback()
        else:
            self._waiting[name] = callback

    def when_ready(self, socket: Socket, name: str, callback: Callable[[], object]) -> None:
        """Call back once when the socket is ready and the other role has told `name`."""
        socket.once("ready", lambda: self.when(name, callback))

    # -- material -----------------------------------------------------------------------------------------------------

    @staticmethod
    def fill(size: int) -> bytes:
        """Return `size` bytes that look like nothing else."""
        block = _pattern()
        return (block * (size // len(block) + 1))[:size]

    def turns(self, count: int, callback: Callable[[], object]) -> None:
        """Call back after some turns of the loop."""
        if count == 0:
            callback()
        else:
            timers.set_immediate(self.turns, count - 1, callback)

    def until(self, is_so: Callable[[], bool], callback: Callable[[], object]) -> None:
        """Call back in the first turn of the loop in which something is so."""
        if is_so():
            callback()
        elif not self._over:
            timers.set_immediate(self.until, is_so, callback)

    @staticmethod
    def seconds(seconds: float | None) -> float | None:
        """Return seconds; Node has milliseconds."""
        return seconds

    def done(self) -> None:
        """End the role, whatever is open."""
        self._finished = True
        self._maybe_over()

    def hold(self) -> Callable[..., None]:
        """Keep the role from being over until the function it returns is called."""
        token = object()
        self._open.add(token)
        return lambda *_: self._forget(token)

    # -- for the harness ----------------------------------------------------------------------------------------------

    @property
    def entries(self) -> Log:
        """The log so far."""
        return [entry.entry() if isinstance(entry, _Data) else entry for entry in self._entries]

    def run(self, scenario: Callable[[Role], Any]) -> None:
        """Start the scenario."""
        result = scenario(self)
        if inspect.isawaitable(result):
            asyncio.ensure_future(result).add_done_callback(self._awaited)
        else:
            self._ran()

    def hear(self, name: str) -> None:
        """Take what the other role told."""
        self._heard.add(name)
        if (callback := self._waiting.pop(name, None)) is not None:
            callback()

    def clean_up(self) -> None:
        """Close what the scenario left open."""
        self._over = True
        for emitter in self._all:
            if isinstance(emitter, Server):
                emitter.close()
            else:
                emitter.destroy()

    def _track(self, emitter: Server | Stream) -> None:
        if emitter in self._all:
            return
        self._all.append(emitter)
        self._open.add(emitter)
        emitter.once("close", lambda *_: self._forget(emitter))

    def _awaited(self, task: asyncio.Future[Any]) -> None:
        if (error := task.exception()) is not None:
            current().fail(error)
        self._ran()

    def _ran(self) -> None:
        self._running = False
        self._maybe_over()

    def _forget(self, opened: object) -> None:
        self._open.discard(opened)
        self._maybe_over()

    def _is_busy(self) -> bool:
        return not self._finished and (self._running or bool(self._open))

    def _maybe_over(self) -> None:
        if not self._counting and not self._over and not self._is_busy():
            self._counting = True
            self._count_turns(len(self._entries), 0)

    def _count_turns(self, seen: int, quiet: int) -> None:
        count = len(self._entries)
        if self._over:
            return
        if self._is_busy():
            self._counting = False
        elif quiet == QUIET_TURNS:
            self._over = True
            self._port("done", self.entries)
        else:
            asyncio.get_running_loop().call_soon(self._count_turns, count, quiet + 1 if count == seen else 0)
