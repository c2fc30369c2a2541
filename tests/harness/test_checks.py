"""The checks of `conftest.py` find what they are there to find, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULT = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) tests/harness/scenarios\.py::test_(\w+)", re.MULTILINE)


def test_each_scenario_ends_as_its_name_says() -> None:
    options = ["-n", "0", "-rA", "--tb=no", "-p", "no:cacheprovider", "-o", "console_output_style=classic"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/harness/scenarios.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"CI": "true", "COLUMNS": "200"},
        timeout=100,
        check=False,
    )
    ends: dict[str, set[str]] = {}
    for end, name in RESULT.findall(done.stdout):
        ends.setdefault(name, set()).add(end)
    assert len(ends) > 20, done.stdout + done.stderr
    wrong = {name: seen for name, seen in ends.items() if (seen == {"PASSED"}) is not name.startswith("passes_")}
    assert wrong == {}, done.stdout
