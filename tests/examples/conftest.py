"""Starting the examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., Program]:
    """Start an example by name, in an empty directory: `example("client", "--port", port)`."""

    def start(name: str, *options: object, **settings: Any) -> Program:
        return Program.python(EXAMPLES / f"{name}.py", *map(str, options), cwd=tmp_path, **settings)

    return start


@pytest.fixture
def serving(example: Callable[..., Program]) -> Callable[..., tuple[Program, str]]:
    """Start an example that listens, on a free port: the program and the port."""

    def start(name: str, *options: object, **settings: Any) -> tuple[Program, str]:
        program = example(name, "--port", "0", *options, **settings)
        return program, port_of(program)

    return start


def port_of(program: Program) -> str:
    """Wait until a program says that it listens, and where."""
    found = re.search(r"port=(\d+)", program.out.line("listening on"))
    assert found, program.described()
    return found[1]
