"""What a plain server loads, and when: nothing it does not use, and what connections need once its port is open.

A module that fails here costs every program its share of a millisecond as it starts. Import it where it is used, or, if
every server needs it, list it.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sockstream import COMPILED
from tests.support.programs import Program, python_environment

# Somebody has connected before the loop looks for the first time, and what connections need is not loaded yet.
AT_ONCE: Final = """
import asyncio, socket, uvloop
from sockstream import net

async def main():
    served = asyncio.get_running_loop().create_future()
    server = net.create_server(lambda socket: socket.on("data", served.set_result))
    server.listen(0)
    with socket.create_connection(("127.0.0.1", server.address().port)) as client:
        client.sendall(b"hi")
        print(await served)
    server.close()

with asyncio.Runner(loop_factory={loop}.new_event_loop) as runner:
    runner.run(main())
"""
PROGRAM: Final = Path(__file__).with_name("start_up_program.py")

LISTENING: Final = {
    "sockstream", "sockstream.errors", "sockstream.events", "sockstream.loop", "sockstream.net",
    "sockstream.net.addresses", "sockstream.net.checks", "sockstream.net.handles", "sockstream.net.handles.binding",
    "sockstream.net.handles.descriptors", "sockstream.net.handles.listener", "sockstream.net.handles.poller",
    "sockstream.net.listening",
    "sockstream.net.server", "sockstream.net.server_events", "sockstream.net.servers", "sockstream.net.targets",
    "sockstream.on_demand",
}  # fmt: skip
if COMPILED:
    LISTENING.add("sockstream._fields")
# What no connection of a plain server needs either.
NOT_OF_A_SERVER: Final = {
    "sockstream.abort", "sockstream.fs", "sockstream.net.block_list", "sockstream.net.connections",
    "sockstream.net.on_read", "sockstream.net.options", "sockstream.net.server_iterator",
    "sockstream.net.socket_address", "sockstream.stream.abort", "sockstream.stream.bridges",
    "sockstream.stream.composing", "sockstream.stream.concurrent", "sockstream.stream.duplex_from",
    "sockstream.stream.facade", "sockstream.stream.finishing", "sockstream.stream.from_iterable",
    "sockstream.stream.pair", "sockstream.stream.pipelines", "sockstream.stream.transform", "sockstream.timers",
}  # fmt: skip
# Of the standard library and of what we depend on: each takes a millisecond or more, unless asyncio has it already.
HEAVY: Final = {
    "aiofastnet", "bz2", "dataclasses", "email", "http", "idna", "importlib.metadata", "ipaddress", "lzma",
    "pathlib", "pickle", "platform", "random", "shutil", "tempfile", "unittest", "urllib.parse",
}  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> list[set[str]]:
    """Return what is loaded at 'listening', when the loop is about to wait, and when a first chunk was echoed."""
    with Program.python(PROGRAM) as program:
        port = int(program.out.line())
        found = [set(json.loads(program.out.line())) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"hi")
            assert client.recv(2) == b"hi"
            return [*found, set(json.loads(program.out.line()))]


def _ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "sockstream"}


def test_listening_loads_only_what_it_uses(loaded: list[set[str]]) -> None:
    assert _ours(loaded[0]) - LISTENING == set()
    assert loaded[0] & HEAVY == set()


def test_a_server_loads_nothing_that_it_does_not_use(loaded: list[set[str]]) -> None:
    assert loaded[2] & NOT_OF_A_SERVER == set()


def test_the_first_connection_loads_nothing(loaded: list[set[str]]) -> None:
    assert "sockstream.net.socket" in loaded[1]
    assert loaded[2] - loaded[1] == set()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_connection_that_is_there_at_once_is_served(loop: str) -> None:
    command = [sys.executable, "-c", AT_ONCE.format(loop=loop)]
    done = subprocess.run(command, capture_output=True, timeout=60, env=python_environment(), check=False)
    assert (done.stdout, done.stderr) == (b"b'hi'\n", b"")
