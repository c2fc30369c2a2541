"""docs/recipes.md: each recipe is on it, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES
from tests.support.programs import Program

PAGE = Path(__file__).parents[3] / "docs" / "recipes.md"
SHOWN = re.findall(
    r"^```\{literalinclude\} \.\./examples/recipes/(\w+)\.py\n```\n\n(?:[^`#]+\n\n)?```text\n(.*?)^```$",
    PAGE.read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)
NAMES = sorted(path.stem for path in (EXAMPLES / "recipes").glob("*.py") if path.stem != "__init__")


def test_every_recipe_is_on_the_page_and_has_its_tests() -> None:
    assert sorted(name for name, _ in SHOWN) == NAMES
    assert {f"test_{name}" for name in NAMES} <= {path.stem for path in Path(__file__).parent.glob("test_*.py")}


@pytest.mark.parametrize(("name", "output"), SHOWN, ids=[name for name, _ in SHOWN])
def test_each_program_prints_what_the_page_says(name: str, output: str, tmp_path: Path) -> None:
    with Program.python("-W", "error", EXAMPLES / "recipes" / f"{name}.py", cwd=tmp_path) as program:
        assert program.wait() == 0
        assert (program.out.text, program.err.text) == (output, "")


@pytest.mark.parametrize("name", NAMES)
def test_its_lines_fit_the_page(name: str) -> None:
    lines = (EXAMPLES / "recipes" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) <= 100
