"""Starting the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Program]:
    """Start the command in an empty directory: `command("listen", 8431, "--echo")`."""

    def start(*arguments: object, **settings: Any) -> Program:
        return Program.python("-m", "sockstream", *map(str, arguments), cwd=tmp_path, **settings)

    return start


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Program]:
    """Start the command as a shell does, redirections included: `shell("connect 8431 <&-")`."""

    def start(line: str, **settings: Any) -> Program:
        settings.setdefault("env", {})["PYTHON"] = Program.PYTHON
        return Program("sh", "-c", f'exec "$PYTHON" -m sockstream {line}', cwd=tmp_path, **settings)

    return start


@pytest.fixture
def listening(command: Callable[..., Program]) -> Callable[..., tuple[Program, str]]:
    """Start `listen` on a free port of 127.0.0.1: the program and the port."""

    def start(*options: object, **settings: Any) -> tuple[Program, str]:
        program = command("listen", "127.0.0.1:0", *options, **settings)
        return program, program.err.line("listening on ").rpartition(":")[2]

    return start
