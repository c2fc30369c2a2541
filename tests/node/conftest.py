"""The Node processes that the scenarios of one worker share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.node.harness import NodeProcesses

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def nodes(node: str) -> Iterator[NodeProcesses]:
    """Node, ready to play roles."""
    processes = NodeProcesses(node)
    yield processes
    processes.close()
