"""Runs one scenario as a program of its own: `python -m tests.node.once LOOP GROUP NAME`.

Its log is on stdout when it exits; once.js is its twin.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import sockstream
from tests.node.lib import Role
from tests.support.loops import FACTORIES

__all__ = ["node_command", "python_command"]


def node_command(node: str) -> list[str]:
    """Return the command that runs a scenario's JavaScript, to which group and name are added."""
    return [node, str(Path(__file__).parent / "once.js")]


def python_command(loop: str) -> list[str]:
    """Return the command that runs a scenario's Python, to which group and name are added."""
    return [sys.executable, "-m", __name__ if __name__ != "__main__" else "tests.node.once", loop]


def main(loop: str, group: str, name: str) -> None:
    """Run the scenario until nothing referenced is left."""
    from tests.node.harness import scenarios

    scenario = next(each for each in scenarios(group) if each.name == name)
    role = Role({}, lambda *_: None)
    try:
        sockstream.run(scenario.body, role, loop_factory=FACTORIES[loop])
    finally:
        json.dump(role.entries, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
