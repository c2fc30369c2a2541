"""What is public: each `__all__` is exact, and everything in it, methods included, is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sockstream

if TYPE_CHECKING:
    from types import ModuleType

# The command is an application, not a library: what its modules share is nobody else's.
MODULES = sorted(
    ["sockstream"]
    + [
        module.name
        for module in pkgutil.walk_packages(sockstream.__path__, "sockstream.")
        if not module.name.startswith(("sockstream.cli", "sockstream._"))
    ]
)
each_module = pytest.mark.parametrize("name", MODULES)

# `sockstream`'s own names, as the contract lists them.
TOP = {
    "COMPILED", "AbortController", "AbortSignal", "EventEmitter", "__version__", "events", "fs", "net", "run", "stream",
    "timers",
}  # fmt: skip


def _statements(module: ModuleType) -> list[ast.stmt]:
    """Return the module's own statements; where it imports lazily, what it does so for type checkers as well."""
    # The source of a compiled module lies beside it.
    path = Path(module.__file__ or "")
    statements = ast.parse(path.with_name(f"{path.name.split('.')[0]}.py").read_text(encoding="utf-8")).body
    if hasattr(module, "__getattr__"):
        statements += [each for node in statements if isinstance(node, ast.If) for each in node.body]
    return statements


def _imported(module: ModuleType) -> set[str]:
    """Return the names that the module takes from others of ours; `on_demand` is how it does that."""
    found = {
        alias.asname or alias.name
        for node in _statements(module)
        if isinstance(node, ast.ImportFrom) and (node.level > 0 or (node.module or "").startswith("sockstream"))
        for alias in node.names
    }
    return found - {"on_demand"}


def _defined(module: ModuleType) -> set[str]:
    """Return the public names that the module's own statements define; for a package also what it gathers."""
    names: set[str] = _imported(module) if hasattr(module, "__path__") else set()
    for node in _statements(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_") and not _is_type_variable(getattr(module, name))}


def _is_type_variable(value: object) -> bool:
    return type(value).__name__ in {"TypeVar", "ParamSpec", "TypeVarTuple"}


@each_module
def test_all_is_exact(name: str) -> None:
    """It has all that the module defines, and nothing else but what the module imports to pass it on."""
    module = importlib.import_module(name)
    listed = [each for each in getattr(module, "__all__", ()) if not each.startswith("__")]
    assert len(listed) == len(set(listed))
    assert _defined(module) - set(listed) == set()
    assert set(listed) - _defined(module) - _imported(module) == set()


def test_the_top_is_the_contract() -> None:
    assert set(sockstream.__all__) == TOP
    assert {name for name in TOP if not hasattr(sockstream, name)} == set()


def test_the_version_is_a_release() -> None:
    assert [part.isdigit() for part in sockstream.__version__.split(".")] == [True, True, True]


@each_module
def test_every_public_name_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    assert inspect.getdoc(module)
    bare = [
        each
        for each in getattr(module, "__all__", ())
        if (inspect.isroutine(value := getattr(module, each)) or inspect.isclass(value)) and not value.__doc__
    ]
    assert bare == []


def _public_members(cls: type) -> list[str]:
    """Return what the class itself defines and a user can call or read."""
    return [
        name
        for name, member in vars(cls).items()
        if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, (property, classmethod)))
    ]


@each_module
def test_every_public_member_is_documented(name: str) -> None:
    """An overriding method may leave its documentation to the one it overrides."""
    module = importlib.import_module(name)
    bare = [
        f"{cls.__name__}.{member_name}"
        for cls in map(vars(module).get, getattr(module, "__all__", ()))
        if isinstance(cls, type)
        for member_name in _public_members(cls)
        if not any(getattr(vars(base).get(member_name), "__doc__", None) for base in cls.__mro__)
    ]
    assert bare == []
