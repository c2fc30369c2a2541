"""`python -m tests.parity [WORD ...]`: the list as a table.

A row for each name of Node's `net`: Node's name, ours, what it is, the first Node that has it (nothing: 20 has it),
whether it is there as listed, and who covers it.  Words choose the rows that have one of them.  The exit code tells
whether anything is missing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.parity.covering import coverage_problem
from tests.parity.entries import ENTRIES, PYTHON
from tests.parity.members import problem

if TYPE_CHECKING:
    from tests.parity.entries import Entry

_HEAD = ("Node", "sockstream", "kind", "since", "present", "covered by")


def _row(entry: Entry) -> tuple[str, ...]:
    found, uncovered = problem(entry), coverage_problem(entry)
    node = "-" if entry.kind == "own" else entry.node_shown
    tests = ", ".join(entry.tests)
    covered = tests if uncovered is None else f"NO: {uncovered}"
    return node, entry.shown, entry.kind, entry.since, "yes" if found is None else f"NO: {found}", covered


def main(words: list[str]) -> int:
    """Print the table; return how many of its rows have a fault."""
    rows = [row for row in map(_row, [*ENTRIES, *PYTHON]) if not words or any(word in str(row) for word in words)]
    # The last column is as wide as it is.
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    widths[-1] = 0
    for row in (_HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    faults = sum(any(cell.startswith("NO: ") for cell in row) for row in rows)
    own = sum(row[2] == "own" for row in rows)
    print(f"\n{len(rows) - own} names of Node's net and {own} of Python's own; {faults} missing, other or not covered")
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
