"""The layers of the design: an import points down, and only the handles know how the loop does its I/O."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = SOURCE / "sockstream"

# Lowest first.  A module belongs to the entry that is the longest prefix of its name.
LAYERS = [
    ["sockstream.errors", "sockstream.on_demand"],
    ["sockstream.loop"],
    ["sockstream.events", "sockstream.timers", "sockstream.abort", "sockstream.encoding"],
    ["sockstream.stream"],
    ["sockstream.fs"],
    ["sockstream.net"],
    ["sockstream"],
    ["sockstream.cli", "sockstream.__main__"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# A handle knows the transport and nothing of streams, sockets and events.
BELOW_HANDLES = {"sockstream.errors", "sockstream.loop", "sockstream.net.handles", "sockstream.net.addresses"}
# A bridge is an adaptor, not a user of a loop's transports: it takes and makes the classes by which other libraries
# know a connection, and asks no loop for one.
ADAPTS_ASYNCIO = ("sockstream.stream.bridges",)
ADAPTED = {"BaseProtocol", "Protocol", "StreamReader", "StreamWriter", "Transport"}
# Where the kernel is spoken to: sockets are made, connected, bound and accepted here only.
SPEAKS_TO_KERNEL = ("sockstream.net.handles", "sockstream.net.connecting")

TRANSPORT_NAMES = {
    "BaseProtocol", "BaseTransport", "BufferedProtocol", "DatagramProtocol", "DatagramTransport", "Protocol",
    "ReadTransport", "Server", "StreamReader", "StreamWriter", "Transport", "WriteTransport", "open_connection",
    "open_unix_connection", "start_server", "start_unix_server",
}  # fmt: skip
LOOP_IO = {
    "add_reader", "add_writer", "connect_accepted_socket", "connect_read_pipe", "connect_write_pipe",
    "create_datagram_endpoint", "create_unix_connection", "create_unix_server", "remove_reader", "remove_writer",
    "sock_accept", "sock_connect", "sock_recv", "sock_recv_into", "sock_sendall", "sock_sendfile",
}  # fmt: skip
SOCKET_IO = {"create_connection", "create_server", "fromfd", "socket", "socketpair"}


def _modules() -> dict[str, ast.Module]:
    found: dict[str, ast.Module] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


MODULES = _modules()
each_module = pytest.mark.parametrize("module", MODULES)


def _within(module: str, prefixes: tuple[str, ...] | set[str]) -> bool:
    return any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes)


def _rank(module: str) -> int:
    """Return the number of the module's layer; `sockstream.x` of no layer has none, and must be given one above."""
    name = module
    while name not in RANK:
        name = name.rpartition(".")[0]
    assert name != "sockstream" or module == "sockstream", f"{module} is in no layer"
    return RANK[name]


def _imports(module: str, tree: ast.Module) -> list[tuple[str, int]]:
    """Return every imported module with its line, those under `TYPE_CHECKING` and inside functions included."""
    package = module if (SOURCE / module.replace(".", "/") / "__init__.py").exists() else module.rpartition(".")[0]
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            # `from sockstream import net` imports the module `sockstream.net`.
            found += [
                (f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base, node.lineno)
                for alias in node.names
            ]
    return found


@each_module
def test_every_module_has_a_layer(module: str) -> None:
    assert _rank(module) >= 0


@each_module
def test_imports_point_down(module: str) -> None:
    rank = _rank(module)
    up = [
        f"line {line}: {imported}"
        for imported, line in _imports(module, MODULES[module])
        if _within(imported, {"sockstream"}) and _rank(imported) > rank
    ]
    assert not up


@each_module
def test_nothing_imports_the_package_itself(module: str) -> None:
    """A name taken from `sockstream` could be of any layer; only the command, a user of the package, may."""
    if _within(module, {"sockstream.cli", "sockstream.__main__"}):
        return
    assert [line for imported, line in _imports(module, MODULES[module]) if imported == "sockstream"] == []


@each_module
def test_handles_know_nothing_of_streams_and_sockets(module: str) -> None:
    if not _within(module, {"sockstream.net.handles"}):
        return
    imported = {name for name, _ in _imports(module, MODULES[module]) if _within(name, {"sockstream"})}
    assert {name for name in imported if not _within(name, BELOW_HANDLES)} == set()


@each_module
def test_only_handles_import_the_engines(module: str) -> None:
    """Uvloop's loop is made in `loop.py`, inside the function that needs it, so that importing stays light."""
    engines = {(name, line) for name, line in _imports(module, MODULES[module]) if name in {"aiofastnet", "uvloop"}}
    if _within(module, {"sockstream.net.handles"}):
        return
    if module == "sockstream.loop":
        at_top = {node.lineno for node in MODULES[module].body}
        engines = {(name, line) for name, line in engines if name != "uvloop" or line in at_top}
    assert engines == set()


def _attributes(tree: ast.Module) -> list[tuple[str, str, int]]:
    """Return (what, attribute, line) of each `what.attribute` and each `from what import attribute`."""
    found: list[tuple[str, str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.append((ast.unparse(node.value), node.attr, node.lineno))
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name, node.lineno) for alias in node.names]
    return found


@each_module
def test_only_handles_use_transports(module: str) -> None:
    if _within(module, SPEAKS_TO_KERNEL):
        return
    forbidden = TRANSPORT_NAMES - (ADAPTED if _within(module, ADAPTS_ASYNCIO) else set())
    used = [
        f"line {line}: {what}.{name}"
        for what, name, line in _attributes(MODULES[module])
        if (what in {"asyncio", "asyncio.transports", "asyncio.protocols"} and name in forbidden) or name in LOOP_IO
    ]
    assert used == []


@each_module
def test_only_handles_make_kernel_sockets(module: str) -> None:
    """`socket.socket` as a type and the module's constants are everybody's; calls that make one are not."""
    if _within(module, SPEAKS_TO_KERNEL):
        return
    made = [
        f"line {node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) in {"socket", "_socket"}
        and node.func.attr in SOCKET_IO
    ]
    made += [
        f"line {line}: from socket import {name}"
        for what, name, line in _attributes(MODULES[module])
        if what == "socket" and name in SOCKET_IO - {"socket"}
    ]
    assert made == []


def test_importing_the_package_leaves_the_command_and_the_engines_out() -> None:
    """What can be imported from it needs neither click nor rich, and starts no loop's library."""
    code = """if True:
        import sys
        from sockstream import *
        from sockstream.net import *
        from sockstream.stream import *
        print(sorted({'sockstream.cli', 'click', 'rich', 'uvloop'} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
