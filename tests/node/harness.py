"""Plays a scenario with each role on either side, and says what each role logged.

A scenario is a name that `scenarios/<group>.js` exports and `scenarios/<group>.py` defines: a function of one role,
or a class of two, `server` and `client`.  JavaScript's roles run in two long-lived processes (one for each role, so
that two roles in JavaScript are two processes as well), Python's in the running loop.

To add one, write it in both files under the same name (camelCase there; here snake_case, CamelCase for a class) with
the same calls of `t`, and look at it with `python -m tests.node.report NAME`.  A role logs what is the same each time,
waits for events or for what the other role tells it, and is over when all it watches has closed and it is quiet.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import itertools
import json
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream.loop import current
from tests.node.lib import Log, Peers, Role
from tests.node.once import GUARD_SECONDS
from tests.node.programs import PythonPrograms, Silence, run_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "DIFFERENCES",
    "GROUPS",
    "MIXES",
    "Case",
    "NodeProcesses",
    "Scenario",
    "ScenarioFailedError",
    "Silence",
    "cases",
    "difference",
    "mixes_of",
    "play",
    "play_program",
]

HERE = Path(__file__).parent
GROUPS = sorted(path.stem for path in (HERE / "scenarios").glob("*.js"))
# Scenarios of these are programs of their own: what counts is the log and the exit code.
PROGRAM_GROUPS = ("fs_limits", "net_exits", "net_references")
# Which side runs each role: (server, client).
MIXES = {"py-py": ("py", "py"), "py-node": ("py", "node"), "node-py": ("node", "py")}

# What API.md says where scenarios differ because of it.
_NEWEST = 'API.md: "Node.js\'s documented `net` (its newest documentation, v26, the unreleased parts included)"'
_ACCEPTED = (
    'API.md: "on a socket that a server accepted, the connection dies, the error is logged (logger `sockstream`) with '
    "the peer's address, and the server goes on\""
)
_LISTENERS = 'API.md: "An exception out of a plain listener is treated as an error of the emitter whose I/O called it."'
_AGAIN = "API.md: \"Works again after `'close'`.\""
_NODE_26 = (
    "API.md: \"Node.js's documented `net` (its newest documentation, v26, the unreleased parts included), `stream`, "
    '`events` and file streams"; as in Node 26'
)
# API.md has no sentence for these: Node loses data there, or never ends.
_OURS = "docs/differences.md"
# Scenarios that are to differ, and why; docs/differences.md has the reasons.
DIFFERENCES = {
    "net_exits/connection_listener_throws": _ACCEPTED,
    "net_exits/reset_unheard_by_a_server": _ACCEPTED,
    "net_faults/path_too_long_to_connect": f"{_NEWEST}; Node 20 cuts the path off and goes on",
    "net_faults/path_too_long_to_listen": f"{_NEWEST}; Node 20 cuts the path off and goes on",
    "net_order/error_in_a_listener": _LISTENERS,
    "net_pending/text_that_waits_is_counted": 'API.md: "Default high-water mark 65,536 bytes"; Node counts characters',
    "net_reconnect/connect_while_connected": f"{_AGAIN}; before that it is undefined, Node's documentation says",
    "net_reconnect/drain_owed_to_the_first_connection": f"{_AGAIN}; a pipe to it would wait for ever",
    "net_reconnect/refused_twice_then_connected": f"{_AGAIN}; the write that was refused fails Node's next connection",
    "stream_errors/uncork_in_the_callback_of_a_failure": f"{_OURS}; Node writes what has failed",
    "stream_sinks/write_raises_while_uncorking_then_answers": f"{_OURS}; Node never writes again after that",
    "stream_sinks/writev_writes_more": f"{_OURS}; Node drops what `_writev` itself writes, and never finishes",
    "stream_pipeline_kinds/the_middle_has_ended": f"{_OURS}; Node loses the data and reports success",
    "stream_pipeline_kinds/the_sink_has_finished": f"{_OURS}; Node waits for ever",
    "stream_compose/of_a_readable": f"{_NODE_26}; Node 20 wraps the Duplex",
    "stream_compose/of_a_readable_aborted_by_a_signal": f"{_NODE_26}; Node 20 wraps the Duplex",
    "stream_duplex_from/an_async_function_that_returns_early": f"{_NODE_26}; Node 20 says nothing, ever",
    "stream_duplex_from/destroying_a_generator_function_that_waits": f"{_NODE_26}; Node 20 never closes it",
    "stream_duplex_from/the_readable_fails": f"{_NODE_26}; Node 20 forgets the writable",
    "stream_duplex_from/the_readable_is_destroyed": f"{_NODE_26}; Node 20 forgets the writable",
    "stream_from/async_destroyed_at_a_yield": (
        f"{_OURS}; Node emits an 'end' after destroy() where an async generator is closed, as if all had been read"
    ),
    "stream_pairs/an_empty_text": f"{_OURS}; Node loses '' and []",
    "stream_pairs/destroyed": f"{_NODE_26}; Node 20 says nothing to the other side",
    "stream_pairs/destroyed_with_an_error": f"{_NODE_26}; Node 20 says nothing to the other side",
}
# What stands in a difference for an entry that is not there.
_NOTHING = "nothing"

Logs = dict[str, Log]


class ScenarioFailedError(Exception):
    """A scenario is broken or never ended; the text says how far it came."""


# -- the scenarios ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scenario:
    """A scenario in both languages."""

    group: str
    name: str
    # A function of one role, or a subclass of Peers.
    body: Any

    @property
    def id(self) -> str:
        return f"{self.group}/{self.name}"

    @property
    def js_name(self) -> str:
        return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), self.name)

    @property
    def roles(self) -> tuple[str, ...]:
        return ("server", "client") if inspect.isclass(self.body) else ("solo",)

    @property
    def transports(self) -> tuple[str, ...]:
        body = self.body
        return tuple(body.transports) if isinstance(body, type) and issubclass(body, Peers) else ("local",)

    @property
    def is_program(self) -> bool:
        return self.group in PROGRAM_GROUPS

    def role(self, name: str) -> Callable[[Role], Any]:
        """Return the function of a role."""
        function: Callable[[Role], Any] = getattr(self.body(), name) if inspect.isclass(self.body) else self.body
        return function


@dataclass(frozen=True)
class Case:
    """A scenario over one transport."""

    scenario: Scenario
    transport: str

    @property
    def id(self) -> str:
        return self.scenario.id if self.transport == "local" else f"{self.scenario.id}-{self.transport}"


def snake(name: str) -> str:
    """Return a CamelCase name in snake_case."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def scenarios(group: str) -> list[Scenario]:
    """Return the scenarios that a group's Python file defines, in its order."""
    module = importlib.import_module(f"tests.node.scenarios.{group}")
    found: list[Scenario] = []
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
        if own and inspect.isfunction(value):
            found.append(Scenario(group, name, value))
        elif own and inspect.isclass(value) and issubclass(value, Peers):
            found.append(Scenario(group, snake(name), value))
    return found


def cases(*, programs: bool = False) -> list[Case]:
    """Return every scenario over each of its transports."""
    return [
        Case(scenario, transport)
        for group in GROUPS
        if (group in PROGRAM_GROUPS) == programs
        for scenario in scenarios(group)
        for transport in scenario.transports
    ]


def mixes_of(case: Case) -> dict[str, tuple[str, str]]:
    """Return which sides run the roles of a scenario; one without a peer has no crossed pairs."""
    return MIXES if len(case.scenario.roles) > 1 else {"py": ("py", "py")}


def difference(expected: Logs, got: Logs) -> str | None:
    """Return where two runs differ first, if they do."""
    for role, log in expected.items():
        for index, (theirs, ours) in enumerate(zip_longest(log, got[role], fillvalue=_NOTHING)):
            if theirs != ours:
                return f"{role} {index}: Node {theirs}, sockstream {ours}"
    return None


# -- Node's side ------------------------------------------------------------------------------------------------------


class NodeProcess:
    """A process that runs one role of JavaScript's after another."""

    def __init__(self, node: str) -> None:
        self._process = subprocess.Popen(
            [node, str(HERE / "runner.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._ids = itertools.count()
        self._listeners: dict[int, Callable[[dict[str, Any]], object]] = {}
        self._thread = threading.Thread(target=self._read, daemon=True, name="node")
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if (listener := self._listeners.get(message["id"])) is not None:
                listener(message)
            else:
                print("node:", line, file=sys.stderr)

    def open(self, listener: Callable[[dict[str, Any]], object]) -> int:
        """Return an id whose messages go to the listener, in the reading thread."""
        number = next(self._ids)
        self._listeners[number] = listener
        return number

    def forget(self, number: int) -> None:
        """Drop what is still said for an id."""
        self._listeners[number] = lambda _: None

    def send(self, number: int, command: str, **values: Any) -> None:
        """Give the process a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "command": command, **values}) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._thread.join(10)
        self._process.stdout.close()


class NodeProcesses:
    """A process for each role, and what Node logged in the scenarios played so far."""

    def __init__(self, node: str) -> None:
        self.path = node
        self.silence = Silence()
        self.pythons = PythonPrograms()
        self._processes = {role: NodeProcess(node) for role in ("server", "client")}
        self._references: dict[str, Logs] = {}

    def of(self, role: str) -> NodeProcess:
        """Return the process for a role; a lone role is a client."""
        return self._processes["server" if role == "server" else "client"]

    async def reference(self, case: Case) -> Logs:
        """Return what Node alone logs in a scenario."""
        if case.id not in self._references:
            self._references[case.id] = await play(case, self, ("node", "node"))
        return self._references[case.id]

    def program_reference(self, case: Case) -> Logs:
        """Return what Node logs in a scenario that is a program."""
        if case.id not in self._references:
            self._references[case.id] = play_program(case, self, "node")
        return self._references[case.id]

    async def names(self, group: str) -> list[str]:
        """Return the names that a group's JavaScript file exports."""
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()
        process = self.of("client")
        number = process.open(lambda message: loop.call_soon_threadsafe(answer.set_result, message["names"]))
        process.send(number, "names", group=group)
        return await answer

    def close(self) -> None:
        """End the processes."""
        self.silence.close()
        self.pythons.close()
        for process in self._processes.values():
            process.close()


# -- a run ------------------------------------------------------------------------------------------------------------


class _NodeRole:
    """A role that runs in a Node process."""

    def __init__(self, run: _Run, name: str, process: NodeProcess) -> None:
        self.name = name
        loop = asyncio.get_running_loop()
        self._process = process
        self._run = run
        self._dumped: asyncio.Future[Log] = loop.create_future()
        self._number = process.open(lambda message: loop.call_soon_threadsafe(self._take, message))

    def _take(self, message: dict[str, Any]) -> None:
        if message["kind"] == "dumped":
            self._dumped.set_result(message["log"])
            return
        value = next((message[key] for key in ("where", "name", "log", "error") if key in message), None)
        self._run.report(self.name, message["kind"], value)

    def start(self, scenario: Scenario, params: dict[str, Any]) -> None:
        role = None if self.name == "solo" else self.name
        self._process.send(self._number, "run", group=scenario.group, name=scenario.js_name, role=role, params=params)

    def hear(self, name: str) -> None:
        self._process.send(self._number, "hear", name=name)

    async def dump(self) -> Log:
        self._process.send(self._number, "dump")
        async with asyncio.timeout(5):
            return await self._dumped

    def clean_up(self) -> None:
        self._process.send(self._number, "clean")
        self._process.forget(self._number)


class _PythonRole:
    """A role that runs in this loop."""

    def __init__(self, run: _Run, name: str) -> None:
        self.name = name
        self._run = run
        self._role: Role | None = None

    def start(self, scenario: Scenario, params: dict[str, Any]) -> None:
        role = self._role = Role(params, lambda kind, value: self._run.report(self.name, kind, value))
        # An entry from the loop, as Node's main program is.
        asyncio.get_running_loop().call_soon(current().enter, None, role.run, scenario.role(self.name))

    def hear(self, name: str) -> None:
        assert self._role is not None
        asyncio.get_running_loop().call_soon(current().enter, None, self._role.hear, name)

    async def dump(self) -> Log:
        return self._role.entries if self._role is not None else []

    def uncaught(self, error: object) -> None:
        if self._role is not None:
            self._role.log("uncaught", error)

    def clean_up(self) -> None:
        if self._role is not None:
            current().enter(None, self._role.clean_up)


class _Run:
    """One scenario at work: starts its roles, carries what they tell one another, gathers their logs."""

    def __init__(self, case: Case, nodes: NodeProcesses | None, sides: tuple[str, str]) -> None:
        self.scenario = case.scenario
        self.transport = case.transport
        by_role = dict(zip(("server", "client"), sides, strict=True)) | {"solo": sides[1]}
        self.roles: dict[str, _NodeRole | _PythonRole] = {}
        for name in self.scenario.roles:
            if by_role[name] == "node":
                assert nodes is not None
                self.roles[name] = _NodeRole(self, name, nodes.of(name))
            else:
                self.roles[name] = _PythonRole(self, name)
        self.logs: Logs = {}
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.directory = ""
        self._silence = nodes.silence.where if nodes is not None else {}

    async def play(self) -> Logs:
        with tempfile.TemporaryDirectory(prefix="ss-") as self.directory, self._judging_errors():
            try:
                where = (
                    {"path": f"{self.directory}/s"} if self.transport == "unix" else {"host": "127.0.0.1", "port": 0}
                )
                self._start(self.scenario.roles[0], where)
                async with asyncio.timeout(GUARD_SECONDS):
                    await self.over
            except TimeoutError:
                raise ScenarioFailedError(await self._state("still waiting")) from None
            finally:
                for role in self.roles.values():
                    role.clean_up()
                await self._settle()
        return json.loads(json.dumps(self.logs))  # type: ignore[no-any-return]

    def _where(self) -> dict[str, Any]:
        return {"path": f"{self.directory}/s"} if self.transport == "unix" else {"host": "127.0.0.1", "port": 0}

    def _start(self, name: str, where: dict[str, Any]) -> None:
        self.roles[name].start(self.scenario, {"where": where, "dir": self.directory, **self._silence})

    def report(self, role: str, kind: str, value: Any) -> None:
        """Take what a role says."""
        other = self.roles.get("client" if role == "server" else "server")
        if kind == "ready":
            self._start("client", value)
        elif kind == "tell" and other is not None:
            other.hear(value)
        elif kind == "failed":
            self._fail(value)
        elif kind == "done":
            self.logs[role] = value
            if len(self.logs) == len(self.roles) and not self.over.done():
                self.over.set_result(None)

    def _fail(self, text: str) -> None:
        if not self.over.done():
            self.over.set_exception(ScenarioFailedError(text))

    async def _state(self, text: str) -> str:
        lines = [f"{self.scenario.id}: {text}"]
        for name, role in self.roles.items():
            log = self.logs[name] if name in self.logs else await role.dump()
            lines += [f"{name}{' (done)' if name in self.logs else ''}:", *(f"  {entry}" for entry in log)]
        return "\n".join(lines)

    @contextmanager
    def _judging_errors(self) -> Iterator[None]:
        """Have errors that nobody listens to in the log of the Python roles."""
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()
        loop.set_exception_handler(lambda _, context: self._judge(context))
        try:
            yield
        finally:
            loop.set_exception_handler(before)

    def _judge(self, context: dict[str, Any]) -> None:
        """Tell a mistake in a scenario (or in the library) from an error that is part of the log."""
        error = context.get("exception")
        if not hasattr(error, "code") and isinstance(error, (AttributeError, NameError, TypeError, AssertionError)):
            if not self.over.done():
                self.over.set_exception(error)
            return
        for role in self.roles.values():
            if isinstance(role, _PythonRole):
                role.uncaught(error if error is not None else context["message"])

    async def _settle(self) -> None:
        """Give what was closed the turns of the loop that it takes."""
        for _ in range(20):
            if not current().resources:
                return
            await asyncio.sleep(0)


async def play(case: Case, nodes: NodeProcesses | None, sides: tuple[str, str]) -> Logs:
    """Play a scenario with the given sides ('py' or 'node') as (server, client), and return each role's log."""
    return await _Run(case, nodes, sides).play()


def play_program(case: Case, nodes: NodeProcesses, side: str) -> Logs:
    """Run a scenario that is a program.

    Args:
        case: the scenario.
        nodes: Node.
        side: 'node', or the Python loop.

    Returns:
        The log; its last entry is the exit code.
    """
    with tempfile.TemporaryDirectory(prefix="ss-") as directory:
        params = json.dumps({"dir": directory, **nodes.silence.where})
        if side == "node":
            done = run_node(nodes.path, case.scenario.group, case.scenario.js_name, params)
        else:
            done = nodes.pythons.run_program(side, case.scenario.group, case.scenario.name, params)
    try:
        log: Log = json.loads(done.out)
    except ValueError:
        raise ScenarioFailedError(f"{case.id}: no log\n{done.out}\n{done.errors}") from None
    return {"program": [*log, ["exit", done.exit_code]]}
