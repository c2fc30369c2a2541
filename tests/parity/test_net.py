"""The list in `net.toml` against sockstream, against its tests, and against the Node on the machine."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.events import EventEmitter
from sockstream.net.handle_stream import HandleStream
from tests.node.harness import Case, Silence, play
from tests.parity import __main__ as report
from tests.parity.covering import coverage_problem, scenario_of
from tests.parity.entries import ENTRIES, OBJECTS, PYTHON, UNDOCUMENTED, Entry, options_of
from tests.parity.members import OPTION_TYPES, documented_events, find, parameters, problem, typed_events

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

LOCAL = "127.0.0.1"
CLASSES = [name for name in OBJECTS if inspect.isclass(find(name))]
TAKERS = [entry for entry in ENTRIES if "options" in entry.data]
EVENTS = [entry for entry in ENTRIES if entry.kind == "event"]


# -- what is listed is there ------------------------------------------------------------------------------------------


def test_each_name_is_there_as_listed() -> None:
    found = {entry.id: problem(entry) for entry in [*ENTRIES, *PYTHON]}
    assert {name: text for name, text in found.items() if text is not None} == {}


def test_each_name_is_covered_by_tests_that_have_it() -> None:
    found = {entry.id: coverage_problem(entry) for entry in [*ENTRIES, *PYTHON]}
    assert {name: text for name, text in found.items() if text is not None} == {}


def test_pythons_own_names_have_a_reason() -> None:
    assert [entry.id for entry in PYTHON if not entry.data.get("reason")] == []


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (Entry("Server", "method", "listne", {}), "missing"),
        (Entry("Server", "property", "close", {}), "not data"),
        (Entry("Server", "method", "listening", {}), "not callable"),
        (Entry("Server", "method", "close", {"signature": "(callback)"}), "(callback=None), not (callback)"),
        (Entry("Server", "method", "listen", {"forms": ["(port)"]}), "3 forms, not 1"),
        (Entry("Server", "method", "close", {"node": "closed"}), "its docstring does not tell Node's name"),
        (Entry("Server", "option", "no_delay", {"default": "True"}), "the default is False"),
        (Entry("listen", "option", "backlog", {"default": "5"}), "the default is 511"),
        (Entry("connect", "option", "hosts", {}), "not among the option types"),
        (Entry("BoundSocket", "option", "hosts", {}), "missing"),
        (Entry("Socket", "event", "close", {"args": []}), "documented with ['had_error']"),
    ],
    ids=lambda value: value.id if isinstance(value, Entry) else None,
)
def test_what_is_not_as_listed_is_found(entry: Entry, text: str) -> None:
    assert problem(entry) == text


@pytest.mark.parametrize(
    ("test", "text"),
    [
        ("node:net_life/no_such", "there is no node:net_life/no_such"),
        ("tests/no_such.py::test_net", "there is no tests/no_such.py::test_net"),
        ("tests/loops/test_socket.py::test_no_such", "there is no tests/loops/test_socket.py::test_no_such"),
        ("node:net_life/ping_pong", "node:net_life/ping_pong has no get_connections"),
    ],
)
def test_a_test_that_does_not_cover_is_found(test: str, text: str) -> None:
    assert coverage_problem(Entry("Server", "method", "get_connections", {"test": [test]})) == text


def test_the_report_shows_each_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Node", "sockstream", "kind", "since", "present", "covered", "by"]
    assert len(lines) == len(ENTRIES) + len(PYTHON) + 3


# -- what is there is listed ------------------------------------------------------------------------------------------


def _listed(name: str, *kinds: str) -> set[str]:
    return {entry.name for entry in [*ENTRIES, *PYTHON] if entry.object == name and (not kinds or entry.kind in kinds)}


def test_nothing_public_of_the_module_is_missing() -> None:
    here = {name for name in dir(net) if not name.startswith("_")}
    assert here == set(net.__all__) == _listed("net")


@pytest.mark.parametrize("name", CLASSES)
def test_nothing_public_of_a_class_is_missing(name: str) -> None:
    """What a socket has of a stream is the stream's, and listed where API.md names it."""
    bases = [each for each in find(name).__mro__ if each.__module__.startswith("sockstream.net")]
    here = {attribute for each in bases for attribute in vars(each) if not attribute.startswith("_")}
    assert here - _listed(name) == set()


@pytest.mark.parametrize("name", ["Server", "Socket"])
def test_no_event_is_missing(name: str) -> None:
    owner = find(name)
    assert set(documented_events(owner)) == set(typed_events(owner, "on")) == set(typed_events(owner, "emit"))
    assert set(documented_events(owner)) == _listed(name, "event")


@pytest.mark.parametrize("tables", OPTION_TYPES, ids="+".join)
def test_the_types_of_options_are_the_options(tables: tuple[str, ...]) -> None:
    assert set(OPTION_TYPES[tables].__optional_keys__) == set(options_of(*tables))


@pytest.mark.parametrize("name", [name for name in CLASSES if options_of(name)])
def test_no_option_of_a_constructor_is_missing(name: str) -> None:
    taken = {parameter for parameter, kind, _ in parameters(find(name)) if kind == "KEYWORD_ONLY"}
    assert taken <= _listed(name, "option", "own")


# -- options are taken ------------------------------------------------------------------------------------------------


def _given(entry: Entry) -> dict[str, object]:
    """Return all options of a function with their defaults."""
    options = options_of(*entry.data["options"])
    return {
        name: ast.literal_eval(option.data["default"]) for name, option in options.items() if "default" in option.data
    }


async def _listen(options: dict[str, Any]) -> None:
    async with net.Server().listen(**options):
        pass


async def _start(options: dict[str, Any]) -> None:
    async with await net.start_server(**options):
        pass


async def _connect(function: Callable[..., Any], options: dict[str, Any]) -> None:
    async with await net.start_server(host=LOCAL) as server:
        address = server.address()
        assert isinstance(address, net.AddressInfo)
        socket = function(**{**options, "host": LOCAL, "port": address.port})
        socket = await socket if inspect.isawaitable(socket) else socket
        socket.destroy()
        await socket.wait_closed()


async def _make(function: Callable[..., Any], options: dict[str, Any]) -> None:
    made = function(**options)
    if isinstance(made, net.BoundSocket):
        made.close()


CALLS: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
    "net.class.Server": lambda options: _make(net.Server, options),
    "net.class.Socket": lambda options: _make(net.Socket, options),
    "net.class.BoundSocket": lambda options: _make(net.BoundSocket, options),
    "net.class.SocketAddress": lambda options: _make(net.SocketAddress, options),
    "net.function.create_server": lambda options: _make(net.create_server, options),
    "net.function.connect": lambda options: _connect(net.connect, options),
    "net.function.create_connection": lambda options: _connect(net.create_connection, options),
    "net.function.open_connection": lambda options: _connect(net.open_connection, options),
    "net.function.start_server": _start,
    "Server.method.listen": _listen,
    "Socket.method.connect": lambda options: _connect(net.Socket().connect, options),
}


@pytest.mark.only_loop("asyncio")
@pytest.mark.parametrize("entry", TAKERS, ids=[entry.id for entry in TAKERS])
async def test_a_function_takes_its_options_and_no_others(entry: Entry) -> None:
    given = _given(entry)
    await CALLS[entry.id](given)
    with pytest.raises(TypeError, match="no_such_option"):
        await CALLS[entry.id]({**given, "no_such_option": None})


# -- events are emitted -----------------------------------------------------------------------------------------------


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> set[tuple[type, str, int]]:
    """What any emitter has emitted: its class, the event and the number of arguments."""
    seen: set[tuple[type, str, int]] = set()
    emit = EventEmitter.emit

    def note(self: EventEmitter, name: str, *args: Any) -> bool:
        seen.update((cls, name, len(args)) for cls in type(self).__mro__)
        return emit(self, name, *args)

    monkeypatch.setattr(EventEmitter, "emit", note)
    # The fast path of reading emits nothing: it calls the listeners.
    monkeypatch.setattr(HandleStream, "handle_data", HandleStream._receive_slowly)
    return seen


@pytest.fixture
def without_node() -> Iterator[Any]:
    """What a scenario in Python alone asks of the Node processes."""
    silence = Silence()
    yield types.SimpleNamespace(silence=silence)
    silence.close()


@pytest.mark.only_loop("asyncio")
@pytest.mark.parametrize("entry", EVENTS, ids=[entry.id for entry in EVENTS])
async def test_an_event_is_emitted_in_its_scenario(
    entry: Entry, emitted: set[tuple[type, str, int]], without_node: Any
) -> None:
    scenario = scenario_of(entry)
    assert scenario is not None
    await play(Case(scenario, scenario.transports[0]), without_node, ("py", "py"))
    assert (find(entry.object), entry.name, len(entry.data["args"])) in emitted


# -- Node's own names -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node_shows(node: str) -> dict[str, Any]:
    """What the Node on the machine shows of its `net`."""
    script = Path(__file__).with_name("names.js")
    shown: dict[str, Any] = json.loads(subprocess.run([node, str(script)], capture_output=True, check=True).stdout)
    return shown


def _nodes(name: str) -> set[str]:
    """Return the names of Node's that the list has for an object."""
    return {entry.node for entry in ENTRIES if entry.object == name and entry.kind not in ("option", "event")}


def test_nothing_that_node_shows_is_missing(node_shows: dict[str, Any]) -> None:
    shown = {"net": set(node_shows["net"])} | {
        name: {*names["statics"], *names["members"]} for name, names in node_shows["classes"].items()
    }
    missing = {name: names - _nodes(name) - set(UNDOCUMENTED.get(name, {})) for name, names in shown.items()}
    assert {name: names for name, names in missing.items() if names} == {}
    stale = {name: set(names) - shown[name] for name, names in UNDOCUMENTED.items()}
    assert {name: names for name, names in stale.items() if names} == {}


def _is_in(version: str, entry: Entry) -> bool:
    """Tell whether a Node of that version has what the entry names."""
    if not entry.since:
        return True
    numbers = [[int(part) for part in text.split(".")] for text in (entry.since, version) if text[0].isdigit()]
    return len(numbers) == 2 and numbers[0] <= numbers[1]


def _names_in_node(entry: Entry, node_shows: dict[str, Any]) -> set[str]:
    if entry.object == "net":
        return set(node_shows["net"])
    names = node_shows["classes"][entry.object]
    return set(names["statics"] if entry.kind in ("static", "constant") else names["members"] + names["inherited"])


def test_nodes_names_are_nodes(node_shows: dict[str, Any]) -> None:
    """A name that is spelt wrongly in the list would be found nowhere."""
    asked = [
        entry
        for entry in ENTRIES
        if entry.kind not in ("option", "event", "field")
        and "instance" not in entry.data
        and _is_in(node_shows["version"], entry)
    ]
    assert len(asked) > 70
    assert [entry.id for entry in asked if entry.node not in _names_in_node(entry, node_shows)] == []
