"""Runs scenarios as programs of their own: `python -m tests.node.once LOOP GROUP NAME PARAMS`.

Its log is on stdout when it exits; once.js is its twin.  Without arguments it reads many such lists from stdin, as JSON
lines, forks for each, which takes less than a new interpreter, and answers with the child's output and exit code.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
from typing import Any

import sockstream
from sockstream.loop import Runtime
from tests.node.lib import Role
from tests.support.loops import FACTORIES

__all__ = ["GUARD_SECONDS"]

# A guard against a program that never exits.
GUARD_SECONDS = 20


class _Program(Role):
    """A role whose log ends where Node's process would: what closing the rest emits has no counterpart there."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params, lambda *_: None)
        self._last_entries: list[Any] | None = None
        for name in ("fail", "_close_everything"):
            self._end_log_at(name)

    def _end_log_at(self, name: str) -> None:
        """End the log when the runtime's method is called."""
        method = getattr(Runtime, name)

        def ended(*args: Any) -> Any:
            if self._last_entries is None:
                self._last_entries = self.entries
            return method(*args)

        setattr(Runtime, name, ended)

    def dump(self) -> None:
        """Print the log."""
        json.dump(self.entries if self._last_entries is None else self._last_entries, sys.stdout)


def main(loop: str, group: str, name: str, params: str) -> None:
    """Run the scenario until nothing referenced is left."""
    # Not by way of the harness: that takes longer to import than most programs take.
    scenario = getattr(importlib.import_module(f"tests.node.scenarios.{group}"), name)
    program = _Program(json.loads(params))
    try:
        sockstream.run(scenario, program, loop_factory=FACTORIES[loop])
    finally:
        program.dump()


def serve() -> None:
    """Run the programs that stdin names."""
    for line in sys.stdin:
        loop, group, name, params = json.loads(line)
        # In here, so that the children have it.
        importlib.import_module(f"tests.node.scenarios.{group}")
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            child = os.fork()
            if child == 0:
                signal.alarm(GUARD_SECONDS)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(out.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                main(loop, group, name, params)
                sys.exit()
            _, status = os.waitpid(child, 0)
            shown, failed = (os.pread(file.fileno(), 1 << 20, 0).decode() for file in (out, errors))
        print(json.dumps({"exit": os.waitstatus_to_exitcode(status), "out": shown, "err": failed}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else serve()
