"""Packages that import their names on demand: what one can ask of them is what an ordinary package has."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sockstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

PACKAGES = ["sockstream", "sockstream.net", "sockstream.stream", "sockstream.stream.bridges"]
each_package = pytest.mark.parametrize("name", PACKAGES)


def _declared(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield what the package imports for type checkers: a module, and a name in it."""
    for statement in ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.If):
            for node in statement.body:
                assert isinstance(node, ast.ImportFrom)
                assert node.module
                yield from ((node.module, alias.name) for alias in node.names)


def _run(code: str) -> str:
    """Run a program in an interpreter of its own, where nothing is imported yet."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout


@each_package
def test_names_are_those_that_type_checkers_see(name: str) -> None:
    package = importlib.import_module(name)
    declared = {each: module for module, each in _declared(package)}
    assert set(declared) == {each for each in package.__all__ if not each.startswith("__")}
    for each, module in declared.items():
        home = importlib.import_module(module)
        expected = importlib.import_module(f"{module}.{each}") if home is package else getattr(home, each)
        assert getattr(package, each) is expected


@each_package
def test_no_name_is_that_of_a_module_with_something_else_in_it(name: str) -> None:
    """Importing the module would put it in the place of what has its name."""
    package = importlib.import_module(name)
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert {each for each in modules & set(package.__all__) if not inspect.ismodule(getattr(package, each))} == set()


@each_package
def test_dir_lists_them(name: str) -> None:
    package = importlib.import_module(name)
    listed = {each for each in dir(package) if not each.startswith("_")}
    # Node's errors are asked for as `sockstream.errors.…`, by who has imported only the package.
    assert listed - {"errors"} == {each for each in package.__all__ if not each.startswith("_")}


@each_package
def test_a_star_brings_them_all(name: str) -> None:
    names = importlib.import_module(name).__all__
    assert _run(f"from {name} import *; print({', '.join(f'{each!r} in globals()' for each in names)})").split() == [
        "True" for _ in names
    ]


@each_package
def test_what_is_not_there_is_told_as_by_any_module(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"^module '{name}' has no attribute 'nothing'$"):
        getattr(importlib.import_module(name), "nothing")  # noqa: B009  # no type checker lets it pass
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec(f"from {name} import nothing", {})


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, sockstream; print(*(name for name in sys.modules if name.partition('.')[0] == 'sockstream'))"
    assert set(_run(code).split()) == {"sockstream", "sockstream.on_demand"}


def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sockstream.net.Server is vars(sockstream.net)["Server"]
    replacement = object()
    monkeypatch.setattr(sockstream.net, "Server", replacement)
    assert getattr(sockstream.net, "Server") is replacement  # noqa: B009


def test_errors_are_there_without_being_imported() -> None:
    assert _run("import sockstream; print(sockstream.errors.AbortError.code)") == "ABORT_ERR\n"
