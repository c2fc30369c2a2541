"""A full descriptor table: nobody in the backlog is lost, one log line, and on it goes once a descriptor is free."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.programs import Program

PROGRAM = Path(__file__).with_name("descriptors_program.py")


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("free_by", ["socket", "others"])
def test_accepting_without_descriptors(loop: str, free_by: str) -> None:
    with Program.python(PROGRAM, loop, free_by) as program:
        result = json.loads(program.out.line())
    assert (result["served"], result["connections"], result["listening"]) == (4, 1, True)
    assert len(result["messages"]) == 1
    assert "Too many open files" in result["messages"][0]
    # It waits; it does not spin.
    assert result["spent"] < 0.2
    assert not result["starved"]
