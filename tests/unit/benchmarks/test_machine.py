from __future__ import annotations

import pytest

from benchmarks.machine import Usage


@pytest.mark.parametrize(
    ("usage", "too_much"), [(Usage(0.02, 0.01), False), (Usage(0.04, 0.02), True), (Usage(0, 0.2), True)]
)
def test_what_others_took_is_told_with_what_it_means(usage: Usage, too_much: bool) -> None:
    assert usage.too_much is too_much
    assert ("repeat the run" in str(usage)) is too_much
    assert str(usage).startswith(f"other processes used {usage.others:.0%} of the machine, the hypervisor took ")
