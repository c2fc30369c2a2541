"""The tests that the list names: whether they are there, and whether they have the name they are to cover."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.node.harness import GROUPS, scenarios

if TYPE_CHECKING:
    from tests.node.harness import Scenario
    from tests.parity.entries import Entry

__all__ = ["coverage_problem", "scenario_of"]

_ROOT = Path(__file__).parents[2]


def coverage_problem(entry: Entry) -> str | None:
    """Return what is wrong with the tests that are to cover the entry, if anything is."""
    if not entry.tests:
        return "no test"
    for test in entry.tests:
        text = _text(test)
        if text is None:
            return f"there is no {test}"
        # Whether an event is emitted in a scenario is tried by playing it.
        is_played = entry.kind == "event" and test.startswith("node:")
        if not is_played and not re.search(rf"(?<![a-zA-Z0-9])({entry.word})(?![a-zA-Z0-9])", text):
            return f"{test} has no {entry.word}"
    return None


@cache
def _scenarios() -> dict[str, Scenario]:
    return {f"node:{each.id}": each for group in GROUPS for each in scenarios(group)}


def scenario_of(entry: Entry) -> Scenario | None:
    """Return the first scenario that covers the entry, if one does."""
    return next((_scenarios()[test] for test in entry.tests if test in _scenarios()), None)


def _text(test: str) -> str | None:
    """Return the text of a test with what it uses of its own module; None if there is no such test."""
    if test.startswith("node:"):
        scenario = _scenarios().get(test)
        if scenario is None:
            return None
        path, name = Path(inspect.getfile(scenario.body)), scenario.body.__name__
    else:
        where, _, name = test.partition("::")
        path = _ROOT / where
    definitions = _definitions(path) if path.is_file() else {}
    return "\n".join(_with_used(name, definitions)) if name in definitions else None


@cache
def _definitions(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what a module defines at its top: the text, and the names that it uses."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for node in ast.parse(text).body:
        names = [node.name] if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else []
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        used = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        first = min(each.lineno for each in [node, *getattr(node, "decorator_list", [])])
        found |= dict.fromkeys(names, ("\n".join(lines[first - 1 : node.end_lineno]), used))
    return found


def _with_used(name: str, definitions: dict[str, tuple[str, frozenset[str]]]) -> list[str]:
    """Return the texts of a definition and of all that it leads to."""
    reached, waiting = {name}, [name]
    while waiting:
        new = {each for each in definitions[waiting.pop()][1] if each in definitions} - reached
        reached |= new
        waiting += new
    return [definitions[each][0] for each in reached]
