"""The documentation site: its programs run, its names exist, and its build notices what is broken or missing."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import io
import re
import signal
import socket as stdlib_socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sockstream
from sockstream import events, fs, net, stream, timers

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if not path.relative_to(DOCS).parts[0].startswith("_"))
# Names that blocks use without saying what they are.
KNOWN: dict[str, tuple[Any, ...]] = {
    "asyncio": (asyncio,),
    "client": (net.Socket,),
    "events": (events,),
    "fs": (fs,),
    "net": (net,),
    "reader": (asyncio.StreamReader,),
    "server": (net.Server, asyncio.Server),
    "socket": (net.Socket, stdlib_socket),
    "stream": (stream,),
    "timers": (timers,),
    "writer": (asyncio.StreamWriter,),
}


@dataclass(frozen=True)
class Block:
    """A block of code in a page."""

    page: str
    line: int
    language: str
    caption: str
    code: str
    # What a program prints, as the page has it.
    output: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_program(self) -> bool:
        """Whether it runs as it stands."""
        if self.language == "javascript":
            return "require(" in self.code
        return re.search(r"^(print\()?(asyncio\.)?run\(main", self.code, re.MULTILINE) is not None


def _blocks(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    fence = r"^```(?:\{code-block\} )?(\w+)\n(?::caption: ([^\n]*)\n\n)?(.*?)^```$"
    found = list(re.finditer(fence, text, re.DOTALL | re.MULTILINE))
    for index, match in enumerate(found):
        # Two programs side by side have their output behind the second.
        after = [each for each in found[index + 1 :] if not (match[2] and each[2])][:1]
        output = after[0][3] if after and after[0][1] == "text" else ""
        line = text.count("\n", 0, match.start()) + 1
        yield Block(str(path.relative_to(DOCS)), line, match[1], match[2] or "", match[3], output)


BLOCKS = [block for path in PAGES for block in _blocks(path)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
PROGRAMS = [block for block in PYTHON if block.is_program]
each_python = pytest.mark.parametrize("block", PYTHON, ids=str)


def _run(code: str) -> str:
    """Run a program in this process; return what it prints."""

    def give_up(*_: object) -> None:
        raise TimeoutError("the program does not end")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(20)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            # A program may read its own text: it needs a file.
            exec(compile(code, __file__, "exec"), {"__name__": "__main__", "__file__": __file__})
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return out.getvalue()


# -- programs ---------------------------------------------------------------------------------------------------------


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 15
    assert {block.page for block in PROGRAMS} >= {
        "errors.md", "getting_started.md", "guides/backpressure.md", "guides/closing.md", "guides/from_asyncio.md",
        "guides/from_node.md", "guides/interop.md", "reference/stream.md",
    }  # fmt: skip


@pytest.mark.parametrize("block", [block for block in PROGRAMS if "8431" not in block.code], ids=str)
def test_each_program_prints_what_its_page_says(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(block.code, encoding="utf-8")
    assert block.output
    assert _run(block.code.replace("__file__", repr(str(file)))) == block.output


@pytest.mark.parametrize("name", ["echo_callbacks", "echo_async"])
def test_the_clients_of_getting_started_talk_to_each_echo_server(name: str) -> None:
    code = (DOCS / "programs" / f"{name}.py").read_text(encoding="utf-8")
    shown = 'print("listening on", server.address())'
    assert shown in code
    code = code.replace(shown, "print(server.address().port, flush=True)").replace("8431", "0")
    clients = [block for block in PROGRAMS if "8431" in block.code]
    assert [block.page for block in clients] == ["getting_started.md"] * 2
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        printed = [_run(client.code.replace("8431", port)) for client in clients]
        server.terminate()
    assert printed == [client.output for client in clients]


def test_the_echo_servers_are_those_of_the_readme() -> None:
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names = ("echo_callbacks", "echo_async")
    assert [(DOCS / "programs" / f"{name}.py").read_text(encoding="utf-8") for name in names] == programs


def test_each_program_in_javascript_prints_what_its_page_says(node: str) -> None:
    programs = [block for block in BLOCKS if block.language == "javascript"]
    assert programs
    for block in programs:
        assert block.is_program
        done = subprocess.run([node, "-e", block.code], capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout == block.output


# -- what blocks name -------------------------------------------------------------------------------------------------


@each_python
def test_each_block_compiles_and_fits_its_place(block: Block) -> None:
    compile(block.code, str(block), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert max(map(len, block.code.splitlines())) <= (50 if block.caption else 84)


def _attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def _is_known(name: str, attribute: str) -> bool:
    return name not in KNOWN or any(hasattr(each, attribute) for each in KNOWN[name])


@each_python
def test_each_name_in_a_block_exists(block: Block) -> None:
    tree = ast.parse(block.code)
    assert [pair for pair in _attributes(tree) if not _is_known(*pair)] == []
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [(node.module or "", each.name) for node in imported for each in node.names]
    assert [pair for pair in names if not hasattr(importlib.import_module(pair[0]), pair[1])] == []


def _keywords() -> set[str]:
    """Return every name that something public takes by keyword."""
    found: set[str] = set()
    for module in (net, stream, events, fs, timers, sockstream):
        for name in module.__all__:
            value = getattr(module, name)
            members = [member for _, member in inspect.getmembers(value)] if inspect.isclass(value) else []
            for each in [value, *members]:
                with contextlib.suppress(TypeError, ValueError):
                    found.update(inspect.signature(each).parameters)
            found.update(getattr(value, "__annotations__", {}))
    return found


def test_each_option_in_a_block_exists() -> None:
    # A lambda's own, in the guide on closing; asyncio's and io's, in the one on bridges.
    known = _keywords() | {"name"} | {"newline", "ssl", "stdin", "stdout"}
    nodes = [
        (block, node) for block in PYTHON if block.caption != "asyncio" for node in ast.walk(ast.parse(block.code))
    ]
    unknown = [
        (str(block), node.arg) for block, node in nodes if isinstance(node, ast.keyword) and node.arg not in known
    ]
    assert unknown == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
def test_each_name_in_the_text_exists(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    code = " ".join(re.findall(r"(?<![}`])`([^`\n]+)`", text))
    named = re.findall(r"(?<![\w.'/])(net|stream|events|fs|timers|server|socket)\.(\w+)", code)
    assert [pair for pair in named if not _is_known(*pair)] == []


# -- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md"])
def test_each_link_of_a_file_outside_the_site_leads_somewhere(name: str) -> None:
    path = ROOT / name
    links = re.findall(r"\]\((?!https?://)([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


# -- the reference ----------------------------------------------------------------------------------------------------


def _extension(name: str) -> Any:
    """Import one of the site's own modules."""
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DOCS / "_ext"))


def _directives() -> set[str]:
    """Return what the pages of the reference document."""
    found: set[str] = set()
    for path in (DOCS / "reference").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r"\.\. automodule:: (\S+)", text))
        found.update(f"sockstream.{name}" for name in re.findall(r"\.\. py:data:: (\S+)", text))
        for names in re.findall(r"\.\. public::((?:\s+sockstream\.\S+)+)", text):
            found.update(names.split())
    return found


def test_the_reference_has_every_public_name() -> None:
    documented = _directives()
    names = _extension("api_names").public_names()
    everything = tuple(each.removesuffix("*") for each in documented if each.endswith(".*"))
    assert [name for name in names if name not in documented and not name.startswith(everything)] == []


CONTRACT = {
    net.Server: "listening connection drop error close",
    net.Socket: "lookup connection_attempt connection_attempt_failed connection_attempt_timeout connect ready data "
    "readable end pause resume drain finish pipe unpipe timeout error close",
    stream.Readable: "data readable end pause resume error close",
    stream.Writable: "drain finish pipe unpipe error close",
    events.EventEmitter: "new_listener remove_listener",
    fs.ReadStream: "open ready error",
    fs.WriteStream: "open ready error",
    sockstream.AbortSignal: "abort",
}


@pytest.mark.parametrize("cls", CONTRACT, ids=lambda cls: cls.__name__)
def test_every_event_of_the_contract_is_documented(cls: type) -> None:
    entries = _extension("api_names").events_of(cls)
    assert {name for entry in entries for name in entry.names} == set(CONTRACT[cls].split())


@pytest.mark.parametrize(
    ("text", "module", "cls", "path"),
    [
        ("Socket.connect", None, None, "sockstream.net.Socket.connect"),
        ("Socket.pipe", None, None, "sockstream.stream.Readable.pipe"),
        ("net.create_connection", None, None, "sockstream.net.create_connection"),
        ("sockstream.run", None, None, "sockstream.run"),
        ("uncork()", "sockstream.net", "Socket", "sockstream.stream.Writable.uncork"),
        ("set_timeout", "sockstream.timers", None, "sockstream.timers.set_timeout"),
        ("Server.max_connections", None, None, "sockstream.net.Server.max_connections"),
        ("AbortSignal", "sockstream.net", None, "sockstream.AbortSignal"),
        ("Socket.conect", None, None, None),
        ("set_timeout", None, None, None),
        ("callback(error)", "sockstream.net", "Socket", None),
    ],
)
def test_what_a_name_in_the_text_means(text: str, module: str | None, cls: str | None, path: str | None) -> None:
    assert _extension("api_names").find(text, module, cls) == path


def _build(source: Path, target: Path, page: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a site of one page with the settings of ours."""
    source.mkdir()
    settings = f"__file__ = {str(DOCS / 'conf.py')!r}\nexec(open(__file__).read())\nhtml_theme = 'basic'\n"
    settings += "html_static_path = html_css_files = []\nhtml_theme_options = {}\n"
    (source / "conf.py").write_text(settings, encoding="utf-8")
    (source / "index.md").write_text(page, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", *options, str(source), str(target)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


def test_the_build_names_what_is_broken_or_missing(tmp_path: Path) -> None:
    page = """# Broken

A [page](nowhere.md), a [heading](#nowhere), {api}`Socket.conect`, {event}`net.Socket.date`, {py:func}`sockstream.runn`.

```{eval-rst}
.. public:: sockstream.timers.set_timeout
```
"""
    done = _build(tmp_path / "source", tmp_path / "built", page, "-b", "dummy")
    assert done.returncode == 1
    for said in (
        "'nowhere.md'", "'nowhere'", "'api' reference target not found: Socket.conect", "net.Socket.date",
        "sockstream.runn",
        "the reference lacks sockstream.net.Socket ", "the reference lacks sockstream.net.Socket.connect ",
        "the reference lacks net.Socket.data ", "the reference lacks sockstream.timers.set_interval ",
    ):  # fmt: skip
        assert said in done.stderr
    assert "lacks sockstream.timers.set_timeout" not in done.stderr


def test_names_members_and_events_are_in_the_inventory(tmp_path: Path) -> None:
    page = """# Fine

{api}`AbortSignal`, {api}`AbortSignal.timeout`, {event}`AbortSignal.abort`, {py:class}`sockstream.AbortController`.

```{eval-rst}
.. public::
   sockstream.AbortController
   sockstream.AbortSignal
   sockstream.events.EventEmitter
   sockstream.errors.InvalidArgTypeError
   sockstream.errors.OutOfRangeError
   sockstream.errors.SockstreamError
```
"""
    done = _build(tmp_path / "source", tmp_path / "built", page, "-b", "html", "-D", "reference_is_complete=0")
    assert (done.returncode, done.stderr) == (0, "")
    html = (tmp_path / "built" / "index.html").read_text(encoding="utf-8")
    assert html.count('class="node-name"') > 20
    assert "<p>Raises:" not in html
    from sphinx.util.inventory import InventoryFile

    names = InventoryFile.loads((tmp_path / "built" / "objects.inv").read_bytes(), uri="").data
    assert "AbortSignal.abort" in names["std:event"]
    assert "events.EventEmitter.new_listener" in names["std:event"]
    assert {"sockstream.AbortSignal", "sockstream.AbortController"} <= set(names["py:class"])
    assert "sockstream.AbortSignal.timeout" in names["py:method"]
    assert "sockstream.AbortSignal.aborted" in names["py:attribute"]
