"""Is what an entry names there, and is it as the list has it?"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import typing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sockstream.net import options, server_events, socket_events, targets
from tests.parity.entries import OBJECTS, PYTHON, options_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.parity.entries import Entry

__all__ = ["OPTION_TYPES", "documented_events", "find", "parameters", "problem", "typed_events"]

# The types of the options in each table; those of `net.connect` are its own and those of the two before it.
OPTION_TYPES: dict[tuple[str, ...], Any] = {
    ("Server",): options.ServerOptions,
    ("listen",): options.ListenOptions,
    ("Socket",): options.SocketOptions,
    ("connect",): options.TargetOptions,
    ("Socket", "connect", "creation"): options.ConnectOptions,
}
# Where `listen` and `connect` keep what they were given, with the defaults.
_RECORDS: dict[str, Any] = {"listen": targets.ListenTarget, "connect": targets.ConnectTarget}
_NONE = inspect.Parameter.empty

# The name of a parameter, its kind, and its default.
_Parameter = tuple[str, str, object]


def find(name: str) -> Any:
    """Return the module, class or function that a table of the list is about."""
    found = importlib.import_module(OBJECTS[name].module)
    for part in OBJECTS[name].qualified:
        found = getattr(found, part)
    return found


def problem(entry: Entry) -> str | None:
    """Return what is wrong with the name in sockstream, if anything is."""
    try:
        owner = find(entry.object)
    except AttributeError as error:
        return str(error)
    if entry.kind == "option":
        return _option_problem(entry, owner)
    if entry.kind == "event":
        return _event_problem(entry, owner)
    if entry.kind == "own" and inspect.isclass(owner) and entry.name in dict.fromkeys(map(_name, parameters(owner))):
        return None
    return _member_problem(entry, owner)


# A compiled method is no `types.FunctionType`: what it is not tells it.
_WITHOUT_SELF = (classmethod, staticmethod)

# -- members ----------------------------------------------------------------------------------------------------------


def _member_problem(entry: Entry, owner: Any) -> str | None:
    if not hasattr(owner, entry.name):
        return "missing"
    member = inspect.getattr_static(owner, entry.name)
    is_data = entry.kind in ("property", "field", "constant")
    if entry.kind != "own" and callable(getattr(owner, entry.name)) == is_data:
        return "not data" if is_data else "not callable"
    is_method = inspect.isclass(owner) and inspect.isroutine(member) and not isinstance(member, _WITHOUT_SELF)
    text = _parameters_problem(entry, getattr(owner, entry.name), is_method=is_method)
    return text or _documentation_problem(entry, owner, member)


def _parameters_problem(entry: Entry, function: Callable[..., Any], *, is_method: bool) -> str | None:
    """Compare the parameters, or those of each overload."""
    listed = entry.data.get("forms") or ([entry.data["signature"]] if "signature" in entry.data else [])
    functions = typing.get_overloads(function) if "forms" in entry.data else [function] * len(listed)
    if len(functions) != len(listed):
        return f"{len(functions)} forms, not {len(listed)}"
    # An option has an entry of its own.
    taken = {*options_of(*entry.data.get("options", [])), *(own.name for own in PYTHON if own.object == entry.name)}
    for text, each in zip(listed, functions, strict=True):
        actual = [one for one in parameters(each)[is_method:] if not (one[1] == "KEYWORD_ONLY" and _name(one) in taken)]
        expected = parameters(eval(f"lambda {text[1:-1]}: None", {}))
        if inspect.isclass(each):
            expected = [one for one in expected if one[1] != "VAR_KEYWORD"]
        if actual != expected:
            return f"({', '.join(map(_shown, actual))}), not {text}"
    return None


def parameters(function: Callable[..., Any]) -> list[_Parameter]:
    """Return the parameters of a function, or of a class's constructor."""
    return [(each.name, each.kind.name, each.default) for each in inspect.signature(function).parameters.values()]


def _name(parameter: _Parameter) -> str:
    return parameter[0]


def _shown(parameter: _Parameter) -> str:
    name, kind, default = parameter
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(kind, "")
    return f"{stars}{name}" if default is _NONE else f"{name}={default!r}"


def _documentation_problem(entry: Entry, owner: Any, member: object) -> str | None:
    """Look for the name where it is explained, and for Node's."""
    if entry.kind in ("own", "field", "constant") or entry.name.startswith("__"):
        return None
    if entry.kind == "property" and not isinstance(member, property):
        found = re.search(rf"^ +{entry.name}: ", _documentation(owner, "Attributes"), re.MULTILINE)
        return None if found else "not among the Attributes of its class"
    told = inspect.getdoc(getattr(owner, entry.name)) or ""
    found = re.search(rf"Node:.*\b{re.escape(entry.node)}`", told, re.DOTALL)
    return None if found else "its docstring does not tell Node's name"


def _documentation(cls: type, section: str) -> str:
    """Return a section of what the class's docstring says, and of those of the classes under it."""
    texts = [inspect.cleandoc(each.__doc__) for each in cls.__mro__ if each.__doc__]
    return "\n".join(re.findall(rf"^{section}:\n((?:(?: .*)?\n?)*)", "\n\n".join(texts), re.MULTILINE))


# -- options ----------------------------------------------------------------------------------------------------------


def _option_problem(entry: Entry, owner: Any) -> str | None:
    types = [kind for tables, kind in OPTION_TYPES.items() if entry.object in tables]
    if any(entry.name not in kind.__optional_keys__ for kind in types):
        return "not among the option types"
    found = _defaults(owner, entry.object)
    if entry.name not in found and entry.object != "creation":
        return "missing"
    default = found.get(entry.name)
    if "default" in entry.data and default != ast.literal_eval(entry.data["default"]):
        return f"the default is {default!r}"
    return None


def _defaults(owner: Any, table: str) -> dict[str, object]:
    """Return the defaults of the options that a class or a function takes."""
    if inspect.isclass(owner):
        return {name: default for name, _, default in parameters(owner)}
    record = _RECORDS.get(table)
    found = {name: getattr(record, name) for name in record.__annotations__} if record else {}
    for form in typing.get_overloads(owner):
        # None stands for what the record has.
        found |= {name: default for name, _, default in parameters(form) if default not in (_NONE, None)}
    return found


# -- events -----------------------------------------------------------------------------------------------------------


def _event_problem(entry: Entry, owner: Any) -> str | None:
    arguments = list(entry.data["args"])
    if documented_events(owner).get(entry.name) != arguments:
        return f"documented with {documented_events(owner).get(entry.name)}"
    if typed_events(owner, "emit").get(entry.name) != arguments:
        return f"emit is typed with {typed_events(owner, 'emit').get(entry.name)}"
    if len(typed_events(owner, "on").get(entry.name, ())) != len(arguments):
        return f"on is typed with {typed_events(owner, 'on').get(entry.name)}"
    return None


def documented_events(owner: type) -> dict[str, list[str]]:
    """Return the events that the class's docstring tells of, with the names of their arguments."""
    text = re.search(r"^Events:\n((?:(?: .*)?\n?)*)", inspect.cleandoc(owner.__doc__ or ""), re.MULTILINE)
    found = re.findall(r"(\w+) \(([\w, ]*)\)(?=[,:])", text[1] if text else "")
    return {name: arguments.split(", ") if arguments else [] for name, arguments in found}


@cache
def typed_events(owner: type, method: str) -> dict[str, list[str]]:
    """Return the events that have an overload of `on` or `emit` of their own, with what their listeners get."""
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in (server_events, socket_events)]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    found: dict[str, list[str]] = {}
    for cls in nodes:
        if isinstance(cls, ast.ClassDef) and cls.name == f"{owner.__name__}Events":
            for node in ast.walk(cls):
                if isinstance(node, ast.FunctionDef) and node.name == method:
                    found |= dict.fromkeys(_literals(node, names), _brought(node))
    return found


def _literals(function: ast.FunctionDef, names: dict[str, ast.expr]) -> list[str]:
    """Return the events that an overload is for."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    annotation = arguments[1].annotation
    if isinstance(annotation, ast.Name):
        annotation = names.get(annotation.id)
    if not isinstance(annotation, ast.Subscript):
        return []
    values = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    return [str(value.value) for value in values if isinstance(value, ast.Constant)]


def _brought(function: ast.FunctionDef) -> list[str]:
    """Return what an overload's listener takes, as text, or for `emit` the names of the arguments."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    if function.name == "emit":
        return [each.arg for each in arguments[2:]]
    listener = arguments[2].annotation if len(arguments) > 2 else None
    if isinstance(listener, ast.Subscript) and isinstance(listener.slice, ast.Tuple):
        first = listener.slice.elts[0]
        return [ast.unparse(each) for each in first.elts] if isinstance(first, ast.List) else []
    return []
