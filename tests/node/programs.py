"""Programs of their own, in both languages, and the places that they connect to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.node.once import GUARD_SECONDS

__all__ = ["ProgramRun", "PythonPrograms", "Silence", "run_node"]

HERE = Path(__file__).parent


class Silence:
    """Two ports at this machine: one where attempts get no answer, and one where nobody accepts the connections."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self.where = {
            # Its backlog is full: the kernel drops what wants in.
            "silent": self._listen(0, waiting=4),
            "mute": self._listen(socket.SOMAXCONN, waiting=0),
        }

    def _listen(self, backlog: int, waiting: int) -> dict[str, Any]:
        listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self._sockets.append(listening)
        for _ in range(waiting):
            client = socket.socket()
            self._sockets.append(client)
            client.setblocking(False)
            client.connect_ex(listening.getsockname())
        host, port = listening.getsockname()
        return {"host": host, "port": port}

    def close(self) -> None:
        """Close both."""
        for each in self._sockets:
            each.close()


@dataclass(frozen=True)
class ProgramRun:
    """What a program has left."""

    exit_code: int
    out: str
    errors: str


class PythonPrograms:
    """A process that forks for each program in Python."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.node.once"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=HERE.parents[1],
        )

    def run_program(self, *arguments: str) -> ProgramRun:
        """Run a program: its loop, its group, its name, its parameters."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments) + "\n")
        done = json.loads(self._process.stdout.readline())
        return ProgramRun(done["exit"], done["out"], done["err"])

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def run_node(node: str, *arguments: str) -> ProgramRun:
    """Run a program in JavaScript: its group, its name, its parameters."""
    done = subprocess.run(
        [node, str(HERE / "once.js"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
    )
    return ProgramRun(done.returncode, done.stdout, done.stderr)
