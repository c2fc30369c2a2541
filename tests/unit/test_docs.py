"""What the documents claim: the differences' tests exist, the README's programs run, its commands are one line each."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DIFFERENCES = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
SECTIONS = DIFFERENCES.split("\n### ")[1:]
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("section", SECTIONS, ids=[section.partition("\n")[0] for section in SECTIONS])
def test_each_difference_has_a_reason_and_tests_that_exist(section: str) -> None:
    assert "*Why*: " in section
    shown = re.findall(r"`(tests/\S+?\.py)::(test_\w+)`", section.partition("*Shown by*")[2])
    assert shown
    for path, name in shown:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_each_set_up_command_is_one_line() -> None:
    assert [command.count("\n") for command in COMMANDS] == [1, 1]
    assert COMMANDS[0].endswith("sockstream listen 8431 --echo\n")
    assert "pytest" in COMMANDS[1]


def test_both_programs_are_twelve_lines_at_most() -> None:
    assert len(PROGRAMS) == 2
    assert max(program.count("\n") for program in PROGRAMS) <= 12


@pytest.mark.parametrize("program", PROGRAMS, ids=["callbacks", "async"])
def test_each_program_serves_an_echo(program: str, nc: str) -> None:
    shown = 'print("listening on", server.address())'
    assert shown in program
    code = program.replace(shown, "print(server.address().port, flush=True)").replace("8431", "0")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        done = subprocess.run(
            [nc, "-N", "localhost", port], input="你好\n", capture_output=True, text=True, timeout=20, check=True
        )
        server.terminate()
    assert done.stdout == "你好\n"
