"""What is public and where the reference has it: names, members in reading order, events.  Nothing of Sphinx is here.

A class is documented under the public module that lists it (`sockstream.net.Socket`), wherever it is written.  A class
that no public module lists (`HandleStream`) is a piece of those that inherit from it: its members are theirs.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = [
    "MODULES",
    "Data",
    "Event",
    "attributes_of",
    "data_of",
    "event_path",
    "events_of",
    "find",
    "find_event",
    "is_typed_dict",
    "members_of",
    "path_of",
    "public_bases",
    "public_names",
    "shared_members",
]

# A name that several of them have is documented with the first: `sockstream.net.Socket`, `sockstream.AbortSignal`.
MODULES = (
    "sockstream.net",
    "sockstream.stream",
    "sockstream.events",
    "sockstream.fs",
    "sockstream.timers",
    "sockstream.errors",
    "sockstream",
    "sockstream.abort",
)
# Methods with two underscores that a user meets: as `async for`, `async with`, `await`, `with`, `in`.
_SPECIAL = frozenset({"__aiter__", "__aenter__", "__aexit__", "__await__", "__enter__", "__exit__", "__contains__"})
# `data (chunk), end: ...`: the names before the colon, each with the arguments that its listeners get.
_ENTRY = re.compile(r"(?P<names>\w+(?: \([^)]*\))?(?:, \w+(?: \([^)]*\))?)*): (?P<text>.*)")
_NAME = re.compile(r"(\w+)(?: \(([^)]*)\))?")


@dataclass(frozen=True)
class Event:
    """An entry of a class's `Events:` section."""

    # The event, and others that share its text.
    names: tuple[str, ...]
    # Of each name: what its listeners get.
    arguments: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Data:
    """A value of a class or module that has a docstring behind it."""

    text: str


@cache
def public_names() -> dict[str, Any]:
    """Return every public name with the path under which the reference has it."""
    found: dict[str, Any] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        for each in module.__all__:
            value = getattr(module, each)
            if not any(known is value and path.endswith(f".{each}") for path, known in found.items()):
                found[f"{name}.{each}"] = value
    return found


@cache
def path_of(value: Any) -> str | None:
    """Return the path under which the reference has a class or function, or None."""
    return next((path for path, known in public_names().items() if known is value), None)


def public_bases(cls: type) -> list[type]:
    """Return the bases that have a place in the reference, the hidden ones between replaced by theirs."""
    found: list[type] = []
    for base in cls.__bases__:
        found += [base] if path_of(base) else public_bases(base)
    return found


def is_typed_dict(value: Any) -> bool:
    """Return whether it is a TypedDict."""
    return inspect.isclass(value) and issubclass(value, dict) and hasattr(value, "__total__")


def _pieces(cls: type) -> Iterator[type]:
    """Yield the class and the hidden bases that are a part of it."""
    yield cls
    for base in cls.__bases__:
        if base.__module__.startswith("sockstream.") and path_of(base) is None:
            yield from _pieces(base)


def members_of(cls: type) -> dict[str, Any]:
    """Return what the class has of its own and a user calls or reads, in the order of the source."""
    found: dict[str, Any] = {}
    for piece in _pieces(cls):
        data = data_of(piece)
        for name, value in {**data, **vars(piece)}.items():
            if name in found:
                continue
            if name in data and not name.startswith("_"):
                found[name] = data[name]
            elif _is_for_users(name, value) and inspect.getdoc(getattr(cls, name)):
                found[name] = value
    return found


@cache
def data_of(owner: type | ModuleType) -> dict[str, Data]:
    """Return the values of a class or module that have a docstring behind them."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    except (OSError, TypeError):  # not written in Python, or not by hand
        return {}
    first = tree.body[0]
    body = first.body if isinstance(owner, type) and isinstance(first, ast.ClassDef) else tree.body
    found: dict[str, Data] = {}
    for statement, following in pairwise(body):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = Data(inspect.cleandoc(text))
    return found


def _is_for_users(name: str, value: Any) -> bool:
    if name.startswith("_") and name not in _SPECIAL:
        return False
    if name.startswith("handle_"):  # what a handle tells its owner
        return False
    return inspect.isroutine(value) or isinstance(value, (property, classmethod, staticmethod))


def shared_members(cls: type) -> dict[type, list[str]]:
    """Return what the class inherits from others of the reference and does not have of its own, the nearest first."""
    own = set(members_of(cls))
    found: dict[type, list[str]] = {}
    for base in cls.__mro__[1:]:
        if path_of(base) is None:
            continue
        names = [name for name in members_of(base) if name not in own]
        own.update(names)
        if names:
            found[base] = names
    return found


def find(text: str, module: str | None = None, cls: str | None = None) -> str | None:
    """Return the path of what a text names, seen from inside a module and a class.

    Args:
        text: `connect`, `Socket.connect`, `net.Socket.connect`, with or without `()` behind.
        module: the module around, if there is one.
        cls: the name of the class around, if there is one.
    """
    name = text.removesuffix("()").removeprefix("sockstream.")
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name):
        return None
    if cls is not None and "." not in name and (found := _find_member(f"{module}.{cls}", name)):
        return found
    return _find_from_top(name) or (_find_in(module, name) if module else None) or _find_class(name)


def _find_in(module: str, name: str) -> str | None:
    first, _, rest = name.partition(".")
    path = f"{module}.{first}"
    if path not in public_names():
        path = path_of(getattr(importlib.import_module(module), first, None)) or ""
    if not path:
        return None
    return _find_member(path, rest) if rest else path


def _find_from_top(name: str) -> str | None:
    """Find a name that starts with a module's: `net.Socket`."""
    for module in MODULES:
        short = module.removeprefix("sockstream.")
        if name == short:
            return module
        if name.startswith(f"{short}."):
            return _find_in(module, name.removeprefix(f"{short}."))
    return "sockstream.run" if name == "run" else None


def _find_class(name: str) -> str | None:
    """Find a class, or a member of one, by the class's name alone."""
    first, _, rest = name.partition(".")
    for path, value in public_names().items():
        if inspect.isclass(value) and path.rpartition(".")[2] == first:
            return _find_member(path, rest) if rest else path
    return None


def _find_member(path: str, name: str) -> str | None:
    """Return where a class's member is documented: with the class itself, or with the one that it comes from."""
    cls = public_names().get(path)
    if not inspect.isclass(cls):
        return None
    for base in cls.__mro__:
        known = path_of(base)
        if known is not None and (name in members_of(base) or name in attributes_of(base)):
            return f"{known}.{name}"
    return None


def attributes_of(cls: type) -> list[str]:
    """Return the names of the class docstring's `Attributes:`."""
    return [match[1] for line in _section(cls, "Attributes") if (match := re.match(r"(\w+): ", line))]


# -- events -----------------------------------------------------------------------------------------------------------


def _section(cls: type, title: str) -> list[str]:
    """Return the lines of a section of the class's own docstring, without their indentation."""
    lines = inspect.cleandoc(cls.__dict__.get("__doc__") or "").split("\n")
    if f"{title}:" not in lines:
        return []
    start = lines.index(f"{title}:") + 1
    length = next((i for i, line in enumerate(lines[start:]) if line and not line.startswith(" ")), len(lines))
    return [line[4:] for line in lines[start : start + length]]


def events_of(cls: type) -> list[Event]:
    """Return the entries of the `Events:` section of the class's own docstring."""
    found: list[Event] = []
    for line in _section(cls, "Events"):
        match = _ENTRY.match(line)
        if match is not None:
            pairs = _NAME.findall(match["names"])
            found.append(Event(tuple(name for name, _ in pairs), tuple(args for _, args in pairs), match["text"]))
        elif line.strip():
            last = found.pop()
            found.append(Event(last.names, last.arguments, f"{last.text} {line.strip()}"))
    return found


def event_path(cls: type, name: str) -> str:
    """Return what an event is called in the reference: `net.Socket.data`."""
    return f"{path_of(cls)}.{name}".removeprefix("sockstream.")


def find_event(name: str, cls: type | None) -> str | None:
    """Return the path of an event as a class knows it; of one that it does not know, where there is just one such.

    One that a class and its subclasses have counts as the class's.
    """
    for base in cls.__mro__ if cls is not None else ():
        if any(name in event.names for event in events_of(base)):
            return event_path(base, name)
    emitters = [
        value
        for value in public_names().values()
        if inspect.isclass(value) and any(name in event.names for event in events_of(value))
    ]
    first = next((each for each in emitters if all(issubclass(other, each) for other in emitters)), None)
    return None if first is None else event_path(first, name)
