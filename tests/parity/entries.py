"""The list in `net.toml` as records."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["ENTRIES", "OBJECTS", "PYTHON", "UNDOCUMENTED", "Entry", "Object", "options_of"]

_KINDS: Final = ("class", "function", "static", "constant", "option", "method", "property", "event", "field")


@dataclass(frozen=True)
class Object:
    """What names belong to: a module, a class, or the function that takes options."""

    path: str
    node: str

    @property
    def module(self) -> str:
        return ".".join(self.path.split(".")[:2])

    @property
    def qualified(self) -> list[str]:
        """The names that lead from the module to it."""
        return self.path.split(".")[2:]


@dataclass(frozen=True)
class Entry:
    """A documented name, or one of Python's own."""

    object: str
    kind: str
    name: str
    data: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.object}.{self.kind}.{self.name}"

    @property
    def node(self) -> str:
        """Node's name alone."""
        camel_case = re.sub(r"(?<=[a-z0-9])_([a-z0-9])", lambda match: match[1].upper(), self.name)
        return str(self.data.get("node", camel_case))

    @property
    def node_shown(self) -> str:
        """Node's name as its documentation has it."""
        where = OBJECTS[self.object].node
        if self.kind == "option":
            return f"{where}({{ {self.node} }})"
        if self.kind == "event":
            return f"{where} '{self.node}'"
        owner = where if self.kind in ("class", "function", "static") else _instance(where)
        return f"{owner}{self.node}" if self.node.startswith("[") else f"{owner}.{self.node}"

    @property
    def shown(self) -> str:
        """Our name with what it belongs to."""
        where = OBJECTS[self.object].path.removeprefix("sockstream.")
        if self.kind == "option":
            return f"{where}({self.name}=)"
        return f"{where} '{self.name}'" if self.kind == "event" else f"{where}.{self.name}"

    @property
    def since(self) -> str:
        return str(self.data.get("since", ""))

    @property
    def tests(self) -> list[str]:
        return list(self.data["test"])

    @property
    def word(self) -> str:
        """What the text of a covering test has, as a regular expression."""
        return str(self.data.get("mentions", re.escape(self.name)))


def _instance(node: str) -> str:
    """Return how Node's documentation calls an object of a class: `net.BlockList`, `blockList`."""
    name = node.removeprefix("net.")
    return name if name == "net" else name[0].lower() + name[1:]


def _read() -> tuple[dict[str, Object], list[Entry], list[Entry], dict[str, dict[str, str]]]:
    tables = tomllib.loads((Path(__file__).parent / "net.toml").read_text(encoding="utf-8"))
    objects = {name: Object(**values) for name, values in tables.pop("objects").items()}
    undocumented = tables.pop("undocumented")
    python = [
        Entry(owner, "own", name, data) for owner, names in tables.pop("python").items() for name, data in names.items()
    ]
    entries = [
        Entry(owner, kind, name, data)
        for owner, kinds in tables.items()
        for kind, names in kinds.items()
        for name, data in names.items()
    ]
    assert {entry.kind for entry in entries} <= set(_KINDS)
    assert {entry.object for entry in entries + python} <= set(objects)
    return objects, entries, python, undocumented


OBJECTS, ENTRIES, PYTHON, UNDOCUMENTED = _read()


def options_of(*owners: str) -> dict[str, Entry]:
    """Return the options of several tables, by name."""
    return {entry.name: entry for entry in ENTRIES if entry.kind == "option" and entry.object in owners}
