"""The command line: wrong usage, help, and what is said when click and rich are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import sockstream
from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., Program]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "Usage: sockstream"),
        ("chat", "No such command 'chat'"),
        ("listen", "Missing argument"),
        ("listen 0 --loud", "No such option"),
        ("listen 65536", "'65536' in '65536' is no port"),
        ("listen ::1:80", "write the IPv6 address in brackets: [::1]:PORT"),
        ("listen 0 --echo --discard", "--echo and --discard exclude each other"),
        ("listen 0 --save a --send /dev/null --echo", "--echo and --save and --send exclude each other"),
        ("listen 0 --send missing", "'missing' does not exist"),
        ("listen 0 --save missing/file", "missing/file: No such file or directory"),
        ("listen 0 --timeout 0", "--timeout"),
        ("listen 0 --timeout soon", "'soon' is not a valid float"),
        ("listen 0 --max-connections 0", "--max-connections"),
        ("connect", "Missing argument"),
        ("connect localhost:http", "'http' in 'localhost:http' is no port"),
        ("connect 1 --timeout -1", "--timeout"),
    ],
)
def test_wrong_usage(command: Command, line: str, reason: str) -> None:
    with command(*line.split()) as program:
        assert program.wait() == 2
        assert reason in program.err.text


OPTIONS = ["echo", "discard", "save", "send", "max-connections", "timeout", "half-open", "keep-alive", "hex", "once"]


def test_help_names_every_option(command: Command) -> None:
    with command("listen", "--help") as program:
        assert program.wait() == 0
        assert [name for name in OPTIONS if f"--{name} " not in program.out.text] == []


def test_version(command: Command) -> None:
    with command("--version") as program:
        assert program.wait() == 0
        assert sockstream.__version__ in program.out.text


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from sockstream.cli import main; main()"
    with Program.python("-c", script) as program:
        assert program.wait() == 2
        assert program.err.text == f"sockstream: the command needs {missing}: pip install 'sockstream[cli]'\n"
