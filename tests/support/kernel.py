"""What the kernel says of a program's connections, asked from inside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

# Runs a script, and at each line on stdin prints the options of the TCP connections that the process has open.
INSPECTED = """
import json, os, runpy, socket, sys, threading

def connections():
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            opened = socket.socket(fileno=os.dup(fd))
            opened.getpeername()
        except OSError:
            continue
        if opened.family in (socket.AF_INET, socket.AF_INET6):
            yield opened

def inspect():
    for _ in sys.stdin:
        for opened in connections():
            tcp = {name: opened.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                   for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")}
            on = opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            print(json.dumps({"SO_KEEPALIVE": on, **tcp}), flush=True)

threading.Thread(target=inspect, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def inspected(script: Path, *arguments: str) -> Program:
    """Start a script whose one connection `keep_alive_options` can ask about."""
    return Program.python("-c", INSPECTED, script, *arguments)


def keep_alive_options(program: Program) -> dict[str, int]:
    """Return the keep-alive options of the program's connection."""
    program.send("\n")
    options: dict[str, int] = json.loads(program.out.line("{"))
    return options
