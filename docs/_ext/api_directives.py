"""Directives that fill pages from the package: `public` and `node-names`."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

from api_names import (
    Data,
    attributes_of,
    data_of,
    events_of,
    is_typed_dict,
    members_of,
    path_of,
    public_names,
    shared_members,
)
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

__all__ = ["setup"]


class _Generated(SphinxDirective):
    """A directive whose content is reStructuredText made here."""

    def _parse(self, lines: list[str]) -> list[nodes.Node]:
        container = nodes.Element()
        source = f"{self.env.doc2path(self.env.docname)}:<{self.name}>"
        self.state.nested_parse(StringList(lines, source), self.content_offset, container)
        return container.children


class Public(_Generated):
    """Documents public names, a class with all that it has of its own in the order of the source.

        .. public:: sockstream.net.Socket sockstream.net.connect

    `sockstream.errors.*` is all of a module, in the order of its source.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Write the directives of autodoc, and have them parsed."""
        lines: list[str] = []
        for given in self.arguments[0].split():
            for path in _all_of(given.removesuffix(".*")) if given.endswith(".*") else [given]:
                if path not in public_names():
                    raise self.error(f"{path} is not public, or has its place in another module")
                lines += self._entry(path, public_names()[path])
        return self._parse(lines)

    def _entry(self, path: str, value: Any) -> list[str]:
        module = path.rpartition(".")[0]
        head = ["", f".. py:currentmodule:: {module}", ""]
        if inspect.isclass(value):
            return head + self._class(path, value)
        if (first := _first_name(vars(importlib.import_module(module)), path.rpartition(".")[2], value)) is not None:
            return head + _alias("function", path.rpartition(".")[2], f"{module}.{first}", first)
        kind = "function" if inspect.isroutine(value) else "data"
        return [*head, f".. auto{kind}:: {path}"]

    def _class(self, path: str, cls: type) -> list[str]:
        kind = "exception" if issubclass(cls, BaseException) else "class"
        lines = [f".. auto{kind}:: {path}", ""]
        if is_typed_dict(cls):
            return lines + [f"   {line}" for line in _keys(cls)]
        members = members_of(cls)
        for name, value in members.items():
            if (first := _first_name(members, name, value)) is not None:
                lines += [f"   {line}" for line in _alias("method", name, f"{path}.{first}", first)]
                continue
            kind = "attribute" if isinstance(value, Data) else "property" if isinstance(value, property) else "method"
            # What Python itself calls needs no arguments shown.
            lines += [f"   .. auto{kind}:: {path}.{name}{'()' if name in ('__aexit__', '__exit__') else ''}"]
        return lines + [f"   {line}" for line in _inherited(cls)]


def _first_name(owner: dict[str, Any], name: str, value: Any) -> str | None:
    """Return the name under which the same function has come before; None for the first."""
    if not inspect.isfunction(value):
        return None
    first = next((each for each, known in owner.items() if known is value), name)
    return first if first != name else None


def _alias(kind: str, name: str, target: str, first: str) -> list[str]:
    """Document a second name of a function."""
    return [f".. py:{kind}:: {name}(...)", "", f"   The same as :api:`{first} <{target}>`.", ""]


def _all_of(module: str) -> list[str]:
    names = vars(importlib.import_module(module))
    return [f"{module}.{name}" for name in names if f"{module}.{name}" in public_names()]


def _keys(cls: type) -> list[str]:
    """List a TypedDict's keys with their types."""
    lines: list[str] = []
    for name, hint in cls.__annotations__.items():
        shown = hint.__forward_arg__ if hasattr(hint, "__forward_arg__") else getattr(hint, "__name__", str(hint))
        lines.append(f"* ``{name}``: ``{shown}``")
    return [*lines, ""]


def _inherited(cls: type) -> list[str]:
    """Name what comes from other classes of the reference."""
    lines: list[str] = []
    for base, names in shared_members(cls).items():
        links = [f":api:`{name} <{path_of(base)}.{name}>`" for name in names if not name.startswith("__")]
        lines += ["", f"From :py:class:`~{path_of(base)}`: {', '.join(links)}.", ""]
    return lines


# -- how Node spells it -----------------------------------------------------------------------------------------------


def to_camel(name: str) -> str:
    """Return `allow_half_open` as Node writes it: `allowHalfOpen`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def node_spellings(value: Any) -> list[str]:
    """Return what the docstring says that Node calls it: "Node: `net.connect`, `net.createConnection`."."""
    text = " ".join((value.text if isinstance(value, Data) else inspect.getdoc(value) or "").split())
    found: list[str] = []
    for names in re.findall(r"Node: ((?:`[^`]+`(?:, )?)+)", text):
        found += re.findall(r"`([^`]+)`", names)
    return found


def _named(owner: dict[str, Any], name: str) -> list[str]:
    """Return Node's names of one of the owner's; a thing that has two here has one of Node's for each."""
    spellings = node_spellings(owner[name])
    if sum(value is owner[name] for value in owner.values()) > 1:
        spellings = [each for each in spellings if each.rpartition(".")[2] == to_camel(name)]
    return spellings


class NodeNames(_Generated):
    """A table of Node's names and ours: of modules' functions and classes, of classes' members.

    .. node-names:: sockstream.net sockstream.net.Socket
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        rows: list[tuple[str, str]] = []
        for path in self.arguments[0].split():
            rows += self._rows(path)
        if not rows:
            raise self.error("nothing in there says what it is called in Node")
        return self._parse(_table("Node", "sockstream", rows))

    def _rows(self, path: str) -> Iterator[tuple[str, str]]:
        cls = public_names().get(path)
        owner = _parts_of_class(cls) if inspect.isclass(cls) else _parts_of_module(path)
        for name in owner:
            spellings = _named(owner, name)
            if spellings:
                shown = ".".join(f"{path}.{name}".removeprefix("sockstream.").split(".")[-2:])
                yield ", ".join(f"``{each}``" for each in spellings), f":api:`{shown} <{path}.{name}>`"


def _parts_of_module(path: str) -> dict[str, Any]:
    prefix = f"{path}."
    names = {each.removeprefix(prefix): value for each, value in public_names().items() if each.startswith(prefix)}
    return {name: value for name, value in names.items() if "." not in name} | data_of(importlib.import_module(path))


def _parts_of_class(cls: type) -> dict[str, Any]:
    """Return the members, and the attributes under the name that Node has for them."""
    attributes: dict[str, Any] = {}
    for spelling in node_spellings(cls)[:1]:
        kind = spelling.rpartition(".")[2]
        instance = kind[0].lower() + kind[1:]
        attributes = {name: Data(f"Node: `{instance}.{to_camel(name)}`.") for name in attributes_of(cls)}
    return {**attributes, **members_of(cls)}


class NodeEvents(_Generated):
    """A table of classes' events: Node's names and ours.

    .. node-events:: sockstream.net.Socket
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        rows = [
            (f"``'{to_camel(name)}'``", f":event:`'{name}' <{path.removeprefix('sockstream.')}.{name}>`", arguments)
            for path in self.arguments[0].split()
            for event in events_of(public_names()[path])
            for name, arguments in zip(event.names, event.arguments, strict=True)
        ]
        return self._parse(_table("Node", "sockstream", [row[:2] for row in rows]))


class NodeOptions(_Generated):
    """A table of the options of classes, functions and TypedDicts: Node's names and ours.

    .. node-options:: sockstream.net.Server sockstream.net.ListenOptions
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        names: dict[str, None] = {}
        for path in self.arguments[0].split():
            names.update(dict.fromkeys(_options_of(public_names()[path])))
        return self._parse(_table("Node", "sockstream", [(f"``{to_camel(name)}``", f"``{name}=``") for name in names]))


def _options_of(value: Any) -> list[str]:
    if is_typed_dict(value):
        return list(value.__annotations__)
    parameters = inspect.signature(value).parameters.values()
    return [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]


def _table(*heads_and_rows: Any) -> list[str]:
    *heads, rows = heads_and_rows
    lines = [".. list-table::", "   :header-rows: 1", "   :class: names", ""]
    for row in [heads, *rows]:
        for index, cell in enumerate(row):
            lines.append(f"   {'* - ' if index == 0 else '  - '}{cell}")
    return [*lines, ""]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    app.add_directive("public", Public)
    app.add_directive("node-names", NodeNames)
    app.add_directive("node-events", NodeEvents)
    app.add_directive("node-options", NodeOptions)
    return {"parallel_read_safe": True}
