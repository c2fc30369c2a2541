"""cli/report.py: amounts, rates, errors in a line."""

from __future__ import annotations

import pytest

from sockstream.cli.report import amount, describe


@pytest.mark.parametrize(
    ("count", "seconds", "text"),
    [
        (0, 1.0, "0 bytes"),
        (5, 0.0, "5 bytes"),
        (3_000_000, 2.0, "3.0 MB (1.5 MB/s)"),
        (10, 2.0, "10 bytes (5 bytes/s)"),
    ],
)
def test_amounts(count: int, seconds: float, text: str) -> None:
    assert amount(count, seconds) == text


def test_an_error_is_a_line() -> None:
    assert describe(OSError("one\n  two")) == "one two"
    assert describe(OSError("connect ECONNREFUSED \0chat")) == "connect ECONNREFUSED @chat"
    assert describe(TimeoutError()) == "TimeoutError"
    assert describe(ExceptionGroup("both", [OSError("one"), OSError("two")])) == "one; two"
