"""Port, host and times are options of every example, with the article's values as defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.examples.conftest import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.programs import Program

DEFAULTS = {
    "async_client": {"patience": "5"},
    "async_echo": {"idle": "30"},
    "client": {},
    "file_sender": {},
    "half_open": {"size": "1000000"},
    "hello_server": {"backlog": "511"},
    "keep_alive": {"delay": "600"},
    "listen_anywhere": {"fd": "3"},
    "message_log": {"max-connections": "4", "resume-after": "30", "idle": "10", "unpipe-after": "5"},
    "run_command": {},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_are_the_articles(example: Callable[..., Program], name: str) -> None:
    with example(name, "--help") as program:
        assert program.wait() == 0
        shown = dict(re.findall(r"--([a-z-]+) [A-Z_]+\s[^(]*\(default:\s+(\S+)\)", program.out.text))
    expected = {"port": "8431", "host": "localhost", **DEFAULTS[name]}
    assert {option: shown.get(option) for option in expected} == expected


def test_every_example_is_here() -> None:
    assert set(DEFAULTS) == {path.stem for path in EXAMPLES.glob("*.py")}
